//! The settings of backups: where they go, which stay, when they are made and tried, and for whom they are encrypted.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use jiff::tz::TimeZone;

use super::keys;
use super::reader::Reader;
use super::value::{Bare, Base, Setting, invalid, text};
use crate::error::{Error, Result};
use crate::format::archive::Recipient;
use crate::model::Keep;
use crate::time::{self, Context, Instant, Recurrence, Schedule};

/// What is said of backups.
#[derive(Debug, Clone, Default)]
pub struct BackupConfig {
    /// Where they go.
    pub folder: PathBuf,
    /// Which older ones stay; none: all.
    pub keep: Option<Keep>,
    /// When the daemon makes one; none: never.
    pub schedule: Option<Timetable>,
    /// When the daemon tries the newest; none: never.
    pub drill: Option<Timetable>,
    /// Whom they are encrypted for; nobody: they are not.
    pub recipients: Vec<Recipient>,
    /// The file with the secret key that encrypted ones are read with.
    pub identity: Option<PathBuf>,
    /// The zone that schedules are read in; none: the system's.
    pub timezone: Option<String>,
}

impl BackupConfig {
    pub(super) fn take(reader: &mut Reader<'_>) -> Self {
        Self {
            folder: reader.take(&keys::BACKUP_TO).unwrap_or_default(),
            keep: reader.take(&keys::BACKUP_KEEP),
            schedule: reader.take(&keys::BACKUP_SCHEDULE),
            drill: reader.take(&keys::BACKUP_DRILL),
            recipients: reader.take(&keys::BACKUP_ENCRYPT_TO).unwrap_or_default().0,
            identity: reader.take(&keys::BACKUP_IDENTITY),
            timezone: None,
        }
    }

    /// The same, with the folder within the data folder where none is named.
    pub(super) fn within(mut self, data_dir: &Path, timezone: Option<String>) -> Self {
        self.timezone = timezone;
        if self.folder.as_os_str().is_empty() {
            self.folder = data_dir.join("backups");
        }
        self
    }

    /// Returns the zone that schedules are read in.
    #[must_use]
    pub fn zone(&self) -> TimeZone {
        time::zone(self.timezone.as_deref().unwrap_or("system")).unwrap_or(TimeZone::UTC)
    }
}

/// When something is done again and again, as cron or in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timetable {
    words: String,
    recurrence: Recurrence,
}

impl Timetable {
    /// Returns the words.
    #[must_use]
    pub fn words(&self) -> &str {
        &self.words
    }

    /// Returns the first time after an instant, in a zone; none where there is none any more. Distances count from the
    /// start of the Unix epoch.
    #[must_use]
    pub fn next(&self, after: Instant, zone: &TimeZone) -> Option<Instant> {
        let anchor = self.recurrence.start.or_else(|| Instant::from_micros(0)).unwrap_or(Instant::MIN);
        Schedule::new(self.recurrence.rule.clone(), zone.clone(), anchor, self.recurrence.end).next(after)
    }
}

impl FromStr for Timetable {
    type Err = Error;

    fn from_str(words: &str) -> Result<Self> {
        // Only words that name a day would ask for the present one.
        let now = Instant::from_micros(0).unwrap_or(Instant::MIN);
        let context = Context { now, zone: TimeZone::UTC, date_order: None };
        let recurrence = Recurrence::read(words, &context).map_err(|error| invalid(error.message, error.hint))?;
        Ok(Self { words: words.to_owned(), recurrence })
    }
}

impl Setting for Timetable {
    fn read(raw: &OsStr, _: &Base) -> Result<Self> {
        text(raw)?.parse()
    }

    fn show(&self) -> String {
        self.words.clone()
    }
}

impl Setting for Keep {
    fn read(raw: &OsStr, _: &Base) -> Result<Self> {
        text(raw)?.parse()
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

/// Recipients, with commas between.
#[derive(Debug, Default)]
pub(super) struct Recipients(pub(super) Vec<Recipient>);

impl Setting for Recipients {
    const BARE: Bare = Bare::List;

    fn read(raw: &OsStr, _: &Base) -> Result<Self> {
        text(raw)?.split(',').map(str::parse).collect::<Result<_>>().map(Self)
    }

    fn show(&self) -> String {
        self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn a_timetable_is_read_in_a_zone() {
        let base = Base { folder: "/".into(), home: None };
        let next = |text: &str, after: &str| {
            let zone = crate::time::zone("Europe/Helsinki").unwrap();
            let timetable = Timetable::read(OsStr::new(text), &base).unwrap();
            timetable.next(after.parse().unwrap(), &zone).unwrap().to_string()
        };
        assert_eq!(next("0 3 * * *", "2026-11-30T12:00:00Z"), "2026-12-01T01:00:00Z");
        assert_eq!(next("every sunday at 4:00", "2026-11-30T12:00:00Z"), "2026-12-06T02:00:00Z");
        assert_eq!(next("PT1H", "2026-11-30T12:10:00Z"), "2026-11-30T13:00:00Z");
        assert!(Timetable::read(OsStr::new("at times"), &base).is_err());
    }
}
