//! A copy of the database as one connection sees it, made while others write, and also of a file that has lost its name.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::Conn;
use crate::error::{Error, Result};
use crate::store::error;

/// Writes what `conn` sees to a new file, whole, readable by its owner alone and safe on the disk when this returns. Reads
/// the whole database; who writes need not wait.
///
/// # Errors
/// `Unavailable` where there is such a file already or it cannot be written; none is left then.
pub(in crate::store) fn copy(conn: &mut Conn, path: &Path) -> Result<()> {
    let text = path.to_str().ok_or_else(|| Error::unavailable(format!("the path {} is not UTF-8", path.display())))?;
    let fail = |e: std::io::Error| Error::unavailable(format!("cannot write {}: {e}", path.display()));
    // SQLite takes an empty file for the copy, whose mode is right then.
    OpenOptions::new().create_new(true).write(true).mode(0o600).open(path).map_err(fail)?;
    let copied = diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(text).execute(conn);
    let written = copied.map_err(error::of_query).and_then(|_| sync(path).map_err(fail));
    if written.is_err() {
        // What is half written is of no use to anybody.
        let _ = std::fs::remove_file(path);
    }
    written
}

/// Waits until a file and its name are on the disk.
fn sync(path: &Path) -> std::io::Result<()> {
    File::open(path)?.sync_all()?;
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}
