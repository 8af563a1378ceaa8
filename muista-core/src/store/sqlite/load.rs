//! A new SQLite file that is filled from a backup, and putting it in the place of another.
//!
//! The new file is made beside the other, where nobody looks for it. Its pages are then copied over those of the other in
//! one transaction, by SQLite itself, so that whoever has that open sees all of the old or all of the new, and a process
//! that is killed meanwhile leaves the old. Only where the other is too damaged for that, it is moved away.

use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_migrations::MigrationHarness;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::types::{ToSqlOutput, ValueRef};

use super::{MIGRATIONS, beside, create_private, interrupt, run_migrations};
use crate::error::{Error, Result};
use crate::format::archive::{Head, Table, Value};
use crate::store::SCHEMA_VERSION;
use crate::store::snapshot::{Epoch, Sink, quoted};

/// How the new file is written: nobody else knows of it, and one that is not finished is thrown away.
const SETTINGS: &str = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF;
    PRAGMA cache_size = -32000; PRAGMA temp_store = MEMORY;";

/// What the names of kept files have behind that of the database.
pub(crate) const BEFORE: &str = ".before-";
/// What follows where one is not whole yet.
const HALF: &str = ".part";

/// How long to wait for whoever writes.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// The new file.
pub(crate) struct Load {
    path: PathBuf,
    conn: rusqlite::Connection,
    insert: String,
    version: i64,
}

impl Load {
    /// Makes the file at `path` with the tables of that version of the schema.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn create(path: &Path, version: i64) -> Result<Self> {
        create_private(path)?;
        let mut tables = migrated(path)?;
        for _ in 0..version.min(SCHEMA_VERSION) {
            tables.run_next_migration(MIGRATIONS).map_err(|e| failed(path, &e.to_string()))?;
        }
        drop(tables);
        let conn = open(path)?;
        conn.execute_batch(SETTINGS)
            .and_then(|()| conn.execute_batch("BEGIN"))
            .map_err(|e| failed(path, &e.to_string()))?;
        // The migrations' own rows are in the backup, too.
        conn.set_prepared_statement_cache_capacity(2);
        Ok(Self { path: path.to_owned(), conn, insert: String::new(), version })
    }

    fn failed(&self, error: &rusqlite::Error) -> Error {
        failed(&self.path, &error.to_string())
    }

    /// Notes the largest number that each table has given.
    fn set_sequences(&self, head: &Head) -> rusqlite::Result<()> {
        for (table, last) in &head.sequences {
            // A table that has no sequence here has its numbers from the largest in it.
            let known = "SELECT count(*) FROM sqlite_schema WHERE name = ?1 AND sql LIKE '%AUTOINCREMENT%'";
            if self.conn.query_row(known, [table], |row| row.get::<_, i64>(0))? == 0 {
                continue;
            }
            let changed =
                self.conn.execute("UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1", (table, last))?;
            if changed == 0 {
                self.conn.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)", (table, last))?;
            }
        }
        Ok(())
    }

    /// Refuses rows that refer to others that are not there.
    fn check_references(&self) -> Result<()> {
        let mut broken = self.conn.prepare("PRAGMA foreign_key_check").map_err(|e| self.failed(&e))?;
        let mut rows = broken.query([]).map_err(|e| self.failed(&e))?;
        if let Some(row) = rows.next().map_err(|e| self.failed(&e))? {
            let (table, of): (String, String) =
                row.get(0).and_then(|table| Ok((table, row.get(2)?))).map_err(|e| self.failed(&e))?;
            return Err(Error::internal(format!("the backup has rows in {table} owners row in {of} is missing"))
                .hint("take another backup: `muista backup ls` lists them"));
        }
        Ok(())
    }
}

impl Sink for Load {
    fn table(&mut self, table: &Table) -> Result<()> {
        let name = quoted(&table.name);
        let columns: Vec<String> = table.columns.iter().map(|column| quoted(column)).collect();
        let values = vec!["?"; columns.len()].join(", ");
        self.insert = format!("INSERT INTO {name} ({}) VALUES ({values})", columns.join(", "));
        self.conn.execute(&format!("DELETE FROM {name}"), []).map_err(|e| self.failed(&e))?;
        self.conn.prepare_cached(&self.insert).map(drop).map_err(|e| self.failed(&e))
    }

