//! The migrations of both databases: they apply, revert and apply again, make the same tables with
//! the same columns, and refuse rows that break a rule. Which index serves a query is the store's own test.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::collections::BTreeSet;
use std::sync::Arc;

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use muista_core::clock::{Clock, SystemClock};
use muista_core::store::{ConnectionSettings, Database, Migrate, Options, Store, Workers};
use test_common::postgres;

const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../migrations/postgres");

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// A database under test, with the literals that differ between the two.
trait Subject {
    fn up(&mut self);
    /// Makes so many migrations.
    fn step(&mut self, count: usize);
    fn down(&mut self);
    fn execute(&mut self, sql: &str) -> QueryResult<usize>;
    fn lines(&mut self, sql: &str) -> Vec<String>;
    fn number(&mut self, sql: &str) -> i64;
    /// `table.column` of every table of ours, beside the index of texts, which is a table on SQLite.
    fn columns(&mut self) -> BTreeSet<String>;
    /// An id literal.
    fn id(&self, n: u8) -> String;
    /// An instant literal.
    fn instant(&self) -> &'static str;
}

struct Sqlite(SqliteConnection);
struct Postgres(AsyncConnectionWrapper<AsyncPgConnection>);

macro_rules! queries {
    ($migrations:expr) => {
        fn up(&mut self) {
            self.0.run_pending_migrations($migrations).unwrap();
        }
        fn step(&mut self, count: usize) {
            (0..count).for_each(|_| drop(self.0.run_next_migration($migrations).unwrap()));
        }
        fn down(&mut self) {
            self.0.revert_all_migrations($migrations).unwrap();
        }
        fn execute(&mut self, sql: &str) -> QueryResult<usize> {
            sql_query(sql).execute(&mut self.0)
        }
        fn lines(&mut self, sql: &str) -> Vec<String> {
            let lines: Vec<Line> = sql_query(sql).load(&mut self.0).unwrap();
            lines.into_iter().map(|it| it.line).collect()
        }
        fn number(&mut self, sql: &str) -> i64 {
            let number: Number = sql_query(sql).get_result(&mut self.0).unwrap();
            number.number
        }
    };
}

impl Subject for Sqlite {
    queries!(SQLITE);

    fn columns(&mut self) -> BTreeSet<String> {
        let sql = "SELECT m.name || '.' || c.name AS line
            FROM sqlite_master m, pragma_table_xinfo(m.name) c
            WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
              AND m.name NOT LIKE 'tasks\\_text%' ESCAPE '\\' AND m.name <> '__diesel_schema_migrations'";
        self.lines(sql).into_iter().collect()
    }

    fn id(&self, n: u8) -> String {
        format!("x'{n:032x}'")
    }

    fn instant(&self) -> &'static str {
        "1795250000000000"
    }
}

impl Subject for Postgres {
    queries!(POSTGRES);

    fn columns(&mut self) -> BTreeSet<String> {
        let sql = "SELECT table_name || '.' || column_name AS line
            FROM information_schema.columns
            WHERE table_schema = 'public' AND table_name <> '__diesel_schema_migrations'";
        self.lines(sql).into_iter().collect()
    }

    fn id(&self, n: u8) -> String {
        format!("'{n:032x}'::uuid")
    }

    fn instant(&self) -> &'static str {
        "timestamptz '2026-11-21 09:00:00+00'"
    }
}

fn sqlite() -> Sqlite {
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    sql_query("PRAGMA foreign_keys = ON").execute(&mut conn).unwrap();
    Sqlite(conn)
}

fn postgres() -> Postgres {
    let database = postgres::server().database();
    Postgres(AsyncConnectionWrapper::establish(&database.url).unwrap())
}

/// Both databases, migrated, with one account of id 1.
fn with_an_account() -> [Box<dyn Subject>; 2] {
    let mut subjects: [Box<dyn Subject>; 2] = [Box::new(sqlite()), Box::new(postgres())];
    for subject in &mut subjects {
        subject.up();
        let (id, at) = (subject.id(1), subject.instant());
        let sql = format!(
            "INSERT INTO users (id, username, created_at, updated_at)
             VALUES ({id}, 'local', {at}, {at})"
        );
        subject.execute(&sql).unwrap();
    }
    subjects
}

/// Adds a task of account 1; `columns` and `values` come on top of what every task must have.
fn add_task(subject: &mut dyn Subject, id: u8, columns: &str, values: &str) -> QueryResult<usize> {
    let (id, owner, at) = (subject.id(id), subject.id(1), subject.instant());
    subject.execute(&format!(
        "INSERT INTO tasks (id, owner_id, search_key, created_at, updated_at, {columns})
         VALUES ({id}, {owner}, '', {at}, {at}, {values})"
    ))
}

