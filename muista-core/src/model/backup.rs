//! Backups as they are asked for and told of, and [`Keep`]: which older ones stay.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Id;
use crate::error::{Error, Result};
use crate::time::Instant;

/// Which backups stay: the newest of each of the last so many days, weeks and months that have one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Keep {
    /// The days.
    pub days: u16,
    /// The weeks.
    pub weeks: u16,
    /// The months.
    pub months: u16,
}

impl FromStr for Keep {
    type Err = Error;

    /// Reads `7d,4w,12m`, in any order, each once at most.
    fn from_str(text: &str) -> Result<Self> {
        let wrong = || {
            Error::invalid("keep", format!("`{}` does not say which backups to keep", super::clip(text)))
                .hint("write how many daily, weekly and monthly ones stay, as in 7d,4w,12m")
        };
        let (mut days, mut weeks, mut months) = (None, None, None);
        for part in text.split(',').map(str::trim) {
            let unit = part.chars().last().ok_or_else(wrong)?;
            let place = match unit {
                'd' => &mut days,
                'w' => &mut weeks,
                'm' => &mut months,
                _ => return Err(wrong()),
            };
            let count = part.strip_suffix(unit).and_then(|count| count.parse().ok()).ok_or_else(wrong)?;
            if place.replace(count).is_some() {
                return Err(wrong());
            }
        }
        let keep = Self { days: days.unwrap_or(0), weeks: weeks.unwrap_or(0), months: months.unwrap_or(0) };
        if (keep.days, keep.weeks, keep.months) == (0, 0, 0) { Err(wrong()) } else { Ok(keep) }
    }
}

impl fmt::Display for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [(self.days, 'd'), (self.weeks, 'w'), (self.months, 'm')];
        let parts: Vec<String> =
            parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect();
        f.write_str(&parts.join(","))
    }
}

impl TryFrom<String> for Keep {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Keep> for String {
    fn from(keep: Keep) -> Self {
        keep.to_string()
    }
}

/// A backup that is asked for. What is left out is as the settings say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewBackup {
    /// The folder; the whole path.
    pub to: Option<String>,
    /// Which older ones stay.
    pub keep: Option<Keep>,
    /// Further recipients that it is encrypted for: age's public keys.
    pub encrypt_to: Vec<String>,
}

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Backup {
    /// The file.
    pub file: String,
    /// When it was made.
    pub created_at: Instant,
    /// The file's size.
    pub bytes: u64,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// The version of Muista that made it.
    pub program: String,
    /// The version of the schema whose tables it holds.
    pub schema_version: i64,
    /// The kind of database that it was made of: `sqlite` or `postgres`.
    pub database: String,
    /// How many tasks it holds.
    pub tasks: u64,
    /// How many rows of all tables.
    pub rows: u64,
    /// How many attachments' files.
    pub attachments: u64,
    /// The attachments whose files were not there.
    pub missing: Vec<Id>,
    /// The older backups that were removed since they need not be kept.
    pub removed: Vec<String>,
}

/// A backup in a folder, as far as its name and size tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BackupFile {
    /// The file.
    pub file: String,
    /// When it was made.
    pub created_at: Instant,
    /// The file's size.
    pub bytes: u64,
    /// Whether it is encrypted.
    pub encrypted: bool,
}

/// What a drill found: a backup restored into a temporary place, and looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Drill {
    /// The file.
    pub file: String,
    /// What is wrong with it; nothing where it can be relied on.
    pub faults: Vec<String>,
    /// When it was made; none where it cannot be read.
    pub created_at: Option<Instant>,
    /// How many tasks came back.
    pub tasks: u64,
    /// How many rows of all tables.
    pub rows: u64,
    /// How many attachments' files.
    pub attachments: u64,
}

/// How what is done by schedule stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BackupDuty {
    /// `backup` or `drill`.
    pub kind: String,
    /// The schedule, in its words.
    pub schedule: String,
    /// When it is done next.
    pub next_at: Instant,
    /// When it last succeeded.
    pub succeeded_at: Option<Instant>,
    /// When it last failed; none where it succeeded since.
    pub failed_at: Option<Instant>,
    /// Why it failed.
    pub error: Option<String>,
    /// Whether the last success is longer ago than two of its rounds.
    pub overdue: bool,
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn what_to_keep_is_read_and_written() {
        for (text, keep) in [
            ("7d,4w,12m", Keep { days: 7, weeks: 4, months: 12 }),
            ("12m, 7d", Keep { days: 7, weeks: 0, months: 12 }),
            ("1d", Keep { days: 1, weeks: 0, months: 0 }),
        ] {
            assert_eq!(text.parse::<Keep>().unwrap(), keep);
            assert_eq!(keep.to_string().parse::<Keep>().unwrap(), keep);
        }
        for wrong in ["", "7", "d", "7d,7d", "0d", "-1d", "7y", "7d;4w", "99999999d", "7d,"] {
            assert!(wrong.parse::<Keep>().is_err(), "{wrong}");
        }
    }
}
