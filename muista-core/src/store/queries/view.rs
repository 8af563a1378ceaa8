//! Views.

use diesel::prelude::*;

use super::Conn;
use crate::model::Id;
use crate::store::rows::ViewRow;
use crate::store::schema::views;
use crate::store::statements;

/// The owner's views, by name.
pub(crate) fn list(conn: &mut Conn, owner: Id) -> QueryResult<Vec<ViewRow>> {
    let own = views::table.filter(views::owner_id.eq(owner));
    own.select(ViewRow::as_select()).order(views::name_key).load(conn)
}

/// The owner's views, locked until the end of the transaction.
pub(crate) fn lock(conn: &mut Conn, owner: Id) -> QueryResult<Vec<ViewRow>> {
    locked!(views::table.filter(views::owner_id.eq(owner)).select(ViewRow::as_select()).order(views::name_key))
        .load(conn)
}

/// Adds a view; 0 when the owner has one of that name.
pub(crate) fn insert(conn: &mut Conn, row: &ViewRow) -> QueryResult<usize> {
    diesel::insert_into(views::table).values(row).on_conflict_do_nothing().execute(conn)
}

pub(crate) fn update(conn: &mut Conn, row: &ViewRow) -> QueryResult<usize> {
    statements::update(views::table, views::id.eq(row.id), row).execute(conn)
}

pub(crate) fn delete(conn: &mut Conn, id: Id) -> QueryResult<usize> {
    diesel::delete(views::table.find(id)).execute(conn)
}
