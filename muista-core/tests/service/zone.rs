//! Time zones that this machine does not know: what is scheduled in one waits, is told of, and goes on.

use muista_core::clock::Clock as _;
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
        let found = findings(&service, &Caller::local(Origin::Cli, None)).await.unwrap();
        let zones = found.iter().find(|finding| finding.name == "time zones").unwrap();
        assert!(zones.found.contains("Mars/Olympus") && zones.found.contains("job1"), "{zones:?}");

        world.sql("UPDATE jobs SET timezone = 'Europe/Helsinki'");
        pass(world, 600);
        fire_due_jobs(&service).await.unwrap();
        assert_eq!(runs(world), ["pending 1 0"], "nothing was lost");
        let found = findings(&service, &Caller::local(Origin::Cli, None)).await.unwrap();
        assert!(found.iter().any(|finding| finding.name == "time zones" && finding.status == Verdict::Ok));
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
        world.sql("UPDATE reminders SET timezone = 'Europe/Helsinki'");
        pass(world, 600);
        assert_eq!(fire_due(&service, [].into()).await.unwrap().fired, 1);
    }
}

/// Debian leaves older names out of tzdata.
#[test]
fn older_names_are_known_without_the_systems_help() {
    for name in ["US/Eastern", "Asia/Calcutta", "Europe/Kyiv"] {
        muista_core::time::zone(name).unwrap();
    }
    assert!(muista_core::time::bundled_release().starts_with("20"));
}
