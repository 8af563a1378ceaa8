//! Texts that people write: a task's [`Title`] and longer [`Text`]s, and how texts are folded so that searching and
//! uniqueness ignore case. Making a text safe to print on a terminal is the printer's work.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

use crate::error::{Error, Result};

/// The most characters that a title may have.
const TITLE_MAX: usize = 1000;
/// The most characters that a description, note or comment may have.
const TEXT_MAX: usize = 65_536;

/// A task's title: one line of 1 to 1,000 characters, trimmed, without control characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Title(String);

impl Title {
    /// Reads a title.
    ///
    /// # Errors
    /// `Invalid` when it is empty, too long or holds a control character.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        if is_blank(text) {
            return Err(Error::invalid("title", "the title is empty")
                .hint("give the task a title, as in `muista add \"Buy cat food\"`"));
        }
        limit("title", text, TITLE_MAX)?;
        if let Some(c) = text.chars().find(|c| c.is_control()) {
            let what = if matches!(c, '\n' | '\r') {
                "a line break".to_owned()
            } else {
                format!("the control character {}", c.escape_unicode())
            };
            return Err(Error::invalid("title", format!("the title holds {what}"))
                .hint("a title is one line of plain text; longer text goes into the description"));
        }
        Ok(Self(text.to_owned()))
    }
}

/// A longer text: 1 to 65,536 characters, trimmed at its end; line breaks and tabs are the only control characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text(String);

impl Text {
    /// Reads a text; `field` is the name for error messages. An empty text is none.
    ///
    /// # Errors
    /// `Invalid` when it is too long or holds a control character other than line breaks and tabs.
    pub fn parse(field: &str, text: &str) -> Result<Option<Self>> {
        let text = text.trim_end();
        if is_blank(text) {
            return Ok(None);
        }
        limit(field, text, TEXT_MAX)?;
        match text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            Some(c) => {
                Err(Error::invalid(field, format!("the {field} holds the control character {}", c.escape_unicode()))
                    .hint("line breaks and tabs are the only control characters it may hold"))
            }
            None => Ok(Some(Self(text.to_owned()))),
        }
    }
}

/// Returns whether nothing of a text is seen: it is empty, or all of it is white space and characters without a shape, like
/// U+200B.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_ignorable(c))
}

/// Returns whether a character has no shape of its own: Unicode's `Default_Ignorable_Code_Point`, with the blank of Braille
/// and the marks of annotations.
fn is_ignorable(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Returns whether a character by itself is not seen, or steers how others are.
pub(crate) fn is_unseen(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') || is_ignorable(c)
}

/// Refuses a text of more than `max` characters.
pub(crate) fn limit(field: &str, text: &str, max: usize) -> Result<()> {
    // Bytes bound characters from above, so that counting is rarely needed.
    if text.len() <= max {
        return Ok(());
    }
    let length = text.chars().count();
    if length <= max {
        return Ok(());
    }
    Err(Error::invalid(field, format!("the {field} has {length} characters; at most {max} are allowed"))
        .hint("shorten it"))
}

/// Returns a name without differences of case, and of how its characters are composed (Unicode NFC): what names are
/// compared by.
#[must_use]
pub fn fold(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    // Composed first, since what a lower case is may depend on it.
    name.nfc().collect::<String>().to_lowercase().nfc().collect()
}

/// Returns a text without differences of case and of what is only written in another way (Unicode NFKC): full width, a
/// ligature, a superscript. This is what is searched, and searched for.
#[must_use]
pub fn fold_text(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let lower = text.nfkc().flat_map(char::to_lowercase);
    // What Unicode's case folding takes for the same beyond the lower case (CaseFolding.txt), as far as words have it.
    let folded = lower.flat_map(|c| match c {
        'ß' => ['s', 's'].into_iter().take(2),
        'ς' => ['σ', ' '].into_iter().take(1),
        other => [other, ' '].into_iter().take(1),
    });
    folded.nfkc().collect()
}

/// The text as it may stand within a sentence: what steers a display is escaped, quotes are not.
pub(crate) fn shown(text: &str) -> String {
    let steers = |c: char| c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if steers(c) {
            shown.extend(c.escape_debug());
        } else {
            shown.push(c);
        }
    }
    shown
}

impl TryFrom<String> for Title {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        Self::parse(&text)
    }
}

impl TryFrom<String> for Text {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        Self::parse("text", &text)?.ok_or_else(|| Error::invalid("text", "the text is empty"))
    }
}

macro_rules! text {
    ($type:ty) => {
        impl Deref for $type {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<$type> for String {
            fn from(text: $type) -> Self {
                text.0
            }
        }
    };
}
pub(crate) use text;

text!(Title);
text!(Text);

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use super::*;

    #[test]
    fn names_are_folded_by_case_and_composition_alone() {
        assert_eq!(fold("Cafe\u{301} ÉTÉ"), "caf\u{e9} été");
        assert_eq!(fold("ﬁne ² Ｗｉｄｅ"), "ﬁne ² ｗｉｄｅ");
    }

    #[test]
    fn texts_are_folded_by_what_they_are_read_as() {
        assert_eq!(fold_text("Cafe\u{301}, ﬁne m² Ｗｉｄｅ Ⅳ"), "café, fine m2 wide iv");
        assert_eq!(fold_text("Straße"), fold_text("STRASSE"));
        assert_eq!(fold_text("ΟΔΟΣ"), fold_text("οδος"));
        for text in ["ẞ ﬅ ΐ İ Ǆ", "ﷺ", "Å"] {
            assert_eq!(fold_text(&fold_text(text)), fold_text(text), "{text}");
        }
    }

    #[test]
    fn a_title_is_one_trimmed_line() {
        assert_eq!(&*Title::parse("  Buy cat food ").unwrap(), "Buy cat food");
        for bad in [
            "",
            "   ",
            "\u{200b}",
            " \u{feff}\u{2060} \u{3164}",
            "\u{ad}\u{200d}",
            "a\nb",
            "a\u{1b}[31mb",
            "a\0b",
            "a\u{9b}b",
        ] {
            let error = Title::parse(bad).unwrap_err();
            assert_eq!(error.field.as_deref(), Some("title"), "{bad:?}");
        }
        assert!(Title::parse(&"ä".repeat(1000)).is_ok());
        assert_eq!(&*Title::parse("👨‍👩‍👧").unwrap(), "👨‍👩‍👧");
        let error = Title::parse(&"ä".repeat(100_000)).unwrap_err();
        assert!(error.message.contains("100000 characters"), "{error}");
    }

    #[test]
    fn a_text_is_shown_with_its_quotes_and_without_what_steers() {
        assert_eq!(shown("Bob's \"café\" 👨‍👩‍👧"), "Bob's \"café\" 👨‍👩‍👧");
        assert_eq!(shown("a\n\u{1b}[31m\u{202e}b"), "a\\n\\u{1b}[31m\\u{202e}b");
    }

    #[test]
    fn a_text_may_have_lines_but_nothing_that_steers_a_terminal() {
        assert_eq!(&*Text::parse("note", "a\n\tb \n").unwrap().unwrap(), "a\n\tb");
        assert_eq!(Text::parse("note", " \n").unwrap(), None);
        assert_eq!(Text::parse("note", "\u{200b}\n").unwrap(), None);
        assert!(Text::parse("note", "a\u{1b}b").is_err());
    }
}
