//! Putting a SQLite file right: its indexes are made anew from its rows, and what a copy has lost is set again. What the
//! keys of names and texts are made anew from is `service::repair`'s.

use std::path::PathBuf;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::{Conn, Sqlite, WAL, beside, load, migrations, version};
use crate::error::{Error, Result};
use crate::store::{SCHEMA_VERSION, error, newer_schema};

/// What was found, and done.
#[derive(Debug)]
pub(crate) struct Mended {
    /// What SQLite found wrong before.
    pub(crate) before: Vec<String>,
    /// Where the file is kept as it was, where something was wrong.
    pub(crate) kept: Option<PathBuf>,
    /// Why the indexes could not be made anew.
    pub(crate) unindexed: Option<Error>,
    /// What SQLite finds wrong now.
    pub(crate) after: Vec<String>,
    /// What was set again that copies lack.
    pub(crate) set: Vec<String>,
}

impl Sqlite {
    /// Puts the file right; where something is wrong with its pages or indexes it is copied first, under a name that ends
    /// with `stamp`.
    ///
    /// # Errors
    /// When it cannot be read at all, or not be copied; nothing was changed then.
    pub(in crate::store) fn mend(&self, stamp: &str) -> Result<Mended> {
        let path = self.file.path();
        let mut conn = self.file.open(|_| {
            let mut conn = self.establish()?;
            version(&mut conn).map_err(|e| error::unreachable(&e.to_string(), &self.name()))?;
            Ok(conn)
        })?;
        let done = (|| {
            let before = load::faults(path)?;
            let kept = (!before.is_empty()).then(|| beside(path, &format!("{}repair-{stamp}", load::BEFORE)));
            if let Some(kept) = &kept {
                load::keep(path, kept)?;
            }
            let unindexed = conn.batch_execute("REINDEX").and_then(|()| index_texts(&mut conn));
            let unindexed = unindexed.map_err(error::of_query).err();
            let set = self.set_again(&mut conn)?;
            Ok(Mended { before, kept, unindexed, after: load::faults(path)?, set })
        })();
        self.close_conn(conn);
        done
    }

    /// Sets the schema's number and WAL mode where they are not as they should be.
    fn set_again(&self, conn: &mut Conn) -> Result<Vec<String>> {
        let mut set = Vec::new();
        let (found, known) = (version(conn).map_err(error::of_query)?, migrations(conn).map_err(error::of_query)?);
        if known > SCHEMA_VERSION {
            return Err(newer_schema(&self.name(), known));
        }
        if found != known {
            conn.batch_execute(&format!("PRAGMA user_version = {known}")).map_err(error::of_query)?;
            set.push(format!("the number of its schema: {known}, it was {found}"));
        }
        if journal_mode(conn).map_err(error::of_query)? != "wal" {
            conn.batch_execute(WAL).map_err(error::of_query)?;
            set.push("WAL mode".to_owned());
        }
        Ok(set)
    }
}

/// Makes the index of texts anew, which REINDEX does not know of; an older schema has none.
fn index_texts(conn: &mut Conn) -> QueryResult<()> {
    if migrations(conn)? < SCHEMA_VERSION {
        return Ok(());
    }
    conn.batch_execute("INSERT INTO tasks_text (tasks_text) VALUES ('rebuild'); DELETE FROM tasks_text_pending")
}

fn journal_mode(conn: &mut Conn) -> QueryResult<String> {
    #[derive(QueryableByName)]
    struct Mode {
        #[diesel(sql_type = Text)]
        journal_mode: String,
    }
    diesel::sql_query("PRAGMA journal_mode").get_result::<Mode>(conn).map(|row| row.journal_mode)
}
