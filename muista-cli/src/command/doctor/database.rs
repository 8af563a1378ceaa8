//! The database, and all else that only the service can see: asked of the daemon, or of the database in this process.

use muista_core::model::Finding;
use muista_core::store::Database;

use super::Subject;
use crate::client;
use crate::error::CliError;

/// What the service finds. A file that is not there yet is not made.
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
