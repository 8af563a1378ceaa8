//! `muista restore`: brings a backup back. It works on the database itself, in this process: no daemon may run meanwhile.

use std::path::PathBuf;
use std::sync::Arc;

use clap::ValueHint;
use muista_core::clock::{Clock, SystemClock};
use muista_core::config::Config;
use muista_core::error::Error;
use muista_core::format::archive::Identities;
use muista_core::model::TaskRef;
use muista_core::service::backup::{Restore, Restored, restore};
use muista_core::store::{Database, Migrate};

use super::backup::{absolute, tasks};
use crate::connection_target::ConnectionTarget;
use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{Cell, Column, Noun, Shape, due};
use crate::{ask, client};

/// Restore a backup
///
/// Everything that the database holds is replaced by what the backup holds. What was there is kept, under a name with
/// `before-restore`: a SQLite file beside the new one, what PostgreSQL held as a backup in the folder of backups. Nothing
/// changes until all of the backup was read and found whole. Stop the daemon first. The backup may be of an older version of Muista, and of the other kind of database. Keys and log-ins that were
/// revoked since the backup are valid again.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista restore muista-20261130T030000Z.muista")]
pub(crate) struct Args {
    /// The backup, as in muista restore muista-20261130T030000Z.muista
    #[arg(value_hint = ValueHint::FilePath)]
    file: PathBuf,

    /// The age identity file that an encrypted backup is read with, as in --identity key.txt
    #[arg(long, value_name = "KEYFILE", value_hint = ValueHint::FilePath)]
    identity: Option<PathBuf>,

    /// Restore into this database rather than the configured one, as in --to-database postgres://muista@localhost/muista
    #[arg(long, value_name = "URL")]
    to_database: Option<String>,

    /// Bring back this task alone, with its comments, reminders, tags and files, as in --task 7
    ///
    /// The daemon may run. `muista undo` takes it back.
    #[arg(long, value_name = "ID", conflicts_with = "to_database")]
    task: Option<TaskRef>,
}

/// Runs the verb.
///
/// # Errors
/// When the backup cannot be restored; what was there is as it was then.
pub(crate) fn run(app: &CommandContext, args: Args) -> Result<()> {
    if let Some(task) = args.task.clone() {
        return app.block_on(async {
            let outcome = one_task(app, args, task).await;
            app.close();
            outcome
        });
    }
    let config = app.config()?;
    if let ConnectionTarget::Remote(remote) = app.target()? {
        return Err(Error::conflict(format!(
            "commands go to {}, where nothing can be restored from here",
            remote.address
        ))
        .hint("run `muista restore` on that machine, or `muista logout` first")
        .into());
    }
    let database = match &args.to_database {
        Some(url) => Database::parse(url)?,
        None => config.database()?,
    };
    refuse_daemon(app, config, &database)?;
    let identity = args.identity.or_else(|| config.backup.identity.clone());
    let identities = identity.map_or(Ok(Identities::default()), |path| Identities::read(&path))?;
    let mut asked = Restore {
        options: client::options(config, database, Migrate::Run),
        data_dir: config.data_dir.clone(),
        file: args.file,
        identities,
        replace: app.globals().yes,
        backups: config.backup.folder.clone(),
        recipients: config.backup.recipients.clone(),
    };
    if app.can_ask() && asked.replaces() {
        let shown = asked.options.database.to_string();
        ask::confirm(app, &format!("Replace all that is in {shown} by {}?", asked.file.display()))?;
        asked.replace = true;
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let restored = restore(&asked, &clock)?;
    tell(app, &restored)
}

/// Brings back one task.
async fn one_task(app: &CommandContext, args: Args, task: TaskRef) -> Result<()> {
    let identity = args.identity.map(absolute).transpose()?;
    let answer = app.client().await?.restore_task(absolute(args.file)?, identity, task).await?;
    app.notices(&answer.notices);
    app.out()?.changed("Restored", &[answer.value])
}

/// Refuses to work past a daemon on its database.
pub(super) fn refuse_daemon(app: &CommandContext, config: &Config, database: &Database) -> Result<()> {
    let answering = app.block_on(async {
        match client::daemon(config).await? {
            Some((daemon, _)) => Ok(Some(daemon.status().await?)),
            None => Ok(None),
        }
    })?;
    match answering {
        Some(status) if status.database == database.to_string() => {
            Err(Error::conflict(format!("the daemon (pid {}) works on {database}", status.pid))
                .hint("`muista daemon stop`, do this again, then `muista daemon start`")
                .into())
        }
        _ => Ok(()),
    }
}

fn tell(app: &CommandContext, restored: &Restored) -> Result<()> {
    let out = app.out()?;
    if !restored.missing.is_empty() {
        app.note(&format!("{} attachments had no file when the backup was made.", restored.missing.len()));
    }
    if !out.is_table() {
        return out.one(restored);
    }
    let made = due::moment(restored.created_at, app.context()?);
    out.say(&format!("Restored {} into {}, as of {made}.", tasks(restored.tasks), restored.database))?;
    match &restored.kept {
        Some(kept) => out.say(&format!("The previous data is kept as {kept}")),
        None => Ok(()),
    }
}

impl Noun for Restored {
    const FIELDS: &'static [&'static str] =
        &["database", "createdAt", "tasks", "rows", "attachments", "missing", "kept"];

    fn columns() -> Vec<Column<Self>> {
        vec![Column::new("Database", Shape::Text, |restored: &Self, _| Cell::new(restored.database.clone()))]
    }

    fn key(&self) -> String {
        self.database.clone()
    }
}
