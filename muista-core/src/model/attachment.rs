//! [`Attachment`]: a file that belongs to a task, its name ([`FileName`]), and the pieces in which its content
//! travels ([`Chunk`]). Where the files are kept and what may be kept is `service`'s.

use std::fmt;
use std::ops::Deref;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::ToSchema;

use super::text::text;
use super::{Id, clip};
use crate::error::{Error, Result};
use crate::time::Instant;

/// The most characters of a file's name.
const NAME_MAX: usize = 255;

/// A file's name: one line of 1 to 255 characters, trimmed, without `/` and `\`, not beginning with a full stop. Nothing
/// in it turns the direction of writing around, which makes one ending look like another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, min_length = 1, max_length = 255, pattern = r"^[^\s.\x00-\x1f\x7f-\x9f/\\\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff][^\x00-\x1f\x7f-\x9f/\\\u202a-\u202e\u2066-\u2069]*$", example = "prices.txt")]
pub struct FileName(String);

impl FileName {
    /// Reads a name.
    ///
    /// # Errors
    /// `Invalid` when it is empty, too long, leads to another folder, is hidden, or holds what is not to be seen.
    pub fn parse(text: &str) -> Result<Self> {
        let name = text.trim();
        let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let bad = |c: char| c.is_control() || turns(c) || matches!(c, '/' | '\\');
        let hidden = name.chars().next().is_none_or(|c| c == '.' || matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}'));
        if hidden || name.chars().any(bad) || name.chars().count() > NAME_MAX {
            return Err(Error::invalid("name", format!("“{}” is not a valid file name", super::shown(&clip(text))))
                .hint(format!("give a name of 1 to {NAME_MAX} characters without a folder, as in invoice.pdf")));
        }
        Ok(Self(name.to_owned()))
    }

    /// What stands behind its last full stop, in lower case; empty where there is none. Full stops and blanks at the end are
    /// left aside, as some systems leave them out of the name of what they save.
    #[must_use]
    pub fn extension(&self) -> String {
        let name = self.0.trim_end_matches(|c: char| c == '.' || c.is_whitespace());
        name.rsplit_once('.').map_or_else(String::new, |(_, extension)| extension.to_ascii_lowercase())
    }
}

impl TryFrom<String> for FileName {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        Self::parse(&text)
    }
}

impl std::str::FromStr for FileName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

text!(FileName);

/// A file that belongs to a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    /// The identifier.
    pub id: Id,
    /// The task.
    pub task_id: Id,
    /// Who attached it; none when that account is gone.
    pub user_id: Option<Id>,
    /// What the file is called.
    #[schema(example = "invoice.pdf")]
    pub name: String,
    /// What it holds, as its content shows.
    #[schema(example = "application/pdf")]
    pub media_type: String,
    /// How many bytes it has.
    #[schema(minimum = 0, example = 52_431)]
    pub size_bytes: i64,
    /// The SHA-256 of its content, in hexadecimal digits; none for one that is kept elsewhere.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub sha256: Option<String>,
    /// Where its content is had.
    #[schema(example = "/attachments/0199c0de-0000-7000-8000-000000000007/content")]
    pub url: String,
    /// When it was attached.
    pub created_at: Instant,
}

/// A piece of a file; base64 in JSON (RFC 4648 §4).
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Chunk(pub Vec<u8>);

impl Chunk {
    /// The most bytes that travel in one piece.
    pub const MAX: usize = 1 << 20;
}

impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Chunk({} bytes)", self.0.len())
    }
}

impl Serialize for Chunk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Chunk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64_STANDARD.decode(text).map(Self).map_err(de::Error::custom)
    }
}

/// What makes an attachment, before its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewAttachment {
    /// The task.
    pub task: super::TaskRef,
    /// What the file is called.
    pub name: FileName,
    /// What the caller says that it holds; it is found out from the content, and refused where that differs.
    #[serde(default)]
    pub media_type: Option<String>,
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn a_file_name_leads_nowhere() {
        assert_eq!(&*FileName::parse(" lasku ä.PDF ").unwrap(), "lasku ä.PDF");
        assert_eq!(FileName::parse("a.tar.GZ").unwrap().extension(), "gz");
        let long = "ä".repeat(256);
        for bad in ["", " ", ".", "..", ".bashrc", "a/b", "..\\b", "a\0b", "a\nb", "a\u{202e}fdp.exe", &long] {
            assert!(FileName::parse(bad).is_err(), "{bad:?}");
        }
        assert!(FileName::parse(&"ä".repeat(255)).is_ok());
    }

    #[test]
    fn a_chunk_travels_as_base64() {
        let chunk = Chunk(vec![0, 255, 10]);
        let text = serde_json::to_string(&chunk).unwrap();
        assert_eq!(text, "\"AP8K\"");
        assert_eq!(serde_json::from_str::<Chunk>(&text).unwrap(), chunk);
    }
}
