//! `/notifications`.

use muista_core::input;
use muista_core::model::{
    Channel, Notification, NotificationPage, NotificationQuery, NotificationStatus, RecordKind, RecordRef, TaskRef,
};
use muista_core::service::notification;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::http::call::Call;
use crate::http::input::{Json, NoParams, Params, Path};
use crate::http::problem::Reply;
use crate::http::reply;

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
    #[param(inline, nullable = false, example = "7")]
    task: Option<TaskRef>,
    /// Maximum number of items.
    #[param(nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// Where the page before ended: its `nextCursor`.
    #[param(nullable = false, pattern = "^([0-9a-f]{2})+$")]
    cursor: Option<String>,
}

/// Lists notifications
///
/// The messages that were or will be sent to the caller, the newest first.
#[utoipa::path(get, path = "/notifications", tag = "notifications", params(Which), responses(
    (status = 200, description = "A page of notifications", body = NotificationPage),
))]
pub(crate) async fn list(call: Call, Params(which): Params<Which>) -> Reply {
    let Which { status, channel, task, limit, cursor } = which;
    let query = NotificationQuery { status, channel, task, limit: input::limit(limit)?, cursor };
    reply::ok(&call, &notification::list(call.service(), &call.caller, query).await?)
}

/// Shows a notification
///
/// What it says, where it goes, and how far it has come.
#[utoipa::path(get, path = "/notifications/{notificationId}", tag = "notifications", params(
    ("notificationId" = inline(RecordRef), Path, description = "The notification's id, its beginning, or its short id"),
), responses((status = 200, description = "The notification", body = Notification)))]
pub(crate) async fn get(call: Call, Path(named): Path<RecordRef>, Params(NoParams {}): Params<NoParams>) -> Reply {
    let id = call.id(RecordKind::Notification, named).await?;
    let notification = notification::get(call.service(), &call.caller, id).await?;
    // It has no version: its text tells its states apart.
    reply::one(&call, &notification, 1)
}

/// Sends a notification again
///
/// One that failed is delivered at once, and as often as if it had never been tried.
#[utoipa::path(post, path = "/notifications/{notificationId}/retry", tag = "notifications", params(
    ("notificationId" = inline(RecordRef), Path, description = "The notification's id, its beginning, or its short id"),
), responses((status = 202, description = "The notification, which waits to be delivered", body = Notification)))]
pub(crate) async fn retry(call: Call, Path(named): Path<RecordRef>, Params(NoParams {}): Params<NoParams>) -> Reply {
    let id = call.id(RecordKind::Notification, named).await?;
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

/// Tries a channel
///
/// Sends a message to the recipient that the channel has for the caller.
#[utoipa::path(post, path = "/notifications/test", tag = "notifications", request_body = Trial, responses(
    (status = 202, description = "The notification, which waits to be delivered", body = Notification, headers(
        ("Location" = String, description = "The notification's path"),
    )),
))]
pub(crate) async fn test(call: Call, Params(NoParams {}): Params<NoParams>, Json(trial): Json<Trial>) -> Reply {
    let sent = notification::test(call.service(), &call.caller, trial.channel).await?;
    reply::accepted(&call, &sent, &format!("/notifications/{}", sent.id))
}
