//! When a task is worked on, as texts: its start, deadline, estimate and place. The same words serve the documents of REST
//! and MCP, the command line's flags and the words of quick-add.

use jiff::civil::Date;

use super::{both, due_of, of_field};
use crate::error::{Error, Result};
use crate::model::{Change, DateField, Due, Planning, Start, WorkTime, clip, shown};
use crate::time::{Context, Duration, When};

/// What is said of when a task is worked on, as texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanningTexts {
    /// Until when it waits: a date or an instant in any words, or so long before the due, as in `due-2w`.
    pub start_date: Change<String>,
    /// The date it waits until, as in `2026-11-21`.
    pub start_on: Change<String>,
    /// When it must be done at the latest, in any words.
    pub deadline_date: Change<String>,
    /// The date it must be done on at the latest, as in `2026-11-21`.
    pub deadline_on: Change<String>,
    /// How long it will take.
    pub estimate: Change<String>,
    /// Its place in an order by hand.
    pub position: Change<i64>,
}

/// Declares a document of a task that has, in the place of `planning`, what is said of when it is worked on.
macro_rules! with_planning {
    (
        $(#[$of_document:meta])*
        pub struct $document:ident {
            { $($before:tt)* }
            planning
            { $($after:tt)* }
        }
    ) => {
        $(#[$of_document])*
        pub struct $document {
            $($before)*
            /// Until when it waits, hidden from lists: RFC 3339, a date in words, or so long before the due, as in `due-2w`.
            #[serde(default)]
            #[schema(schema_with = schema::when)]
            pub start_date: Change<String>,
            /// The date it waits until, as in `2026-11-21`.
            #[serde(default)]
            #[schema(value_type = Option<String>, format = Date)]
            pub start_on: Change<String>,
            /// When it must be done at the latest: RFC 3339, or a date in words. A new due leaves it as it is.
            #[serde(default)]
            #[schema(schema_with = schema::when)]
            pub deadline_date: Change<String>,
            /// The date it must be done on at the latest, as in `2026-11-21`.
            #[serde(default)]
            #[schema(value_type = Option<String>, format = Date)]
            pub deadline_on: Change<String>,
            /// How long it will take, as in `PT15M` or `1h 30min`.
            #[serde(default)]
            #[schema(schema_with = schema::work_time)]
            pub estimate: Change<String>,
            /// Its place in an order by hand; lists sort by it with `sort=position`.
            #[serde(default, deserialize_with = "whole_number")]
            #[schema(value_type = Option<i64>, minimum = -1_000_000_000_000_i64, maximum = 1_000_000_000_000_i64)]
            pub position: Change<i64>,
            $($after)*
        }

        impl $document {
            /// Takes out what is said of when the task is worked on.
            fn take_planning(&mut self) -> PlanningTexts {
                use std::mem::take;
                PlanningTexts {
                    start_date: take(&mut self.start_date),
                    start_on: take(&mut self.start_on),
                    deadline_date: take(&mut self.deadline_date),
                    deadline_on: take(&mut self.deadline_on),
                    estimate: take(&mut self.estimate),
                    position: take(&mut self.position),
                }
            }

            /// Says when the task is worked on.
            #[must_use]
            pub(crate) fn with_planning(mut self, texts: PlanningTexts) -> Self {
                let PlanningTexts { start_date, start_on, deadline_date, deadline_on, estimate, position } = texts;
                (self.start_date, self.start_on) = (start_date, start_on);
                (self.deadline_date, self.deadline_on) = (deadline_date, deadline_on);
                (self.estimate, self.position) = (estimate, position);
                self
            }
        }
    };
}
pub(super) use with_planning;

/// Makes a document of a task that says nothing of when it is worked on.
macro_rules! without_planning {
    ($document:ident { $($fields:tt)* }) => {
        $document {
            $($fields)*
            start_date: Change::Keep,
            start_on: Change::Keep,
            deadline_date: Change::Keep,
            deadline_on: Change::Keep,
            estimate: Change::Keep,
            position: Change::Keep,
        }
    };
}
pub(super) use without_planning;

impl PlanningTexts {
    /// Reads all that is said.
    ///
    /// # Errors
    /// `Invalid`, naming the field that is not understood.
    pub fn read(&self, context: &Context) -> Result<Planning> {
        let Self { start_date: _, start_on: _, deadline_date, deadline_on, estimate: length, position } = self;
        Ok(Planning {
            start: self.start(context)?,
            deadline: date(DateField::Deadline, (deadline_date, deadline_on), context)?,
            estimate: match length {
                Change::Keep => Change::Keep,
                Change::Clear => Change::Clear,
                Change::Set(text) if clears(text) => Change::Clear,
                Change::Set(text) => Change::Set(estimate(text)?),
            },
            position: position.clone(),
        })
    }

    fn start(&self, context: &Context) -> Result<Change<Start>> {
        if self.start_date.is_keep() && self.start_on.is_keep() {
            return Ok(Change::Keep);
        }
        let date = match &self.start_date {
            Change::Set(text) => start(text, context)?,
            _ => None,
        };
        let Change::Set(text) = &self.start_on else { return Ok(Change::from_option(date)) };
        let on = Start::new(&When::On(day("startOn", text)?), &context.zone);
        match (date, on) {
            (Some(date), on) if Some(&date) != on.as_ref() => {
                Err(Error::invalid("startOn", "startDate and startOn say different times")
                    .hint("leave out one of them"))
            }
            (_, on) => Ok(Change::from_option(on)),
        }
    }
}

/// Reads what both texts of a date say together; one of them that empties it gives way to the other.
pub(super) fn date(
    field: DateField,
    (date, on): (&Change<String>, &Change<String>),
    context: &Context,
) -> Result<Change<Due>> {
    if date.is_keep() && on.is_keep() {
        return Ok(Change::Keep);
    }
    let date = match date {
        Change::Set(text) => due_of(field.at_key(), text, context)?,
        _ => None,
    };
    let on = match on {
        Change::Set(text) => Due::new(&When::On(day(field.on_key(), text)?), &context.zone),
        _ => None,
    };
    both(field.at_key(), field.on_key(), date, on).map(Change::from_option)
}

/// Reads a start: a date or an instant in any words, or so long before or after the due, as in `due-2w`; none for `none`.
///
/// # Errors
/// `Invalid` for what is no date.
pub fn start(text: &str, context: &Context) -> Result<Option<Start>> {
    let text = text.trim();
    let behind = text.get(..3).filter(|word| word.eq_ignore_ascii_case("due")).and_then(|_| text.get(3..));
    if let Some(length) = behind.map(str::trim).filter(|rest| rest.is_empty() || rest.starts_with(['-', '+'])) {
        let length = if length.is_empty() { "+0d" } else { length };
        let length = Duration::read(length).map_err(|error| of_field("startDate", error))?;
        return Ok(Some(Start::FromDue(length)));
    }
    let when = When::read(text, context).map_err(|error| of_field("startDate", error))?;
    Ok(Start::new(&when, &context.zone))
}

/// Reads how long a task will take, which is not nothing.
fn estimate(text: &str) -> Result<WorkTime> {
    let read = WorkTime::read(text).map_err(|error| of_field("estimate", error))?;
    if read.seconds() == 0 {
        return Err(Error::invalid("estimate", format!("“{}” is no time at all", shown(&clip(text))))
            .hint("give a length, as in 30min, or none where it is not known"));
    }
    Ok(read)
}

fn clears(text: &str) -> bool {
    text.trim().is_empty() || text.trim().eq_ignore_ascii_case("none")
}

/// Reads a date, as `2026-11-21`.
pub(super) fn day(field: &str, text: &str) -> Result<Date> {
    let date = Date::strptime("%Y-%m-%d", text).ok().filter(|_| text.len() == 10);
    date.ok_or_else(|| {
        let words = field.replace("On", "Date");
        Error::invalid(field, format!("“{}” is not a date", shown(&clip(text))))
            .hint(format!("write it as 2026-11-21; words go into {words}"))
    })
}
