//! Time zones that this machine does not know: what is scheduled in one waits, is told of, and goes on.

use muista_core::clock::Clock as _;
use muista_core::error::ErrorKind;
use muista_core::model::*;
use muista_core::service::Caller;
use muista_core::service::diagnosis::findings;
use muista_core::service::engine::{fire_due, fire_due_jobs, next_due};

use crate::run_world::*;
use crate::world::*;

/// Gives the job a zone that no machine knows, due a minute ago.
fn lose_zone(world: &World) {
    world.sql(&format!(
        "UPDATE jobs SET schedule = '0 9 * * *', recurrence_type = 'CRON', timezone = 'Mars/Olympus', next_run_at = {}",
        world.moment()
    ));
}

on_both! {
    async fn a_job_waits_until_its_zone_is_known(world) {
        job(world, JOB, "");
        lose_zone(world);
        let service = daemon(world);
        assert_eq!(fire_due_jobs(&service).await.unwrap().fired, 1);
        assert!(runs(world).is_empty(), "it does not run");
        let next = next_due(&service).await.unwrap().job.unwrap();
        assert!(next > world.clock.now(), "it is not looked at again and again");
        let zones = doctor(world).await;
        assert!(zones.contains("Mars/Olympus") && zones.contains("the job job1 waits for it"), "{zones}");
        let listed = world.client.list_jobs(JobQuery::default()).await.unwrap().items.remove(0);
        let shown = world.client.get_job(JobName::parse("job1").unwrap()).await.unwrap();
        assert!(listed.zone_unknown && shown.job.zone_unknown && shown.next.is_empty(), "{listed:?}");
        assert_eq!(serde_json::to_value(&listed).unwrap()["zoneUnknown"], true);

        world.sql("UPDATE jobs SET timezone = 'Europe/Helsinki'");
        pass(world, 600);
        fire_due_jobs(&service).await.unwrap();
        assert_eq!(runs(world), ["pending 1 0"], "nothing was lost");
        let listed = world.client.list_jobs(JobQuery::default()).await.unwrap().items.remove(0);
        assert_eq!((listed.zone_unknown, serde_json::to_value(&listed).unwrap().get("zoneUnknown")), (false, None));
        let found = findings(&service, &Caller::local(Origin::Cli, None)).await.unwrap();
        assert!(found.iter().any(|finding| finding.name == "time zones" && finding.status == Verdict::Ok));
    }

    async fn the_rest_of_a_job_and_its_end_are_told_once_by_its_failure_channels(world) {
        job(world, JOB, "notify_on_failure = true, task_on_failure = true");
        job(world, 2, "notify_on_failure = false");
        lose_zone(world);
        for _ in 0..3 {
            // Each time by another daemon.
            fire_due_jobs(&daemon(world)).await.unwrap();
            pass(world, 600);
        }
        let told = sent(world);
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!((told[0].kind, told[0].title.as_str()), (ContentKind::JobAtRest, "job1"));
        assert!(told[0].note.as_ref().unwrap().contains("Mars/Olympus"), "{told:?}");
        assert_eq!(world.titles(TaskFilter::default(), "").await, ["Job job1 is at rest"]);
        world.sql("DELETE FROM notifications");
        world.sql("UPDATE jobs SET timezone = 'Europe/Helsinki'");
        for _ in 0..2 {
            fire_due_jobs(&daemon(world)).await.unwrap();
            pass(world, 600);
        }
        let told = sent(world);
        assert_eq!(told.iter().map(|content| content.kind).collect::<Vec<_>>(), [ContentKind::JobGoesOn]);
        assert!(told[0].note.as_ref().unwrap().contains("at rest since 2026-11-21 12:00"), "{told:?}");
    }

    async fn another_zone_mends_it_and_undo_brings_it_back(world) {
        job(world, JOB, "");
        lose_zone(world);
        fire_due_jobs(&daemon(world)).await.unwrap();
        let name = || JobName::parse("job1").unwrap();
        world.client.get_job(name()).await.unwrap();
        world.client.delete_job(name()).await.unwrap();
        world.undo().await;
        let back = world.client.get_job(name()).await.unwrap();
        assert!(back.job.next_run_at.is_some(), "it waits on");
        let patch = JobPatch { timezone: Some("Europe/Helsinki".to_owned()), ..JobPatch::default() };
        let mended = world.client.edit_job(name(), patch).await.unwrap();
        assert!(mended.value.job.next_run_at.unwrap() > world.clock.now());
    }

    async fn a_reminder_waits_until_its_zone_is_known(world) {
        let task = world.add("Buy cat food").await;
        world.sql(&format!(
            "INSERT INTO reminders (id, task_id, recurrence_type, schedule, timezone, regular_at, next_trigger_at, created_at,
                updated_at)
             VALUES ({}, {}, 'CRON', '0 9 * * *', 'Mars/Olympus', {at}, {at}, {at}, {at})",
            world.id(id(5)), world.id(task.id), at = world.moment()
        ));
        let service = daemon(world);
        assert_eq!(fire_due(&service, [].into()).await.unwrap().fired, 0);
        assert!(next_due(&service).await.unwrap().reminder.unwrap() > world.clock.now());
        let listed = world.client.list_reminders(ReminderQuery::default()).await.unwrap();
        assert_eq!(listed.items.len(), 1, "it is not hidden");
        assert!(listed.items[0].zone_unknown && world.get(&task).await.unwrap().reminders[0].zone_unknown);
        let zones = doctor(world).await;
        assert!(zones.contains("a reminder of task 1 waits for it"), "{zones}");
        world.sql("UPDATE reminders SET timezone = 'Europe/Helsinki'");
        pass(world, 600);
        assert_eq!(fire_due(&service, [].into()).await.unwrap().fired, 1);
    }
}

