//! What the agents of an account may make in a day, counted in the database.

use futures::future::join_all;
use muista_core::error::{Error, ErrorKind};
use muista_core::model::*;
use muista_core::rpc::Client;
use muista_core::service::account::user;
use muista_core::service::engine::run::finish_run;
use muista_core::service::{Caller, Credential, engine};
use muista_core::store::Workers;

use crate::account::*;
use crate::run_world::*;
use crate::world::*;

/// An agent of the local account.
fn agent(name: &str) -> Caller {
    Caller {
        actor: name.to_owned(),
        role: Role::Agent,
        scopes: Scopes::of(Role::Agent),
        credential: Credential::ApiKey(id(7)),
        ..admin()
    }
}

fn task(n: usize) -> NewTask {
    NewTask::titled(Title::parse(&format!("task {n}")).unwrap())
}

/// Makes so many tasks.
async fn make(client: &Client, count: usize) {
    for n in 0..count {
        client.add_task(task(n)).await.unwrap();
    }
}

/// That of the 101st task: how many seconds are left of the day.
async fn refused(client: &Client) -> u32 {
    match client.add_task(task(101)).await.unwrap_err() {
        Error { kind: ErrorKind::DailyLimit, retry_after: Some(seconds), .. } => seconds,
        other => panic!("{other:?}"),
    }
}

