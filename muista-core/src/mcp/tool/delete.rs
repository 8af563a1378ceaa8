//! `delete_items`: tasks, reminders and jobs, once the user agrees.

use futures::future::try_join_all;
use rmcp::schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{Call, Effect, Entry, Outcome, entry, job};
use crate::error::{Error, Result};
use crate::mcp::confirm::{Confirmed, confirm};
use crate::mcp::named::{Name, Several, tasks};
use crate::mcp::schema::{Kind, output};
use crate::mcp::{Seat, answer};
use crate::model::{Id, JobName, ReminderTarget, Scope, Status, TaskDetail, TaskRef, clip};

/// How many items one call deletes at most.
const DELETED_MAX: usize = 100;
/// How many of them the question names.
const NAMED: usize = 10;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "rmcp::schemars")]
struct Args {
    /// Tasks: numbers, ids or titles. Their parts go with them.
    #[serde(default)]
    tasks: Several<Name>,
    /// Reminders: ids.
    #[serde(default)]
    reminders: Several<Name>,
    /// Jobs: names. Their runs go with them.
    #[serde(default)]
    jobs: Several<Name>,
}

pub(super) fn items() -> Entry {
    entry(
        (
            "delete_items",
            "Delete",
            "Deletes tasks, reminders and jobs. The user is asked first where the client can. To finish a task use \
             complete_tasks instead.",
        ),
        Scope::TasksWrite,
        Effect::Deletes,
        output(
            &[("deleted", Kind::Number)],
            &[("tasks", Kind::Objects), ("reminders", Kind::Objects), ("jobs", Kind::Texts), ("notices", Kind::Texts)],
        ),
        |call: Call, args: Args| async move { delete(&call, args).await },
    )
}

/// What is to be deleted.
struct Doomed {
    tasks: Vec<TaskRef>,
    reminders: Vec<Id>,
    jobs: Vec<JobName>,
}

async fn delete(call: &Call, args: Args) -> Result<Outcome> {
    let count = args.tasks.0.len() + args.reminders.0.len() + args.jobs.0.len();
    if count == 0 || count > DELETED_MAX {
        return Err(Error::invalid("tasks", format!("{count} items cannot be deleted at once"))
            .hint(format!("name 1 to {DELETED_MAX} items in tasks, reminders and jobs")));
    }
    let seat = &call.seat;
    let doomed = Doomed {
        tasks: if args.tasks.0.is_empty() { Vec::new() } else { tasks(seat, &args.tasks, Status::All).await? },
        reminders: args.reminders.0.iter().map(|name| name.as_str().parse::<Id>()).collect::<Result<_>>().map_err(
            |error| error.of_field("reminders").hint("reminders are named by id; list_reminders tells them"),
        )?,
        jobs: args.jobs.0.iter().map(job::named).collect::<Result<_>>()?,
    };
    let question = question(seat, &doomed).await?;
    match confirm(&call.request, call.responses.as_ref(), &question).await? {
        Confirmed::Yes => carry_out(seat, doomed).await,
        Confirmed::Ask(question) => Ok(Outcome::Ask(question)),
        Confirmed::No => Err(Error::conflict("the user did not agree: nothing was deleted")
            .hint("ask the user what to do instead; do not try again by yourself")),
    }
}

/// What the user is asked. Everything is looked for, so that nothing is deleted where one item is not there.
async fn question(seat: &Seat, doomed: &Doomed) -> Result<String> {
    let tasks = try_join_all(doomed.tasks.iter().map(|task| seat.client.get_task(task.clone()))).await?;
    let jobs = try_join_all(doomed.jobs.iter().map(|job| seat.client.get_job(job.clone()))).await?;
    let of_task = |TaskDetail { task, subtasks, .. }: &TaskDetail| {
        let parts = if subtasks.is_empty() { String::new() } else { format!(" with its {} parts", subtasks.len()) };
        format!("task {} “{}”{parts}", task.number, clip(&task.title).escape_debug())
    };
    let mut named: Vec<String> = tasks.iter().map(of_task).collect();
    named.extend(jobs.iter().map(|job| format!("job {}", job.job.name)));
    named.extend(doomed.reminders.iter().map(|id| format!("reminder {id}")));
    let more = match named.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    named.truncate(NAMED);
    Ok(format!("Delete {}{more}?", named.join(", ")))
}

async fn carry_out(seat: &Seat, doomed: Doomed) -> Result<Outcome> {
    let zone = &seat.context.zone;
    let mut deleted = 0;
    let mut facts = json!({"deleted": 0});
    let mut notices = Vec::new();
    if !doomed.reminders.is_empty() {
        let gone = seat.client.delete_reminders(ReminderTarget::Ids(doomed.reminders)).await?;
        deleted += gone.value.len();
        facts["reminders"] = answer::facts(&gone.value, zone, answer::OF_REMINDERS)?;
        notices.extend(gone.notices);
    }
    if !doomed.tasks.is_empty() {
        let gone = seat.client.delete_tasks(doomed.tasks).await?;
        deleted += gone.len();
        facts["tasks"] = gone.iter().map(|task| json!({"number": task.number, "title": task.title})).collect();
    }
    let mut jobs = Vec::new();
    for job in doomed.jobs {
        jobs.push(seat.client.delete_job(job).await?.name);
    }
    deleted += jobs.len();
    if !jobs.is_empty() {
        facts["jobs"] = json!(jobs);
    }
    facts["deleted"] = json!(deleted);
    Ok(answer::noticed(facts, notices).into())
}
