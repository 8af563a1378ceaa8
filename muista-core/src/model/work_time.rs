//! [`WorkTime`]: how long work takes. Calendar units have no place here: a day is 24 hours.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{clip, shown};
use crate::error::{Error, Result};
use crate::time::Duration;

/// How long work takes or took, in whole seconds. JSON has it as an ISO 8601 duration: `PT1H30M`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct WorkTime(i64);

impl WorkTime {
    /// The most seconds: ten years.
    pub const MAX: i64 = 10 * 365 * 86_400;

    /// Makes one of so many seconds, between nothing and [`WorkTime::MAX`].
    #[must_use]
    pub fn of_seconds(seconds: i64) -> Self {
        Self(seconds.clamp(0, Self::MAX))
    }

    /// Returns how many seconds it has.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0
    }

    /// Reads a length of time: `15min`, `1h 30min`, `2d`, `PT15M`.
    ///
    /// # Errors
    /// `Invalid` for what is no length, is negative, or has months, which are not of one length.
    pub fn read(text: &str) -> Result<Self> {
        let length = Duration::read(text)?;
        let refuse = |why: &str| {
            Error::invalid("estimate", format!("“{}” {why}", shown(&clip(text))))
                .hint("write hours and minutes, as in 30min, 1h 30min or PT2H")
        };
        if length.months() != 0 {
            return Err(refuse("counts months or years, which differ in length"));
        }
        let seconds = length.days() * 86_400 + length.elapsed_micros() / 1_000_000;
        match seconds {
            ..0 => Err(refuse("is less than nothing")),
            seconds if seconds > Self::MAX => Err(refuse("is more than ten years")),
            seconds => Ok(Self(seconds)),
        }
    }

    /// Returns it in words: `1h 30min`.
    #[must_use]
    pub fn words(self) -> String {
        let parts = [(self.0 / 3600, "h"), (self.0 / 60 % 60, "min"), (self.0 % 60, "s")];
        let parts: Vec<String> =
            parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect();
        if parts.is_empty() { "0min".to_owned() } else { parts.join(" ") }
    }
}

impl FromStr for WorkTime {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::read(text)
    }
}

/// Writes it as an ISO 8601 duration.
impl fmt::Display for WorkTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PT")?;
        let parts = [(self.0 / 3600, 'H'), (self.0 / 60 % 60, 'M'), (self.0 % 60, 'S')];
        parts.into_iter().filter(|(count, _)| *count > 0).try_for_each(|(count, unit)| write!(f, "{count}{unit}"))?;
        if self.0 == 0 { f.write_str("0S") } else { Ok(()) }
    }
}

impl Serialize for WorkTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for WorkTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::read(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use super::*;

    #[test]
    fn a_length_of_work_is_read_and_written() {
        for (text, iso, words) in [
            ("15min", "PT15M", "15min"),
            ("1h 30min", "PT1H30M", "1h 30min"),
            ("1d", "PT24H", "24h"),
            ("PT90M", "PT1H30M", "1h 30min"),
            ("0min", "PT0S", "0min"),
        ] {
            let read = WorkTime::read(text).unwrap();
            assert_eq!((read.to_string().as_str(), read.words().as_str()), (iso, words), "{text}");
            assert_eq!(WorkTime::read(iso).unwrap(), read);
        }
        for text in ["1mo", "-5min", "soon", "200000d"] {
            assert!(!WorkTime::read(text).unwrap_err().message.is_empty(), "{text}");
        }
    }
}
