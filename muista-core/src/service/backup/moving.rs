//! Moving everything into another, empty database. The one that it comes from stays as it is.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::feed;
use super::restore::{RESTORING, Temporary, lock, refuse_others};
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::format::archive::Head;
use crate::store::snapshot::{self, Facts, Sink, Source, file as sqlite_file};
use crate::store::{Database, Options, SCHEMA_VERSION, beside};

/// A move that is asked for.
#[derive(Debug)]
pub struct Move {
    /// The database that is moved.
    pub from: Options,
    /// The one that it goes into.
    pub to: Options,
    /// The folder whose lock a daemon holds.
    pub data_dir: PathBuf,
}

/// What was moved.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Moved {
    /// The database that it came from, without its password.
    pub from: String,
    /// The one that it is in now, without its password.
    pub database: String,
    /// How many tasks.
    pub tasks: u64,
    /// How many rows of all tables.
    pub rows: u64,
}

/// Copies everything into another database, and compares the two. Blocks.
///
/// # Errors
/// `Conflict` where the other is not empty or is the same, and where a daemon works on one of them; when either fails, or
/// they differ afterwards. The database that it comes from is as it was.
pub fn move_all(asked: &Move, clock: &Arc<dyn Clock>) -> Result<Moved> {
    if asked.from.database == asked.to.database {
        return Err(Error::conflict(format!("everything is in {} already", asked.to.database))
            .hint("name another database with --to"));
    }
    if let Database::Sqlite(path) = &asked.from.database
        && !path.exists()
    {
        return Err(Error::not_found(format!("database {} that could be moved", path.display()))
            .hint("name the one to move with --from"));
    }
    let _lock = lock(&asked.data_dir)?;
    refuse_others(&asked.from)?;
    refuse_others(&asked.to)?;
    if !snapshot::is_empty(&asked.to).unwrap_or(false) && !is_bare(asked, clock)? {
        return Err(Error::conflict(format!("{} is not empty", asked.to.database))
            .hint("name an empty database with --to, as one that createdb has just made"));
    }
    // One of an older version is brought up to date first, as any command would.
    snapshot::prepare(&asked.from, clock)?;
    let counted = snapshot::read(&asked.from, |source| {
        copy(source, asked, clock)?;
        feed::tally_across(source)
    })?;
    let arrived = snapshot::read(&asked.to, feed::tally_across)?;
    if let Some((table, _)) = counted.iter().find(|(table, rows)| arrived.get(*table) != Some(*rows)) {
        return Err(Error::internal(format!("{table} arrived otherwise than it was in {}", asked.to.database))
            .hint("nothing was changed where it came from; drop the other database, and report this"));
    }
    Ok(Moved {
        from: asked.from.database.to_string(),
        database: asked.to.database.to_string(),
        tasks: counted.get("tasks").map_or(0, |(rows, _)| *rows),
        rows: counted.values().map(|(rows, _)| rows).sum(),
    })
}

/// Whether the other database has not even tables, and makes them.
fn is_bare(asked: &Move, clock: &Arc<dyn Clock>) -> Result<bool> {
    snapshot::prepare(&asked.to, clock)?;
    snapshot::is_empty(&asked.to)
}

fn copy(source: &mut dyn Source, asked: &Move, clock: &Arc<dyn Clock>) -> Result<()> {
    let facts = source.facts()?;
    let head = head(&facts, clock);
    match &asked.to.database {
        Database::Postgres(_) => {
            snapshot::prepare(&asked.to, clock)?;
            let mut load = snapshot::load_server(&asked.to)?;
            load.empty()?;
            snapshot::pour(source, &mut load)?;
            load.finish(&head, None)
        }
        Database::Sqlite(path) => {
            let new = Temporary(beside(path, RESTORING));
            new.remove();
            let mut load = sqlite_file::Load::create(&new.0, SCHEMA_VERSION)?;
            snapshot::pour(source, &mut load)?;
            load.finish(&head, None)?;
            drop(load);
            sqlite_file::remove_halves(path);
            let aside = beside(path, &format!("{}move", sqlite_file::BEFORE));
            sqlite_file::replace(&new.0, path, &aside)
        }
    }
}

fn head(facts: &Facts, clock: &Arc<dyn Clock>) -> Head {
    Head {
        program: env!("CARGO_PKG_VERSION").to_owned(),
        schema_version: SCHEMA_VERSION,
        created_at: clock.now(),
        database: facts.kind.to_owned(),
        sequences: BTreeMap::clone(&facts.sequences),
    }
}
