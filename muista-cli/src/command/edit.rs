//! `muista edit`: changes tasks, by flags or in an editor ([`document`]).

mod document;

use clap_complete::engine::ArgValueCompleter;
use muista_core::error::Error;
use muista_core::model::{Category, Change, Priority, SeriesScope, TagName, TaskPatch, TaskRef, Title};
use muista_core::time::Context;

use crate::context::CommandContext;
use crate::editor::Edit;
use crate::error::Result;
use crate::words::value_parsers;
use crate::{ask, complete};

/// Change tasks
///
/// The flags change all the tasks alike, all of them or none; none empties a field. Without flags one task opens in
/// $VISUAL or $EDITOR; if somebody else changes it meanwhile, nothing is written and the status is 4. With --json the
/// tasks are an array, also if there is one.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista edit 7 --due friday --add-tag home")]
pub(crate) struct Args {
    /// The tasks, as in muista edit 7 12 --priority high
    #[arg(value_name = "ID", required = true, add = ArgValueCompleter::new(complete::open_tasks))]
    ids: Vec<TaskRef>,

    /// The title, as in --title "Buy dog food"
    #[arg(long, value_name = "TITLE", allow_hyphen_values = true)]
    title: Option<String>,

    /// When it is due, or none, as in --due "tomorrow 18:00"
    #[arg(long, value_name = "WHEN")]
    due: Option<String>,

    /// How it repeats, or none, as in --every "every 3rd friday"
    #[arg(long, value_name = "RECURRENCE")]
    every: Option<String>,

    /// Which of a repeating task are meant: this, later or all, as in --scope this [default: later]
    ///
    /// this: it alone, the next one is as it would have been. later: it and those that come. all: those that are done as
    /// well, but not when they were due. Of one that is done, this is meant unless said otherwise.
    #[arg(long, value_name = "SCOPE", add = ArgValueCompleter::new(complete::scopes))]
    scope: Option<SeriesScope>,

    /// The category, as in --category work
    #[arg(long, short, value_name = "CATEGORY", add = ArgValueCompleter::new(complete::categories))]
    category: Option<Category>,

    /// low, medium or high, as in --priority high
    #[arg(long, short, value_name = "PRIORITY", add = ArgValueCompleter::new(complete::priorities))]
    priority: Option<Priority>,

    /// The project, made where it is new, or none, as in --project house
    #[arg(long, short = 'P', value_name = "PROJECT", add = ArgValueCompleter::new(complete::projects))]
    project: Option<String>,

    /// All tags in place of those there are, or none, as in --tag home (again: one more)
    #[arg(long, short, value_name = "TAG", add = ArgValueCompleter::new(complete::tags))]
    tag: Vec<String>,

    /// A tag to add, as in --add-tag home (again: one more)
    #[arg(long, value_name = "TAG", conflicts_with = "tag", add = ArgValueCompleter::new(complete::tags))]
    add_tag: Vec<TagName>,

    /// A tag to take off, as in --remove-tag home (again: one more)
    #[arg(long, value_name = "TAG", conflicts_with = "tag", add = ArgValueCompleter::new(complete::tags))]
    remove_tag: Vec<TagName>,

    /// The description, or none, as in --description "the grey bag"
    #[arg(long, short, value_name = "TEXT", allow_hyphen_values = true)]
    description: Option<String>,

    /// The note, or none, as in --note "ask Anna first"
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    note: Option<String>,

    /// The task that it is a part of, or none, as in --parent 7
    #[arg(long, value_name = "ID", add = ArgValueCompleter::new(complete::open_tasks))]
    parent: Option<String>,

    /// All tasks that must be done before, or none, as in --depends 7 (again: one more)
    #[arg(long, value_name = "ID", add = ArgValueCompleter::new(complete::open_tasks))]
    depends: Vec<String>,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let patch = args.patch(app.context()?)?;
    let ids = args.ids;
    if patch.is_empty() {
        return match ids.as_slice() {
            [id] => in_editor(app, id.clone(), patch.scope).await,
            _ => Err(Error::invalid("id", "an editor takes one task at a time")
                .hint("name one task, or say by flags what changes: muista edit 7 12 --priority high")
                .into()),
        };
    }
    ask::confirm_many(app, ids.len(), "Change")?;
    let answer = app.client().await?.edit_tasks(ids, patch).await?;
    app.notices(&answer.notices);
    app.out()?.changed("Changed", &answer.value)
}

impl Args {
    /// Returns what the flags say.
    fn patch(&self, context: &Context) -> Result<TaskPatch, Error> {
        let due = self.due.as_deref().map(|due| value_parsers::due(due, context)).transpose()?;
        let every = self.every.as_deref().map(|every| value_parsers::every(every, context)).transpose()?;
        Ok(TaskPatch {
            title: self.title.as_deref().map(Title::parse).transpose()?,
            description: value_parsers::change(self.description.as_deref(), |text| {
                value_parsers::text("description", text)
            })?,
            note: value_parsers::change(self.note.as_deref(), |text| value_parsers::text("note", text))?,
            category: self.category,
            priority: self.priority,
            due: due.map_or(Change::Keep, Change::from_option),
            project: value_parsers::change(self.project.as_deref(), str::parse)?,
            parent: value_parsers::change(self.parent.as_deref(), str::parse)?,
            tags: value_parsers::list(&self.tag)?,
            add_tags: self.add_tag.clone(),
            remove_tags: self.remove_tag.clone(),
            depends_on: value_parsers::list(&self.depends)?,
            every: every.map_or(Change::Keep, Change::from_option),
            scope: self.scope,
            ..TaskPatch::default()
        })
    }
}

/// Opens the task in an editor, and writes what was changed there.
async fn in_editor(app: &CommandContext, id: TaskRef, scope: Option<SeriesScope>) -> Result<()> {
    let client = app.client().await?;
    let detail = client.get_task(id).await?;
    let context = app.context()?;
    let original = document::Document::of(&detail, context);
    let edit = Edit::new(&original.write(&detail.task))?;
    loop {
        let text = edit.run()?;
        let patch = document::Document::read(&text).and_then(|edited| edited.patch(&original, context));
        match patch {
            Ok(patch) if patch.is_empty() => {
                app.note("Nothing was changed.");
                return app.out()?.changed("Changed", &[]);
            }
            Ok(patch) => {
                let patch = TaskPatch { version: Some(detail.task.version), scope, ..patch };
                let outcome = client.edit_tasks(vec![TaskRef::Id(detail.task.id)], patch).await;
                let answer = outcome.map_err(|error| edit.keep(error))?;
                app.notices(&answer.notices);
                return app.out()?.changed("Changed", &answer.value);
            }
            Err(error) => {
                if !app.can_ask()
                    || !ask::yes(&format!(
                        "error: {error}
Edit again?"
                    ))?
                {
                    return Err(edit.keep(error).into());
                }
            }
        }
    }
}
