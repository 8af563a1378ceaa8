//! `/notifications`.

use muista_core::model::{Channel, Id, Notification, NotificationPage, NotificationQuery, NotificationStatus, TaskRef};
use muista_core::service::notification;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::call::Call;
use super::input::{Json, Params, Path};
use super::paging::Limit;
use super::problem::Reply;
use super::reply;

/// Which notifications are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// In this state alone.
    #[param(inline, nullable = false)]
    status: Option<NotificationStatus>,
    /// On this channel alone.
    #[param(inline, nullable = false)]
    channel: Option<Channel>,
    /// Of this task's reminders alone: its number or id.
    #[param(value_type = Option<String>, nullable = false, min_length = 1, max_length = 36, pattern = "^[1-9][0-9]{0,17}$", example = "7")]
    task: Option<TaskRef>,
    /// How many at most.
    #[serde(default)]
    #[param(value_type = u32, minimum = 1, maximum = 200, default = 50)]
    limit: Limit,
    /// Where the page before ended: its `nextCursor`.
    #[param(nullable = false, min_length = 1, max_length = 1000)]
    cursor: Option<String>,
}

/// List notifications
///
/// The messages that were or will be sent to the caller, the newest first.
#[utoipa::path(get, path = "/notifications", tag = "notifications", params(Which), responses(
    (status = 200, description = "A page of notifications", body = NotificationPage),
))]
pub(crate) async fn list(call: Call, Params(which): Params<Which>) -> Reply {
    let Which { status, channel, task, limit, cursor } = which;
    let query = NotificationQuery { status, channel, task, limit: limit.0, cursor };
    reply::ok(&call, &notification::list(call.service(), &call.caller, query).await?)
}

/// Show a notification
///
/// What it says, where it goes, and how far it has come.
#[utoipa::path(get, path = "/notifications/{notificationId}", tag = "notifications", params(
    ("notificationId" = Id, Path, description = "The notification's id"),
), responses((status = 200, description = "The notification", body = Notification)))]
pub(crate) async fn get(call: Call, Path(id): Path<Id>) -> Reply {
    let notification = notification::get(call.service(), &call.caller, id).await?;
    // It has no version: its text tells its states apart.
    reply::one(&call, &notification, 1)
}

/// Send a notification again
///
/// One that failed is delivered at once, and as often as if it had never been tried.
#[utoipa::path(post, path = "/notifications/{notificationId}/retry", tag = "notifications", params(
    ("notificationId" = Id, Path, description = "The notification's id"),
), responses((status = 202, description = "The notification, which waits to be delivered", body = Notification)))]
pub(crate) async fn retry(call: Call, Path(id): Path<Id>) -> Reply {
    let again = notification::retry(call.service(), &call.caller, vec![id]).await?.pop();
    let again = again.ok_or_else(|| muista_core::error::Error::internal("a notification is gone"))?;
    reply::accepted(&call, &again, &format!("/notifications/{id}"))
}

/// Which channel is tried.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"channel": "email"}))]
pub(crate) struct Trial {
    /// The channel.
    channel: Channel,
}

/// Try a channel
///
/// Sends a message to the recipient that the channel has for the caller.
#[utoipa::path(post, path = "/notifications/test", tag = "notifications", request_body = Trial, responses(
    (status = 202, description = "The notification, which waits to be delivered", body = Notification, headers(
        ("Location" = String, description = "The notification's path"),
    )),
))]
pub(crate) async fn test(call: Call, Json(trial): Json<Trial>) -> Reply {
    let sent = notification::test(call.service(), &call.caller, trial.channel).await?;
    reply::accepted(&call, &sent, &format!("/notifications/{}", sent.id))
}
