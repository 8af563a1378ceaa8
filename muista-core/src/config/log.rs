//! The settings of the daemon's log. What a level means is decided by the daemon, which refuses those that it cannot read.

use std::ffi::OsStr;
use std::num::NonZeroU32;

use super::keys;
use super::reader::Reader;
use super::value::{Bare, Base, Setting, invalid, line, quoted, text};
use crate::error::Result;

/// How large a log grows where nothing else is set: 16 MiB.
const MAX_SIZE: u32 = 16 << 20;
/// How many old logs are kept where nothing else is set.
const KEEP: u32 = 3;

/// How the daemon logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogConfig {
    /// How much is logged, as levels for the whole or for parts.
    pub level: String,
    /// The size in bytes at which a new log is begun.
    pub max_size: u32,
    /// How many logs that were put aside are kept.
    pub keep: u32,
}

impl LogConfig {
    pub(super) fn take(reader: &mut Reader<'_>) -> Self {
        Self {
            level: reader.take(&keys::LOG_LEVEL).map_or_else(|| "info".to_owned(), |LogLevel(level)| level),
            max_size: reader.take(&keys::LOG_MAX_SIZE).map_or(MAX_SIZE, NonZeroU32::get),
            keep: reader.take(&keys::LOG_KEEP).map_or(KEEP, |Count(keep)| keep),
        }
    }
}

/// Levels of logging, in one line.
#[derive(Debug)]
pub(super) struct LogLevel(String);

impl Setting for LogLevel {
    fn read(raw: &OsStr, _: &Base) -> Result<Self> {
        line(raw).map(|level| Self(level.to_owned()))
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

/// How many of something, none included.
#[derive(Debug)]
pub(super) struct Count(u32);

impl Setting for Count {
    const BARE: Bare = Bare::Number;

    fn read(raw: &OsStr, _: &Base) -> Result<Self> {
        let text = text(raw)?;
        let refused = |_| invalid(format!("`{}` is not a valid number", quoted(text)), "write a whole number, as in 3");
        text.parse().map(Self).map_err(refused)
    }

    fn show(&self) -> String {
        self.0.to_string()
    }
}
