//! What could not be read, and what to write instead. Leaves out how it is shown: that is each way
//! in's.

use std::fmt;

/// A part of a text longer than this is cut in messages.
const SHOWN: usize = 40;

/// A date, duration, range or zone that could not be read.
///
/// `Display` gives the message, a fragment that fits "failed to read the date: {message}".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeError {
    /// The part of the text that was not understood, control characters escaped, cut at 40
    /// characters.
    pub part: String,
    /// What is wrong with it, in one line.
    pub message: String,
    /// What to write instead, with an example.
    pub hint: String,
}

impl TimeError {
    /// "`part` problem", with a hint.
    pub(crate) fn new(part: &str, problem: &str, hint: impl Into<String>) -> Self {
        let part = quoted(part);
        let message = format!("`{part}` {problem}");
        Self { part, message, hint: hint.into() }
    }

    /// A moment before year 1 or after year 9999.
    pub(crate) fn out_of_range(part: &str) -> Self {
        Self::new(part, "leaves the years 1 to 9999", "stay within the calendar, like `2026-12-24` or `3 weeks`")
    }
}

impl fmt::Display for TimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for TimeError {}

/// The text as it may go to a terminal: control and bidi characters escaped, cut when long.
fn quoted(text: &str) -> String {
    let mut shown = String::new();
    for c in text.chars().take(SHOWN) {
        match c {
            '\'' | '"' | '\\' => shown.push(c),
            c => shown.extend(c.escape_debug()),
        }
    }
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}
