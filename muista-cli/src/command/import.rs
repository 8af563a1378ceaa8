//! `muista import`: tasks from a file of another program, or of `muista export`. What the formats mean is the core's
//! `format`'s.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::ValueHint;
use indicatif::{ProgressBar, ProgressStyle};
use muista_core::error::Error;
use muista_core::format::{self, Incoming, ReadFormat};
use muista_core::model::{Id, ImportBatch, ImportSummary, ImportTask};
use muista_core::rpc::Client;
use serde::Serialize;

use crate::context::CommandContext;
use crate::error::Result;

/// The most tasks of one part.
const PART_TASKS: usize = 500;
/// About the most bytes of text in one part, far below what one message may have.
const PART_BYTES: usize = 4 << 20;
/// The most identifiers of one part.
const PART_IDS: usize = 50_000;

/// Take over tasks from Taskwarrior, or from a `muista export`
///
/// All tasks of the file are taken over, or none. A task that was imported before is brought up to date, not doubled:
/// a field that differs here gets the file's value, unless the task was changed here later than in the file. What a file holds that has no place here is kept in the task's note
/// under a line `Taskwarrior:`, or told.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: task export | muista import -")]
pub(crate) struct Args {
    /// The file, or - for stdin, as in muista import tasks.json
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,

    /// What wrote it, as in --format taskwarrior [default: as its first task tells]
    #[arg(long, value_name = "FORMAT", value_enum)]
    format: Option<FileFormat>,

    /// Give the file's values also to tasks that were changed here later than in the file, as in --force
    #[arg(long)]
    force: bool,

    /// Read the file, tell what is in it and what is wrong with it, and change nothing, as in --dry-run
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
        read: incoming.tasks.len(),
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
    let zone = &app.context()?.zone;
    let format = args.format.map(ReadFormat::from);
    if args.file == Path::new("-") {
        return Ok(format::read(io::stdin().lock(), format, zone)?);
    }
    let (file, length) = open(&args.file)?;
    let bar = bar(app, length, "reading {wide_bar} {bytes}/{total_bytes}");
    let incoming = format::read(bar.wrap_read(file), format, zone);
    bar.finish_and_clear();
    Ok(incoming.map_err(|error| in_file(&args.file, error))?)
}

/// Opens the file; also returns its length in bytes.
fn open(path: &Path) -> Result<(impl Read, u64)> {
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

/// Sends all in parts; the last puts them into effect.
async fn send(app: &CommandContext, client: &Client, incoming: Incoming, force: bool) -> Result<ImportSummary> {
    let bar = bar(app, incoming.tasks.len() as u64, "importing {wide_bar} {pos}/{len} tasks");
    let mut summary = ImportSummary::default();
    for part in parts(incoming.tasks, incoming.deleted) {
        let (tasks, part) = (part.tasks.len() as u64, ImportBatch { force, ..part });
        summary = client.import(part).await.inspect_err(|_| bar.finish_and_clear())?;
        bar.inc(tasks);
    }
    bar.finish_and_clear();
    Ok(summary)
}

/// All in parts of a bounded size; there is one at least.
fn parts(tasks: Vec<ImportTask>, deleted: Vec<Id>) -> Vec<ImportBatch> {
    let mut parts: Vec<ImportBatch> =
        deleted.chunks(PART_IDS).map(|ids| ImportBatch { deleted: ids.to_vec(), ..ImportBatch::default() }).collect();
    let mut part = ImportBatch::default();
    let mut bytes = 0;
    for task in tasks {
        let more = size(&task);
        if part.tasks.len() == PART_TASKS || (!part.tasks.is_empty() && bytes + more > PART_BYTES) {
            parts.push(std::mem::take(&mut part));
            bytes = 0;
        }
        bytes += more;
        part.tasks.push(task);
    }
    part.last = true;
    parts.push(part);
    parts
}

/// About how many bytes the task's texts have.
fn size(task: &ImportTask) -> usize {
    let texts = [task.description.as_deref(), task.note.as_deref()];
    let comments = task.comments.iter().map(|comment| comment.text.len());
    task.title.len() + texts.into_iter().flatten().map(str::len).sum::<usize>() + comments.sum::<usize>()
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

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use jiff::tz::TimeZone;

    use super::*;

    fn tasks(number: usize, note: &str) -> Vec<ImportTask> {
        let line = |n| {
            format!(
                r#"{{"id":"00000000-0000-4000-8000-{n:012}","title":"T","createdAt":"2026-11-21T09:39:07Z","note":"{note}"}}"#
            )
        };
        let text: Vec<String> = (0..number).map(line).collect();
        format::read(text.join("\n").as_bytes(), None, &TimeZone::UTC).unwrap().tasks
    }

    fn sizes(parts: &[ImportBatch]) -> Vec<(usize, bool)> {
        parts.iter().map(|part| (part.tasks.len(), part.last)).collect()
    }

    #[test]
    fn parts_are_bounded_and_only_the_last_is_last() {
        assert_eq!(sizes(&parts(Vec::new(), Vec::new())), [(0, true)]);
        assert_eq!(sizes(&parts(tasks(1001, ""), Vec::new())), [(500, false), (500, false), (1, true)]);
        assert_eq!(sizes(&parts(tasks(150, &"x".repeat(60_000)), Vec::new())), [(69, false), (69, false), (12, true)]);
        let with_ids = parts(tasks(1, ""), vec![Id::LOCAL_USER; PART_IDS + 1]);
        assert_eq!(with_ids.iter().map(|part| part.deleted.len()).collect::<Vec<_>>(), [PART_IDS, 1, 0]);
    }
}
