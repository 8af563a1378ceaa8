//! The SQLite driver: opening a file and bringing its schema up to date. How waiting writes are committed together is
//! `group`'s matter, whether the file is still the one that was opened is `file`'s.

mod among;
mod copy;
mod engine;
mod event;
mod file;
mod group;
mod header;
mod interrupt;
mod keeper;
pub(crate) mod load;
pub(crate) mod repair;
pub(super) mod snapshot;
pub(in crate::store) mod text;

use std::fs::{DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::worker_pool::{After, DbTask, Driver, PoolKind, refuse};
use super::{Conn as AnyConn, FOLDED, Migrate, SCHEMA_VERSION, error, newer_schema, older_schema, statements};
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::model::Id;

/// A connection of this database.
pub(crate) type Conn = SqliteConnection;
pub(super) use copy::copy;
pub(crate) use engine::{BATCH, move_cursors, record};
use file::DataFile;
pub(crate) use file::beside;
use header::Header;
pub(super) use keeper::Keeper;

/// The database, as diesel names it.
pub(crate) type Backend = diesel::sqlite::Sqlite;

/// A query whose rows this transaction will change. SQLite has one writer, so nothing needs locking.
macro_rules! locked {
    ($query:expr) => {
        $query
    };
}

/// A query whose rows this transaction will work on. SQLite has one writer, so nobody else can.
macro_rules! claimable {
    ($query:expr) => {
        $query
    };
}

/// Whether a column's value is among some ids.
macro_rules! among {
    ($column:expr, $ids:expr) => {
        $crate::store::sqlite::among::Among::new($column, $ids)
    };
}

/// Whether a column's text holds another. The time it takes grows with both, but only with their product where the text
/// was made for that: LIKE starts anew at each character of the text, and takes many times as long.
macro_rules! holds {
    ($column:expr, $text:expr) => {
        $crate::store::sqlite::instr($column, $text).gt(0)
    };
}

diesel::define_sql_function! {
    /// The place of a text within another, from 1; 0 where it is not in it.
    fn instr(text: diesel::sql_types::Text, part: diesel::sql_types::Text) -> diesel::sql_types::Integer;
}

/// Whether an id's last group begins with a text of lower-case hex digits. The column is named within SQL.
macro_rules! ends_with {
    ($column:literal, $short:expr) => {
        diesel::dsl::sql::<diesel::sql_types::Bool>(concat!("substr(lower(hex(", $column, ")), 21, "))
            .bind::<diesel::sql_types::Integer, _>(i32::try_from($short.len()).unwrap_or(i32::MAX))
            .sql(") = ")
            .bind::<diesel::sql_types::Text, _>($short.to_owned())
    };
}

#[path = "queries/mod.rs"]
pub(crate) mod queries;

/// How this database tells what it does for a query.
mod plan {
    use diesel::sql_types::{Integer, Text};

    pub(super) const EXPLAIN: &str = "EXPLAIN QUERY PLAN ";
    pub(super) type Steps = (Integer, Integer, Integer, Text);
    pub(super) type Step = (i32, i32, i32, String);

    pub(super) fn words((.., words): Step) -> String {
        words
    }
}

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");

/// How many waiting writes are committed at once at most.
const GROUP: usize = 256;
/// After how long no more are taken: who waits behind them, the engine first of all, has its turn.
const ENOUGH: Duration = Duration::from_millis(20);

/// The least size of the index of SQLite's log, the file that ends in `-shm`, in bytes.
const INDEX: u64 = 32 << 10;

/// Settings of each connection. A page cache of 2 MB and a map of the file's first 8 MB keep a command small and spare it
/// system calls.
const SETTINGS: &str = "PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL;
    PRAGMA cache_size = -2000; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 8388608;";

/// What puts a file into WAL mode, which is kept in the file itself.
const WAL: &str = "PRAGMA journal_mode = WAL;";

/// Opens connections to one file.
#[derive(Clone)]
pub(super) struct Sqlite {
    file: Arc<DataFile>,
    migrate: Migrate,
    clock: Arc<dyn Clock>,
}

impl Driver for Sqlite {
    fn open(&self) -> Result<AnyConn> {
        Ok(AnyConn::Sqlite(Box::new(self.open_conn()?)))
    }

    fn run(&self, conn: &mut AnyConn, task: DbTask, waiting: &mut dyn Iterator<Item = DbTask>) -> After {
        if task.kind == PoolKind::Write {
            let began = Instant::now();
            let more = std::iter::from_fn(|| if began.elapsed() < ENOUGH { waiting.next() } else { None });
            self.commit(conn, std::iter::once(task).chain(more.take(GROUP - 1)));
        } else {
            self.read(conn, task);
        }
        if let AnyConn::Sqlite(conn) = conn {
            statements::trim(&mut **conn);
        }
        // A SQLite connection does not break: what was locked or full may pass.
        After::Good
    }

    fn close(&self, conn: AnyConn) {
        if let AnyConn::Sqlite(conn) = conn {
            self.close_conn(*conn);
        }
    }

    fn put_right(&self) -> Vec<&'static str> {
        self.file.put_right()
    }
}

