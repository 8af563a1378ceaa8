//! What a job's owner is told of runs that fail and succeed: when it changes, and now and then while it does not.

use muista_core::model::*;
use muista_core::service::Service;
use muista_core::service::engine::run::*;
use serde_json::Value;

use crate::job::name;
use crate::run_world::*;
use crate::world::*;

/// Has the job's next run end so; returns what was told of it.
async fn ends(world: &World, service: &Service, n: u128, code: i32) -> Option<(ContentKind, String)> {
    let sql = "SELECT CAST(payload AS TEXT) AS value FROM notifications";
    world.sql("DELETE FROM notifications");
    waiting(world, n, JOB);
    let lease = claim(service).await.lease;
    assert!(finish_run(service, lease, exit(code)).await.unwrap());
    let content: Content = serde_json::from_str(rows(world, sql).first()?).unwrap();
    Some((content.kind, content.note.unwrap_or_default()))
}

on_both! {
    async fn a_failing_job_is_told_of_when_it_begins_now_and_then_and_when_it_ends(world) {
        job(world, JOB, "notify_on_failure = true, notify_every_seconds = 3600, timezone = 'Europe/Helsinki'");
        let service = daemon(world);
        assert_eq!(ends(world, &service, 1, 0).await, None);
        assert_eq!(ends(world, &service, 2, 1).await, Some((ContentKind::JobFailed, "exit code 1".to_owned())));
        pass(world, 1800);
        assert_eq!(ends(world, &service, 3, 1).await, None);
        pass(world, 1800);
        let note = "exit code 1\n3 failures since 2026-11-21 12:00".to_owned();
        assert_eq!(ends(world, &service, 4, 1).await, Some((ContentKind::JobFailed, note)));
        let detail = world.client.get_job(name("job1")).await.unwrap();
        assert_eq!((detail.failures, detail.failing_since), (3, Some(instant("2026-11-21T10:00:00Z"))));
        pass(world, 60);
        let note = "after 3 failures since 2026-11-21 12:00".to_owned();
        assert_eq!(ends(world, &service, 5, 0).await, Some((ContentKind::JobRecovered, note)));
        assert_eq!(ends(world, &service, 6, 0).await, None);
        assert_eq!(ends(world, &service, 7, 1).await, Some((ContentKind::JobFailed, "exit code 1".to_owned())));
        assert_eq!(world.client.get_job(name("job1")).await.unwrap().failures, 1);
    }

    async fn each_failure_is_told_of_where_that_is_asked_for(world) {
        job(world, JOB, "notify_on_failure = true, notify_every_seconds = 0");
        let service = daemon(world);
        for n in 1..=3 {
            assert_eq!(ends(world, &service, n, 1).await.unwrap().0, ContentKind::JobFailed);
        }
    }

    async fn who_was_not_told_of_a_failure_is_not_told_of_its_end(world) {
        job(world, JOB, "task_on_failure = true");
        let service = daemon(world);
        assert_eq!(ends(world, &service, 1, 1).await, None);
        assert_eq!(ends(world, &service, 2, 0).await, None);
        world.sql("UPDATE jobs SET notify_on_success = true");
        assert_eq!(ends(world, &service, 3, 0).await.unwrap().0, ContentKind::JobSucceeded);
    }

    async fn how_often_is_set_and_bounded(world) {
        let every = |seconds| JobPatch { notify_every_seconds: Some(seconds), ..JobPatch::default() };
        assert_eq!(world.job("a", JobPatch::default()).await.notify_every_seconds, 86_400);
        assert_eq!(world.edit_job("a", every(0)).await.unwrap().job.notify_every_seconds, 0);
        let error = world.edit_job("a", every(2_592_001)).await.unwrap_err();
        assert_eq!(error.field.as_deref(), Some("notifyEverySeconds"));
        let entry = world.log().await.remove(0);
        assert_eq!(entry.after.unwrap()["notifyEverySeconds"], Value::from(0));
    }

    async fn a_run_that_was_to_be_stopped_tells_nobody(world) {
        job(world, JOB, "notify_on_failure = true, max_retries = 3");
        waiting(world, 1, JOB);
        let service = daemon(world);
        let claimed = claim(&service).await;
        ask_to_stop(world, claimed.run.id);
        assert!(finish_run(&service, claimed.lease, exit(1)).await.unwrap());
        assert_eq!(rows(world, "SELECT channel AS value FROM notifications"), [""; 0]);
        assert_eq!(runs(world), ["failed 1 0"]);
    }
}
