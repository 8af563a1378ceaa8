//! Filling a PostgreSQL database from a backup, in one transaction: until it is committed everybody sees what was there
//! before, and after a failure, too.

use std::collections::BTreeMap;
use std::pin::Pin;

use futures::SinkExt as _;
use jiff::civil::Date;
use tokio_postgres::CopyInSink;
use tokio_postgres::types::Type;

use super::Postgres;
use super::SIGNALS;
use super::snapshot::{LIMITS, Session, failed, text};
use super::tables::own;
use crate::error::{Error, Result};
use crate::format::archive::{Head, Table, Value};
use crate::store::change_listener::RESTORED;
use crate::store::snapshot::{Epoch, Sink, quoted};
use crate::store::types::{PG_EPOCH, PG_EPOCH_MICROS};

/// How many bytes are sent at once.
const BUFFER: usize = 1 << 17;
/// What a copy in PostgreSQL's binary form begins with: its name, no flags, and no more (COPY in its manual).
const START: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// What it ends with: a row of -1 columns.
const END: [u8; 2] = (-1_i16).to_be_bytes();

fn types() -> String {
    format!(
        "SELECT c.relname::text, a.attname::text, a.atttypid::bigint FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND {}
          AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''",
        own("c.relname")
    )
}

const OTHERS: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'muista%'";

fn sequences() -> String {
    format!(
        "SELECT c.relname::text, a.attname::text FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND {} AND a.attidentity <> ''",
        own("c.relname")
    )
}

/// The database being filled.
pub(crate) struct Load {
    session: Session,
    /// All of Muista's tables, as they stand in SQL.
    tables: String,
    types: BTreeMap<(String, String), Type>,
    copy: Option<Copy>,
}

/// The table that is being filled.
struct Copy {
    name: String,
    types: Vec<Type>,
    sink: Pin<Box<CopyInSink<bytes::Bytes>>>,
    buffer: Vec<u8>,
}

impl Postgres {
    /// Begins to fill the database: from now on nobody else writes there.
    ///
    /// # Errors
    /// When somebody works on it for long; when the server cannot be reached.
    pub(in crate::store) fn load(&self) -> Result<Load> {
        let session = self.session()?;
        session.execute(&format!("BEGIN; {LIMITS}"))?;
        let mut types = BTreeMap::new();
        let mut tables: Vec<String> = Vec::new();
        for row in session.query(&self::types())? {
            let (table, column) = (text(&row, 0)?, text(&row, 1)?);
            let oid: i64 = row.try_get(2).map_err(|e| failed(&e))?;
            let known = u32::try_from(oid).ok().and_then(Type::from_oid);
            tables.push(quoted(&table));
            types.extend(known.map(|known| ((table, column), known)));
        }
        tables.sort();
        tables.dedup();
        let tables = tables.join(", ");
        session.execute(&format!("LOCK TABLE {tables} IN EXCLUSIVE MODE"))?;
        Ok(Load { session, tables, types, copy: None })
    }

    /// Returns how many other connections of Muista's the server knows of on this database.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub(in crate::store) fn others(&self) -> Result<i64> {
        let session = self.session()?;
        let rows = session.query(OTHERS)?;
        rows.first().map_or(Ok(0), |row| row.try_get(0).map_err(|e| failed(&e)))
    }
}

impl Load {
    /// Empties all tables.
    ///
    /// # Errors
    /// When somebody reads them for long; when the server cannot be reached.
    pub(crate) fn empty(&mut self) -> Result<()> {
        self.session.execute(&format!("TRUNCATE {}", self.tables))
    }

    /// Sends what waits.
    fn send(&mut self) -> Result<()> {
        if let Some(copy) = &mut self.copy {
            let bytes = bytes::Bytes::from(std::mem::take(&mut copy.buffer));
            self.session.runtime.block_on(copy.sink.send(bytes)).map_err(|e| failed(&e))?;
        }
        Ok(())
    }

    fn end_copy(&mut self) -> Result<()> {
        if let Some(copy) = &mut self.copy {
            copy.buffer.extend_from_slice(&END);
        }
        self.send()?;
        if let Some(mut copy) = self.copy.take() {
            let ended = self.session.runtime.block_on(copy.sink.as_mut().finish());
            ended.map_err(|e| Error { message: format!("{} ({})", failed(&e).message, copy.name), ..failed(&e) })?;
        }
        Ok(())
    }

    /// Has each table go on behind the largest number that it has given.
    fn set_sequences(&self, head: &Head) -> Result<()> {
        for (table, column) in self.session.pairs(&sequences())? {
            let last = head.sequences.get(&table).copied().unwrap_or(0);
            let (name, of) = (quoted(&table), quoted(&column));
            self.session.execute(&format!(
                "SELECT setval(pg_get_serial_sequence('{}', '{}'), greatest(max({of}), {last}, 1),
                   greatest(max({of}), {last}) > 0) FROM {name}",
                name.replace('\'', "''"),
                column.replace('\'', "''"),
            ))?;
        }
        Ok(())
    }
}

