//! Databases that cannot be used: each is said in words, with a remedy, and nothing is written.

use std::path::Path;
use std::sync::Arc;

use muista_core::clock::FixedClock;
use muista_core::error::{Error, ErrorKind};
use muista_core::model::*;
use muista_core::rpc::Client;
use muista_core::store::{Database, Migrate, Options, Workers};

use crate::world::*;

fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::new(instant("2026-11-21T10:00:00Z")))
}

/// A client of a command: its store opens nothing before the first call.
fn embedded(database: &Database) -> Client {
    connect(&options(database.clone(), Workers::Embedded), clock()).unwrap()
}

/// What a daemon, a writing and a reading command are told; all must be told the same sort of thing.
async fn refused(database: &Database, migrate: Migrate) -> Error {
    let with = |workers| Options { migrate, ..options(database.clone(), workers) };
    let daemon = connect(&with(Workers::Daemon), clock()).unwrap_err();
    let client = connect(&with(Workers::Embedded), clock()).unwrap();
    let new = NewTask::titled(Title::parse("a").unwrap());
    let write = client.add_task(new).await.unwrap_err();
    let read = client.list_projects().await.unwrap_err();
    for error in [&daemon, &write, &read] {
        assert_eq!(error.kind, ErrorKind::Unavailable, "{error:?}");
        assert!(error.hint.is_some(), "{error:?}");
    }
    assert_eq!((&write.message, &read.message), (&daemon.message, &daemon.message));
    let path = database.to_string().replace("sqlite:", "").replace("/below/a.db", "");
    assert!(daemon.message.contains(&path), "says which: {daemon}");
    daemon
}

fn sqlite_at(path: &Path) -> Database {
    Database::Sqlite(path.to_owned())
}

fn on_a_runtime(body: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(body);
}

on_both! {
    async fn a_newer_schema(world) {
        world.add("a").await;
        match world.database {
            Database::Sqlite(_) => world.sql("PRAGMA user_version = 99"),
            Database::Postgres(_) => world.sql(
                "INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231000000')"
            ),
        }
        let error = refused(&world.database, Migrate::Run).await;
        assert!(error.message.contains("schema") && error.hint.unwrap().contains("update"));
    }

    async fn an_older_schema_that_is_not_to_be_migrated(world) {
        let kind = if matches!(world.database, Database::Sqlite(_)) { Kind::Sqlite } else { Kind::Postgres };
        let (empty, folder) = fresh(kind);
        let error = refused(&empty, Migrate::Refuse).await;
        assert!(error.message.contains("schema 0") && error.hint.unwrap().contains("--no-migrate"));
        if let Some(folder) = folder {
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is written");
        }
        let current = Options { migrate: Migrate::Refuse, ..options(world.database.clone(), Workers::Daemon) };
        let client = connect(&current, clock()).unwrap();
        client.add_task(NewTask::titled(Title::parse("a").unwrap())).await.unwrap();
    }

    async fn a_database_opened_by_eight_at_once_for_the_first_time(world) {
        let kind = if matches!(world.database, Database::Sqlite(_)) { Kind::Sqlite } else { Kind::Postgres };
        let (database, _folder) = fresh(kind);
        let clients: Vec<_> = (0..8).map(|_| embedded(&database)).collect();
        let adds = clients.iter().map(|client| client.add_task(NewTask::titled(Title::parse("a").unwrap())));
        let made = futures::future::join_all(adds).await;
        let mut numbers: Vec<_> = made.into_iter().map(|answer| answer.unwrap().value.number).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7, 8]);
    }

    async fn what_was_closed_takes_no_more_work(world) {
        let clock: Arc<dyn muista_core::clock::Clock> = clock();
        let options = options(world.database.clone(), Workers::Daemon);
        let store = muista_core::store::Store::open(&options, &clock).unwrap();
        let service = muista_core::service::Service::new(store, clock);
        let client = muista_core::rpc::in_process(service.clone(), &muista_core::rpc::Hello::new(Origin::Cli, None, None));
        assert_eq!(client.status().await.unwrap().database, world.database.to_string());
        service.close();
        assert_eq!(kind(client.status().await), ErrorKind::Unavailable);
        assert_eq!(kind(client.add_task(NewTask::titled(Title::parse("a").unwrap())).await), ErrorKind::Unavailable);
    }
}

