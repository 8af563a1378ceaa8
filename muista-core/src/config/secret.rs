//! [`Secret`]: a value that must not be seen. One that stands in a file of its own is read each time it is needed: a file
//! that cannot be read stops only what needs it, and what is written into it holds from the next use on.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

use super::value::{Base, Setting, invalid, line};
use crate::error::{Error, Result};

/// A value that must not be seen: not in lists, not in logs, not in errors.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Place);

#[derive(Clone, PartialEq, Eq)]
enum Place {
    Text(String),
    /// The file that holds it, and the variable that names the file.
    File(PathBuf, String),
}

impl Secret {
    pub(super) fn new(text: String) -> Self {
        Self(Place::Text(text))
    }

    /// Returns the value itself, for who presents it. Reads its file, where it has one.
    ///
    /// # Errors
    /// `Invalid` when its file cannot be read or holds no line of text, with the variable that names the file.
    pub fn reveal(&self) -> Result<Cow<'_, str>> {
        let (path, variable) = match &self.0 {
            Place::Text(text) => return Ok(Cow::Borrowed(text)),
            Place::File(path, variable) => (path, variable),
        };
        let told = |error: Error| Error { message: format!("{variable}: {}", error.message), ..error };
        let text = first_line(path).map_err(told)?;
        checked(text.as_ref()).map_err(told)?;
        Ok(Cow::Owned(text))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Setting for Secret {
    fn read(raw: &OsStr, _: &Base) -> Result<Self> {
        checked(raw).map(|secret| Self::new(secret.to_owned()))
    }

    fn of_file(path: PathBuf, variable: &str, _: &Base) -> Result<Self> {
        Ok(Self(Place::File(path, variable.to_owned())))
    }

    fn show(&self) -> String {
        match &self.0 {
            Place::Text(_) => "(hidden)".to_owned(),
            Place::File(path, _) => format!("(hidden, in {})", path.display()),
        }
    }
}

/// One line of text. No error of a secret says what it is.
fn checked(raw: &OsStr) -> Result<&str> {
    line(raw).map_err(|_| invalid("the value is not a line of text", "write it in UTF-8, in one line"))
}

/// Returns the first line of the file at `path`, without the blanks around it.
///
/// # Errors
/// `Invalid` when it cannot be read or is empty.
pub(super) fn first_line(path: &Path) -> Result<String> {
    let text = std::fs::read_to_string(path).map_err(|e| {
        Error::invalid("config", format!("cannot read {}: {e}", path.display()))
            .hint("name a readable file that holds the value and nothing else")
    })?;
    match text.lines().next().map(str::trim) {
        Some(line) if !line.is_empty() => Ok(line.to_owned()),
        _ => Err(Error::invalid("config", format!("{} is empty", path.display()))
            .hint("write the value into its first line")),
    }
}
