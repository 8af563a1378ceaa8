//! Cursors: where a page ended, as a text that callers pass on and do not look into.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};

/// The text of a place, in hexadecimal digits.
///
/// # Errors
/// `Internal` when the place has no JSON.
pub fn write<T: Serialize>(place: &T) -> Result<String> {
    let json = serde_json::to_vec(place).map_err(|e| Error::internal(format!("cannot write a cursor: {e}")))?;
    Ok(json.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The place of a text.
///
/// # Errors
/// `NotFound` for a text that is no place of this kind.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T> {
    let nibble = |byte: u8| char::from(byte).to_digit(16);
    let bytes: Option<Vec<u8>> = text
        .as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => u8::try_from(nibble(*high)? * 16 + nibble(*low)?).ok(),
            _ => None,
        })
        .collect();
    serde_json::from_slice(&bytes.ok_or_else(foreign)?).map_err(|_| foreign())
}

/// The refusal of a cursor of another list: it names a place that is not there.
pub(crate) fn foreign() -> Error {
    Error::not_found("place in this list that the cursor names")
        .of_field("cursor")
        .hint("pass on `nextCursor` unchanged, with the same sort")
}
