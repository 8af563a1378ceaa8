//! `muista add`: a new task.

use clap_complete::engine::ArgValueCompleter;
use muista_core::error::Error;
use muista_core::model::{
    Category, Channel, Field, FieldChanges, Id, NewReminder, NewTask, Priority, ProjectRef, TagName, Task, TaskRef,
    TemplateName, Text, Title,
};
use muista_core::time::Context;

use super::{context, own_fields, reminder, template};
use crate::complete;
use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{due, planning};
use crate::words::planning::PlanningFlags;
use crate::words::quick_add::{self, DueElsewhere, QuickAdd};
use crate::words::reminder::trigger;
use crate::words::value_parsers;

/// Add a task
///
/// Words in the title set fields: +tag @category !high, and due: project: priority: (pri: p:) category: (cat:)
/// tag: or tags: (a,b) parent: depends: (3,4) remind: every: (recur:) start: (wait:) deadline: estimate: position: note:
/// description:, and own fields (muista field). The words after due:, start:, deadline:, every: and remind: are read with it as far as they make a date: due:fri 9:00, every:day at 9. A value may be quoted, as in
/// due:"fri 9:00". A flag overrides a word.
///
/// A word of such a shape that cannot be used stays in the title, with a warning that --quiet does not hide; --strict
/// refuses it. Everything after -- is plain text.
///
/// With --json the new task is one object.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
        muista add Buy cat food +home due:tomorrow 18:00\n  \
        muista add 'Water the plants every:monday at 8:00 pri:high'")]
pub(crate) struct Args {
    /// The title, as in muista add Buy cat food; with --template its values, as version=1.4
    #[arg(
        required_unless_present_any = ["literal", "template"],
        value_name = "TITLE",
        add = ArgValueCompleter::new(complete::words)
    )]
    title: Vec<String>,

    /// More of the title, without shorthand, as in muista add -- Say +1
    #[arg(last = true, value_name = "TITLE")]
    literal: Vec<String>,

    /// When it is due, as in --due "tomorrow 18:00"
    #[arg(long, value_name = "WHEN")]
    due: Option<String>,

    #[command(flatten)]
    planning: PlanningFlags,

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

    /// The project, created if new, as in --project house
    #[arg(long, short = 'P', value_name = "PROJECT", add = ArgValueCompleter::new(complete::projects))]
    project: Option<ProjectRef>,

    /// A tag, as in --tag home (repeatable)
    #[arg(long, short, value_name = "TAG", add = ArgValueCompleter::new(complete::tags))]
    tag: Vec<TagName>,

    /// A longer description, as in --description "the grey bag"
    #[arg(long, short, value_name = "TEXT", allow_hyphen_values = true)]
    description: Option<String>,

    /// A note, as in --note "ask Anna first"
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    note: Option<String>,

    /// The parent task, as in --parent 7
    #[arg(long, value_name = "ID", add = ArgValueCompleter::new(complete::open_tasks))]
    parent: Option<TaskRef>,

    /// A task that must be done first, as in --depends 7 (repeatable)
    #[arg(long, value_name = "ID", add = ArgValueCompleter::new(complete::open_tasks))]
    depends: Vec<TaskRef>,

    /// The value of an own field, as in --field effort=3 (repeatable)
    #[arg(long, value_name = "FIELD=VALUE", value_parser = own_fields::given, add = ArgValueCompleter::new(complete::field_values))]
    field: Vec<(String, Option<String>)>,

    /// When to remind you, as in --remind "30min before" or --remind "tomorrow 9:00" (repeatable); a length of time
    /// alone counts back from the due, or from now where there is none
    #[arg(long, value_name = "WHEN")]
    remind: Vec<String>,

    /// How the reminders are sent, as in --channel email (repeatable) [default: the setting channels]
    #[arg(long, value_name = "CHANNEL", add = ArgValueCompleter::new(complete::channels))]
    channel: Vec<Channel>,

    /// The ID of the new task: adding it again gives the same task, and other content is refused, as in
    /// --id 0199c0de-0000-7000-8000-000000000007
    #[arg(long, value_name = "UUID")]
    id: Option<Id>,

    /// Refuse shorthand in the title that cannot be used, as in muista add --strict x due:whenever
    #[arg(long)]
    strict: bool,

    /// Create the tasks of a template, as in muista add --template release version=1.4 --due fri
    #[arg(
        long,
        value_name = "TEMPLATE",
        add = ArgValueCompleter::new(complete::templates),
        conflicts_with_all = [
            "every", "category", "priority", "project", "tag", "description", "note", "depends", "field", "remind", "channel", "strict", "id"
        ]
    )]
    template: Option<TemplateName>,

    /// Ignore the context, as in muista add --no-context Buy cat food
    #[arg(long)]
    no_context: bool,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let context = app.context()?;
    if let Some(template) = args.template {
        let due = args.due.map_or(Ok(None), |due| value_parsers::due(&due, context))?;
        let words: Vec<String> = args.title.into_iter().chain(args.literal).collect();
        return template::apply(app, template, &words, due, args.parent).await;
    }
    let due = if args.due.is_some() || args.every.is_some() { DueElsewhere::Given } else { DueElsewhere::Nowhere };
    let own = own_fields::in_words(app, &args.title).await?;
    let words = quick_add::read(&args.title, &args.literal, &own, due, context);
    tell_misread(app, &words.misread, args.strict)?;
    let named = match context::applied(app, args.no_context).await? {
        Some(view) => context::named(app, &view)?,
        None => context::Named::default(),
    };
    let task = new_task(args, words, named, context)?;
    let reminds = !task.reminders.is_empty();
    let answer = app.client().await?.add_task(task).await?;
    app.notices(&answer.notices);
    if reminds {
        app.needs_daemon();
    }
    tell(app, &answer.value, reminds).await
}

