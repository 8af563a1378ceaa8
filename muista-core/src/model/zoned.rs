//! Instants as a reader in some time zone wants them: [`in_zone`] and [`line_in_zone`] write a value as JSON, each
//! [`Instant`] in it with the zone's offset. The type decides what is one, under whatever key it stands; only records that
//! are kept as documents have no types any more, and go by the names of [`document`].

use std::fmt::Display;

use jiff::tz::TimeZone;
use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use serde_json::Value;

use super::DateField;
use crate::time::{INSTANT, Instant};

/// Returns `value` as JSON, its instants in RFC 3339 with `zone`'s offset instead of `Z`.
///
/// # Errors
/// When the value cannot be written as JSON.
pub fn in_zone<T: Serialize>(value: &T, zone: &TimeZone) -> serde_json::Result<Value> {
    serde_json::to_value(Zoned { value, form: Form { zone, to_the_second: false } })
}

/// Returns the text of what [`in_zone`] returns, on one line.
///
/// # Errors
/// When the value cannot be written as JSON.
pub fn line_in_zone<T: Serialize>(value: &T, zone: &TimeZone) -> serde_json::Result<String> {
    serde_json::to_string(&Zoned { value, form: Form { zone, to_the_second: false } })
}

/// Returns what [`in_zone`] does, without fractions of seconds.
///
/// # Errors
/// When the value cannot be written as JSON.
pub(crate) fn to_the_second<T: Serialize>(value: &T, zone: &TimeZone) -> serde_json::Result<Value> {
    serde_json::to_value(Zoned { value, form: Form { zone, to_the_second: true } })
}

/// The keys of instants in the documents of records, but for the dates of tasks.
const INSTANTS: [&str; 30] = [
    "acknowledgedAt",
    "activeSince",
    "anchorAt",
    "availableAt",
    "beganAt",
    "completedAt",
    "createdAt",
    "disabledAt",
    "emailConfirmedAt",
    "endAt",
    "endedAt",
    "expiresAt",
    "finishedAt",
    "joinedAt",
    "lastRunAt",
    "lastSeenAt",
    "lastTriggeredAt",
    "lastUsedAt",
    "movedFrom",
    "nextRetryAt",
    "nextRunAt",
    "nextTriggerAt",
    "phoneConfirmedAt",
    "regularAt",
    "repeatAt",
    "revokedAt",
    "scheduledFor",
    "startAt",
    "startedAt",
    "updatedAt",
];

/// Writes a record that is kept as a document, so that what were instants in it are met as such.
///
/// # Errors
/// As the serializer.
pub(super) fn document<S: Serializer>(record: &Option<Value>, serializer: S) -> Result<S::Ok, S::Error> {
    record.as_ref().map(Document).serialize(serializer)
}

fn is_instant(key: &str) -> bool {
    INSTANTS.contains(&key) || DateField::ALL.into_iter().any(|field| field.at_key() == key)
}

struct Document<'a>(&'a Value);

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (key, value) in fields {
                    let instant = match value {
                        Value::String(text) if is_instant(key) => text.parse::<Instant>().ok(),
                        _ => None,
                    };
                    match instant {
                        Some(instant) => map.serialize_entry(key, &instant)?,
                        None => map.serialize_entry(key, &Document(value))?,
                    }
                }
                map.end()
            }
            Value::Array(items) => serializer.collect_seq(items.iter().map(Document)),
            other => other.serialize(serializer),
        }
    }
}

/// How instants are written.
#[derive(Clone, Copy)]
struct Form<'z> {
    zone: &'z TimeZone,
    /// Whether fractions of seconds are left out.
    to_the_second: bool,
}

/// A value whose instants are written in a form.
struct Zoned<'a, T: ?Sized> {
    value: &'a T,
    form: Form<'a>,
}

impl<T: Serialize + ?Sized> Serialize for Zoned<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(InForm { inner: serializer, form: self.form, is_instant: false })
    }
}

/// A serializer, or a part of one, which writes instants in a form and leaves all else to the one within.
struct InForm<'z, S> {
    inner: S,
    form: Form<'z>,
    /// Whether the text that comes is that of an instant.
    is_instant: bool,
}