#[test]
fn both_databases_have_the_same_tables_and_columns() {
    let (mut sqlite, mut postgres) = (sqlite(), postgres());
    sqlite.up();
    postgres.up();
    let columns = sqlite.columns();
    // SQLite's writers come one after the other, and need no number of their transaction.
    let mut of_postgres = postgres.columns();
    assert!(of_postgres.remove("audit_entries.xact"));
    assert_eq!(columns, of_postgres);
    for expected in ["tasks.due_key", "reminders.next_trigger_at", "runs.lease", "audit_entries.before"] {
        assert!(columns.contains(expected), "no {expected}");
    }
}

#[test]
fn reverting_leaves_nothing_and_can_be_repeated() {
    let subjects: [Box<dyn Subject>; 2] = [Box::new(sqlite()), Box::new(postgres())];
    for mut subject in subjects {
        subject.up();
        let columns = subject.columns();
        subject.down();
        assert_eq!(subject.columns(), BTreeSet::new());
        subject.up();
        assert_eq!(subject.columns(), columns);
    }
}

#[test]
fn sqlite_carries_its_version_in_the_file() {
    let mut sqlite = sqlite();
    let version = "SELECT CAST(user_version AS INTEGER) AS number FROM pragma_user_version";
    sqlite.up();
    assert_eq!(sqlite.number(version), 11);
    sqlite.down();
    assert_eq!(sqlite.number(version), 0);
}

#[test]
fn a_task_that_breaks_a_rule_is_refused() {
    for mut subject in with_an_account() {
        let subject = subject.as_mut();
        let at = subject.instant();
        let due = format!("'x', '2026-11-21', {at}");
        add_task(subject, 2, "title, due_on, due_at", &due).unwrap();
        add_task(subject, 3, "title", &format!("'{}'", "ä".repeat(1000))).unwrap();

        let too_long = format!("'{}'", "ä".repeat(1001));
        for (columns, values) in [
            ("title", "''"),
            ("title", too_long.as_str()),
            ("title, category", "'x', 'personal'"),
            ("title, priority", "'x', 0"),
            ("title, priority", "'x', 4"),
            ("title, due_on", "'x', '2026-11-21'"),
        ] {
            let refused = add_task(subject, 4, columns, values);
            let Err(Error::DatabaseError(DatabaseErrorKind::CheckViolation, _)) = refused else {
                panic!("({columns}) = ({values}): {refused:?}");
            };
        }
    }
}

#[test]
fn a_date_and_an_id_keep_their_form_on_sqlite() {
    let [mut sqlite, _] = with_an_account();
    let subject = sqlite.as_mut();
    let at = subject.instant();
    assert!(add_task(subject, 2, "title, due_on, due_at", &format!("'x', '21.11.2026', {at}")).is_err());
    assert!(add_task(subject, 2, "title, project_id", "'x', x'0102'").is_err());
    assert!(add_task(subject, 2, "title, due_at", "'x', 'tomorrow'").is_err());
}

#[test]
fn a_number_is_never_given_twice_but_can_be_put_back() {
    for mut subject in with_an_account() {
        let subject = subject.as_mut();
        add_task(subject, 2, "title", "'first'").unwrap();
        add_task(subject, 3, "title", "'second'").unwrap();
        subject.execute("DELETE FROM tasks WHERE number = 2").unwrap();
        add_task(subject, 4, "title", "'third'").unwrap();
        assert_eq!(subject.number("SELECT MAX(number) AS number FROM tasks"), 3);
        add_task(subject, 3, "number, title", "2, 'second'").unwrap();
        assert_eq!(subject.number("SELECT COUNT(*) AS number FROM tasks"), 3);
    }
}

#[test]
fn what_belongs_to_a_task_goes_with_it() {
    for mut subject in with_an_account() {
        let subject = subject.as_mut();
        let (account, task, child) = (subject.id(1), subject.id(2), subject.id(3));
        let at = subject.instant();
        add_task(subject, 2, "title", "'parent'").unwrap();
        add_task(subject, 3, "title, parent_id", &format!("'child', {task}")).unwrap();
        for sql in [
            format!("INSERT INTO task_dependencies VALUES ({task}, {child})"),
            format!("INSERT INTO comments VALUES ({task}, {child}, {account}, 'text', {at}, 'text')"),
        ] {
            subject.execute(&sql).unwrap();
        }
        subject.execute("DELETE FROM tasks WHERE title = 'parent'").unwrap();
        for table in ["tasks", "task_dependencies", "comments"] {
            let count = subject.number(&format!("SELECT COUNT(*) AS number FROM {table}"));
            assert_eq!(count, 0, "{table}");
        }
    }
}

