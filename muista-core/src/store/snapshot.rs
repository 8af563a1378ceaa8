//! All rows of a database at one moment ([`Source`]), and a database filled with such rows ([`Sink`]), whichever of the
//! two kinds it is. Which tables there are is asked of the database: nothing here names one. How the rows are kept
//! between the two is `format::archive`'s, what for is `service::backup`'s.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::worker_pool::Driver;
use super::{Conn, Database, Migrate, Options, Server, Store, postgres, sqlite};
use crate::clock::{Clock, SystemClock};
use crate::error::{Error, Result};
use crate::format::archive::{Head, Table, Value, Values};
use crate::time::Instant;

pub(crate) use super::postgres::load::Load as ServerLoad;
pub(crate) use super::sqlite::load as file;

/// Tables that are the database's own matter.
pub(super) const MIGRATIONS_TABLE: &str = "__diesel_schema_migrations";

/// What a database holds.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    /// `sqlite` or `postgres`.
    pub(crate) kind: &'static str,
    /// The tables, each behind those that it refers to.
    pub(crate) tables: Vec<Table>,
    /// The largest number that each table has given to a row.
    pub(crate) sequences: BTreeMap<String, i64>,
}

/// Reads every table as it was at one moment; who writes meanwhile is not held up.
pub(crate) trait Source {
    /// Returns what there is to read.
    fn facts(&mut self) -> Result<Facts>;

    /// Hands over each row of a table, as `Value` writes it.
    fn rows(&mut self, table: &Table, each: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()>;
}

/// Takes in every table of a backup.
pub(crate) trait Sink {
    /// Begins a table; `rows` are its.
    fn table(&mut self, table: &Table) -> Result<()>;

