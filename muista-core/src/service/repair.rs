//! Repairing a database that nobody works on: its indexes are made anew, what a copy has lost is set again, and so are the
//! keys by which names and texts are found. How each kind of database is put right is the store's.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::backup::{lock, refuse_others};
use crate::clock::Clock;
use crate::error::Result;
use crate::model::{Finding, Id, fold};
use crate::store::repair::{self as store, Mended};
use crate::store::rows::{NameKind, NamedRow, search_key};
use crate::store::{Conn, Database, Options, keys};

/// How many tasks are looked at at once.
const PAGE: i64 = 1000;

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
        return Ok(vec![Finding::ok("repair", format!("there is no {} to be repaired", path.display()))]);
    }
    let _lock = lock(&asked.data_dir)?;
    refuse_others(&asked.options)?;
    let stamp = clock.now().in_zone(&TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string();
    let mut findings = match store::mend(&asked.options, &stamp, clock)? {
        Some(mended) => of_file(mended),
        None => vec![Finding::ok("indexes", "made anew; the server itself watches over its files")],
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
        (Some(first), None) => Finding::ok("file", format!("{}, and is whole now{kept}", was(first))),
        (None, None) => Finding::ok("file", "whole"),
    };
    let indexes = match unindexed {
        None => Finding::ok("indexes", "made anew"),
        Some(error) => Finding::fail("indexes", format!("cannot be made anew: {error}"), remedy),
    };
    let settings = if set.is_empty() { "as they should be".to_owned() } else { format!("set: {}", set.join(", ")) };
    vec![pages, indexes, Finding::ok("file settings", settings)]
}

/// Makes the keys of texts and names anew.
fn make_keys(conn: &mut Conn) -> Result<Vec<Finding>> {
    let (mut changed, mut after) = (0, i64::MIN);
    loop {
        let page = keys::texts(conn, after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = last.number;
        for row in page {
            let key = search_key(&row.title, row.description.as_deref(), row.note.as_deref());
            if key != row.search_key {
                changed += keys::set_text(conn, row.id, &key)?;
            }
        }
    }
    changed += keys::count_tags(conn)?;
    let mut findings = Vec::new();
    for kind in NameKind::ALL {
        changed += of_names(conn, kind, &mut findings)?;
    }
    let found = match changed {
        0 => "all names and texts are found as they should be".to_owned(),
        1 => "1 was made anew".to_owned(),
        count => format!("{count} were made anew"),
    };
    findings.insert(0, Finding::ok("search keys", found));
    Ok(findings)
}

/// Makes the keys of names of a kind anew; returns how many were others. Names that became the same keep theirs, and are
/// told.
fn of_names(conn: &mut Conn, kind: NameKind, findings: &mut Vec<Finding>) -> Result<usize> {
    let mut same: HashMap<(Id, String), Vec<NamedRow>> = HashMap::new();
    for row in keys::names(conn, kind)? {
        same.entry((row.owner_id, fold(&row.name))).or_default().push(row);
    }
    let mut wrong = Vec::new();
    for ((_, key), mut rows) in same {
        match (rows.pop(), &rows[..]) {
            (Some(row), []) if row.name_key != key => wrong.push((row.id, key)),
            (Some(row), [other, ..]) => {
                let found = format!("{} and {} are the same name to Muista", row.name, other.name);
                let noun = kind.noun();
                let remedy = format!("rename one, as by `muista {noun} --help`, and run this again");
                findings.push(Finding::warn(&format!("{noun}s"), found, remedy));
            }
            _ => {}
        }
    }
    // Two may want what the other has: no key is like these, since no name holds a comma.
    for (id, _) in &wrong {
        keys::set_name(conn, kind, *id, &format!(",{id}"))?;
    }
    for (id, key) in &wrong {
        keys::set_name(conn, kind, *id, key)?;
    }
    Ok(wrong.len())
}
