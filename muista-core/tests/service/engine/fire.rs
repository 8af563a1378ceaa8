//! Firing reminders.

use muista_core::model::*;
use muista_core::service::engine::{Capacity, Fired, claim_deliveries, fire_due, next_due};

use super::daemon;
use crate::world::*;

const NOON: &str = "2026-11-21T10:00:00Z";

fn due(world: &World) -> Vec<String> {
    world.column("SELECT CAST(count(*) AS text) AS one FROM occurrences GROUP BY reminder_id")
}

async fn fire(service: &muista_core::service::Service) -> Fired {
    fire_due(service, Capacity::from([(Channel::Email, 100)])).await.unwrap()
}

on_both! {
    async fn a_reminder_fires_once_at_its_time(world) {
        let (service, task) = (daemon(world), world.add("call the vet").await);
        world.remind(1, &task, "ONCE", "2026-11-21T10:00:30Z", "2026-11-21T10:00:30Z", &[("note", "'bring the cat'")]);
        assert_eq!(fire(&service).await.fired, 0);
        assert_eq!(next_due(&service).await.unwrap().first(), Some(instant("2026-11-21T10:00:30Z")));
        world.at("2026-11-21T10:00:30Z");
        let fired = fire(&service).await;
        assert_eq!((fired.fired, fired.next.first(), fired.deliveries.len()), (1, None, 1));
        let delivery = &fired.deliveries[0];
        assert_eq!((delivery.recipient.as_str(), delivery.lease, delivery.attempts), ("me@example.org", 1, 0));
        let content = &delivery.content;
        assert_eq!((content.title.as_str(), content.note.as_deref()), ("call the vet", Some("bring the cat")));
        assert_eq!((content.task_number, content.late_seconds), (Some(task.number), None));
        assert_eq!(content.scheduled_for, Some(instant("2026-11-21T10:00:30Z")));
        world.tick();
        assert_eq!(fire(&service).await.fired, 0);
        assert_eq!((due(world), world.count("notifications", "status = 'PENDING'")), (vec!["1".to_owned()], 1));
    }

    async fn what_was_missed_is_told_once_as_late(world) {
        let (service, task) = (daemon(world), world.add("a").await);
        world.remind(1, &task, "INTERVAL", "PT1H", NOON, &[("start_at", &world.sql_at(NOON))]);
        world.at("2026-11-21T15:10:00Z");
        let fired = fire(&service).await;
        let content = &fired.deliveries[0].content;
        assert_eq!(content.scheduled_for, Some(instant("2026-11-21T15:00:00Z")));
        assert_eq!((fired.fired, content.late_seconds), (1, Some(600)));
        assert_eq!(world.reminder_at(1), Some(instant("2026-11-21T16:00:00Z")));
        assert_eq!((due(world), fire(&service).await.fired), (vec!["1".to_owned()], 0));
    }

    async fn a_clock_that_steps_back_fires_nothing_again(world) {
        let (service, task) = (daemon(world), world.add("a").await);
        world.remind(1, &task, "INTERVAL", "PT1M", NOON, &[("start_at", &world.sql_at(NOON))]);
        for (now, fired) in [(NOON, 1), ("2026-11-21T09:30:00Z", 0), (NOON, 0), ("2026-11-21T10:01:00Z", 1)] {
            world.at(now);
            assert_eq!(fire(&service).await.fired, fired, "{now}");
        }
        assert_eq!(due(world), ["2"]);
    }

    async fn it_is_repeated_until_it_is_acknowledged(world) {
        let (service, task) = (daemon(world), world.add("a").await);
        world.remind(1, &task, "ONCE", NOON, NOON, &[("nag", "'PT10M'")]);
        assert_eq!(fire(&service).await.fired, 1);
        assert_eq!(world.reminder_at(1), Some(instant("2026-11-21T10:10:00Z")));
        world.at("2026-11-21T10:10:00Z");
        assert_eq!(fire(&service).await.fired, 1);
        assert_eq!(world.reminder_at(1), Some(instant("2026-11-21T10:20:00Z")));
        world.sql("UPDATE reminders SET repeat_at = NULL, next_trigger_at = regular_at");
        world.at("2026-11-21T11:00:00Z");
        assert_eq!((fire(&service).await.fired, due(world)), (0, vec!["2".to_owned()]));
    }

    async fn a_done_task_is_not_told_of(world) {
        let (service, task) = (daemon(world), world.add("a").await);
        world.client.complete_tasks(refs(&[&task])).await.unwrap();
        world.remind(1, &task, "ONCE", NOON, NOON, &[]);
        assert_eq!((fire(&service).await.fired, world.reminder_at(1)), (0, None));
        assert_eq!(world.count("occurrences", "1 = 1") + world.count("notifications", "1 = 1"), 0);
    }

    async fn each_channel_gets_a_message_and_one_without_recipient_waits(world) {
        let (service, task) = (daemon(world), world.add("a").await);
        world.remind(1, &task, "ONCE", NOON, NOON, &[]);
        for channel in ["email", "SMS"] {
            world.sql(&format!("INSERT INTO reminder_channels VALUES ({}, '{channel}')", world.id(id(1))));
        }
        let fired = fire(&service).await;
        assert_eq!((fired.fired, fired.deliveries.len()), (1, 1));
        assert_eq!(world.count("notifications", "channel = 'email' AND status = 'PENDING' AND lease = 1"), 1);
        let why = world.column("SELECT error_message AS one FROM notifications WHERE recipient = '' AND status = 'PENDING' AND lease = 0");
        assert!(why.len() == 1 && why[0].contains("SMS has no recipient") && why[0].contains("sms.to"), "{why:?}");
    }

    async fn one_that_cannot_be_read_holds_up_no_other(world) {
        let (service, task) = (daemon(world), world.add("a").await);
        world.remind(1, &task, "CRON", "not cron", NOON, &[]);
        world.remind(2, &task, "ONCE", NOON, NOON, &[]);
        assert_eq!((fire(&service).await.fired, world.reminder_at(1)), (1, None));
        assert_eq!(world.count("occurrences", "1 = 1"), 1);
    }

    async fn what_there_is_no_room_for_waits_for_whoever_has_some(world) {
        let (service, task) = (daemon(world), world.add("a").await);
        for n in 1..=3 {
            world.remind(n, &task, "ONCE", NOON, NOON, &[]);
        }
        let fired = fire_due(&service, Capacity::from([(Channel::Email, 1)])).await.unwrap();
        assert_eq!((fired.fired, fired.deliveries.len()), (3, 1));
        assert_eq!(world.count("notifications", "lease = 0 AND lease_until IS NULL"), 2);
    }

    async fn two_daemons_fire_each_once(world) {
        let (one, other, task) = (daemon(world), daemon(world), world.add("a").await);
        many(world, &task, 2_000);
        let all = |service: muista_core::service::Service| async move {
            let mut fired = 0;
            while next_due(&service).await.unwrap().first().is_some() {
                // What the other works on just now is left out, or the cursor was seen before the other moved it.
                fired += fire_due(&service, Capacity::new()).await.map_or(0, |it| it.fired);
                tokio::task::yield_now().await;
            }
            fired
        };
        let (a, b) = futures::join!(all(one), all(other));
        assert_eq!(a + b, 2_000);
        assert_eq!((world.count("occurrences", "1 = 1"), world.count("notifications", "1 = 1")), (2_000, 2_000));
    }

    async fn ten_thousand_at_one_instant(world) {
        let (service, task) = (daemon(world), world.add("a").await);
        many(world, &task, 10_000);
        let mut fired = 0;
        while next_due(&service).await.unwrap().first().is_some() {
            fired += fire(&service).await.fired;
        }
        assert_eq!(fired, 10_000);
        assert_eq!((world.count("occurrences", "1 = 1"), world.count("notifications", "1 = 1")), (10_000, 10_000));
    }
}

