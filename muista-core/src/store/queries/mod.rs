//! The queries, one file a noun. This folder is compiled twice, as a module of `store::sqlite` and of `store::postgres`:
//! `Conn` and `Backend` are that database's, `locked!` and `claimable!` lock rows where that is needed. Each function is one
//! statement, or very few; none begins or ends a transaction.

/// Inserts things, each as what `$row` makes of it; `|row| row` for rows. As many go into one statement as are quickest; the
/// statement for a single one is kept prepared.
macro_rules! insert_all {
    ($conn:expr, $table:expr, $things:expr, $row:expr) => {
        super::batched_count($things, |things| match things {
            [thing] => diesel::insert_into($table).values(super::row_of(thing, $row)).execute($conn),
            things => {
                let rows: Vec<_> = things.iter().map(|thing| super::row_of(thing, $row)).collect();
                diesel::insert_into($table).values(rows).execute($conn)
            }
        })
    };
}

pub(crate) mod address_confirmation;
pub(crate) mod agent_daily_count;
pub(crate) mod api_key;
pub(crate) mod attachment;
pub(crate) mod audit;
pub(crate) mod backup_duty;
pub(crate) mod clean;
pub(crate) mod clock;
pub(crate) mod comment;
pub(super) mod conditions;
pub(crate) mod delivery;
pub(crate) mod dependency;
pub(crate) mod device;
pub(crate) mod event;
mod explain;
pub(crate) mod field;
pub(crate) mod firing;
pub(crate) mod health;
pub(crate) mod idempotency;
pub(crate) mod job;
pub(crate) mod keys;
pub(crate) mod list;
pub(crate) mod login_failure;
pub(crate) mod marks;
pub(crate) mod member;
pub(crate) mod notification;
pub(crate) mod password_reset;
pub(crate) mod project;
pub(crate) mod ranking;
pub(crate) mod reminder;
pub(crate) mod restore;
pub(crate) mod run;
pub(crate) mod run_queue;
pub(crate) mod series;
pub(crate) mod session;
pub(crate) mod short_id;
pub(crate) mod signal;
pub(crate) mod signing_key;
pub(crate) mod tag;
pub(crate) mod task;
pub(crate) mod template;
mod terms;
pub(crate) mod time_entry;
pub(crate) mod usage;
pub(crate) mod user;
pub(crate) mod view;

use super::{Backend, Conn};
use crate::model::Id;

/// How many values one statement is given at most: SQLite takes 32,766 parameters, a task's row has 18.
const CHUNK: usize = 500;

/// What a closure makes of a thing; said by a function so that the closure may return what it is given.
fn row_of<'a, T, R>(thing: &'a T, row: impl FnOnce(&'a T) -> R) -> R {
    row(thing)
}

/// Runs a query for each chunk of `ids` and gathers what they return.
fn chunked<T>(ids: &[Id], mut query: impl FnMut(&[Id]) -> diesel::QueryResult<Vec<T>>) -> diesel::QueryResult<Vec<T>> {
    if ids.len() <= CHUNK {
        return if ids.is_empty() { Ok(Vec::new()) } else { query(ids) };
    }
    let mut all = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        all.extend(query(chunk)?);
    }
    Ok(all)
}

/// Runs an insertion for each batch of `rows`, of the size that is quickest here, and adds up how many it inserted.
fn batched_count<T>(
    rows: &[T],
    mut insert: impl FnMut(&[T]) -> diesel::QueryResult<usize>,
) -> diesel::QueryResult<usize> {
    rows.chunks(super::BATCH).try_fold(0, |sum, batch| Ok(sum + insert(batch)?))
}

/// Runs a statement for each chunk of `rows` and adds up how many rows it touched.
fn chunked_count<T>(
    rows: &[T],
    mut statement: impl FnMut(&[T]) -> diesel::QueryResult<usize>,
) -> diesel::QueryResult<usize> {
    rows.chunks(CHUNK).try_fold(0, |sum, chunk| Ok(sum + statement(chunk)?))
}
