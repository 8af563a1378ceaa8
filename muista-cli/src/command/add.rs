//! `muista add`: a new task.

use clap_complete::engine::ArgValueCompleter;
use muista_core::model::{Category, NewTask, Priority, ProjectName, TagName, TaskRef, Text, Title};

use crate::app::App;
use crate::complete;
use crate::error::Result;
use crate::output::due;
use crate::words::{quick_add, value};

/// Add a task
///
/// Words in the title say more: +tag @category !high due:fri project:home every:fri. A flag holds over a word. What looks like
/// such a word but is no value stays in the title, with a note; after -- nothing is read.
///
/// With --json the new task is one object.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista add Buy cat food +home due:tomorrow")]
pub(crate) struct Args {
    /// What is to be done, as in muista add Buy cat food
    #[arg(
        required_unless_present = "literal",
        value_name = "TITLE",
        add = ArgValueCompleter::new(complete::words)
    )]
    title: Vec<String>,

    /// More of the title, in which no words are read, as in muista add -- Say +1
    #[arg(last = true, value_name = "TITLE")]
    literal: Vec<String>,

    /// When it is due, as in --due "tomorrow 18:00"
    #[arg(long, value_name = "WHEN")]
    due: Option<String>,

    /// How it repeats, as in --every "every 3rd friday at 9:00" (every! counts from when it was done)
    ///
    /// When it is done, the next one is made. Without a due it is first due when the words say.
    #[arg(long, value_name = "RECURRENCE")]
    every: Option<String>,

    /// The category, as in --category work [default: Personal]
    #[arg(long, short, value_name = "CATEGORY", add = ArgValueCompleter::new(complete::categories))]
    category: Option<Category>,

    /// low, medium or high, as in --priority high [default: medium]
    #[arg(long, short, value_name = "PRIORITY", add = ArgValueCompleter::new(complete::priorities))]
    priority: Option<Priority>,

    /// The project, made where it is new, as in --project house
    #[arg(long, short = 'P', value_name = "PROJECT", add = ArgValueCompleter::new(complete::projects))]
    project: Option<ProjectName>,

    /// A tag, as in --tag home (again: one more)
    #[arg(long, short, value_name = "TAG", add = ArgValueCompleter::new(complete::tags))]
    tag: Vec<TagName>,

    /// A longer description, as in --description "the grey bag"
    #[arg(long, short, value_name = "TEXT", allow_hyphen_values = true)]
    description: Option<String>,

    /// A note, as in --note "ask Anna first"
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    note: Option<String>,

    /// The task that it is a part of, as in --parent 7
    #[arg(long, value_name = "ID", add = ArgValueCompleter::new(complete::open_tasks))]
    parent: Option<TaskRef>,

    /// A task that must be done before, as in --depends 7 (again: one more)
    #[arg(long, value_name = "ID", add = ArgValueCompleter::new(complete::open_tasks))]
    depends: Vec<TaskRef>,
}

pub(crate) async fn run(app: &App, args: Args) -> Result<()> {
    let context = app.context()?;
    let words = quick_add::read(&args.title, &args.literal, context);
    words.notes.iter().for_each(|note| app.note(note));
    let due = match &args.due {
        Some(due) => value::due(due, context)?,
        None => words.due,
    };
    let series = match &args.every {
        Some(every) => value::every(every, context)?,
        None => words.every,
    };
    let text = |field, text: Option<String>| text.map_or(Ok(None), |text| Text::parse(field, &text));
    let mut tags = words.tags;
    tags.extend(args.tag);
    let task = NewTask {
        description: text("description", args.description)?,
        note: text("note", args.note)?,
        category: args.category.or(words.category).unwrap_or_default(),
        priority: args.priority.or(words.priority).unwrap_or_default(),
        due,
        project: args.project.or(words.project),
        parent: args.parent,
        tags,
        depends_on: args.depends,
        series,
        ..NewTask::titled(Title::parse(&words.title)?)
    };
    let answer = app.client().await?.add_task(task).await?;
    app.notices(&answer.notices);
    let out = app.out()?;
    if !out.is_table() {
        return out.one(&answer.value);
    }
    let due = due::words(&answer.value, context).map(|due| format!("due {due}"));
    let facts: Vec<String> = due.into_iter().chain(answer.value.recurrence.clone()).collect();
    let facts = if facts.is_empty() { String::new() } else { format!("  ({})", facts.join(", ")) };
    out.say(&format!("Added {}  {}{facts}", answer.value.number, answer.value.title))
}
