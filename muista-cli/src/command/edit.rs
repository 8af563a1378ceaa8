//! `muista edit`: changes tasks, by flags or in an editor ([`document`]).

mod document;
mod text;

use clap_complete::engine::ArgValueCompleter;
use muista_core::error::Error;
use muista_core::model::{
    Category, Change, FieldChanges, Priority, SeriesScope, Status, TagName, TaskPatch, TaskRef, Title,
};
use muista_core::time::Context;

use super::{own_fields, targets};
use crate::context::CommandContext;
use crate::editor::Edit;
use crate::error::Result;
use crate::words::edit_words::{self, EditWords};
use crate::words::planning::PlanningFlags;
use crate::words::selection::named;
use crate::words::value_parsers;
use crate::{ask, complete};

/// Change tasks
///
/// Changes are words after the IDs, or flags, which override them: due:sat 9:00, +urgent, -home, project:none,
/// priority:high, effort:3 (an own field). They apply to all the tasks or to none; none or an empty value clears a field. 3-5 is a range, 3,4 a list.
/// Without an ID the words are conditions as in ls, which select open tasks, and only flags change: muista edit +home
/// --priority high.
///
/// Without changes one task opens in $VISUAL or $EDITOR; if somebody else changes it meanwhile, nothing is written and the
/// status is 4. With --json the tasks are always an array.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  muista edit 7 due:friday +home\n  muista edit 3-5 --project none")]
pub(crate) struct Args {
    /// The tasks and what changes, as in muista edit 7 12 priority:high
    #[arg(value_name = "ID", required = true, add = ArgValueCompleter::new(complete::edit_words))]
    words: Vec<String>,

    /// The title, as in --title "Buy dog food"
    #[arg(long, value_name = "TITLE", allow_hyphen_values = true)]
    title: Option<String>,

    /// When it is due, or none, as in --due "tomorrow 18:00"
    #[arg(long, value_name = "WHEN")]
    due: Option<String>,

    #[command(flatten)]
    planning: PlanningFlags,

    /// How it repeats, or none, as in --every "every 3rd friday"
    #[arg(long, value_name = "RECURRENCE")]
    every: Option<String>,

    /// Which occurrences of a repeating task change: this, later or all, as in --scope this [default: later]
    ///
    /// this: this occurrence alone, the next one stays as planned. later: this one and those that follow. all: completed
    /// occurrences too, keeping their due dates. For a completed one the default is this.
    #[arg(long, value_name = "SCOPE", add = ArgValueCompleter::new(complete::scopes))]
    scope: Option<SeriesScope>,

    /// The category, as in --category work
    #[arg(long, short, value_name = "CATEGORY", add = ArgValueCompleter::new(complete::categories))]
    category: Option<Category>,

    /// low, medium or high, as in --priority high
    #[arg(long, short, value_name = "PRIORITY", add = ArgValueCompleter::new(complete::priorities))]
    priority: Option<Priority>,

    /// The project, created if new, or none, as in --project house
    #[arg(long, short = 'P', value_name = "PROJECT", add = ArgValueCompleter::new(complete::projects))]
    project: Option<String>,

    /// Replace all tags, or none, as in --tag home (repeatable)
    #[arg(long, short, value_name = "TAG", add = ArgValueCompleter::new(complete::tags))]
    tag: Vec<String>,

    /// A tag to add, as in --add-tag home (repeatable)
    #[arg(long, value_name = "TAG", conflicts_with = "tag", add = ArgValueCompleter::new(complete::tags))]
    add_tag: Vec<TagName>,

    /// A tag to take off, as in --remove-tag home (repeatable)
    #[arg(long, value_name = "TAG", conflicts_with = "tag", add = ArgValueCompleter::new(complete::tags))]
    remove_tag: Vec<TagName>,

    /// The description, or none, as in --description "the grey bag"
    #[arg(long, short, value_name = "TEXT", allow_hyphen_values = true)]
    description: Option<String>,

    /// The note, or none, as in --note "ask Anna first"
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    note: Option<String>,

    /// The parent task, or none, as in --parent 7
    #[arg(long, value_name = "ID", add = ArgValueCompleter::new(complete::open_tasks))]
    parent: Option<String>,

    /// Replace all prerequisites, or none, as in --depends 7 (repeatable)
    #[arg(long, value_name = "ID", add = ArgValueCompleter::new(complete::open_tasks))]
    depends: Vec<String>,

