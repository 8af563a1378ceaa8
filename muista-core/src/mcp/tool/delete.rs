//! `delete_items`: tasks, reminders and jobs, once the user agrees.

use std::collections::HashSet;

use futures::future::try_join_all;
use rmcp::schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Call, Effect, Entry, Outcome, entry, job, need};
use crate::error::{Error, Result};
use crate::mcp::confirm::{Confirmed, Question, confirm};
use crate::mcp::named::{Name, OneOrMany, Titles, quoted, record, tasks};
use crate::mcp::schema::{Kind, output};
use crate::mcp::{RequestContext, answer, remedy};
use crate::model::{
    AuditQuery, Id, Job, JobName, RecordKind, Reminder, ReminderQuery, ReminderTarget, Scope, Status, TaskDetail,
    TaskRef,
};

/// How many items one call deletes at most.
const DELETED_MAX: usize = 100;
/// How many of them the question names.
const NAMED: usize = 10;
const REMINDERS: &str = "reminders are named by id; list_reminders tells them";

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "rmcp::schemars")]
struct Args {
    /// Numbers, ids or whole titles; their parts go too.
    #[serde(default)]
    tasks: OneOrMany<Name>,
    /// Ids.
    #[serde(default)]
    reminders: OneOrMany<Name>,
    /// Names; their runs go too.
    #[serde(default)]
    jobs: OneOrMany<Name>,
}

pub(super) fn items() -> Entry {
    entry(
        (
            "delete_items",
            "Delete",
            "Deletes tasks, reminders and jobs; asks the user first where the client can. To finish a task use \
             complete_tasks.",
        ),
        Scope::TasksWrite,
        Effect::Deletes,
        output(
            &[("deleted", Kind::Number)],
            &[
                ("tasks", Kind::Objects),
                ("reminders", Kind::Objects),
                ("jobs", Kind::Texts),
                ("changeId", Kind::Text),
                ("changeIds", Kind::Texts),
                ("notDeleted", Kind::Texts),
                ("notices", Kind::Texts),
            ],
        ),
        |call: Call, args: Args| async move { delete(&call, args).await },
    )
}

/// What is to be deleted. All of it was found, so that nothing is deleted where one item is not there.
struct Doomed {
    tasks: Vec<TaskDetail>,
    reminders: Vec<Reminder>,
    jobs: Vec<Job>,
}

async fn delete(call: &Call, args: Args) -> Result<Outcome> {
    let count = args.tasks.0.len() + args.reminders.0.len() + args.jobs.0.len();
    if count == 0 || count > DELETED_MAX {
        return Err(Error::invalid("tasks", format!("{count} items cannot be deleted at once"))
            .hint(format!("name 1 to {DELETED_MAX} items in tasks, reminders and jobs")));
    }
    let context = &call.context;
    if !args.jobs.0.is_empty() {
        need(context, Scope::JobsWrite, "deleting jobs")?;
    }
    let doomed = Doomed {
        tasks: find_tasks(context, &args.tasks).await?,
        reminders: find_reminders(context, &args.reminders).await?,
        jobs: find_jobs(context, &args.jobs).await?,
    };
    match confirm(&call.request, &call.answered, &question(&doomed)).await? {
        Confirmed::Yes => carry_out(context, doomed).await,
        Confirmed::Ask(question) => Ok(Outcome::Ask(question)),
        Confirmed::No => Err(Error::conflict("the user did not agree: nothing was deleted")
            .hint("ask the user what to do instead; do not try again by yourself")),
    }
}

async fn find_tasks(context: &RequestContext, names: &OneOrMany<Name>) -> Result<Vec<TaskDetail>> {
    if names.0.is_empty() {
        return Ok(Vec::new());
    }
    let named = tasks(context, names, Status::All, Titles::Whole).await?;
    let mut found = try_join_all(named.into_iter().map(|task| context.client.get_task(task))).await?;
    let mut seen = HashSet::new();
    found.retain(|detail| seen.insert(detail.task.id));
    Ok(found)
}

async fn find_jobs(context: &RequestContext, names: &OneOrMany<Name>) -> Result<Vec<Job>> {
    let named: Vec<JobName> = names.0.iter().map(job::named).collect::<Result<_>>()?;
    let found = try_join_all(named.into_iter().map(|job| context.client.get_job(job))).await?;
    let mut seen = HashSet::new();
    Ok(found.into_iter().map(|detail| detail.job).filter(|job| seen.insert(job.id)).collect())
}

async fn find_reminders(context: &RequestContext, names: &OneOrMany<Name>) -> Result<Vec<Reminder>> {
    let mut missing = HashSet::new();
    for name in &names.0 {
        let id = record(context, RecordKind::Reminder, name.as_str()).await;
        missing.insert(id.map_err(|error| error.of_field("reminders").hint(REMINDERS))?);
    }
    let (mut found, mut cursor) = (Vec::new(), None);
    while !missing.is_empty() {
        let query = ReminderQuery { all: true, cursor, ..ReminderQuery::default() };
        let page = context.client.list_reminders(query).await?;
        found.extend(page.items.into_iter().filter(|reminder| missing.remove(&reminder.id)));
        cursor = page.next_cursor;
        if let (None, Some(id)) = (&cursor, missing.iter().next()) {
            return Err(Error::not_found(format!("reminder {id}")).of_field("reminders").hint(REMINDERS));
        }
    }
    Ok(found)
}

