//! Making reminders of each kind, listing them page by page, and deleting them.

use futures::future::{join, join_all};
use muista_core::error::{Error, ErrorKind};
use muista_core::model::*;
use muista_core::store::Workers;
use muista_core::time::{Duration, Instant, Rule};

use crate::world::*;

pub(crate) fn at(text: &str) -> NewReminder {
    NewReminder::new(Trigger::At(instant(text)))
}

/// `30min before` and the like.
pub(crate) fn from_due(text: &str) -> NewReminder {
    NewReminder::new(Trigger::FromDue(offset_from_due(text).unwrap().unwrap()))
}

pub(crate) fn every(rule: &str) -> NewReminder {
    let rule: Rule = rule.parse().unwrap();
    NewReminder::new(Trigger::Every { words: rule.to_string(), rule })
}

pub(crate) async fn remind(world: &World, task: &Task, new: NewReminder) -> Reminder {
    world.client.add_reminder(task.id.into(), new).await.unwrap().value
}

async fn refused(world: &World, task: &Task, new: NewReminder) -> Error {
    let error = world.client.add_reminder(task.id.into(), new).await.unwrap_err();
    assert!(error.hint.is_some(), "{error}");
    error
}

/// All reminders, active or not.
pub(crate) async fn reminders(world: &World) -> Vec<Reminder> {
    world.client.list_reminders(ReminderQuery { all: true, ..ReminderQuery::default() }).await.unwrap().items
}

/// When the only reminder fires next.
pub(crate) async fn next(world: &World) -> Option<String> {
    let all = reminders(world).await;
    assert_eq!(all.len(), 1, "{all:?}");
    all[0].next_trigger_at.map(|at| at.to_string())
}

/// A task that is due tomorrow at noon in Helsinki.
pub(crate) async fn due_at_noon(world: &World) -> Task {
    world.add_with("Buy cat food", |new| new.due = Some(world.due("tomorrow 12:00"))).await
}

