//! Firing jobs: which times run, and what happens where a run has not ended.

use muista_core::service::Service;
use muista_core::service::engine::fire_due_jobs;

use super::daemon;
use crate::world::*;

const NOON: &str = "2026-11-21T10:00:00Z";

async fn fire(service: &Service) -> usize {
    fire_due_jobs(service).await.unwrap().fired
}

/// How the job's runs stand, the oldest first.
fn runs(world: &World) -> Vec<String> {
    world.column("SELECT status AS one FROM runs ORDER BY created_at, scheduled_for, status")
}

fn job_at(world: &World) -> Option<muista_core::time::Instant> {
    world.cursor("jobs", "next_run_at", 1)
}

/// A run of job 1 that stands so.
fn run(world: &World, n: u128, status: &str, trigger: &str) {
    let made = world.sql_at("2026-11-21T09:00:00Z");
    let (available, lease) = if status == "pending" { (made.as_str(), "NULL") } else { ("NULL", made.as_str()) };
    let (run, job) = (world.id(id(n)), world.id(id(1)));
    world.sql(&format!(
        "INSERT INTO runs (id, job_id, triggered_by, status, available_at, lease_until, created_at)
            VALUES ({run}, {job}, '{trigger}', '{status}', {available}, {lease}, {made})"
    ));
}

on_both! {
    async fn a_job_runs_once_at_its_time(world) {
        let service = daemon(world);
        world.planned_job(1, "0 12 * * *", NOON, &[("timezone", "'Europe/Helsinki'"), ("args", "'[\"a b\"]'")]);
        assert_eq!((fire(&service).await, fire(&service).await), (1, 0));
        assert_eq!((runs(world), job_at(world)), (vec!["pending".to_owned()], Some(instant("2026-11-22T10:00:00Z"))));
        assert_eq!(world.count("runs", "triggered_by = 'schedule' AND attempt = 1 AND CAST(args AS text) = '[\"a b\"]'"), 1);
        assert_eq!(world.count("occurrences", "job_id IS NOT NULL"), 1);
    }

    async fn the_latest_missed_time_runs(world) {
        let service = daemon(world);
        world.planned_job(1, "0 * * * *", NOON, &[]);
        world.at("2026-11-21T14:30:00Z");
        assert_eq!((fire(&service).await, runs(world)), (1, vec!["pending".to_owned()]));
        let latest = world.sql_at("2026-11-21T14:00:00Z");
        assert_eq!(world.count("runs", &format!("scheduled_for = {latest}")), 1);
        assert_eq!(job_at(world), Some(instant("2026-11-21T15:00:00Z")));
    }

    async fn all_missed_times_run_the_last_hundred_at_most(world) {
        let service = daemon(world);
        world.planned_job(1, "0 * * * *", NOON, &[("missed", "'all'")]);
        world.planned_job(2, "* * * * * *", NOON, &[("missed", "'all'")]);
        world.at("2026-11-21T14:30:00Z");
        assert_eq!(fire(&service).await, 2);
        let of = |n| format!("status = 'pending' AND job_id = {}", world.id(id(n)));
        assert_eq!((world.count("runs", &of(1)), world.count("runs", &of(2))), (5, 100));
        let (first, last) = (world.sql_at("2026-11-21T14:28:21Z"), world.sql_at("2026-11-21T14:30:00Z"));
        let within = format!("{} AND scheduled_for >= {first} AND scheduled_for <= {last}", of(2));
        assert_eq!(world.count("runs", &within), 100);
    }

    async fn missed_times_are_left_out_where_that_is_wished(world) {
        let service = daemon(world);
        world.planned_job(1, "0 * * * *", NOON, &[("missed", "'skip'")]);
        world.at("2026-11-21T14:30:00Z");
        fire(&service).await;
        assert_eq!((runs(world), job_at(world)), (vec![], Some(instant("2026-11-21T15:00:00Z"))));
        world.at("2026-11-21T15:00:59Z");
        fire(&service).await;
        assert_eq!(runs(world), ["pending"]);
    }

    async fn a_run_that_has_not_ended_has_the_next_one_skipped(world) {
        let service = daemon(world);
        world.planned_job(1, "0 * * * *", NOON, &[]);
        run(world, 11, "running", "schedule");
        fire(&service).await;
        assert_eq!(runs(world), ["running", "skipped"]);
        let skipped = "status = 'skipped' AND finished_at IS NOT NULL AND error_message LIKE '%not ended%'";
        assert_eq!(world.count("runs", skipped), 1);
    }

    async fn or_waits_or_runs_beside_it(world) {
        for overlap in ["'queue'", "'allow'"] {
            let service = daemon(world);
            world.sql("DELETE FROM jobs");
            world.planned_job(1, "0 * * * *", NOON, &[("overlap", overlap)]);
            run(world, 11, "running", "schedule");
            fire(&service).await;
            assert_eq!(runs(world), ["running", "pending"], "{overlap}");
            assert_eq!(world.count("runs", "cancel_requested_at IS NOT NULL"), 0);
        }
    }

    async fn or_replaces_it(world) {
        let service = daemon(world);
        world.planned_job(1, "0 * * * *", NOON, &[("overlap", "'replace'")]);
        run(world, 11, "running", "schedule");
        run(world, 12, "pending", "schedule");
        fire(&service).await;
        let of = |n, condition: &str| world.count("runs", &format!("id = {} AND {condition}", world.id(id(n))));
        assert_eq!(of(11, "status = 'running' AND cancel_requested_at IS NOT NULL"), 1);
        assert_eq!(of(12, "status = 'cancelled' AND finished_at IS NOT NULL"), 1);
        assert_eq!(world.count("runs", "status = 'pending'"), 1);
    }

    async fn a_retry_that_waits_gives_way(world) {
        let service = daemon(world);
        world.planned_job(1, "0 * * * *", NOON, &[]);
        run(world, 11, "pending", "retry");
        fire(&service).await;
        assert_eq!(runs(world), ["cancelled", "pending"]);
        assert_eq!(world.count("runs", "error_message = 'superseded by the next occurrence'"), 1);
    }

    async fn a_paused_job_and_one_that_cannot_be_read_run_no_more(world) {
        let service = daemon(world);
        let off = match world.database {
            muista_core::store::Database::Sqlite(_) => "0",
            muista_core::store::Database::Postgres(_) => "false",
        };
        world.planned_job(1, "0 * * * *", NOON, &[("enabled", off)]);
        world.planned_job(2, "not cron", NOON, &[]);
        world.planned_job(3, "0 * * * *", NOON, &[]);
        fire(&service).await;
        assert_eq!((runs(world), job_at(world)), (vec!["pending".to_owned()], None));
        assert_eq!(world.cursor("jobs", "next_run_at", 2), None);
    }
}
