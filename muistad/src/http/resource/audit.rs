//! `/audit`: the record of changes; and `/undo`, which reverts some.

use axum::body::{Body, Bytes};
use axum::response::Response;
use futures::stream;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use muista_core::error::Error;
use muista_core::input;
use muista_core::model::{
    ActorSince, AuditEntry, AuditPage, AuditQuery, Entity, Id, TaskRef, Undo, UndoTarget, Undone, cursor,
    integer_or_null,
};
use muista_core::service::{audit, undo};
use muista_core::time::{Context, Instant, When};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::http::call::Call;
use crate::http::input::{InZone, Maybe, NoParams, Params};
use crate::http::page::Items;
use crate::http::problem::Reply;
use crate::http::reply;

/// How many entries are read at once.
const AT_ONCE: u32 = 50;
/// The most characters of an actor's name.
const ACTOR_MAX: usize = 200;

/// Which entries are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Listing {
    /// Of this task alone, which may be deleted by now where its id is given.
    #[param(inline, example = "7")]
    task: Option<TaskRef>,
    /// Of this record alone, of whatever kind.
    #[param(inline)]
    record: Option<Id>,
    /// By this actor: the name of an account, a key or an agent.
    #[param(min_length = 1, max_length = 200, example = "local")]
    actor: Option<String>,
    /// Of this kind of record.
    #[param(inline, example = "Task")]
    entity: Option<Entity>,
    /// From then on: a date in words or RFC 3339.
    #[param(schema_with = input::when, example = "yesterday")]
    since: Option<String>,
    /// Maximum number of entries.
    #[param(minimum = 1, maximum = 200, default = 50, example = 50)]
    limit: Option<u32>,
    /// Where the page before ended: its `nextCursor`.
    #[param(value_type = Option<String>, pattern = "^([0-9a-f]{2})+$")]
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
    let before = listing.cursor.as_deref().map(cursor::read).transpose()?;
    let since = listing.since.as_deref().map(|text| since(text, &call.context()?)).transpose()?.flatten();
    let query = AuditQuery {
        task: listing.task,
        record: listing.record,
        actor: listing.actor.map(actor).transpose()?,
        entity: listing.entity,
        since,
        limit: input::limit(listing.limit)?,
        before,
    };
    let first = AuditQuery { limit: query.limit.min(AT_ONCE), ..query.clone() };
    let page = audit::list(call.service(), &call.caller, first).await?;
    if page.next.is_none() || query.limit <= AT_ONCE {
        let next_cursor = page.next.map(|next| cursor::write(&next)).transpose()?;
        return reply::ok(&call, &Items { items: page.items, next_cursor });
    }
    let list = LongList { left: query.limit, call, query, page: Some(page), begun: false };
    let parts =
        stream::try_unfold(list, |mut list| async move { Ok::<_, Error>(list.part().await?.map(|text| (text, list))) });
    let mut response = Response::new(Body::from_stream(parts));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// A list of many entries, which is written as it is read: an entry may hold a whole task twice.
struct LongList {
    call: Call,
    query: AuditQuery,
    /// How many entries are still wanted.
    left: u32,
    /// What is written next.
    page: Option<AuditPage>,
    begun: bool,
}

impl LongList {
    /// Returns the next part of the document; none behind its end.
    async fn part(&mut self) -> Result<Option<Bytes>, Error> {
        let Some(page) = self.page.take() else { return Ok(None) };
        let mut text = if self.begun { Vec::new() } else { b"{\"items\":[".to_vec() };
        for entry in &page.items {
            if std::mem::replace(&mut self.begun, true) {
                text.push(b',');
            }
            let entry = reply::text(&self.call, entry);
            text.extend(entry.map_err(|_| Error::internal("an entry cannot be written"))?);
        }
        self.left = self.left.saturating_sub(u32::try_from(page.items.len()).unwrap_or(u32::MAX));
        match page.next {
            Some(next) if self.left > 0 => {
                self.query = AuditQuery { before: Some(next), limit: self.left.min(AT_ONCE), ..self.query.clone() };
                self.page = Some(audit::list(self.call.service(), &self.call.caller, self.query.clone()).await?);
            }
            next => {
                let cursor = next.map(|next| cursor::write(&next)).transpose()?;
                text.extend(format!("],\"nextCursor\":{}}}", serde_json::json!(cursor)).into_bytes());
            }
        }
        Ok(Some(Bytes::from(text)))
    }
}

