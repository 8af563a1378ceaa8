//! `/reminders`, and the reminders of a task.

use muista_core::error::Error;
use muista_core::input::{self, ReminderInput};
use muista_core::model::{
    RecordKind, RecordRef, Reminder, ReminderPage, ReminderQuery, ReminderTarget, TaskRef, WithNotices,
};
use muista_core::service::{engine, reminder};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::http::call::Call;
use crate::http::input::{InZone, Json, Maybe, NoParams, Paging, Params, Path};
use crate::http::problem::Reply;
use crate::http::reply;

/// Which reminders are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Listing {
    /// Of this task alone.
    #[param(inline, example = "7")]
    task: Option<TaskRef>,
    /// Those that are not active as well.
    #[serde(default)]
    #[param(example = false)]
    all: bool,
    /// Maximum number of reminders.
    #[param(minimum = 1, maximum = 200, default = 50, example = 50)]
    limit: Option<u32>,
    /// Where the page before ended: its `nextCursor`.
    #[param(value_type = Option<String>, pattern = "^([0-9a-f]{2})+$")]
    cursor: Option<String>,
}

/// Lists reminders
///
/// The active ones, the next to fire first; with `all` those behind them that fire no more.
#[utoipa::path(get, path = "/reminders", tag = "reminders", params(Listing, InZone), responses(
    (status = 200, description = "A page of reminders", body = ReminderPage),
))]
pub(crate) async fn list(call: Call, Params(listing): Params<Listing>) -> Reply {
    let Listing { task, all, limit, cursor } = listing;
    let query = ReminderQuery { task, all, limit: input::limit(limit)?, cursor };
    reply::ok(&call, &reminder::list(call.service(), &call.caller, query).await?)
}

/// Shows a reminder
#[utoipa::path(get, path = "/reminders/{reminderId}", tag = "reminders",
    params(("reminderId" = inline(RecordRef), Path, description = "The reminder's id, its beginning, or its short id"), InZone),
    responses((status = 200, description = "The reminder", body = Reminder)),
)]
pub(crate) async fn get(call: Call, Path(named): Path<RecordRef>, Params(NoParams {}): Params<NoParams>) -> Reply {
    let id = call.id(RecordKind::Reminder, named).await?;
    let reminder = reminder::get(call.service(), &call.caller, id).await?;
    reply::one(&call, &reminder, reminder.version)
}

/// Deletes a reminder
#[utoipa::path(delete, path = "/reminders/{reminderId}", tag = "reminders",
    params(("reminderId" = inline(RecordRef), Path, description = "The reminder's id, its beginning, or its short id")),
    responses((status = 204, description = "It is gone")),
)]
pub(crate) async fn delete(call: Call, Path(named): Path<RecordRef>, Params(NoParams {}): Params<NoParams>) -> Reply {
    let id = call.id(RecordKind::Reminder, named).await?;
    reminder::delete_seen(call.service(), &call.caller, id, call.if_match.version()).await?;
    Ok(reply::nothing())
}

/// Lists the reminders of a task
///
/// The next to fire first, those that fire no more last.
#[utoipa::path(get, path = "/tasks/{taskId}/reminders", tag = "reminders",
    params(
        ("taskId" = inline(TaskRef), Path, description = "The task's id, its number, or the beginning of its id"),
        Paging, InZone,
    ),
    responses((status = 200, description = "A page of reminders", body = ReminderPage)),
)]
pub(crate) async fn list_of_task(call: Call, Path(task): Path<TaskRef>, Params(paging): Params<Paging>) -> Reply {
    let query = ReminderQuery { task: Some(task), all: true, limit: paging.limit()?, cursor: paging.cursor };
    reply::ok(&call, &reminder::list(call.service(), &call.caller, query).await?)
}

/// Adds a reminder to a task
///
/// One more, beside those it has. `POST /tasks/{taskId}/reminder` sets the one it is to have.
#[utoipa::path(post, path = "/tasks/{taskId}/reminders", tag = "reminders",
    params(("taskId" = inline(TaskRef), Path, description = "The task's id, its number, or the beginning of its id"), InZone),
    request_body = ReminderInput,
    responses((status = 201, description = "The reminder", body = Reminder)),
)]
pub(crate) async fn add(
    call: Call,
    Path(task): Path<TaskRef>,
    Params(NoParams {}): Params<NoParams>,
    Json(input): Json<ReminderInput>,
) -> Reply {
    let new = input.read(&call.context()?)?;
    made(&call, reminder::add(call.service(), &call.caller, task, new).await?)
}

fn made(call: &Call, answer: WithNotices<Reminder>) -> Reply {
    let place = format!("/reminders/{}", answer.value.id);
    let response = reply::created(call, &answer.value, answer.value.version, &place)?;
    Ok(reply::with_notices(response, &answer.notices))
}

