//! `muista add`: a new task.

use clap_complete::engine::ArgValueCompleter;
use muista_core::error::Error;
use muista_core::model::{
    Category, Channel, NewReminder, NewTask, Priority, ProjectRef, TagName, Task, TaskRef, Text, Title,
};
use muista_core::time::Context;

use super::reminder;
use crate::complete;
use crate::context::CommandContext;
use crate::error::Result;
use crate::output::due;
use crate::words::reminder::trigger;
use crate::words::{quick_add, value_parsers};

/// Add a task
///
/// Words in the title say more: +tag @category !high due:fri project:home every:fri remind:1h. A flag holds
/// over a word. What looks like such a word but is no value stays in the title, with a note; after -- nothing is read.
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
    project: Option<ProjectRef>,

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

    /// When to remind of it, as in --remind "30min before" or --remind "tomorrow 9:00" (again: one more); a length of time
    /// alone counts back from the due, or from now where there is none
    #[arg(long, value_name = "WHEN")]
    remind: Vec<String>,

    /// How the reminders are told, as in --channel email (again: one more) [default: the setting channels]
    #[arg(long, value_name = "CHANNEL", add = ArgValueCompleter::new(complete::channels))]
    channel: Vec<Channel>,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let context = app.context()?;
    let words = quick_add::read(&args.title, &args.literal, context);
    words.notes.iter().for_each(|note| app.note(note));
    let due = match &args.due {
        Some(due) => value_parsers::due(due, context)?,
        None => words.due,
    };
    let times: Vec<String> = words.remind.into_iter().chain(args.remind).collect();
    let series = match &args.every {
        Some(every) => value_parsers::every(every, context)?,
        None => words.every,
    };
    let reminders = reminders(&times, &args.channel, context)?;
    let reminds = !reminders.is_empty();
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
        reminders,
        series,
        ..NewTask::titled(Title::parse(&words.title)?)
    };
    let answer = app.client().await?.add_task(task).await?;
    app.notices(&answer.notices);
    let (out, task) = (app.out()?, answer.value);
    if reminds {
        app.needs_daemon();
    }
    if !out.is_table() {
        return out.one(&task);
    }
    let due = due::words(&task, context).map(|due| format!("due {due}"));
    let facts: Vec<String> = due.into_iter().chain(task.recurrence.clone()).collect();
    let facts = if facts.is_empty() { String::new() } else { format!("  ({})", facts.join(", ")) };
    out.say(&format!("Added {}  {}{facts}", task.number, task.title))?;
    if reminds { confirm_reminders(app, &task).await } else { Ok(()) }
}

/// Returns the reminders of the new task.
fn reminders(times: &[String], channels: &[Channel], context: &Context) -> Result<Vec<NewReminder>, Error> {
    if times.is_empty() && !channels.is_empty() {
        return Err(Error::invalid("channel", "a channel is named, but nothing that would be told on it")
            .hint("say when to remind, as in --remind \"30min before\""));
    }
    let timezone = context.zone.iana_name();
    let reminder = |text: &String| {
        let trigger = trigger(text, context)?;
        let timezone = timezone.map(str::to_owned);
        Ok(NewReminder { timezone, channels: channels.to_vec(), ..NewReminder::new(trigger) })
    };
    times.iter().map(reminder).collect()
}

/// Says when the new task is reminded of.
async fn confirm_reminders(app: &CommandContext, task: &Task) -> Result<()> {
    let detail = app.client().await?.get_task(task.id.into()).await?;
    reminder::confirm(app, "Will remind of", &detail.reminders)
}