impl Sqlite {
    /// A driver whose connections are all to one file, whatever becomes of its name.
    pub(super) fn new(path: PathBuf, migrate: Migrate, clock: Arc<dyn Clock>) -> Self {
        Self { file: Arc::new(DataFile::new(path)), migrate, clock }
    }

    /// Opens a connection.
    fn open_conn(&self) -> Result<Conn> {
        let opened = self.make_file().and_then(|()| self.file.open(|header| self.connect(header)));
        opened.map_err(|error| if self.disk_is_full() { error::or_full(error) } else { error })
    }

    /// Closes a connection. What was written is saved where the file has lost its name meanwhile.
    fn close_conn(&self, mut conn: Conn) {
        // Nobody is left to be told.
        drop(self.file.turn(&mut conn, &*self.clock));
        if self.file.is_overwritten() {
            std::mem::forget(conn);
        }
    }

    fn commit(&self, any: &mut AnyConn, tasks: impl Iterator<Item = DbTask>) {
        let AnyConn::Sqlite(conn) = any else {
            return refuse(tasks, &Error::internal("a SQLite worker holds another connection"));
        };
        match self.file.turn(conn, &*self.clock) {
            Ok(_turn) => group::commit(any, tasks),
            Err(error) => refuse(tasks, &error),
        }
    }

    fn read(&self, any: &mut AnyConn, task: DbTask) {
        if let AnyConn::Sqlite(conn) = any
            && let Err(error) = self.file.check(conn, &*self.clock)
        {
            return refuse([task], &error);
        }
        ((task.work)(Ok(any)).answer)(Ok(()));
    }

    fn connect(&self, header: Option<Header>) -> Result<Conn> {
        let mut conn = self.establish()?;
        let fail = |e: diesel::result::Error| error::unreachable(&e.to_string(), &self.name());
        let mut found = version(&mut conn).map_err(fail)?;
        if found == 0 {
            found = adopt(&mut conn).map_err(fail)?;
            if found != 0 {
                self.file.note_put_right("the number of its schema");
            }
        }
        match found {
            SCHEMA_VERSION => {}
            newer if newer > SCHEMA_VERSION => return Err(newer_schema(&self.name(), newer)),
            older if self.migrate == Migrate::Refuse => return Err(older_schema(&self.name(), older)),
            _ => self.bring_up_to_date(&mut conn)?,
        }
        if header.is_some_and(|header| !header.wal) {
            // A copy that VACUUM INTO or a dump made has lost it.
            conn.batch_execute(WAL).map_err(fail)?;
            self.file.note_put_right("WAL mode");
        }
        Ok(conn)
    }

    /// Whether the file's disk has no room for the index that SQLite keeps beside the file, whose lack it reports as a
    /// mere I/O error.
    fn disk_is_full(&self) -> bool {
        let folder = self.file.path().parent().unwrap_or(Path::new("."));
        rustix::fs::statvfs(folder).is_ok_and(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) < INDEX)
    }

    fn name(&self) -> String {
        name(self.file.path())
    }

    /// Makes an empty file where there is none.
    fn make_file(&self) -> Result<()> {
        let path = self.file.path();
        if path.exists() {
            return Ok(());
        }
        if self.migrate == Migrate::Refuse {
            return Err(older_schema(&self.name(), 0));
        }
        create_private(path).map(drop)
    }

    fn establish(&self) -> Result<Conn> {
        let path = self.file.path();
        let text = path.to_str().ok_or_else(|| {
            Error::unavailable(format!("the path {} is not UTF-8", path.display()))
                .hint("choose another folder with --data-dir")
        })?;
        interrupt::install();
        let mut conn = SqliteConnection::establish(text).map_err(|e| error::of_connection(&e, &self.name()))?;
        conn.batch_execute(SETTINGS).map_err(|e| error::unreachable(&e.to_string(), &self.name()))?;
        statements::watch(&mut conn);
        Ok(conn)
    }

    /// Migrates under a file lock, since diesel takes none and several first commands may run at once.
    fn bring_up_to_date(&self, conn: &mut Conn) -> Result<()> {
        let lock_path = self.file.path().with_extension("lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&lock_path);
        let lock = lock.map_err(|e| unwritable(&lock_path, &e))?;
        rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive)
            .map_err(|e| Error::unavailable(format!("cannot lock {}: {e}", lock_path.display())))?;
        if version(conn).map_err(error::of_query)? == SCHEMA_VERSION {
            return Ok(());
        }
        let fail = |what: String| error::unreachable(&what, &self.name());
        conn.batch_execute(WAL).map_err(|e| fail(e.to_string()))?;
        // All or nothing: a schema without the account would never get it.
        conn.immediate_transaction(|conn| {
            run_migrations(conn)?;
            queries::user::ensure_local(conn, self.clock.now())
        })
        .map_err(|e| fail(e.to_string()))
    }
}

