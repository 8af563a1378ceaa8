//! Whether the database answers, whether it finds itself whole, and how much waits in it.

use diesel::prelude::*;
use diesel::sql_types::Integer;

use super::Conn;
use crate::model::{HELD, Id};
use crate::store::schema::{jobs, notifications, reminders, runs, series, tasks, users};

/// Asks the database for a number, so that a connection that is dead is seen to be.
pub(crate) fn ping(conn: &mut Conn) -> QueryResult<i32> {
    diesel::select(1.into_sql::<Integer>()).get_result(conn)
}

/// Writes what is there already, which shows whether anything can be written.
pub(crate) fn probe(conn: &mut Conn) -> QueryResult<usize> {
    let local = users::table.find(Id::LOCAL_USER);
    diesel::update(local).set(users::updated_at.eq(users::updated_at)).execute(conn)
}

/// What the database finds wrong with its own files; empty when it is whole. Reads all of a SQLite file.
pub(crate) fn damage(conn: &mut Conn) -> QueryResult<Vec<String>> {
    super::super::damage(conn)
}

/// How many messages wait to be sent, those included that are being sent, but not those that are held.
pub(crate) fn waiting_messages(conn: &mut Conn) -> QueryResult<i64> {
    let waiting = notifications::table.filter(notifications::next_attempt_at.is_not_null());
    waiting.filter(notifications::next_attempt_at.ne(HELD)).count().get_result(conn)
}

/// How many runs wait to be started.
pub(crate) fn waiting_runs(conn: &mut Conn) -> QueryResult<i64> {
    runs::table.filter(runs::available_at.is_not_null()).count().get_result(conn)
}

/// How many jobs or reminders of a zone are named at most.
const NAMED: i64 = 5;

/// The zones of what is scheduled, each once.
pub(crate) fn zones(conn: &mut Conn) -> QueryResult<Vec<String>> {
    let of_jobs = jobs::table.filter(jobs::next_run_at.is_not_null()).select(jobs::timezone).distinct();
    let active = reminders::table.filter(reminders::next_trigger_at.is_not_null());
    let of_reminders = active.select(reminders::timezone).distinct();
    let mut zones: Vec<String> = of_jobs.load::<Option<String>>(conn)?.into_iter().flatten().collect();
    zones.extend(of_reminders.load::<Option<String>>(conn)?.into_iter().flatten());
    zones.extend(series::table.select(series::timezone).distinct().load::<String>(conn)?);
    zones.sort();
    zones.dedup();
    Ok(zones)
}

/// The names of some jobs in a zone.
pub(crate) fn jobs_in_zone(conn: &mut Conn, zone: &str) -> QueryResult<Vec<String>> {
    let waiting = jobs::table.filter(jobs::timezone.eq(zone)).filter(jobs::next_run_at.is_not_null());
    waiting.order(jobs::name).select(jobs::name).limit(NAMED).load(conn)
}

/// The numbers of some open tasks that recur in a zone.
pub(crate) fn recurring_in_zone(conn: &mut Conn, zone: &str) -> QueryResult<Vec<i64>> {
    let of_zone = series::table.filter(series::timezone.eq(zone)).select(series::id.nullable());
    let open = tasks::table.filter(tasks::completed_at.is_null()).filter(tasks::recurrence.is_not_null());
    open.filter(tasks::series_id.eq_any(of_zone)).order(tasks::number).select(tasks::number).limit(NAMED).load(conn)
}

/// The numbers of the tasks of some reminders in a zone.
pub(crate) fn reminders_in_zone(conn: &mut Conn, zone: &str) -> QueryResult<Vec<i64>> {
    let waiting =
        reminders::table.filter(reminders::timezone.eq(zone)).filter(reminders::next_trigger_at.is_not_null());
    waiting.inner_join(tasks::table).order(tasks::number).select(tasks::number).limit(NAMED).load(conn)
}
