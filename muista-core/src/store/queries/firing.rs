//! What is due, and what comes of it: reminders and jobs whose cursor has been reached, their occurrences, and the
//! cursors moved on.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Nullable;

use super::{Conn, chunked, chunked_count};
use crate::model::Id;
use crate::store::rows::{
    FiredMessageRow, FiredTaskRow, JobRow, MovedCursor, NewRunRow, OccurrenceRow, OpenRunRow, ReminderRow, UserRow,
};
use crate::store::schema::{jobs, notifications, occurrences, reminder_channels, reminders, runs, tasks, users};
use crate::store::statements;
use crate::store::types::Moment;
use crate::time::Instant;

/// The reminders that are due, the longest due first, and locked; those that another process works on are left out.
pub(crate) fn due_reminders(conn: &mut Conn, now: Instant, except: &[Id], limit: i64) -> QueryResult<Vec<ReminderRow>> {
    let due = reminders::table.select(ReminderRow::as_select()).filter(reminders::next_trigger_at.is_not_null());
    let due = due
        .filter(reminders::next_trigger_at.le(now))
        .filter(diesel::dsl::not(among!(reminders::id, except)))
        .order(reminders::next_trigger_at)
        .limit(limit);
    claimable!(due).load(conn)
}

/// The same of jobs, each with when its owner was told that its zone is not known.
pub(crate) fn due_jobs(
    conn: &mut Conn,
    now: Instant,
    except: &[Id],
    limit: i64,
) -> QueryResult<Vec<(JobRow, Option<Instant>)>> {
    // `jobs` has as many columns as diesel's tables may have.
    let zone_lost_at = sql::<Nullable<Moment>>("jobs.zone_lost_at");
    let due = jobs::table.select((JobRow::as_select(), zone_lost_at)).filter(jobs::next_run_at.is_not_null());
    let due = due
        .filter(jobs::next_run_at.le(now))
        .filter(diesel::dsl::not(among!(jobs::id, except)))
        .order(jobs::next_run_at)
        .limit(limit);
    claimable!(due).load(conn)
}

/// The earliest cursor of a reminder.
pub(crate) fn next_reminder(conn: &mut Conn, except: &[Id]) -> QueryResult<Option<Instant>> {
    let active = reminders::table.filter(reminders::next_trigger_at.is_not_null());
    let active = active.filter(diesel::dsl::not(among!(reminders::id, except)));
    let first = active.order(reminders::next_trigger_at).select(reminders::next_trigger_at);
    first.first::<Option<Instant>>(conn).optional().map(Option::flatten)
}

/// The earliest cursor of a job.
pub(crate) fn next_job(conn: &mut Conn, except: &[Id]) -> QueryResult<Option<Instant>> {
    let active = jobs::table.filter(jobs::next_run_at.is_not_null());
    let active = active.filter(diesel::dsl::not(among!(jobs::id, except)));
    let first = active.order(jobs::next_run_at).select(jobs::next_run_at);
    first.first::<Option<Instant>>(conn).optional().map(Option::flatten)
}

/// What a message says of these tasks.
pub(crate) fn tasks(conn: &mut Conn, ids: &[Id]) -> QueryResult<Vec<FiredTaskRow>> {
    chunked(ids, |ids| {
        let columns = FiredTaskRow::as_select();
        match ids {
            [id] => tasks::table.select(columns).filter(tasks::id.eq(id)).load(conn),
            ids => tasks::table.select(columns).filter(among!(tasks::id, ids)).load(conn),
        }
    })
}

/// The channels that reminders name, in a fixed order.
pub(crate) fn channels(conn: &mut Conn, ids: &[Id]) -> QueryResult<Vec<(Id, String)>> {
    let columns = (reminder_channels::reminder_id, reminder_channels::channel);
    let all = reminder_channels::table.select(columns).order(reminder_channels::channel);
    chunked(ids, |ids| match ids {
        [id] => all.filter(reminder_channels::reminder_id.eq(id)).load(conn),
        ids => all.filter(among!(reminder_channels::reminder_id, ids)).load(conn),
    })
}

/// Where accounts are reached.
pub(crate) fn users(conn: &mut Conn, ids: &[Id]) -> QueryResult<Vec<UserRow>> {
    chunked(ids, |ids| users::table.select(UserRow::as_select()).filter(among!(users::id, ids)).load(conn))
}

/// Adds occurrences; returns how many there were not before.
pub(crate) fn insert_occurrences(conn: &mut Conn, rows: &[OccurrenceRow]) -> QueryResult<usize> {
    let table = occurrences::table;
    rows.chunks(super::super::BATCH).try_fold(0, |sum, rows| {
        let count = match rows {
            [row] => diesel::insert_into(table).values(row).on_conflict_do_nothing().execute(conn)?,
            rows => diesel::insert_into(table).values(rows).on_conflict_do_nothing().execute(conn)?,
        };
        Ok(sum + count)
    })
}

