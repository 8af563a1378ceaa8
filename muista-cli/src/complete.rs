//! Completion of values: the shell calls `muista` with [`VARIABLE`] set, and task ids come with their titles, tags,
//! projects and categories by name. Whatever goes wrong while completing is silent: it must not disturb the line that is
//! being typed. How each shell quotes is [`mod@shell`]'s.

mod bash;
mod fish;
mod shell;

use std::cell::OnceCell;
use std::ffi::{OsStr, OsString};
use std::process::ExitCode;

use clap::{Command, FromArgMatches};
use clap_complete::engine::{CompletionCandidate, complete};
use muista_core::error::Error;
use muista_core::mcp::Toolsets;
use muista_core::model::{
    Category, Channel, Content, FieldKind, FieldName, GroupBy, Id, JobQuery, Missed, NotificationQuery,
    NotificationStatus, Overlap, Page, Priority, ReminderQuery, RunStatus, ShortId, Status, TaskFilter,
};
use muista_core::rpc::Client;
use muista_core::store::Database;

use crate::connection_target::ConnectionTarget;
use crate::context::CommandContext;
use crate::error::{CliError, Result};
use crate::globals::Globals;
use crate::output::LEDGER_IDS;
pub(crate) use shell::Shell;

/// Set by the shell's script when it asks for completions. It does not begin with `MUISTA_`, since it is no setting.
pub(crate) const VARIABLE: &str = "_MUISTA_COMPLETE";

/// Marks the candidates that are names and values, apart from flags and verbs.
const NAME: &str = "name";

/// What gives the values for what was typed.
type Completer = fn(&OsStr) -> Vec<CompletionCandidate>;

/// Returns whether a shell asks for completions.
pub(crate) fn is_asked() -> bool {
    std::env::var_os(VARIABLE).is_some()
}

thread_local! {
    /// The flags of the line that is being typed. clap hands completers the word alone.
    static TYPED: OnceCell<Globals> = const { OnceCell::new() };
}

