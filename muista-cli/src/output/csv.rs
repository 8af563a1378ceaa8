//! CSV (RFC 4180): one record at a time. What the fields are is the noun's.

use crate::error::{CliError, Result};

/// The fields as a record, with its line end.
///
/// # Errors
/// Never, as far as is known: a record in memory has no field that CSV could not hold.
pub(super) fn record<'a>(fields: impl Iterator<Item = &'a str>) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let bytes = writer
        .write_record(fields.map(str::as_bytes))
        .map_err(|e| e.to_string())
        .and_then(|()| writer.into_inner().map_err(|e| e.to_string()))
        .and_then(|bytes| String::from_utf8(bytes).map_err(|e| e.to_string()));
    bytes.map_err(|e| CliError::failed(format!("cannot write CSV: {e}")))
}
