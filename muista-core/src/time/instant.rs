//! A point in time, and the two ways between it and local time. Leaves out reading words: see
//! `when`.

use std::{fmt, str::FromStr};

use jiff::{
    SignedDuration, Timestamp, Zoned,
    civil::{Date, DateTime, Time, date},
    tz::{Offset, TimeZone},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{TimeError, iso, zone::OffsetText};

const SECOND: i64 = 1_000_000;
const EPOCH: DateTime = date(1970, 1, 1).at(0, 0, 0, 0);
/// From this day on jiff has no timestamp for every offset (it ends at 9999-12-30T22:00Z): offsets
/// are then those in force at its end.
const FAR: Date = date(9999, 12, 29);

/// The name under which a serializer meets an instant. All of ours write what is in it, the text, and no name.
pub(crate) const INSTANT: &str = "muista::Instant";

/// An instant in UTC with microsecond precision, what both databases can hold; from the year 1 to
/// 9999.
///
/// `Display` and serde give RFC 3339 in UTC with `Z`; any RFC 3339 with an offset is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    /// 0001-01-01T00:00:00Z.
    pub const MIN: Self = Self(-62_135_596_800 * SECOND);
    /// 9999-12-31T23:59:59.999999Z.
    pub const MAX: Self = Self(253_402_300_800 * SECOND - 1);

    /// The instant this many microseconds after the Unix epoch; `None` outside the years 1 to 9999.
    pub fn from_micros(micros: i64) -> Option<Self> {
        (Self::MIN.0..=Self::MAX.0).contains(&micros).then_some(Self(micros))
    }

    /// Microseconds since the Unix epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// jiff's timestamp, cut to whole microseconds; years before 1 become [`Self::MIN`].
    pub fn from_timestamp(timestamp: Timestamp) -> Self {
        let nanos = timestamp.as_nanosecond();
        let micros = i64::try_from(nanos.div_euclid(1000)).unwrap_or(Self::MIN.0);
        Self(micros.clamp(Self::MIN.0, Self::MAX.0))
    }

    /// jiff's timestamp. jiff ends at 9999-12-30T22:00Z: later instants become its end.
    pub fn to_timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).unwrap_or(Timestamp::MAX)
    }

    /// The instant so much later, at the end of time at most.
    #[must_use]
    pub fn plus(self, length: std::time::Duration) -> Self {
        let micros = i64::try_from(length.as_micros()).unwrap_or(i64::MAX);
        Self::from_micros(self.as_micros().saturating_add(micros)).unwrap_or(Self::MAX)
    }

    /// The instant so much earlier, at the beginning of time at most.
    #[must_use]
    pub fn minus(self, length: std::time::Duration) -> Self {
        let micros = i64::try_from(length.as_micros()).unwrap_or(i64::MAX);
        Self::from_micros(self.as_micros().saturating_sub(micros)).unwrap_or(Self::MIN)
    }

    /// The microsecond before, at the beginning of time at most.
    #[must_use]
    pub(crate) fn just_before(self) -> Self {
        Self(self.0 - 1).max(Self::MIN)
    }

    /// How long ago `earlier` was at this instant; nothing where it is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> std::time::Duration {
        let micros = self.as_micros().saturating_sub(earlier.as_micros());
        std::time::Duration::from_micros(u64::try_from(micros).unwrap_or(0))
    }

    /// The instant with its local time in a zone, with the same limit as [`Self::to_timestamp`].
    pub fn in_zone(self, zone: &TimeZone) -> Zoned {
        self.to_timestamp().to_zoned(zone.clone())
    }

    /// The beginning of the second it falls in.
    pub fn whole_second(self) -> Self {
        Self(self.0 - self.0.rem_euclid(SECOND))
    }

    /// The day this instant falls on in a zone.
    pub fn date_in(self, zone: &TimeZone) -> Date {
        self.civil_in(zone).date()
    }

    /// RFC 3339 with the zone's offset, like `2026-11-21T12:00:00+02:00`.
    pub fn rfc3339_in(self, zone: &TimeZone) -> impl fmt::Display + use<> {
        Rfc3339 { at: self, offset: self.offset_in(zone) }
    }

    /// The first instant of a day: midnight, or the end of the gap when the clock skips it.
    pub fn start_of(day: Date, zone: &TimeZone) -> Self {
        let bound = if day.year() <= 1 { Self::MIN } else { Self::MAX };
        Self::from_civil(day.to_datetime(Time::midnight()), zone).unwrap_or(bound)
    }

    /// The first instant after a day.
    pub fn start_after(day: Date, zone: &TimeZone) -> Self {
        day.tomorrow().map_or(Self::MAX, |next| Self::start_of(next, zone))
    }

    /// The last second of a day, at whatever clock time it comes; of a day that the zone skipped,
    /// its start.
    pub fn end_of(day: Date, zone: &TimeZone) -> Self {
        if day == Date::MAX {
            return Self::from_civil(day.at(23, 59, 59, 0), zone).unwrap_or(Self::MAX);
        }
        let last = Self(Self::start_after(day, zone).0 - SECOND);
        last.max(Self::start_of(day, zone))
    }

    /// The local time in a zone.
    pub(crate) fn civil_in(self, zone: &TimeZone) -> DateTime {
        self.civil_at(self.offset_in(zone))
    }

    /// The instant of a local time: in a gap by the offset before it, in an overlap the first (RFC
    /// 5545 §3.3.5). `None` outside the years 1 to 9999.
    pub(crate) fn from_civil(local: DateTime, zone: &TimeZone) -> Option<Self> {
        if local.date() < FAR {
            let timestamp = zone.to_ambiguous_timestamp(local).compatible().ok()?;
            return Self::from_micros(i64::try_from(timestamp.as_nanosecond().div_euclid(1000)).ok()?);
        }
        Self::from_offset(local, zone.to_offset(Timestamp::MAX))
    }

    /// The instant of a local time at a fixed offset; `None` outside the years 1 to 9999.
    pub(crate) fn from_offset(local: DateTime, offset: Offset) -> Option<Self> {
        let as_utc = i64::try_from(local.duration_since(EPOCH).as_micros()).ok()?;
        Self::from_micros(as_utc - i64::from(offset.seconds()) * SECOND)
    }

    fn offset_in(self, zone: &TimeZone) -> Offset {
        zone.to_offset(self.to_timestamp())
    }

    /// The local time at an offset.
    pub(crate) fn civil_at(self, offset: Offset) -> DateTime {
        let as_utc = self.0 + i64::from(offset.seconds()) * SECOND;
        EPOCH.saturating_add(SignedDuration::from_micros(as_utc))
    }
}

