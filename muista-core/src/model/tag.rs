//! Tags: the [`TagName`] that a person writes, and a [`Tag`] with its counts.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};

use super::text::{is_blank, is_unseen, limit, text};
use super::{Id, clip};
use crate::error::{Error, Result};

/// A tag's name: 1 to 100 characters that can be seen, with single words or several, but without commas, which part tags
/// in a list, and without blanks at its ends. Two names that differ only in case are the same tag; the first spelling stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TagName(String);

impl TagName {
    /// The most characters of a name.
    pub(crate) const MAX: usize = 100;

    /// Reads a name, as it stands.
    ///
    /// # Errors
    /// `Invalid` when it is empty, too long, or holds a character that no tag may hold.
    pub fn parse(name: &str) -> Result<Self> {
        let bad = |why: &str| {
            Err(Error::invalid("tags", format!("“{}” is not a tag: {why}", super::shown(&clip(name))))
                .hint("a tag is plain text without commas, as in `--tag home` or `--tag \"two words\"`"))
        };
        if is_blank(name) {
            return bad("it is empty");
        }
        limit("tag", name, Self::MAX)?;
        if name.trim() != name {
            return bad("it begins or ends with a blank");
        }
        match first_unfit(name) {
            Some(c) if is_unseen(c) => bad(&format!("it holds {}, which cannot be seen", c.escape_unicode())),
            Some(c) => bad(&format!("it holds “{}”", super::shown(&c.to_string()))),
            None => Ok(Self(name.to_owned())),
        }
    }

    /// Returns the name that comes nearest to a text: commas and other blanks become blanks, what cannot be seen is left
    /// out, and so is what is too long. None where nothing is left.
    pub(crate) fn mended(text: &str) -> Option<Self> {
        let plain = text.chars().map(|c| if c.is_whitespace() || c.is_control() || c == ',' { ' ' } else { c });
        let mut seen = String::new();
        let mut before = ' ';
        for c in plain {
            if fits(c, before) {
                seen.push(c);
                before = c;
            }
        }
        let words: Vec<&str> = seen.split_whitespace().collect();
        let short: String = words.join(" ").chars().take(Self::MAX).collect();
        Self::parse(short.trim_end()).ok()
    }
}

/// Returns the first character that no tag may hold.
fn first_unfit(name: &str) -> Option<char> {
    let mut before = ' ';
    name.chars().find(|c| !fits(*c, std::mem::replace(&mut before, *c)))
}

/// Returns whether a tag may hold a character behind another. What joins characters, or chooses how one looks, may stand
/// behind one that is not of ASCII, as in 👨‍👩‍👧.
fn fits(c: char, before: char) -> bool {
    match c {
        ' ' => true,
        ',' => false,
        '\u{200c}' | '\u{200d}' | '\u{fe0e}' | '\u{fe0f}' => !before.is_ascii(),
        c => !c.is_whitespace() && !is_unseen(c),
    }
}

/// Returns a tag as a word of a query or a title: `+home`, `+"two words"`.
#[must_use]
pub fn tag_word(name: &str) -> String {
    let mut letters = name.chars();
    let begins = letters.next().is_some_and(|c| c.is_alphabetic() || c == '_');
    if begins && letters.all(|c| !c.is_whitespace() && !matches!(c, '"' | '\'' | '(' | ')')) {
        return format!("+{name}");
    }
    format!("+\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
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

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use super::*;

    #[test]
    fn any_text_that_can_be_seen_is_a_tag() {
        for name in
            ["home", "two words", "@phone", "+x", "-x", "#1", "!", "3d", "a\"b", "työ 👨‍👩‍👧", "$(x)", "ä ❤\u{fe0f}"]
        {
            assert_eq!(&*TagName::parse(name).unwrap(), name);
        }
        assert!(TagName::parse(&"ä".repeat(100)).is_ok());
    }

    #[test]
    fn what_no_tag_may_hold_is_refused_by_name() {
        for (name, why) in [
            ("", "it is empty"),
            (" \u{200b}", "it is empty"),
            (" home", "begins or ends with a blank"),
            ("home ", "begins or ends with a blank"),
            ("a,b", "it holds “,”"),
            ("a\tb", "it holds \\u{9}, which cannot be seen"),
            ("a\u{a0}b", "it holds “\u{a0}”"),
            ("a\u{202e}b", "it holds \\u{202e}, which cannot be seen"),
            ("ho\u{200b}me", "it holds \\u{200b}, which cannot be seen"),
            ("ho\u{200d}me", "it holds \\u{200d}, which cannot be seen"),
        ] {
            let error = TagName::parse(name).unwrap_err();
            assert!(error.message.contains(why), "{name:?}: {error}");
        }
        assert!(TagName::parse(&"ä".repeat(101)).unwrap_err().message.contains("101 characters"));
    }

    #[test]
    fn a_tag_is_mended_to_what_comes_nearest() {
        let mended = |text: &str| TagName::mended(text).map(String::from);
        assert_eq!(mended(" a,b\u{a0}\tc\u{202e}d ").as_deref(), Some("a b cd"));
        assert_eq!(mended(&"ä".repeat(101)), Some("ä".repeat(100)));
        assert_eq!(mended(", \u{200b}"), None);
    }

    #[test]
    fn a_tag_as_a_word_is_quoted_where_it_must_be() {
        for (name, word) in [
            ("home", "+home"),
            ("c++", "+c++"),
            ("two words", "+\"two words\""),
            ("@phone", "+\"@phone\""),
            ("a\"b", "+\"a\\\"b\""),
        ] {
            assert_eq!(tag_word(name), word);
        }
    }
}
