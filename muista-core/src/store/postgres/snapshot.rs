//! Reading all rows of a PostgreSQL database in one transaction that sees one moment. Values come in PostgreSQL's binary
//! form and leave as `archive::Value`s; filling a database from these is `load`'s.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;

use futures::TryStreamExt as _;
use jiff::ToSpan as _;
use tokio::runtime::Runtime;
use tokio_postgres::types::{FromSql, Type};
use tokio_postgres::{Client, Row};

use super::tables::own;
use super::{Postgres, state};
use crate::error::{Error, Result};
use crate::format::archive::{Table, Value};
use crate::store::snapshot::{Facts, Source, in_order, quoted};
use crate::store::types::{PG_EPOCH, PG_EPOCH_MICROS};

/// What holds within the transaction, whatever the role or the server has set.
pub(super) const LIMITS: &str = "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0;
    SET LOCAL lock_timeout = '10s';";

/// Returns what asks for every column that is kept: neither what PostgreSQL computes itself, nor `xact`, whose numbers are
/// this server's own.
fn columns() -> String {
    format!(
        "SELECT c.relname::text, a.attname::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND {}
          AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
          AND NOT (c.relname = 'audit_entries' AND a.attname = 'xact')
        ORDER BY c.relname, a.attnum",
        own("c.relname")
    )
}

const REFERENCES: &str = "SELECT c.relname::text, f.relname::text FROM pg_constraint r
    JOIN pg_class c ON c.oid = r.conrelid JOIN pg_class f ON f.oid = r.confrelid
    WHERE r.contype = 'f' AND c.relnamespace = current_schema()::regnamespace";

/// Returns what asks for the last number of each sequence. One that was given meanwhile may be above all that are seen;
/// none is below.
fn sequences() -> String {
    format!(
        "SELECT c.relname::text,
          pg_sequence_last_value(pg_get_serial_sequence(quote_ident(c.relname), a.attname)::regclass)
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND {} AND a.attidentity <> ''",
        own("c.relname")
    )
}

/// A connection and the event loop that drives it.
pub(crate) struct Session {
    pub(super) runtime: Runtime,
    pub(super) client: Client,
}

impl Session {
    pub(super) fn execute(&self, sql: &str) -> Result<()> {
        self.runtime.block_on(self.client.batch_execute(sql)).map_err(|e| failed(&e))
    }

    pub(super) fn query(&self, sql: &str) -> Result<Vec<Row>> {
        self.runtime.block_on(self.client.query_typed(sql, &[])).map_err(|e| failed(&e))
    }

    pub(super) fn pairs(&self, sql: &str) -> Result<Vec<(String, String)>> {
        self.query(sql)?.iter().map(|row| Ok((text(row, 0)?, text(row, 1)?))).collect()
    }
}

/// A session within a transaction that sees one moment.
pub(crate) struct Snapshot(Session);

impl Postgres {
    /// Begins to read.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub(in crate::store) fn snapshot(&self) -> Result<Snapshot> {
        let session = self.session()?;
        session.execute(&format!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {LIMITS}"))?;
        Ok(Snapshot(session))
    }

    /// Opens a connection that is no worker's.
    pub(super) fn session(&self) -> Result<Session> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| Error::unavailable(format!("cannot start the database's event loop: {e}")))?;
        let client = runtime.block_on(self.dial(self.config()?, &runtime))?.client;
        Ok(Session { runtime, client })
    }
}

impl Source for Snapshot {
    fn facts(&mut self) -> Result<Facts> {
        let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (table, column) in self.0.pairs(&columns())? {
            tables.entry(table).or_default().push(column);
        }
        let refers: BTreeSet<_> = self.0.pairs(REFERENCES)?.into_iter().collect();
        let mut sequences = BTreeMap::new();
        for row in self.0.query(&self::sequences())? {
            let last: Option<i64> = row.try_get(1).map_err(|e| failed(&e))?;
            sequences.extend(last.map(|last| text(&row, 0).map(|table| (table, last))).transpose()?);
        }
        let tables = tables.into_iter().map(|(name, columns)| Table { name, columns }).collect();
        Ok(Facts { kind: "postgres", tables: in_order(tables, &refers), sequences })
    }

    fn rows(&mut self, table: &Table, each: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let columns: Vec<String> = table.columns.iter().map(|name| quoted(name)).collect();
        let select = format!("SELECT {} FROM {}", columns.join(", "), quoted(&table.name));
        let (client, mut bytes) = (&self.0.client, Vec::new());
        self.0.runtime.block_on(async {
            // Without a name: a prepared statement would not go through every pooler.
            let rows = client.query_typed_raw(&select, std::iter::empty::<(i32, Type)>());
            let mut rows = pin!(rows.await.map_err(|e| failed(&e))?);
            while let Some(row) = rows.try_next().await.map_err(|e| failed(&e))? {
                bytes.clear();
                for (place, column) in row.columns().iter().enumerate() {
                    let raw: Option<Raw<'_>> = row.try_get(place).map_err(|e| failed(&e))?;
                    write(&mut bytes, column.type_(), raw).ok_or_else(|| {
                        Error::internal(format!(
                            "{}.{} holds a {} that a backup cannot keep",
                            table.name,
                            column.name(),
                            column.type_()
                        ))
                    })?;
                }
                each(&bytes)?;
            }
            Ok(())
        })
    }
}

/// A value as the server sent it.
struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// Writes a value of a column of that type; none where it cannot be read.
fn write(out: &mut Vec<u8>, of: &Type, raw: Option<Raw<'_>>) -> Option<()> {
    let Some(Raw(raw)) = raw else {
        Value::Null.write(out);
        return Some(());
    };
    let day;
    let value = match *of {
        Type::TEXT | Type::VARCHAR | Type::JSON => Value::Text(std::str::from_utf8(raw).ok()?),
        // A byte that says which version of the form it is (PostgreSQL's jsonb_recv).
        Type::JSONB => Value::Text(std::str::from_utf8(raw.strip_prefix(&[1])?).ok()?),
        Type::UUID | Type::BYTEA => Value::Bytes(raw),
        Type::BOOL => Value::Integer(i64::from(*raw.first()? != 0)),
        Type::INT2 => Value::Integer(i16::from_be_bytes(raw.try_into().ok()?).into()),
        Type::INT4 => Value::Integer(i32::from_be_bytes(raw.try_into().ok()?).into()),
        Type::INT8 => Value::Integer(i64::from_be_bytes(raw.try_into().ok()?)),
        Type::FLOAT8 => Value::Real(f64::from_be_bytes(raw.try_into().ok()?)),
        Type::TIMESTAMPTZ => Value::Integer(i64::from_be_bytes(raw.try_into().ok()?).checked_add(PG_EPOCH_MICROS)?),
        Type::DATE => {
            let days = i32::from_be_bytes(raw.try_into().ok()?);
            day = PG_EPOCH.checked_add(i64::from(days).days()).ok()?.to_string();
            Value::Text(&day)
        }
        _ => return None,
    };
    value.write(out);
    Some(())
}

pub(super) fn text(row: &Row, place: usize) -> Result<String> {
    row.try_get(place).map_err(|e| failed(&e))
}

/// The error of a statement.
pub(super) fn failed(error: &tokio_postgres::Error) -> Error {
    state::of_query(error)
}
