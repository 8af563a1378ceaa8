//! Pages of lists that are short enough to be read whole: tags, projects, members. Long ones are paged by the database.

use muista_core::error::Error;
use serde::Serialize;
use utoipa::ToSchema;

use super::input::Paging;

/// A part of a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Items<T> {
    /// The items, in order.
    pub(crate) items: Vec<T>,
    /// What to give as `cursor` for the next page; none when this is the last.
    pub(crate) next_cursor: Option<String>,
}

/// The part of `all` that is asked for. `key` tells the items apart; one that is gone by the next request takes nothing
/// else with it, as the place is kept by its order too.
///
/// # Errors
/// `Invalid` for a limit that no page has, and for a cursor of another list.
pub(crate) fn of<T>(all: Vec<T>, paging: &Paging, key: impl Fn(&T) -> String) -> Result<Items<T>, Error> {
    let limit = usize::try_from(paging.limit()?).unwrap_or(usize::MAX);
    let begin = match &paging.cursor {
        None => 0,
        Some(cursor) => behind(&all, &read(cursor)?, &key),
    };
    let more = all.len() > begin.saturating_add(limit);
    let items: Vec<T> = all.into_iter().skip(begin).take(limit).collect();
    let next_cursor = items.last().filter(|_| more).map(|last| write(&fold(&key(last))));
    Ok(Items { items, next_cursor })
}

/// The place of the first item behind `last`.
fn behind<T>(all: &[T], last: &str, key: impl Fn(&T) -> String) -> usize {
    all.iter().position(|item| fold(&key(item)).as_str() > last).unwrap_or(all.len())
}

fn fold(key: &str) -> String {
    muista_core::model::fold(key)
}

fn write(key: &str) -> String {
    key.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn read(cursor: &str) -> Result<String, Error> {
    let digits = cursor.as_bytes();
    let byte = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?;
        u8::from_str_radix(pair, 16).ok()
    };
    let bytes: Option<Vec<u8>> = digits.chunks(2).map(byte).collect();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(|| {
        Error::invalid("cursor", "the cursor is not one of this list").hint("pass on `nextCursor` unchanged")
    })
}