/// So many reminders of a task, all due at noon.
fn many(world: &World, task: &Task, count: usize) {
    let noon = world.sql_at(NOON);
    let (fresh, series) = match world.database {
        muista_core::store::Database::Sqlite(_) => (
            "randomblob(16)".to_owned(),
            format!("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) SELECT"),
        ),
        muista_core::store::Database::Postgres(_) => ("gen_random_uuid()".to_owned(), "SELECT".to_owned()),
    };
    let from = match world.database {
        muista_core::store::Database::Sqlite(_) => "FROM n".to_owned(),
        muista_core::store::Database::Postgres(_) => format!("FROM generate_series(1, {count})"),
    };
    world.sql(&format!(
        "INSERT INTO reminders (id, task_id, schedule, recurrence_type, regular_at, next_trigger_at, created_at,
            updated_at) {series} {fresh}, {}, '{NOON}', 'ONCE', {noon}, {noon}, {noon}, {noon} {from}",
        world.id(task.id),
    ));
}

on_both! {
    async fn a_deleted_reminder_comes_back_with_what_it_told(world) {
        let (service, task) = (daemon(world), world.add("a").await);
        world.client.add_reminder(task.id.into(), NewReminder::new(Trigger::At(instant(NOON)))).await.unwrap();
        world.at(NOON);
        assert_eq!(fire(&service).await.fired, 1);
        world.sql("UPDATE notifications SET lease_until = NULL");
        let of_task = async || {
            let query = NotificationQuery { task: Some(task.id.into()), ..NotificationQuery::default() };
            world.client.list_notifications(query).await.map_or(0, |page| page.items.len())
        };
        let claim = async || claim_deliveries(&service, Channel::Email, 5).await.unwrap().len();
        for by_task in [false, true] {
            if by_task {
                world.rm(&[&task]).await;
            } else {
                let target = ReminderTarget::Task(task.id.into());
                world.client.delete_reminders(target).await.unwrap();
            }
            assert_eq!((of_task().await, claim().await), (0, 0), "nobody is told any more");
            world.undo().await;
            assert_eq!((of_task().await, claim().await), (1, 1), "it goes out after all");
            world.sql("UPDATE notifications SET lease_until = NULL");
        }
    }
}
