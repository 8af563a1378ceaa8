//! What was kept in SQLite before PostgreSQL was used: it is not there any more, until it is moved.

use std::path::{Path, PathBuf};

use crate::store::snapshot;
use crate::store::{Database, Options};

/// Returns the SQLite file of the data folder that holds something, where `options` name a PostgreSQL database that holds
/// nothing. Blocks.
#[must_use]
pub fn left_in_sqlite(options: &Options, data_dir: &Path) -> Option<PathBuf> {
    let path = data_dir.join("muista.db");
    if matches!(options.database, Database::Sqlite(_)) || !path.exists() || !snapshot::is_empty(options).ok()? {
        return None;
    }
    // One that cannot be read may hold something.
    let holds = !snapshot::is_empty(&Options::of_file(&path)).unwrap_or(false);
    holds.then_some(path)
}
