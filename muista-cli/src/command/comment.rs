//! `muista comment`: the comments on a task, writing one and deleting one.

use clap_complete::engine::ArgValueCompleter;
use muista_core::error::Error;
use muista_core::model::{Comment, CommentQuery, RecordKind, RecordRef, ShortId, TaskRef, Text};

use crate::complete;
use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{Cell, Column, Noun, Shape, due};

/// As much of an id stands in a sentence.
const SHOWN: usize = 6;

/// Comment on a task, or list its comments
///
/// With no text it lists them. Anyone who can see a task may comment on it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista comment 7 the shop is closed on sundays")]
pub(crate) struct Args {
    /// The task, as in muista comment 7
    #[arg(value_name = "ID", required_unless_present = "delete", add = ArgValueCompleter::new(complete::all_tasks))]
    task: Option<TaskRef>,

    /// What to write, as in muista comment 7 sold out until friday
    #[arg(value_name = "TEXT", conflicts_with = "delete")]
    text: Vec<String>,

    /// Delete a comment, as in --delete 3f2a; the list shows its id
    #[arg(long, value_name = "COMMENT_ID", conflicts_with = "task")]
    delete: Option<RecordRef>,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let client = app.client().await?;
    if let Some(named) = args.delete {
        let id = app.id_of(RecordKind::Comment, named).await?;
        return display(app, "Deleted", &client.delete_comment(id).await?);
    }
    let Some(task) = args.task else { return Ok(()) };
    if args.text.is_empty() {
        return list(app, task).await;
    }
    let text = Text::parse("comment", &args.text.join(" "))?.ok_or_else(|| {
        Error::invalid("comment", "the comment is empty").hint("write something, as in `muista comment 7 sold out`")
    })?;
    display(app, "Added", &client.add_comment(task, text).await?)
}

async fn list(app: &CommandContext, task: TaskRef) -> Result<()> {
    let client = app.client().await?;
    let out = app.out()?;
    let mut list = out.begin();
    let mut query = CommentQuery { task, limit: 0, cursor: None };
    let mut none = true;
    loop {
        let page = client.list_comments(query.clone()).await?;
        none &= page.items.is_empty();
        list.rows(&page.items)?;
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    list.end()?;
    if out.is_table() && none {
        app.note(&format!("No comments. Write one with: muista comment {} \"…\"", query.task));
    }
    Ok(())
}

fn display(app: &CommandContext, what: &str, comment: &Comment) -> Result<()> {
    let out = app.out()?;
    if out.is_table() { out.say(&format!("{what} the comment {}", comment.id.short(SHOWN))) } else { out.one(comment) }
}

impl Noun for Comment {
    const FIELDS: &'static [&'static str] = &["id", "taskId", "authorId", "text", "createdAt"];

    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::new("When", Shape::Short, |comment: &Self, view| {
                Cell::new(due::full(comment.created_at, &view.context))
            }),
            Column::new("Comment", Shape::Text, |comment: &Self, _| Cell::new(comment.text.clone())),
            Column::ids("Id", ShortId::LEAST, |comment: &Self| comment.id),
        ]
    }

    fn key(&self) -> String {
        self.id.to_string()
    }
}