/// Which of these occurrences there are.
pub(crate) fn known_occurrences(conn: &mut Conn, ids: &[Id]) -> QueryResult<Vec<Id>> {
    chunked(ids, |ids| occurrences::table.filter(among!(occurrences::id, ids)).select(occurrences::id).load(conn))
}

/// Adds messages.
pub(crate) fn insert_messages(conn: &mut Conn, rows: &[FiredMessageRow]) -> QueryResult<usize> {
    let table = notifications::table;
    rows.chunks(super::super::BATCH).try_fold(0, |sum, rows| {
        let count = match rows {
            [row] => diesel::insert_into(table).values(row).execute(conn)?,
            rows => diesel::insert_into(table).values(rows).execute(conn)?,
        };
        Ok(sum + count)
    })
}

/// Moves reminders' cursors on, where they stand as they were seen; returns how many.
pub(crate) fn move_cursors(conn: &mut Conn, moved: &[MovedCursor]) -> QueryResult<usize> {
    super::super::move_cursors(conn, moved)
}

/// Moves a job's cursor on, where it stands as it was seen.
pub(crate) fn move_job(conn: &mut Conn, id: Id, seen: Instant, next: Option<Instant>) -> QueryResult<usize> {
    let seen = jobs::id.eq(id).and(jobs::next_run_at.eq(seen));
    statements::update(jobs::table, seen, jobs::next_run_at.eq(next)).execute(conn)
}

/// Parks reminders whose accounts are out of use, where their cursors stand as they were seen: none fires until
/// [`unpark_reminders`].
pub(crate) fn park_reminders(conn: &mut Conn, seen: &[(Id, Instant)]) -> QueryResult<usize> {
    seen.iter().try_fold(0, |sum, (id, at)| {
        let as_seen = reminders::id.eq(*id).and(reminders::next_trigger_at.eq(*at));
        let parked = (reminders::parked_at.eq(*at), reminders::next_trigger_at.eq(None::<Instant>));
        Ok(sum + statements::update(reminders::table, as_seen, parked).execute(conn)?)
    })
}

/// Puts the cursors of an account's reminders back to where they stood when they were parked.
pub(crate) fn unpark_reminders(conn: &mut Conn, owner: Id) -> QueryResult<usize> {
    let own = tasks::table.filter(tasks::owner_id.eq(owner)).select(tasks::id);
    let parked = reminders::table.filter(reminders::parked_at.is_not_null()).filter(reminders::task_id.eq_any(own));
    let back = parked.filter(reminders::next_trigger_at.is_null());
    let count = diesel::update(back).set(reminders::next_trigger_at.eq(reminders::parked_at)).execute(conn)?;
    diesel::update(parked).set(reminders::parked_at.eq(None::<Instant>)).execute(conn)?;
    Ok(count)
}

/// The runs of these jobs that have not ended.
pub(crate) fn open_runs(conn: &mut Conn, ids: &[Id]) -> QueryResult<Vec<OpenRunRow>> {
    chunked(ids, |ids| {
        let some = runs::table.filter(among!(runs::job_id, ids)).filter(runs::finished_at.is_null());
        some.select(OpenRunRow::as_select()).load(conn)
    })
}

/// Adds runs.
pub(crate) fn insert_runs(conn: &mut Conn, rows: &[NewRunRow]) -> QueryResult<usize> {
    insert_all!(conn, runs::table, rows, |row| row)
}

/// Asks for running runs of these jobs to be stopped.
pub(crate) fn request_cancel(conn: &mut Conn, ids: &[Id], now: Instant) -> QueryResult<usize> {
    chunked_count(ids, |ids| {
        let some = runs::table.filter(among!(runs::job_id, ids)).filter(runs::status.eq("running"));
        let some = some.filter(runs::cancel_requested_at.is_null());
        diesel::update(some).set(runs::cancel_requested_at.eq(now)).execute(conn)
    })
}

/// Takes back what these jobs have waiting and was triggered in one of these ways: a new occurrence stands for it now.
pub(crate) fn supersede(conn: &mut Conn, ids: &[Id], triggers: &[&str], why: &str, now: Instant) -> QueryResult<usize> {
    chunked_count(ids, |ids| {
        let some = runs::table.filter(among!(runs::job_id, ids)).filter(runs::available_at.is_not_null());
        let some = some.filter(runs::status.eq("pending")).filter(runs::triggered_by.eq_any(triggers));
        let ended = (
            runs::status.eq("cancelled"),
            runs::available_at.eq(None::<Instant>),
            runs::finished_at.eq(now),
            runs::error_message.eq(why),
        );
        diesel::update(some).set(ended).execute(conn)
    })
}