impl<'z, S> InForm<'z, S> {
    fn part<P, E>(part: Result<P, E>, form: Form<'z>) -> Result<InForm<'z, P>, E> {
        part.map(|inner| InForm { inner, form, is_instant: false })
    }
}

/// Methods that the serializer within does as they are.
macro_rules! as_they_are {
    ($($method:ident($($arg:ident: $type:ty),*);)*) => {
        $(fn $method(self, $($arg: $type),*) -> Result<S::Ok, S::Error> { self.inner.$method($($arg),*) })*
    };
}

/// Methods that begin something with parts.
macro_rules! begin {
    ($($method:ident -> $part:ident($($arg:ident: $type:ty),*);)*) => {
        $(fn $method(self, $($arg: $type),*) -> Result<Self::$part, S::Error> {
            Self::part(self.inner.$method($($arg),*), self.form)
        })*
    };
}

impl<'z, S: Serializer> Serializer for InForm<'z, S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = InForm<'z, S::SerializeSeq>;
    type SerializeTuple = InForm<'z, S::SerializeTuple>;
    type SerializeTupleStruct = InForm<'z, S::SerializeTupleStruct>;
    type SerializeTupleVariant = InForm<'z, S::SerializeTupleVariant>;
    type SerializeMap = InForm<'z, S::SerializeMap>;
    type SerializeStruct = InForm<'z, S::SerializeStruct>;
    type SerializeStructVariant = InForm<'z, S::SerializeStructVariant>;

    as_they_are! {
        serialize_bool(v: bool);
        serialize_i8(v: i8);
        serialize_i16(v: i16);
        serialize_i32(v: i32);
        serialize_i64(v: i64);
        serialize_i128(v: i128);
        serialize_u8(v: u8);
        serialize_u16(v: u16);
        serialize_u32(v: u32);
        serialize_u64(v: u64);
        serialize_u128(v: u128);
        serialize_f32(v: f32);
        serialize_f64(v: f64);
        serialize_char(v: char);
        serialize_bytes(v: &[u8]);
        serialize_none();
        serialize_unit();
        serialize_unit_struct(name: &'static str);
        serialize_unit_variant(name: &'static str, index: u32, variant: &'static str);
    }

    begin! {
        serialize_seq -> SerializeSeq(len: Option<usize>);
        serialize_tuple -> SerializeTuple(len: usize);
        serialize_tuple_struct -> SerializeTupleStruct(name: &'static str, len: usize);
        serialize_tuple_variant -> SerializeTupleVariant(name: &'static str, index: u32, variant: &'static str, len: usize);
        serialize_map -> SerializeMap(len: Option<usize>);
        serialize_struct -> SerializeStruct(name: &'static str, len: usize);
        serialize_struct_variant -> SerializeStructVariant(name: &'static str, index: u32, variant: &'static str, len: usize);
    }

    fn serialize_str(self, text: &str) -> Result<S::Ok, S::Error> {
        let at = if self.is_instant { text.parse::<Instant>().ok() } else { None };
        let Some(at) = at else { return self.inner.serialize_str(text) };
        let at = if self.form.to_the_second { at.whole_second() } else { at };
        self.inner.collect_str(&at.rfc3339_in(self.form.zone))
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.inner.collect_str(value)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.inner.serialize_some(&Zoned { value, form: self.form })
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<S::Ok, S::Error> {
        if name == INSTANT {
            return value.serialize(InForm { is_instant: true, ..self });
        }
        self.inner.serialize_newtype_struct(name, &Zoned { value, form: self.form })
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        self.inner.serialize_newtype_variant(name, index, variant, &Zoned { value, form: self.form })
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

/// The parts of something: each value is written in the form, each key as it is.
macro_rules! parts {
    ($($of:ident: $method:ident($($key:ident: $type:ty)?);)*) => {
        $(impl<S: $of> $of for InForm<'_, S> {
            type Ok = S::Ok;
            type Error = S::Error;

            fn $method<T: Serialize + ?Sized>(&mut self, $($key: $type,)? value: &T) -> Result<(), S::Error> {
                self.inner.$method($($key,)? &Zoned { value, form: self.form })
            }

            fn end(self) -> Result<S::Ok, S::Error> {
                self.inner.end()
            }
        })*
    };
}

parts! {
    SerializeSeq: serialize_element();
    SerializeTuple: serialize_element();
    SerializeTupleStruct: serialize_field();
    SerializeTupleVariant: serialize_field();
    SerializeStruct: serialize_field(key: &'static str);
    SerializeStructVariant: serialize_field(key: &'static str);
}

impl<S: SerializeMap> SerializeMap for InForm<'_, S> {
    type Ok = S::Ok;
    type Error = S::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), S::Error> {
        self.inner.serialize_key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
        self.inner.serialize_value(&Zoned { value, form: self.form })
    }

    fn end(self) -> Result<S::Ok, S::Error> {
        self.inner.end()
    }
}

#[cfg(test)]
mod tests;
