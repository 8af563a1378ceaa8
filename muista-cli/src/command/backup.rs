//! `muista backup`: makes, lists and checks backups. Whoever answers the calls does it: the daemon where one runs, else
//! this process. Bringing one back is `restore`'s.

use std::path::PathBuf;

use clap::{Subcommand, ValueHint};
use muista_core::error::Error;
use muista_core::model::{Backup, BackupFile, Drill, Keep, NewBackup};

use crate::connection_target::ConnectionTarget;
use crate::context::CommandContext;
use crate::error::{CliError, Result};
use crate::output::{Cell, Column, Noun, Paint, Shape, due};

/// Back up everything, without a pause
///
/// Writes all accounts, tasks, jobs, their history and the attachments into one compressed file, as they are at one
/// moment, reads it back, and only then removes older backups that need not be kept. The file also holds what lets people
/// and programs in (password hashes, keys, tokens): keep it as safe as the database, or encrypt it. `muista restore` brings
/// it back, also into the other kind of database. With `--remote` the daemon writes into its own backup folder, on its own
/// machine.
#[derive(Debug, clap::Args)]
#[command(
    disable_help_subcommand = true,
    args_conflicts_with_subcommands = true,
    after_help = "Example: muista backup --to /srv/backups --keep 7d,4w,12m"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,

    /// The folder that it goes to, as in --to /srv/backups [default: the setting backup.to, else backups in the data folder]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    to: Option<PathBuf>,

    /// How many daily, weekly and monthly backups stay, as in --keep 7d,4w,12m [default: the setting backup.keep, else all]
    #[arg(long, value_name = "COUNTS")]
    keep: Option<Keep>,

    /// Encrypt it for this age recipient, too, as in --encrypt-to age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p
    #[arg(long, value_name = "RECIPIENT")]
    encrypt_to: Vec<String>,

    /// Restore the newest backup, or FILE, into a temporary place and check it, as in --drill
    #[arg(long, value_name = "FILE", num_args = 0..=1, value_hint = ValueHint::FilePath,
        conflicts_with_all = ["keep", "encrypt_to"])]
    drill: Option<Option<PathBuf>>,

    /// The age identity file that an encrypted backup is read with, as in --drill --identity key.txt
    #[arg(long, value_name = "KEYFILE", requires = "drill", value_hint = ValueHint::FilePath)]
    identity: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the backups in the folder, the newest first
    #[command(visible_alias = "list")]
    Ls {
        /// The folder, as in --to /srv/backups [default: the setting backup.to, else backups in the data folder]
        #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
        to: Option<PathBuf>,
    },
}

/// Runs the verb.
///
/// # Errors
/// When the backup cannot be made, or a drill finds something wrong.
pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    match (args.verb, args.drill) {
        (Some(Verb::Ls { to }), _) => ls(app, to).await,
        (None, Some(file)) => drill(app, file, args.to, args.identity).await,
        (None, None) => {
            let to = args.to.map(absolute).transpose()?;
            make(app, NewBackup { to, keep: args.keep, encrypt_to: args.encrypt_to }).await
        }
    }
}

async fn make(app: &CommandContext, new: NewBackup) -> Result<()> {
    let backup = app.client().await?.back_up(new).await?;
    if !backup.missing.is_empty() {
        let count = backup.missing.len();
        let files = if count == 1 {
            "1 attachment has no file".to_owned()
        } else {
            format!("{count} attachments have no file")
        };
        app.note(&format!(
            "{files} on that machine; the backup does without: they were kept elsewhere, or taken away."
        ));
    }
    let out = app.out()?;
    if !out.is_table() {
        return out.one(&backup);
    }
    let place = match app.target()? {
        ConnectionTarget::Remote(remote) => format!("{} on {}", backup.file, remote.address),
        _ => backup.file.clone(),
    };
    let more = if backup.encrypted { ", encrypted" } else { "" };
    out.say(&format!("Backed up {} to {place} ({}{more})", tasks(backup.tasks), size(backup.bytes)))?;
    match backup.removed.len() {
        0 => Ok(()),
        1 => out.say("Removed 1 older backup."),
        count => out.say(&format!("Removed {count} older backups.")),
    }
}

