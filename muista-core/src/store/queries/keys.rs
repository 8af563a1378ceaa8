//! The keys that names and texts are found by, beside what they are made from.

use std::collections::HashMap;

use diesel::prelude::*;

use super::Conn;
use crate::model::{Id, fold, fold_text};
use crate::store::rows::{NameKind, NamedRow, Renewed, TextRow, search_key};
use crate::store::schema::{comments, jobs, projects, tags, tasks};

/// How many tasks are looked at at once.
const PAGE: i64 = 1000;

/// Makes the keys of texts and names anew, where they are others than this program makes. Names that became the same keep
/// theirs, and are told.
pub(crate) fn renew(conn: &mut Conn) -> QueryResult<Renewed> {
    let mut renewed = Renewed { changed: of_texts(conn)? + of_comments(conn)?, alike: Vec::new() };
    for kind in NameKind::ALL {
        renewed.changed += of_names(conn, kind, &mut renewed.alike)?;
    }
    Ok(renewed)
}

fn of_texts(conn: &mut Conn) -> QueryResult<usize> {
    let columns = (tasks::id, tasks::number, tasks::title, tasks::description, tasks::note, tasks::search_key);
    let (mut changed, mut after) = (0, i64::MIN);
    loop {
        let page = tasks::table.filter(tasks::number.gt(after)).order(tasks::number).limit(PAGE).select(columns);
        let page: Vec<TextRow> = page.load(conn)?;
        let Some(last) = page.last() else { return Ok(changed) };
        after = last.number;
        for row in page {
            let key = search_key(&row.title, row.description.as_deref(), row.note.as_deref());
            if key != row.search_key {
                changed += diesel::update(tasks::table.find(row.id)).set(tasks::search_key.eq(key)).execute(conn)?;
            }
        }
    }
}

fn of_comments(conn: &mut Conn) -> QueryResult<usize> {
    let columns = (comments::id, comments::text, comments::search_key);
    let (mut changed, mut after) = (0, None);
    loop {
        let mut page = comments::table.order(comments::id).limit(PAGE).select(columns).into_boxed();
        if let Some(after) = after {
            page = page.filter(comments::id.gt(after));
        }
        let page: Vec<(Id, String, String)> = page.load(conn)?;
        let Some(last) = page.last() else { return Ok(changed) };
        after = Some(last.0);
        for (id, text, found) in page {
            let key = fold_text(&text);
            if key != found {
                changed += diesel::update(comments::table.find(id)).set(comments::search_key.eq(key)).execute(conn)?;
            }
        }
    }
}

/// Returns how many keys were others.
fn of_names(conn: &mut Conn, kind: NameKind, alike: &mut Vec<(NameKind, String, String)>) -> QueryResult<usize> {
    let mut same: HashMap<(Id, String), Vec<NamedRow>> = HashMap::new();
    for row in names(conn, kind)? {
        same.entry((row.owner_id, fold(&row.name))).or_default().push(row);
    }
    let mut wrong = Vec::new();
    for ((_, key), mut rows) in same {
        match (rows.pop(), &rows[..]) {
            (Some(row), []) if row.name_key != key => wrong.push((row.id, key)),
            (Some(row), [other, ..]) => alike.push((kind, row.name, other.name.clone())),
            _ => {}
        }
    }
    // Two may want what the other has: no key is like these, since no name holds a comma.
    for (id, _) in &wrong {
        set_name(conn, kind, *id, &format!(",{id}"))?;
    }
    for (id, key) in &wrong {
        set_name(conn, kind, *id, key)?;
    }
    Ok(wrong.len())
}

/// Counts the tags of tasks anew; returns of how many tasks the count was another.
pub(crate) fn count_tags(conn: &mut Conn) -> QueryResult<usize> {
    let counted = "(SELECT count(*) FROM task_tags WHERE task_id = tasks.id)";
    diesel::sql_query(format!("UPDATE tasks SET tag_count = {counted} WHERE tag_count <> {counted}")).execute(conn)
}

/// Returns the names of all of a kind, without jobs that were deleted.
fn names(conn: &mut Conn, kind: NameKind) -> QueryResult<Vec<NamedRow>> {
    macro_rules! names {
        ($table:ident) => {
            $table::table.select(($table::id, $table::owner_id, $table::name, $table::name_key))
        };
    }
    match kind {
        NameKind::Project => names!(projects).load(conn),
        NameKind::Tag => names!(tags).load(conn),
        // A deleted job's key begins with a comma, which no name holds.
        NameKind::Job => names!(jobs).filter(jobs::name_key.not_like(",%")).load(conn),
    }
}

/// Gives a name another key.
fn set_name(conn: &mut Conn, kind: NameKind, id: Id, key: &str) -> QueryResult<usize> {
    match kind {
        NameKind::Project => diesel::update(projects::table.find(id)).set(projects::name_key.eq(key)).execute(conn),
        NameKind::Tag => diesel::update(tags::table.find(id)).set(tags::name_key.eq(key)).execute(conn),
        NameKind::Job => diesel::update(jobs::table.find(id)).set(jobs::name_key.eq(key)).execute(conn),
    }
}
