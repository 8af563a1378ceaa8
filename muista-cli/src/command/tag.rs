//! `muista tag`: the tags, renaming and removing one.

use clap::Subcommand;
use clap_complete::engine::ArgValueCompleter;
use muista_core::model::{Tag, TagName};

use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{Cell, Column, Noun, Paint, Shape};
use crate::{ask, complete};

/// List, rename or remove tags
///
/// Alone it is muista tag ls.
#[derive(Debug, clap::Args)]
#[command(disable_help_subcommand = true, after_help = "Example: muista tag rename hoem home")]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the tags and how many tasks carry them
    #[command(visible_alias = "list")]
    Ls,
    /// Rename a tag on every task; where the new name exists, the two become one
    Rename {
        /// The tag, as in muista tag rename hoem home
        #[arg(add = ArgValueCompleter::new(complete::tags))]
        tag: TagName,
        /// Its new name, as in muista tag rename hoem home
        #[arg(add = ArgValueCompleter::new(complete::tags))]
        name: TagName,
    },
    /// Remove a tag from every task and delete it; on a terminal it asks first, unless --yes
    Rm {
        /// The tag, as in muista tag rm later
        #[arg(add = ArgValueCompleter::new(complete::tags))]
        tag: TagName,
    },
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    match args.verb.unwrap_or(Verb::Ls) {
        Verb::Ls => ls(app).await,
        Verb::Rename { tag, name } => {
            let renamed = app.client().await?.rename_tag(tag.clone(), name).await?;
            changed(app, &renamed, &format!("Renamed {tag} to {}", renamed.name))
        }
        Verb::Rm { tag } => {
            ask::confirm(app, &format!("Take the tag {tag} off every task?"))?;
            let removed = app.client().await?.delete_tag(tag).await?;
            changed(app, &removed, &format!("Deleted the tag {}", removed.name))
        }
    }
}

async fn ls(app: &CommandContext) -> Result<()> {
    let tags = app.client().await?.list_tags().await?;
    let out = app.out()?;
    if out.is_table() && tags.is_empty() {
        app.note("No tags. Give a task one with: muista add \"Buy cat food\" +home");
    }
    out.list(&tags)
}

fn changed(app: &CommandContext, tag: &Tag, line: &str) -> Result<()> {
    let out = app.out()?;
    if out.is_table() { out.say(line) } else { out.one(tag) }
}

impl Noun for Tag {
    const FIELDS: &'static [&'static str] = &["id", "name", "open", "total"];

    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::new("Tag", Shape::Text, |tag: &Self, _| Cell::new(tag.name.clone()).paint(Paint::Label)),
            Column::new("Open", Shape::Number, |tag: &Self, _| Cell::new(tag.open.to_string())),
            Column::new("All", Shape::Number, |tag: &Self, _| Cell::new(tag.total.to_string()).paint(Paint::Faint)),
        ]
    }

    fn key(&self) -> String {
        self.name.clone()
    }
}
