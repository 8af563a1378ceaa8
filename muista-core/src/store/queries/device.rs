//! Devices.

use diesel::prelude::*;

use super::{Backend, Conn};
use crate::model::Id;
use crate::store::rows::DeviceRow;
use crate::store::schema::devices;
use crate::store::statements;
use crate::time::Instant;

/// The user's devices, the oldest first, from behind a place.
pub(crate) fn list(conn: &mut Conn, user: Id, after: Option<(Instant, Id)>, limit: i64) -> QueryResult<Vec<DeviceRow>> {
    let mut own = devices::table.into_boxed::<Backend>().filter(devices::user_id.eq(user));
    if let Some((at, id)) = after {
        let behind = devices::created_at.gt(at).or(devices::id.gt(id));
        own = own.filter(devices::created_at.ge(at).and(behind));
    }
    own.select(DeviceRow::as_select()).order((devices::created_at, devices::id)).limit(limit).load(conn)
}

pub(crate) fn by_id(conn: &mut Conn, user: Id, id: Id) -> QueryResult<Option<DeviceRow>> {
    let own = devices::table.filter(devices::id.eq(id)).filter(devices::user_id.eq(user));
    own.select(DeviceRow::as_select()).first(conn).optional()
}

/// The user's device, locked until the end of the transaction.
pub(crate) fn lock(conn: &mut Conn, user: Id, id: Id) -> QueryResult<Option<DeviceRow>> {
    let own = devices::table.filter(devices::id.eq(id)).filter(devices::user_id.eq(user));
    Ok(locked!(own.select(DeviceRow::as_select())).load(conn)?.pop())
}

/// The same by what the client calls it.
pub(crate) fn lock_named(conn: &mut Conn, user: Id, device_id: &str) -> QueryResult<Option<DeviceRow>> {
    let own = devices::table.filter(devices::device_id.eq(device_id)).filter(devices::user_id.eq(user));
    Ok(locked!(own.select(DeviceRow::as_select())).load(conn)?.pop())
}

/// Adds a device; 0 when the user has one of that name.
pub(crate) fn insert(conn: &mut Conn, row: &DeviceRow) -> QueryResult<usize> {
    diesel::insert_into(devices::table).values(row).on_conflict_do_nothing().execute(conn)
}

pub(crate) fn update(conn: &mut Conn, row: &DeviceRow) -> QueryResult<usize> {
    statements::update(devices::table, devices::id.eq(row.id), row).execute(conn)
}

pub(crate) fn delete(conn: &mut Conn, id: Id) -> QueryResult<usize> {
    diesel::delete(devices::table.find(id)).execute(conn)
}
