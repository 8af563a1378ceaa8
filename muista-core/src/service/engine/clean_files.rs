//! The files of attachments that are gone: each is kept for a week, so that undo brings it back, and then goes. What was
//! never finished goes after a day.

use std::sync::Arc;
use std::time::Duration;

use super::BATCH;
use crate::error::Result;
use crate::model::Id;
use crate::service::Service;
use crate::service::attachment::blocking;
use crate::store::{Conn, attachment, audit};
use crate::time::Instant;

const DAY: Duration = Duration::from_secs(24 * 3600);
/// How long a file without an attachment is kept.
const DAYS: u32 = 7;

/// Deletes the files; returns how many they were.
pub(super) async fn files(service: &Service, now: Instant) -> Result<usize> {
    let (before, folder) = (now.minus(DAY * DAYS), Arc::clone(&service.settings().attachments));
    let (ids, mut gone) =
        blocking(move || Ok((folder.older_than(before)?, folder.remove_parts(now.minus(DAY))?))).await?;
    for some in ids.chunks(BATCH) {
        let some = some.to_vec();
        let unused = service.store.read(move |conn| unused(conn, &some, before)).await?;
        gone += unused.len();
        let folder = Arc::clone(&service.settings().attachments);
        blocking(move || unused.into_iter().try_for_each(|id| folder.remove(id))).await?;
    }
    Ok(gone)
}

/// Those whose attachments went before `before`, or never were.
fn unused(conn: &mut Conn, ids: &[Id], before: Instant) -> Result<Vec<Id>> {
    let used = attachment::existing(conn, ids)?;
    let mut unused = Vec::new();
    for id in ids.iter().filter(|id| !used.contains(id)) {
        if audit::last_of_record(conn, *id)?.is_none_or(|changed| changed < before) {
            unused.push(*id);
        }
    }
    Ok(unused)
}
