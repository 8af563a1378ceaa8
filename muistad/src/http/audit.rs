//! `/audit`: the record of changes; and `/undo`, which reverts some.

use muista_core::error::Error;
use muista_core::input;
use muista_core::model::{AuditEntry, AuditQuery, Id, TaskRef, Undo, UndoTarget, Undone};
use muista_core::service::{audit, undo};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::call::Call;
use super::input::{InZone, Json, NoParams, Params};
use super::page::Items;
use super::problem::Reply;
use super::reply;

/// Which entries are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Listing {
    /// Of this task alone, which may be deleted by now where its id is given.
    #[param(inline, example = "7")]
    task: Option<TaskRef>,
    /// How many entries at most.
    #[param(minimum = 1, maximum = 200, default = 50, example = 50)]
    limit: Option<u32>,
    /// Where the page before ended: its `nextCursor`.
    #[param(value_type = Option<String>, pattern = "^[1-9][0-9]{0,17}$")]
    cursor: Option<String>,
}

/// Lists changes
///
/// One entry for each record that was changed, with how it was before and after; the newest first. Entries of one change
/// have the same `changeId`.
#[utoipa::path(get, path = "/audit", tag = "audit", params(Listing, InZone), responses(
    (status = 200, description = "A page of entries", body = Items<AuditEntry>),
))]
pub(crate) async fn list(call: Call, Params(listing): Params<Listing>) -> Reply {
    let before = listing.cursor.map(|cursor| cursor.parse().map_err(|_| foreign())).transpose()?;
    let query = AuditQuery { task: listing.task, limit: input::limit(listing.limit)?, before };
    let page = audit::list(call.service(), &call.caller, query).await?;
    reply::ok(&call, &Items { items: page.items, next_cursor: page.next.map(|next| next.to_string()) })
}

fn foreign() -> Error {
    Error::invalid("cursor", "the cursor is not one of this list").hint("pass on `nextCursor` unchanged")
}

/// What to undo; where nothing is said, the last change.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"steps": 1}))]
pub(crate) struct UndoInput {
    /// The last so many changes that are not undone.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100)]
    steps: Option<u32>,
    /// This change.
    #[serde(default)]
    change_id: Option<Id>,
}

impl UndoInput {
    fn target(&self) -> Result<UndoTarget, Error> {
        match (self.steps, self.change_id) {
            (None, None) => Ok(UndoTarget::Last),
            (None, Some(change)) => Ok(UndoTarget::Change(change)),
            (Some(steps @ 1..=100), None) => Ok(UndoTarget::Steps(steps)),
            (Some(steps), None) => {
                Err(Error::invalid("steps", format!("{steps} changes cannot be undone at once"))
                    .hint("choose 1 to 100"))
            }
            (Some(_), Some(_)) => {
                Err(Error::invalid("changeId", "steps and changeId say both what to undo")
                    .hint("leave out one of them"))
            }
        }
    }
}

/// Undoes changes
///
/// The caller's own, all of what is asked for or nothing. An undo is a change itself, so that undoing it does the change
/// again.
#[utoipa::path(post, path = "/undo", tag = "audit", params(InZone), request_body(content = Option<UndoInput>), responses(
    (status = 200, description = "What was undone", body = Undone),
))]
pub(crate) async fn undo_changes(
    call: Call,
    Params(NoParams {}): Params<NoParams>,
    Json(input): Json<UndoInput>,
) -> Reply {
    let undone = undo::undo(call.service(), &call.caller, Undo { target: input.target()? }).await?;
    reply::ok(&call, &undone)
}
