//! The queue of runs: who may start one, leases and what a stale one may not do, handing back and rescuing.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use futures::future::join_all;
use muista_core::clock::Clock as _;
use muista_core::model::*;
use muista_core::service::Topic;
use muista_core::service::engine::run::*;
use muista_core::store::Database;

use crate::run_world::*;
use crate::world::*;

fn piece(stream: Stream, text: &str) -> Output {
    Output { stream, data: text.as_bytes().to_vec(), omitted: 0 }
}

fn log(world: &World) -> Vec<String> {
    let text = match world.database {
        Database::Sqlite(_) => "CAST(data AS TEXT)",
        Database::Postgres(_) => "convert_from(data, 'UTF8')",
    };
    rows(world, &format!("SELECT seq || ' ' || stream || ' ' || {text} AS value FROM run_logs ORDER BY seq"))
}

on_both! {
    async fn the_oldest_run_is_claimed_with_all_its_script_needs(world) {
        job(world, JOB, "args = '[\"no\"]'");
        job(world, 2, "");
        waiting(world, 2, JOB);
        waiting(world, 1, 2);
        let service = daemon(world);
        let claimed = claim(&service).await;
        assert_eq!((claimed.run.id, claimed.job.name.as_str(), claimed.run.job_name.as_str()), (id(1001), "job2", "job2"));
        assert_eq!((claimed.run.status, claimed.job.status), (RunStatus::Running, JobStatus::Running));
        assert_eq!((claimed.run.args, claimed.params["to"].as_str()), (vec!["a b".to_owned()], "x"));
        assert_eq!((claimed.run.started_at, claimed.job.last_run_at), (Some(world.clock.now()), Some(world.clock.now())));
        assert_eq!(claim(&service).await.run.id, id(1002));
        assert_eq!(claim_run(&service, "one").await.unwrap().map(|claimed| claimed.run.id), None);
        assert_eq!(job_status(world, JOB), "running");
    }

    async fn a_run_waits_for_its_time(world) {
        job(world, JOB, "");
        waiting(world, 1, JOB);
        world.at("2026-11-21T08:00:00Z");
        let service = daemon(world);
        assert!(claim_run(&service, "one").await.unwrap().is_none());
        assert_eq!(next_run(&service, "one").await.unwrap().map(|at| at.to_string()), Some(available(world)));
        world.at("2026-11-21T10:00:00Z");
        claim(&service).await;
        assert_eq!(next_run(&service, "one").await.unwrap(), None);
    }

    async fn only_a_job_that_allows_it_runs_beside_itself(world) {
        for (n, overlap) in ["forbid", "queue", "replace", "allow"].into_iter().enumerate() {
            let n = n as u128;
            job(world, n, &format!("overlap = '{overlap}'"));
            waiting(world, 2 * n, n);
            waiting(world, 2 * n + 1, n);
        }
        let service = daemon(world);
        let mut started = Vec::new();
        while let Some(claimed) = claim_run(&service, "one").await.unwrap() {
            started.push(claimed);
        }
        let names: Vec<_> = started.iter().map(|claimed| claimed.job.name.as_str()).collect();
        assert_eq!(names, ["job0", "job1", "job2", "job3", "job3"]);
        assert_eq!(next_run(&service, "one").await.unwrap(), None, "what cannot start is not waited for");
        // A paused worker learns of the end, and then the next of that job starts.
        let mut wake = service.subscribe(Topic::Runs);
        assert!(finish_run(&service, started[1].lease, exit(0)).await.unwrap());
        wake.woken().await;
        assert_eq!(claim(&service).await.run.id, id(1003));
    }

    async fn two_daemons_never_start_two_runs_of_one_job(world) {
        for n in 0..5 {
            job(world, n, "overlap = 'queue'");
            (0..6).for_each(|k| waiting(world, 10 * n + k, n));
        }
        let (one, other) = (daemon(world), daemon(world));
        let mut done = BTreeSet::new();
        while done.len() < 30 {
            let claims = (0..6).flat_map(|_| [claim_run(&one, "one"), claim_run(&other, "other")]);
            let started: Vec<_> = join_all(claims).await.into_iter().filter_map(|claimed| claimed.unwrap()).collect();
            let jobs: BTreeSet<_> = started.iter().map(|claimed| claimed.job.id).collect();
            assert_eq!(jobs.len(), started.len(), "two runs of one job at once");
            assert!(!started.is_empty());
            for claimed in started {
                assert!(done.insert(claimed.run.id), "a run was started twice");
                assert!(finish_run(&one, claimed.lease, exit(0)).await.unwrap());
            }
        }
    }

    async fn a_lease_ends_unless_it_is_renewed(world) {
        job(world, JOB, "");
        waiting(world, 1, JOB);
        let service = daemon(world);
        let claimed = claim(&service).await;
        pass(world, 29);
        assert_eq!(renew_run(&service, claimed.lease).await.unwrap(), Renewal::Held);
        pass(world, 30);
        assert_eq!(rescue_runs(&service).await.unwrap(), 0);
        pass(world, 1);
        let mut wake = service.subscribe(Topic::Runs);
        assert_eq!(rescue_runs(&service).await.unwrap(), 1);
        wake.woken().await;
        assert_eq!((runs(world), job_status(world, JOB).as_str()), (vec!["pending 1 1".to_owned()], "pending"));
        assert_eq!(waits(world), [0]);
        assert_eq!(rescue_runs(&service).await.unwrap(), 0, "once");
    }

    async fn a_stale_lease_changes_nothing(world) {
        job(world, JOB, "max_retries = 3, notify_on_failure = true");
        waiting(world, 1, JOB);
        let (gone, service) = (daemon(world), daemon(world));
        let stale = claim(&gone).await.lease;
        pass(world, 31);
        rescue_runs(&service).await.unwrap();
        for claimed_anew in [false, true] {
            if claimed_anew {
                assert_eq!(claim(&service).await.lease.number, stale.number + 1);
            }
            let before = (runs(world), log(world));
            assert_eq!(renew_run(&gone, stale).await.unwrap(), Renewal::Lost);
            assert_eq!(check_run(&gone, stale).await.unwrap(), Renewal::Lost);
            assert_eq!(append_run_log(&gone, stale, vec![piece(Stream::Stdout, "x")]).await.unwrap(), Renewal::Lost);
            assert!(!finish_run(&gone, stale, exit(1)).await.unwrap());
            assert!(!hand_back_run(&gone, stale).await.unwrap());
            assert_eq!((runs(world), log(world)), before);
        }
        assert_eq!(rows(world, "SELECT channel AS value FROM notifications"), [""; 0]);
    }

    async fn what_was_ended_cannot_be_ended_again(world) {
        job(world, JOB, "max_retries = 3");
        waiting(world, 1, JOB);
        let service = daemon(world);
        let lease = claim(&service).await.lease;
        assert!(finish_run(&service, lease, exit(0)).await.unwrap());
        assert!(!finish_run(&service, lease, exit(1)).await.unwrap());
        assert_eq!(append_run_log(&service, lease, vec![piece(Stream::Stdout, "x")]).await.unwrap(), Renewal::Lost);
        assert_eq!((runs(world), job_status(world, JOB).as_str()), (vec!["completed 1 0".to_owned()], "completed"));
    }

    async fn what_is_written_is_kept_in_its_order_past_a_rescue(world) {
        job(world, JOB, "");
        waiting(world, 1, JOB);
        let service = daemon(world);
        let lease = claim(&service).await.lease;
        let pieces = vec![piece(Stream::Stdout, "a"), piece(Stream::Stderr, "b")];
        assert_eq!(append_run_log(&service, lease, pieces).await.unwrap(), Renewal::Held);
        assert_eq!(append_run_log(&service, lease, Vec::new()).await.unwrap(), Renewal::Held);
        ask_to_stop(world, id(1001));
        let more = append_run_log(&service, lease, vec![piece(Stream::Stdout, "c")]).await.unwrap();
        assert_eq!(more, Renewal::CancelRequested);
        world.sql("UPDATE runs SET cancel_requested_at = NULL");
        pass(world, 31);
        rescue_runs(&service).await.unwrap();
        let lease = claim(&service).await.lease;
        append_run_log(&service, lease, vec![piece(Stream::Stdout, "d")]).await.unwrap();
        assert_eq!(log(world), ["1 stdout a", "2 stderr b", "3 stdout c", "4 stdout d"]);
    }

    async fn a_run_handed_back_has_spent_nothing(world) {
        job(world, JOB, "");
        waiting(world, 1, JOB);
        let service = daemon(world);
        let lease = claim(&service).await.lease;
        let mut wake = service.subscribe(Topic::Runs);
        assert!(hand_back_run(&service, lease).await.unwrap());
        wake.woken().await;
        assert_eq!((runs(world), waits(world)), (vec!["pending 1 0".to_owned()], vec![0]));
        assert_eq!(job_status(world, JOB), "pending");
        let again = claim(&daemon(world)).await;
        assert_eq!((again.run.attempt, again.lease.number), (1, lease.number + 1));
    }

    async fn a_run_that_is_to_be_stopped_is_cancelled_however_it_ends(world) {
        job(world, JOB, "max_retries = 3, notify_on_failure = true, overlap = 'allow'");
        (1..=3).for_each(|n| waiting(world, n, JOB));
        let service = daemon(world);
        let [stopped, handed_back, gone] = [claim(&service).await, claim(&service).await, claim(&service).await];
        [&stopped, &handed_back, &gone].into_iter().for_each(|claimed| ask_to_stop(world, claimed.run.id));
        assert_eq!(check_run(&service, stopped.lease).await.unwrap(), Renewal::CancelRequested);
        assert_eq!(renew_run(&service, stopped.lease).await.unwrap(), Renewal::CancelRequested);
        let finish = Finish { outcome: Outcome::Cancelled, signal: Some(15), exit_code: None, ..exit(0) };
        assert!(finish_run(&service, stopped.lease, finish).await.unwrap());
        assert_eq!(job_status(world, JOB), "running", "others run still");
        assert!(hand_back_run(&service, handed_back.lease).await.unwrap());
        pass(world, 31);
        assert_eq!(rescue_runs(&service).await.unwrap(), 1);
        assert_eq!((runs(world), job_status(world, JOB).as_str()), (vec!["cancelled 1 0".to_owned(); 3], "pending"));
        assert_eq!(rows(world, "SELECT channel AS value FROM notifications"), [""; 0]);
    }

    async fn a_run_that_ends_its_daemons_is_given_up(world) {
        job(world, JOB, "max_retries = 3, notify_on_failure = true");
        waiting(world, 1, JOB);
        let service = daemon(world);
        for _ in 0..6 {
            claim(&service).await;
            pass(world, 31);
            assert_eq!(rescue_runs(&service).await.unwrap(), 1);
        }
        assert_eq!((runs(world), job_status(world, JOB).as_str()), (vec!["failed 1 5".to_owned()], "failed"));
        let why = rows(world, "SELECT error_message AS value FROM runs");
        assert_eq!(why, ["given up after the daemon was gone 6 times while it ran"]);
        assert_eq!(rows(world, "SELECT channel AS value FROM notifications"), ["email"]);
    }

    async fn a_deleted_job_takes_its_runs_along(world) {
        job(world, JOB, "");
        waiting(world, 1, JOB);
        let service = daemon(world);
        let lease = claim(&service).await.lease;
        world.sql("DELETE FROM jobs");
        assert_eq!(renew_run(&service, lease).await.unwrap(), Renewal::Lost);
        assert!(!finish_run(&service, lease, exit(1)).await.unwrap());
    }
}

