//! `/events`: the record of changes as it grows, as server-sent events (HTML standard §9.2). A stream can be taken up again
//! where it broke off, none skipped and none twice; it ends with the daemon, and with the credential it was asked with.

use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::response::Response;
use futures::stream;
use hyper::HeaderMap;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use muista_core::error::{Error, ErrorKind, Result};
use muista_core::model::{Event, EventCursor, EventPage, Origin, Scope};
use muista_core::service::{Subscription, Topic, event, on_behalf_of};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::call::Call;
use crate::http::input::{InZone, Params};
use crate::http::middleware::auth::bearer;
use crate::http::middleware::sse_limit::SsePermit;
use crate::http::problem::{Problem, Reply};
use crate::http::reply;

/// The header by which a client says where it was.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// How many events are told at once.
const MANY: u32 = 100;
/// For how many seconds nothing is said at most.
const SILENCE: u32 = 15;
/// How long one look for events may take, the wait for them included.
const TURN: Duration = Duration::from_secs(SILENCE as u64 + 30);
/// How long to wait before a database that does not answer is asked again.
const PAUSE: Duration = Duration::from_secs(1);

/// Where a stream begins.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct From {
    /// Behind this event, as `Last-Event-ID` says it too; `0`: with the first there ever was. Left out: from now on.
    #[param(pattern = r"^(0|[1-9][0-9]{0,15}(\.[1-9][0-9]{0,15})?)$", example = "0")]
    after: Option<String>,
}

/// Tells changes as they happen
///
/// Server-sent events of what the caller may see, the oldest first. `event` is the kind of record and what was done to it,
/// as in `task.update`; `data` is the entry as `GET /audit` lists it; `id` is its place, which a client that was cut off
/// sends as `Last-Event-ID`, or as `after`, to go on from there. While nothing happens a comment comes every 15 seconds.
/// An account may have 64 streams.
#[utoipa::path(get, path = "/events", tag = "audit",
    params(
        From, InZone,
        ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event that came",
            pattern = r"^(0|[1-9][0-9]{0,15}(\.[1-9][0-9]{0,15})?)$"),
    ),
    responses((status = 200, description = "A stream of events", body = String, content_type = "text/event-stream")),
)]
pub(crate) async fn events(call: Call, headers: HeaderMap, Params(From { after }): Params<From>) -> Reply {
    let said = headers.get(LAST_EVENT_ID).map(|id| id.to_str().map(str::to_owned)).transpose();
    let said = said.map_err(|_| Problem::malformed("Last-Event-ID is not ASCII"))?.or(after);
    let from = said.filter(|id| !id.is_empty()).map(|id| id.parse::<EventCursor>()).transpose()?;
    let token = bearer(&headers)?.unwrap_or_default().to_owned();
    let permit = call.app.sse_limit.admit(call.caller.user)?;
    // What is wrong with the place is told before the stream begins.
    let first = event::wait(call.service(), &call.caller, from, MANY, 0).await?;
    let accounts = call.service().subscribe(Topic::Accounts);
    let begin = Stage::First(first);
    let stream = Stream { call, token, accounts, _permit: permit };
    let told = stream::unfold((stream, begin), |(mut stream, stage)| async move {
        let (text, next) = stream.proceed(stage).await?;
        Some((Ok::<_, Error>(Bytes::from(text)), (stream, Stage::After(next))))
    });
    let mut response = Response::new(Body::from_stream(told));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    // A proxy is not to gather events before it passes them on.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

/// How far a stream is.
enum Stage {
    /// Its first page is there.
    First(EventPage),
    /// All up to this place was told.
    After(EventCursor),
}

/// A stream of events that is open.
struct Stream {
    call: Call,
    token: String,
    accounts: Subscription,
    _permit: SsePermit,
}

impl Stream {
    /// Returns what is told next, and the place behind it; none when the stream is to end.
    async fn proceed(&mut self, stage: Stage) -> Option<(Vec<u8>, EventCursor)> {
        let page = match stage {
            Stage::First(page) => page,
            Stage::After(place) => self.next(place).await?,
        };
        // What cannot be written would be missing: the client is to come again.
        let text = self.text(&page).ok()?;
        Some((text, page.next))
    }

    /// Returns the next events, or none after a while.
    async fn next(&mut self, place: EventCursor) -> Option<EventPage> {
        let stop = self.call.app.vitals.stop.clone();
        loop {
            let waiting = event::wait(self.call.service(), &self.call.caller, Some(place), MANY, SILENCE);
            let waiting = on_behalf_of(self.call.caller.user, Instant::now() + TURN, waiting);
            let page = tokio::select! {
                page = waiting => page,
                () = self.accounts.woken() => {
                    self.admitted().await?;
                    continue;
                }
                () = stop.asked() => return None,
            };
            match page {
                Ok(page) => return self.admitted().await.map(|()| page),
                Err(error) if error.kind == ErrorKind::Unavailable => {
                    tokio::select! {
                        () = tokio::time::sleep(PAUSE) => {}
                        () = stop.asked() => return None,
                    }
                }
                Err(_) => return None,
            }
        }
    }

    /// Looks again whether the caller may still come in; none where it may not.
    async fn admitted(&mut self) -> Option<()> {
        match self.call.app.auth.caller(&self.token, Origin::Rest, None).await {
            Ok(caller) => {
                caller.require(Scope::AuditRead).ok()?;
                self.call.caller = caller;
                Some(())
            }
            // The database will answer again, and then it will be seen.
            Err(error) if error.kind == ErrorKind::Unavailable => Some(()),
            Err(_) => None,
        }
    }

    fn text(&self, page: &EventPage) -> Result<Vec<u8>> {
        let mut text = Vec::new();
        for Event { id, entry } in &page.items {
            let kind = format!("{}.{}", entry.entity, entry.action).to_lowercase();
            text.extend(format!("id: {id}\nevent: {kind}\ndata: ").into_bytes());
            text.extend(reply::text(&self.call, entry).map_err(|_| Error::internal("an event cannot be written"))?);
            text.extend(b"\n\n");
        }
        if page.items.is_empty() {
            // An id without data tells the place alone.
            text.extend(format!(": nothing new\nid: {}\n\n", page.next).into_bytes());
        }
        Ok(text)
    }
}
