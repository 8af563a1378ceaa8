//! What a PostgreSQL server, its database or the role may set: it makes no difference, or is refused in words. What a
//! server answers is understood by its SQLSTATE, whatever its language.

use std::sync::Arc;

use muista_core::clock::FixedClock;
use muista_core::error::ErrorKind;
use muista_core::model::*;
use muista_core::rpc::Client;
use muista_core::store::{Database, Workers};
use test_common::postgres::server;

use crate::world::*;

fn daemon(database: &Database) -> Client {
    let clock = Arc::new(FixedClock::new(instant(NOON)));
    connect(&options(database.clone(), Workers::Daemon), clock).unwrap()
}

fn titled(title: &str) -> NewTask {
    NewTask::titled(Title::parse(title).unwrap())
}

/// Has the insertion of a task with a certain title answered by `code`, in another language, until so many have been.
fn answering(world: &World, code: &str, title: &str, times: i32) {
    let name = format!("answers_{}", code.to_ascii_lowercase());
    world.sql(&format!(
        "CREATE SEQUENCE {name};
         CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF new.title = '{title}' AND nextval('{name}') <= {times} THEN
               RAISE EXCEPTION 'geht gerade nicht' USING ERRCODE = '{code}';
            END IF;
            RETURN new;
         END $$;
         CREATE TRIGGER {name} BEFORE INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION {name}()"
    ));
}

#[test]
fn settings_of_role_database_and_server_make_no_difference() {
    run(Kind::Postgres, async |world| {
        let settings = [
            "default_transaction_isolation = 'serializable'",
            "default_transaction_deferrable = on",
            "statement_timeout = '1ms'",
            "lock_timeout = '1ms'",
            "idle_in_transaction_session_timeout = '1ms'",
            "idle_session_timeout = '20ms'",
            "TimeZone = 'Asia/Kathmandu'",
            "DateStyle = 'German, DMY'",
            "IntervalStyle = 'sql_standard'",
            "client_encoding = 'LATIN1'",
            "standard_conforming_strings = off",
            "bytea_output = 'escape'",
            "extra_float_digits = -15",
        ];
        let set = settings.map(|setting| {
            let setting = setting.replace('\'', "''");
            format!("EXECUTE format('ALTER DATABASE %I SET {setting}', current_database());")
        });
        // At once: they hold for whoever connects next.
        world.sql(&format!("DO $$ BEGIN {} END $$", set.concat()));
        let client = daemon(&world.database);
        for round in 0..3 {
            // As long as a connection may be idle.
            tokio::time::sleep(std::time::Duration::from_millis(60)).await;
            let adds = (0..64).map(|n| client.add_task(titled(&format!("räksmörgås \\' {round} {n}"))));
            for added in futures::future::join_all(adds).await {
                added.unwrap();
            }
        }
        // All change the same row, one after the other.
        let edits = (0..32).map(|n| {
            let patch =
                TaskPatch { title: Some(Title::parse(&format!("edited {n}")).unwrap()), ..TaskPatch::default() };
            client.edit_tasks(vec![TaskRef::Number(1)], patch)
        });
        for edited in futures::future::join_all(edits).await {
            edited.unwrap();
        }
        let found = TaskFilter { search: vec!["räksmörgås".to_owned()], ..TaskFilter::default() };
        let page = client.list_tasks(found, Page { limit: 500, ..Page::default() }).await.unwrap();
        assert_eq!(page.items.len(), 64 * 3 - 1);
    });
}

#[test]
fn a_read_only_database_is_refused_in_words() {
    run(Kind::Postgres, async |world| {
        world.add("before").await;
        world.sql(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database());
             END $$",
        );
        let client = world.another(Workers::Embedded);
        let error = client.add_task(titled("after")).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unavailable);
        assert!(error.message.contains("default_transaction_read_only"), "{error}");
        assert!(error.hint.unwrap().contains("RESET"), "names the remedy");
        let page = client.list_tasks(TaskFilter::default(), Page::default()).await.unwrap();
        assert_eq!(page.items.len(), 1, "what reads goes on");
    });
}

#[test]
fn a_database_of_another_encoding_is_refused() {
    for encoding in ["LATIN1", "SQL_ASCII"] {
        let database = server().database_with(&format!("ENCODING '{encoding}' LOCALE 'C'"));
        let clock = Arc::new(FixedClock::new(instant(NOON)));
        let options = options(Database::parse(&database.url).unwrap(), Workers::Daemon);
        let error = connect(&options, clock).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unavailable);
        assert!(error.message.contains(encoding) && error.hint.unwrap().contains("UTF8"), "{}", error.message);
    }
}

