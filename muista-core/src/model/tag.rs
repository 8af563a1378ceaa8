//! Tags: the [`TagName`] that a person writes, and a [`Tag`] with its counts.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};

use super::text::{is_blank, limit, text};
use super::{Id, clip};
use crate::error::{Error, Result};

/// A tag's name: 1 to 100 characters without white space, commas or control characters. Two names that differ only in
/// case are the same tag; the first spelling stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TagName(String);

impl TagName {
    /// Reads a name; one leading `+` or `#` is dropped.
    ///
    /// # Errors
    /// `Invalid` when it is empty, too long, or holds a character that no tag may hold.
    pub fn parse(text: &str) -> Result<Self> {
        let name = text.strip_prefix(['+', '#']).unwrap_or(text);
        let bad = |why: &str| {
            Err(Error::invalid("tags", format!("“{}” is not a tag: {why}", super::shown(&clip(text))))
                .hint("a tag is one word, as in `--tag home` or `+home`"))
        };
        if is_blank(name) {
            return bad("it is empty");
        }
        limit("tag", name, 100)?;
        match name.chars().find(|c| c.is_whitespace() || c.is_control() || *c == ',') {
            Some(c) => bad(&format!("it holds “{}”", super::shown(&c.to_string()))),
            None if name.starts_with(['+', '-', '@', '!', '#']) => bad("it begins with a sign"),
            None => Ok(Self(name.to_owned())),
        }
    }
}

impl TryFrom<String> for TagName {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        Self::parse(&text)
    }
}

impl std::str::FromStr for TagName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

text!(TagName);

/// A tag and how many tasks carry it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tag {
    /// The tag's identifier.
    pub id: Id,
    /// The name as it was first written.
    pub name: String,
    /// Open tasks with the tag.
    pub open: i64,
    /// All tasks with the tag.
    pub total: i64,
}
