//! Repairing a database that nobody works on: its indexes are made anew, what a copy has lost is set again, and so are the
//! keys by which names and texts are found. How each kind of database is put right is the store's.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::backup::{lock, refuse_others};
use crate::clock::Clock;
use crate::error::Result;
use crate::model::Finding;
use crate::store::repair::{self as store, Mended};
use crate::store::{Conn, Database, Options, keys};

/// A repair that is asked for.
#[derive(Debug)]
pub struct Repair {
    /// The database.
    pub options: Options,
    /// The folder whose lock a daemon holds.
    pub data_dir: PathBuf,
}

/// Repairs a database; returns what was found and done. Blocks.
///
/// # Errors
/// `Conflict` where a daemon works on it; when it cannot be opened or written at all.
pub fn repair(asked: &Repair, clock: &Arc<dyn Clock>) -> Result<Vec<Finding>> {
    if let Database::Sqlite(path) = &asked.options.database
        && !path.exists()
    {
        return Ok(vec![Finding::ok(
            "repair",
            format!("{} does not exist, so there is nothing to repair", path.display()),
        )]);
    }
    let _lock = lock(&asked.data_dir)?;
    refuse_others(&asked.options)?;
    let stamp = clock.now().in_zone(&TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string();
    let mut findings = match store::mend(&asked.options, &stamp, clock)? {
        Some(mended) => of_file(mended),
        None => vec![Finding::ok("indexes", "rebuilt; the server checks its own files")],
    };
    findings.extend(store::change(&asked.options, clock, make_keys)?);
    Ok(findings)
}

/// Tells what was done to a file.
fn of_file(mended: Mended) -> Vec<Finding> {
    let Mended { before, kept, unindexed, after, set } = mended;
    let was = |first: &String| format!("was damaged ({first})");
    let kept = kept.map_or_else(String::new, |kept| format!("; as it was it is kept as {}", kept.display()));
    let remedy = "restore a backup: `muista backup ls` lists them";
    let pages = match (before.first(), after.first()) {
        (_, Some(_)) => Finding::fail("file", format!("still damaged: {}{kept}", after.join("; ")), remedy),
        (Some(first), None) => Finding::ok("file", format!("{}, and passes its integrity check now{kept}", was(first))),
        (None, None) => Finding::ok("file", "passes its integrity check"),
    };
    let indexes = match unindexed {
        None => Finding::ok("indexes", "rebuilt"),
        Some(error) => Finding::fail("indexes", format!("cannot be rebuilt: {error}"), remedy),
    };
    let settings = if set.is_empty() { "as they should be".to_owned() } else { format!("set: {}", set.join(", ")) };
    vec![pages, indexes, Finding::ok("file settings", settings)]
}

/// Makes the keys of texts and names anew, and counts the tags of tasks.
fn make_keys(conn: &mut Conn) -> Result<Vec<Finding>> {
    let renewed = keys::renew(conn)?;
    let found = match renewed.changed + keys::count_tags(conn)? {
        0 => "all names and texts are found as they should be".to_owned(),
        1 => "1 was rebuilt".to_owned(),
        count => format!("{count} were rebuilt"),
    };
    let alike = renewed.alike.into_iter().map(|(kind, one, other)| {
        let (noun, found) = (kind.noun(), format!("{one} and {other} are the same name to Muista"));
        let remedy = format!("rename one, as by `muista {noun} --help`, and run this again");
        Finding::warn(&format!("{noun}s"), found, remedy)
    });
    Ok(std::iter::once(Finding::ok("search keys", found)).chain(alike).collect())
}