/// Brings a file's schema up to date, and the keys of an older one.
fn run_migrations(conn: &mut Conn) -> QueryResult<()> {
    let before = version(conn)?;
    conn.run_pending_migrations(MIGRATIONS).map_err(diesel::result::Error::QueryBuilderError)?;
    if (1..FOLDED).contains(&before) {
        queries::keys::renew(conn)?;
    }
    Ok(())
}

/// The file as it is named to users.
fn name(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

/// Gives a file its schema's number back, which a dump does not hold; returns it, or 0 for a file without our schema.
fn adopt(conn: &mut Conn) -> QueryResult<i64> {
    let number = migrations(conn)?;
    if number != 0 {
        conn.batch_execute(&format!("PRAGMA user_version = {number}"))?;
    }
    Ok(number)
}

/// How many migrations a file has had.
fn migrations(conn: &mut Conn) -> QueryResult<i64> {
    let known = diesel::sql_query(
        "SELECT count(*) AS number FROM sqlite_schema WHERE type = 'table' AND name = '__diesel_schema_migrations'",
    );
    if known.get_result::<Number>(conn)?.number == 0 {
        return Ok(0);
    }
    let counted = diesel::sql_query("SELECT count(*) AS number FROM __diesel_schema_migrations");
    Ok(counted.get_result::<Number>(conn)?.number)
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    number: i64,
}

fn version(conn: &mut Conn) -> QueryResult<i64> {
    #[derive(QueryableByName)]
    struct Version {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        user_version: i64,
    }
    diesel::sql_query("PRAGMA user_version").get_result::<Version>(conn).map(|row| row.user_version)
}

/// Makes the file and its folder so that only the user can read them; SQLite gives its side files the file's mode.
fn create_private(path: &Path) -> Result<File> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|e| unwritable(folder, &e))?;
    }
    OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path).map_err(|e| unwritable(path, &e))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Error {
    Error::unavailable(format!("cannot write {}: {error}", path.display()))
        .hint("check the folder's owner and mode, or choose another with --data-dir")
}

diesel::table! {
    /// SQLite's own record of the largest row number that each AUTOINCREMENT table has had.
    sqlite_sequence (name) {
        name -> diesel::sql_types::Text,
        seq -> diesel::sql_types::BigInt,
    }
}

/// Task numbers that were never given. The write worker is the file's only writer until its commit, so nobody else can
/// take them meanwhile; inserting them moves the sequence on.
pub(crate) fn reserve_numbers(conn: &mut Conn, count: usize) -> QueryResult<Vec<i64>> {
    // All rows, which are one: a bound name would have the statement prepared anew each time.
    let tables: Vec<(String, i64)> = sqlite_sequence::table.load(conn)?;
    let last = tables.into_iter().find_map(|(name, last)| (name == "tasks").then_some(last));
    Ok((last.unwrap_or(0) + 1..).take(count).collect())
}

/// What SQLite finds wrong with the file's pages and indexes, ten findings at most.
pub(crate) fn damage(conn: &mut Conn) -> QueryResult<Vec<String>> {
    #[derive(QueryableByName)]
    struct Finding {
        #[diesel(sql_type = diesel::sql_types::Text)]
        integrity_check: String,
    }
    // The quick one does not compare indexes with their tables.
    let found = diesel::sql_query("PRAGMA integrity_check(10)").load::<Finding>(conn)?;
    Ok(found.into_iter().map(|row| row.integrity_check).filter(|text| text != "ok").collect())
}

/// Nothing: who writes is alone on the file until the commit.
pub(crate) fn lock_key(_: &mut Conn, _: Id, _: &[u8]) -> QueryResult<()> {
    Ok(())
}

/// Nothing: SQLite cannot tell another process.
pub(crate) fn notify(_: &mut Conn, _: &str) -> QueryResult<()> {
    Ok(())
}

/// None: a SQLite file has no clock, and one daemon.
pub(crate) fn clock_now(_: &mut Conn) -> QueryResult<Option<crate::time::Instant>> {
    Ok(None)
}
