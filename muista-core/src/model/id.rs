//! Identifiers: [`Id`], and the ways a person may name a task ([`TaskRef`]). Looking one up is the service's work.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::{NoContext, Timestamp, Uuid};

use crate::error::{Error, Result};
use crate::time::Instant;

/// A UUID; Muista makes version 7 (RFC 9562 §5.7), imports keep theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id(Uuid);

impl Id {
    /// The account that the OS user has on the local socket and in embedded mode.
    pub const LOCAL_USER: Self = Self(Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0001));

    /// No identifier of anything.
    pub const NIL: Self = Self(Uuid::nil());

    /// A new version 7 identifier whose time part is `now`, to the millisecond.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        let micros = now.as_micros().max(0).unsigned_abs();
        let nanos = u32::try_from(micros % 1_000_000 * 1000).unwrap_or(0);
        Self(Uuid::new_v7(Timestamp::from_unix(NoContext, micros / 1_000_000, nanos)))
    }

    /// The smallest identifier that [`Id::new`] gives at `now` or later.
    #[must_use]
    pub fn earliest(now: Instant) -> Self {
        let millis = u128::from(now.as_micros().max(0).unsigned_abs() / 1000);
        Self(Uuid::from_u128(millis << 80))
    }

    /// The identifier that stands for `id` with the account `of`, where another one's has it: always the same, and of no
    /// version that is made anew (RFC 9562 §5.8).
    #[must_use]
    pub fn derived(of: Self, id: Self) -> Self {
        let hash = ring::digest::digest(&ring::digest::SHA256, &[*of.as_bytes(), *id.as_bytes()].concat());
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(hash.as_ref()).for_each(|(to, from)| *to = *from);
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// The identifier with these 16 bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// Its 16 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.hyphenated(), f)
    }
}

impl FromStr for Id {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Uuid::try_parse(text).map(Self).map_err(|_| {
            Error::invalid("id", format!("“{}” is not a UUID", clip(text)))
                .hint("copy it from a list: it looks like 0199c0de-0000-7000-8000-000000000007")
        })
    }
}

/// The first characters of an identifier, 8 at least, as the range of identifiers that begin so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdPrefix {
    /// The smallest identifier with the prefix.
    pub first: Id,
    /// The largest identifier with the prefix.
    pub last: Id,
}

impl IdPrefix {
    /// Reads 8 to 32 hex digits; hyphens may stand anywhere.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|c| *c != '-').collect();
        if !(8..=32).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let bound = |fill: &str| {
            let padded = format!("{digits}{}", fill.repeat(32 - digits.len()));
            u128::from_str_radix(&padded, 16).ok().map(|n| Id(Uuid::from_u128(n)))
        };
        Some(Self { first: bound("0")?, last: bound("f")? })
    }
}

/// How a caller names a task: its number, its id, or the first characters of its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum TaskRef {
    /// The short number.
    Number(i64),
    /// The whole identifier.
    Id(Id),
    /// 8 or more of its first characters, as they were written.
    Prefix(String, IdPrefix),
}

impl FromStr for TaskRef {
    type Err = Error;

    /// A text of digits that does not begin with 0 is a number, everything else an id or its beginning.
    fn from_str(text: &str) -> Result<Self> {
        let bad = || {
            Error::invalid("id", format!("“{}” is not a task", clip(text)))
                .hint("give its number (`7`), its id, or the first 8 or more characters of its id")
        };
        if let Ok(number) = text.parse::<i64>()
            && number > 0
            && text.bytes().all(|b| b.is_ascii_digit())
            && !text.starts_with('0')
        {
            return Ok(Self::Number(number));
        }
        if let Ok(id) = text.parse() {
            return Ok(Self::Id(id));
        }
        IdPrefix::read(text).map(|prefix| Self::Prefix(text.to_owned(), prefix)).ok_or_else(bad)
    }
}

impl fmt::Display for TaskRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Id(id) => id.fmt(f),
            Self::Prefix(text, _) => text.fmt(f),
        }
    }
}

impl TryFrom<String> for TaskRef {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<TaskRef> for String {
    fn from(task: TaskRef) -> Self {
        task.to_string()
    }
}

impl From<Id> for TaskRef {
    fn from(id: Id) -> Self {
        Self::Id(id)
    }
}

/// The beginning of a value, for an error message: at most 60 characters.
pub(crate) fn clip(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]
    use super::*;

    #[test]
    fn numbers_ids_and_prefixes_are_told_apart() {
        assert_eq!("7".parse(), Ok(TaskRef::Number(7)));
        assert!(matches!("12345678".parse(), Ok(TaskRef::Number(12_345_678))));
        assert!(matches!("01938475".parse(), Ok(TaskRef::Prefix(..))));
        assert!(matches!("0193abcd-12".parse(), Ok(TaskRef::Prefix(..))));
        assert!(matches!("00000000-0000-7000-8000-000000000001".parse(), Ok(TaskRef::Id(Id::LOCAL_USER))));
        for bad in ["", "0", "-1", "+1", "0193abc", "xyz", "99999999999999999999999999999999999"] {
            assert!(bad.parse::<TaskRef>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_prefix_spans_the_ids_that_begin_with_it() {
        let TaskRef::Prefix(_, prefix) = "0193abcd1".parse().unwrap() else { panic!("not a prefix") };
        assert_eq!(prefix.first.to_string(), "0193abcd-1000-0000-0000-000000000000");
        assert_eq!(prefix.last.to_string(), "0193abcd-1fff-ffff-ffff-ffffffffffff");
    }

    #[test]
    fn an_id_made_later_is_greater() {
        let early = Id::new(Instant::from_micros(1_700_000_000_000_000).unwrap());
        let late = Id::new(Instant::from_micros(1_700_000_000_001_000).unwrap());
        assert!(early < late);
    }
}
