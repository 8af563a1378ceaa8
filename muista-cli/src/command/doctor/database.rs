//! The database, and all else that only the service can see: asked of the daemon, or of the database in this process. Its
//! repair is done in this process.

use std::sync::Arc;

use muista_core::clock::{Clock, SystemClock};
use muista_core::error::Error;
use muista_core::model::Finding;
use muista_core::service::backup::left_in_sqlite;
use muista_core::service::repair::{Repair, repair as mend};
use muista_core::store::{Database, Migrate};

use super::Subject;
use crate::client;
use crate::command::restore::refuse_daemon;
use crate::connection_target::ConnectionTarget;
use crate::context::CommandContext;
use crate::error::{CliError, Result};

/// Repairs the database of the settings; returns what was found and done.
///
/// # Errors
/// `Conflict` while a daemon works on it, or commands go to another machine; when it cannot be opened or written.
pub(super) fn repair(app: &CommandContext) -> Result<Vec<Finding>> {
    let config = app.config()?;
    if let ConnectionTarget::Remote(remote) = app.target()? {
        return Err(Error::conflict(format!("commands go to {}, which is not repaired from here", remote.address))
            .hint("run `muista doctor --repair` on that machine, or `muista logout` first")
            .into());
    }
    let database = config.database()?;
    refuse_daemon(app, config, &database)?;
    let options = client::options(config, database, Migrate::Run);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Ok(mend(&Repair { options, data_dir: config.data_dir.clone() }, &clock)?)
}

/// Warns of what was kept in SQLite before PostgreSQL was used.
pub(super) fn left(subject: &Subject<'_>) -> Vec<Finding> {
    let config = subject.config;
    let Ok(database @ Database::Postgres(_)) = config.database() else { return Vec::new() };
    let left = left_in_sqlite(&client::options(config, database.clone(), Migrate::Refuse), &config.data_dir);
    let of = |left: std::path::PathBuf| {
        let found = format!("{database} is empty, and {} is not", left.display());
        Finding::warn("move", found, format!("`muista daemon stop`, then `muista move --to '{database}'`"))
    };
    left.map(of).into_iter().collect()
}

/// Returns what the service finds. A file that is not there yet is not made.
pub(super) fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let name = "database";
    match subject.config.database() {
        Ok(Database::Sqlite(path)) if !path.exists() => {
            return vec![Finding::ok(name, format!("{} is made at the first use", path.display()))];
        }
        Ok(_) => {}
        Err(error) => return vec![Finding::failed(name, &error)],
    }
    let found = subject.app.block_on(async { client::findings(subject.config).await.map_err(CliError::from) });
    found.unwrap_or_else(|error| vec![super::failed(name, &error)])
}
