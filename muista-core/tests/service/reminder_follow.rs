//! Reminders follow their task: its due, its being done, its deletion, and undoing each.

use muista_core::error::ErrorKind;
use muista_core::model::*;

use crate::reminder::*;
use crate::undo::pretty;
use crate::world::*;

impl World {
    /// Has the only reminder fire at that time, as the engine would, and leave a message that waits.
    fn fired(&self, reminder: &Reminder, at: &str) {
        let at = self.moment_of(at);
        self.sql(&format!(
            "UPDATE reminders SET last_triggered_at = {at}, acknowledged_at = NULL, regular_at = NULL, \
             next_trigger_at = NULL WHERE id = {}",
            self.id(reminder.id)
        ));
        self.waiting(id(77), Some(reminder.id));
    }
}

async fn waiting(world: &World) -> usize {
    world.client.list_notifications(NotificationQuery::default()).await.unwrap().items.len()
}

async fn move_due(world: &World, task: &Task, due: &str) {
    let due = match due {
        "none" => Change::Clear,
        due => Change::Set(world.due(due)),
    };
    world.edit(task, TaskPatch { due, ..TaskPatch::default() }).await;
}

on_both! {
    async fn a_moved_due_moves_what_counts_from_it(world) {
        let task = due_at_noon(world).await;
        remind(world, &task, from_due("1h before")).await;
        for (due, expected) in [
            ("2026-11-23 12:00", Some("2026-11-23T09:00:00Z")),
            ("2026-11-24", Some("2026-11-24T06:00:00Z")),
            ("today 12:30", None),
            ("none", None),
            ("tomorrow 12:00", Some("2026-11-22T09:00:00Z")),
        ] {
            move_due(world, &task, due).await;
            assert_eq!(next(world).await.as_deref(), expected, "{due}");
        }
        world.undo().await;
        assert_eq!(next(world).await, None, "there was no due");
        world.undo().await;
        assert_eq!(next(world).await.as_deref(), Some("2026-11-22T09:00:00Z"));
        let last = reminders(world).await.remove(0);
        assert_eq!(last.version, 1, "only the due was changed");
    }

    async fn other_kinds_stay_where_they_are(world) {
        let task = due_at_noon(world).await;
        let once = remind(world, &task, at("2026-11-23T08:00:00Z")).await;
        let daily = remind(world, &task, every("0 9 * * *")).await;
        move_due(world, &task, "none").await;
        assert_eq!(reminders(world).await, [daily, once]);
    }

    async fn a_due_that_moves_is_told_of_again(world) {
        let task = due_at_noon(world).await;
        let made = remind(world, &task, from_due("1h before")).await;
        world.fired(&made, "2026-11-22T09:00:00Z");
        world.at("2026-11-22T09:10:00Z");
        world.edit(&task, TaskPatch { note: Change::Set(text("n")), ..TaskPatch::default() }).await;
        assert_eq!(next(world).await, None, "once for a due");
        move_due(world, &task, "2026-11-25 12:00").await;
        assert_eq!(next(world).await.as_deref(), Some("2026-11-25T09:00:00Z"));
    }

    async fn what_is_done_is_not_reminded_of(world) {
        let task = due_at_noon(world).await;
        let once = remind(world, &task, at("2026-11-21T12:00:00Z")).await;
        let daily = remind(world, &task, every("0 9 * * *")).await;
        world.waiting(id(1), Some(once.id));
        world.waiting(id(2), None);
        world.client.complete_tasks(vec![task.id.into()]).await.unwrap();
        assert!(reminders(world).await.iter().all(|one| one.next_trigger_at.is_none() && one.regular_at.is_none()));
        assert_eq!(waiting(world).await, 1, "only what waited to be told of this");
        // Three days on, by when the first is past.
        world.at("2026-11-24T10:00:00Z");
        world.client.reopen_tasks(vec![task.id.into()]).await.unwrap();
        let times: Vec<_> = reminders(world).await.into_iter().map(|one| (one.id, one.next_trigger_at)).collect();
        assert_eq!(times, [(daily.id, Some(instant("2026-11-25T07:00:00Z"))), (once.id, None)]);
        let made = world.client.complete_tasks(vec![task.id.into()]).await.unwrap();
        assert!(made.value[0].completed);
        let late = world.client.add_reminder(task.id.into(), at("2026-12-24T08:00:00Z")).await.unwrap();
        assert!(late.value.next_trigger_at.is_none() && late.notices[0].contains("done"), "{late:?}");
    }

    async fn undoing_done_brings_its_reminders_back(world) {
        let task = due_at_noon(world).await;
        remind(world, &task, from_due("1h before")).await;
        world.client.complete_tasks(vec![task.id.into()]).await.unwrap();
        world.undo().await;
        assert_eq!(next(world).await.as_deref(), Some("2026-11-22T09:00:00Z"));
        world.undo().await;
        assert_eq!(next(world).await, None);
    }

    async fn an_import_reschedules_too(world) {
        let mut import = imported(1, "a");
        import.due = Some(world.due("tomorrow 12:00"));
        world.import(vec![import.clone()]).await.unwrap();
        let task = world.get_number(1).await;
        remind(world, &task, from_due("1h before")).await;
        import.due = Some(world.due("2026-11-23 12:00"));
        world.import(vec![import.clone()]).await.unwrap();
        assert_eq!(next(world).await.as_deref(), Some("2026-11-23T09:00:00Z"));
        import.completed_at = Some(instant("2026-11-21T10:00:00Z"));
        world.import(vec![import]).await.unwrap();
        assert_eq!(next(world).await, None);
    }

    async fn a_deleted_task_takes_its_reminders_along_and_brings_them_back(world) {
        let task = due_at_noon(world).await;
        let mut new = from_due("1h before");
        new.channels = vec![Channel::Email, Channel::Webhook];
        new.note = Some(text("n"));
        let made = remind(world, &task, new).await;
        world.waiting(id(1), Some(made.id));
        world.rm(&[&task]).await;
        assert_eq!((reminders(world).await.len(), waiting(world).await), (0, 0));
        world.tick();
        world.undo().await;
        let back = reminders(world).await.remove(0);
        let same = Reminder { version: 1, updated_at: made.updated_at, ..back };
        assert_eq!(same, made);
        world.undo().await;
        assert_eq!(reminders(world).await, []);
    }

    async fn adding_and_deleting_reminders_is_undone_and_done_again(world) {
        let task = world.add("a").await;
        let mut new = every("0 9 * * *");
        new.channels = vec![Channel::Ntfy];
        let made = remind(world, &task, new).await;
        world.undo().await;
        assert_eq!(reminders(world).await, []);
        world.undo().await;
        let back = reminders(world).await.remove(0);
        assert_eq!((back.id, back.channels.as_slice(), back.version), (made.id, &[Channel::Ntfy][..], 2));
        // It fires, and its task is renamed: neither is a change of it.
        world.sql(&format!("UPDATE reminders SET last_triggered_at = {}", world.moment()));
        world.edit(&task, TaskPatch { title: Some(Title::parse("b").unwrap()), ..TaskPatch::default() }).await;
        world.client.delete_reminders(ReminderTarget::Task(task.id.into())).await.unwrap();
        world.undo().await;
        let back = reminders(world).await.remove(0);
        assert_eq!((back.task_title.as_str(), back.last_triggered_at.is_some()), ("b", true));
        assert_eq!(back.next_trigger_at, Some(instant("2026-11-22T07:00:00Z")));
    }

    async fn undoing_a_new_task_takes_the_reminders_it_came_with(world) {
        let before = world.picture().await;
        let task = world.add_with("a", |new| new.reminders = vec![at("2026-12-24T08:00:00Z")]).await;
        let change = world.last_change().await.unwrap();
        world.undo().await;
        pretty(&world.picture().await, &before);
        world.undo().await;
        assert_eq!(next(world).await.as_deref(), Some("2026-12-24T08:00:00Z"));
        remind(world, &task, at("2026-12-25T08:00:00Z")).await;
        let refused = world.undo_change(change).await.unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Conflict, "another reminder hangs on it: {refused}");
        assert_eq!(reminders(world).await.len(), 2);
    }
}
