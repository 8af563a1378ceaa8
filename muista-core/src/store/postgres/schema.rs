//! The schema of a database: which version it has, and how it is brought up to date.

use std::sync::atomic::Ordering::Relaxed;

use diesel::QueryResult;
use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};

use super::connection::Conn;
use super::tables::TABLES;
use super::{Postgres, queries};
use crate::error::Result;
use crate::store::{FOLDED, Migrate, SCHEMA_VERSION, newer_schema, older_schema};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations/postgres");

/// The advisory lock that migrations are made under; any number that no other program uses. It is the transaction's, since
/// behind a pooler the session may be another's in the next statement.
const LOCK: &str = "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; \
    SELECT pg_advisory_xact_lock(120351047775329)";

/// The indexes of texts, where they could not be made before: as the migrations have them.
const TEXTS: &str = "DO $$ DECLARE place text; BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    SELECT quote_ident(nspname) INTO STRICT place
        FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'pg_trgm';
    EXECUTE 'CREATE INDEX IF NOT EXISTS tasks_text ON tasks USING gin (search_key ' || place || '.gin_trgm_ops)';
    EXECUTE 'CREATE INDEX IF NOT EXISTS comments_text ON comments USING gin (search_key ' || place || '.gin_trgm_ops)';
EXCEPTION WHEN OTHERS THEN NULL; END $$";

impl Postgres {
    /// Looks whether the schema is this program's, and brings an older one up to date where that is asked for.
    pub(super) fn check_schema(&self, conn: &mut Conn, has_schema: bool) -> Result<()> {
        let found = if has_schema { version(conn).map_err(|e| self.named(e))? } else { 0 };
        match found {
            SCHEMA_VERSION => Ok(()),
            newer if newer > SCHEMA_VERSION => Err(newer_schema(&self.name, newer)),
            older if self.migrate == Migrate::Refuse => Err(older_schema(&self.name, older)),
            _ => self.bring_up_to_date(conn),
        }
    }

    /// Migrates under a lock, since diesel takes none and several daemons may start at once. All or nothing: a schema
    /// without the account would never get it.
    fn bring_up_to_date(&self, conn: &mut Conn) -> Result<()> {
        let migrated = conn.transaction(|conn| {
            conn.batch_execute(LOCK)?;
            // Once it is let in: who was there before may have done it.
            let there = conn.ask_simply("SELECT to_regclass('__diesel_schema_migrations')")?;
            let before = if there.first().is_some_and(Option::is_some) { version(conn)? } else { 0 };
            if before == SCHEMA_VERSION {
                return Ok(());
            }
            conn.run_pending_migrations(MIGRATIONS).map_err(diesel::result::Error::QueryBuilderError)?;
            if (1..FOLDED).contains(&before) {
                queries::keys::renew(conn)?;
            }
            queries::user::ensure_local(conn, self.clock.now())?;
            self.made.store(there.first().is_none_or(Option::is_none), Relaxed);
            Ok(())
        });
        migrated.map_err(|e| self.named(e))
    }
}

/// Makes the indexes of all of Muista's tables anew, and that of texts, if the server lets it.
pub(in crate::store) fn reindex(conn: &mut Conn) -> QueryResult<()> {
    let each = TABLES.map(|name| format!("REINDEX TABLE {name};"));
    conn.batch_execute(&format!("SET LOCAL statement_timeout = 0; {}", each.concat()))?;
    conn.batch_execute(TEXTS)
}

/// Returns how many migrations the database has had.
fn version(conn: &mut Conn) -> QueryResult<i64> {
    let row = conn.ask_simply("SELECT count(*) FROM __diesel_schema_migrations")?;
    let count = row.into_iter().next().flatten().and_then(|count| count.parse().ok());
    count.ok_or(diesel::result::Error::NotFound)
}