impl FromStr for Instant {
    type Err = TimeError;

    /// RFC 3339 (§5.6) with its offset.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        iso::rfc3339(text)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(LocalText::utc(*self).as_str())
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(INSTANT, LocalText::utc(*self).as_str())
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Instant;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an RFC 3339 instant like 2026-12-24T18:00:00Z")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Instant, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Visitor)
    }
}

struct Rfc3339 {
    at: Instant,
    offset: Offset,
}

impl fmt::Display for Rfc3339 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // RFC 3339 offsets end at minutes; the local mean times of the 19th century had seconds.
        let whole = Offset::from_seconds(self.offset.seconds() / 60 * 60).unwrap_or(Offset::UTC);
        f.write_str(LocalText::new(self.at.civil_at(whole)).as_str())?;
        write!(f, "{}", OffsetText(whole))
    }
}

/// A local time as RFC 3339 writes it, without its offset unless that is UTC's `Z`: three digits of the second's fraction
/// where they hold it all, like most other programs write it, else all six, and none where it is whole. The digits are put
/// in their places one by one: `write!` made a twentieth of the work of a list of tasks.
struct LocalText {
    text: [u8; 27],
    length: usize,
}

impl LocalText {
    fn new(local: DateTime) -> Self {
        let mut text = *b"0000-00-00T00:00:00.000000Z";
        let micros = (local.subsec_nanosecond() / 1000).unsigned_abs();
        let parts = [
            (0..4, u32::from(local.year().unsigned_abs())),
            (5..7, u32::from(local.month().unsigned_abs())),
            (8..10, u32::from(local.day().unsigned_abs())),
            (11..13, u32::from(local.hour().unsigned_abs())),
            (14..16, u32::from(local.minute().unsigned_abs())),
            (17..19, u32::from(local.second().unsigned_abs())),
            (20..26, micros),
        ];
        for (place, mut number) in parts {
            for digit in text[place].iter_mut().rev() {
                *digit = b'0' + (number % 10) as u8;
                number /= 10;
            }
        }
        let length = match micros {
            0 => 19,
            whole if whole % 1000 == 0 => 23,
            _ => 26,
        };
        Self { text, length }
    }

    fn utc(at: Instant) -> Self {
        let Self { mut text, length } = Self::new(at.civil_at(Offset::UTC));
        text[length] = b'Z';
        Self { text, length: length + 1 }
    }

    fn as_str(&self) -> &str {
        str::from_utf8(&self.text[..self.length]).unwrap_or_default()
    }
}
