//! What a model is told of an error: its code, the argument that was wrong, what happened, and what to do next, in terms of
//! the tools. What is inside Muista is not told, since a model may be anywhere; it stands in the log.

use rmcp::model::{CallToolResult, ContentBlock};

use crate::error::{Error, ErrorKind};
use crate::model::DateField;

/// The most characters of a message, which may repeat an argument, and of a remedy.
const SENTENCE_MAX: usize = 600;
/// The most characters of an argument's name, which may be made up.
const NAME_MAX: usize = 60;
/// The most characters of all that is told.
const TOLD_MAX: usize = 9_000;

/// What stands in the core's remedies that name commands, of which a model has none, and what a model can do instead.
const REMEDIES: &[(&str, &str)] = &[
    ("leave out --scope, or make it recur", "leave out `scope`, or make it recur with `every`"),
    ("leave out --scope: --every", "leave out `scope`: `every` holds for this one and those that come"),
    ("to stop it as well", "to end the recurrence as well give `every` \"none\""),
    ("reopen it first", "reopen it first, with complete_tasks and `reopen` true"),
    ("every friday until 2030", "choose a later end, as in \"every friday until 2030-12-31\""),
    ("start one: `muista start", "start one first, with start_work"),
    ("`muista ls is:active` lists", "list_tasks with the query is:active tells the tasks that are"),
    ("stop some: `muista stop", "stop some first, with stop_work"),
    ("as in --start monday", "give the task a `due`, or a date to start on, as in \"monday\""),
    ("give it one, as in --due", "give the task a `due`, or say when to remind, as in \"tomorrow 9:00\""),
    ("give a later end with --until", "choose a schedule that has times to come"),
    ("give a minute or more, as in --nag", "give a minute or more, as in \"15min\""),
    ("give a time to come, as in --until", "choose an end that is still to come"),
    (
        "(`muista usage` shows what is used)",
        "tell the user what is full: to delete what is not needed, or to have an admin raise the limit",
    ),
    (
        "or cancel some with `muista job cancel`",
        "wait until some have ended, or stop some with cancel_run; an admin can raise the limit",
    ),
    ("set a reminder with `muista remind", "set a reminder first, with set_reminder"),
    ("`muista view ls` shows what there is", "the resource muista://views names the views"),
    ("`muista reminder ls` shows them", "list_reminders shows them, and delete_items deletes one"),
    ("`muista reminder ls --all` shows", "list_reminders shows what there is"),
    ("`muista ls --status all`", "list_tasks shows what there is; with `status` all what is done as well"),
    ("look at it with `muista show`", "it was changed meanwhile: get_task shows how it is now; decide again"),
    ("look at it with `muista job show`", "it was changed meanwhile: get_job shows how it is now; decide again"),
    ("or run it now with `muista job run", "give a time to come, or run it now with run_job"),
    ("`muista job ls` shows", "list_jobs shows what there is"),
    ("`muista job runs` shows which", "list_runs shows which have not ended"),
    ("`muista job runs` shows what", "list_runs shows what there is"),
    ("` makes one", "run_job makes one"),
    ("stop it with `muista job cancel", "wait for its end, which get_run tells, or stop it with cancel_run"),
    ("`muista script ls` shows", "list_jobs shows the scripts that there are"),
    ("set it, as in `--param", "give it in `params`, as in \"city=Turku\""),
    ("a job's name is one word", "a job's name is one word, as in \"backup\""),
    ("give the task a title", "give the task a title"),
    ("a tag is plain text", "a tag is plain text without commas, as in \"home\""),
    ("a project name is one line", "a project's name is one line of plain text, as in \"home\""),
    ("`muista project ls` shows", "the projects stand with the tasks of list_tasks"),
    ("`muista tag ls` shows", "the tags stand with the tasks of list_tasks"),
    ("shows whom to ask", "tell the user: the project's owner or an admin has to do this"),
    ("its owner may change it", "tell the user: the task's owner may change it, and so may the project's admins"),
];

/// Returns the result of a tool that could not do what was asked.
pub(super) fn failure(error: &Error) -> CallToolResult {
    failed(&error_text(error))
}

/// Returns the result of a tool that could not do what was asked, in words that are there already.
pub(super) fn failed(why: &str) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(clipped(why, TOLD_MAX))])
}

/// Returns an error in words.
pub(super) fn error_text(error: &Error) -> String {
    format!("{}. Next: {}.", what(error), next(error))
}

/// Returns what went wrong, without what to do next.
pub(super) fn what(error: &Error) -> String {
    let field = error.field.as_deref().map(|field| format!(" ({})", clipped(argument(field), NAME_MAX)));
    let message = match error.kind {
        ErrorKind::Internal => {
            tracing::error!(error = %error.message, "a request of an agent failed");
            "the request failed inside Muista"
        }
        ErrorKind::Unavailable => {
            tracing::warn!(error = %error.message, "a request of an agent was not done");
            "the database does not answer"
        }
        _ => &error.message,
    };
    format!("{}{}: {}", error.kind.code(), field.unwrap_or_default(), clipped(message, SENTENCE_MAX))
}

