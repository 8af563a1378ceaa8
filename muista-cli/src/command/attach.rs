//! `muista attach`: the files of a task: adding, listing, fetching and removing them.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use clap_complete::engine::ArgValueCompleter;
use muista_core::error::Error;
use muista_core::model::{Attachment, Chunk, FileName, Id, NewAttachment, RecordKind, RecordRef, ShortId, TaskRef};
use muista_core::rpc::Client;

use crate::complete;
use crate::context::CommandContext;
use crate::error::{CliError, Result};
use crate::output::{Cell, Column, Noun, Paint, Shape, due};

/// What stands for stdout.
const STDOUT: &str = "-";

/// Attach files to a task, list, fetch or remove them
///
/// With a task alone it lists its files. Pictures, PDF, text, office documents, sound, films and zip files are taken.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
        muista attach 7 invoice.pdf photo.jpg\n  \
        muista attach 7\n  \
        muista attach --get 3f2a --to copy.pdf")]
pub(crate) struct Args {
    /// The task, as in muista attach 7 invoice.pdf
    #[arg(value_name = "ID", required_unless_present_any = ["get", "rm"], conflicts_with_all = ["get", "rm"], add = ArgValueCompleter::new(complete::open_tasks))]
    task: Option<TaskRef>,

    /// The files to attach; without any the task's are listed, as in muista attach 7 invoice.pdf
    #[arg(value_name = "FILE", conflicts_with_all = ["get", "rm"])]
    files: Vec<PathBuf>,

    /// Fetch this attachment, as in --get 3f2a; the list shows its id
    #[arg(long, value_name = "ATTACHMENT", conflicts_with = "rm")]
    get: Option<RecordRef>,

    /// Destination, or - for stdout, as in --to copy.pdf [default: the file's own name, here]
    #[arg(long, value_name = "FILE", requires = "get")]
    to: Option<PathBuf>,

    /// Remove this attachment, as in --rm 3f2a; the list shows its id
    #[arg(long, value_name = "ATTACHMENT")]
    rm: Option<RecordRef>,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let client = app.client().await?;
    match (args.task, args.get, args.rm) {
        (Some(task), _, _) if args.files.is_empty() => ls(app, &client, task).await,
        (Some(task), _, _) => add(app, &client, &task, &args.files).await,
        (None, Some(named), _) => {
            let id = app.id_of(RecordKind::Attachment, named).await?;
            get(app, &client, id, args.to.as_deref()).await
        }
        (None, None, Some(named)) => {
            let id = app.id_of(RecordKind::Attachment, named).await?;
            let removed = client.delete_attachment(id).await?;
            changed(app, "Removed", &removed)
        }
        (None, None, None) => Ok(()),
    }
}

async fn ls(app: &CommandContext, client: &Client, task: TaskRef) -> Result<()> {
    let attachments = client.list_attachments(task.clone()).await?;
    let out = app.out()?;
    if out.is_table() && attachments.is_empty() {
        app.note(&format!("No files. Attach one: muista attach {task} FILE"));
    }
    out.list(&attachments)
}

async fn add(app: &CommandContext, client: &Client, task: &TaskRef, files: &[PathBuf]) -> Result<()> {
    let mut attached = Vec::with_capacity(files.len());
    for path in files {
        attached.push(hand_over(client, task, path).await?);
    }
    let out = app.out()?;
    if !out.is_table() {
        return out.list(&attached);
    }
    attached.iter().try_for_each(|attachment| changed(app, "Attached", attachment))
}

async fn hand_over(client: &Client, task: &TaskRef, path: &Path) -> Result<Attachment> {
    let unreadable = |e: &io::Error| {
        Error::invalid("file", format!("cannot read {}: {e}", path.display())).hint("check its name and its mode")
    };
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let name = FileName::parse(&name)?;
    let mut file = File::open(path).map_err(|e| unreadable(&e))?;
    client.begin_attachment(NewAttachment { task: task.clone(), name, media_type: None }).await?;
    loop {
        let mut piece = Vec::new();
        Read::by_ref(&mut file).take(Chunk::MAX as u64).read_to_end(&mut piece).map_err(|e| unreadable(&e))?;
        if piece.is_empty() {
            return Ok(client.finish_attachment().await?);
        }
        client.continue_attachment(Chunk(piece)).await?;
    }
}

async fn get(app: &CommandContext, client: &Client, id: Id, to: Option<&Path>) -> Result<()> {
    let attachment = client.get_attachment(id).await?;
    if to == Some(Path::new(STDOUT)) {
        return fetch(client, &attachment, &mut io::stdout().lock()).await;
    }
    // What a server calls a file is not trusted to be a name in this folder.
    let path = match to {
        Some(path) => path.to_owned(),
        None => PathBuf::from(String::from(FileName::parse(&attachment.name)?)),
    };
    let mut options = OpenOptions::new();
    // A file that is there already is replaced only where it was named.
    options.write(true).create(to.is_some()).truncate(to.is_some()).create_new(to.is_none());
    let mut file = options.open(&path).map_err(|e| unwritable(&path, &e))?;
    fetch(client, &attachment, &mut file).await?;
    file.flush().map_err(|e| unwritable(&path, &e))?;
    if !app.out()?.is_table() {
        return app.out()?.one(&attachment);
    }
    app.out()?.say(&format!("Wrote {}", path.display()))
}

async fn fetch(client: &Client, attachment: &Attachment, to: &mut impl Write) -> Result<()> {
    let mut from = 0;
    loop {
        let piece = client.read_attachment(attachment.id, from).await?.0;
        if piece.is_empty() {
            return to.flush().map_err(|e| CliError::stdout(&e));
        }
        to.write_all(&piece).map_err(|e| CliError::stdout(&e))?;
        from += piece.len() as u64;
    }
}

fn unwritable(path: &Path, error: &io::Error) -> CliError {
    let hint = match error.kind() {
        io::ErrorKind::AlreadyExists => "say --to FILE to replace it, or to write elsewhere",
        _ => "check its folder, or write elsewhere with --to FILE",
    };
    Error::internal(format!("cannot write {}: {error}", path.display())).hint(hint).into()
}

fn changed(app: &CommandContext, what: &str, attachment: &Attachment) -> Result<()> {
    let out = app.out()?;
    if !out.is_table() {
        return out.one(attachment);
    }
    out.say(&format!("{what} {} ({})", attachment.name, size(attachment.size_bytes)))
}

/// A number of bytes as people read it.
pub(crate) fn size(bytes: i64) -> String {
    match bytes {
        ..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{} KiB", (bytes + 512) / 1024),
        _ => format!("{}.{} MiB", bytes / 1_048_576, bytes % 1_048_576 * 10 / 1_048_576),
    }
}

impl Noun for Attachment {
    const FIELDS: &'static [&'static str] =
        &["id", "taskId", "userId", "name", "mediaType", "sizeBytes", "sha256", "url", "createdAt"];

    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::ids("Id", ShortId::LEAST, |attachment: &Self| attachment.id),
            Column::new("Name", Shape::Text, |attachment: &Self, _| {
                Cell::new(attachment.name.clone()).paint(Paint::Label)
            }),
            Column::new("Type", Shape::Text, |attachment: &Self, _| Cell::new(attachment.media_type.clone())),
            Column::new("Size", Shape::Number, |attachment: &Self, _| Cell::new(size(attachment.size_bytes))),
            Column::new("Attached", Shape::Short, |attachment: &Self, view| {
                Cell::new(due::full(attachment.created_at, &view.context)).paint(Paint::Faint)
            }),
        ]
    }

    fn key(&self) -> String {
        self.id.to_string()
    }
}
