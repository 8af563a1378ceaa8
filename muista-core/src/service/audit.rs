//! Reading the record of changes. Writing it is part of each change, see `write`.

use super::{Caller, Service, assemble};
use crate::error::Result;
use crate::model::{AuditPage, AuditQuery, Id, TaskRef};
use crate::store;
use crate::store::Conn;

/// The most entries in one page.
const PAGE_MAX: u32 = 500;

/// The caller's changes, the newest first.
pub async fn list(service: &Service, caller: &Caller, query: AuditQuery) -> Result<AuditPage> {
    let owner = caller.user;
    let limit = i64::from(query.limit.clamp(1, PAGE_MAX));
    let rows = service
        .store
        .read(move |conn| {
            let record = query.task.as_ref().map(|task| record(conn, owner, task)).transpose()?;
            store::audit::list(conn, owner, record, query.before, limit + 1)
        })
        .await?;
    let more = i64::try_from(rows.len()).is_ok_and(|found| found > limit);
    let kept = rows.into_iter().take(usize::try_from(limit).unwrap_or(usize::MAX));
    let items = kept.map(crate::store::rows::AuditRow::into_entry).collect::<Result<Vec<_>>>()?;
    let next = items.last().filter(|_| more).map(|entry| entry.seq);
    Ok(AuditPage { items, next })
}

/// The record that is named; a whole id is taken as it is, since the task may be deleted by now.
fn record(conn: &mut Conn, owner: Id, task: &TaskRef) -> Result<Id> {
    match task {
        TaskRef::Id(id) => Ok(*id),
        name => Ok(assemble::one(conn, owner, name)?.id),
    }
}
