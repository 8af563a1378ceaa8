//! What a job's owner is told: that it rests for want of its zone, and of the end of its runs. A failure is told when it is
//! the first, and then no more often than the job's `notifyEverySeconds`, with how many there were; so is that it succeeds
//! again, and each success where that is asked for. A failure may leave a task. All of it is in the transaction that ends the
//! run, or finds the zone.

use std::time::Duration;

use super::fire::Capacity;
use super::outbox::Outbox;
use crate::error::Result;
use crate::model::{Channel, Content, ContentKind, Id, Job, NewTask, Text, Title};
use crate::service::access::allowance;
use crate::service::tx::Tx;
use crate::service::{Settings, Topic, recipient, task};
use crate::store::rows::{FailuresRow, NewNotificationRow, RunRow};
use crate::store::types::Doc;
use crate::store::{job as jobs, notification, run_queue as queue};
use crate::time::Instant;

/// How many characters of what a failed script wrote to its standard error a message quotes.
const QUOTED: usize = 500;
/// How many pieces of it are looked at.
const PIECES: i64 = 16;

/// Counts a failure that no further attempt follows, and tells of it where its time has come.
pub(super) fn failed(tx: &mut Tx<'_>, settings: &Settings, job: &Job, run: &RunRow, how: &str) -> Result<()> {
    let before = jobs::failures(tx.conn, job.id)?;
    let failures = before.failures.saturating_add(1);
    let since = before.failing_since.unwrap_or(tx.now);
    let every = Duration::from_secs(u64::try_from(job.notify_every_seconds).unwrap_or(0));
    let is_due = before.failure_told_at.is_none_or(|told| told.plus(every) <= tx.now);
    let tells = job.notify_on_failure && is_due;
    let failure_told_at = if tells { Some(tx.now) } else { before.failure_told_at };
    jobs::set_failures(tx.conn, job.id, FailuresRow { failures, failing_since: Some(since), failure_told_at })?;
    if !tells && !job.task_on_failure {
        return Ok(());
    }
    let mut note = how.to_owned();
    if failures > 1 {
        note = format!("{note}\n{failures} failures since {}", shown(since, job));
    }
    let quoted = last_errors(tx, run.id)?;
    if !quoted.is_empty() {
        note = format!("{note}\n\n{quoted}");
    }
    if job.task_on_failure
        && let Some(why_not) = leave_task(tx, settings, job, run.by_agent, &format!("Job {} failed", job.name), &note)?
    {
        note = format!("{note}\n\n{why_not}");
    }
    if tells {
        tell(tx, settings, job, Some(run), ContentKind::JobFailed, Some(note))?;
    }
    Ok(())
}

/// Tells of a success where the job's owner was told of the failures before it, or is told of each success.
pub(super) fn succeeded(tx: &mut Tx<'_>, settings: &Settings, job: &Job, run: &RunRow) -> Result<()> {
    let before = jobs::failures(tx.conn, job.id)?;
    if before.failures > 0 {
        jobs::set_failures(tx.conn, job.id, FailuresRow::default())?;
    }
    let recovered = before.failing_since.filter(|_| before.failure_told_at.is_some());
    if let Some(since) = recovered.filter(|_| job.notify_on_failure || job.notify_on_success) {
        let times = if before.failures == 1 { "1 failure".to_owned() } else { format!("{} failures", before.failures) };
        let note = format!("after {times} since {}", shown(since, job));
        return tell(tx, settings, job, Some(run), ContentKind::JobRecovered, Some(note));
    }
    if job.notify_on_success {
        let note = (run.attempt > 1).then(|| format!("at attempt {}", run.attempt));
        return tell(tx, settings, job, Some(run), ContentKind::JobSucceeded, note);
    }
    Ok(())
}