#[test]
fn an_occurrence_exists_once() {
    for mut subject in with_an_account() {
        let subject = subject.as_mut();
        let (task, reminder, at) = (subject.id(2), subject.id(3), subject.instant());
        add_task(subject, 2, "title", "'x'").unwrap();
        let sql = format!(
            "INSERT INTO reminders (id, task_id, schedule, recurrence_type, created_at, updated_at)
             VALUES ({reminder}, {task}, '2026-11-21T09:00:00Z', 'ONCE', {at}, {at})"
        );
        subject.execute(&sql).unwrap();
        let mut fire = |id| {
            let id = subject.id(id);
            subject.execute(&format!(
                "INSERT INTO occurrences (id, reminder_id, scheduled_for, fired_at)
                 VALUES ({id}, {reminder}, {at}, {at})"
            ))
        };
        fire(4).unwrap();
        let again = fire(5);
        let Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) = again else {
            panic!("{again:?}");
        };
    }
}

#[test]
fn what_was_there_before_is_counted_and_found() {
    let subjects: [Box<dyn Subject>; 2] = [Box::new(sqlite()), Box::new(postgres())];
    for mut subject in subjects {
        subject.step(5);
        let (account, task, at) = (subject.id(1), subject.id(2), subject.instant());
        subject
            .execute(&format!(
                "INSERT INTO users (id, username, created_at, updated_at) VALUES ({account}, 'local', {at}, {at})"
            ))
            .unwrap();
        subject
            .execute(&format!(
                "INSERT INTO tasks (id, owner_id, title, search_key, created_at, updated_at)
                 VALUES ({task}, {account}, 'Old', 'old', {at}, {at})"
            ))
            .unwrap();
        for n in [3, 4] {
            let tag = subject.id(n);
            let named = format!("INSERT INTO tags VALUES ({tag}, {account}, 't{n}', 't{n}', {at})");
            subject.execute(&named).unwrap();
            subject.execute(&format!("INSERT INTO task_tags VALUES ({task}, {tag})")).unwrap();
        }
        subject.up();
        let weight = "SELECT CAST(tag_count * 1000 + weight AS BIGINT) AS number FROM tasks";
        assert_eq!(subject.number(weight), 2 * 1000 + 290);
    }
}

/// Before schema 7 keys were folded by case alone.
#[test]
fn names_and_texts_of_an_older_schema_are_found_as_new_ones_are() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("muista.db");
    let database = postgres::server().database();
    let of_file = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
    let of_server = AsyncConnectionWrapper::establish(&database.url).unwrap();
    let subjects: [(Box<dyn Subject>, Database); 2] = [
        (Box::new(Sqlite(of_file)), Database::Sqlite(file)),
        (Box::new(Postgres(of_server)), Database::Postgres(database.url)),
    ];
    for (mut subject, database) in subjects {
        subject.step(6);
        let (account, task, at) = (subject.id(1), subject.id(2), subject.instant());
        for sql in [
            format!("INSERT INTO users (id, username, created_at, updated_at) VALUES ({account}, 'kim', {at}, {at})"),
            format!(
                "INSERT INTO tasks (id, owner_id, title, note, search_key, created_at, updated_at)
                 VALUES ({task}, {account}, 'Hauptstraße', 'm²', 'hauptstraße\nm²', {at}, {at})"
            ),
        ] {
            subject.execute(&sql).unwrap();
        }
        let commented = format!(
            "INSERT INTO comments (id, task_id, author_id, text, created_at)
             VALUES ({}, {task}, {account}, 'Ein Spaß', {at})",
            subject.id(6)
        );
        subject.execute(&commented).unwrap();
        // One that is composed in another way than it is compared, and two that are the same name now.
        for (n, name) in [(3, "Cafe\u{301}"), (4, "Ähre"), (5, "A\u{308}hre")] {
            let (tag, key) = (subject.id(n), name.to_lowercase());
            let named = format!("INSERT INTO tags VALUES ({tag}, {account}, '{name}', '{key}', {at})");
            subject.execute(&named).unwrap();
        }
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let options = Options {
            database,
            ca: None,
            migrate: Migrate::Run,
            workers: Workers::Daemon,
            usage: ConnectionSettings::default(),
        };
        Store::open(&options, &clock).unwrap().close();
        assert_eq!(subject.lines("SELECT search_key AS line FROM tasks"), ["hauptstrasse\nm2"]);
        assert_eq!(subject.lines("SELECT search_key AS line FROM comments"), ["ein spass"]);
        let keys = subject.lines("SELECT name_key AS line FROM tags ORDER BY id");
        assert_eq!(keys, ["caf\u{e9}", "ähre", "a\u{308}hre"]);
    }
}

