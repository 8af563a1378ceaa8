//! Putting a database right that nobody else works on, past the workers and their deadlines.

use std::sync::Arc;

use diesel::connection::SimpleConnection as _;

use super::{Conn, Database, Migrate, Options, Server, error, postgres, sqlite};
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::store::worker_pool::Driver;

pub(crate) use super::sqlite::repair::Mended;

/// Puts the database's files and indexes right; returns what was done to a SQLite file. A file that is damaged is copied
/// first, under a name that ends with `stamp`.
///
/// # Errors
/// When it cannot be opened, or not be copied.
pub(crate) fn mend(options: &Options, stamp: &str, clock: &Arc<dyn Clock>) -> Result<Option<Mended>> {
    match &options.database {
        Database::Sqlite(path) => {
            sqlite::Sqlite::new(path.clone(), Migrate::Refuse, Arc::clone(clock)).mend(stamp).map(Some)
        }
        Database::Postgres(_) => change(options, clock, |conn| match conn {
            Conn::Postgres(conn) => postgres::reindex(conn).map_err(error::of_query),
            Conn::Sqlite(_) => Err(Error::internal("a SQLite file was opened as another database")),
        })
        .map(|()| None),
    }
}

/// Brings the database's schema up to date, and runs `work` as one transaction.
///
/// # Errors
/// When it cannot be opened, and those of `work`; nothing is changed then.
pub(crate) fn change<T: Send>(
    options: &Options,
    clock: &Arc<dyn Clock>,
    work: impl FnOnce(&mut Conn) -> Result<T> + Send,
) -> Result<T> {
    let driver: Box<dyn Driver> = match &options.database {
        Database::Sqlite(path) => Box::new(sqlite::Sqlite::new(path.clone(), Migrate::Run, Arc::clone(clock))),
        Database::Postgres(url) => {
            let (migrating, name) =
                (Options { migrate: Migrate::Run, ..options.clone() }, options.database.to_string());
            Box::new(super::postgres(&migrating, clock, url, (&name, true), &Server::of(options)))
        }
    };
    // A PostgreSQL connection brings an event loop of its own, which cannot run within another.
    std::thread::scope(|scope| {
        let done = scope.spawn(|| {
            let mut conn = driver.open()?;
            let done = execute(&mut conn, "BEGIN")
                .and_then(|()| work(&mut conn))
                .and_then(|done| execute(&mut conn, "COMMIT").map(|()| done));
            if done.is_err() {
                // What has failed says why.
                let _ = execute(&mut conn, "ROLLBACK");
            }
            driver.close(conn);
            done
        });
        done.join().unwrap_or_else(|_| Err(Error::internal("repairing the database failed inside Muista")))
    })
}

fn execute(conn: &mut Conn, sql: &str) -> Result<()> {
    match conn {
        Conn::Sqlite(conn) => conn.batch_execute(sql),
        Conn::Postgres(conn) => conn.batch_execute(sql),
    }
    .map_err(error::of_query)
}