/// Returns an error whole, with what is inside, for a client on this machine.
pub(super) fn full_text(error: &Error) -> String {
    let hint = error.hint.as_deref().map(|hint| format!("; {hint}")).unwrap_or_default();
    format!("{}: {}{hint}", error.kind.code(), error.message)
}

/// Returns a text without what is more than `most` characters.
pub(super) fn clipped(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}… ({} more characters)", &text[..at], text[at..].chars().count()),
        None => text.to_owned(),
    }
}

/// Returns the argument that gave a field its value, where that has another name.
fn argument(field: &str) -> &str {
    if let Some(date) = DateField::of_key(field) {
        return date.name();
    }
    match field {
        "parentId" => "parent",
        "dependsOn" => "depends_on",
        "addTags" => "add_tags",
        "removeTags" => "remove_tags",
        "tag" => "tags",
        "channel" => "channels",
        "projectId" => "project",
        "id" | "taskId" => "task",
        "timeoutSeconds" => "timeout_seconds",
        "maxRetries" => "max_retries",
        "notifyOnFailure" | "taskOnFailure" => "on_failure",
        "reminder" | "reminder.at" => "at",
        "reminder.every" => "every",
        "reminder.nag" => "nag",
        "reminder.note" => "note",
        "reminder.channels" => "channels",
        field => field,
    }
}

/// Returns what a model can do about an error.
fn next(error: &Error) -> String {
    if let Some(next) = error.hint.as_deref().and_then(in_tools) {
        return clipped(&next, SENTENCE_MAX);
    }
    let next = match error.kind {
        ErrorKind::NotFound => "look for it with the list tools; tasks are named by number or exact title",
        ErrorKind::Invalid => "correct this argument and call again",
        ErrorKind::Conflict | ErrorKind::PreconditionFailed => "look at how it is now, then decide again",
        ErrorKind::Forbidden => "tell the user that the token lacks this permission; do not try again",
        ErrorKind::Unauthenticated => "ask the user for a valid token",
        ErrorKind::Quota => "tell the user what is full, and that an admin can raise the limit",
        ErrorKind::DailyLimit => "tell the user; the limit ends with the day",
        ErrorKind::RateLimited => {
            return format!("wait {} s before you try again", error.retry_after.unwrap_or(1));
        }
        ErrorKind::Unavailable => "try again in a moment",
        ErrorKind::Internal => "tell the user; trying again may not help",
    };
    next.to_owned()
}

/// Returns a remedy in terms of the tools; none where nothing of it is left without the commands.
fn in_tools(hint: &str) -> Option<String> {
    let names_command = |part: &str| part.contains("muista ") || part.contains("--");
    if !names_command(hint) {
        return Some(hint.to_owned());
    }
    if let Some((_, instead)) = REMEDIES.iter().find(|(part, _)| hint.contains(part)) {
        return Some((*instead).to_owned());
    }
    let left: Vec<&str> = hint.split("; ").filter(|part| !names_command(part)).collect();
    (!left.is_empty()).then(|| left.join("; "))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn what_is_inside_is_not_told() {
        let inside = [
            Error::internal("no such table: tasks at /var/lib/muista"),
            Error::unavailable("cannot connect to postgres://db.internal").hint("see /var/log; try again later"),
        ];
        for error in inside {
            let text = error_text(&error);
            assert!(!text.contains("/var/lib") && !text.contains("db.internal"), "{text}");
        }
    }

    #[test]
    fn remedies_name_tools_and_no_commands() {
        let text_of = |hint: &str| error_text(&Error::conflict("no").hint(hint));
        assert_eq!(text_of("give a later end"), "CONFLICT: no. Next: give a later end.");
        assert_eq!(
            text_of("stop it with `muista job cancel a`, or let runs wait with `muista job edit a --overlap queue`"),
            "CONFLICT: no. Next: wait for its end, which get_run tells, or stop it with cancel_run."
        );
        assert_eq!(text_of("undo that first; `muista log` shows the changes"), "CONFLICT: no. Next: undo that first.");
        assert_eq!(
            text_of("`muista log` shows the changes"),
            "CONFLICT: no. Next: look at how it is now, then decide again."
        );
    }

    /// A remedy that the core words anew would not be found here any more.
    #[test]
    fn each_remedy_is_one_of_the_cores() {
        let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let texts: Vec<String> =
            ["service", "model", "script"].iter().flat_map(|folder| sources(&src.join(folder))).collect();
        for (part, instead) in REMEDIES {
            // As it is written in the source.
            let part = part.replace('"', "\\\"");
            assert!(texts.iter().any(|text| text.contains(&part)), "{part}");
            assert!(!instead.contains("--") && !instead.contains("muista "), "{instead}");
        }
    }

    fn sources(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries
            .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![fs::read_to_string(path).unwrap()] })
            .collect()
    }

    #[test]
    fn nothing_is_told_at_any_length() {
        let long = "x".repeat(100_000);
        let error = Error::invalid(&long, &*long).hint(&*long);
        assert!(error_text(&error).chars().count() < 1_500);
    }
}