/// Tells of a job that is at rest because its zone is not known, by what its failures are told by.
pub(super) fn zone_lost(tx: &mut Tx<'_>, settings: &Settings, job: &Job) -> Result<()> {
    jobs::set_zone_lost(tx.conn, job.id, Some(tx.now))?;
    let zone = job.timezone.as_deref().unwrap_or_default();
    let note = format!(
        "The daemon's machine does not know the time zone {zone}. Nothing is lost: the job goes on where it stands once the \
         zone is known, or has another: muista job edit {} --tz ZONE",
        job.name
    );
    if job.task_on_failure {
        leave_task(tx, settings, job, false, &format!("Job {} is at rest", job.name), &note)?;
    }
    if job.notify_on_failure {
        tell(tx, settings, job, None, ContentKind::JobAtRest, Some(note))?;
    }
    Ok(())
}

/// Tells that a job goes on, which was at rest since then.
pub(super) fn zone_found(tx: &mut Tx<'_>, settings: &Settings, job: &Job, since: Instant) -> Result<()> {
    jobs::set_zone_lost(tx.conn, job.id, None)?;
    if job.notify_on_failure {
        let zone = job.timezone.as_deref().unwrap_or("UTC");
        let note = format!("It was at rest since {}; its time zone, {zone}, is known.", shown(since, job));
        tell(tx, settings, job, None, ContentKind::JobGoesOn, Some(note))?;
    }
    Ok(())
}

/// An instant in the job's zone, for people.
fn shown(at: Instant, job: &Job) -> String {
    let zone = job.timezone.as_deref().and_then(|name| crate::time::zone(name).ok());
    let (zone, suffix) = zone.map_or((jiff::tz::TimeZone::UTC, " UTC"), |zone| (zone, ""));
    format!("{}{suffix}", at.in_zone(&zone).strftime("%Y-%m-%d %H:%M"))
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

/// Leaves the job's owner a task, unless the one of an earlier failure is still open. What an agent set going counts among
/// the tasks that agents may make in a day; returns why there is none where those are made.
fn leave_task(
    tx: &mut Tx<'_>,
    settings: &Settings,
    job: &Job,
    by_agent: bool,
    title: &str,
    note: &str,
) -> Result<Option<&'static str>> {
    if queue::open_titled(tx.conn, job.owner_id, title)? > 0 {
        return Ok(None);
    }
    let by_agent = by_agent || jobs::is_by_agent(tx.conn, job.id)?;
    if by_agent && !allowance::admits_one(tx, job.owner_id)? {
        return Ok(Some("No task was left: the account's agents have made as many as a day allows."));
    }
    tx.caller.user = job.owner_id;
    let mut new = NewTask::titled(Title::parse(title)?);
    new.description = Text::parse("description", note)?;
    task::insert(tx, settings, new)?;
    Ok(None)
}

/// Puts a message of the job's owner into the outbox, one for each of the job's channels.
fn tell(
    tx: &mut Tx<'_>,
    settings: &Settings,
    job: &Job,
    run: Option<&RunRow>,
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
        scheduled_for: run.and_then(|run| run.scheduled_for),
        late_seconds: None,
    };
    let payload = Doc::of(&content)?;
    let mut channels = match job.channels.as_slice() {
        [] => recipient::usual(settings, job.owner_id),
        named => named.to_vec(),
    };
    channels.sort_unstable();
    channels.dedup();
    let mut outbox = Outbox::new(settings, Capacity::new());
    outbox.find_users(tx.conn, tx.now, std::iter::once(job.owner_id))?;
    let now = tx.now;
    let row = |channel: Channel| {
        let standing = outbox.standing(now, job.owner_id, channel);
        NewNotificationRow {
            id: Id::new(now),
            user_id: job.owner_id,
            occurrence_id: run.and_then(|run| run.occurrence_id),
            reminder_id: None,
            job_id: Some(job.id),
            channel: channel.as_str(),
            status: standing.status.as_str(),
            payload: Some(payload.clone()),
            error_message: standing.why,
            next_attempt_at: standing.next,
            recipient: standing.recipient,
            created_at: now,
            run_id: run.map(|run| run.id),
        }
    };
    let rows: Vec<_> = channels.into_iter().map(row).collect();
    notification::insert(tx.conn, &rows)?;
    tx.publish(Topic::Deliveries);
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
