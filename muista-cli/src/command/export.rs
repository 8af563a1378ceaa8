//! `muista export`: tasks to stdout or to a file, page by page. What the formats look like is the core's `format`'s.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use clap::ValueHint;
use muista_core::error::Error;
use muista_core::format::csv::Formulas;
use muista_core::format::{WriteFormat, Writer};
use muista_core::model::{ExportPage, ExportedTask, Status, TaskFilter};
use tokio::sync::mpsc::channel;
use tokio::task::spawn_blocking;

use crate::context::CommandContext;
use crate::error::{CliError, Result};
use crate::output::safe;
use crate::words::filter::Filter;

/// How many pages are read ahead of what is written.
const AHEAD: usize = 1;

/// A page on its way to who writes it.
struct Part {
    tasks: Vec<ExportedTask>,
    last: bool,
}

/// Write tasks in a format that Muista, Taskwarrior or a spreadsheet reads
///
/// Without conditions all tasks are written, done ones too, by number. Instants are in UTC. `json` holds
/// all there is to a task, `taskwarrior` all but the time spent on it, and both can be imported again. In `csv` a cell that a spreadsheet would run has
/// an apostrophe before it, unless --raw is given.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista export +work --format taskwarrior --file tasks.json")]
pub(crate) struct Args {
    #[command(flatten)]
    filter: Filter,

    /// Format of the output, as in --format csv
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "json")]
    format: FileFormat,

    /// Write to this file, which is replaced once all is written, and not to stdout, as in --file tasks.json
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: Option<PathBuf>,
}

/// A format by the name that people give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FileFormat {
    /// Everything, for `muista import`.
    Json,
    /// Everything, for `task import`.
    Taskwarrior,
    /// For spreadsheets.
    Csv,
}

impl From<FileFormat> for WriteFormat {
    fn from(format: FileFormat) -> Self {
        match format {
            FileFormat::Json => Self::Json,
            FileFormat::Taskwarrior => Self::Taskwarrior,
            FileFormat::Csv => Self::Csv,
        }
    }
}

/// Runs the verb.
///
/// # Errors
/// When the file or stdout cannot be written; a file that was there stays as it was then.
pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    if app.globals().output.is_some() {
        return Err(Error::invalid("output", "export does not know --output").hint("choose with --format").into());
    }
    // Who asks for JSON may not get anything else.
    if app.globals().json && args.format != FileFormat::Json {
        return Err(Error::invalid("json", "--json does not go with another --format").hint("leave one out").into());
    }
    if app.globals().raw && args.format != FileFormat::Csv {
        return Err(Error::invalid("raw", "--raw is for CSV").hint("add --format csv, or leave it out").into());
    }
    let style = (WriteFormat::from(args.format), app.globals().formulas());
    let filter = args.filter.read_of(Status::All, app.context()?)?;
    let fields = match args.format {
        FileFormat::Csv => app.client().await?.list_fields().await?.into_iter().map(|field| field.name).collect(),
        FileFormat::Json | FileFormat::Taskwarrior => Vec::new(),
    };
    let style = (style.0, style.1, fields);
    let Some(path) = args.file.filter(|path| path != Path::new("-")) else {
        let out = BufWriter::with_capacity(1 << 16, io::stdout());
        let failed = |e| CliError::stdout(&e);
        if args.format == FileFormat::Csv && io::stdout().is_terminal() {
            stream(app, filter, style, ForTerminal(out), failed).await?;
        } else {
            stream(app, filter, style, out, failed).await?;
        }
        return Ok(());
    };
    let failed = |e: io::Error| {
        let error = Error::internal(format!("cannot write {}: {e}", path.display()));
        CliError::from(error.hint("the existing file is unchanged; choose another --file"))
    };
    let target = Target::open(&path).map_err(failed)?;
    let out = BufWriter::with_capacity(1 << 16, target.file().map_err(failed)?);
    let count = stream(app, filter, style, out, failed).await?;
    target.commit().map_err(failed)?;
    let tasks = if count == 1 { "task" } else { "tasks" };
    app.note(&format!("Exported {count} {tasks} to {}.", path.display()));
    Ok(())
}

