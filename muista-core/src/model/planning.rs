//! When a task is worked on, beside its due: the start, the deadline, the estimate and the place among others. [`Plan`] is
//! what a task has of these, [`Planning`] what is said of them by new tasks, changes and imports alike; both are handed on
//! whole. How texts are read is `input::planning`'s.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::{Change, Due, Task, TaskDate, WorkTime};
use crate::error::{Error, Result};
use crate::time::{Duration, Instant, When};

/// What is said of when a task is worked on. What is left out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Planning {
    /// Until when the task waits.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub start: Change<Start>,
    /// By when it must be done at the latest.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub deadline: Change<Due>,
    /// How long it will take.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub estimate: Change<WorkTime>,
    /// Its place in an order by hand.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub position: Change<i64>,
}

/// When a task is worked on, as it has it; `D` is what stands for a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan<D = TaskDate> {
    /// Until when it waits.
    pub start: Option<D>,
    /// By when it must be done at the latest.
    pub deadline: Option<D>,
    /// How long it will take.
    pub estimate: Option<WorkTime>,
    /// Its place in an order by hand.
    pub position: Option<i64>,
}

impl<D> Plan<D> {
    /// Converts each date; one that has none afterwards is left out.
    #[must_use]
    pub fn map_dates<E>(self, mut convert: impl FnMut(D) -> Option<E>) -> Plan<E> {
        let Self { start, deadline, estimate, position } = self;
        Plan { start: start.and_then(&mut convert), deadline: deadline.and_then(&mut convert), estimate, position }
    }

    /// Returns whether there is a date.
    #[must_use]
    pub fn has_dates(&self) -> bool {
        let Self { start, deadline, estimate: _, position: _ } = self;
        start.is_some() || deadline.is_some()
    }
}

impl Plan<When> {
    /// Returns what says so of a task, its days being those of `zone`; what there is none of is left alone.
    pub(crate) fn said(self, zone: &TimeZone) -> Planning {
        let Self { start, deadline, estimate, position } = self;
        Planning {
            start: Change::set_if_some(start.and_then(|when| Start::new(&when, zone))),
            deadline: Change::set_if_some(deadline.and_then(|when| Due::new(&when, zone))),
            estimate: Change::set_if_some(estimate),
            position: Change::set_if_some(position),
        }
    }
}

impl Task {
    /// Returns when it is worked on.
    #[must_use]
    pub fn plan(&self) -> Plan {
        Plan {
            start: TaskDate::of(self.start_date, self.start_on),
            deadline: TaskDate::of(self.deadline_date, self.deadline_on),
            estimate: self.estimate,
            position: self.position,
        }
    }

    /// Sets when it is worked on.
    pub(crate) fn set_plan(&mut self, plan: Plan) {
        let Plan { start, deadline, estimate, position } = plan;
        (self.start_date, self.start_on) = TaskDate::parts(start);
        (self.deadline_date, self.deadline_on) = TaskDate::parts(deadline);
        (self.estimate, self.position) = (estimate, position);
    }
}

/// Until when a task waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Start {
    /// Until an instant, or the beginning of a date.
    At {
        /// The instant; of a date its first.
        at: Instant,
        /// The date, where it is one.
        on: Option<Date>,
    },
    /// So long after the due; before it where the length is negative.
    FromDue(Duration),
}

impl Start {
    /// Returns the start of `when`, read in `zone`; none for [`When::None`].
    #[must_use]
    pub fn new(when: &When, zone: &TimeZone) -> Option<Self> {
        let on = if let When::On(date) = when { Some(*date) } else { None };
        when.start(zone).map(|at| Self::At { at, on })
    }

    /// Returns the instant and the date that it is for a task that is due then.
    fn of(&self, task: &Task, zone: &TimeZone) -> Result<(Instant, Option<Date>)> {
        let length = match self {
            Self::At { at, on } => {
                refuse_other_day(*at, *on)?;
                return Ok((*at, *on));
            }
            Self::FromDue(length) => *length,
        };
        match (task.due_on, task.due_date) {
            (Some(day), _) if length.is_calendar() => {
                let day = length.after_day(day)?;
                Ok((Instant::start_of(day, zone), Some(day)))
            }
            (Some(day), _) => Ok((length.after(Instant::start_of(day, zone), zone)?, None)),
            (None, Some(due)) => Ok((length.after(due, zone)?, None)),
            (None, None) => Err(Error::invalid("start", "the start counts from the due, and the task has none")
                .hint("give it a due, or a date to start on, as in --start monday")),
        }
    }
}

/// Refuses an instant that is the beginning of the date nowhere: none is further from UTC than 26 hours.
fn refuse_other_day(at: Instant, on: Option<Date>) -> Result<()> {
    const FURTHEST: std::time::Duration = std::time::Duration::from_secs(26 * 60 * 60);
    let Some(on) = on else { return Ok(()) };
    let begin = Instant::start_of(on, &TimeZone::UTC);
    if at < begin.minus(FURTHEST) || at > begin.plus(FURTHEST) {
        return Err(Error::invalid("start", format!("{at} is not the beginning of {on} anywhere")));
    }
    Ok(())
}

impl Planning {
    /// The farthest places in an order by hand.
    pub const POSITION_MAX: i64 = 1_000_000_000_000;

    /// Puts what is said into effect on a task that has its due already. Dates that count from it are those of `zone`.
    ///
    /// # Errors
    /// `Invalid` for a start that counts from a due that there is not, and for a position that is too far out.
    pub(crate) fn apply(&self, task: &mut Task, zone: &TimeZone) -> Result<()> {
        let Self { start, deadline, estimate, position } = self;
        if let Change::Set(position) = position
            && position.unsigned_abs() > Self::POSITION_MAX.unsigned_abs()
        {
            return Err(Error::invalid("position", format!("{position} is too far out to be a position"))
                .hint("choose a number between -1000000000000 and 1000000000000"));
        }
        match start {
            Change::Keep => {}
            Change::Clear => (task.start_date, task.start_on) = (None, None),
            Change::Set(start) => {
                let (at, on) = start.of(task, zone)?;
                (task.start_date, task.start_on) = (Some(at), on);
            }
        }
        match deadline {
            Change::Keep => {}
            Change::Clear => (task.deadline_date, task.deadline_on) = (None, None),
            Change::Set(due) => (task.deadline_date, task.deadline_on) = (Some(due.at()), due.on()),
        }
        estimate.clone().apply(&mut task.estimate);
        position.clone().apply(&mut task.position);
        Ok(())
    }

    /// Returns what it says of other occurrences of a recurring task: how long they take, but no dates.
    #[must_use]
    pub(crate) fn of_others(&self) -> Self {
        let Self { start: _, deadline: _, estimate, position: _ } = self;
        Self { estimate: estimate.clone(), ..Self::default() }
    }
}