/// Returns what the user is asked.
fn question(doomed: &Doomed) -> Question {
    let of_task = |TaskDetail { task, subtasks, .. }: &TaskDetail| {
        let parts = if subtasks.is_empty() { String::new() } else { format!(" with its {} parts", subtasks.len()) };
        format!("task {} {}{parts}", task.number, quoted(&task.title))
    };
    let of_reminder = |reminder: &Reminder| format!("reminder {} of {}", reminder.id, quoted(&reminder.task_title));
    let mut named: Vec<String> = doomed.tasks.iter().map(of_task).collect();
    named.extend(doomed.jobs.iter().map(|job| format!("job {}", job.name)));
    named.extend(doomed.reminders.iter().map(of_reminder));
    // What may have another number or name by the time of the answer is told apart by its id.
    let ids = doomed.tasks.iter().map(|detail| detail.task.id).chain(doomed.jobs.iter().map(|job| job.id));
    let about = format!("{named:?} {:?}", ids.collect::<Vec<_>>());
    let more = match named.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    named.truncate(NAMED);
    Question { words: format!("Delete {}{more}?", named.join(", ")), about }
}

/// What was deleted so far, and what could not be.
#[derive(Default)]
struct Done {
    json: Map<String, Value>,
    deleted: usize,
    notices: Vec<String>,
    failed: Vec<Error>,
    left: Vec<String>,
    changes: Vec<Id>,
}

impl Done {
    fn gone(&mut self, kind: &str, count: usize, json: Value) {
        self.deleted += count;
        self.json.insert(kind.to_owned(), json);
    }

    /// Notes a change by which something comes back.
    fn undone_by(&mut self, change: Option<Id>) {
        self.changes.extend(change);
    }

    fn stays(&mut self, what: String, error: Error) {
        self.left.push(format!("{what}: {}", remedy::error_text(&error)));
        self.failed.push(error);
    }

    /// Returns an error where nothing was deleted; else what was, beside what was not.
    fn outcome(mut self) -> Result<Outcome> {
        if let (0, Some(error)) = (self.deleted, self.failed.pop()) {
            return Err(error);
        }
        self.json.insert("deleted".to_owned(), json!(self.deleted));
        if !self.left.is_empty() {
            self.json.insert("notDeleted".to_owned(), json!(self.left));
        }
        let mut json = Value::Object(self.json);
        // Each kind was a change by itself, and so was each job.
        match self.changes.as_slice() {
            [] => {}
            [one] => json["changeId"] = json!(one),
            several => json["changeIds"] = json!(several),
        }
        Ok(answer::noticed(json, self.notices).into())
    }
}

/// Returns the change that deleted a record, for those who may look into the record of changes.
async fn last_change(context: &RequestContext, record: Option<Id>) -> Option<Id> {
    let query = AuditQuery { record: Some(record?), limit: 1, ..AuditQuery::default() };
    let page = context.client.list_audit(query).await.ok()?;
    page.items.first().map(|entry| entry.change_id)
}

async fn carry_out(context: &RequestContext, doomed: Doomed) -> Result<Outcome> {
    let mut done = Done::default();
    if !doomed.reminders.is_empty() {
        let ids: Vec<Id> = doomed.reminders.iter().map(|reminder| reminder.id).collect();
        let many = ids.len();
        match context.client.delete_reminders(ReminderTarget::Ids(ids)).await {
            Ok(gone) => {
                let json = answer::to_tool_json(&gone.value, &context.time.zone, answer::OF_REMINDERS)?;
                done.gone("reminders", gone.value.len(), json);
                done.undone_by(gone.change_id);
                done.notices.extend(gone.notices);
            }
            Err(error) => done.stays(format!("{many} reminders"), error),
        }
    }
    if !doomed.tasks.is_empty() {
        let named = doomed.tasks.iter().map(|detail| TaskRef::Id(detail.task.id)).collect();
        match context.client.delete_tasks(named).await {
            Ok(gone) => {
                done.undone_by(last_change(context, gone.last().map(|task| task.id)).await);
                let json = gone.iter().map(|task| json!({"number": task.number, "title": task.title})).collect();
                done.gone("tasks", gone.len(), json);
            }
            Err(error) => {
                let numbers: Vec<String> = doomed.tasks.iter().map(|detail| detail.task.number.to_string()).collect();
                done.stays(format!("tasks {}", numbers.join(", ")), error);
            }
        }
    }
    let mut jobs = Vec::new();
    for job in doomed.jobs {
        match context.client.delete_job(JobName::parse(&job.name)?).await {
            Ok(gone) => {
                done.undone_by(last_change(context, Some(gone.id)).await);
                jobs.push(gone.name);
            }
            Err(error) => done.stays(format!("job {}", job.name), error),
        }
    }
    if !jobs.is_empty() {
        done.gone("jobs", jobs.len(), json!(jobs));
    }
    done.outcome()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    /// Returns what `done` tells, if it is no error.
    fn json_of(done: Done) -> Option<Value> {
        match done.outcome().unwrap() {
            Outcome::Json(json) => Some(json),
            Outcome::Ask(_) | Outcome::Failed(_) => None,
        }
    }

    #[test]
    fn a_part_that_fails_is_told_beside_what_was_deleted() {
        let mut done = Done::default();
        done.gone("tasks", 1, json!([{"number": 1, "title": "a"}]));
        done.stays("job backup".to_owned(), Error::conflict("it runs"));
        let json = json_of(done).unwrap();
        assert_eq!((&json["deleted"], &json["tasks"][0]["number"]), (&json!(1), &json!(1)));
        assert!(json["notDeleted"][0].as_str().unwrap().starts_with("job backup: CONFLICT: it runs"), "{json}");
    }

    #[test]
    fn where_nothing_was_deleted_it_is_an_error() {
        let mut done = Done::default();
        done.stays("job backup".to_owned(), Error::conflict("it runs"));
        assert!(done.outcome().is_err());
    }
}