fn actor(name: String) -> Result<String, Error> {
    let length = name.chars().count();
    if !(1..=ACTOR_MAX).contains(&length) {
        let error = Error::invalid("actor", format!("an actor has no name of {length} characters"));
        return Err(error.hint("name an account, a key or an agent, or leave it out"));
    }
    Ok(name)
}

fn since(text: &str, context: &Context) -> Result<Option<Instant>, Error> {
    match When::read(text, context) {
        Ok(when) => Ok(when.start(&context.zone)),
        Err(error) => Err(Error { field: Some("since".to_owned()), ..error.into() }),
    }
}

/// What to undo; where nothing is said, the last change.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"steps": 1}))]
pub(crate) struct UndoInput {
    /// The last so many changes that are not undone; without it one.
    #[serde(default, deserialize_with = "integer_or_null")]
    #[schema(minimum = 1, maximum = 100)]
    steps: Option<u32>,
    /// This change.
    #[serde(default)]
    change_id: Option<Id>,
    /// With `since`: all that this account, key or agent did and that is not undone yet.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200, example = "zoe")]
    actor: Option<String>,
    /// With `actor`: from then on. A date in words or RFC 3339.
    #[serde(default)]
    #[schema(schema_with = input::begin)]
    since: Option<String>,
}

impl UndoInput {
    fn target(self, context: impl FnOnce() -> Result<Context, Error>) -> Result<UndoTarget, Error> {
        let since = self.since.as_deref().map(|text| since(text, &context()?)).transpose()?.flatten();
        match (self.actor, since) {
            (Some(name), Some(since)) if self.steps.is_none() && self.change_id.is_none() => {
                return Ok(UndoTarget::Since(ActorSince { actor: actor(name)?, since }));
            }
            (Some(_), Some(_)) => {
                return Err(Error::invalid("actor", "several fields say what to undo").hint("leave out the others"));
            }
            (Some(_), None) => {
                let error = Error::invalid("since", "it is not said since when what the actor did is undone");
                return Err(error.hint("say it, as in `yesterday`"));
            }
            (None, _) if self.since.is_some() => {
                return Err(Error::invalid("actor", "it is not said who did what is undone").hint("name the actor"));
            }
            (None, _) => {}
        }
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
/// The caller's own, all of what is asked for or nothing. Asked again, it goes further back; `POST /redo` comes forward
/// again. An undo is a change itself, so that undoing it by its id does the change again.
#[utoipa::path(post, path = "/undo", tag = "audit", params(InZone), request_body(content = Option<UndoInput>), responses(
    (status = 200, description = "What was undone", body = Undone),
))]
pub(crate) async fn undo_changes(
    call: Call,
    Params(NoParams {}): Params<NoParams>,
    Maybe(input): Maybe<UndoInput>,
) -> Reply {
    let target = input.unwrap_or_default().target(|| call.context())?;
    let undone = undo::undo(call.service(), &call.caller, Undo { target }).await?;
    reply::ok(&call, &undone)
}

/// Does again what was undone
///
/// What the caller's last undo reverted, as long as nothing else was done since. Asked again, it comes further forward.
#[utoipa::path(post, path = "/redo", tag = "audit", responses(
    (status = 200, description = "What was done again; its entries are those of the undo that was reverted", body = Undone),
))]
pub(crate) async fn redo_changes(call: Call, Params(NoParams {}): Params<NoParams>) -> Reply {
    let redone = undo::redo(call.service(), &call.caller).await?;
    reply::ok(&call, &redone)
}
