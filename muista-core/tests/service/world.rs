//! The world of one test: an empty database, a clock that stands still, a client; and short ways to say common things.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use muista_core::clock::{Clock, FixedClock};
use muista_core::config::ScriptEntry;
use muista_core::error::Result;
use muista_core::model::*;
use muista_core::rpc::{Client, Hello, in_process, in_process_as};
use muista_core::script::Scripts;
use muista_core::service::{Caller, Credential, Service, Settings};
use muista_core::store::{ConnectionSettings, Database, Migrate, Options, Store, Workers};
use muista_core::time::{Context, Instant, When};
use serde_json::Value;
use tempfile::TempDir;
use test_common::pgbouncer::{Pooler, past};
use test_common::postgres;

pub(crate) use crate::words::*;

/// The caller's zone.
pub(crate) const ZONE: &str = "Europe/Helsinki";
/// A saturday, at noon in Helsinki.
pub(crate) const NOON: &str = "2026-11-21T10:00:00Z";

/// Makes of one body two tests, one on each database.
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($world:ident) $body:block)*) => {
        $(
            $(#[$meta])*
            mod $name {
                use super::*;

                #[test]
                fn sqlite() {
                    $crate::world::run($crate::world::Kind::Sqlite, async |$world| $body);
                }

                #[test]
                fn postgres() {
                    $crate::world::run($crate::world::Kind::Postgres, async |$world| $body);
                }
            }
        )*
    };
}

/// Which database.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

pub(crate) struct World {
    pub(crate) client: Client,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) database: Database,
    _folder: Option<TempDir>,
}

/// Runs a test's body in a world of its own.
pub(crate) fn run<T>(kind: Kind, body: impl AsyncFnOnce(&World) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let world = World::new(kind).await;
        body(&world).await
    })
}

/// An empty database, and the folder to delete after the test.
pub(crate) fn fresh(kind: Kind) -> (Database, Option<TempDir>) {
    match kind {
        Kind::Sqlite => {
            let folder = tempfile::tempdir().unwrap();
            (Database::in_dir(folder.path()), Some(folder))
        }
        Kind::Postgres => (Database::parse(&reached(postgres::server().database())).unwrap(), None),
    }
}

/// The pooler before the server, where `MUISTA_TEST_POOLER` names the mode that the tests are to be run in.
fn pooler() -> Option<&'static Pooler> {
    static POOLER: OnceLock<Option<Pooler>> = OnceLock::new();
    let start = || {
        let mode = std::env::var("MUISTA_TEST_POOLER").ok().filter(|mode| !mode.is_empty())?;
        // Of a session each worker keeps a server.
        let size = if mode == "session" { 40 } else { 3 };
        Some(Pooler::start(postgres::server(), &mode, size).unwrap())
    };
    POOLER.get_or_init(start).as_ref()
}

/// How Muista reaches a database.
fn reached(database: postgres::Database) -> String {
    pooler().map_or(database.url.clone(), |pooler| pooler.before(&database).url)
}

/// A migrated file that each test on SQLite gets a copy of.
fn migrated() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| {
        let (database, _folder) = fresh(Kind::Sqlite);
        let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(instant(NOON)));
        Store::open(&options(database.clone(), Workers::Daemon), &clock).unwrap().close();
        match database {
            Database::Sqlite(path) => std::fs::read(path).unwrap(),
            Database::Postgres(_) => Vec::new(),
        }
    })
}

/// A migrated database that each test on PostgreSQL gets a copy of.
fn template() -> &'static postgres::Database {
    static TEMPLATE: OnceLock<postgres::Database> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let database = postgres::server().database();
        let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(instant(NOON)));
        let store = Store::open(&options(Database::parse(&database.url).unwrap(), Workers::Daemon), &clock).unwrap();
        store.close();
        database
    })
}

pub(crate) fn options(database: Database, workers: Workers) -> Options {
    Options { database, ca: None, migrate: Migrate::Run, workers, usage: ConnectionSettings::default() }
}

/// The usual settings, and a script that takes parameters.
pub(crate) fn settings() -> Settings {
    let param = |name: &str, choices: &[&str]| ScriptParam {
        name: name.to_owned(),
        description: None,
        default: Some("c".to_owned()),
        choices: choices.iter().map(|choice| (*choice).to_owned()).collect(),
        allow_dash: false,
    };
    let weather = ScriptEntry {
        name: "weather".to_owned(),
        path: "/bin/sh".into(),
        description: None,
        args: Vec::new(),
        env: BTreeMap::new(),
        params: vec![param("city", &[]), param("unit", &["c", "f"])],
    };
    Settings { scripts: Scripts::new("/proc/nowhere".into(), vec![weather]), ..Settings::default() }
}

/// A client of a service on a store of its own, as another process would have.
pub(crate) fn connect(options: &Options, clock: Arc<FixedClock>) -> Result<Client> {
    let service = serve(options, clock, settings())?;
    Ok(in_process(service, &Hello::new(Origin::Cli, Some(ZONE.to_owned()), None)))
}