    fn row(&mut self, values: &[Value<'_>]) -> Result<()> {
        let fail = |e: rusqlite::Error| failed(&self.path, &e.to_string());
        let mut insert = self.conn.prepare_cached(&self.insert).map_err(fail)?;
        for (place, value) in (1..).zip(values) {
            insert.raw_bind_parameter(place, Bound(*value)).map_err(fail)?;
        }
        insert.raw_execute().map(drop).map_err(fail)
    }

    fn finish(&mut self, head: &Head, epoch: Option<Epoch>) -> Result<()> {
        self.set_sequences(head).and_then(|()| self.conn.execute_batch("COMMIT")).map_err(|e| self.failed(&e))?;
        self.conn.flush_prepared_statement_cache();
        if self.version < SCHEMA_VERSION {
            let mut tables = migrated(&self.path)?;
            run_migrations(&mut tables).map_err(|e| failed(&self.path, &e.to_string()))?;
        }
        self.check_references()?;
        if let Some(epoch) = epoch {
            let row = (epoch.restored_at.as_micros(), epoch.backup_at.as_micros(), epoch.restored_at.as_micros());
            let insert = "INSERT INTO restores (epoch, backup_at, restored_at) VALUES (?1, ?2, ?3)";
            self.conn.execute(insert, row).map_err(|e| self.failed(&e))?;
        }
        self.conn.execute_batch("PRAGMA journal_mode = WAL; PRAGMA optimize;").map_err(|e| self.failed(&e))?;
        File::open(&self.path).and_then(|file| file.sync_all()).map_err(|e| failed(&self.path, &e.to_string()))
    }
}

/// A value as SQLite takes it.
struct Bound<'a>(Value<'a>);

impl rusqlite::ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Integer(number) => ValueRef::Integer(number),
            Value::Real(number) => ValueRef::Real(number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// Returns what SQLite finds wrong with the file at `path`: its pages, its indexes, and what refers to nothing.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn faults(path: &Path) -> Result<Vec<String>> {
    let conn = open(path)?;
    let look = |sql: &str| {
        let mut found = conn.prepare(sql)?;
        found.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<String>>>()
    };
    let fail = |e: rusqlite::Error| failed(path, &e.to_string());
    let mut faults = look("PRAGMA integrity_check(10)").map_err(fail)?;
    faults.retain(|found| found != "ok");
    let dangling = look("SELECT DISTINCT \"table\" FROM pragma_foreign_key_check").map_err(fail)?;
    faults.extend(dangling.into_iter().map(|table| format!("{table} has rows that refer to missing ones")));
    Ok(faults)
}

/// Puts the file at `new` in the place of the one at `path`; what was there is kept at `aside`.
///
/// # Errors
/// When that fails; what was there is as it was then.
pub(crate) fn replace(new: &Path, path: &Path, aside: &Path) -> Result<()> {
    if !path.exists() {
        // A log without its file would be taken for the new file's.
        move_away(path, aside)?;
        return rename(new, path);
    }
    match keep_copy(path, aside).and_then(|()| copy_over(new, path)) {
        Ok(()) => fs::remove_file(new).map_err(|e| failed(new, &e.to_string())),
        Err(Copying::Damaged) => {
            move_away(path, aside)?;
            rename(new, path)
        }
        Err(Copying::Failed(error)) => Err(error),
    }
}

/// Copies what is at `path` to `aside`, page by page, so that it may be damaged.
///
/// # Errors
/// When it is no database, or cannot be written.
pub(crate) fn keep(path: &Path, aside: &Path) -> Result<()> {
    keep_copy(path, aside).map_err(|failure| match failure {
        Copying::Failed(error) => error,
        Copying::Damaged => Error::unavailable(format!("{} is too damaged to be copied", path.display()))
            .hint("copy the file away, then restore a backup: `muista backup ls` lists them"),
    })
}

