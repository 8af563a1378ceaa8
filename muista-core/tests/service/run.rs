//! Runs as their owner sees them: asked for, stopped, listed, and what they wrote.

use std::collections::BTreeMap;

use muista_core::error::{ErrorKind, Result};
use muista_core::model::*;

use crate::job::name;
use crate::world::*;

fn overlapping(overlap: Overlap) -> JobPatch {
    JobPatch { overlap: Some(overlap), ..JobPatch::default() }
}

impl World {
    async fn ask(&self, job: &str) -> Result<Run> {
        self.client.run_job(name(job), BTreeMap::new()).await
    }

    async fn run(&self, run: &Run) -> Run {
        self.client.get_run(RunRef::Id(run.id)).await.unwrap()
    }

    /// Has a run begin, as a worker would.
    fn begin(&self, run: &Run) {
        self.sql(&format!(
            "UPDATE runs SET status = 'running', available_at = NULL, lease = 1, lease_until = {at}, started_at = {at} \
             WHERE id = {id}",
            at = self.moment(),
            id = self.id(run.id)
        ));
    }

    /// Has a run end.
    fn end(&self, run: &Run, status: &str) {
        self.sql(&format!(
            "UPDATE runs SET status = '{status}', available_at = NULL, lease_until = NULL, finished_at = {at} \
             WHERE id = {id}",
            at = self.moment(),
            id = self.id(run.id)
        ));
    }

    /// Whether it was asked to end.
    async fn is_asked_to_end(&self, run: &Run) -> bool {
        // What was asked for once is not asked for again: SQL that fails says so.
        let check = format!(
            "UPDATE runs SET attempt = CASE WHEN cancel_requested_at IS NULL THEN 90 ELSE 91 END WHERE id = {}",
            self.id(run.id)
        );
        self.sql(&check);
        self.run(run).await.attempt == 91
    }

    fn write(&self, run: &Run, pieces: &[(i32, &str, String)]) {
        let (id, at) = (self.id(run.id), self.moment());
        for (seq, stream, hex) in pieces {
            let data = match self.database {
                muista_core::store::Database::Sqlite(_) => format!("x'{hex}'"),
                muista_core::store::Database::Postgres(_) => format!("'\\x{hex}'::bytea"),
            };
            self.sql(&format!("INSERT INTO run_logs (run_id, seq, stream, data, created_at) VALUES ({id}, {seq}, '{stream}', {data}, {at})"));
        }
    }
}

