//! Dates, instants, durations, recurrences and zones: one parser for every way in.
//!
//! Pure: the clock comes in with [`Context`], nothing here waits, stores or prints. Only [`zone()`]
//! looks outside, at the system's zone files. The words that name list filters (`overdue`,
//! `upcoming`) and the offsets of reminders (`30min before`) belong to their nouns.
//!
//! A text goes `scan` (a cursor) → `iso`, `clock_time`, `length`, `date` (one piece each) → `draft`
//! (the pieces put together) → `when`, `range`, `reading` (what the callers ask for). What repeats is
//! read by `recurrence`, from the same pieces; its `schedule` says when it fires.

mod calendar;
mod clock_time;
mod context;
mod date;
mod day_number;
mod draft;
mod duration;
mod error;
mod instant;
mod iso;
mod length;
mod nth;
mod place;
mod range;
mod reading;
mod recurrence;
mod scan;
#[cfg(test)]
mod tests;
mod units;
mod when;
mod words;
mod zone;

pub use context::{Context, DateOrder};
pub use duration::Duration;
pub use error::TimeError;
pub(crate) use instant::INSTANT;
pub use instant::Instant;
pub use range::{Range, range};
pub use reading::{Kind, Reading, read, read_ahead};
pub use recurrence::{Bound, Cron, Interval, Recurrence, Rule, Schedule};
pub use when::When;
pub use zone::{bundled_release, zone};