/// Sets the reminder of a task, or makes it active again
///
/// The reminder that is sent takes the place of all that the task has. Without a body, those that it has and that fire no
/// more are active again, where their schedules go on; the next to fire is answered.
#[utoipa::path(post, path = "/tasks/{taskId}/reminder", tag = "reminders",
    params(("taskId" = inline(TaskRef), Path, description = "The task's id, its number, or the beginning of its id"), InZone),
    request_body(content = Option<ReminderInput>),
    responses(
        (status = 201, description = "The reminder that was set", body = Reminder),
        (status = 200, description = "The reminder that is active again", body = Reminder),
    ),
)]
pub(crate) async fn set(
    call: Call,
    Path(task): Path<TaskRef>,
    Params(NoParams {}): Params<NoParams>,
    Maybe(input): Maybe<ReminderInput>,
) -> Reply {
    let context = call.context()?;
    let new = input.map(|input| input.read(&context)).transpose()?;
    let sets = new.is_some();
    let answer = reminder::set(call.service(), &call.caller, task, new).await?;
    if sets { made(&call, answer) } else { reply::tagged(&call, &answer.value, answer.value.version) }
}

/// Removes the reminders of a task
///
/// It reminds of nothing any more. A task without reminders stays as it is.
#[utoipa::path(delete, path = "/tasks/{taskId}/reminder", tag = "reminders",
    params(("taskId" = inline(TaskRef), Path, description = "The task's id, its number, or the beginning of its id")),
    responses((status = 204, description = "It has none")),
)]
pub(crate) async fn remove(call: Call, Path(task): Path<TaskRef>, Params(NoParams {}): Params<NoParams>) -> Reply {
    let answer = reminder::delete(call.service(), &call.caller, ReminderTarget::Task(task)).await?;
    Ok(reply::with_notices(reply::nothing(), &answer.notices))
}

/// Until when a reminder is put off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"until": "in 2 hours"}))]
pub(crate) struct Snooze {
    /// A time to come: a date in words or RFC 3339, or how long from now. On a date without a time of day it is 9:00.
    #[schema(schema_with = input::later)]
    until: String,
}

/// Puts off the reminder of a task
///
/// The one that fired last, or, where none has, the next.
#[utoipa::path(post, path = "/tasks/{taskId}/snooze", tag = "reminders",
    params(("taskId" = inline(TaskRef), Path, description = "The task's id, its number, or the beginning of its id"), InZone),
    request_body = Snooze,
    responses((status = 200, description = "The reminder as it is now", body = Reminder)),
)]
pub(crate) async fn snooze(
    call: Call,
    Path(task): Path<TaskRef>,
    Params(NoParams {}): Params<NoParams>,
    Json(Snooze { until }): Json<Snooze>,
) -> Reply {
    let until =
        input::instant(&until, &call.context()?).map_err(|error| Error { field: Some("until".to_owned()), ..error })?;
    let snoozed = reminder::snooze(call.service(), &call.caller, vec![task], until).await?.pop();
    let reminder = snoozed.ok_or_else(|| Error::internal("no reminder was put off"))?;
    reply::tagged(&call, &reminder, reminder.version)
}

/// The reminders that were acknowledged.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Acknowledged {
    items: Vec<Reminder>,
}

/// Acknowledges what was told of a task
///
/// Its reminders are not told again before their schedules' next times.
#[utoipa::path(post, path = "/tasks/{taskId}/ack", tag = "reminders",
    params(("taskId" = inline(TaskRef), Path, description = "The task's id, its number, or the beginning of its id"), InZone),
    responses((status = 200, description = "The reminders that had been told and not acknowledged", body = Acknowledged)),
)]
pub(crate) async fn acknowledge(call: Call, Path(task): Path<TaskRef>, Params(NoParams {}): Params<NoParams>) -> Reply {
    let answer = reminder::acknowledge(call.service(), &call.caller, vec![task]).await?;
    let response = reply::ok(&call, &Acknowledged { items: answer.value })?;
    Ok(reply::with_notices(response, &answer.notices))
}

/// How many reminders fired.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Fired {
    #[schema(minimum = 0, example = 3)]
    fired: usize,
}

/// Fires all reminders that are due
///
/// At once, everybody's, for debugging: a running daemon fires them by itself. For admins.
#[utoipa::path(post, path = "/reminders/trigger", tag = "reminders", responses(
    (status = 200, description = "How many fired", body = Fired),
))]
pub(crate) async fn trigger(call: Call, Params(NoParams {}): Params<NoParams>) -> Reply {
    let fired = engine::trigger(call.service(), &call.caller).await?;
    reply::ok(&call, &Fired { fired })
}