async fn ls(app: &CommandContext, to: Option<PathBuf>) -> Result<()> {
    let files = app.client().await?.list_backups(to.map(absolute).transpose()?).await?;
    let out = app.out()?;
    if out.is_table() && files.is_empty() {
        app.note("No backups. Make one with: muista backup");
    }
    out.list(&files)
}

async fn drill(
    app: &CommandContext,
    file: Option<PathBuf>,
    to: Option<PathBuf>,
    identity: Option<PathBuf>,
) -> Result<()> {
    let client = app.client().await?;
    let file = match (file, to) {
        (None, Some(to)) => {
            let newest = client.list_backups(Some(absolute(to)?)).await?.into_iter().next();
            let newest = newest
                .ok_or_else(|| Error::not_found("backup in that folder").hint("make one with `muista backup`"))?;
            Some(newest.file)
        }
        (file, _) => file.map(absolute).transpose()?,
    };
    let drill = client.drill_backup(file, identity.map(absolute).transpose()?).await?;
    let out = app.out()?;
    if !out.is_table() {
        out.one(&drill)?;
    }
    if let [first, rest @ ..] = &drill.faults[..] {
        rest.iter().for_each(|fault| app.note(fault));
        return Err(CliError::from(
            Error::internal(format!("{} cannot be relied on: {first}", drill.file))
                .hint("make a new one with `muista backup`, and look at the disk"),
        ));
    }
    if !out.is_table() {
        return Ok(());
    }
    out.say(&format!(
        "{} restores: {}, {} rows, {} attachments.",
        drill.file,
        tasks(drill.tasks),
        drill.rows,
        drill.attachments
    ))
}

/// Returns the whole path, as another process needs it.
pub(super) fn absolute(path: PathBuf) -> Result<String> {
    let path = std::path::absolute(&path)
        .map_err(|e| CliError::failed(format!("cannot tell where {} is: {e}", path.display())))?;
    path.into_os_string().into_string().map_err(|path| {
        CliError::from(Error::invalid("path", format!("{} is not UTF-8", path.display())).hint("choose another path"))
    })
}

pub(super) fn tasks(count: u64) -> String {
    if count == 1 { "1 task".to_owned() } else { format!("{count} tasks") }
}

/// Returns a size in the unit that fits.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        ..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        1_000_000..10_000_000_000 => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
        _ => format!("{} GB", bytes / 1_000_000_000),
    }
}

impl Noun for Backup {
    const FIELDS: &'static [&'static str] = &[
        "file",
        "createdAt",
        "bytes",
        "encrypted",
        "program",
        "schemaVersion",
        "database",
        "tasks",
        "rows",
        "attachments",
        "missing",
        "removed",
    ];

    fn columns() -> Vec<Column<Self>> {
        vec![Column::new("File", Shape::Text, |backup: &Self, _| Cell::new(backup.file.clone()))]
    }

    fn key(&self) -> String {
        self.file.clone()
    }
}

impl Noun for BackupFile {
    const FIELDS: &'static [&'static str] = &["file", "createdAt", "bytes", "encrypted"];

    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::new("Made", Shape::Short, |backup: &Self, view| {
                Cell::new(due::moment(backup.created_at, &view.context))
            }),
            Column::new("Size", Shape::Number, |backup: &Self, _| Cell::new(size(backup.bytes))),
            Column::new("Encrypted", Shape::Short, |backup: &Self, _| {
                Cell::new(if backup.encrypted { "yes" } else { "" })
            }),
            Column::new("File", Shape::Text, |backup: &Self, _| Cell::new(backup.file.clone()).paint(Paint::Label)),
        ]
    }

    fn key(&self) -> String {
        self.file.clone()
    }
}

impl Noun for Drill {
    const FIELDS: &'static [&'static str] = &["file", "faults", "createdAt", "tasks", "rows", "attachments"];

    fn columns() -> Vec<Column<Self>> {
        vec![Column::new("File", Shape::Text, |drill: &Self, _| Cell::new(drill.file.clone()))]
    }

    fn key(&self) -> String {
        self.file.clone()
    }
}
