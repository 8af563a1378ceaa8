//! The slots that scripts run in, shared between accounts and jobs; how many runs may wait; and what a run waits for.

use std::collections::BTreeMap;

use muista_core::config::RunSlots;
use muista_core::error::ErrorKind;
use muista_core::model::*;
use muista_core::service::engine::fire_due_jobs;
use muista_core::service::engine::run::*;
use muista_core::service::{Caller, Service, run};

use crate::job::name;
use crate::run_world::*;
use crate::world::*;

/// Jobs of an account, each with a run that waits: job 10 with run 10 and so on.
fn waiting_jobs(world: &World, owner: Id, numbers: std::ops::Range<u128>) {
    for n in numbers {
        job(world, n, "");
        give(world, n, owner);
        waiting(world, n, n);
    }
}

fn slots(world: &World, total: usize) -> Service {
    daemon_with(world, |settings| settings.slots = RunSlots::of(total))
}

/// Claims as many as there are slots for; returns the jobs.
async fn claim_all(service: &Service) -> Vec<String> {
    let mut names = Vec::new();
    while let Some(claimed) = claim_run(service, "one").await.unwrap() {
        names.push(claimed.job.name);
    }
    names
}

on_both! {
    async fn there_is_a_slot_for_one_more_account_however_many_scripts_others_run(world) {
        let [anna, ben, carl] = ["anna", "ben", "carl"].map(|name| world.user(name));
        job(world, 1, "");
        job(world, 2, "");
        give(world, 2, ben);
        waiting_jobs(world, anna, 10..16);
        let service = slots(world, 4);
        assert_eq!(claim_all(&service).await, ["job10", "job11"], "two run, and no more than two are free");
        assert_eq!(next_run(&service, "one").await.unwrap(), None, "nothing is waited for in vain");
        waiting(world, 2, 2);
        assert_eq!(claim_all(&service).await, ["job2"]);
        waiting_jobs(world, carl, 20..22);
        assert_eq!(claim_all(&service).await, ["job20"]);
        assert_eq!(claim_all(&slots(world, 5)).await, [""; 0], "each of them runs one by now, and no more than one is free");
    }

    async fn one_account_alone_has_all_slots_and_no_more(world) {
        for n in 10..16 {
            job(world, n, "");
            waiting(world, n, n);
        }
        assert_eq!(claim_all(&slots(world, 4)).await, ["job10", "job11", "job12", "job13"]);
        let claimed = claim_run(&slots(world, 4), "another").await.unwrap().unwrap();
        assert_eq!(claimed.job.name, "job14", "another daemon has slots of its own");
    }

    async fn one_job_does_not_take_all_slots(world) {
        job(world, 1, "overlap = 'allow'");
        job(world, 2, "");
        (1..=6).for_each(|n| waiting(world, n, 1));
        waiting(world, 9, 2);
        assert_eq!(claim_all(&slots(world, 4)).await, ["job1", "job1", "job2"]);
    }

    async fn an_account_has_no_more_slots_than_are_set(world) {
        waiting_jobs(world, world.user("anna"), 10..14);
        let service = daemon_with(world, |settings| settings.slots = RunSlots { account: 1, ..RunSlots::of(8) });
        assert_eq!(claim_all(&service).await, ["job10"]);
    }

    async fn who_runs_the_fewest_scripts_comes_first(world) {
        let [anna, ben] = ["anna", "ben"].map(|name| world.user(name));
        waiting_jobs(world, anna, 10..13);
        let service = slots(world, 8);
        assert_eq!(claim(&service).await.job.name, "job10");
        world.tick();
        waiting_jobs(world, ben, 20..22);
        assert_eq!(claim_all(&service).await, ["job20", "job11", "job21", "job12"]);
    }

    async fn no_account_has_more_runs_waiting_than_may(world) {
        job(world, 1, "overlap = 'queue', script = 'weather'");
        let service = daemon_with(world, |settings| {
            settings.limits.waiting_runs = 2;
            settings.scripts = crate::world::settings().scripts;
        });
        let local = Caller::local(Origin::Cli, None);
        let ask = async || run::request(&service, &local, name("job1"), BTreeMap::new()).await;
        ask().await.unwrap();
        ask().await.unwrap();
        let error = ask().await.unwrap_err();
        assert_eq!((error.kind, error.limit.as_deref()), (ErrorKind::Quota, Some("limits.waiting_runs")));
        assert_eq!(error.message, "2 runs of the account wait already, and no more may");
        assert!(error.hint.unwrap().contains("raise `limits.waiting_runs`"));

        // A schedule records what it leaves out.
        job(world, 2, "schedule = '0 * * * *', recurrence_type = 'CRON'");
        let (due, job2) = (world.moment(), world.id(id(2)));
        world.sql(&format!("UPDATE jobs SET next_run_at = {due} WHERE id = {job2}"));
        fire_due_jobs(&service).await.unwrap();
        let skipped = rows(world, &format!("SELECT status || ' ' || error_message AS value FROM runs WHERE job_id = {job2}"));
        assert!(skipped[0].starts_with("skipped 2 runs of the account wait already"), "{skipped:?}");

        // So does a failure.
        world.sql("UPDATE jobs SET max_retries = 3");
        let lease = claim(&service).await.lease;
        ask().await.unwrap();
        assert!(finish_run(&service, lease, exit(1)).await.unwrap());
        let failed = rows(world, "SELECT error_message AS value FROM runs WHERE status = 'failed'");
        assert!(failed[0].starts_with("exit code 1; it is not tried again: 2 runs"), "{failed:?}");
    }

    async fn a_run_says_what_it_waits_for(world) {
        let anna = world.user("anna");
        job(world, 1, "overlap = 'queue'");
        (1..=2).for_each(|n| waiting(world, n, 1));
        waiting_jobs(world, anna, 10..12);
        let reasons = async || {
            let query = RunQuery { all: true, status: Some(RunStatus::Pending), ..RunQuery::default() };
            let runs = world.client.list_runs(query).await.unwrap().items;
            runs.into_iter().rev().map(|run| (run.waiting_for.unwrap(), run.waiting_reason.unwrap())).collect::<Vec<_>>()
        };
        let [(first, reason), ..] = &reasons().await[..] else { panic!() };
        assert_eq!((*first, reason.as_str()), (WaitingFor::Place, "a daemon to start it"));
        let service = slots(world, 2);
        assert_eq!(claim_all(&service).await, ["job1", "job10"]);
        let found = reasons().await;
        assert_eq!(found[0], (WaitingFor::Run, "another run of this job to end".to_owned()));
        assert_eq!(found[1].0, WaitingFor::Place);
        assert!(found[1].1.starts_with("a slot: 2 scripts run, 1 of this account; a daemon has "), "{found:?}");
        world.sql(&format!("UPDATE users SET disabled_at = {} WHERE id = {}", world.moment(), world.id(anna)));
        assert_eq!(reasons().await[1].0, WaitingFor::Account);
        world.at("2026-11-21T08:00:00Z");
        assert_eq!(reasons().await[0].0, WaitingFor::Time);
    }
}
