//! Templates.

use diesel::prelude::*;

use super::Conn;
use crate::model::Id;
use crate::store::rows::TemplateRow;
use crate::store::schema::templates;
use crate::store::statements;

/// The owner's templates, by name.
pub(crate) fn list(conn: &mut Conn, owner: Id) -> QueryResult<Vec<TemplateRow>> {
    let own = templates::table.filter(templates::owner_id.eq(owner));
    own.select(TemplateRow::as_select()).order(templates::name_key).load(conn)
}

/// The owner's template of this folded name.
pub(crate) fn named(conn: &mut Conn, owner: Id, key: &str) -> QueryResult<Option<TemplateRow>> {
    let own = templates::table.filter(templates::owner_id.eq(owner)).filter(templates::name_key.eq(key));
    own.select(TemplateRow::as_select()).first(conn).optional()
}

pub(crate) fn by_id(conn: &mut Conn, id: Id) -> QueryResult<Option<TemplateRow>> {
    templates::table.find(id).select(TemplateRow::as_select()).first(conn).optional()
}

/// Adds a template; 0 when the owner has one of that name.
pub(crate) fn insert(conn: &mut Conn, row: &TemplateRow) -> QueryResult<usize> {
    diesel::insert_into(templates::table).values(row).on_conflict_do_nothing().execute(conn)
}

pub(crate) fn update(conn: &mut Conn, row: &TemplateRow) -> QueryResult<usize> {
    statements::update(templates::table, templates::id.eq(row.id), row).execute(conn)
}

pub(crate) fn delete(conn: &mut Conn, id: Id) -> QueryResult<usize> {
    diesel::delete(templates::table.find(id)).execute(conn)
}