/// Writes all tasks that `filter` holds; returns how many, and says what could not be written just so. While a page is written the next is asked for.
async fn stream(
    app: &CommandContext,
    filter: TaskFilter,
    (format, formulas, fields): (WriteFormat, Formulas, Vec<String>),
    out: impl Write + Send + 'static,
    failed: impl Fn(io::Error) -> CliError,
) -> Result<u64> {
    let client = app.client().await?;
    // The first page is asked for before anything is written: a failure leaves stdout empty.
    let mut page = client.export(filter.clone(), None).await?;
    let (sender, mut pages) = channel::<Part>(AHEAD);
    let writing = spawn_blocking(move || -> io::Result<(u64, Vec<String>)> {
        let mut writer = Writer::new(out, format, formulas, fields)?;
        let (mut count, mut told) = (0, Vec::new());
        // Where the rest could not be had the document has no end: nobody takes it for a whole one.
        while let Some(part) = pages.blocking_recv() {
            part.tasks.iter().try_for_each(|task| writer.write(task))?;
            count += part.tasks.len() as u64;
            if part.last {
                told = writer.told();
                writer.finish()?;
                break;
            }
        }
        Ok((count, told))
    });
    loop {
        let ExportPage { items: tasks, next_cursor } = page;
        // Who writes no more has failed.
        let gone = sender.send(Part { tasks, last: next_cursor.is_none() }).await.is_err();
        let Some(cursor) = next_cursor.filter(|_| !gone) else { break };
        page = client.export(filter.clone(), Some(cursor)).await?;
    }
    let written = writing.await.map_err(|e| Error::internal(format!("writing broke off: {e}")))?;
    let (count, told) = written.map_err(failed)?;
    app.notices(&told);
    Ok(count)
}

/// Shows records of CSV on a terminal, on which some characters would act. Each is written whole.
struct ForTerminal<W>(W);

impl<W: Write> Write for ForTerminal<W> {
    fn write(&mut self, record: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(record).replace("\r\n", "\n");
        self.0.write_all(safe::block(&text).as_bytes())?;
        Ok(record.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Where an export to a file goes.
enum Target {
    /// Beside the file, which it then replaces.
    Beside(tempfile::NamedTempFile, PathBuf),
    /// Into what is no ordinary file, as a pipe or `/dev/stderr`, which cannot be replaced.
    Into(File),
}

impl Target {
    fn open(path: &Path) -> io::Result<Self> {
        if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
            return OpenOptions::new().write(true).open(path).map(Self::Into);
        }
        // Behind a symbolic link, what it leads to is replaced, not the link.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // A new file is made as any other is: as the umask says.
        let permissions = path.metadata().map_or(Permissions::from_mode(0o666), |metadata| metadata.permissions());
        if !folder.is_dir() {
            return Err(io::Error::other(format!("there is no folder {}", folder.display())));
        }
        let temporary = tempfile::Builder::new().prefix(".muista-").permissions(permissions).tempfile_in(folder)?;
        Ok(Self::Beside(temporary, path))
    }

    fn file(&self) -> io::Result<File> {
        match self {
            Self::Beside(temporary, _) => temporary.as_file().try_clone(),
            Self::Into(file) => file.try_clone(),
        }
    }

    /// Puts the file in its place; without this, what was there stays.
    fn commit(self) -> io::Result<()> {
        let Self::Beside(temporary, path) = self else { return Ok(()) };
        temporary.as_file().sync_all()?;
        temporary.persist(path)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use super::*;

    #[test]
    fn a_file_is_replaced_only_once_all_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("tasks.json"), folder.path().join("link"));
        std::fs::write(&path, "before").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();

        let target = Target::open(&link).unwrap();
        target.file().unwrap().write_all(b"half").unwrap();
        drop(target);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "before");

        let target = Target::open(&link).unwrap();
        target.file().unwrap().write_all(b"after").unwrap();
        target.commit().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "after");
        assert!(link.is_symlink());
        assert_eq!(folder.path().read_dir().unwrap().count(), 2);
    }

    #[test]
    fn what_is_no_file_is_not_replaced() {
        let target = Target::open(Path::new("/dev/null")).unwrap();
        assert!(matches!(target, Target::Into(_)));
        assert!(Target::open(Path::new("/nowhere/tasks.json")).is_err());
        assert!(Target::open(Path::new("/tmp")).is_err());
    }
}
