//! What the ranking reads of an account's open tasks, beside those that a filter holds: each in the order of an index.

use diesel::prelude::*;

use super::{Conn, chunked};
use crate::model::Id;
use crate::store::rows::RankRow;
use crate::store::schema::tasks;
use crate::time::Instant;

/// A [`RankRow`].
pub(super) const RANKED: (
    tasks::id,
    tasks::number,
    tasks::priority,
    tasks::due_at,
    tasks::due_on,
    tasks::created_at,
    tasks::project_id,
    tasks::tag_count,
) = (
    tasks::id,
    tasks::number,
    tasks::priority,
    tasks::due_at,
    tasks::due_on,
    tasks::created_at,
    tasks::project_id,
    tasks::tag_count,
);

/// The open tasks of an owner's.
macro_rules! open {
    ($owner:expr) => {
        tasks::table.filter(tasks::owner_id.eq($owner)).filter(tasks::completed_at.is_null())
    };
}

macro_rules! by_due {
    ($owner:expr, $weight:expr, $after:expr, $limit:expr) => {{
        let (due, number): (Instant, i64) = $after;
        let behind = tasks::due_key.gt(due).or(tasks::number.gt(number));
        let stretch = open!($owner).filter(tasks::weight.eq($weight)).filter(tasks::due_key.ge(due)).filter(behind);
        stretch.order((tasks::due_key, tasks::number)).limit($limit).select(RANKED)
    }};
}

macro_rules! by_age {
    ($owner:expr, $after:expr, $limit:expr) => {{
        let (created, number): (Instant, i64) = $after;
        let behind = tasks::created_at.gt(created).or(tasks::number.gt(number));
        let stretch = open!($owner).filter(tasks::created_at.ge(created)).filter(behind);
        stretch.order((tasks::created_at, tasks::number)).limit($limit).select(RANKED)
    }};
}

/// Those of one weight behind a due and a number, by due.
pub(crate) fn by_due(
    conn: &mut Conn,
    owner: Id,
    weight: i16,
    after: (Instant, i64),
    limit: i64,
) -> QueryResult<Vec<RankRow>> {
    by_due!(owner, weight, after, limit).load(conn)
}

/// Those that were made behind an instant and a number, the oldest first.
pub(crate) fn by_age(conn: &mut Conn, owner: Id, after: (Instant, i64), limit: i64) -> QueryResult<Vec<RankRow>> {
    by_age!(owner, after, limit).load(conn)
}

/// Those among `ids`.
pub(crate) fn among(conn: &mut Conn, owner: Id, ids: &[Id]) -> QueryResult<Vec<RankRow>> {
    chunked(ids, |ids| open!(owner).filter(among!(tasks::id, ids)).select(RANKED).load(conn))
}

/// How the database goes about the two orders.
#[cfg(test)]
pub(crate) fn plans(conn: &mut Conn, owner: Id) -> QueryResult<[String; 2]> {
    let place = (Instant::MIN, 1);
    let due = super::explain::plan(conn, by_due!(owner, 700_i16, place, 100))?;
    Ok([due, super::explain::plan(conn, by_age!(owner, place, 100))?])
}
