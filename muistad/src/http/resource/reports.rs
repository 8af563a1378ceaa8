//! `/reports`: what is due on which day, how many tasks there are, how many were open, and how long was worked on what.

use muista_core::input::{BurndownInput, CalendarInput, StatsInput, TimesheetInput};
use muista_core::model::{Burndown, Calendar, Stats, Timesheet};
use muista_core::service::report;

use crate::http::call::Call;
use crate::http::input::{InZone, Params};
use crate::http::problem::Reply;
use crate::http::reply;

/// Shows what is due on each day of a month
///
/// Days are those of the account's zone, or of `tz`.
#[utoipa::path(get, path = "/reports/calendar", tag = "reports", params(CalendarInput, InZone), responses(
    (status = 200, description = "The days on which something is due", body = Calendar),
))]
pub(crate) async fn calendar(call: Call, Params(input): Params<CalendarInput>) -> Reply {
    let query = input.read(&call.context()?)?;
    reply::ok(&call, &report::calendar(call.service(), &call.caller, query).await?)
}

/// Counts tasks
///
/// Those that are open, overdue, due and done, by priority, category and project.
#[utoipa::path(get, path = "/reports/stats", tag = "reports", params(StatsInput, InZone), responses(
    (status = 200, description = "The numbers", body = Stats),
))]
pub(crate) async fn stats(call: Call, Params(input): Params<StatsInput>) -> Reply {
    let query = input.read(&call.context()?)?;
    reply::ok(&call, &report::stats(call.service(), &call.caller, query).await?)
}

/// Counts the tasks that were open at the end of each day
#[utoipa::path(get, path = "/reports/burndown", tag = "reports", params(BurndownInput, InZone), responses(
    (status = 200, description = "The days, the first first", body = Burndown),
))]
pub(crate) async fn burndown(call: Call, Params(input): Params<BurndownInput>) -> Reply {
    let query = input.read(&call.context()?)?;
    reply::ok(&call, &report::burndown(call.service(), &call.caller, query).await?)
}

/// Shows how long the account worked on what
///
/// Work that goes on counts up to now.
#[utoipa::path(get, path = "/reports/timesheet", tag = "reports", params(TimesheetInput, InZone), responses(
    (status = 200, description = "The work of each day on each task", body = Timesheet),
))]
pub(crate) async fn timesheet(call: Call, Params(input): Params<TimesheetInput>) -> Reply {
    let query = input.read(&call.context()?)?;
    reply::ok(&call, &report::timesheet(call.service(), &call.caller, query).await?)
}