on_both! {
    async fn agents_make_a_hundred_tasks_a_day_together(world) {
        let (zoe, max) = (agent("zoe"), agent("max"));
        let (zoe, max) = (world.as_caller(zoe, Workers::Embedded), world.as_caller(max, Workers::Embedded));
        make(&zoe, 60).await;
        make(&max, 40).await;
        // It is 10:00 in UTC.
        assert_eq!(refused(&zoe).await, 14 * 3600);
        refused(&max).await;
        let all = TaskFilter::default();
        assert_eq!(world.client.list_tasks(all, Page { total: true, ..Page::default() }).await.unwrap().total, Some(100));
        // What is taken back is counted all the same, and a person is not counted.
        zoe.undo(Undo { target: UndoTarget::Last }).await.unwrap();
        refused(&zoe).await;
        world.add("by hand").await;
        // Another process, and another day.
        let again = world.as_caller(agent("zoe"), Workers::Embedded);
        world.at("2026-11-21T23:59:59.5Z");
        assert_eq!(refused(&again).await, 1);
        world.at("2026-11-22T00:00:00Z");
        make(&again, 1).await;
        world.at("2026-11-24T00:00:00Z");
        engine::clean(&world.service()).await.unwrap();
        world.at("2026-11-21T12:00:00Z");
        make(&again, 1).await;
    }

    async fn a_refused_task_leaves_nothing(world) {
        let zoe = world.as_caller(agent("zoe"), Workers::Embedded);
        make(&zoe, 99).await;
        let unknown = NewTask { parent: Some(TaskRef::Number(4711)), ..task(1) };
        assert_eq!(kind(zoe.add_task(unknown).await), ErrorKind::NotFound);
        make(&zoe, 1).await;
        let new = NewTask { project: Some(project("home")), tags: tags(&["a"]), ..task(1) };
        assert_eq!(kind(zoe.add_task(new).await), ErrorKind::DailyLimit);
        assert!(world.client.list_projects().await.unwrap().is_empty());
        assert!(world.client.list_tags().await.unwrap().is_empty());
    }

    async fn a_day_is_one_of_the_account(world) {
        world.add("makes the account").await;
        let zone = Change::Set("Asia/Tokyo".to_owned().try_into().unwrap());
        user::edit_me(&world.service(), &admin(), UserPatch { timezone: zone, ..UserPatch::default() }).await.unwrap();
        // It says that it is elsewhere.
        let caller = Caller { timezone: Some("America/New_York".to_owned()), ..agent("zoe") };
        let zoe = world.as_caller(caller, Workers::Embedded);
        make(&zoe, 100).await;
        assert_eq!(refused(&zoe).await, 5 * 3600);
        world.at("2026-11-21T15:00:00Z");
        make(&zoe, 1).await;
    }

    async fn an_import_counts_what_is_new(world) {
        let zoe = world.as_caller(agent("zoe"), Workers::Embedded);
        let batch = |from: u128, to: u128| ImportBatch {
            tasks: (from..to).map(|n| imported(n, "imported")).collect(),
            deleted: Vec::new(),
            last: true,
            force: false,
            ..ImportBatch::default()
        };
        assert_eq!(kind(zoe.import(batch(1000, 1101)).await), ErrorKind::DailyLimit);
        zoe.import(batch(1000, 1060)).await.unwrap();
        assert_eq!(kind(zoe.import(batch(1000, 1101)).await), ErrorKind::DailyLimit);
        zoe.import(batch(1000, 1100)).await.unwrap();
        zoe.import(batch(1000, 1100)).await.unwrap();
        refused(&zoe).await;
    }

    async fn what_follows_a_task_is_counted(world) {
        let every = NewSeries::read("daily", &world.context()).unwrap();
        let zoe = world.as_caller(agent("zoe"), Workers::Embedded);
        let first = zoe.add_task(NewTask { series: Some(every), ..task(0) }).await.unwrap().value;
        make(&zoe, 98).await;
        zoe.complete_tasks(refs(&[&first])).await.unwrap();
        refused(&zoe).await;
        let second = world.client.get_task(TaskRef::Number(100)).await.unwrap().task;
        assert_eq!((second.series_number, second.completed), (Some(2), false));
        assert_eq!(kind(zoe.complete_tasks(refs(&[&second])).await), ErrorKind::DailyLimit);
        // A person may.
        world.client.complete_tasks(refs(&[&second])).await.unwrap();
    }

    async fn what_failing_jobs_leave_is_counted_where_an_agent_set_them_going(world) {
        let zoe = world.as_caller(agent("zoe"), Workers::Embedded);
        let left = async |title: &str| {
            let filter = TaskFilter { title: Some(title.to_owned()), status: Status::All, ..TaskFilter::default() };
            world.titles(filter, "").await.len()
        };
        let service = daemon(world);
        job(world, 1, "task_on_failure = true, notify_on_failure = true, notify_every_seconds = 0");
        job(world, 2, "task_on_failure = true, by_agent = true, notify_on_failure = true, notify_every_seconds = 0");
        make(&zoe, 99).await;
        waiting(world, 1, 2);
        let lease = claim(&service).await.lease;
        assert!(finish_run(&service, lease, exit(1)).await.unwrap());
        assert_eq!(left("Job job2 failed").await, 1);
        refused(&zoe).await;
        // It is done, so another failure would leave another.
        let page = world.client.list_tasks(TaskFilter { title: Some("Job job2 failed".to_owned()), ..TaskFilter::default() }, Page::default());
        let number = page.await.unwrap().items[0].number;
        world.client.complete_tasks(vec![TaskRef::Number(number)]).await.unwrap();
        world.sql("DELETE FROM notifications");
        waiting(world, 2, 2);
        let lease = claim(&service).await.lease;
        assert!(finish_run(&service, lease, exit(1)).await.unwrap());
        assert_eq!(left("Job job2 failed").await, 1);
        let told = rows(world, "SELECT CAST(payload AS TEXT) AS value FROM notifications");
        assert!(told[0].contains("No task was left"), "{told:?}");
        // A person's job leaves one, unless an agent asked for the run.
        waiting(world, 3, 1);
        world.sql("UPDATE runs SET by_agent = true WHERE status = 'pending'");
        let lease = claim(&service).await.lease;
        assert!(finish_run(&service, lease, exit(1)).await.unwrap());
        assert_eq!(left("Job job1 failed").await, 0);
        waiting(world, 4, 1);
        let lease = claim(&service).await.lease;
        assert!(finish_run(&service, lease, exit(1)).await.unwrap());
        assert_eq!(left("Job job1 failed").await, 1);
        // The count stands where it stood.
        refused(&zoe).await;
    }

    async fn whose_a_job_and_a_run_are_is_kept(world) {
        let client = world.as_caller(agent("zoe"), Workers::Embedded);
        let settings = JobPatch { task_on_failure: Some(true), ..JobPatch::default() };
        let name = || JobName::parse("wx").unwrap();
        client.add_job(NewJob { name: name(), script: "weather".to_owned(), settings: settings.clone() }).await.unwrap();
        let of_jobs = || rows(world, "SELECT CAST(CAST(by_agent AS INTEGER) AS TEXT) AS value FROM jobs").remove(0);
        assert_eq!(of_jobs(), "1");
        client.run_job(name(), Default::default()).await.unwrap();
        assert_eq!(rows(world, "SELECT CAST(CAST(by_agent AS INTEGER) AS TEXT) AS value FROM runs"), ["1"]);
        world.client.edit_job(name(), settings.clone()).await.unwrap();
        assert_eq!(of_jobs(), "0");
        client.edit_job(name(), settings).await.unwrap();
        assert_eq!(of_jobs(), "1");
    }

    async fn at_once_they_are_no_more(world) {
        make(&world.as_caller(agent("zoe"), Workers::Embedded), 90).await;
        let clients: Vec<_> = (0..4).map(|_| world.as_caller(agent("zoe"), Workers::Daemon)).collect();
        let results = join_all((0..24).map(|n| clients[n % 4].add_task(task(n)))).await;
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 10);
        let kinds: Vec<_> = results.into_iter().filter(|result| result.is_err()).map(kind).collect();
        assert_eq!(kinds, [ErrorKind::DailyLimit; 14]);
    }
}