    /// Takes in a row.
    fn row(&mut self, values: &[Value<'_>]) -> Result<()>;

    /// Ends it: with this all of it holds.
    fn finish(&mut self, head: &Head, epoch: Option<Epoch>) -> Result<()>;
}

/// A restore, as it is kept in the database.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Epoch {
    /// When the backup was made.
    pub(crate) backup_at: Instant,
    /// When it was restored, which is the epoch's number too.
    pub(crate) restored_at: Instant,
}

/// A name as it stands in SQL, of either database.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Puts tables in an order in which each follows those that it refers to.
pub(super) fn in_order(mut tables: Vec<Table>, refers: &BTreeSet<(String, String)>) -> Vec<Table> {
    tables.sort_by(|a, b| a.name.cmp(&b.name));
    let mut ordered: Vec<Table> = Vec::with_capacity(tables.len());
    while !tables.is_empty() {
        let waits = |table: &Table| {
            let others = tables.iter().filter(|other| other.name != table.name);
            others.map(|other| (table.name.clone(), other.name.clone())).any(|pair| refers.contains(&pair))
        };
        // Tables that refer to each other in a circle would wait for ever.
        let next = tables.iter().position(|table| !waits(table)).unwrap_or(0);
        ordered.push(tables.remove(next));
    }
    ordered
}

impl Store {
    /// Reads all of the database as it is at one moment, on a connection of its own. Blocks.
    ///
    /// # Errors
    /// When the database cannot be opened, and those of `work`.
    pub(crate) fn snapshot<T>(&self, work: impl FnOnce(&mut dyn Source) -> Result<T>) -> Result<T> {
        match &self.options.database {
            // The store's own driver knows which file is open: a second one would end the locks of the first.
            Database::Sqlite(_) => read_file(&*self.driver, work),
            Database::Postgres(url) => work(&mut server(&self.options, url).snapshot()?),
        }
    }
}

/// The same of the database that `options` name, which this process has not open.
pub(crate) fn read<T>(options: &Options, work: impl FnOnce(&mut dyn Source) -> Result<T>) -> Result<T> {
    match &options.database {
        Database::Sqlite(path) => {
            let clock: Arc<dyn Clock> = Arc::new(SystemClock);
            read_file(&sqlite::Sqlite::new(path.clone(), options.migrate, clock), work)
        }
        Database::Postgres(url) => work(&mut server(options, url).snapshot()?),
    }
}

fn read_file<T>(driver: &dyn Driver, work: impl FnOnce(&mut dyn Source) -> Result<T>) -> Result<T> {
    let mut conn = driver.open()?;
    let done = match &mut conn {
        Conn::Sqlite(conn) => sqlite::snapshot::read(conn, work),
        Conn::Postgres(_) => Err(Error::internal("a SQLite file was opened as another database")),
    };
    driver.close(conn);
    done
}

/// Whether nothing was ever kept in the database: no change is on record, and there is no account but the local one. One
/// that does not exist is empty; one that cannot be read is not.
///
/// # Errors
/// When it cannot be told.
pub(crate) fn is_empty(options: &Options) -> Result<bool> {
    if let Database::Sqlite(path) = &options.database
        && path.metadata().map_or(true, |file| file.len() == 0)
    {
        return Ok(true);
    }
    let count = |source: &mut dyn Source| {
        let mut found = 0;
        let facts = source.facts()?;
        for table in facts.tables.iter().filter(|table| matches!(&*table.name, "audit_entries" | "users" | "tasks")) {
            let allowed = u64::from(table.name == "users");
            let mut rows = 0_u64;
            // The first rows tell.
            let stop = Error::conflict("enough");
            let counted = source.rows(table, &mut |_| {
                rows += 1;
                if rows > allowed { Err(stop.clone()) } else { Ok(()) }
            });
            match counted {
                Err(error) if error != stop => return Err(error),
                _ => found += u64::from(rows > allowed),
            }
        }
        Ok(found == 0)
    };
    read(options, count)
}

/// Makes the database ready to be read: brings its schema up to date, or makes it.
///
/// # Errors
/// When it cannot be opened.
pub(crate) fn prepare(options: &Options, clock: &Arc<dyn Clock>) -> Result<()> {
    match &options.database {
        Database::Sqlite(path) => {
            let driver = sqlite::Sqlite::new(path.clone(), Migrate::Run, Arc::clone(clock));
            driver.open().map(|conn| driver.close(conn))
        }
        Database::Postgres(url) => {
            let migrating = Options { migrate: Migrate::Run, ..options.clone() };
            let name = options.database.to_string();
            let driver = super::postgres(&migrating, clock, url, (&name, true), &Server::of(options));
            super::on_a_thread(move || driver.open().map(drop))
        }
    }
}

/// The PostgreSQL server of `options`, to be connected to beside the workers.
fn server(options: &Options, url: &str) -> postgres::Postgres {
    // The clock is for the first rows of a new database alone.
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    super::postgres(options, &clock, url, (&options.database.to_string(), false), &Server::of(options))
}

/// Begins to fill a PostgreSQL database in a transaction, from which on nobody else writes there.
///
/// # Errors
/// When the server cannot be reached, and when somebody works on it for long.
pub(crate) fn load_server(options: &Options) -> Result<ServerLoad> {
    match &options.database {
        Database::Postgres(url) => server(options, url).load(),
        Database::Sqlite(_) => Err(Error::internal("a SQLite file is not filled as a server is")),
    }
}

/// Returns how many other connections of Muista's are open on a PostgreSQL database.
///
/// # Errors
/// When the server cannot be reached.
pub(crate) fn others(options: &Options) -> Result<i64> {
    match &options.database {
        Database::Postgres(url) => server(options, url).others(),
        Database::Sqlite(_) => Ok(0),
    }
}

/// Hands every row of one database over to another.
///
/// # Errors
/// When one of the two fails.
pub(crate) fn pour(source: &mut dyn Source, sink: &mut dyn Sink) -> Result<()> {
    for table in source.facts()?.tables {
        sink.table(&table)?;
        source.rows(&table, &mut |row| {
            let values: Vec<Value<'_>> = Values::of(row).collect();
            sink.row(&values)
        })?;
    }
    Ok(())
}