on_both! {
    async fn a_run_is_asked_for_with_the_jobs_arguments(world) {
        let patch = JobPatch { args: Some(vec!["--full".to_owned(), "a b".to_owned()]), ..JobPatch::default() };
        world.job("a", patch).await;
        let run = world.ask("A").await.unwrap();
        assert_eq!((run.status, run.triggered_by, run.attempt), (RunStatus::Pending, TriggeredBy::Manual, 1));
        assert_eq!((&*run.job_name, run.available_at), ("a", Some(run.created_at)));
        assert_eq!(run.args, ["--full", "a b"]);
        assert_eq!(world.get_job("a").await.unwrap().runs, [run]);
        assert_eq!(kind(world.ask("b").await), ErrorKind::NotFound);
    }

    async fn runs_of_a_job_may_be_forbidden_to_overlap(world) {
        world.job("a", overlapping(Overlap::Forbid)).await;
        let first = world.ask("a").await.unwrap();
        let error = world.ask("a").await.unwrap_err();
        assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Conflict, "the job a waits for its turn already, and its runs may not overlap"));
        world.begin(&first);
        let error = world.ask("a").await.unwrap_err();
        assert!(error.message.contains("runs already"), "{error}");
        assert!(error.hint.unwrap().contains("muista job cancel a"));
        world.end(&first, "completed");
        world.ask("a").await.unwrap();
    }

    async fn runs_of_a_job_may_wait_or_overlap(world) {
        for (job, overlap) in [("q", Overlap::Queue), ("a", Overlap::Allow)] {
            world.job(job, overlapping(overlap)).await;
            let first = world.ask(job).await.unwrap();
            world.begin(&first);
            world.ask(job).await.unwrap();
            world.ask(job).await.unwrap();
            assert!(!world.is_asked_to_end(&first).await);
        }
    }

    async fn a_run_may_replace_those_before(world) {
        world.job("a", overlapping(Overlap::Replace)).await;
        let first = world.ask("a").await.unwrap();
        world.begin(&first);
        let second = world.ask("a").await.unwrap();
        assert!(world.is_asked_to_end(&first).await);
        let third = world.ask("a").await.unwrap();
        assert_eq!(world.run(&second).await.status, RunStatus::Cancelled);
        assert_eq!(world.run(&third).await.status, RunStatus::Pending);
    }

    async fn a_retry_that_waits_gives_way(world) {
        world.job("a", overlapping(Overlap::Forbid)).await;
        let retry = world.ask("a").await.unwrap();
        world.sql(&format!("UPDATE runs SET triggered_by = 'retry' WHERE id = {}", world.id(retry.id)));
        world.ask("a").await.unwrap();
        let retry = world.run(&retry).await;
        assert_eq!(retry.status, RunStatus::Cancelled);
        assert!(retry.error_message.unwrap().contains("superseded"));
    }

    async fn a_run_is_stopped_once(world) {
        world.job("a", overlapping(Overlap::Queue)).await;
        let (first, second) = (world.ask("a").await.unwrap(), world.ask("a").await.unwrap());
        world.begin(&first);
        let cancelled = world.client.cancel_run(RunRef::Id(second.id)).await.unwrap();
        assert_eq!((cancelled.status, cancelled.available_at), (RunStatus::Cancelled, None));
        assert!(cancelled.finished_at.is_some());
        assert_eq!(world.client.cancel_run(RunRef::Id(first.id)).await.unwrap().status, RunStatus::Running);
        assert!(world.is_asked_to_end(&first).await);
        let error = world.client.cancel_run(RunRef::Id(second.id)).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Conflict);
        assert!(error.message.contains("cancelled"), "{error}");
        assert_eq!(kind(world.client.cancel_run(RunRef::Id(id(9))).await), ErrorKind::NotFound);
    }

    async fn the_list_is_newest_first_and_in_pages(world) {
        world.job("a", overlapping(Overlap::Queue)).await;
        world.job("b", overlapping(Overlap::Queue)).await;
        let mut asked = Vec::new();
        for at in 0..6 {
            // Two of the same moment each, too.
            if at % 2 == 0 {
                world.tick();
            }
            asked.push(world.ask("a").await.unwrap());
            world.ask("b").await.unwrap();
        }
        asked.reverse();
        let mut ids: Vec<Id> = asked.iter().map(|run| run.id).collect();
        let pages = async |job: Option<JobName>, status| {
            let (mut found, mut query) = (Vec::new(), RunQuery { job, status, limit: 4, ..RunQuery::default() });
            loop {
                let page = world.client.list_runs(query.clone()).await.unwrap();
                assert!(page.items.len() <= 4);
                found.extend(page.items);
                query.cursor = page.next_cursor;
                if query.cursor.is_none() {
                    return found;
                }
            }
        };
        let mut of_a: Vec<Id> = pages(Some(name("a")), None).await.iter().map(|run| run.id).collect();
        let all = pages(None, None).await;
        assert_eq!((of_a.len(), all.len()), (6, 12));
        assert!(all.is_sorted_by(|a, b| a.created_at >= b.created_at));
        // Those of one moment stand in no particular order.
        ids.sort();
        of_a.sort();
        assert_eq!(of_a, ids);
        world.end(&asked[0], "failed");
        let failed = pages(None, Some(RunStatus::Failed)).await;
        assert_eq!(failed.iter().map(|run| run.id).collect::<Vec<_>>(), [asked[0].id]);
        assert_eq!(pages(Some(name("b")), Some(RunStatus::Failed)).await, []);
        let strange = RunQuery { cursor: Some("x".to_owned()), ..RunQuery::default() };
        assert_eq!(kind(world.client.list_runs(strange).await), ErrorKind::NotFound);
        let nowhere = RunQuery { job: Some(name("c")), ..RunQuery::default() };
        assert_eq!(kind(world.client.list_runs(nowhere).await), ErrorKind::NotFound);
    }

    async fn a_jobs_last_run_leaves_skipped_ones_aside(world) {
        world.job("a", overlapping(Overlap::Queue)).await;
        let last = RunRef::LastOf(name("a"));
        assert_eq!(kind(world.client.get_run(last.clone()).await), ErrorKind::NotFound);
        let first = world.ask("a").await.unwrap();
        world.tick();
        let second = world.ask("a").await.unwrap();
        assert_eq!(world.client.get_run(last.clone()).await.unwrap().id, second.id);
        world.end(&second, "skipped");
        assert_eq!(world.client.get_run(last).await.unwrap().id, first.id);
    }

    async fn output_is_read_in_pages_behind_a_place(world) {
        world.job("a", JobPatch::default()).await;
        let run = world.ask("a").await.unwrap();
        let long = "78".repeat(200 << 10);
        world.write(&run, &[
            (1, "stdout", "68c3a9".to_owned()),
            (2, "stderr", "ff0a".to_owned()),
            (3, "stdout", long.clone()),
            (4, "stdout", long.clone()),
            (5, "stdout", long),
        ]);
        let read = async |after| world.client.run_log(RunRef::Id(run.id), after).await.unwrap();
        let page = read(0).await;
        let seqs = |page: &RunLogPage| page.items.iter().map(|piece| piece.seq).collect::<Vec<_>>();
        assert_eq!((seqs(&page), page.more), (vec![1, 2, 3, 4], true));
        assert_eq!((page.items[0].stream, &*page.items[0].text), (Stream::Stdout, "hé"));
        assert_eq!((page.items[1].stream, &*page.items[1].text), (Stream::Stderr, "\u{fffd}\n"));
        assert_eq!(page.run.id, run.id);
        let page = read(4).await;
        assert_eq!((seqs(&page), page.more), (vec![5], false));
        let page = read(5).await;
        assert_eq!((seqs(&page), page.more), (vec![], false));
    }

    async fn a_deleted_job_ends_its_runs_and_comes_back_with_them(world) {
        world.job("a", overlapping(Overlap::Allow)).await;
        let mut runs = Vec::new();
        for _ in 0..3 {
            world.tick();
            runs.push(world.ask("a").await.unwrap());
        }
        let [ended, running, waiting] = &runs[..] else { panic!() };
        world.write(ended, &[(1, "stdout", "6162".to_owned())]);
        world.end(ended, "completed");
        world.begin(running);
        world.client.delete_job(name("a")).await.unwrap();

        assert_eq!(kind(world.get_job("a").await), ErrorKind::NotFound);
        assert_eq!(kind(world.ask("a").await), ErrorKind::NotFound);
        let taken_back = world.run(waiting).await;
        assert_eq!((taken_back.status, taken_back.error_message.as_deref()), (RunStatus::Cancelled, Some("the job was deleted")));
        assert!(world.is_asked_to_end(running).await, "its script is asked to end, and not killed");
        let listed = world.client.list_runs(RunQuery::default()).await.unwrap().items;
        assert_eq!(listed.iter().map(|run| run.id).collect::<Vec<_>>(), [running.id], "what has ended is not listed");
        // Its name is free, until it is taken.
        let other = world.job("A", JobPatch::default()).await;
        let deletion = world.log().await.into_iter().find(|entry| entry.action == Action::Delete).unwrap().change_id;
        assert_eq!(kind(world.undo_change(deletion).await), ErrorKind::Conflict);
        world.client.delete_job(name(&other.id.to_string())).await.unwrap();

        world.end(running, "cancelled");
        world.undo_change(deletion).await.unwrap();
        let back = world.get_job("a").await.unwrap();
        let statuses: Vec<_> = back.runs.iter().map(|run| (run.id, run.status)).collect();
        let expected = [(waiting, RunStatus::Cancelled), (running, RunStatus::Cancelled), (ended, RunStatus::Completed)];
        assert_eq!(statuses, expected.map(|(run, status)| (run.id, status)));
        let log = world.client.run_log(RunRef::Id(ended.id), 0).await.unwrap();
        assert_eq!(log.items[0].text, "ab");
        world.ask("a").await.unwrap();
    }

    async fn the_log_of_a_job_is_that_of_the_newest_run_that_wrote(world) {
        world.job("a", overlapping(Overlap::Allow)).await;
        let first = world.ask("a").await.unwrap();
        world.tick();
        let runs = [first, world.ask("a").await.unwrap()];
        let last = async || world.client.run_log(RunRef::LastOf(name("a")), 0).await.unwrap().run.id;
        assert_eq!(last().await, runs[1].id, "none wrote");
        world.write(&runs[0], &[(1, "stderr", "61".to_owned())]);
        world.end(&runs[0], "failed");
        let retry = format!("retry_of = {}, triggered_by = 'retry', attempt = 2", world.id(runs[0].id));
        world.sql(&format!("UPDATE runs SET {retry} WHERE id = {}", world.id(runs[1].id)));
        assert_eq!(last().await, runs[0].id, "a retry that waits has nothing to show");
        let failed = world.run(&runs[0]).await;
        assert_eq!((failed.attempt, failed.max_attempts, failed.next_retry_at), (1, 4, runs[1].available_at));
        world.begin(&runs[1]);
        assert_eq!(last().await, runs[1].id, "one that runs is what is looked for");
        assert_eq!(world.run(&runs[0]).await.next_retry_at, None);
    }
}