/// Answers the shell; `line` describes the command line to clap.
pub(crate) fn answer(line: fn() -> Command) -> ExitCode {
    match candidates(line) {
        Some(answer) if crate::output::write(&answer).is_ok() => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// Returns what the shell reads.
fn candidates(line: fn() -> Command) -> Option<String> {
    let (shell, handed) = (asking()?, handed());
    let words = shell.words(handed.clone())?;
    TYPED.with(|typed| typed.set(typed_globals(line(), &words))).ok()?;
    let index = words.len().checked_sub(1)?;
    let is_flag = words.last().is_some_and(|word| word.as_encoded_bytes().starts_with(b"-"));
    let folder = std::env::current_dir().ok();
    let mut candidates = complete(&mut line(), words, index, folder.as_deref()).ok()?;
    // A name that begins with a dash would be read as a flag, unless it stands behind `--flag=`.
    candidates.retain(|candidate| {
        let is_name = candidate.get_tag().is_some_and(|tag| tag.to_string() == NAME);
        is_flag || !is_name || !candidate.get_value().as_encoded_bytes().starts_with(b"-")
    });
    Some(shell.answer(&handed, &candidates))
}

/// Returns the shell that asks.
fn asking() -> Option<Shell> {
    Shell::named(&std::env::var_os(VARIABLE)?)
}

/// Returns what the shell's script handed over, which stands after `--`.
fn handed() -> Vec<OsString> {
    std::env::args_os().skip_while(|arg| arg != "--").skip(1).collect()
}

/// Returns the open tasks.
pub(crate) fn open_tasks(current: &OsStr) -> Vec<CompletionCandidate> {
    tasks(current, Status::Open)
}

/// Returns the tasks that are done.
pub(crate) fn done_tasks(current: &OsStr) -> Vec<CompletionCandidate> {
    tasks(current, Status::Done)
}

/// All tasks.
pub(crate) fn all_tasks(current: &OsStr) -> Vec<CompletionCandidate> {
    tasks(current, Status::All)
}

/// Returns the tags.
pub(crate) fn tags(current: &OsStr) -> Vec<CompletionCandidate> {
    let tags = ask(async |client| client.list_tags().await).unwrap_or_default();
    matching(current, tags.into_iter().map(|tag| (tag.name, format!("{} open", tag.open))))
}

/// Returns the projects.
pub(crate) fn projects(current: &OsStr) -> Vec<CompletionCandidate> {
    let projects = ask(async |client| client.list_projects().await).unwrap_or_default();
    matching(current, projects.into_iter().map(|project| (project.name, format!("{} open", project.open))))
}

/// Returns the views.
pub(crate) fn views(current: &OsStr) -> Vec<CompletionCandidate> {
    let views = ask(async |client| client.list_views().await).unwrap_or_default();
    matching(current, views.into_iter().map(|view| (view.name, view.query)))
}

/// Returns the templates.
pub(crate) fn templates(current: &OsStr) -> Vec<CompletionCandidate> {
    let templates = ask(async |client| client.list_templates().await).unwrap_or_default();
    matching(current, templates.into_iter().map(|template| (template.name, template.placeholders.join(", "))))
}

/// Returns the own fields.
pub(crate) fn fields(current: &OsStr) -> Vec<CompletionCandidate> {
    let fields = ask(async |client| client.list_fields().await).unwrap_or_default();
    matching(current, fields.into_iter().map(|field| (field.name, field.kind.to_string())))
}

/// Returns the own fields, as a flag's value begins: `effort=`.
pub(crate) fn field_values(current: &OsStr) -> Vec<CompletionCandidate> {
    let fields = ask(async |client| client.list_fields().await).unwrap_or_default();
    matching(current, fields.into_iter().map(|field| (format!("{}=", field.name), field.kind.to_string())))
}

/// Returns what an own field's values may be.
pub(crate) fn field_kinds(current: &OsStr) -> Vec<CompletionCandidate> {
    named(current, FieldKind::ALL.iter().map(|kind| kind.as_str()))
}

/// Returns what a list is grouped by.
pub(crate) fn groups(current: &OsStr) -> Vec<CompletionCandidate> {
    let mut groups = named(current, GroupBy::NAMES.iter().map(|(name, _)| *name).chain(["none"]));
    groups.extend(fields(current));
    groups
}

/// Returns the categories.
pub(crate) fn categories(current: &OsStr) -> Vec<CompletionCandidate> {
    matching(current, Category::ALL.iter().map(|category| (category.to_string(), String::new())))
}

/// Returns the priorities.
pub(crate) fn priorities(current: &OsStr) -> Vec<CompletionCandidate> {
    matching(current, Priority::ALL.iter().map(|priority| (priority.as_str().to_lowercase(), String::new())))
}

/// Returns the jobs.
pub(crate) fn jobs(current: &OsStr) -> Vec<CompletionCandidate> {
    let found = ask(async |client| client.list_jobs(JobQuery::default()).await);
    let jobs = found.map(|page| page.items).unwrap_or_default();
    matching(current, jobs.into_iter().map(|job| (job.name, job.words.or(job.schedule).unwrap_or_default())))
}

/// Returns the scripts.
pub(crate) fn scripts(current: &OsStr) -> Vec<CompletionCandidate> {
    let scripts = ask(async |client| client.list_scripts().await).unwrap_or_default();
    matching(current, scripts.into_iter().map(|script| (script.name, script.description.unwrap_or_default())))
}

/// Returns what happens when runs would overlap.
pub(crate) fn overlaps(current: &OsStr) -> Vec<CompletionCandidate> {
    named(current, Overlap::ALL.iter().map(|overlap| overlap.as_str()))
}

/// Returns what happens to missed times.
pub(crate) fn missed(current: &OsStr) -> Vec<CompletionCandidate> {
    named(current, Missed::ALL.iter().map(|missed| missed.as_str()))
}

/// Returns the sets of tools.
pub(crate) fn toolsets(current: &OsStr) -> Vec<CompletionCandidate> {
    named(current, Toolsets::names())
}

/// Returns the channels.
pub(crate) fn channels(current: &OsStr) -> Vec<CompletionCandidate> {
    named(current, Channel::ALL.iter().map(|channel| channel.as_str()))
}

/// Returns how a run may stand.
pub(crate) fn run_states(current: &OsStr) -> Vec<CompletionCandidate> {
    named(current, RunStatus::ALL.iter().map(|status| status.as_str()))
}

/// Returns the reminders that are to come, with their tasks' titles.
pub(crate) fn reminders(current: &OsStr) -> Vec<CompletionCandidate> {
    let found =
        ask(async |client| client.list_reminders(ReminderQuery { all: true, ..ReminderQuery::default() }).await);
    let reminders = found.map(|page| page.items).unwrap_or_default();
    by_id(current, reminders.into_iter().map(|one| (one.id, one.task_title)).collect(), ShortId::LEAST)
}

/// Returns the notifications that failed, with what they are about.
pub(crate) fn failed_notifications(current: &OsStr) -> Vec<CompletionCandidate> {
    let query = NotificationQuery { status: Some(NotificationStatus::Failed), ..NotificationQuery::default() };
    let found = ask(async |client| client.list_notifications(query).await);
    let failed = found.map(|page| page.items).unwrap_or_default();
    let about = |content: Option<Content>| content.map(|content| content.title).unwrap_or_default();
    by_id(current, failed.into_iter().map(|one| (one.id, about(one.payload))).collect(), LEDGER_IDS)
}

/// Which occurrences of a repeating task an edit means.
pub(crate) fn scopes(current: &OsStr) -> Vec<CompletionCandidate> {
    matching(current, ["this", "later", "all"].into_iter().map(|scope| (scope.to_owned(), String::new())))
}

/// Returns the words of a filter or a title: `+tag`, `-tag`, `@category`, `!priority`, `project:name`, `:view`. Other
/// words have none.
pub(crate) fn words(current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(typed) = current.to_str() else { return Vec::new() };
    let kinds = [
        ("+", tags as Completer),
        ("-", tags),
        ("@", categories),
        ("!", priorities),
        ("project:", projects),
        (":", views),
    ];
    for (sign, complete) in kinds {
        if let Some(rest) = typed.strip_prefix(sign) {
            return complete(rest.as_ref()).into_iter().map(|candidate| candidate.add_prefix(sign)).collect();
        }
    }
    if FieldName::has_shape(typed) { field_words(typed) } else { Vec::new() }
}

/// Returns the own fields that begin so, as a word that sets or asks for one begins: `effort:`.
fn field_words(typed: &str) -> Vec<CompletionCandidate> {
    let fields = ask(async |client| client.list_fields().await).unwrap_or_default();
    matching(typed.as_ref(), fields.into_iter().map(|field| (format!("{}:", field.name), field.kind.to_string())))
}

/// Returns the open tasks, or the words that change one.
pub(crate) fn edit_words(current: &OsStr) -> Vec<CompletionCandidate> {
    open_tasks(current).into_iter().chain(words(current)).collect()
}

/// As many tasks as one page holds, by number, with their titles.
fn tasks(current: &OsStr, status: Status) -> Vec<CompletionCandidate> {
    let filter = TaskFilter { status, ..TaskFilter::default() };
    let page = Page { limit: Page::MAX, ..Page::default() };
    let found = ask(async |client| client.list_tasks(filter, page).await);
    let tasks = found.map(|page| page.items).unwrap_or_default();
    matching(current, tasks.into_iter().map(|task| (task.number.to_string(), task.title)))
}

/// Returns the short ids that begin with what was typed, each with its help.
fn by_id(current: &OsStr, records: Vec<(Id, String)>, least: usize) -> Vec<CompletionCandidate> {
    let length = ShortId::length(records.iter().map(|(id, _)| *id), least);
    matching(current, records.into_iter().map(|(id, help)| (id.short(length), help)))
}

/// Returns the names that begin with what was typed, in any case.
fn named<'a>(current: &OsStr, names: impl Iterator<Item = &'a str>) -> Vec<CompletionCandidate> {
    matching(current, names.map(|name| (name.to_owned(), String::new())))
}

/// Returns the values that begin with what was typed, in any case, each with its help.
fn matching(current: &OsStr, values: impl Iterator<Item = (String, String)>) -> Vec<CompletionCandidate> {
    let typed = current.to_string_lossy().to_lowercase();
    values
        .filter(|(value, _)| value.to_lowercase().starts_with(&typed))
        .map(|(value, help)| {
            let help = Some(help).filter(|help| !help.is_empty());
            CompletionCandidate::new(value).help(help.map(Into::into)).tag(Some(NAME.into()))
        })
        .collect()
}

/// Asks the service, with the settings of the line that is being typed.
fn ask<T>(call: impl AsyncFnOnce(Client) -> Result<T, Error>) -> Result<T> {
    let typed = TYPED.with(|typed| typed.get().cloned().unwrap_or_default());
    let app = CommandContext::new(Globals { quiet: true, yes: true, ..typed })?;
    // Completing makes nothing: without a database there is nothing to offer.
    if matches!(app.target()?, ConnectionTarget::Default)
        && let Database::Sqlite(path) = app.config()?.database()?
        && !path.exists()
    {
        return Err(CliError::failed("there is no database yet"));
    }
    app.block_on(async {
        let answer = match app.client().await {
            Ok(client) => call(client).await.map_err(CliError::from),
            Err(failure) => Err(failure),
        };
        app.close();
        answer
    })
}

/// Returns the flags of the line that is being typed.
fn typed_globals(line: Command, words: &[OsString]) -> Globals {
    let matches = line.ignore_errors(true).try_get_matches_from(words);
    matches.ok().and_then(|matches| Globals::from_arg_matches(&matches).ok()).unwrap_or_default()
}
