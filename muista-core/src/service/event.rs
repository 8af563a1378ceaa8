//! The use cases of events: reading the record of changes as it grows, from any place on, none skipped and none twice, and
//! waiting for it to grow. The order in which changes are told is the store's.

use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout};

use super::access::Access;
use super::{Caller, Service, Topic, audit};
use crate::error::{Error, Result};
use crate::model::{Event, EventCursor, EventPage, Id, Scope, Scopes};
use crate::store::{self, Conn};

/// The most events in one page.
const PAGE_MAX: u32 = 500;
/// The longest that a call waits.
const WAIT_MAX: u32 = 20;
/// How long until it is looked again: at first after a change was heard of, which others may still keep from being told,
/// and twice as long each time after that. What other processes change is found by the longest.
const LOOK_FIRST: Duration = Duration::from_millis(25);
const LOOK_LAST: Duration = Duration::from_secs(1);

/// The place behind everything that has happened.
pub(crate) async fn latest_cursor(service: &Service, caller: &Caller) -> Result<EventCursor> {
    caller.require(Scope::AuditRead)?;
    service.store.read(store::event::latest).await
}

/// What the caller may see of what was changed behind a place, the oldest first.
///
/// # Errors
/// `Invalid` for a place that this database never gave.
pub(crate) async fn after(service: &Service, caller: &Caller, after: EventCursor, limit: u32) -> Result<EventPage> {
    caller.require(Scope::AuditRead)?;
    let (user, scopes, limit) = (caller.user, caller.scopes, i64::from(limit.clamp(1, PAGE_MAX)));
    service.store.read(move |conn| page(conn, user, scopes, after, limit)).await
}

fn page(conn: &mut Conn, user: Id, scopes: Scopes, after: EventCursor, limit: i64) -> Result<EventPage> {
    let seen = Access::of(user).scope(conn)?;
    let (rows, next) = store::event::after(conn, &seen, after, limit)?;
    if rows.is_empty() && after == next && after > store::event::latest(conn)? {
        return Err(Error::invalid("after", format!("the place {after} is behind all that has happened"))
            .hint("it is of another database, or of one that was restored since; start again without one"));
    }
    let mut items = Vec::with_capacity(rows.len());
    for (id, row) in rows {
        let told = audit::told(&seen, row)?.filter(|entry| scopes.has(entry.entity.scope()));
        items.extend(told.map(|entry| Event { id, entry }));
    }
    Ok(EventPage { items, next })
}

/// The same; where there is nothing yet it waits for so many seconds, 20 at most. Without a place nothing is told but
/// the place to go on from.
///
/// # Errors
/// `Forbidden` without the scope, `Invalid` for a place that there has not been.
pub async fn wait(
    service: &Service,
    caller: &Caller,
    from: Option<EventCursor>,
    limit: u32,
    seconds: u32,
) -> Result<EventPage> {
    let Some(mut from) = from else {
        let next = latest_cursor(service, caller).await?;
        return Ok(EventPage { items: Vec::new(), next });
    };
    let end = Instant::now() + Duration::from_secs(u64::from(seconds.min(WAIT_MAX)));
    let mut changes = service.subscribe(Topic::Changes);
    let mut pause = LOOK_FIRST;
    loop {
        let page = after(service, caller, from, limit).await?;
        if !page.items.is_empty() || Instant::now() >= end {
            return Ok(page);
        }
        from = page.next;
        // Many changes in a row are looked at together.
        sleep_until(end.min(Instant::now() + LOOK_FIRST)).await;
        let rest = end.saturating_duration_since(Instant::now());
        pause = match timeout(pause.min(rest), changes.woken()).await {
            Ok(()) => LOOK_FIRST,
            Err(_) => LOOK_LAST.min(pause * 2),
        };
    }
}