/// What a user finds and in which order is Muista's, not the collation's.
#[test]
fn collations_make_no_difference() {
    let titles = ["I", "ı", "İ", "i", "Zebra", "ähnlich", "apple", "Öl", "z"];
    let told = |database: Database| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let client = daemon(&database);
            for title in titles {
                let new = NewTask { tags: vec![TagName::parse(title).unwrap()], ..titled(title) };
                client.add_task(new).await.unwrap();
            }
            let mut told = Vec::new();
            for sort in ["title", "-title", "number"] {
                for search in [None, Some("i"), Some("I"), Some("ä")] {
                    let filter =
                        TaskFilter { search: search.into_iter().map(str::to_owned).collect(), ..TaskFilter::default() };
                    let page = Page { limit: 50, sort: SortOrder::read_list(sort).unwrap(), ..Page::default() };
                    let page = client.list_tasks(filter, page).await.unwrap();
                    told.push(page.items.iter().map(|task| task.title.clone()).collect::<Vec<_>>());
                }
            }
            told.push(client.list_tags().await.unwrap().iter().map(|tag| tag.name.clone()).collect());
            told
        })
    };
    let plain = told(Database::parse(&server().database().url).unwrap());
    assert_eq!(plain[0].len(), titles.len());
    let turkish = server().database_with("ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'tr-TR' LOCALE 'C'");
    assert_eq!(told(Database::parse(&turkish.url).unwrap()), plain);
}

#[test]
fn a_state_means_the_same_in_every_language() {
    run(Kind::Postgres, async |world| {
        for (code, words) in [
            ("25006", "read-only"),
            ("53100", "disk is full"),
            ("53200", "memory"),
            ("55P03", "holds"),
            ("57014", "longer"),
            ("57P03", "starting up"),
        ] {
            answering(world, code, code, 1);
            let error = world.client.add_task(titled(code)).await.unwrap_err();
            assert_eq!(error.kind, ErrorKind::Unavailable, "{code}: {error}");
            assert!(error.message.contains(words) && error.hint.is_some(), "{code}: {error}");
            assert!(!error.message.contains("geht"), "{code}: {error}");
            // On another connection, where it is of no more use.
            world.add(code).await;
        }
    });
}

#[test]
fn work_that_met_somebody_elses_is_run_again() {
    run(Kind::Postgres, async |world| {
        for code in ["40001", "40P01"] {
            answering(world, code, code, 3);
            let made = world.client.add_task(titled(code)).await.unwrap().value;
            let changes =
                world.client.list_audit(AuditQuery { task: Some(TaskRef::Id(made.id)), ..AuditQuery::default() });
            assert_eq!(changes.await.unwrap().items.len(), 1, "recorded once");
        }
        assert_eq!(world.titles(TaskFilter::default(), "number").await, ["40001", "40P01"]);
        answering(world, "40003", "never", i32::MAX);
        let error = world.client.add_task(titled("never")).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unavailable, "never a conflict: nothing is wrong with the request");
    });
}

/// What a failover leaves behind: the server of the connection takes no writes any more.
#[test]
fn a_connection_that_leads_to_a_read_only_server_is_replaced() {
    run(Kind::Postgres, async |world| {
        let client = world.another(Workers::Embedded);
        client.add_task(titled("before")).await.unwrap();
        answering(world, "25006", "once", 1);
        // So that each insertion tells by which process of the server it was made.
        world.sql(
            "CREATE TABLE served (process int);
             CREATE FUNCTION serves() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                INSERT INTO served VALUES (pg_backend_pid()); RETURN new; END $$;
             CREATE TRIGGER serves BEFORE INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION serves();",
        );
        client.add_task(titled("first")).await.unwrap();
        client.add_task(titled("second")).await.unwrap();
        world.sql("DO $$ BEGIN ASSERT (SELECT count(DISTINCT process) FROM served) = 1; END $$");
        client.add_task(titled("once")).await.unwrap_err();
        client.add_task(titled("once")).await.unwrap();
        world.sql("DO $$ BEGIN ASSERT (SELECT count(DISTINCT process) FROM served) = 2; END $$");
    });
}
