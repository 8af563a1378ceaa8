//! What the databases' errors mean to a user: diesel's errors and SQLite's texts. PostgreSQL's states are in
//! `postgres/state.rs`.

use diesel::result::{ConnectionError, DatabaseErrorKind, Error as Diesel};

use super::postgres::state as postgres;
use crate::error::{Error, ErrorKind, Trouble};

/// What is said of an I/O error.
const IO_ERROR: &str = "the disk reported an error";

/// What SQLite says when it can do nothing at all, with what that means, the remedy, and what is the matter with the file,
/// if it is more than this statement. The texts are those of `sqlite3_errstr`, which are in no other language.
const STATES: &[(&str, &str, &str, Option<Trouble>)] = &[
    (
        "database is locked",
        "the database is locked by another process",
        "try again; if it stays so, look for a program that holds the file open",
        None,
    ),
    ("database table is locked", "the database is locked by another process", "try again in a moment", None),
    (
        "readonly database",
        "the database is read-only",
        "check the owner and mode of the file and of its folder",
        Some(Trouble::ReadOnly),
    ),
    ("database or disk is full", "the disk is full", "free some space; nothing was changed", Some(Trouble::DiskFull)),
    ("disk I/O error", IO_ERROR, "run `muista doctor`, and check the disk", Some(Trouble::Damaged)),
    ("disk image is malformed", "the database file is damaged", RESTORE, Some(Trouble::Damaged)),
    ("malformed database schema", "the database file is damaged", RESTORE, Some(Trouble::Damaged)),
    (
        "file is not a database",
        "the file is not a Muista database",
        "move it away, restore a backup, or choose another folder with --data-dir",
        Some(Trouble::Damaged),
    ),
    (
        "unable to open database",
        "the database file cannot be opened",
        "check the owner and mode of the file and of its folder",
        Some(Trouble::Unreachable),
    ),
];

const RESTORE: &str = "run `muista doctor`, and restore a backup";

/// What is said where two changes met.
const CAME_BETWEEN: &str = "another change came between";

/// Whether the database has said it, maybe after something was written, and not a check of the work's own.
pub(crate) fn is_of_database(error: &Error) -> bool {
    match error.kind {
        ErrorKind::Unavailable | ErrorKind::Internal => true,
        ErrorKind::Conflict => error.message.starts_with(CAME_BETWEEN),
        _ => false,
    }
}

/// The error for what a query met.
pub(crate) fn of_query(error: Diesel) -> Error {
    match error {
        Diesel::DatabaseError(kind, info) => of_database(&kind, info.message()),
        Diesel::QueryBuilderError(e) if e.is::<tokio_postgres::Error>() => match e.downcast_ref() {
            Some(e) => postgres::of_query(e),
            None => Error::internal(format!("the database answered: {e}")),
        },
        Diesel::NotFound => Error::not_found("such record"),
        Diesel::DeserializationError(e) => {
            Error::internal(format!("the database holds a value that cannot be read: {e}"))
        }
        other => {
            state(&other.to_string()).unwrap_or_else(|| Error::internal(format!("the database answered: {other}")))
        }
    }
}

fn of_database(kind: &DatabaseErrorKind, message: &str) -> Error {
    if let Some(error) = state(message) {
        return error;
    }
    match kind {
        DatabaseErrorKind::UniqueViolation | DatabaseErrorKind::ForeignKeyViolation => changed_meanwhile(message),
        _ => Error::internal(format!("the database answered: {message}")),
    }
}

/// The error where a row that was checked for has come or gone since.
pub(super) fn changed_meanwhile(message: &str) -> Error {
    Error::conflict(format!("{CAME_BETWEEN}: {message}")).hint("try again")
}

/// The error for a connection that cannot be opened; `database` names it without its password.
pub(crate) fn of_connection(error: &ConnectionError, database: &str) -> Error {
    unreachable(&error.to_string(), database)
}

/// The error for a database that cannot be reached, for `reason`.
pub(crate) fn unreachable(reason: &str, database: &str) -> Error {
    state(reason).map_or_else(
        || {
            Error::unavailable(format!("cannot open {database}: {reason}")).hint(
                "check that it exists and may be read, or choose another with `database_url` in the configuration",
            )
        },
        |error| Error { message: format!("{} ({database})", error.message), ..error },
    )
}

/// The error for a disk that is full, where `error` is an I/O error; else the error itself.
pub(super) fn or_full(error: Error) -> Error {
    let Some(rest) = error.message.strip_prefix(IO_ERROR) else {
        return error;
    };
    let full = state("database or disk is full").unwrap_or_else(|| error.clone());
    Error { message: format!("{}{rest}", full.message), ..full }
}

fn state(message: &str) -> Option<Error> {
    STATES
        .iter()
        .find(|(text, ..)| message.contains(text))
        .map(|&(_, meaning, remedy, trouble)| Error::unavailable(meaning).hint(remedy).of_trouble(trouble))
}
