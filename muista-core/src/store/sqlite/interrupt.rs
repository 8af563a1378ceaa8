//! Ends SQLite's statements at their deadline: SQLite asks every so many steps of a statement whether to go on.

use std::ffi::{c_char, c_int, c_void};
use std::sync::Once;

use libsqlite3_sys as ffi;

use crate::store::deadline;

/// After how many steps it asks: some 20 µs of work.
const STEPS: c_int = 1000;

/// Has each connection that is opened from now on ask. diesel hands out no raw connection on which that could be set, so it
/// is set by SQLite's own way to extend every new connection.
pub(super) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        #[expect(unsafe_code, reason = "SQLite's functions are not safe to call")]
        // SAFETY: `extend` is what sqlite3_auto_extension(3) takes, and lives as long as the program.
        let code = unsafe { ffi::sqlite3_auto_extension(Some(extend)) };
        if code != ffi::SQLITE_OK {
            tracing::error!(code, "statements are not ended at their deadline");
        }
    });
}

/// Extends a connection that is being opened.
#[expect(unsafe_code, reason = "SQLite calls it")]
unsafe extern "C" fn extend(db: *mut ffi::sqlite3, _: *mut *mut c_char, _: *const ffi::sqlite3_api_routines) -> c_int {
    // SAFETY: SQLite passes the connection that it opens; `ask` needs nothing but its thread, which is the statement's.
    unsafe { ffi::sqlite3_progress_handler(db, STEPS, Some(ask), std::ptr::null_mut()) };
    ffi::SQLITE_OK
}

/// Whether the statement is to end: not 0.
#[expect(unsafe_code, reason = "SQLite calls it")]
unsafe extern "C" fn ask(_: *mut c_void) -> c_int {
    c_int::from(deadline::has_passed())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::time::{Duration, Instant};

    use diesel::connection::SimpleConnection as _;
    use diesel::prelude::*;

    use super::*;

    const ENDLESS: &str = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n) SELECT count(*) FROM n";

    #[test]
    fn a_statement_ends_at_its_deadline_and_the_next_goes_on() {
        install();
        let mut conn = SqliteConnection::establish(":memory:").unwrap();
        let until = Instant::now() + Duration::from_millis(20);
        let (ended, cut) = deadline::within(until, || conn.batch_execute(ENDLESS));
        assert!(cut && ended.is_err() && Instant::now() >= until);
        let (ended, cut) = deadline::within(Instant::now(), || conn.batch_execute(ENDLESS));
        assert!(cut && ended.is_err(), "one that begins too late");
        let later = Instant::now() + Duration::from_secs(60);
        let (ended, cut) = deadline::within(later, || conn.batch_execute("CREATE TABLE a (a); SELECT * FROM a"));
        assert!(!cut);
        ended.unwrap();
    }
}
