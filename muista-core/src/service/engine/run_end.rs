//! What follows from the end of a run: how its job stands, the next attempt, and, where there is none, the messages and
//! the task that tell of it. All of it is in the transaction that ends the run.

use std::time::Duration;

use super::fire::Capacity;
use super::outbox::{self, Outbox};
use super::run::{Finish, Outcome};
use crate::error::Result;
use crate::metrics::RunEvent;
use crate::model::{
    Channel, Content, ContentKind, Id, Job, JobStatus, NewTask, NotificationStatus, RunStatus, Text, Title, TriggeredBy,
};
use crate::service::write::Tx;
use crate::service::{Settings, Work, task};
use crate::store::rows::{NewNotificationRow, NewRunRow, RunEndRow, RunRow};
use crate::store::types::Doc;
use crate::store::{firing, notification, run_queue as queue};

/// How many characters of what a failed script wrote to its standard error a message quotes.
const QUOTED: usize = 500;
/// How many pieces of it are looked at.
const PIECES: i64 = 16;

/// How a run ends, and whether another attempt may follow.
pub(super) struct End {
    status: RunStatus,
    again: Again,
    exit_code: Option<i32>,
    signal: Option<i32>,
    error: Option<String>,
    truncated: bool,
}

/// Whether another attempt may follow.
#[derive(PartialEq, Eq)]
enum Again {
    Maybe,
    Never,
}

impl End {
    /// The end that a worker tells of.
    pub(super) fn of(finish: Finish) -> Self {
        Self {
            status: finish.outcome.status(),
            again: if finish.outcome == Outcome::Failed { Again::Maybe } else { Again::Never },
            exit_code: finish.exit_code,
            signal: finish.signal,
            error: finish.error,
            truncated: finish.truncated,
        }
    }

    /// The end of a run that was to be stopped, and whose script runs no more.
    pub(super) fn cancelled() -> Self {
        Self::without_worker(RunStatus::Cancelled, None)
    }

    /// The end of a run that was rescued `rescues` times.
    pub(super) fn given_up(rescues: i16) -> Self {
        let error = format!("given up after the daemon was gone {} times while it ran", rescues + 1);
        Self::without_worker(RunStatus::Failed, Some(error))
    }

    fn without_worker(status: RunStatus, error: Option<String>) -> Self {
        Self { status, again: Again::Never, exit_code: None, signal: None, error, truncated: false }
    }
}

/// Ends a run whose job and row are locked, and does what follows from it; returns what is to be counted.
pub(super) fn settle(
    tx: &mut Tx<'_>,
    settings: &Settings,
    job: Job,
    run: RunRow,
    end: End,
) -> Result<&'static [RunEvent]> {
    let row = RunEndRow {
        status: end.status.as_str(),
        lease_until: None,
        finished_at: Some(tx.now),
        exit_code: end.exit_code,
        signal: end.signal,
        error_message: end.error.clone(),
        output_truncated: run.output_truncated || end.truncated,
    };
    queue::end(tx.conn, run.id, run.lease, &row)?;
    // Another run of the job may have waited for this one.
    tx.wake(Work::Runs);
    let stands = match end.status {
        RunStatus::Completed => JobStatus::Completed,
        RunStatus::Failed => JobStatus::Failed,
        _ => JobStatus::Pending,
    };
    set_job_status(tx, job.id, stands)?;
    match end.status {
        RunStatus::Failed if end.again == Again::Maybe && i32::from(run.attempt) <= job.max_retries => {
            retry(tx, &job, &run)?;
            Ok(&[RunEvent::Failed, RunEvent::Retried])
        }
        RunStatus::Failed => {
            tell_of_failure(tx, settings, &job, &run, &end)?;
            Ok(&[RunEvent::Failed])
        }
        RunStatus::Completed => {
            if job.notify_on_success {
                let note = (run.attempt > 1).then(|| format!("at attempt {}", run.attempt));
                tell(tx, settings, &job, &run, ContentKind::JobSucceeded, note)?;
            }
            Ok(&[RunEvent::Finished])
        }
        _ => Ok(&[]),
    }
}

/// Sets how a locked job stands, unless another run of it is still being worked on.
pub(super) fn set_job_status(tx: &mut Tx<'_>, job: Id, status: JobStatus) -> Result<()> {
    let status = if queue::running(tx.conn, job)? > 0 { JobStatus::Running } else { status };
    queue::job_stands(tx.conn, job, status.as_str())?;
    Ok(())
}

/// Adds the next attempt, which waits twice as long as the one before.
fn retry(tx: &mut Tx<'_>, job: &Job, run: &RunRow) -> Result<()> {
    let seconds = u64::try_from(job.retry_delay_seconds).unwrap_or(0);
    let doubled = 1_u64.checked_shl(u32::try_from(run.attempt - 1).unwrap_or(0)).unwrap_or(u64::MAX);
    let row = NewRunRow {
        id: Id::new(tx.now),
        job_id: run.job_id,
        occurrence_id: run.occurrence_id,
        requested_by: run.requested_by,
        triggered_by: TriggeredBy::Retry.as_str().to_owned(),
        args: run.args.clone(),
        params: run.params.clone(),
        status: RunStatus::Pending.as_str().to_owned(),
        attempt: run.attempt + 1,
        available_at: Some(tx.now.plus(Duration::from_secs(seconds.saturating_mul(doubled)))),
        scheduled_for: run.scheduled_for,
        finished_at: None,
        error_message: None,
        created_at: tx.now,
    };
    firing::insert_runs(tx.conn, &[row])?;
    Ok(())
}

