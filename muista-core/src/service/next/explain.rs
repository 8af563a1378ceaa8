//! Why a task is hidden, why it ranks where it does, and why its last reminder or run was late. What was late is read from
//! the ledger, which keeps what came of each message and run.

use std::time::Duration;

use super::{Candidate, Now, Waits, parts};
use crate::config::RunSlots;
use crate::error::Result;
use crate::model::{
    Explanation, Hidden, Id, LateKind, Lateness, Notification, NotificationStatus, Run, RunStatus, Scope, Task,
    TaskRef, WorkTime,
};
use crate::service::task::assemble;
use crate::service::{Caller, Service, run};
use crate::store::rows::{RankRow, TaskRow};
use crate::store::{self, Conn};
use crate::time::Instant;

/// What is later than this is late.
const LATE: Duration = Duration::from_secs(60);

/// Explains how a task stands.
///
/// # Errors
/// `NotFound` for a task that the caller does not see.
pub async fn explain(service: &Service, caller: &Caller, name: TaskRef) -> Result<Explanation> {
    caller.require(Scope::TasksRead)?;
    let (user, at) = (caller.user, service.now());
    let now = Now::of(at, caller.timezone.as_deref());
    let slots = service.settings().slots;
    let (messages, runs) = (caller.scopes.has(Scope::NotificationsRead), caller.scopes.has(Scope::JobsRead));
    let work = move |conn: &mut Conn| {
        let task = assemble::find_visible(conn, user, &name)?;
        let mut blocked_by = assemble::by_ids(conn, user, &task.depends_on)?;
        blocked_by.retain(|before| !before.completed);
        let all = assemble::all_by_ids(conn, &task.depends_on)?.into_iter().filter(|before| !before.completed);
        let blocked_by_hidden = u32::try_from(all.count() - blocked_by.len()).unwrap_or(u32::MAX);
        blocked_by.sort_by_key(|before| before.number);
        let hidden = hidden(&task, now);
        let candidate = match hidden {
            None => Some(Candidate::of(&rank_row(&task), &Waits::read(conn, user)?, now)),
            Some(_) => None,
        };
        let mut late = Vec::new();
        if messages {
            late.extend(late_message(conn, user, task.id, at)?);
        }
        if runs {
            late.extend(late_runs(conn, &slots, user, task.id, at)?);
        }
        let (urgency, why) = candidate.map(|found| (found.urgency, parts(&found))).unzip();
        Ok(Explanation { task, hidden, blocked_by, blocked_by_hidden, urgency, why: why.unwrap_or_default(), late })
    };
    service.store.read(work).await
}

fn hidden(task: &Task, now: Now) -> Option<Hidden> {
    let waits = match task.start_on {
        Some(day) => day > now.local.date(),
        None => task.start_date.is_some_and(|start| start > now.at),
    };
    match (task.completed, waits) {
        (true, _) => Some(Hidden::Done),
        (false, true) => Some(Hidden::Waiting),
        (false, false) => None,
    }
}

fn rank_row(task: &Task) -> RankRow {
    let row = TaskRow::from(task);
    RankRow {
        id: row.id,
        number: row.number,
        priority: row.priority,
        due_at: row.due_at,
        due_on: row.due_on,
        created_at: row.created_at,
        project_id: row.project_id,
        tag_count: row.tag_count,
        deadline_at: row.deadline_at,
        deadline_on: row.deadline_on,
    }
}

/// The last message of the task's reminders to the caller, where it was late.
fn late_message(conn: &mut Conn, user: Id, task: Id, now: Instant) -> Result<Option<Lateness>> {
    let row = store::notification::list(conn, user, (None, None), Some(task), None, 1)?.pop();
    let Some(message) = row.map(store::rows::NotificationRow::into_notification).transpose()? else { return Ok(None) };
    let Some(scheduled_for) = message.payload.as_ref().and_then(|payload| payload.scheduled_for) else {
        return Ok(None);
    };
    let told = message.sent_at.unwrap_or(now);
    if told.since(scheduled_for) <= LATE {
        return Ok(None);
    }
    let reasons = reasons_of_message(&message, scheduled_for);
    let name = message.channel.to_string();
    Ok(Some(Lateness { kind: LateKind::Reminder, id: message.id, name, scheduled_for, at: message.sent_at, reasons }))
}

fn reasons_of_message(message: &Notification, scheduled_for: Instant) -> Vec<String> {
    let mut reasons = Vec::new();
    let late = message.created_at.since(scheduled_for);
    if late > LATE {
        reasons.push(format!(
            "it fired {} late: no daemon was running at its time, or the task was postponed",
            words(late)
        ));
    }
    if message.rescues > 0 {
        reasons.push("a daemon stopped while it was sending it".to_owned());
    }
    let failed =
        if message.status == NotificationStatus::Sent { (message.attempts - 1).max(0) } else { message.attempts };
    let why = message.error_message.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
    match (message.status, failed) {
        (NotificationStatus::Failed, _) => reasons.push(format!("it could not be delivered{why}")),
        (_, 1) => reasons.push(format!("1 attempt failed{why}")),
        (_, failed) if failed > 1 => reasons.push(format!("{failed} attempts failed{why}")),
        _ => {}
    }
    if message.status == NotificationStatus::Pending {
        reasons.push(match message.next_attempt_at {
            Some(_) => "it waits to be sent: `muista daemon status` shows whether a daemon is running".to_owned(),
            None => "it waits until the account has an address for it".to_owned(),
        });
    }
    reasons
}

/// The last run of each of the caller's jobs for the task, where it was late.
fn late_runs(conn: &mut Conn, slots: &RunSlots, user: Id, task: Id, now: Instant) -> Result<Vec<Lateness>> {
    let mut late = Vec::new();
    for job in store::job::of_task(conn, user, task)? {
        let Some((row, of)) = store::run::last_of(conn, job)? else { continue };
        let mut run = row.into_run(of)?;
        run::explain(conn, slots, now, std::slice::from_mut(&mut run))?;
        let Some(scheduled_for) = run.scheduled_for else { continue };
        if run.started_at.unwrap_or(now).since(scheduled_for) <= LATE || run.status == RunStatus::Cancelled {
            continue;
        }
        let (reasons, name) = (reasons_of_run(&run, scheduled_for), run.job_name);
        late.push(Lateness { kind: LateKind::Run, id: run.id, name, scheduled_for, at: run.started_at, reasons });
    }
    Ok(late)
}

fn reasons_of_run(run: &Run, scheduled_for: Instant) -> Vec<String> {
    let mut reasons = Vec::new();
    let late = run.created_at.since(scheduled_for);
    if run.attempt > 1 {
        reasons.push(format!("it is attempt {}: those before failed", run.attempt));
    } else if late > LATE {
        reasons.push(format!("its time was noticed {} late: no daemon was running then", words(late)));
    }
    if run.rescues > 0 {
        reasons.push("a daemon stopped while it ran it".to_owned());
    }
    match (&run.waiting_reason, run.started_at) {
        (Some(reason), None) => reasons.push(reason.clone()),
        (_, Some(started)) if run.attempt == 1 && started.since(run.created_at) > LATE => {
            let waited = words(started.since(run.created_at));
            reasons.push(format!("it waited {waited} for another run of its job to end, or for a place"));
        }
        _ => {}
    }
    reasons
}

fn words(length: Duration) -> String {
    WorkTime::of_seconds(i64::try_from(length.as_secs()).unwrap_or(i64::MAX)).words()
}
