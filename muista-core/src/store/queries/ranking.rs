//! What the ranking reads of an account's open tasks, beside those that a filter holds: each in the order of an index.

use diesel::prelude::*;

use super::conditions::started;
use super::{Conn, chunked};
use crate::model::Id;
use crate::store::list::ReadAt;
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
    tasks::deadline_at,
    tasks::deadline_on,
) = (
    tasks::id,
    tasks::number,
    tasks::priority,
    tasks::due_at,
    tasks::due_on,
    tasks::created_at,
    tasks::project_id,
    tasks::tag_count,
    tasks::deadline_at,
    tasks::deadline_on,
);

/// The open tasks of an owner's that do not wait.
macro_rules! open {
    ($owner:expr, $now:expr) => {
        tasks::table.filter(tasks::owner_id.eq($owner)).filter(tasks::completed_at.is_null()).filter(started($now))
    };
}

macro_rules! by_due {
    ($owner:expr, $now:expr, $weight:expr, $after:expr, $limit:expr) => {{
        let (urge, number): (Instant, i64) = $after;
        let behind = tasks::urge_key.gt(urge).or(tasks::number.gt(number));
        let of_weight = open!($owner, $now).filter(tasks::weight.eq($weight));
        let stretch = of_weight.filter(tasks::urge_key.ge(urge)).filter(behind);
        stretch.order((tasks::urge_key, tasks::number)).limit($limit).select(RANKED)
    }};
}

macro_rules! by_age {
    ($owner:expr, $now:expr, $after:expr, $limit:expr) => {{
        let (created, number): (Instant, i64) = $after;
        let behind = tasks::created_at.gt(created).or(tasks::number.gt(number));
        let stretch = open!($owner, $now).filter(tasks::created_at.ge(created)).filter(behind);
        stretch.order((tasks::created_at, tasks::number)).limit($limit).select(RANKED)
    }};
}

/// Those of one weight behind an instant and a number, by the earlier of due and deadline.
pub(crate) fn by_due(
    conn: &mut Conn,
    owner: Id,
    now: ReadAt,
    weight: i16,
    after: (Instant, i64),
    limit: i64,
) -> QueryResult<Vec<RankRow>> {
    by_due!(owner, now, weight, after, limit).load(conn)
}

/// Those that were made behind an instant and a number, the oldest first.
pub(crate) fn by_age(
    conn: &mut Conn,
    owner: Id,
    now: ReadAt,
    after: (Instant, i64),
    limit: i64,
) -> QueryResult<Vec<RankRow>> {
    by_age!(owner, now, after, limit).load(conn)
}

/// Those among `ids`.
pub(crate) fn among(conn: &mut Conn, owner: Id, now: ReadAt, ids: &[Id]) -> QueryResult<Vec<RankRow>> {
    chunked(ids, |ids| open!(owner, now).filter(among!(tasks::id, ids)).select(RANKED).load(conn))
}

/// How the database goes about the two orders.
#[cfg(test)]
pub(crate) fn plans(conn: &mut Conn, owner: Id) -> QueryResult<[String; 2]> {
    let (place, now) = ((Instant::MIN, 1), ReadAt::default());
    let due = super::explain::plan(conn, by_due!(owner, now, 700_i16, place, 100))?;
    Ok([due, super::explain::plan(conn, by_age!(owner, now, place, 100))?])
}
