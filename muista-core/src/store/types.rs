//! The column types that differ between the two databases, each with one Rust type and two encodings:
//! identifiers (uuid, or a blob of 16 bytes), instants (timestamptz, or microseconds since the epoch), days (date, or
//! `YYYY-MM-DD`) and documents (jsonb, or text).

use std::io::Write;

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::query_builder::QueryId;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, Binary, SqlType, Text};
use diesel::sqlite::{Sqlite, SqliteValue};
use jiff::civil::Date;
use serde_json::Value;

use crate::model::Id;
use crate::time::Instant;

/// An identifier column.
#[derive(Debug, Clone, Copy, SqlType, QueryId)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951))]
#[diesel(sqlite_type(name = "Binary"))]
pub struct Uid;

/// An instant column.
#[derive(Debug, Clone, Copy, SqlType, QueryId)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185))]
#[diesel(sqlite_type(name = "Long"))]
pub struct Moment;

/// A calendar day column.
#[derive(Debug, Clone, Copy, SqlType, QueryId)]
#[diesel(postgres_type(oid = 1082, array_oid = 1182))]
#[diesel(sqlite_type(name = "Text"))]
pub struct Day;

/// A JSON column.
#[derive(Debug, Clone, Copy, SqlType, QueryId)]
#[diesel(postgres_type(oid = 3802, array_oid = 3807))]
#[diesel(sqlite_type(name = "Text"))]
pub struct Json;

/// Lends [`Id`] diesel's derives, so that `model` need not know diesel.
#[derive(AsExpression, FromSqlRow)]
#[diesel(foreign_derive, sql_type = Uid)]
#[expect(dead_code, reason = "diesel's foreign derives want a stand-in")]
struct IdProxy(Id);

/// Lends [`Instant`] diesel's derives.
#[derive(AsExpression, FromSqlRow)]
#[diesel(foreign_derive, sql_type = Moment)]
#[expect(dead_code, reason = "diesel's foreign derives want a stand-in")]
struct InstantProxy(Instant);

/// A day in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Day)]
pub(crate) struct RowDay(pub(crate) Date);

/// A JSON document in a row, as text.
#[derive(Debug, Clone, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Json)]
pub(crate) struct Doc(pub(crate) String);

impl Doc {
    /// The document of a value; values of ours can always be written.
    pub(crate) fn of<T: serde::Serialize>(value: &T) -> crate::error::Result<Self> {
        serde_json::to_string(value).map(Self).map_err(|e| unwritable(&e))
    }

    /// The same before it is text.
    pub(crate) fn tree<T: serde::Serialize>(value: &T) -> crate::error::Result<Value> {
        serde_json::to_value(value).map_err(|e| unwritable(&e))
    }

    /// The document read as what it was written from.
    pub(crate) fn read<T: serde::de::DeserializeOwned>(&self) -> crate::error::Result<T> {
        serde_json::from_str(&self.0).map_err(|e| {
            crate::error::Error::internal(format!("the database holds a document that cannot be read: {e}"))
        })
    }

    /// The document read. Its keys are in alphabetical order, the same from both databases: jsonb keeps none.
    pub(crate) fn value(&self) -> crate::error::Result<Value> {
        let mut value: Value = serde_json::from_str(&self.0).map_err(|e| {
            crate::error::Error::internal(format!("the database holds a document that is no JSON: {e}"))
        })?;
        value.sort_all_objects();
        Ok(value)
    }
}

fn unwritable(error: &serde_json::Error) -> crate::error::Error {
    crate::error::Error::internal(format!("cannot write a record as JSON: {error}"))
}

/// PostgreSQL counts from the start of 2000: in microseconds, and in days (its manual, §8.5 and `timestamp.h`).
pub(super) const PG_EPOCH_MICROS: i64 = 946_684_800_000_000;
pub(super) const PG_EPOCH: Date = jiff::civil::date(2000, 1, 1);

impl ToSql<Uid, Pg> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<Uid, Pg> for Id {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self::from_bytes(value.as_bytes().try_into()?))
    }
}

impl ToSql<Uid, Sqlite> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(&self.as_bytes()[..]);
        Ok(IsNull::No)
    }
}

impl FromSql<Uid, Sqlite> for Id {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let bytes = <Vec<u8> as FromSql<Binary, Sqlite>>::from_sql(value)?;
        Ok(Self::from_bytes(bytes.as_slice().try_into()?))
    }
}

impl ToSql<Moment, Pg> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&(self.as_micros() - PG_EPOCH_MICROS).to_be_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<Moment, Pg> for Instant {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let micros = i64::from_be_bytes(value.as_bytes().try_into()?);
        instant(micros.saturating_add(PG_EPOCH_MICROS))
    }
}

impl ToSql<Moment, Sqlite> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.as_micros());
        Ok(IsNull::No)
    }
}

impl FromSql<Moment, Sqlite> for Instant {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        instant(<i64 as FromSql<BigInt, Sqlite>>::from_sql(value)?)
    }
}

fn instant(micros: i64) -> deserialize::Result<Instant> {
    Instant::from_micros(micros).ok_or_else(|| format!("{micros} is not an instant of the years 1 to 9999").into())
}

impl ToSql<Day, Pg> for RowDay {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let days: i32 = self.0.since(PG_EPOCH)?.get_days();
        out.write_all(&days.to_be_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<Day, Pg> for RowDay {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let days = i32::from_be_bytes(value.as_bytes().try_into()?);
        Ok(Self(PG_EPOCH.checked_add(jiff::Span::new().try_days(days)?)?))
    }
}

impl ToSql<Day, Sqlite> for RowDay {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.to_string());
        Ok(IsNull::No)
    }
}

impl FromSql<Day, Sqlite> for RowDay {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<Text, Sqlite>>::from_sql(value)?;
        Ok(Self(text.parse()?))
    }
}

impl ToSql<Json, Pg> for Doc {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        // The binary form of jsonb is a version number, 1, and the text.
        out.write_all(&[1])?;
        out.write_all(self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<Json, Pg> for Doc {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        match value.as_bytes() {
            [1, text @ ..] => Ok(Self(String::from_utf8(text.to_vec())?)),
            _ => Err("jsonb of an unknown version".into()),
        }
    }
}

impl ToSql<Json, Sqlite> for Doc {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_str());
        Ok(IsNull::No)
    }
}

impl FromSql<Json, Sqlite> for Doc {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        <String as FromSql<Text, Sqlite>>::from_sql(value).map(Self)
    }
}