#[test]
fn files_that_are_no_database() {
    on_a_runtime(async {
        let folder = tempfile::tempdir().unwrap();
        let text = folder.path().join("text.db");
        let content = "this is no database, but long enough to be taken for one\n".repeat(100);
        std::fs::write(&text, &content).unwrap();
        refused(&sqlite_at(&text), Migrate::Run).await;
        assert_eq!(std::fs::read_to_string(&text).unwrap(), content, "nothing is written");
        let directory = folder.path().join("directory.db");
        std::fs::create_dir(&directory).unwrap();
        refused(&sqlite_at(&directory), Migrate::Run).await;
        refused(&sqlite_at(&text.join("below/a.db")), Migrate::Run).await;
    });
}

#[test]
fn a_damaged_file() {
    run(Kind::Sqlite, async |world| {
        world.import((1..500).map(|n| imported(n, "some text to fill pages with")).collect()).await.unwrap();
        world.sql("PRAGMA wal_checkpoint(TRUNCATE)");
        let Database::Sqlite(path) = &world.database else { panic!("not a file") };
        let mut bytes = std::fs::read(path).unwrap();
        // The header's version stays readable; the schema and all tables are overwritten.
        bytes[100..].fill(0x5a);
        let copy = path.with_file_name("damaged.db");
        std::fs::write(&copy, bytes).unwrap();
        let client = embedded(&sqlite_at(&copy));
        for error in [
            client.list_projects().await.unwrap_err(),
            client.add_task(NewTask::titled(Title::parse("a").unwrap())).await.unwrap_err(),
        ] {
            assert_eq!((error.kind, error.message.contains("damaged")), (ErrorKind::Unavailable, true), "{error:?}");
            assert!(error.hint.is_some());
        }
    });
}

#[test]
fn a_file_locked_by_another() {
    use diesel::connection::SimpleConnection;
    use diesel::prelude::*;
    run(Kind::Sqlite, async |world| {
        world.add("a").await;
        let Database::Sqlite(path) = &world.database else { panic!("not a file") };
        let mut other = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        other.batch_execute("BEGIN EXCLUSIVE").unwrap();
        assert_eq!(world.titles(TaskFilter::default(), "").await, ["a"], "reading goes on");
        let mut added = std::pin::pin!(world.client.add_task(NewTask::titled(Title::parse("b").unwrap())));
        let error = added.as_mut().await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unavailable);
        assert!(error.message.contains("locked") && error.hint.is_some(), "{error:?}");
        other.batch_execute("ROLLBACK").unwrap();
        world.add("c").await;
        assert_eq!(world.titles(TaskFilter::default(), "number").await, ["a", "c"]);
    });
}

#[test]
fn servers_that_are_not_there() {
    on_a_runtime(async {
        let folder = tempfile::tempdir().unwrap();
        for url in [
            format!("postgres://me:secret@/db?host={}", folder.path().display()),
            "postgres://me:secret@127.0.0.1:1/db".to_owned(),
        ] {
            let error = refused(&Database::parse(&url).unwrap(), Migrate::Run).await;
            assert!(!error.message.contains("secret"), "{error}");
        }
        let there = test_common::postgres::server().database().url;
        let missing = there.replace("/test_", "/missing_");
        let error = refused(&Database::parse(&missing).unwrap(), Migrate::Run).await;
        assert!(error.message.contains("does not exist"), "{error}");
    });
}

#[test]
fn a_connection_that_broke_is_replaced() {
    run(Kind::Postgres, async |world| {
        world.add("a").await;
        world.titles(TaskFilter::default(), "").await;
        world.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE datname = current_database() AND pid <> pg_backend_pid()",
        );
        world.add("b").await;
        // A read that finds its connection gone says so once.
        let page = Page { limit: 9, ..Page::default() };
        let first = world.client.list_tasks(TaskFilter::default(), page).await;
        assert!(
            first.is_ok_and(|page| page.items.len() == 2) || world.titles(TaskFilter::default(), "").await.len() == 2
        );
    });
}