fn tell_of_failure(tx: &mut Tx<'_>, settings: &Settings, job: &Job, run: &RunRow, end: &End) -> Result<()> {
    if !job.notify_on_failure && !job.task_on_failure {
        return Ok(());
    }
    let mut note = how_it_ended(run, end);
    let quoted = last_errors(tx, run.id)?;
    if !quoted.is_empty() {
        note = format!("{note}\n\n{quoted}");
    }
    if job.task_on_failure {
        leave_task(tx, settings, job, &note)?;
    }
    if job.notify_on_failure {
        tell(tx, settings, job, run, ContentKind::JobFailed, Some(note))?;
    }
    Ok(())
}

/// Such as `exit code 3 after 4 attempts`.
fn how_it_ended(run: &RunRow, end: &End) -> String {
    let how = match (&end.error, end.exit_code, end.signal) {
        (Some(error), _, _) => error.clone(),
        (None, Some(code), _) => format!("exit code {code}"),
        (None, None, Some(signal)) => format!("ended by signal {signal}"),
        (None, None, None) => "failed".to_owned(),
    };
    if run.attempt > 1 { format!("{how} after {} attempts", run.attempt) } else { how }
}

/// The last lines that the run wrote to its standard error.
fn last_errors(tx: &mut Tx<'_>, run: Id) -> Result<String> {
    let mut pieces = queue::last_errors(tx.conn, run, PIECES)?;
    pieces.reverse();
    Ok(last_lines(&String::from_utf8_lossy(&pieces.concat())))
}

/// The end of `text`, whole lines where one of them fits, without what a terminal or a mail could trip over.
fn last_lines(text: &str) -> String {
    let clean: Vec<char> = text.trim_end().chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    let cut = clean.len().saturating_sub(QUOTED);
    let (before, kept) = clean.split_at(cut);
    let whole = match before.last() {
        None | Some('\n') => Some(0),
        Some(_) => kept.iter().position(|c| *c == '\n').map(|at| at + 1),
    };
    kept.iter().skip(whole.unwrap_or(0)).collect::<String>().trim().to_owned()
}

/// Leaves the job's owner a task, unless the one of an earlier failure is still open.
fn leave_task(tx: &mut Tx<'_>, settings: &Settings, job: &Job, note: &str) -> Result<()> {
    let title = format!("Job {} failed", job.name);
    if queue::open_titled(tx.conn, job.owner_id, &title)? > 0 {
        return Ok(());
    }
    tx.caller.user = job.owner_id;
    let mut new = NewTask::titled(Title::parse(&title)?);
    new.description = Text::parse("description", note)?;
    task::insert(tx, settings, new)?;
    Ok(())
}

/// Puts a message of the job's owner into the outbox, one for each of the job's channels.
fn tell(
    tx: &mut Tx<'_>,
    settings: &Settings,
    job: &Job,
    run: &RunRow,
    kind: ContentKind,
    note: Option<String>,
) -> Result<()> {
    let content = Content {
        kind,
        title: job.name.clone(),
        task_id: job.task_id,
        task_number: None,
        due: None,
        note,
        scheduled_for: run.scheduled_for,
        late_seconds: None,
    };
    let payload = Doc::of(&content)?;
    let mut channels = if job.channels.is_empty() { settings.channels.clone() } else { job.channels.clone() };
    channels.sort_unstable();
    channels.dedup();
    let mut outbox = Outbox::new(settings, Capacity::new());
    outbox.find_users(tx.conn, std::iter::once(job.owner_id))?;
    let row = |channel: Channel| {
        let recipient = outbox.recipient(job.owner_id, channel);
        let status = if recipient.is_ok() { NotificationStatus::Pending } else { NotificationStatus::Failed };
        NewNotificationRow {
            id: Id::new(tx.now),
            user_id: job.owner_id,
            occurrence_id: run.occurrence_id,
            reminder_id: None,
            job_id: Some(job.id),
            channel: channel.as_str(),
            status: status.as_str(),
            payload: Some(payload.clone()),
            error_message: recipient.as_ref().err().map(outbox::why),
            next_attempt_at: recipient.is_ok().then_some(tx.now),
            recipient: recipient.unwrap_or_default(),
            created_at: tx.now,
            run_id: Some(run.id),
        }
    };
    let rows: Vec<_> = channels.into_iter().map(row).collect();
    notification::insert(tx.conn, &rows)?;
    tx.wake(Work::Deliveries);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_whole_and_few() {
        assert_eq!(last_lines(""), "");
        assert_eq!(last_lines("one\ntwo\n"), "one\ntwo");
        assert_eq!(last_lines("a\u{1b}[31mred\u{7}\n"), "a[31mred");
        let long = format!("{}\n{}\nlast", "x".repeat(600), "y".repeat(400));
        assert_eq!(last_lines(&long), format!("{}\nlast", "y".repeat(400)));
        assert_eq!(last_lines(&"z".repeat(2000)).len(), QUOTED);
        let fits = format!("first\n{}", "y".repeat(QUOTED));
        assert_eq!(last_lines(&fits), "y".repeat(QUOTED));
    }
}
