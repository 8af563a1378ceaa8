//! What daemons do by schedule with backups, a row a kind.

use diesel::prelude::*;

use super::Conn;
use crate::store::rows::BackupDutyRow;
use crate::store::schema::backup_duties;
use crate::time::Instant;

pub(crate) fn list(conn: &mut Conn) -> QueryResult<Vec<BackupDutyRow>> {
    backup_duties::table.order(backup_duties::kind).load(conn)
}

pub(crate) fn find(conn: &mut Conn, kind: &str) -> QueryResult<Option<BackupDutyRow>> {
    backup_duties::table.find(kind).first(conn).optional()
}

/// Adds a row, unless somebody else did.
pub(crate) fn insert(conn: &mut Conn, row: &BackupDutyRow) -> QueryResult<usize> {
    diesel::insert_into(backup_duties::table).values(row).on_conflict_do_nothing().execute(conn)
}

pub(crate) fn update(conn: &mut Conn, row: &BackupDutyRow) -> QueryResult<usize> {
    diesel::update(backup_duties::table.find(&row.kind)).set(row).execute(conn)
}

/// Takes what is due and nobody works on; returns how many that were.
pub(crate) fn claim(
    conn: &mut Conn,
    kind: &str,
    now: Instant,
    lease_now: Instant,
    until: Instant,
) -> QueryResult<usize> {
    let free = backup_duties::lease_until.is_null().or(backup_duties::lease_until.lt(lease_now));
    diesel::update(backup_duties::table.find(kind).filter(backup_duties::next_at.le(now)).filter(free))
        .set(backup_duties::lease_until.eq(until))
        .execute(conn)
}

/// Holds what was taken for longer.
pub(crate) fn renew(conn: &mut Conn, kind: &str, until: Instant) -> QueryResult<usize> {
    diesel::update(backup_duties::table.find(kind).filter(backup_duties::lease_until.is_not_null()))
        .set(backup_duties::lease_until.eq(until))
        .execute(conn)
}
