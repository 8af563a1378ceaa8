//! `muista template`: trees of tasks that are kept to make again, by `add --template`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use clap::Subcommand;
use clap_complete::engine::ArgValueCompleter;
use muista_core::error::Error;
use muista_core::model::{
    Due, NewTemplate, TaskRef, TaskTemplate, TemplateDue, TemplateName, TemplateTask, TemplateUse, tag_word,
};

use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{Cell, Column, Noun, Paint, Shape, due, planning, safe};
use crate::{ask, complete};

/// List, create or delete templates: trees of tasks to create again
///
/// A template keeps a task and its subtasks with notes, tags and reminders, and with dates counted from the due of the
/// task. {{names}} in its texts are filled in by muista add --template. Alone it is muista template ls.
#[derive(Debug, clap::Args)]
#[command(
    disable_help_subcommand = true,
    after_help = "Examples:\n  muista template add release --from 42\n  muista add --template release version=1.4 --due fri"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the templates
    #[command(visible_alias = "list")]
    Ls,
    /// Show the tasks of a template
    Show {
        /// The template, as in muista template show release
        #[arg(add = ArgValueCompleter::new(complete::templates))]
        template: TemplateName,
    },
    /// Keep a task and its subtasks as a template
    Add {
        /// Its name, as in muista template add release --from 42
        name: TemplateName,
        /// The task, as in --from 42
        #[arg(long, value_name = "ID", add = ArgValueCompleter::new(complete::all_tasks))]
        from: TaskRef,
    },
    /// Delete a template; tasks made from it stay
    Rm {
        /// The template, as in muista template rm release
        #[arg(add = ArgValueCompleter::new(complete::templates))]
        template: TemplateName,
    },
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    match args.verb.unwrap_or(Verb::Ls) {
        Verb::Ls => ls(app).await,
        Verb::Show { template } => show(app, template).await,
        Verb::Add { name, from } => {
            let answer = app.client().await?.add_template(NewTemplate { name, from }).await?;
            app.notices(&answer.notices);
            changed(app, "Added", &answer.value)
        }
        Verb::Rm { template } => {
            ask::confirm(app, &format!("Delete the template {template}?"))?;
            changed(app, "Deleted", &app.client().await?.delete_template(template).await?)
        }
    }
}

/// Makes the tasks of a template; `words` are its values, as `version=1.4`.
///
/// # Errors
/// `Invalid` for a word that is no value, and those of the service.
pub(super) async fn apply(
    app: &CommandContext,
    template: TemplateName,
    words: &[String],
    due: Option<Due>,
    parent: Option<TaskRef>,
) -> Result<()> {
    let values = values(words)?;
    let answer = app.client().await?.apply_template(template, TemplateUse { values, due, parent }).await?;
    app.notices(&answer.notices);
    let out = app.out()?;
    if !out.is_table() {
        return out.list(&answer.value);
    }
    let context = app.context()?;
    answer.value.iter().try_for_each(|task| {
        let due = due::words(task, context).map(|due| format!("  (due {due})")).unwrap_or_default();
        out.say(&format!("Added {}  {}{due}", task.number, task.title))
    })
}

fn values(words: &[String]) -> Result<BTreeMap<String, String>, Error> {
    let mut values = BTreeMap::new();
    for word in words {
        let Some((name, value)) = word.split_once('=').filter(|(name, _)| !name.trim().is_empty()) else {
            return Err(Error::invalid("values", format!("“{word}” is not a value for a template"))
                .hint("write NAME=VALUE, as in version=1.4"));
        };
        if values.insert(name.trim().to_owned(), value.to_owned()).is_some() {
            return Err(Error::invalid("values", format!("{name} is given twice")).hint("give it once"));
        }
    }
    Ok(values)
}

async fn ls(app: &CommandContext) -> Result<()> {
    let templates = app.client().await?.list_templates().await?;
    let out = app.out()?;
    if out.is_table() && templates.is_empty() {
        app.note("No templates. Keep a task and its subtasks as one with: muista template add release --from 42");
    }
    out.list(&templates)
}

async fn show(app: &CommandContext, name: TemplateName) -> Result<()> {
    let template = app.client().await?.get_template(name).await?;
    let out = app.out()?;
    if !out.is_table() {
        return out.one(&template);
    }
    let screen = out.view.screen;
    let mut text = screen.paint(Paint::Heading, &safe::line(&template.name));
    if !template.placeholders.is_empty() {
        let _ = write!(text, "  takes {}", template.placeholders.join(", "));
    }
    text.push('\n');
    for task in &template.tasks {
        let indent = 2 * depth(&template.tasks, task);
        let _ = writeln!(text, "{:indent$}{}{}", "", safe::line(&task.title), screen.paint(Paint::Faint, &facts(task)));
    }
    out.page(&text)
}

/// Returns how deep a task stands in its tree.
fn depth(tasks: &[TemplateTask], task: &TemplateTask) -> usize {
    // A parent stands before its parts, so this ends.
    let mut depth = 0;
    let mut at = task.parent;
    while let Some(parent) = at.and_then(|place| tasks.get(place)) {
        depth += 1;
        at = parent.parent.filter(|next| Some(*next) < at);
    }
    depth
}

/// Returns what a template says of a task beside its title.
fn facts(task: &TemplateTask) -> String {
    let due = task.due.filter(|_| task.parent.is_some()).map(|due| format!("due {}", counted(due)));
    let planned = planning::told(task.plan().map_dates(|date| Some(counted(date))));
    let tags = task.tags.iter().map(|tag| safe::line(&tag_word(tag)).into_owned());
    let reminders = match task.reminders.len() {
        0 => None,
        1 => Some("1 reminder".to_owned()),
        count => Some(format!("{count} reminders")),
    };
    let facts: Vec<String> = due.into_iter().chain(planned).chain(tags).chain(reminders).collect();
    if facts.is_empty() { String::new() } else { format!("  {}", facts.join("  ")) }
}

/// Returns how far a date is from the due of the whole.
fn counted(date: TemplateDue) -> String {
    let time = date.time.map(|time| time.strftime(" %H:%M").to_string()).unwrap_or_default();
    match date.days {
        0 => format!("the same day{time}"),
        days => format!("{days:+}d{time}"),
    }
}

fn changed(app: &CommandContext, what: &str, template: &TaskTemplate) -> Result<()> {
    let out = app.out()?;
    if out.is_table() { out.say(&format!("{what} the template {}", template.name)) } else { out.one(template) }
}

impl Noun for TaskTemplate {
    const FIELDS: &'static [&'static str] =
        &["id", "ownerId", "name", "placeholders", "tasks", "version", "createdAt", "updatedAt"];

    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::new("Template", Shape::Text, |template: &Self, _| {
                Cell::new(template.name.clone()).paint(Paint::Label)
            }),
            Column::new("Tasks", Shape::Number, |template: &Self, _| Cell::new(template.tasks.len().to_string())),
            Column::new("Takes", Shape::Text, |template: &Self, _| Cell::new(template.placeholders.join(", "))),
            Column::new("First task", Shape::Text, |template: &Self, _| {
                Cell::new(template.tasks.first().map(|task| task.title.clone()).unwrap_or_default())
            }),
        ]
    }

    fn key(&self) -> String {
        self.name.clone()
    }
}
