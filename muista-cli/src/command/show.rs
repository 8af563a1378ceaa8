//! `muista show`: one task with all that belongs to it.

use std::fmt::Write;

use clap_complete::engine::ArgValueCompleter;
use muista_core::model::{Attachment, Channel, Field, FieldValue, Priority, ShortId, Task, TaskDetail, TaskRef};

use super::attach;
use crate::complete;
use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{Column, Noun, Paint, View, due, planning, reminder, safe, tags};

/// Show a task
///
/// With --json it is one object: the task with parent, subtasks, dependencies, comments, attachments and
/// reminders.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista show 7")]
pub(crate) struct Args {
    /// The task, as in muista show 7
    #[arg(value_name = "ID", add = ArgValueCompleter::new(complete::all_tasks))]
    id: TaskRef,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let detail = app.client().await?.get_task(args.id).await?;
    let out = app.out()?;
    if out.is_table() { out.page(&page(&detail, &app.config()?.channels, &out.view)) } else { out.one(&detail) }
}

impl Noun for TaskDetail {
    const FIELDS: &'static [&'static str] = Task::FIELDS;

    fn columns() -> Vec<Column<Self>> {
        Task::columns().into_iter().map(|column| column.of(|detail: &Self| &detail.task)).collect()
    }

    fn key(&self) -> String {
        self.task.key()
    }
}

/// The task as a page of text.
fn page(detail: &TaskDetail, channels: &[Channel], view: &View) -> String {
    let (task, screen) = (&detail.task, view.screen);
    let title = screen.paint(Paint::Heading, &safe::line(&task.title));
    let mut page = format!("{}  {title}\n", screen.paint(Paint::Faint, &task.number.to_string()));
    let own = |(name, value): (&String, &FieldValue)| {
        (safe::line(name).into_owned(), safe::line(&Field::words(value)).into_owned())
    };
    let all = rows(detail, channels, view).into_iter().map(|(label, value)| (label.to_owned(), value));
    let times = times(task, view).into_iter().map(|(label, value)| (label.to_owned(), value));
    for (label, value) in all.chain(task.fields.iter().map(own)).chain(times) {
        // Writing to a String cannot fail.
        let _ = writeln!(page, "  {} {value}", screen.paint(Paint::Faint, &format!("{label:<11}")));
    }
    for (label, text) in [("Description", &task.description), ("Note", &task.note)] {
        if let Some(text) = text {
            let _ = writeln!(page, "\n{}\n{}", screen.paint(Paint::Heading, label), indented(text));
        }
    }
    if !detail.comments.is_empty() {
        let _ = writeln!(page, "\n{}", screen.paint(Paint::Heading, "Comments"));
    }
    for comment in &detail.comments {
        let when = screen.paint(Paint::Faint, &due::full(comment.created_at, &view.context));
        let _ = writeln!(page, "  {when}\n{}", indented(&comment.text));
    }
    page
}

/// What there is to say about a task in a line each.
fn rows(detail: &TaskDetail, channels: &[Channel], view: &View) -> Vec<(&'static str, String)> {
    let task = &detail.task;
    let full = |at| due::full(at, &view.context);
    let mut rows = Vec::new();
    rows.extend(task.completed_at.map(|at| ("Done", view.screen.paint(Paint::Good, &full(at)))));
    rows.extend(due_fact(task, view).map(|due| ("Due", due)));
    rows.extend(planning::rows(task, &view.context));
    rows.extend(repeats(detail, view).map(|words| ("Repeats", words)));
    if task.priority != Priority::default() {
        rows.push(("Priority", task.priority.as_str().to_lowercase()));
    }
    rows.push(("Category", task.category.to_string()));
    rows.extend(task.project.as_deref().map(|name| ("Project", safe::line(name).into_owned())));
    if !task.tags.is_empty() {
        rows.push(("Tags", view.screen.paint(Paint::Label, &tags(task))));
    }
    rows.extend(detail.parent.as_deref().map(|parent| ("Part of", reference(parent, view))));
    rows.extend(detail.subtasks.iter().map(|part| ("Subtask", reference(part, view))));
    rows.extend(detail.dependencies.iter().map(|before| ("Waits for", reference(before, view))));
    let reminder = |one| safe::line(&reminder::summary(one, channels, view)).into_owned();
    rows.extend(detail.reminders.iter().map(|one| ("Reminds", reminder(one))));
    let length = ShortId::length(detail.attachments.iter().map(|file| file.id), ShortId::LEAST);
    let file = |file: &Attachment| {
        let size = attach::size(file.size_bytes);
        format!(
            "{} {}",
            safe::line(&file.name),
            view.screen.paint(Paint::Faint, &format!("({size}, {})", file.id.short(length)))
        )
    };
    rows.extend(detail.attachments.iter().map(|one| ("File", file(one))));
    rows
}

/// When it was made and changed, and its id.
fn times(task: &Task, view: &View) -> Vec<(&'static str, String)> {
    let full = |at| due::full(at, &view.context);
    let mut rows = vec![("Added", full(task.created_at))];
    if task.updated_at != task.created_at {
        rows.push(("Changed", full(task.updated_at)));
    }
    rows.push(("Id", task.id.to_string()));
    rows
}

/// When it is due: short, and in full.
fn due_fact(task: &Task, view: &View) -> Option<String> {
    let short = due::words(task, &view.context)?;
    let paint = if task.is_overdue(&view.context) { Paint::Alarm } else { Paint::Plain };
    let full = match (task.due_on, task.due_date) {
        (Some(date), _) => date.strftime("%a %-d %b %Y").to_string(),
        (None, Some(at)) => due::full(at, &view.context),
        (None, None) => return None,
    };
    // `Fri 27 Nov` says nothing that the full date does not.
    let near = short.trim_end_matches(" !");
    let text = if full.starts_with(near.split(' ').next().unwrap_or(near)) { full } else { format!("{full} ({near})") };
    let late = if task.is_overdue(&view.context) { ", overdue" } else { "" };
    Some(view.screen.paint(paint, &format!("{text}{late}")))
}

/// How it repeats, and when it would be due next.
fn repeats(detail: &TaskDetail, view: &View) -> Option<String> {
    let words = safe::line(detail.task.recurrence.as_deref()?);
    let next = detail.next_due.as_ref().map(|next| format!(" (next {})", due::short(next, &view.context)));
    let at_rest = detail.zone_unknown.then(|| format!(" ({})", reminder::at_rest(None)));
    let next = next.or(at_rest);
    Some(format!("{words}{}", next.unwrap_or_default()))
}

/// Another task on one line.
fn reference(task: &Task, view: &View) -> String {
    let line = format!("{}  {}", task.number, safe::line(&task.title));
    if task.completed { view.screen.paint(Paint::Faint, &format!("{line}  (done)")) } else { line }
}

fn indented(text: &str) -> String {
    let lines: Vec<String> = safe::block(text).lines().map(|line| format!("  {line}")).collect();
    lines.join("\n")
}