    /// The value of an own field, or none, as in --field effort=3 (repeatable)
    #[arg(long, value_name = "FIELD=VALUE", value_parser = own_fields::given, add = ArgValueCompleter::new(complete::field_values))]
    field: Vec<(String, Option<String>)>,
}

pub(crate) async fn run(app: &CommandContext, mut args: Args) -> Result<()> {
    let context = app.context()?;
    // The tasks come first; where there are none, all words are conditions.
    let tasks = args.words.iter().take_while(|word| named(word).is_ok()).count();
    if tasks > 0 {
        let (off, words): (Vec<_>, Vec<_>) =
            args.words.split_off(tasks).into_iter().partition(|word| taken_off(word).is_some());
        for tag in off.iter().filter_map(|word| taken_off(word)) {
            args.remove_tag.push(tag.parse()?);
        }
        let own = own_fields::in_words(app, &words).await?;
        args.take(edit_words::read(&words, &own, context)?)?;
    }
    let patch = args.patch(context)?;
    if patch.is_empty() && tasks == 0 {
        return Err(Error::invalid("words", "no task is named, and no flag says what changes")
            .hint("name tasks, as in `muista edit 7 +home`, or change those that match by flags, as in `muista edit +home -p high`")
            .into());
    }
    let targets = targets::find(app, &args.words, Status::Open).await?;
    if patch.is_empty() {
        return match targets.tasks.as_slice() {
            [id] => in_editor(app, id.clone(), patch.scope).await,
            _ => Err(Error::invalid("id", "an editor takes one task at a time")
                .hint("name one task, or say what changes: muista edit 7 12 --priority high")
                .into()),
        };
    }
    targets.confirm(app, "Change")?;
    let answer = app.client().await?.edit_tasks(targets.tasks, patch).await?;
    app.notices(&answer.notices);
    app.out()?.changed("Changed", &answer.value)
}

/// Returns the tag that a word takes off: `-home`, `-two words` as the shell hands over `-"two words"`, or `-+@phone`. Such a
/// word has a blank before it here.
fn taken_off(word: &str) -> Option<&str> {
    let tag = word.strip_prefix(" -")?;
    let named = tag.strip_prefix('+');
    let name = named.unwrap_or(tag);
    if let Some(inner) = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
        return Some(inner);
    }
    let is_plain = !name.contains(':') && name.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    (named.is_some() || is_plain).then_some(name)
}

impl Args {
    /// Adds what words say where no flag says it.
    fn take(&mut self, words: EditWords) -> Result<()> {
        self.due = self.due.take().or(words.due);
        self.planning = std::mem::take(&mut self.planning).or(words.planning);
        self.every = self.every.take().or(words.every);
        self.category = self.category.or(words.category);
        self.priority = self.priority.or(words.priority);
        self.project = self.project.take().or(words.project);
        self.parent = self.parent.take().or(words.parent);
        self.note = self.note.take().or(words.note);
        self.description = self.description.take().or(words.description);
        if self.tag.is_empty() {
            self.tag = words.tags;
        }
        if self.depends.is_empty() {
            self.depends = words.depends;
        }
        // A flag comes later, and so holds.
        self.field.splice(..0, words.fields);
        self.add_tag.extend(words.add_tags);
        let some = !self.add_tag.is_empty() || !self.remove_tag.is_empty();
        if some && !self.tag.is_empty() {
            return Err(Error::invalid("tags", "tags are both replaced and added or removed")
                .hint("write tags:a,b for all of them, or +a -b for some")
                .into());
        }
        Ok(())
    }

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
            planning: self.planning.read(context)?,
            project: value_parsers::change(self.project.as_deref(), str::parse)?,
            parent: value_parsers::change(self.parent.as_deref(), str::parse)?,
            tags: value_parsers::list(&self.tag)?,
            add_tags: self.add_tag.clone(),
            remove_tags: self.remove_tag.clone(),
            depends_on: value_parsers::list(&self.depends)?,
            every: every.map_or(Change::Keep, Change::from_option),
            fields: FieldChanges::of(self.field.iter().cloned().collect(), context),
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
    let own = own_fields::of_task(app, &detail.task).await?;
    let original = document::Document::of(&detail, &own, context);
    Edit::refuse_without_terminal(detail.task.number)?;
    let edit = Edit::new(&original.write(&detail.task, &own))?;
    loop {
        let text = edit.run()?;
        let patch = original.read(&text).and_then(|edited| edited.patch(&original, &own, context));
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
                if !app.can_ask() || !ask::yes(&format!("error: {error}\nEdit again?"))? {
                    return Err(edit.keep(error).into());
                }
            }
        }
    }
}
