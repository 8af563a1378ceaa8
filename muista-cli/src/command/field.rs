//! `muista field`: what an account keeps of its tasks beside what every task has.

use clap::Subcommand;
use clap_complete::engine::ArgValueCompleter;
use muista_core::error::Error;
use muista_core::model::{Field, FieldKind, FieldName, FieldPatch, NewField};

use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{Cell, Column, Noun, Paint, Shape};
use crate::{ask, complete};

/// List, make, change or delete own fields of tasks
///
/// A field is set as effort:3 in muista add and muista edit, asked for as effort>2 in muista ls, and named in --sort,
/// --columns and --group. Its values are numbers, texts, dates, durations or choices. Alone it is muista field ls.
#[derive(Debug, clap::Args)]
#[command(
    disable_help_subcommand = true,
    after_help = "Examples:\n  muista field add effort --type number\n  \
        muista field add size --type choice --choice small --choice large"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the fields
    #[command(visible_alias = "list")]
    Ls,
    /// Make a field
    Add {
        /// Its name, one word, as in muista field add effort --type number
        name: FieldName,
        /// number, text, date, duration or choice, as in --type number
        #[arg(long = "type", value_name = "TYPE", add = ArgValueCompleter::new(complete::field_kinds))]
        kind: FieldKind,
        /// A value that it may have, in order, as in --choice small (repeatable)
        #[arg(long, value_name = "NAME")]
        choice: Vec<String>,
    },
    /// Rename a field, or change its choices
    Edit {
        /// The field, as in muista field edit effort --name points
        #[arg(add = ArgValueCompleter::new(complete::fields))]
        field: FieldName,
        /// The new name, as in --name points
        #[arg(long, value_name = "NAME")]
        name: Option<FieldName>,
        /// All values that it may have, in order, in place of those there are, as in --choice small (repeatable)
        #[arg(long, value_name = "NAME")]
        choice: Vec<String>,
    },
    /// Delete a field, and with it the values that tasks have
    Rm {
        /// The field, as in muista field rm effort
        #[arg(add = ArgValueCompleter::new(complete::fields))]
        field: FieldName,
    },
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    match args.verb.unwrap_or(Verb::Ls) {
        Verb::Ls => ls(app).await,
        Verb::Add { name, kind, choice } => {
            let new = NewField { name, kind, choices: choice };
            changed(app, "Added", &app.client().await?.add_field(new).await?)
        }
        Verb::Edit { field, name, choice } => {
            let choices = (!choice.is_empty()).then_some(choice);
            if name.is_none() && choices.is_none() {
                return Err(Error::invalid("field", "nothing is said that would change")
                    .hint("give --name or --choice")
                    .into());
            }
            let patch = FieldPatch { name, choices, version: None };
            changed(app, "Changed", &app.client().await?.edit_field(field, patch).await?)
        }
        Verb::Rm { field } => rm(app, field).await,
    }
}

/// Deletes a field. How many tasks lose a value is said before.
async fn rm(app: &CommandContext, name: FieldName) -> Result<()> {
    let client = app.client().await?;
    let fields = client.list_fields().await?;
    let known = fields.iter().find(|field| FieldName::parse(&field.name).is_ok_and(|known| known.key() == name.key()));
    if let Some(field) = known {
        ask::confirm(app, &format!("Delete the field {}? {}.", field.name, losing(field.tasks, "lose")))?;
    }
    let gone = client.delete_field(name).await?;
    let out = app.out()?;
    if !out.is_table() {
        return out.one(&gone);
    }
    out.say(&format!("Deleted the field {}; {}", gone.name, losing(gone.tasks, "lost")))
}

/// Says how many tasks lose a value.
fn losing(tasks: i64, verb: &str) -> String {
    match tasks {
        0 => format!("no task {} a value", if verb == "lose" { "loses" } else { verb }),
        1 => format!("1 task {} its value", if verb == "lose" { "loses" } else { verb }),
        many => format!("{many} tasks {verb} their values"),
    }
}

async fn ls(app: &CommandContext) -> Result<()> {
    let fields = app.client().await?.list_fields().await?;
    let out = app.out()?;
    if out.is_table() && fields.is_empty() {
        app.note("No own fields. Make one with: muista field add effort --type number");
    }
    out.list(&fields)
}

fn changed(app: &CommandContext, what: &str, field: &Field) -> Result<()> {
    let out = app.out()?;
    if out.is_table() { out.say(&format!("{what} the field {}", field.name)) } else { out.one(field) }
}

impl Noun for Field {
    const FIELDS: &'static [&'static str] =
        &["id", "ownerId", "name", "type", "choices", "tasks", "version", "createdAt", "updatedAt"];

    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::new("Field", Shape::Short, |field: &Self, _| Cell::new(field.name.clone()).paint(Paint::Label)),
            Column::new("Type", Shape::Short, |field: &Self, _| Cell::new(field.kind.as_str())),
            Column::new("Choices", Shape::Text, |field: &Self, _| Cell::new(field.choices.join(", "))),
            Column::new("Tasks", Shape::Number, |field: &Self, _| Cell::new(field.tasks.to_string())),
        ]
    }

    fn key(&self) -> String {
        self.name.clone()
    }
}
