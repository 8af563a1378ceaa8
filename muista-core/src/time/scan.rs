//! A cursor over a text. Copying it marks a place to return to; it allocates nothing and knows no
//! dates.

use super::TimeError;

/// No date, duration or range is longer; anything that is, is refused unread.
const LONGEST: usize = 200;

/// The part of a text that is still to be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scan<'a> {
    rest: &'a str,
}

impl<'a> Scan<'a> {
    /// A cursor at the start of `text`.
    pub(crate) fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    /// A cursor over what someone typed, without the white space around it.
    pub(crate) fn typed(text: &'a str) -> Result<Self, TimeError> {
        let text = text.trim();
        if text.is_empty() {
            let hint = "write a date like `tomorrow 18:00` or a length like `3 days`; `none` clears";
            return Err(TimeError { part: String::new(), message: "nothing was written".into(), hint: hint.into() });
        }
        if text.len() > LONGEST {
            return Err(TimeError::new(
                text,
                "is too long to be a time",
                "200 characters at most, like `tomorrow 18:00`",
            ));
        }
        Ok(Self::new(text))
    }

    /// Whether everything was read.
    pub(crate) fn at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next byte, if any.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.bytes().next()
    }

    /// Whether the next character could go on a word or a number.
    pub(crate) fn glued(&self) -> bool {
        self.rest.chars().next().is_some_and(char::is_alphanumeric)
    }

    /// Reads the ASCII character `wanted`, in either case. Returns whether it was there.
    pub(crate) fn eat(&mut self, wanted: u8) -> bool {
        let found = self.sees(wanted);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    /// Whether the ASCII character `wanted`, in either case, is next.
    pub(crate) fn sees(&self, wanted: u8) -> bool {
        self.peek().is_some_and(|byte| byte.eq_ignore_ascii_case(&wanted))
    }

    /// Reads white space, if any.
    pub(crate) fn space(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    /// Reads a run of ASCII digits; empty if there is none.
    pub(crate) fn digits(&mut self) -> &'a str {
        self.run(|byte| byte.is_ascii_digit())
    }

    /// Reads a run of ASCII letters; empty if there is none.
    pub(crate) fn word(&mut self) -> &'a str {
        self.run(|byte| byte.is_ascii_alphabetic())
    }

    /// Reads white space and the word after it.
    pub(crate) fn spaced_word(&mut self) -> &'a str {
        self.space();
        self.word()
    }

    /// Reads exactly two digits as a number, or nothing.
    pub(crate) fn two_digits(&mut self) -> Option<i8> {
        let (pair, rest) = self.rest.split_at_checked(2)?;
        if !pair.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        self.rest = rest;
        pair.parse().ok()
    }

    /// What follows, up to white space: the part an error names.
    pub(crate) fn chunk(&self) -> &'a str {
        self.rest.split_ascii_whitespace().next().unwrap_or_default()
    }

    /// What was read since `earlier`, an earlier state of this cursor.
    pub(crate) fn since(&self, earlier: Self) -> &'a str {
        earlier.rest.strip_suffix(self.rest).unwrap_or(earlier.rest).trim_ascii_end()
    }

    /// What was read since `earlier` and the rest of that word: the part an error names.
    pub(crate) fn chunk_since(&self, earlier: Self) -> &'a str {
        let tail = self.rest.find(|c: char| c.is_ascii_whitespace()).map_or("", |at| &self.rest[at..]);
        earlier.rest.strip_suffix(tail).unwrap_or(earlier.rest)
    }

    fn run(&mut self, belongs: impl Fn(u8) -> bool) -> &'a str {
        let end = self.rest.bytes().position(|byte| !belongs(byte)).unwrap_or(self.rest.len());
        let (run, rest) = self.rest.split_at(end);
        self.rest = rest;
        run
    }
}