impl Sink for Load {
    fn table(&mut self, table: &Table) -> Result<()> {
        self.end_copy()?;
        let of = |column: &String| {
            self.types.get(&(table.name.clone(), column.clone())).cloned().ok_or_else(|| {
                Error::internal(format!("the backup has {}.{column}, which the database does not", table.name))
                    .hint("update this muista, then restore it")
            })
        };
        let types: Vec<Type> = table.columns.iter().map(of).collect::<Result<_>>()?;
        let columns: Vec<String> = table.columns.iter().map(|name| quoted(name)).collect();
        let copy = format!("COPY {} ({}) FROM STDIN (FORMAT binary)", quoted(&table.name), columns.join(", "));
        let sink = self.session.runtime.block_on(self.session.client.copy_in(&*copy)).map_err(|e| failed(&e))?;
        self.copy = Some(Copy { name: table.name.clone(), types, sink: Box::pin(sink), buffer: START.to_vec() });
        Ok(())
    }

    fn row(&mut self, values: &[Value<'_>]) -> Result<()> {
        let Some(copy) = &mut self.copy else { return Err(Error::internal("a row without its table")) };
        let count = i16::try_from(values.len()).unwrap_or(i16::MAX);
        copy.buffer.extend_from_slice(&count.to_be_bytes());
        for (value, of) in values.iter().zip(&copy.types) {
            write(&mut copy.buffer, *value, of).ok_or_else(|| {
                Error::internal(format!("{} has a value in the backup that no {of} holds", copy.name))
            })?;
        }
        if copy.buffer.len() >= BUFFER { self.send() } else { Ok(()) }
    }

    fn finish(&mut self, head: &Head, epoch: Option<Epoch>) -> Result<()> {
        self.end_copy()?;
        self.set_sequences(head)?;
        if let Some(epoch) = epoch {
            let (backup, restored) = (epoch.backup_at.to_string(), epoch.restored_at.to_string());
            self.session.execute(&format!(
                "INSERT INTO restores (epoch, backup_at, restored_at) VALUES ({}, '{backup}', '{restored}');
                 NOTIFY {SIGNALS}, '{RESTORED}'",
                epoch.restored_at.as_micros()
            ))?;
        }
        self.session.execute("COMMIT")
    }
}

/// Writes a value as a column of that type holds it, behind its length; none where it cannot.
fn write(out: &mut Vec<u8>, value: Value<'_>, of: &Type) -> Option<()> {
    let start = out.len();
    out.extend_from_slice(&(-1_i32).to_be_bytes());
    match (value, of) {
        (Value::Null, _) => return Some(()),
        (Value::Text(text), &Type::TEXT | &Type::VARCHAR | &Type::JSON) => out.extend_from_slice(text.as_bytes()),
        (Value::Text(text), &Type::JSONB) => {
            out.push(1);
            out.extend_from_slice(text.as_bytes());
        }
        (Value::Text(text), &Type::DATE) => {
            let day: Date = text.parse().ok()?;
            out.extend_from_slice(&day.since(PG_EPOCH).ok()?.get_days().to_be_bytes());
        }
        (Value::Bytes(bytes), &Type::BYTEA) => out.extend_from_slice(bytes),
        (Value::Bytes(bytes), &Type::UUID) if bytes.len() == 16 => out.extend_from_slice(bytes),
        (Value::Integer(number), &Type::BOOL) => out.push(u8::from(number != 0)),
        (Value::Integer(number), &Type::INT2) => out.extend_from_slice(&i16::try_from(number).ok()?.to_be_bytes()),
        (Value::Integer(number), &Type::INT4) => out.extend_from_slice(&i32::try_from(number).ok()?.to_be_bytes()),
        (Value::Integer(number), &Type::INT8) => out.extend_from_slice(&number.to_be_bytes()),
        (Value::Integer(micros), &Type::TIMESTAMPTZ) => {
            out.extend_from_slice(&micros.checked_sub(PG_EPOCH_MICROS)?.to_be_bytes());
        }
        (Value::Real(number), &Type::FLOAT8) => out.extend_from_slice(&number.to_be_bytes()),
        (Value::Integer(number), &Type::FLOAT8) => out.extend_from_slice(&(number as f64).to_be_bytes()),
        _ => return None,
    }
    let length = i32::try_from(out.len() - start - 4).ok()?;
    out.splice(start..start + 4, length.to_be_bytes());
    Some(())
}
