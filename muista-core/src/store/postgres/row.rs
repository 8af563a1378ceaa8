//! [`Rows`]: the rows of an answer, as diesel reads them. They have all come before the first is read, so that a query
//! fails before anything is made of it.

use std::num::NonZeroU32;
use std::ops::Range;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::pg::{Pg, PgValue};
use diesel::row::{Field, PartialRow, RowIndex, RowSealed};
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Type};

/// The numbers of the columns' types.
type Oids = Arc<[NonZeroU32]>;

/// The rows of an answer.
pub(crate) struct Rows {
    rows: std::vec::IntoIter<Row>,
    oids: Oids,
}

impl Rows {
    pub(super) fn new(rows: Vec<Row>) -> Self {
        let columns = rows.first().map_or(&[][..], Row::columns).iter();
        let oids = columns.map(|column| NonZeroU32::new(column.type_().oid()).unwrap_or(NonZeroU32::MIN)).collect();
        Self { rows: rows.into_iter(), oids }
    }
}

impl Iterator for Rows {
    type Item = QueryResult<PgRow>;

    fn next(&mut self) -> Option<Self::Item> {
        self.rows.next().map(|row| Ok(PgRow { row, oids: Arc::clone(&self.oids) }))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rows.size_hint()
    }
}

/// One of them.
pub(crate) struct PgRow {
    row: Row,
    oids: Oids,
}

/// One of its columns.
pub(crate) struct PgField<'a> {
    row: &'a PgRow,
    at: usize,
}

impl RowSealed for PgRow {}

impl<'a> diesel::row::Row<'a, Pg> for PgRow {
    type InnerPartialRow = Self;
    type Field<'b>
        = PgField<'b>
    where
        Self: 'b,
        'a: 'b;

    fn field_count(&self) -> usize {
        self.row.len()
    }

    fn get<'b, I>(&'b self, index: I) -> Option<PgField<'b>>
    where
        'a: 'b,
        Self: RowIndex<I>,
    {
        Some(PgField { row: self, at: self.idx(index)? })
    }

    fn partial_row(&self, range: Range<usize>) -> PartialRow<'_, Self> {
        PartialRow::new(self, range)
    }
}

impl RowIndex<usize> for PgRow {
    fn idx(&self, index: usize) -> Option<usize> {
        (index < self.row.len()).then_some(index)
    }
}

impl<'a> RowIndex<&'a str> for PgRow {
    fn idx(&self, name: &'a str) -> Option<usize> {
        self.row.columns().iter().position(|column| column.name() == name)
    }
}

impl<'a> Field<'a, Pg> for PgField<'a> {
    fn field_name(&self) -> Option<&str> {
        self.row.row.columns().get(self.at).map(tokio_postgres::Column::name)
    }

    fn value(&self) -> Option<PgValue<'_>> {
        let oid = self.row.oids.get(self.at)?;
        let Raw(bytes) = self.row.row.try_get(self.at).ok()?;
        Some(PgValue::new(bytes?, oid))
    }
}

/// A column's bytes, as they came.
struct Raw<'a>(Option<&'a [u8]>);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(Some(raw)))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(None))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
