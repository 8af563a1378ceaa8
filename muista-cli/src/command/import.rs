//! `muista import`: tasks from a file of another program, or of `muista export`. What the formats mean is the core's
//! `format`'s.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use clap::ValueHint;
use indicatif::{ProgressBar, ProgressStyle};
use muista_core::error::Error;
use muista_core::format::{self, Incoming, ReadFormat};
use muista_core::model::{ImportBatch, ImportSummary};
use muista_core::rpc::Client;
use serde::Serialize;
use tokio::sync::mpsc::channel;
use tokio::task::spawn_blocking;

use crate::context::CommandContext;
use crate::error::Result;

/// How many parts are read ahead of what is sent.
const AHEAD: usize = 1;

/// Import tasks from Taskwarrior, or from a `muista export`
///
/// All tasks of the file are imported, or none. A task that was imported before is updated, not duplicated:
/// a field that differs here gets the file's value, unless the task was changed here later than in the file. Taskwarrior's
/// user-defined attributes become own fields. What a file holds that has no place here is kept in the task's note under a
/// line `Taskwarrior:`, or listed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: task export | muista import -")]
pub(crate) struct Args {
    /// The file, or - for stdin, as in muista import tasks.json
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,

    /// Format of the file, as in --format taskwarrior [default: detected]
    #[arg(long, value_name = "FORMAT", value_enum)]
    format: Option<FileFormat>,

    /// Give the file's values also to tasks that were changed here later than in the file, as in --force
    #[arg(long)]
    force: bool,

    /// Check the file and change nothing, as in --dry-run
    #[arg(long)]
    dry_run: bool,
}

/// A format by the name that people give it.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum FileFormat {
    /// What `task export` writes.
    Taskwarrior,
    /// What `muista export` writes.
    Json,
}

impl From<FileFormat> for ReadFormat {
    fn from(format: FileFormat) -> Self {
        match format {
            FileFormat::Taskwarrior => Self::Taskwarrior,
            FileFormat::Json => Self::Json,
        }
    }
}

/// What an import did.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    /// Tasks that were read and not left out.
    read: usize,
    /// Tasks that are deleted in the file.
    deleted_there: usize,
    /// Recurring templates left out, since their open instance was taken.
    templates: usize,
    /// Whether nothing was changed on purpose.
    dry_run: bool,
    #[serde(flatten)]
    summary: ImportSummary,
}

/// Runs the verb.
///
/// # Errors
/// `Invalid` for a file that cannot be read or holds a bad value; nothing is changed then.
pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let incoming = read(app, &args)?;
    let notices = if app.globals().verbose { incoming.notices.full() } else { incoming.notices.brief() };
    app.notices(&notices);
    let mut report = Report {
        read: incoming.tasks,
        deleted_there: incoming.deleted.len() - incoming.templates,
        templates: incoming.templates,
        dry_run: args.dry_run,
        summary: ImportSummary::default(),
    };
    if !args.dry_run {
        report.summary = send(app, &app.client().await?, incoming, args.force).await?;
        app.notices(&report.summary.notices);
    }
    report.summary.notices.splice(..0, notices);
    tell(app, &report)
}

fn read(app: &CommandContext, args: &Args) -> Result<Incoming> {
    let (context, spool) = (app.context()?, std::env::temp_dir());
    let format = args.format.map(ReadFormat::from);
    if args.file == Path::new("-") {
        return Ok(format::read(io::stdin(), format, context, &spool)?);
    }
    let (file, length) = open(&args.file)?;
    let bar = bar(app, length, "reading {wide_bar} {bytes}/{total_bytes}");
    let incoming = format::read(bar.wrap_read(file), format, context, &spool);
    bar.finish_and_clear();
    Ok(incoming.map_err(|error| in_file(&args.file, error))?)
}

/// Opens the file; also returns its length in bytes.
fn open(path: &Path) -> Result<(File, u64)> {
    let cannot = |why: &str| Error::invalid("file", format!("cannot read {}: {why}", path.display()));
    let file = File::open(path).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => {
            cannot("there is no such file").hint("`-` reads stdin, as in `task export | muista import -`")
        }
        _ => cannot(&e.to_string()),
    })?;
    let metadata = file.metadata().map_err(|e| cannot(&e.to_string()))?;
    if metadata.is_dir() {
        return Err(cannot("it is a folder").hint("name the file in it").into());
    }
    Ok((file, metadata.len()))
}

fn in_file(path: &Path, error: Error) -> Error {
    let message = format!("{}: {}", path.display(), error.message);
    let hint = error.hint.unwrap_or_else(|| "nothing was imported; correct the file, or take that task out".to_owned());
    Error { message, hint: Some(hint), ..error }
}

/// Sends all in parts; the last puts them into effect. While one is sent the next is read.
async fn send(app: &CommandContext, client: &Client, incoming: Incoming, force: bool) -> Result<ImportSummary> {
    let bar = bar(app, incoming.tasks as u64, "importing {wide_bar} {pos}/{len} tasks");
    let (sender, mut parts) = channel::<Result<ImportBatch, Error>>(AHEAD);
    let reading = spawn_blocking(move || {
        for part in incoming.parts(force) {
            if sender.blocking_send(part).is_err() {
                break;
            }
        }
    });
    let mut summary = ImportSummary::default();
    while let Some(part) = parts.recv().await {
        let part = part.inspect_err(|_| bar.finish_and_clear())?;
        let tasks = part.tasks.len() as u64;
        summary = client.import(part).await.inspect_err(|_| bar.finish_and_clear())?;
        bar.inc(tasks);
    }
    bar.finish_and_clear();
    reading.await.map_err(|e| Error::internal(format!("reading what was kept of the file broke off: {e}")))?;
    Ok(summary)
}

/// Returns a bar on stderr, where that is a terminal and `--quiet` is not given.
fn bar(app: &CommandContext, length: u64, template: &str) -> ProgressBar {
    if app.globals().quiet {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(length);
    // A template that indicatif refused would only cost the wording.
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn tell(app: &CommandContext, report: &Report) -> Result<()> {
    let out = app.out()?;
    if !out.is_table() {
        return out.document(report);
    }
    let Report { read, deleted_there, templates, summary, .. } = report;
    if report.dry_run {
        out.say(&format!("{} can be imported. Nothing was changed.", count(*read, "task")))?;
    } else {
        let ImportSummary { created, updated, unchanged, deleted, comments, .. } = summary;
        out.say(&format!(
            "Imported {}: {created} created, {updated} updated, {unchanged} unchanged, with {comments} new comments; {deleted} \
             deleted.",
            count(*read, "task")
        ))?;
    }
    if summary.older > 0 {
        out.say(&format!("Left {} as they are here, since they were changed here later.", count_of(summary.older)))?;
    }
    if summary.forced > 0 {
        out.say(&format!("Overwrote {} that were changed here later.", count_of(summary.forced)))?;
    }
    if *deleted_there > 0 {
        out.say(&format!("Left out {} deleted in the file.", count(*deleted_there, "task")))?;
    }
    if *templates > 0 {
        out.say(&format!("Left out {} with an open instance.", count(*templates, "recurring template")))?;
    }
    Ok(())
}

fn count_of(tasks: u64) -> String {
    count(usize::try_from(tasks).unwrap_or(usize::MAX), "task")
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