/// When the runs of these tests may start.
fn available(world: &World) -> String {
    match world.database {
        Database::Sqlite(_) => "2026-11-21T08:33:20Z".to_owned(),
        Database::Postgres(_) => "2026-11-21T09:00:00Z".to_owned(),
    }
}

/// The claim has chosen a run and waits for its job, when another daemon starts an older run of that job.
#[test]
fn a_claim_looks_at_the_job_anew_once_it_is_locked() {
    crate::world::run(Kind::Postgres, async |world| {
        job(world, JOB, "overlap = 'queue'");
        waiting(world, 2, JOB);
        let service = daemon(world);
        let (held, holds) = tokio::sync::oneshot::channel();
        let other = start_behind_the_claim(world, held);
        holds.await.unwrap();
        assert!(claim_run(&service, "one").await.unwrap().is_none());
        other.join().unwrap();
        assert_eq!(runs(world), ["running 1 0", "pending 1 0"]);
    });
}

/// Locks the job, says so, and starts a run of it as soon as somebody waits for the lock.
fn start_behind_the_claim(world: &World, held: tokio::sync::oneshot::Sender<()>) -> std::thread::JoinHandle<()> {
    let (run, job, at, url) = (world.id(id(1001)), world.id(id(JOB)), world.moment(), url(world));
    std::thread::spawn(move || {
        let mut conn = AsyncConnectionWrapper::<AsyncPgConnection>::establish(&test_common::pgbouncer::past(
            &url,
            test_common::postgres::server(),
        ))
        .unwrap();
        conn.batch_execute(&format!("BEGIN; SELECT 1 FROM jobs WHERE id = {job} FOR UPDATE")).unwrap();
        held.send(()).unwrap();
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
        let waiters = "SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid)
            WHERE NOT granted AND datname = current_database()";
        while diesel::sql_query(waiters).execute(&mut conn).unwrap() == 0 {
            assert!(std::time::Instant::now() < deadline, "nobody waits for the job");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        conn.batch_execute(&format!(
            "INSERT INTO runs (id, job_id, triggered_by, status, lease, lease_until, created_at)
             VALUES ({run}, {job}, 'schedule', 'running', 1, {at}, {at}); COMMIT"
        ))
        .unwrap();
    })
}

fn url(world: &World) -> String {
    match &world.database {
        Database::Postgres(url) => url.clone(),
        Database::Sqlite(_) => panic!("only PostgreSQL has locks to wait for"),
    }
}