on_both! {
    async fn nothing_that_is_done_to_a_task_fails_for_its_reminders_zone(world) {
        let task = world.add_with("a", |new| {
            new.due = Some(world.due("2026-12-01"));
            new.reminders = vec![NewReminder::new(Trigger::FromDue(muista_core::time::Duration::read("-P1D").unwrap()))];
            new.series = Some(NewSeries::read("daily", &world.context()).unwrap());
        }).await;
        world.sql("UPDATE reminders SET timezone = 'Mars/Olympus'");
        let patch = TaskPatch { due: Change::Set(world.due("2026-12-02")), ..TaskPatch::default() };
        world.edit(&task, patch).await;
        world.client.snooze_tasks(refs(&[&task]), instant("2026-12-03T12:00:00Z")).await.unwrap();
        world.client.complete_tasks(refs(&[&task])).await.unwrap();
        world.client.reopen_tasks(refs(&[&task])).await.unwrap();
        world.client.delete_reminders(ReminderTarget::Task(task.id.into())).await.unwrap();
        world.undo().await;
        let back = &world.get(&task).await.unwrap().reminders[0];
        assert!(back.zone_unknown && back.next_trigger_at.is_some(), "{back:?}");
        // The way to give it another zone: it is set anew.
        world.client.delete_reminders(ReminderTarget::Task(task.id.into())).await.unwrap();
        let new = NewReminder { timezone: Some(ZONE.to_owned()), ..NewReminder::new(Trigger::FromDue(muista_core::time::Duration::read("-P1D").unwrap())) };
        let mended = world.client.add_reminder(task.id.into(), new).await.unwrap().value;
        assert_eq!((mended.zone_unknown, mended.next_trigger_at), (false, Some(instant("2026-12-01T07:00:00Z"))));
    }

    async fn a_series_in_an_unknown_zone_says_so_and_can_be_mended(world) {
        let task = world.add_with("a", |new| {
            new.due = Some(world.due("2026-12-04"));
            new.series = Some(NewSeries::read("every friday", &world.context()).unwrap());
        }).await;
        world.sql("UPDATE series SET timezone = 'Mars/Olympus'");
        world.sql("UPDATE tasks SET timezone = 'Mars/Olympus'");
        let detail = world.get(&task).await.unwrap();
        assert!(detail.zone_unknown && detail.next_due.is_none(), "{detail:?}");
        let zones = doctor(world).await;
        assert!(zones.contains("the recurring task 1 waits for it"), "{zones}");
        let error = world.client.complete_tasks(refs(&[&task])).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Conflict, "{error:?}");
        assert!(error.message.contains("Mars/Olympus") && error.hint.unwrap().contains("--every"), "{}", error.message);
        world.rm(&[&task]).await;
        world.undo().await;
        assert!(world.get(&task).await.unwrap().zone_unknown);
        let every = NewSeries::read("every friday", &world.context()).unwrap();
        world.edit(&task, TaskPatch { every: Change::Set(every), ..TaskPatch::default() }).await;
        let detail = world.get(&task).await.unwrap();
        assert_eq!((detail.zone_unknown, detail.next_due.unwrap().on()), (false, Some(jiff::civil::date(2026, 12, 11))));
        world.client.complete_tasks(refs(&[&task])).await.unwrap();
    }
}

/// What doctor says of zones.
async fn doctor(world: &World) -> String {
    let found = findings(&daemon(world), &Caller::local(Origin::Cli, None)).await.unwrap();
    found.into_iter().find(|finding| finding.name == "time zones").unwrap().found
}

/// What is to be sent.
fn sent(world: &World) -> Vec<Content> {
    let payloads = rows(world, "SELECT CAST(payload AS TEXT) AS value FROM notifications ORDER BY created_at");
    payloads.iter().map(|payload| serde_json::from_str(payload).unwrap()).collect()
}

/// Debian leaves older names out of tzdata.
#[test]
fn older_names_are_known_without_the_systems_help() {
    for name in ["US/Eastern", "Asia/Calcutta", "Europe/Kyiv"] {
        muista_core::time::zone(name).unwrap();
    }
    assert!(muista_core::time::bundled_release().starts_with("20"));
}
