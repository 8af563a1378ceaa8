//! What a view names of its account's own fields: in its query, its order, its columns and its groups. A field that is gone
//! later is told of where the view is used.

use crate::error::{Error, Result};
use crate::input::query;
use crate::model::{Condition, FieldName, GroupBy, Page, SortKey, Sorting, View, ViewColumns, fold};
use crate::service::field;
use crate::store::Conn;
use crate::time::Context;

/// Refuses a view that names a field which there is not.
///
/// # Errors
/// `Invalid`, naming the field.
pub(super) fn check(conn: &mut Conn, view: &View) -> Result<()> {
    let context = Context { now: view.updated_at, zone: jiff::tz::TimeZone::UTC, date_order: view.date_order };
    let mut tests = Vec::new();
    query::read(&view.query, &context)?.each(&mut |condition| {
        if let Condition::Field(test) = condition {
            tests.push(test.clone());
        }
    });
    let mut known = field::query::Known::default();
    for test in tests {
        let of_query = |error: Error| if error.field.as_deref() == Some("q") { error.of_field("query") } else { error };
        known.test(conn, view.owner_id, &test).map_err(of_query)?;
    }
    if let Some(Sorting::Keys(sort)) = &view.sort
        && sort.iter().any(|order| matches!(order.key, SortKey::Field(_)))
    {
        field::query::refuse_unknown_order(conn, view.owner_id, &Page { sort: sort.clone(), ..Page::default() })?;
    }
    let columns = view.columns.as_ref().map_or(&[][..], ViewColumns::names);
    let columns: Vec<&String> = columns.iter().filter(|name| !ViewColumns::NAMES.contains(&name.as_str())).collect();
    let group = if let Some(GroupBy::Field(name)) = &view.group { Some(name) } else { None };
    if columns.is_empty() && group.is_none() {
        return Ok(());
    }
    let fields = field::all(conn, view.owner_id)?;
    let names = || fields.iter().map(|field| field.name.as_str());
    let is_known = |name: &str| names().any(|known| fold(known) == fold(name));
    if let Some(unknown) = columns.into_iter().find(|name| !is_known(name)) {
        return Err(ViewColumns::unknown(unknown, names()));
    }
    match group.filter(|name| !is_known(name)) {
        Some(unknown) => Err(GroupBy::unknown(unknown, names())),
        None => Ok(()),
    }
}

/// Returns a view with another name in the place of an own field's.
///
/// # Errors
/// `Invalid` for a name that none can have.
pub(super) fn renamed(mut view: View, name: &str, instead: &str) -> Result<View> {
    let (named, instead) = (|other: &str| fold(other) == fold(name), FieldName::parse(instead)?);
    view.query = query::with_field_renamed(&view.query, name, &instead);
    if let Some(Sorting::Keys(orders)) = &mut view.sort {
        for order in orders {
            match &mut order.key {
                SortKey::Field(field) if named(field) => *field = instead.to_string(),
                _ => {}
            }
        }
    }
    if let Some(columns) = &view.columns {
        let names = columns.names().iter().map(|name| if named(name) { instead.to_string() } else { name.clone() });
        view.columns = Some(ViewColumns::try_from(names.collect::<Vec<_>>())?);
    }
    match &mut view.group {
        Some(GroupBy::Field(field)) if named(field) => *field = instead,
        _ => {}
    }
    Ok(view)
}