/// A service on a store of its own.
pub(crate) fn serve(options: &Options, clock: Arc<FixedClock>, settings: Settings) -> Result<Service> {
    let clock: Arc<dyn Clock> = clock;
    Ok(Service::new(Store::open(options, &clock)?, clock).with_settings(settings))
}

impl World {
    pub(crate) async fn new(kind: Kind) -> Self {
        let (database, folder) = match kind {
            Kind::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let database = Database::in_dir(folder.path());
                if let Database::Sqlite(path) = &database {
                    std::fs::write(path, migrated()).unwrap();
                }
                (database, Some(folder))
            }
            Kind::Postgres => {
                let copy = postgres::server().database_like(template());
                (Database::parse(&reached(copy)).unwrap(), None)
            }
        };
        let clock = Arc::new(FixedClock::new(instant(NOON)));
        let client = connect(&options(database.clone(), Workers::Embedded), Arc::clone(&clock)).unwrap();
        // A command's store opens nothing before its first call.
        client.status().await.unwrap();
        Self { client, clock, database, _folder: folder }
    }

    /// A client in another process, as it were, on the same database.
    pub(crate) fn another(&self, workers: Workers) -> Client {
        connect(&options(self.database.clone(), workers), Arc::clone(&self.clock)).unwrap()
    }

    /// Sets the clock.
    pub(crate) fn at(&self, now: &str) {
        self.clock.set(instant(now));
    }

    /// Moves the clock on by a minute.
    pub(crate) fn tick(&self) {
        self.clock.set(Instant::from_micros(self.clock.now().as_micros() + 60_000_000).unwrap());
    }

    /// What date texts are read against.
    pub(crate) fn context(&self) -> Context {
        Context { now: self.clock.now(), zone: muista_core::time::zone(ZONE).unwrap(), date_order: None }
    }

    pub(crate) fn due(&self, text: &str) -> Due {
        let context = self.context();
        Due::new(&When::read(text, &context).unwrap(), &context.zone).unwrap()
    }

    /// Adds a task with nothing but a title.
    pub(crate) async fn add(&self, title: &str) -> Task {
        self.add_with(title, |_| {}).await
    }

    pub(crate) async fn add_with(&self, title: &str, say: impl FnOnce(&mut NewTask)) -> Task {
        let mut new = NewTask::titled(Title::parse(title).unwrap());
        say(&mut new);
        self.client.add_task(new).await.unwrap().value
    }

    pub(crate) async fn edit(&self, task: &Task, patch: TaskPatch) -> Task {
        self.client.edit_tasks(vec![task.id.into()], patch).await.unwrap().value.remove(0)
    }

    pub(crate) async fn rm(&self, tasks: &[&Task]) -> Vec<Task> {
        self.client.delete_tasks(refs(tasks)).await.unwrap()
    }

    pub(crate) async fn get(&self, task: &Task) -> Result<TaskDetail> {
        self.client.get_task(task.id.into()).await
    }

    /// Reverts the newest change, also where that is an undo itself.
    pub(crate) async fn undo(&self) -> Undone {
        let log = self.log().await;
        let mut own =
            log.iter().filter(|entry| entry.actor == "local" && !Entity::NEVER_UNDONE.contains(&entry.entity));
        self.undo_change(own.next().unwrap().change_id).await.unwrap()
    }

    /// Goes one change back, as `muista undo` does.
    pub(crate) async fn back(&self) -> Result<Undone> {
        self.client.undo(Undo { target: UndoTarget::Last }).await
    }

    pub(crate) async fn undo_steps(&self, steps: u32) -> Result<Undone> {
        self.client.undo(Undo { target: UndoTarget::Steps(steps) }).await
    }

    pub(crate) async fn undo_change(&self, change: Id) -> Result<Undone> {
        self.client.undo(Undo { target: UndoTarget::Change(change) }).await
    }

    /// The titles that a filter finds, in the order of a sort.
    pub(crate) async fn titles(&self, filter: TaskFilter, sort: &str) -> Vec<String> {
        let sort = if sort.is_empty() { Vec::new() } else { SortOrder::read_list(sort).unwrap() };
        let page = Page { limit: Page::MAX, sort, ..Page::default() };
        let page = self.client.list_tasks(filter, page).await.unwrap();
        page.items.into_iter().map(|task| task.title).collect()
    }

    /// Puts a whole import into effect.
    pub(crate) async fn import(&self, tasks: Vec<ImportTask>) -> Result<ImportSummary> {
        self.client
            .import(ImportBatch { tasks, deleted: Vec::new(), last: true, force: false, ..ImportBatch::default() })
            .await
    }

    /// The newest audit entries, the newest first.
    pub(crate) async fn log(&self) -> Vec<AuditEntry> {
        let query = AuditQuery { limit: 500, ..AuditQuery::default() };
        self.client.list_audit(query).await.unwrap().items
    }

    /// The id of the newest change.
    pub(crate) async fn last_change(&self) -> Option<Id> {
        self.log().await.first().map(|entry| entry.change_id)
    }

    /// All there is, without what every change touches.
    pub(crate) async fn picture(&self) -> Value {
        // Fails where a task has another number of tags than it is said to have.
        let counted = "(SELECT count(*) FROM task_tags WHERE task_id = tasks.id)";
        self.sql(&format!("UPDATE tasks SET title = NULL WHERE tag_count <> {counted}"));
        let mut tasks = Vec::new();
        let mut cursor = None;
        loop {
            let filter = TaskFilter { status: Status::All, ..TaskFilter::default() };
            let page = self.client.export(filter, cursor).await.unwrap();
            tasks.extend(page.items);
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        let projects = self.client.list_projects().await.unwrap();
        // Tags go by their names.
        let tags: Vec<_> = self.client.list_tags().await.unwrap();
        let tags: Vec<_> = tags.into_iter().map(|tag| (tag.name, tag.open, tag.total)).collect();
        let (mut reminders, mut cursor) = (Vec::new(), None);
        loop {
            let query = ReminderQuery { all: true, limit: 500, cursor, ..ReminderQuery::default() };
            let page = self.client.list_reminders(query).await.unwrap();
            reminders.extend(page.items);
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        reminders.sort_by_key(|reminder| reminder.id);
        let mut picture =
            serde_json::json!({ "tasks": tasks, "projects": projects, "tags": tags, "reminders": reminders });
        forget(&mut picture);
        picture
    }

    /// Runs SQL beside the service. A blocking connection must not be driven from an async thread.
    pub(crate) fn sql(&self, sql: &str) {
        raw(&self.database, sql);
    }

    /// An id as the database's SQL writes it.
    pub(crate) fn id(&self, id: Id) -> String {
        let digits = id.to_string().replace('-', "");
        match self.database {
            Database::Sqlite(_) => format!("x'{digits}'"),
            Database::Postgres(_) => format!("'{digits}'::uuid"),
        }
    }

    /// An instant as the database's SQL writes it.
    pub(crate) fn moment(&self) -> &'static str {
        match self.database {
            Database::Sqlite(_) => "1795250000000000",
            Database::Postgres(_) => "timestamptz '2026-11-21 09:00:00+00'",
        }
    }

    /// Makes an account of this name, whose e-mail address is at example.org; its id begins with 8 letters of the name.
    pub(crate) fn user(&self, name: &str) -> Id {
        let mut bytes = [b'.'; 16];
        bytes.iter_mut().zip(name.bytes()).for_each(|(to, from)| *to = from);
        let user = Id::from_bytes(bytes);
        let (id, at) = (self.id(user), self.moment());
        self.sql(&format!(
            "INSERT INTO users (id, username, email, email_confirmed_at, created_at, updated_at)
             VALUES ({id}, '{name}', '{name}@example.org', {at}, {at}, {at})"
        ));
        user
    }

    /// The account of this name, made by [`World::user`], as it calls: with all that a user may.
    pub(crate) fn caller(&self, name: &str) -> Caller {
        let mut bytes = [b'.'; 16];
        bytes.iter_mut().zip(name.bytes()).for_each(|(to, from)| *to = from);
        let local = Caller::local(Origin::Rest, Some(ZONE.to_owned()));
        Caller {
            user: Id::from_bytes(bytes),
            actor: name.to_owned(),
            role: Role::User,
            scopes: Scopes::of(Role::User),
            credential: Credential::Nothing,
            ..local
        }
    }

    /// A client of that account.
    pub(crate) fn as_user(&self, name: &str) -> Client {
        self.as_caller(self.caller(name), Workers::Embedded)
    }

    /// A client of a caller, on a store of its own.
    pub(crate) fn as_caller(&self, caller: Caller, workers: Workers) -> Client {
        let clock: Arc<dyn Clock> = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let store = Store::open(&options(self.database.clone(), workers), &clock).unwrap();
        in_process_as(Service::new(store, clock).with_settings(settings()), caller)
    }

    /// Makes another account.
    pub(crate) fn account(&self, id: Id) {
        let (id, at) = (self.id(id), self.moment());
        self.sql(&format!("INSERT INTO users (id, username, created_at, updated_at) VALUES ({id}, 'eva', {at}, {at})"));
    }
}

/// Runs SQL on a connection of its own.
pub(crate) fn raw(database: &Database, sql: &str) {
    let (database, sql) = (database.clone(), sql.to_owned());
    std::thread::spawn(move || match database {
        Database::Sqlite(path) => {
            SqliteConnection::establish(path.to_str().unwrap()).unwrap().batch_execute(&sql).unwrap();
        }
        Database::Postgres(url) => {
            let url = past(&url, postgres::server());
            let mut conn = AsyncConnectionWrapper::<AsyncPgConnection>::establish(&url).unwrap();
            conn.batch_execute(&sql).unwrap();
        }
    })
    .join()
    .unwrap();
}

fn forget(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|key, _| key != "version" && key != "updatedAt");
            fields.values_mut().for_each(forget);
        }
        Value::Array(items) => items.iter_mut().for_each(forget),
        _ => {}
    }
}

impl World {
    pub(crate) async fn get_number(&self, number: i64) -> Task {
        self.client.get_task(TaskRef::Number(number)).await.unwrap().task
    }
}