on_both! {
    async fn each_kind_knows_when_it_fires_next(world) {
        let task = due_at_noon(world).await;
        for (new, kind, schedule, first) in [
            (at("2026-11-22T08:00:00Z"), RecurrenceType::Once, "2026-11-22T08:00:00Z", "2026-11-22T08:00:00Z"),
            (from_due("30min before"), RecurrenceType::Relative, "-PT30M", "2026-11-22T09:30:00Z"),
            (from_due("at due"), RecurrenceType::Relative, "PT0S", "2026-11-22T10:00:00Z"),
            (from_due("1h after"), RecurrenceType::Relative, "PT1H", "2026-11-22T11:00:00Z"),
            (every("PT90M"), RecurrenceType::Interval, "PT90M", "2026-11-21T11:30:00Z"),
            (every("0 9 * * *"), RecurrenceType::Cron, "0 9 * * *", "2026-11-22T07:00:00Z"),
        ] {
            let made = remind(world, &task, new).await;
            assert_eq!((made.recurrence_type, made.next_trigger_at), (kind, Some(instant(first))), "{schedule}");
            assert_eq!((made.schedule.as_str(), made.regular_at), (schedule, Some(instant(first))));
            assert_eq!((made.task_number, made.task_title.as_str(), made.version), (1, "Buy cat food", 1));
            assert_eq!(made.timezone.as_deref(), Some(ZONE));
            assert_eq!(made.interval.is_some(), kind == RecurrenceType::Interval);
        }
        assert_eq!(world.get(&task).await.unwrap().reminders.len(), 6);
    }

    async fn a_schedule_keeps_its_local_time_over_a_change_of_the_clock(world) {
        world.at("2026-10-24T10:00:00Z");
        let task = world.add("a").await;
        let mut daily = every("0 9 * * *");
        daily.timezone = Some("America/New_York".to_owned());
        assert_eq!(remind(world, &task, daily).await.next_trigger_at, Some(instant("2026-10-24T13:00:00Z")));
        // Helsinki leaves summer time in the night to the 25th.
        let mut daily = every("P1D");
        daily.start = Some(instant("2026-10-24T09:00:00Z"));
        assert_eq!(remind(world, &task, daily).await.next_trigger_at, Some(instant("2026-10-25T10:00:00Z")));
    }

    async fn an_offset_from_a_date_counts_from_its_morning(world) {
        let task = world.add_with("a", |new| new.due = Some(world.due("2026-11-27"))).await;
        let made = remind(world, &task, from_due("1h before")).await;
        assert_eq!(made.next_trigger_at, Some(instant("2026-11-27T06:00:00Z")));
        let made = remind(world, &task, from_due("1d before")).await;
        assert_eq!(made.next_trigger_at, Some(instant("2026-11-26T07:00:00Z")));
    }

    async fn what_is_past_is_told_of_at_once_or_waits_for_another_due(world) {
        let task = due_at_noon(world).await;
        let made = world.client.add_reminder(task.id.into(), at("2026-11-21T09:00:00Z")).await.unwrap();
        assert_eq!(made.value.next_trigger_at, Some(instant("2026-11-21T09:00:00Z")));
        assert!(made.notices[0].contains("at once"), "{:?}", made.notices);
        let made = world.client.add_reminder(task.id.into(), from_due("2d before")).await.unwrap();
        assert_eq!(made.value.next_trigger_at, None);
        assert!(made.notices[0].contains("if you move the due date"), "{:?}", made.notices);
    }

    async fn bounds_hold(world) {
        let task = world.add("a").await;
        let mut new = every("0 9 * * *");
        new.start = Some(instant("2026-12-01T00:00:00Z"));
        new.end = Some(instant("2026-12-24T00:00:00Z"));
        assert_eq!(remind(world, &task, new.clone()).await.next_trigger_at, Some(instant("2026-12-01T07:00:00Z")));
        new.end = Some(instant("2026-12-01T06:59:59Z"));
        assert!(refused(world, &task, new.clone()).await.message.contains("never fire"));
        new.end = Some(instant("2026-11-30T00:00:00Z"));
        assert_eq!(refused(world, &task, new.clone()).await.field.as_deref(), Some("endAt"));
        new.start = None;
        new.end = Some(instant("2026-11-20T00:00:00Z"));
        assert!(refused(world, &task, new).await.message.contains("past"));
        let mut once = at("2026-12-24T08:00:00Z");
        once.end = Some(instant("2026-12-23T00:00:00Z"));
        let error = refused(world, &task, once).await;
        assert!(error.message.contains("never fire"));
        assert_eq!(error.field.as_deref(), Some("endAt"));
    }

    async fn a_reminder_that_cannot_be_is_refused(world) {
        let task = world.add("a").await;
        assert!(refused(world, &task, from_due("1h before")).await.message.contains("no due"));
        let mut new = at("2026-12-24T08:00:00Z");
        new.timezone = Some("Europe/Helsinky".to_owned());
        let error = refused(world, &task, new.clone()).await;
        assert_eq!((error.kind, error.field.as_deref()), (ErrorKind::Invalid, Some("timezone")));
        assert!(error.hint.unwrap().contains("Europe/Helsinki"));
        for nag in ["PT59S", "PT0S", "-PT5M"] {
            new = at("2026-12-24T08:00:00Z");
            new.nag = Some(Duration::read(nag).unwrap());
            assert_eq!(refused(world, &task, new.clone()).await.field.as_deref(), Some("nag"), "{nag}");
        }
        assert_eq!(reminders(world).await, []);
        let nobody = world.client.add_reminder(TaskRef::Number(9), at("2026-12-24T08:00:00Z")).await;
        assert_eq!(kind(nobody), ErrorKind::NotFound);
    }

    async fn a_task_has_fifty_reminders_at_most(world) {
        let task = world.add("a").await;
        for minute in 0..50 {
            remind(world, &task, at(&format!("2026-12-24T08:{minute:02}:00Z"))).await;
        }
        assert_eq!(refused(world, &task, at("2026-12-25T08:00:00Z")).await.kind, ErrorKind::Quota);
        let mut new = NewTask::titled(Title::parse("b").unwrap());
        new.reminders = vec![at("2026-12-24T08:00:00Z"); 51];
        assert_eq!(kind(world.client.add_task(new).await), ErrorKind::Quota);
        assert_eq!(world.titles(TaskFilter::default(), "").await, ["a"]);
    }

    async fn what_is_refused_takes_nothing_else_with_it(world) {
        let task = world.add("a").await;
        for minute in 0..50 {
            remind(world, &task, at(&format!("2026-12-24T08:{minute:02}:00Z"))).await;
        }
        // On SQLite, writes that wait are committed together.
        let client = world.another(Workers::Daemon);
        let one_more = at("2026-12-25T08:00:00Z");
        let refused = join_all((0..200).map(|_| client.add_reminder(task.id.into(), one_more.clone())));
        let title = |n: i32| NewTask::titled(Title::parse(&format!("b{n}")).unwrap());
        let made = join_all((0..200).map(|n| client.add_task(title(n))));
        let (refused, made) = join(refused, made).await;
        for result in refused {
            let error = result.unwrap_err();
            assert!(error.kind == ErrorKind::Quota && error.message.starts_with("51 reminders"), "{error}");
        }
        made.into_iter().for_each(|result| assert!(result.is_ok(), "{result:?}"));
        assert_eq!(world.titles(TaskFilter::default(), "").await.len(), 201);
    }

    async fn a_task_is_made_with_its_reminders_or_not_at_all(world) {
        let mut say = from_due("1h before");
        say.channels = vec![Channel::Ntfy, Channel::Email, Channel::Ntfy];
        say.note = Some(text("the grey bag"));
        say.nag = Some(Duration::read("15min").unwrap());
        let task = world.add_with("a", |new| {
            new.due = Some(world.due("tomorrow 12:00"));
            new.reminders = vec![say.clone()];
        }).await;
        let made = world.get(&task).await.unwrap().reminders.remove(0);
        assert_eq!((made.channels.as_slice(), made.note.as_deref()),
            (&[Channel::Email, Channel::Ntfy][..], Some("the grey bag")));
        assert_eq!((made.nag.as_deref(), made.task_id), (Some("PT15M"), task.id));
        let mut new = NewTask::titled(Title::parse("b").unwrap());
        new.project = Some(project("home"));
        new.reminders = vec![say];
        assert_eq!(kind(world.client.add_task(new).await), ErrorKind::Conflict, "it has no due");
        assert_eq!(world.client.list_projects().await.unwrap(), []);
    }

    async fn reminders_come_page_by_page_the_next_to_fire_first(world) {
        let (a, b) = (world.add("a").await, world.add("b").await);
        for (task, minute) in [(&a, 3), (&b, 1), (&a, 1), (&b, 2), (&a, 1)] {
            remind(world, task, at(&format!("2026-12-24T08:0{minute}:00Z"))).await;
        }
        world.client.complete_tasks(vec![b.id.into()]).await.unwrap();
        let list = async |limit, all| {
            let (mut found, mut cursor, mut pages) = (Vec::new(), None, 0);
            loop {
                let query = ReminderQuery { all, limit, cursor, ..ReminderQuery::default() };
                let page = world.client.list_reminders(query).await.unwrap();
                assert!(limit == 0 || page.items.len() <= limit as usize);
                found.extend(page.items);
                pages += 1;
                cursor = page.next_cursor;
                if cursor.is_none() {
                    break (found, pages);
                }
            }
        };
        let (active, _) = list(0, false).await;
        let times: Vec<Option<Instant>> = active.iter().map(|one| one.next_trigger_at).collect();
        assert_eq!((times.len(), times.is_sorted()), (3, true), "{times:?}");
        let (all, pages) = list(0, true).await;
        assert_eq!((all.len(), pages), (5, 1));
        assert!(all[3..].iter().all(|one| one.next_trigger_at.is_none() && one.task_number == 2));
        for limit in 1..=5 {
            assert_eq!(list(limit, true).await.0, all, "{limit}");
            assert_eq!(list(limit, false).await.0, active, "{limit}");
        }
        let query = ReminderQuery { task: Some(a.id.into()), all: true, ..ReminderQuery::default() };
        assert_eq!(world.client.list_reminders(query).await.unwrap().items.len(), 3);
        for cursor in ["x", "7b7d", "5b6e756c6c2c22225d"] {
            let query = ReminderQuery { cursor: Some(cursor.to_owned()), ..ReminderQuery::default() };
            assert_eq!(kind(world.client.list_reminders(query).await), ErrorKind::NotFound, "{cursor}");
        }
    }

    async fn reminders_are_deleted_by_task_or_by_id(world) {
        let task = world.add("a").await;
        let mut made = Vec::new();
        for day in 24..27 {
            made.push(remind(world, &task, at(&format!("2026-12-{day}T08:00:00Z"))).await);
        }
        let ids = ReminderTarget::Ids(vec![made[2].id, made[0].id]);
        let deleted = world.client.delete_reminders(ids.clone()).await.unwrap().value;
        assert_eq!(deleted, [made[2].clone(), made[0].clone()]);
        assert_eq!(kind(world.client.delete_reminders(ids).await), ErrorKind::NotFound);
        let mixed = ReminderTarget::Ids(vec![made[1].id, made[0].id]);
        assert_eq!(kind(world.client.delete_reminders(mixed).await), ErrorKind::NotFound);
        assert_eq!(reminders(world).await.len(), 1, "all or none");
        let off = ReminderTarget::Task(task.id.into());
        assert_eq!(world.client.delete_reminders(off.clone()).await.unwrap().value.len(), 1);
        let none = world.client.delete_reminders(off).await.unwrap();
        assert_eq!((none.value.len(), none.notices.len()), (0, 1));
    }

    async fn anothers_reminders_are_not_there(world) {
        let task = world.add("a").await;
        let made = remind(world, &task, at("2026-12-24T08:00:00Z")).await;
        world.account(id(9));
        world.sql(&format!("UPDATE tasks SET owner_id = {}", world.id(id(9))));
        assert_eq!(reminders(world).await, []);
        let ids = ReminderTarget::Ids(vec![made.id]);
        assert_eq!(kind(world.client.delete_reminders(ids).await), ErrorKind::NotFound);
    }
}

