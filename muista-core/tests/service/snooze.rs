//! Snoozing and acknowledging what was told.

use muista_core::error::ErrorKind;
use muista_core::model::*;

use crate::reminder::*;
use crate::world::*;

const LATER: &str = "2026-11-21T10:10:00Z";

async fn snooze(world: &World, task: &Task, until: &str) -> muista_core::error::Result<Vec<Reminder>> {
    world.client.snooze_tasks(vec![task.id.into()], instant(until)).await
}

/// Has a reminder fire an hour ago, as the engine would, to be told again in a quarter of an hour.
fn fired(world: &World, reminder: &Reminder) {
    world.sql(&format!(
        "UPDATE reminders SET last_triggered_at = {}, repeat_at = {again}, next_trigger_at = {again}, \
         regular_at = NULL WHERE id = {}",
        world.moment(),
        world.id(reminder.id),
        again = world.moment_of("2026-11-21T10:15:00Z"),
    ));
}

on_both! {
    async fn what_fired_last_is_told_again_later(world) {
        let task = world.add("a").await;
        let told = remind(world, &task, at("2026-11-21T09:00:00Z")).await;
        let other = remind(world, &task, at("2026-11-23T09:00:00Z")).await;
        fired(world, &told);
        let snoozed = snooze(world, &task, LATER).await.unwrap().remove(0);
        assert_eq!((snoozed.id, snoozed.next_trigger_at), (told.id, Some(instant(LATER))));
        assert_eq!((snoozed.repeat_at, snoozed.version), (Some(instant(LATER)), 2));
        assert_eq!(reminders(world).await, [snoozed, other]);
        world.undo().await;
        let back = reminders(world).await.remove(0);
        assert_eq!(back.next_trigger_at, Some(instant("2026-11-21T10:15:00Z")), "as it was");
    }

    async fn where_none_has_fired_the_next_is_put_off(world) {
        let task = world.add("a").await;
        remind(world, &task, every("0 13 * * *")).await;
        // It would be at eleven, UTC.
        assert_eq!(next(world).await.as_deref(), Some("2026-11-21T11:00:00Z"));
        assert_eq!(kind(snooze(world, &task, LATER).await), ErrorKind::Conflict, "sooner than it would be");
        let later = snooze(world, &task, "2026-11-21T15:00:00Z").await.unwrap().remove(0);
        assert_eq!(later.next_trigger_at, Some(instant("2026-11-21T15:00:00Z")));
        assert_eq!(later.regular_at, Some(instant("2026-11-22T11:00:00Z")), "and tomorrow as usual");
        world.undo().await;
        assert_eq!(next(world).await.as_deref(), Some("2026-11-21T11:00:00Z"));
    }

    async fn putting_off_for_good_is_undone(world) {
        let task = world.add("a").await;
        remind(world, &task, at("2026-11-21T11:00:00Z")).await;
        let later = snooze(world, &task, "2026-11-21T15:00:00Z").await.unwrap().remove(0);
        assert_eq!((later.regular_at, later.next_trigger_at), (None, Some(instant("2026-11-21T15:00:00Z"))));
        // By now it would be past: undone, it must not be lost.
        world.at("2026-11-21T12:00:00Z");
        world.undo().await;
        assert_eq!(next(world).await.as_deref(), Some("2026-11-21T15:00:00Z"));
    }

    async fn what_cannot_be_put_off_is_refused(world) {
        let task = world.add("a").await;
        let error = snooze(world, &task, LATER).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Conflict);
        assert!(error.hint.unwrap().contains("muista remind 1"));
        remind(world, &task, at("2026-11-23T09:00:00Z")).await;
        assert_eq!(kind(snooze(world, &task, "2026-11-21T10:00:00Z").await), ErrorKind::Invalid, "now");
        let both = vec![task.id.into(), TaskRef::Number(9)];
        assert_eq!(kind(world.client.snooze_tasks(both, instant("2026-12-24T08:00:00Z")).await), ErrorKind::NotFound);
        world.client.complete_tasks(vec![task.id.into()]).await.unwrap();
        assert_eq!(kind(snooze(world, &task, "2026-12-24T08:00:00Z").await), ErrorKind::Conflict, "done");
    }

    async fn what_is_acknowledged_is_not_told_again(world) {
        let (a, b) = (world.add("a").await, world.add("b").await);
        let told = remind(world, &a, at("2026-11-21T09:00:00Z")).await;
        remind(world, &b, at("2026-11-23T09:00:00Z")).await;
        fired(world, &told);
        let both = vec![a.id.into(), b.id.into()];
        let answer = world.client.ack_tasks(both).await.unwrap();
        assert_eq!(answer.value.len(), 1);
        let done = &answer.value[0];
        assert_eq!((done.id, done.next_trigger_at, done.repeat_at), (told.id, None, None));
        assert_eq!(done.acknowledged_at, Some(instant("2026-11-21T10:00:00Z")));
        assert!(answer.notices[0].contains("task 2"), "{:?}", answer.notices);
        let again = world.client.ack_tasks(vec![a.id.into()]).await.unwrap();
        assert_eq!((again.value.len(), again.notices.len()), (0, 1));
        world.undo().await;
        let back = reminders(world).await.into_iter().find(|one| one.id == told.id).unwrap();
        assert_eq!((back.acknowledged_at, back.next_trigger_at), (None, Some(instant("2026-11-21T10:15:00Z"))));
    }
}