#[test]
fn the_index_of_texts_follows_every_writer_on_sqlite() {
    let [mut sqlite, _] = with_an_account();
    let subject = sqlite.as_mut();
    let found = |subject: &mut dyn Subject, trigram: &str, numbers: &[&str]| {
        // Numbers of no task: enough that all that waits is brought into the index.
        let more = "WITH RECURSIVE n (n) AS (SELECT 100 UNION ALL SELECT n + 1 FROM n WHERE n < 400)
            INSERT INTO tasks_text_pending SELECT n, NULL FROM n WHERE true ON CONFLICT DO NOTHING";
        subject.execute(more).unwrap();
        subject.execute("UPDATE tasks_text_pending SET indexed = indexed WHERE number = 100").unwrap();
        let sql = format!("SELECT CAST(rowid AS TEXT) AS line FROM tasks_text WHERE tasks_text MATCH '{trigram}'");
        assert_eq!(subject.lines(&sql), numbers, "{trigram}");
        // Compares what the index holds with the tasks, and fails where that differs.
        subject.execute("INSERT INTO tasks_text (tasks_text, rank) VALUES ('integrity-check', 1)").unwrap();
    };
    add_task(subject, 2, "title", "'x'").unwrap();
    let part = format!("'y', {}", subject.id(2));
    add_task(subject, 3, "title, parent_id", &part).unwrap();
    subject.execute("UPDATE tasks SET search_key = 'hay and needle' WHERE number = 1").unwrap();
    subject.execute("UPDATE tasks SET search_key = 'hay' WHERE number = 2").unwrap();
    found(subject, "hay", &["1", "2"]);
    for (n, task, key) in [(5, 3, "saddle"), (6, 3, "straw"), (7, 2, "straw")] {
        let (id, task, by, at) = (subject.id(n), subject.id(task), subject.id(1), subject.instant());
        let commented = format!(
            "INSERT INTO comments (id, task_id, author_id, text, created_at, search_key)
             VALUES ({id}, {task}, {by}, 'x', {at}, '{key}')"
        );
        subject.execute(&commented).unwrap();
        found(subject, &key[..3], if n == 7 { &["1", "2"] } else { &["2"] });
    }
    found(subject, "hay", &["1", "2"]);
    let (moved, changed, gone) = (subject.id(2), subject.id(5), subject.id(7));
    subject.execute(&format!("UPDATE comments SET task_id = {moved} WHERE id = {changed}")).unwrap();
    found(subject, "ddl", &["1"]);
    subject.execute(&format!("UPDATE comments SET search_key = 'bridle' WHERE id = {changed}")).unwrap();
    found(subject, "ddl", &[]);
    subject.execute(&format!("DELETE FROM comments WHERE id = {gone}")).unwrap();
    found(subject, "raw", &["2"]);
    subject.execute("UPDATE tasks SET number = 7 WHERE number = 1").unwrap();
    found(subject, "dle", &["7"]);
    subject.execute("DELETE FROM tasks WHERE number = 7").unwrap();
    found(subject, "hay", &[]);
    found(subject, "dle", &[]);
}

#[test]
fn who_may_not_make_the_extension_searches_without_it() {
    let server = postgres::server();
    let database = server.database();
    server.run("postgres", "CREATE ROLE modest LOGIN");
    server.run(database.name(), "GRANT CREATE ON SCHEMA public TO modest");
    let indexes = "SELECT count(*) AS number FROM pg_indexes WHERE indexname = 'tasks_text'";
    let url = database.url.replacen("postgres@", "modest@", 1);
    let mut modest = Postgres(AsyncConnectionWrapper::establish(&url).unwrap());
    modest.up();
    assert_eq!(modest.number(indexes), 0);
    assert_eq!(modest.number("SELECT count(*) AS number FROM tasks"), 0);
    let mut usual = postgres();
    usual.up();
    assert_eq!(usual.number(indexes), 1);
}