on_both! {
    async fn a_length_alone_is_before_the_due_or_from_now(world) {
        let hour = || NewReminder::new(Trigger::Length(muista_core::time::Duration::read("1h").unwrap()));
        let due = world.add_with("due", |new| new.due = Some(world.due("2026-11-27 18:00"))).await;
        let without = world.add("without").await;
        let told = |reminder: Reminder| (reminder.recurrence_type, reminder.schedule, reminder.next_trigger_at);
        let before = world.client.add_reminder(TaskRef::Id(due.id), hour()).await.unwrap().value;
        assert_eq!(told(before), (RecurrenceType::Relative, "-PT1H".to_owned(), Some(instant("2026-11-27T15:00:00Z"))));
        let from_now = world.client.add_reminder(TaskRef::Id(without.id), hour()).await.unwrap().value;
        let at = instant("2026-11-21T11:00:00Z");
        assert_eq!(told(from_now), (RecurrenceType::Once, at.to_string(), Some(at)));
        // With the task itself it means the same.
        let new = world.add_with("new", |new| {
            (new.due, new.reminders) = (Some(world.due("2026-11-27 18:00")), vec![hour()]);
        }).await;
        assert_eq!(world.get(&new).await.unwrap().reminders[0].schedule, "-PT1H");
        let new = world.add_with("new", |new| new.reminders = vec![hour()]).await;
        assert_eq!(world.get(&new).await.unwrap().reminders[0].next_trigger_at, Some(at));
    }
}
