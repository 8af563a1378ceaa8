//! Own fields, and the values that tasks have of them.

use diesel::prelude::*;

use super::{Conn, chunked, chunked_count};
use crate::model::Id;
use crate::store::rows::{FieldRow, FieldValueRow, NamedValueRow};
use crate::store::schema::{fields, task_fields};
use crate::store::statements;

/// The owner's fields, by name.
pub(crate) fn list(conn: &mut Conn, owner: Id) -> QueryResult<Vec<FieldRow>> {
    let own = fields::table.filter(fields::owner_id.eq(owner));
    own.select(FieldRow::as_select()).order(fields::name_key).load(conn)
}

/// The owner's fields, locked until the end of the transaction.
pub(crate) fn lock(conn: &mut Conn, owner: Id) -> QueryResult<Vec<FieldRow>> {
    locked!(fields::table.filter(fields::owner_id.eq(owner)).select(FieldRow::as_select()).order(fields::name_key))
        .load(conn)
}

/// How many tasks have a value of each of the owner's fields.
pub(crate) fn counts(conn: &mut Conn, owner: Id) -> QueryResult<Vec<(Id, i64)>> {
    let of_owner = task_fields::table.inner_join(fields::table).filter(fields::owner_id.eq(owner));
    of_owner.group_by(task_fields::field_id).select((task_fields::field_id, diesel::dsl::count_star())).load(conn)
}

/// Adds a field; 0 when the owner has one of that name.
pub(crate) fn insert(conn: &mut Conn, row: &FieldRow) -> QueryResult<usize> {
    diesel::insert_into(fields::table).values(row).on_conflict_do_nothing().execute(conn)
}

pub(crate) fn update(conn: &mut Conn, row: &FieldRow) -> QueryResult<usize> {
    statements::update(fields::table, fields::id.eq(row.id), row).execute(conn)
}

pub(crate) fn delete(conn: &mut Conn, id: Id) -> QueryResult<usize> {
    diesel::delete(fields::table.find(id)).execute(conn)
}

/// The tasks that have a value of a field.
pub(crate) fn tasks(conn: &mut Conn, field: Id) -> QueryResult<Vec<Id>> {
    task_fields::table.filter(task_fields::field_id.eq(field)).select(task_fields::task_id).load(conn)
}

/// The values that tasks have of a field, each once.
pub(crate) fn values(conn: &mut Conn, field: Id) -> QueryResult<Vec<String>> {
    let of_field = task_fields::table.filter(task_fields::field_id.eq(field));
    of_field.select(task_fields::value).distinct().load(conn)
}

/// Gives all values of a field that are this one, in its spelling or another, a new spelling and a new place in the order.
pub(crate) fn respell(conn: &mut Conn, field: Id, value: &str, to: &str, key: &str) -> QueryResult<usize> {
    let some = task_fields::table.filter(task_fields::field_id.eq(field)).filter(task_fields::value.eq(value));
    diesel::update(some).set((task_fields::value.eq(to), task_fields::sort_key.eq(key))).execute(conn)
}

/// The values of each task, by the fields' names.
pub(crate) fn of_tasks(conn: &mut Conn, tasks: &[Id]) -> QueryResult<Vec<NamedValueRow>> {
    let columns = (task_fields::task_id, fields::name, fields::kind, task_fields::value);
    let all = task_fields::table.inner_join(fields::table).select(columns);
    chunked(tasks, |tasks| all.filter(among!(task_fields::task_id, tasks)).load(conn))
}

/// By what tasks are sorted that have a value of the fields of this name, whosever they are.
pub(crate) fn sort_keys(conn: &mut Conn, tasks: &[Id], name_key: &str) -> QueryResult<Vec<(Id, String)>> {
    let named = task_fields::table.inner_join(fields::table).filter(fields::name_key.eq(name_key));
    let all = named.select((task_fields::task_id, task_fields::sort_key));
    chunked(tasks, |tasks| all.filter(among!(task_fields::task_id, tasks)).load(conn))
}

/// Gives tasks values of which they have none of the same field.
pub(crate) fn put(conn: &mut Conn, rows: &[FieldValueRow]) -> QueryResult<usize> {
    insert_all!(conn, task_fields::table, rows, |row| row)
}

/// Takes their values from tasks.
pub(crate) fn forget(conn: &mut Conn, tasks: &[Id]) -> QueryResult<usize> {
    chunked_count(tasks, |tasks| {
        diesel::delete(task_fields::table.filter(among!(task_fields::task_id, tasks))).execute(conn)
    })
}

/// Takes the values of one field from tasks.
pub(crate) fn forget_of(conn: &mut Conn, field: Id, tasks: &[Id]) -> QueryResult<usize> {
    chunked_count(tasks, |tasks| {
        let some = task_fields::table.filter(task_fields::field_id.eq(field));
        diesel::delete(some.filter(among!(task_fields::task_id, tasks))).execute(conn)
    })
}
