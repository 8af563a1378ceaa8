//! Reading all rows of a SQLite file in one read transaction. In WAL mode nobody who writes waits for it; the log grows
//! until it ends.

use std::collections::{BTreeMap, BTreeSet};

use diesel::connection::{LoadConnection, SimpleConnection};
use diesel::row::{Field as _, Row as _};
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::{SqliteType, SqliteValue};
use diesel::{QueryableByName, RunQueryDsl as _, sql_query};

use super::Conn;
use crate::error::Result;
use crate::format::archive::{Table, Value};
use crate::store::error;
use crate::store::snapshot::{Facts, MIGRATIONS_TABLE, Source, in_order, quoted};

/// Every column that is kept: what SQLite computes itself is not, nor the index of texts.
const COLUMNS: &str = "SELECT m.name AS owner, c.name AS name FROM pragma_table_list m, pragma_table_xinfo(m.name) c
    WHERE m.schema = 'main' AND m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND c.hidden = 0
      AND m.name NOT LIKE 'tasks\\_text%' ESCAPE '\\'
    ORDER BY m.name, c.cid";

const REFERENCES: &str = "SELECT DISTINCT m.name AS owner, f.\"table\" AS name
    FROM pragma_table_list m, pragma_foreign_key_list(m.name) f WHERE m.schema = 'main' AND m.type = 'table'";

#[derive(QueryableByName)]
struct Pair {
    #[diesel(sql_type = Text)]
    owner: String,
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Sequence {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    seq: i64,
}

/// A connection within a read transaction.
pub(crate) struct Snapshot<'a>(&'a mut Conn);

/// Reads what a connection sees.
pub(in crate::store) fn read<T>(conn: &mut Conn, work: impl FnOnce(&mut dyn Source) -> Result<T>) -> Result<T> {
    // The moment is that of the first read.
    conn.batch_execute("BEGIN; SELECT count(*) FROM sqlite_schema;").map_err(error::of_query)?;
    let done = work(&mut Snapshot(conn));
    // Nothing was written.
    let ended = conn.batch_execute("ROLLBACK").map_err(error::of_query);
    done.and_then(|done| ended.map(|()| done))
}

impl Source for Snapshot<'_> {
    fn facts(&mut self) -> Result<Facts> {
        let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for Pair { owner, name } in sql_query(COLUMNS).load::<Pair>(self.0).map_err(error::of_query)? {
            tables.entry(owner).or_default().push(name);
        }
        tables.remove(MIGRATIONS_TABLE);
        let refers = sql_query(REFERENCES).load::<Pair>(self.0).map_err(error::of_query)?;
        let refers: BTreeSet<_> = refers.into_iter().map(|pair| (pair.owner, pair.name)).collect();
        let sequences = sql_query("SELECT name, seq FROM sqlite_sequence");
        let sequences = sequences.load::<Sequence>(self.0).map_err(error::of_query)?;
        let tables = tables.into_iter().map(|(name, columns)| Table { name, columns }).collect();
        Ok(Facts {
            kind: "sqlite",
            tables: in_order(tables, &refers),
            sequences: sequences.into_iter().map(|sequence| (sequence.name, sequence.seq)).collect(),
        })
    }

    fn rows(&mut self, table: &Table, each: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let mut row_bytes = Vec::new();
        let rows = LoadConnection::load(self.0, sql_query(select(table))).map_err(error::of_query)?;
        for row in rows {
            let row = row.map_err(error::of_query)?;
            row_bytes.clear();
            for column in 0..row.field_count() {
                write(&mut row_bytes, row.get(column).as_ref().and_then(|field| field.value()));
            }
            each(&row_bytes)?;
        }
        Ok(())
    }
}

fn write(out: &mut Vec<u8>, value: Option<SqliteValue<'_, '_, '_>>) {
    let Some(mut value) = value else { return Value::Null.write(out) };
    match value.value_type() {
        None => Value::Null.write(out),
        Some(SqliteType::Text) => Value::Text(value.read_text()).write(out),
        Some(SqliteType::Binary) => Value::Bytes(value.read_blob()).write(out),
        Some(SqliteType::Float | SqliteType::Double) => Value::Real(value.read_double()).write(out),
        Some(_) => Value::Integer(value.read_long()).write(out),
    }
}

/// All rows of a table.
fn select(table: &Table) -> String {
    let columns: Vec<String> = table.columns.iter().map(|name| quoted(name)).collect();
    format!("SELECT {} FROM {}", columns.join(", "), quoted(&table.name))
}
