//! What follows from the end of a run: the next attempt, messages, a task.

use muista_core::model::*;
use muista_core::service::engine::run::*;
use serde_json::Value;

use crate::run_world::*;
use crate::world::*;

/// All messages: channel, status, recipient and content.
fn messages(world: &World) -> Vec<(String, Content)> {
    let columns = "channel || ' ' || status || ' ' || recipient || '|' || CAST(payload AS TEXT)";
    let found = rows(world, &format!("SELECT {columns} AS value FROM notifications ORDER BY channel"));
    found
        .into_iter()
        .map(|row| {
            let (head, content) = row.split_once('|').unwrap();
            (head.to_owned(), serde_json::from_str(content).unwrap())
        })
        .collect()
}

async fn fail(service: &muista_core::service::Service, code: i32) {
    let lease = claim(service).await.lease;
    assert!(finish_run(service, lease, exit(code)).await.unwrap());
}

on_both! {
    async fn each_attempt_waits_twice_as_long(world) {
        job(world, JOB, "max_retries = 3, retry_delay_seconds = 60");
        waiting(world, 1, JOB);
        let service = daemon(world);
        for (attempt, delay) in [(1, 60), (2, 120), (3, 240)] {
            let claimed = claim(&service).await;
            assert_eq!(claimed.run.attempt, attempt);
            assert_eq!((claimed.run.args, claimed.params["to"].as_str()), (vec!["a b".to_owned()], "x"));
            assert!(claimed.run.scheduled_for.is_some());
            assert!(finish_run(&service, claimed.lease, exit(3)).await.unwrap());
            assert_eq!(waits(world), [delay]);
            assert_eq!(next_run(&service, "one").await.unwrap(), Some(later(world, delay)));
            assert_eq!(job_status(world, JOB), "failed");
            pass(world, delay - 1);
            assert!(claim_run(&service, "one").await.unwrap().is_none());
            pass(world, 1);
        }
        fail(&service, 3).await;
        assert_eq!(runs(world), ["failed 1 0", "failed 2 0", "failed 3 0", "failed 4 0"]);
        assert_eq!(next_run(&service, "one").await.unwrap(), None);
        let kinds = rows(world, "SELECT triggered_by || ' ' || exit_code AS value FROM runs ORDER BY attempt");
        assert_eq!(kinds, ["schedule 3", "retry 3", "retry 3", "retry 3"]);
    }

    async fn a_success_ends_the_attempts(world) {
        job(world, JOB, "max_retries = 3, notify_on_failure = true, notify_on_success = true");
        waiting(world, 1, JOB);
        let service = daemon(world);
        fail(&service, 1).await;
        pass(world, 60);
        let lease = claim(&service).await.lease;
        assert!(finish_run(&service, lease, Finish { omitted: 7, ..exit(0) }).await.unwrap());
        assert_eq!((runs(world), waits(world)), (vec!["failed 1 0".to_owned(), "completed 2 0".to_owned()], vec![]));
        let [(head, content)] = messages(world).try_into().unwrap();
        assert_eq!((head.as_str(), content.kind), ("email PENDING me@example.org", ContentKind::JobSucceeded));
        assert_eq!((content.title.as_str(), content.note.as_deref()), ("job1", Some("at attempt 2")));
    }

    async fn what_another_attempt_would_meet_again_is_not_tried_again(world) {
        job(world, JOB, "max_retries = 3, notify_on_failure = true");
        waiting(world, 1, JOB);
        let service = daemon(world);
        let lease = claim(&service).await.lease;
        let error = Some("there is no script “backup”".to_owned());
        let finish = Finish { outcome: Outcome::Refused, exit_code: None, error, ..exit(1) };
        assert!(finish_run(&service, lease, finish).await.unwrap());
        assert_eq!(runs(world), ["failed 1 0"]);
        assert_eq!(messages(world)[0].1.note.as_deref(), Some("there is no script “backup”"));
    }

    async fn one_message_tells_of_a_failure_after_the_last_attempt(world) {
        job(world, JOB, "max_retries = 1, notify_on_failure = true, channels = '[\"SMS\", \"email\", \"SMS\"]'");
        waiting(world, 1, JOB);
        let service = daemon(world);
        fail(&service, 1).await;
        assert_eq!(messages(world), []);
        pass(world, 60);
        let claimed = claim(&service).await;
        let wrote = [(Stream::Stderr, "lost\nfirst "), (Stream::Stdout, "not this"), (Stream::Stderr, "line\nlast\n")];
        let pieces = wrote.map(|(stream, text)| Output { stream, data: text.into(), omitted: 0 });
        append_run_log(&service, claimed.lease, pieces.into()).await.unwrap();
        let mut wake = service.subscribe(muista_core::service::Topic::Deliveries);
        assert!(finish_run(&service, claimed.lease, exit(3)).await.unwrap());
        wake.woken().await;
        let [(none, _), (mail, content)] = messages(world).try_into().unwrap();
        assert_eq!((none.as_str(), mail.as_str()), ("SMS PENDING ", "email PENDING me@example.org"));
        assert_eq!((content.kind, content.title.as_str()), (ContentKind::JobFailed, "job1"));
        assert_eq!(content.note.unwrap(), "exit code 3 after 2 attempts\n\nlost\nfirst line\nlast");
        assert_eq!((content.scheduled_for, content.late_seconds), (claimed.run.scheduled_for, None));
        let why = rows(world, "SELECT error_message AS value FROM notifications WHERE recipient = ''");
        assert!(why[0].starts_with("SMS has no recipient"), "{why:?}");
    }

    async fn a_failing_job_leaves_one_open_task(world) {
        job(world, JOB, "task_on_failure = true");
        let service = daemon(world);
        let filter = || TaskFilter { status: Status::All, ..TaskFilter::default() };
        for n in 1..=3 {
            waiting(world, n, JOB);
            let lease = claim(&service).await.lease;
            let finish = Finish { exit_code: None, signal: Some(9), ..exit(1) };
            assert!(finish_run(&service, lease, finish).await.unwrap());
        }
        assert_eq!(world.titles(filter(), "").await, ["Job job1 failed"]);
        let task = world.get_number(1).await;
        assert_eq!(task.description.as_deref(), Some("ended by signal 9"));
        let [entry] = world.log().await.try_into().unwrap();
        assert_eq!((entry.actor.as_str(), entry.origin, entry.action), ("muistad", Origin::Daemon, Action::Create));
        assert_eq!(entry.after.unwrap()["title"], Value::from("Job job1 failed"));

        world.client.complete_tasks(vec![TaskRef::Number(1)]).await.unwrap();
        waiting(world, 4, JOB);
        fail(&service, 1).await;
        assert_eq!(world.titles(filter(), "").await.len(), 2, "the first one was done with");
    }

    async fn nothing_is_told_unless_asked_for(world) {
        job(world, JOB, "");
        let service = daemon(world);
        for (n, code) in [(1, 0), (2, 1)] {
            waiting(world, n, JOB);
            fail(&service, code).await;
        }
        assert_eq!((messages(world), world.log().await.len()), (vec![], 0));
    }
}
