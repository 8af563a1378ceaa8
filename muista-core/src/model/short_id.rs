//! Short ids ([`ShortId`]), by which what has no number is named: the first characters of an id's last group, as lists show
//! it, or of the whole id; and how a caller names such a record ([`RecordRef`]). An id begins with a time, so only its end tells
//! one from the next.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Id, IdPrefix, clip, shown};
use crate::error::{Error, Result};

string_enum! {
    /// A kind of record that has an id and no number.
    RecordKind, "kind" {
        /// A reminder.
        Reminder = "reminder",
        /// A comment.
        Comment = "comment",
        /// A file of a task.
        Attachment = "attachment",
        /// A notification.
        Notification = "notification",
        /// A run of a job.
        Run = "run",
        /// A device.
        Device = "device",
        /// A change, as the record of changes has it.
        Change = "change",
    }
}

/// The first characters of an id's last group, 4 to 12 of them, or of the whole id, 8 at least.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ShortId(String);

impl ShortId {
    /// The fewest characters that name anything.
    pub const LEAST: usize = 4;
    /// The characters of an id's last group.
    pub const WHOLE: usize = 12;

    /// Returns whether an id, or its last group, begins so.
    #[must_use]
    pub fn is_of(&self, id: Id) -> bool {
        let begins = self.prefix().is_some_and(|prefix| (prefix.first..=prefix.last).contains(&id));
        begins || last_group(id).starts_with(&self.0)
    }

    /// Returns the ids that begin so, where it may be the beginning of one.
    #[must_use]
    pub fn prefix(&self) -> Option<IdPrefix> {
        IdPrefix::read(&self.0)
    }

    /// Returns its characters, in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns how many characters it takes to tell these ids from each other, `least` at least.
    pub fn length(ids: impl IntoIterator<Item = Id>, least: usize) -> usize {
        let groups: Vec<String> = ids.into_iter().map(last_group).collect();
        Self::length_of(groups.iter().map(String::as_str), least)
    }

    /// Returns the same for the last groups of ids.
    pub fn length_of<'a>(groups: impl IntoIterator<Item = &'a str>, least: usize) -> usize {
        let groups: BTreeSet<&str> = groups.into_iter().collect();
        // In order, those that have most in common stand beside each other.
        let neighbours = groups.iter().zip(groups.iter().skip(1));
        let common = |(a, b): (&&str, &&str)| a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
        let needed = neighbours.map(|pair| common(pair) + 1).max().unwrap_or(0);
        needed.clamp(least.min(Self::WHOLE), Self::WHOLE)
    }
}

/// Returns the last of the groups in which an id is written, which is random in all that Muista makes.
fn last_group(id: Id) -> String {
    let mut text = id.to_string();
    text.split_off(text.len() - ShortId::WHOLE)
}

impl Id {
    /// Returns so many characters of its last group, as a list shows it.
    #[must_use]
    pub fn short(self, length: usize) -> String {
        let mut group = last_group(self);
        group.truncate(length);
        group
    }
}

impl FromStr for ShortId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let is_end =
            (Self::LEAST..=Self::WHOLE).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_end || IdPrefix::read(text).is_some() {
            return Ok(Self(text.to_ascii_lowercase()));
        }
        Err(Error::invalid("id", format!("“{}” is not an id", shown(&clip(text)))).hint(
            "copy it from a list: all of it, its first 8 characters or more, or the 4 or more characters that a table shows",
        ))
    }
}

impl TryFrom<String> for ShortId {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<ShortId> for String {
    fn from(short: ShortId) -> Self {
        short.0
    }
}

impl fmt::Display for ShortId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How a caller names a record that has no number: by its id, or by a part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum RecordRef {
    /// The whole identifier.
    Id(Id),
    /// What a table shows of it, or how it begins.
    Short(ShortId),
}

impl TryFrom<String> for RecordRef {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<RecordRef> for String {
    fn from(named: RecordRef) -> Self {
        match named {
            RecordRef::Id(id) => id.to_string(),
            RecordRef::Short(short) => short.into(),
        }
    }
}

impl FromStr for RecordRef {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        text.parse().map(Self::Id).or_else(|_| text.parse().map(Self::Short))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    const A: &str = "0199c0de-0000-7000-8000-abcd00000001";
    const B: &str = "0199c0de-0000-7000-8000-abcdef000002";
    const C: &str = "0199c0de-0000-7000-8000-1234ef000002";

    #[test]
    fn a_record_is_named_by_its_id_or_the_beginning_of_its_end() {
        let id: Id = A.parse().unwrap();
        assert_eq!(A.parse(), Ok(RecordRef::Id(id)));
        for (short, of) in [
            ("abcd", true),
            ("ABCD0", true),
            ("abcd00000001", true),
            ("abce", false),
            ("0199", false),
            ("0199c0de", true),
            ("0199C0DE-0000-7", true),
            ("0199c0df", false),
        ] {
            assert_eq!(short.parse::<ShortId>().unwrap().is_of(id), of, "{short}");
        }
        for bad in ["", "abc", "abcdwxyz", "wxyz", "0199-c", "-abcd"] {
            let error = bad.parse::<RecordRef>().unwrap_err();
            assert!(error.message.contains("is not an id"), "{error}");
        }
    }

    #[test]
    fn as_many_characters_are_shown_as_tell_ids_apart() {
        let length = |ids: &[&str], least| ShortId::length(ids.iter().map(|id| id.parse().unwrap()), least);
        assert_eq!(length(&[], 4), 4);
        assert_eq!(length(&[A], 4), 4);
        assert_eq!(length(&[A, C], 4), 4);
        assert_eq!(length(&[A, B, C], 4), 5);
        assert_eq!(length(&[A, A], 6), 6);
        assert_eq!(B.parse::<Id>().unwrap().short(6), "abcdef");
    }
}