/// Why one file could not be copied over another.
enum Copying {
    /// What is there cannot be read as a database.
    Damaged,
    Failed(Error),
}

/// Removes what a process that is gone has left half copied of the file at `path`.
pub(crate) fn remove_halves(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let begins = path.file_name().map(|name| beside(Path::new(name), BEFORE));
    let (Some(begins), Ok(entries)) = (begins, fs::read_dir(folder)) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let half = name.as_bytes().starts_with(begins.as_os_str().as_bytes())
            && name.as_bytes().windows(HALF.len()).any(|part| part == HALF.as_bytes());
        if half {
            fs::remove_file(entry.path()).ok();
        }
    }
}

/// Copies what is at `path` to `aside`, as one moment has it.
fn keep_copy(path: &Path, aside: &Path) -> Result<(), Copying> {
    let half = beside(aside, HALF);
    let done = copy(path, &half).and_then(|()| rename(&half, aside).map_err(Copying::Failed));
    if done.is_err() {
        fs::remove_file(&half).ok();
    }
    done
}

/// Copies all pages of `new` over those of the file at `path`, in one transaction.
fn copy_over(new: &Path, path: &Path) -> Result<(), Copying> {
    copy(new, path)?;
    // The log is as large as all that was copied.
    let conn = open(path).map_err(Copying::Failed)?;
    let checkpoint = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
    checkpoint.map(drop).map_err(|e| Copying::Failed(failed(path, &e.to_string())))
}

fn copy(from: &Path, to: &Path) -> Result<(), Copying> {
    let fail = |e: rusqlite::Error| match e.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt) => Copying::Damaged,
        _ => Copying::Failed(failed(to, &e.to_string())),
    };
    create_private(to).map_err(Copying::Failed)?;
    let source = open(from).map_err(Copying::Failed)?;
    let mut target = open(to).map_err(Copying::Failed)?;
    target.execute_batch("PRAGMA synchronous = FULL;").map_err(fail)?;
    let backup = Backup::new(&source, &mut target).map_err(fail)?;
    match backup.step(-1).map_err(fail)? {
        StepResult::Done => Ok(()),
        _ => Err(Copying::Failed(
            Error::unavailable(format!("{} is being written by another process", to.display()))
                .hint("stop what uses it, as by `muista daemon stop`, then try again"),
        )),
    }
}

/// Moves a file that cannot be read away, with what SQLite keeps beside it, or that alone. It is in its new place before it
/// is gone from the old.
fn move_away(path: &Path, aside: &Path) -> Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let (from, to) = (beside(path, suffix), beside(aside, suffix));
        if from.exists() {
            fs::hard_link(&from, &to).map_err(|e| failed(&to, &e.to_string()))?;
        }
    }
    for suffix in ["-wal", "-shm"] {
        fs::remove_file(beside(path, suffix)).ok();
    }
    Ok(())
}

fn rename(from: &Path, to: &Path) -> Result<()> {
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let done = fs::rename(from, to).and_then(|()| File::open(folder)).and_then(|folder| folder.sync_all());
    done.map_err(|e| failed(to, &e.to_string()))
}

fn open(path: &Path) -> Result<rusqlite::Connection> {
    interrupt::install();
    let conn = rusqlite::Connection::open(path).map_err(|e| failed(path, &e.to_string()))?;
    conn.busy_timeout(PATIENCE).map_err(|e| failed(path, &e.to_string()))?;
    Ok(conn)
}

fn migrated(path: &Path) -> Result<SqliteConnection> {
    let name = path.to_str().ok_or_else(|| failed(path, "its path is not UTF-8"))?;
    let mut conn = SqliteConnection::establish(name).map_err(|e| failed(path, &e.to_string()))?;
    conn.batch_execute("PRAGMA synchronous = OFF;").map_err(|e| failed(path, &e.to_string()))?;
    Ok(conn)
}

fn failed(path: &Path, why: &str) -> Error {
    Error::unavailable(format!("cannot restore into {}: {why}", path.display()))
        .hint("check the folder's owner and mode, and the space on its disk")
}
