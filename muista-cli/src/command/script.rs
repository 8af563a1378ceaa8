//! `muista script`: the scripts that jobs may run. Registering one is done in the scripts folder or the configuration.

use std::borrow::Cow;

use clap::Subcommand;
use muista_core::model::{Script, ScriptParam};

use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{Cell, Column, Noun, Paint, Shape};

/// List the scripts that jobs may run
///
/// Alone it is muista script ls. A script is an executable file in the scripts folder, or a table named script of the
/// configuration, which can also declare parameters.
#[derive(Debug, clap::Args)]
#[command(disable_help_subcommand = true, after_help = "Example: muista script ls")]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the scripts, what they take and why one would be refused
    #[command(visible_alias = "list")]
    Ls,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    match args.verb.unwrap_or(Verb::Ls) {
        Verb::Ls => ls(app).await,
    }
}

async fn ls(app: &CommandContext) -> Result<()> {
    let scripts = app.client().await?.list_scripts().await?;
    let out = app.out()?;
    if out.is_table() && scripts.is_empty() {
        app.note(&format!("No scripts. Put an executable file into {}", app.config()?.scripts_dir.display()));
    }
    out.list(&scripts)
}

impl Noun for Script {
    const FIELDS: &'static [&'static str] = &["name", "path", "description", "params", "source", "problem"];

    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::new("Name", Shape::Text, |script: &Self, _| Cell::new(script.name.clone()).paint(Paint::Label)),
            Column::new("Parameters", Shape::Text, |script: &Self, _| Cell::new(params(&script.params))),
            Column::new("Description", Shape::Text, |script: &Self, _| {
                Cell::new(script.description.clone().unwrap_or_default())
            }),
            Column::new("File", Shape::Text, |script: &Self, _| {
                Cell::new(script.path.display().to_string()).paint(Paint::Faint)
            }),
            Column::new("Problem", Shape::Text, |script: &Self, _| {
                Cell::new(script.problem.clone().unwrap_or_default()).paint(Paint::Alarm)
            }),
        ]
    }

    fn key(&self) -> String {
        self.name.clone()
    }
}

/// What a job may set: `city`, `unit=c|f`, with a default in place of choices `city=Helsinki`.
fn params(params: &[ScriptParam]) -> String {
    let one = |param: &ScriptParam| {
        let values = match (param.choices.as_slice(), &param.default) {
            ([], None) => Cow::Borrowed(""),
            ([], Some(default)) => Cow::Owned(format!("={default}")),
            (choices, _) => Cow::Owned(format!("={}", choices.join("|"))),
        };
        format!("{}{values}", param.name)
    };
    params.iter().map(one).collect::<Vec<_>>().join(", ")
}
