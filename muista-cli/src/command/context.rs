//! `muista context`: a view that holds for `ls`, `next` and `add` until it is ended. Which one it is is kept in a file of the
//! data folder, for each account by itself: it is how somebody sits at this terminal, and no change of what is kept. So it
//! costs other programs, agents and other machines nothing and does not change what they see, and where there is none it
//! costs a command one attempt to open a file.

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind as IoKind, Write as _};
use std::path::PathBuf;

use clap_complete::engine::ArgValueCompleter;
use muista_core::error::{Error, ErrorKind};
use muista_core::input::query;
use muista_core::model::{Condition, ProjectFilter, ProjectRef, Query, TagName, View, ViewName, ViewUse};

use crate::complete;
use crate::connection_target::ConnectionTarget;
use crate::context::CommandContext;
use crate::error::{CliError, Result};

/// The file, in the data folder.
const FILE: &str = "context.json";

/// Narrow ls, next and add to a view until told otherwise
///
/// With a context, ls and next list only what the view holds, and add gives new tasks the tags and the project that the
/// view's query plainly names. Each says so on stderr; --no-context ignores it once.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  muista context work\n  muista context none")]
pub(crate) struct Args {
    /// The view, or none to end it, as in muista context work; without it the context is shown
    #[arg(value_name = "VIEW", add = ArgValueCompleter::new(complete::views))]
    view: Option<String>,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let out = app.out()?;
    match args.view.as_deref() {
        None => match current(app).await? {
            Some(view) => out.one(&view),
            None if out.is_table() => {
                app.note("No context. Choose a view with: muista context work");
                Ok(())
            }
            None => out.document(&None::<View>),
        },
        Some(text) if text.eq_ignore_ascii_case("none") => {
            keep(app, None).await?;
            if out.is_table() { out.say("Ended the context") } else { out.document(&None::<View>) }
        }
        Some(text) => {
            let view = app.client().await?.get_view(ViewName::parse(text)?).await?;
            keep(app, Some(&view.name)).await?;
            let line = format!("Context {}: {}", view.name, view.query);
            if out.is_table() { out.say(&line) } else { out.one(&view) }
        }
    }
}

/// Returns the view that holds, and says so; none where there is none, or it is to be left aside.
///
/// # Errors
/// `NotFound` when the view is gone.
pub(super) async fn applied(app: &CommandContext, leave_aside: bool) -> Result<Option<View>> {
    if leave_aside {
        return Ok(None);
    }
    let view = current(app).await?;
    if let Some(view) = &view {
        app.note(&format!("Context {}: {}", view.name, view.query));
    }
    Ok(view)
}

/// Returns the condition that a task is in a view.
///
/// # Errors
/// When the configuration cannot be read.
pub(super) fn condition(app: &CommandContext, view: &View) -> Result<Query> {
    let (context, name) = (app.context()?, ViewName::parse(&view.name)?);
    Ok(Query::Is(Condition::View(ViewUse { name, now: context.now, timezone: context.zone_name() })))
}

/// What a view's query plainly names: a task that has these is in it, as far as they go.
#[derive(Default)]
pub(super) struct Named {
    pub(super) tags: Vec<TagName>,
    pub(super) project: Option<ProjectRef>,
}

/// Returns the tags and the project that all tasks of a view have by its query, as `+work project:acme`; of `+a or +b`
/// nothing.
///
/// # Errors
/// When the query cannot be read any more.
pub(super) fn named(app: &CommandContext, view: &View) -> Result<Named> {
    let context = muista_core::time::Context { date_order: view.date_order, ..app.context()?.clone() };
    let mut named = Named::default();
    take(query::read(&view.query, &context)?, &mut named);
    Ok(named)
}

fn take(query: Query, named: &mut Named) {
    match query {
        Query::All(queries) => queries.into_iter().for_each(|query| take(query, named)),
        Query::Is(Condition::Tags(mut tags)) if tags.len() == 1 => named.tags.append(&mut tags),
        Query::Is(Condition::Projects(mut projects)) if projects.len() == 1 => {
            if let Some(ProjectFilter::Named(project) | ProjectFilter::Exactly(project)) = projects.pop() {
                named.project = Some(project);
            }
        }
        _ => {}
    }
}

/// Returns the view that holds for the account.
async fn current(app: &CommandContext) -> Result<Option<View>> {
    let kept = read(app)?;
    if kept.is_empty() {
        return Ok(None);
    }
    let Some(name) = kept.get(&key(app).await?) else { return Ok(None) };
    match app.client().await?.get_view(ViewName::parse(name)?).await {
        Err(error) if error.kind == ErrorKind::NotFound => Err(Error::not_found(format!("view {name}, the context"))
            .hint("end it with `muista context none`, or choose another")
            .into()),
        view => Ok(Some(view?)),
    }
}

/// Has the context be the view that was renamed, where it was that one.
///
/// # Errors
/// When what is kept cannot be read or written.
pub(super) async fn follow(app: &CommandContext, from: &ViewName, to: &str) -> Result<()> {
    let kept = read(app)?;
    if kept.is_empty() {
        return Ok(());
    }
    let is_it = |name: &String| ViewName::parse(name).is_ok_and(|name| name.key() == from.key());
    if kept.get(&key(app).await?).is_some_and(is_it) { keep(app, Some(to)).await } else { Ok(()) }
}

/// Returns under which name the account's context is kept.
async fn key(app: &CommandContext) -> Result<String> {
    let id = app.client().await?.whoami().await?.user_id;
    Ok(match app.target()? {
        ConnectionTarget::Remote(remote) => format!("{id}@{}", remote.address),
        ConnectionTarget::Socket | ConnectionTarget::Default => id.to_string(),
    })
}

fn path(app: &CommandContext) -> Result<PathBuf> {
    Ok(app.config()?.data_dir.join(FILE))
}

/// Returns the contexts of all accounts.
fn read(app: &CommandContext) -> Result<BTreeMap<String, String>> {
    let path = path(app)?;
    match fs::read(&path) {
        Ok(text) => serde_json::from_slice(&text).map_err(|error| {
            CliError::failed(format!("{} is not as Muista writes it: {error}; remove it", path.display()))
        }),
        Err(error) if matches!(error.kind(), IoKind::NotFound | IoKind::NotADirectory) => Ok(BTreeMap::new()),
        Err(error) => Err(CliError::failed(format!("cannot read {}: {error}", path.display()))),
    }
}

/// Keeps the account's context, or that there is none.
async fn keep(app: &CommandContext, view: Option<&str>) -> Result<()> {
    let mut kept = read(app)?;
    if view.is_none() && kept.is_empty() {
        return Ok(());
    }
    let (key, path) = (key(app).await?, path(app)?);
    match view {
        Some(view) => drop(kept.insert(key, view.to_owned())),
        None => drop(kept.remove(&key)),
    }
    let failed = |error: std::io::Error| CliError::failed(format!("cannot write {}: {error}", path.display()));
    if kept.is_empty() {
        return match fs::remove_file(&path) {
            Err(error) if error.kind() != IoKind::NotFound => Err(failed(error)),
            _ => Ok(()),
        };
    }
    let folder = path.parent().unwrap_or(std::path::Path::new("."));
    fs::create_dir_all(folder).map_err(failed)?;
    let text = serde_json::to_vec(&kept).map_err(|error| CliError::failed(error.to_string()))?;
    // Whole or not at all: renamed once it is written.
    let mut file = tempfile::Builder::new().prefix(".context-").tempfile_in(folder).map_err(failed)?;
    file.write_all(&text).map_err(failed)?;
    file.persist(&path).map(drop).map_err(|error| failed(error.error))
}