/// Returns the task that words and flags make; a flag overrides a word, and both what the context names.
fn new_task(args: Args, words: QuickAdd, named: context::Named, context: &Context) -> Result<NewTask> {
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
    let text = |field, text: Option<String>| text.map_or(Ok(None), |text| Text::parse(field, &text));
    let mut tags = words.tags;
    tags.extend(args.tag);
    tags.extend(named.tags);
    Ok(NewTask {
        id: args.id,
        description: text("description", args.description)?.or(words.description),
        note: text("note", args.note)?.or(words.note),
        category: args.category.or(words.category).unwrap_or_default(),
        priority: args.priority.or(words.priority).unwrap_or_default(),
        due,
        planning: args.planning.or(words.planning).read(context)?,
        project: args.project.or(words.project).or(named.project),
        parent: args.parent.or(words.parent),
        tags,
        depends_on: words.depends.into_iter().chain(args.depends).collect(),
        fields: FieldChanges::of(words.fields.into_iter().chain(args.field).collect(), context),
        reminders,
        series,
        ..NewTask::titled(Title::parse(&words.title)?)
    })
}

/// Says what was made.
async fn tell(app: &CommandContext, task: &Task, reminds: bool) -> Result<()> {
    let out = app.out()?;
    if !out.is_table() {
        return out.one(task);
    }
    let context = app.context()?;
    let due = due::words(task, context).map(|due| format!("due {due}"));
    let planned = planning::facts(task, context);
    let own = task.fields.iter().map(|(name, value)| format!("{name} {}", Field::words(value)));
    let facts: Vec<String> = due.into_iter().chain(planned).chain(own).chain(task.recurrence.clone()).collect();
    let facts = if facts.is_empty() { String::new() } else { format!("  ({})", facts.join(", ")) };
    out.say(&format!("Added {}  {}{facts}", task.number, task.title))?;
    if reminds { confirm_reminders(app, task).await } else { Ok(()) }
}

/// Warns of words that stay in the title, or refuses them.
fn tell_misread(app: &CommandContext, misread: &[(String, Error)], strict: bool) -> Result<()> {
    if strict && !misread.is_empty() {
        let told: Vec<String> = misread.iter().map(|(word, why)| format!("“{word}”: {why}")).collect();
        return Err(Error::invalid("title", told.join("; "))
            .hint("correct the word, write it after --, or leave out --strict")
            .into());
    }
    for (word, why) in misread {
        app.warn(&format!("“{word}” stays in the title: {why}"));
    }
    Ok(())
}

/// Returns the reminders of the new task.
fn reminders(times: &[String], channels: &[Channel], context: &Context) -> Result<Vec<NewReminder>, Error> {
    if times.is_empty() && !channels.is_empty() {
        return Err(Error::invalid("channel", "--channel is given, but no reminder")
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
    reminder::confirm(app, "Reminder set for", &detail.reminders)
}
