//! Tags, and which tasks carry them.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::{Conn, chunked, chunked_count};
use crate::model::Id;
use crate::store::rows::TagRow;
use crate::store::schema::{tags, task_tags, tasks};

/// The owner's tags that tasks carry, by name, with how many open tasks and how many in all.
pub(crate) fn list(conn: &mut Conn, owner: Id) -> QueryResult<Vec<(TagRow, i64, i64)>> {
    let carried = tags::table.inner_join(task_tags::table.inner_join(tasks::table)).filter(tags::owner_id.eq(owner));
    carried
        .group_by((tags::id, tags::owner_id, tags::name, tags::name_key, tags::created_at))
        .select((
            TagRow::as_select(),
            sql::<BigInt>("count(*) FILTER (WHERE tasks.completed_at IS NULL)"),
            sql::<BigInt>("count(*)"),
        ))
        .order(tags::name_key)
        .load(conn)
}

/// The owner's tags of these folded names.
pub(crate) fn find(conn: &mut Conn, owner: Id, keys: &[String]) -> QueryResult<Vec<TagRow>> {
    let own = tags::table.select(TagRow::as_select()).filter(tags::owner_id.eq(owner));
    match keys {
        [] => Ok(Vec::new()),
        [key] => own.filter(tags::name_key.eq(key)).load(conn),
        keys => {
            let mut found = Vec::with_capacity(keys.len());
            for keys in keys.chunks(super::CHUNK) {
                found.extend(own.filter(tags::name_key.eq_any(keys)).load::<TagRow>(conn)?);
            }
            Ok(found)
        }
    }
}

/// Makes tags; one that another transaction made meanwhile is left out of the count.
pub(crate) fn insert(conn: &mut Conn, rows: &[TagRow]) -> QueryResult<usize> {
    rows.iter().try_fold(0, |sum, row| {
        Ok(sum + diesel::insert_into(tags::table).values(row).on_conflict_do_nothing().execute(conn)?)
    })
}

pub(crate) fn rename(conn: &mut Conn, id: Id, name: &str, key: &str) -> QueryResult<usize> {
    diesel::update(tags::table.find(id)).set((tags::name.eq(name), tags::name_key.eq(key))).execute(conn)
}

pub(crate) fn delete(conn: &mut Conn, id: Id) -> QueryResult<usize> {
    diesel::delete(tags::table.find(id)).execute(conn)
}

/// The tasks that carry the tag.
pub(crate) fn tasks(conn: &mut Conn, id: Id) -> QueryResult<Vec<Id>> {
    task_tags::table.filter(task_tags::tag_id.eq(id)).select(task_tags::task_id).load(conn)
}

/// The tags' names of each task, by name.
pub(crate) fn of_tasks(conn: &mut Conn, tasks: &[Id]) -> QueryResult<Vec<(Id, String)>> {
    let named = task_tags::table.inner_join(tags::table).select((task_tags::task_id, tags::name));
    let named = named.order(tags::name_key);
    if let [task] = tasks {
        return named.filter(task_tags::task_id.eq(task)).load(conn);
    }
    chunked(tasks, |tasks| named.filter(among!(task_tags::task_id, tasks)).load(conn))
}

/// Puts tags on tasks: pairs of task and tag.
pub(crate) fn attach(conn: &mut Conn, pairs: &[(Id, Id)]) -> QueryResult<usize> {
    insert_all!(conn, task_tags::table, pairs, |(task, tag)| (task_tags::task_id.eq(task), task_tags::tag_id.eq(tag)))
}

pub(crate) fn detach_all(conn: &mut Conn, tasks: &[Id]) -> QueryResult<usize> {
    chunked_count(tasks, |tasks| {
        diesel::delete(task_tags::table.filter(among!(task_tags::task_id, tasks))).execute(conn)
    })
}
