//! [`DateField`]: the dates of a task. Each is an instant or a day ([`TaskDate`]), stands in documents under two keys, and may
//! be asked for and sorted by under one name: what holds for all of them goes by [`DateField::ALL`].

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Task;
use crate::time::Instant;

/// A date of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DateField {
    /// When it is due.
    Due,
    /// Until when it waits.
    Start,
    /// By when it must be done at the latest.
    Deadline,
}

/// What a date is called.
struct Names {
    /// In conditions, orders, flags and messages.
    name: &'static str,
    /// Further names in conditions.
    aliases: &'static [&'static str],
    /// The keys of documents: of the instant, and of the day.
    keys: (&'static str, &'static str),
}

impl DateField {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Due, Self::Start, Self::Deadline];

    const fn names(self) -> &'static Names {
        match self {
            Self::Due => &Names { name: "due", aliases: &[], keys: ("dueDate", "dueOn") },
            Self::Start => &Names { name: "start", aliases: &["wait", "scheduled"], keys: ("startDate", "startOn") },
            Self::Deadline => &Names { name: "deadline", aliases: &[], keys: ("deadlineDate", "deadlineOn") },
        }
    }

    /// Returns the name in conditions, orders, flags and messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.names().name
    }

    /// Returns the further names in conditions.
    pub(crate) const fn aliases(self) -> &'static [&'static str] {
        self.names().aliases
    }

    /// Returns the key of documents for the instant.
    #[must_use]
    pub const fn at_key(self) -> &'static str {
        self.names().keys.0
    }

    /// Returns the key of documents for the day.
    #[must_use]
    pub const fn on_key(self) -> &'static str {
        self.names().keys.1
    }

    /// Returns the date that has this key in documents.
    #[must_use]
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| [field.at_key(), field.on_key()].contains(&key))
    }
}

/// A date as a task has it: an instant, and the day where no time of day was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskDate {
    /// The instant; of a day its first or last second.
    pub at: Instant,
    /// The day.
    pub on: Option<Date>,
}

impl TaskDate {
    /// Returns the date of two fields of a task; none without an instant.
    #[must_use]
    pub fn of(at: Option<Instant>, on: Option<Date>) -> Option<Self> {
        at.map(|at| Self { at, on })
    }

    /// Returns what two fields of a task hold for a date.
    pub(super) fn parts(date: Option<Self>) -> (Option<Instant>, Option<Date>) {
        (date.map(|date| date.at), date.and_then(|date| date.on))
    }
}

impl Task {
    /// Returns one of its dates.
    #[must_use]
    pub fn date(&self, field: DateField) -> Option<TaskDate> {
        match field {
            DateField::Due => TaskDate::of(self.due_date, self.due_on),
            DateField::Start => TaskDate::of(self.start_date, self.start_on),
            DateField::Deadline => TaskDate::of(self.deadline_date, self.deadline_on),
        }
    }
}
