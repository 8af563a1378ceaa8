//! `muista move`: everything into another database. It works on the databases themselves, in this process.

use std::sync::Arc;

use muista_core::clock::{Clock, SystemClock};
use muista_core::error::Error;
use muista_core::service::backup::{Move, Moved, move_all};
use muista_core::store::{Database, Migrate};

use super::backup::tasks;
use super::config;
use super::restore::refuse_daemon;
use crate::client;
use crate::connection_target::ConnectionTarget;
use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{Cell, Column, Noun, Shape};

/// Move everything into another database
///
/// Copies all that the present database holds into an empty one, of either kind, compares the two, and prints the command
/// that has Muista use the new one. Where the new one is configured already, it is filled from the SQLite file of the data
/// folder. The old one stays as it is. Stop the daemon first. Attachments stay in the data folder.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista move --to postgres://muista@localhost/muista")]
pub(crate) struct Args {
    /// The database to move into, as in --to postgres://muista@localhost/muista
    #[arg(long, value_name = "URL")]
    to: String,

    /// The database to move from, as in --from sqlite:/home/kim/muista.db [default: the present one]
    #[arg(long, value_name = "URL")]
    from: Option<String>,

    /// Use the new database from now on, by writing it into the configuration file, as in --set
    #[arg(long)]
    set: bool,
}

/// Runs the verb.
///
/// # Errors
/// When the other database is not empty, or one of the two fails; the present one is as it was.
pub(crate) fn run(app: &CommandContext, args: &Args) -> Result<()> {
    let config = app.config()?;
    if let ConnectionTarget::Remote(remote) = app.target()? {
        return Err(Error::conflict(format!(
            "commands go to {}, whose database is not moved from here",
            remote.address
        ))
        .hint("run `muista move` on that machine, or `muista logout` first")
        .into());
    }
    let (configured, to) = (config.database()?, Database::parse(&args.to)?);
    let in_use = configured == to;
    let from = match &args.from {
        Some(url) => Database::parse(url)?,
        None if in_use => Database::in_dir(&config.data_dir),
        None => configured,
    };
    refuse_daemon(app, config, &from)?;
    refuse_daemon(app, config, &to)?;
    let options = |database| client::options(config, database, Migrate::Run);
    let asked = Move { from: options(from), to: options(to), data_dir: config.data_dir.clone() };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let moved = move_all(&asked, &clock)?;
    if args.set {
        config::set(app, &[("database_url", &args.to)])?;
    }
    let out = app.out()?;
    if !out.is_table() {
        return out.one(&moved);
    }
    out.say(&format!("Moved {} into {}. {} is as it was.", tasks(moved.tasks), moved.database, moved.from))?;
    if args.set || in_use {
        return Ok(());
    }
    // A password is shown nowhere.
    out.say(&format!("Use it from now on: muista config set database_url '{}'", moved.database))
}

impl Noun for Moved {
    const FIELDS: &'static [&'static str] = &["from", "database", "tasks", "rows"];

    fn columns() -> Vec<Column<Self>> {
        vec![Column::new("Database", Shape::Text, |moved: &Self, _| Cell::new(moved.database.clone()))]
    }

    fn key(&self) -> String {
        self.database.clone()
    }
}
