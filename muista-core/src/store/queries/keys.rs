//! The keys that names and texts are found by, beside what they are made from.

use diesel::prelude::*;

use super::Conn;
use crate::model::Id;
use crate::store::rows::{NameKind, NamedRow, TextRow};
use crate::store::schema::{jobs, projects, tags, tasks};

/// Some tasks' texts with their keys, in the order of their numbers, behind `after`.
pub(crate) fn texts(conn: &mut Conn, after: i64, limit: i64) -> QueryResult<Vec<TextRow>> {
    let columns = (tasks::id, tasks::number, tasks::title, tasks::description, tasks::note, tasks::search_key);
    tasks::table.filter(tasks::number.gt(after)).order(tasks::number).limit(limit).select(columns).load(conn)
}

/// Gives a task's texts another key.
pub(crate) fn set_text(conn: &mut Conn, id: Id, key: &str) -> QueryResult<usize> {
    diesel::update(tasks::table.find(id)).set(tasks::search_key.eq(key)).execute(conn)
}

/// Counts the tags of tasks anew; returns of how many tasks the count was another.
pub(crate) fn count_tags(conn: &mut Conn) -> QueryResult<usize> {
    let counted = "(SELECT count(*) FROM task_tags WHERE task_id = tasks.id)";
    diesel::sql_query(format!("UPDATE tasks SET tag_count = {counted} WHERE tag_count <> {counted}")).execute(conn)
}

/// The names of all of a kind, without jobs that were deleted.
pub(crate) fn names(conn: &mut Conn, kind: NameKind) -> QueryResult<Vec<NamedRow>> {
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
pub(crate) fn set_name(conn: &mut Conn, kind: NameKind, id: Id, key: &str) -> QueryResult<usize> {
    match kind {
        NameKind::Project => diesel::update(projects::table.find(id)).set(projects::name_key.eq(key)).execute(conn),
        NameKind::Tag => diesel::update(tags::table.find(id)).set(tags::name_key.eq(key)).execute(conn),
        NameKind::Job => diesel::update(jobs::table.find(id)).set(jobs::name_key.eq(key)).execute(conn),
    }
}
