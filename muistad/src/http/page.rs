//! Pages of lists that are short enough to be read whole: tags, projects, members. Long ones are paged by the database.

use muista_core::error::Error;
use muista_core::model::{cursor, fold};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::input::Paging;

/// A part of a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Items<T> {
    /// The items, in order.
    pub(crate) items: Vec<T>,
    /// What to give as `cursor` for the next page; none when this is the last.
    pub(crate) next_cursor: Option<String>,
}

/// The part of `all` that is asked for, in the order of `key`, which tells the items apart. An item that is gone by the
/// next request takes no other with it.
///
/// # Errors
/// `Invalid` for a limit that no page has, `NotFound` for a cursor of another list.
pub(crate) fn of<T>(mut all: Vec<T>, paging: &Paging, key: impl Fn(&T) -> String) -> Result<Items<T>, Error> {
    all.sort_by_cached_key(|item| fold(&key(item)));
    let limit = usize::try_from(paging.limit()?).unwrap_or(usize::MAX);
    let begin = match &paging.cursor {
        None => 0,
        Some(cursor) => behind(&all, &cursor::read::<String>(cursor)?, &key),
    };
    let more = all.len() > begin.saturating_add(limit);
    let items: Vec<T> = all.into_iter().skip(begin).take(limit).collect();
    let next_cursor = items.last().filter(|_| more).map(|last| cursor::write(&fold(&key(last)))).transpose()?;
    Ok(Items { items, next_cursor })
}

/// The place of the first item behind `last`.
fn behind<T>(all: &[T], last: &str, key: impl Fn(&T) -> String) -> usize {
    all.iter().position(|item| fold(&key(item)).as_str() > last).unwrap_or(all.len())
}
