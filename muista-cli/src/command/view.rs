//! `muista view`: queries that are kept under a name, for `:name` in a query.

use clap::Subcommand;
use clap_complete::engine::ArgValueCompleter;
use muista_core::error::Error;
use muista_core::input::query;
use muista_core::model::{Change, GroupBy, NewView, Sorting, View, ViewColumns, ViewName, ViewPatch, ViewQuery};

use super::context;
use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{Cell, Column, Noun, Paint, Shape};
use crate::words::value_parsers;
use crate::{ask, complete};

/// List, create, change or delete views: queries with a name
///
/// A view stands for its query wherever a query may stand, as :work in muista ls :work +home. Listed by itself it brings its
/// order, its columns and its groups. Alone it is muista view ls.
#[derive(Debug, clap::Args)]
#[command(
    disable_help_subcommand = true,
    after_help = "Example: muista view add work '(+work or project:acme) -later' --sort due --columns number,title,due"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the views
    #[command(visible_alias = "list")]
    Ls,
    /// Show a view
    Show {
        /// The view, as in muista view show work
        #[arg(add = ArgValueCompleter::new(complete::views))]
        view: ViewName,
    },
    /// Keep a query under a name
    Add {
        /// Its name, one word, as in muista view add work +work
        name: ViewName,
        /// The query, one argument, as in muista view add work '(+work or project:acme) -later'
        #[arg(allow_hyphen_values = true, add = ArgValueCompleter::new(complete::words))]
        query: ViewQuery,
        #[command(flatten)]
        look: Look,
    },
    /// Change a view; none empties what it need not have
    Edit {
        /// The view, as in muista view edit work --sort priority
        #[arg(add = ArgValueCompleter::new(complete::views))]
        view: ViewName,
        /// The new query, as in muista view edit work --query '+work -later'
        #[arg(long, value_name = "QUERY", allow_hyphen_values = true)]
        query: Option<ViewQuery>,
        #[command(flatten)]
        look: Look,
    },
    /// Rename a view
    Rename {
        /// The view, as in muista view rename work job
        #[arg(add = ArgValueCompleter::new(complete::views))]
        view: ViewName,
        /// Its new name, as in muista view rename work job
        name: ViewName,
    },
    /// Delete a view, whose tasks stay
    Rm {
        /// The view, as in muista view rm work
        #[arg(add = ArgValueCompleter::new(complete::views))]
        view: ViewName,
    },
}

/// How a list of a view looks.
#[derive(Debug, clap::Args)]
struct Look {
    /// The order, as in --sort due,-priority; urgency alone puts the most urgent first
    #[arg(long, value_name = "KEY[,-KEY]", allow_hyphen_values = true)]
    sort: Option<String>,
    /// The columns of the table, own fields among them, as in --columns number,title,due
    #[arg(long, value_name = "NAMES")]
    columns: Option<String>,
    /// Group by project, tag, category, priority, due or an own field, as in --group project
    #[arg(long, value_name = "WHAT", add = ArgValueCompleter::new(complete::groups))]
    group: Option<String>,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    match args.verb.unwrap_or(Verb::Ls) {
        Verb::Ls => ls(app).await,
        Verb::Show { view } => {
            let view = app.client().await?.get_view(view).await?;
            app.out()?.one(&view)
        }
        Verb::Add { name, query, look } => {
            check(app, &query)?;
            let new = NewView {
                name,
                query,
                date_order: app.context()?.date_order,
                sort: look.sort.as_deref().map(str::parse).transpose()?,
                columns: look.columns.as_deref().map(str::parse).transpose()?,
                group: look.group.as_deref().map(str::parse).transpose()?,
            };
            changed(app, "Added", &app.client().await?.add_view(new).await?)
        }
        Verb::Edit { view, query, look } => edit(app, view, query, look).await,
        Verb::Rename { view, name } => {
            let patch = ViewPatch { name: Some(name), ..ViewPatch::default() };
            let renamed = app.client().await?.edit_view(view.clone(), patch).await?;
            context::follow(app, &view, &renamed.name).await?;
            changed(app, "Renamed", &renamed)
        }
        Verb::Rm { view } => {
            ask::confirm(app, &format!("Delete the view {view}? Its tasks stay."))?;
            changed(app, "Deleted", &app.client().await?.delete_view(view).await?)
        }
    }
}

/// Refuses a query that cannot be read, as soon as it is typed.
fn check(app: &CommandContext, query: &ViewQuery) -> Result<()> {
    query::read(query, app.context()?).map(drop).map_err(Into::into)
}

async fn edit(app: &CommandContext, view: ViewName, query: Option<ViewQuery>, look: Look) -> Result<()> {
    if let Some(query) = &query {
        check(app, query)?;
    }
    let date_order = match &query {
        Some(_) => Change::from_option(app.context()?.date_order),
        None => Change::Keep,
    };
    let patch = ViewPatch {
        query,
        date_order,
        sort: value_parsers::change(look.sort.as_deref(), |text| text.parse::<Sorting>())?,
        columns: value_parsers::change(look.columns.as_deref(), |text| text.parse::<ViewColumns>())?,
        group: value_parsers::change(look.group.as_deref(), |text| text.parse::<GroupBy>())?,
        ..ViewPatch::default()
    };
    if patch == ViewPatch::default() {
        return Err(Error::invalid("view", "nothing is said that would change")
            .hint("give --query, --sort, --columns or --group")
            .into());
    }
    changed(app, "Changed", &app.client().await?.edit_view(view, patch).await?)
}

async fn ls(app: &CommandContext) -> Result<()> {
    let views = app.client().await?.list_views().await?;
    let out = app.out()?;
    if out.is_table() && views.is_empty() {
        app.note("No views. Keep a query under a name with: muista view add work '+work -later'");
    }
    out.list(&views)
}

fn changed(app: &CommandContext, what: &str, view: &View) -> Result<()> {
    let out = app.out()?;
    if out.is_table() { out.say(&format!("{what} the view {}", view.name)) } else { out.one(view) }
}

impl Noun for View {
    const FIELDS: &'static [&'static str] = &[
        "id",
        "ownerId",
        "name",
        "query",
        "dateOrder",
        "sort",
        "columns",
        "group",
        "version",
        "createdAt",
        "updatedAt",
    ];

    fn columns() -> Vec<Column<Self>> {
        let faint = |text: Option<String>| Cell::new(text.unwrap_or_default()).paint(Paint::Faint);
        vec![
            Column::new("View", Shape::Short, |view: &Self, _| Cell::new(view.name.clone()).paint(Paint::Label)),
            Column::new("Query", Shape::Text, |view: &Self, _| Cell::new(view.query.clone())),
            Column::new("Sort", Shape::Text, move |view: &Self, _| faint(view.sort.as_ref().map(ToString::to_string))),
            Column::new("Columns", Shape::Text, move |view: &Self, _| {
                faint(view.columns.as_ref().map(ToString::to_string))
            }),
            Column::new("Group", Shape::Short, move |view: &Self, _| {
                faint(view.group.as_ref().map(ToString::to_string))
            }),
        ]
    }

    fn key(&self) -> String {
        self.name.clone()
    }
}
