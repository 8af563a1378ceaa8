//! `muista project`: the projects, making, changing and removing one. Who is in one is `member`'s.

mod member;

use clap::Subcommand;
use clap_complete::engine::ArgValueCompleter;
use muista_core::error::{Error, ErrorKind};
use muista_core::model::{NewProject, Project, ProjectName, ProjectPatch, ProjectRef, ProjectRole, Text};

use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{Cell, Column, Noun, Paint, Shape};
use crate::words::value_parsers;
use crate::{ask, complete};

/// List, add, change, share or remove projects
///
/// Alone it is muista project ls.
#[derive(Debug, clap::Args)]
#[command(
    disable_help_subcommand = true,
    after_help = "Example: muista project add house --description \"All about the house\""
)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the projects and how many tasks are in them
    #[command(visible_alias = "list")]
    Ls,
    /// Create a project
    Add {
        /// Its name, as in muista project add house
        name: ProjectName,
        /// What it is, as in --description "All about the house"
        #[arg(long, short, value_name = "TEXT", allow_hyphen_values = true)]
        description: Option<String>,
        /// A note, as in --note "ends in May"
        #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
        note: Option<String>,
        /// Succeed if it exists already, and print it unchanged, as in muista project add house --if-missing
        #[arg(long)]
        if_missing: bool,
    },
    /// Change a project; none empties a field
    Edit {
        /// The project, as in muista project edit house --name home
        #[arg(add = ArgValueCompleter::new(complete::projects))]
        project: ProjectRef,
        /// Its new name, as in --name home
        #[arg(long, value_name = "NAME")]
        name: Option<ProjectName>,
        /// What it is, or none, as in --description "All about the house"
        #[arg(long, short, value_name = "TEXT", allow_hyphen_values = true)]
        description: Option<String>,
        /// A note, or none, as in --note "ends in May"
        #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
        note: Option<String>,
    },
    /// Delete a project, whose tasks stay with their owners; on a terminal it asks first, unless --yes
    Rm {
        /// The project, as in muista project rm house
        #[arg(add = ArgValueCompleter::new(complete::projects))]
        project: ProjectRef,
    },
    Members(member::Members),
    Share(member::Share),
    Unshare(member::Unshare),
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    match args.verb.unwrap_or(Verb::Ls) {
        Verb::Ls => ls(app).await,
        Verb::Add { name, description, note, if_missing } => {
            let text = |field, text: Option<String>| text.map_or(Ok(None), |text| Text::parse(field, &text));
            let (description, note) = (text("description", description)?, text("note", note)?);
            let client = app.client().await?;
            let existing = ProjectRef::Name(name.clone());
            match client.add_project(NewProject { name, description, note }).await {
                Err(error) if if_missing && error.kind == ErrorKind::Conflict => {
                    changed(app, "Kept", &client.get_project(existing).await.map_err(|_| error)?)
                }
                added => changed(app, "Added", &added?),
            }
        }
        Verb::Edit { project, name, description, note } => {
            let patch = ProjectPatch {
                name,
                description: value_parsers::change(description.as_deref(), |text| {
                    value_parsers::text("description", text)
                })?,
                note: value_parsers::change(note.as_deref(), |text| value_parsers::text("note", text))?,
                ..ProjectPatch::default()
            };
            if patch == ProjectPatch::default() {
                return Err(Error::invalid("project", "nothing is said that would change")
                    .hint("give --name, --description or --note")
                    .into());
            }
            let edited = app.client().await?.edit_project(project, patch).await?;
            changed(app, "Changed", &edited)
        }
        Verb::Members(args) => member::list(app, args).await,
        Verb::Share(args) => member::share(app, args).await,
        Verb::Unshare(args) => member::unshare(app, args).await,
        Verb::Rm { project } => {
            ask::confirm(app, &format!("Delete the project {project}? Its tasks stay."))?;
            let removed = app.client().await?.delete_project(project).await?;
            changed(app, "Deleted", &removed)
        }
    }
}

async fn ls(app: &CommandContext) -> Result<()> {
    let projects = app.client().await?.list_projects().await?;
    let out = app.out()?;
    if out.is_table() && projects.is_empty() {
        app.note("No projects. A task makes one: muista add \"Paint the door\" --project house");
    }
    out.list(&projects)
}

fn changed(app: &CommandContext, what: &str, project: &Project) -> Result<()> {
    let out = app.out()?;
    if out.is_table() { out.say(&format!("{what} the project {}", project.name)) } else { out.one(project) }
}

impl Noun for Project {
    const FIELDS: &'static [&'static str] =
        &["id", "ownerId", "name", "description", "note", "open", "total", "role", "version", "createdAt", "updatedAt"];

    fn columns() -> Vec<Column<Self>> {
        let text = |text: &Option<String>| Cell::new(text.clone().unwrap_or_default());
        vec![
            Column::new("Project", Shape::Text, |project: &Self, _| {
                Cell::new(project.name.clone()).paint(Paint::Label)
            }),
            Column::new("Open", Shape::Number, |project: &Self, _| Cell::new(project.open.to_string())),
            Column::new("All", Shape::Number, |project: &Self, _| {
                Cell::new(project.total.to_string()).paint(Paint::Faint)
            }),
            Column::new("Role", Shape::Text, |project: &Self, _| match project.role {
                // As it is with all but shared ones.
                ProjectRole::Owner => Cell::new(String::new()),
                role => Cell::new(role.as_str().to_lowercase()).paint(Paint::Faint),
            }),
            Column::new("Description", Shape::Text, move |project: &Self, _| text(&project.description)),
        ]
    }

    fn key(&self) -> String {
        self.name.clone()
    }
}
