//! Conditions that compare: times and numbers; and the states of tasks that are made of them.

use std::cmp::Ordering;

use super::keys::Key;
use super::term::any;
use crate::error::{Error, Result};
use crate::input::of_field;
use crate::model::{Belonging, Condition, DateField, DueFilter, Query, Status, WorkTime, clip, shown};
use crate::time::{Context, Range, range};

/// How a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Is,
    IsNot,
    Before,
    Through,
    From,
    After,
    None,
    Any,
}

impl Comparison {
    /// Returns whether it asks for what is more or less.
    pub(super) fn is_order(self) -> bool {
        matches!(self, Self::Before | Self::Through | Self::From | Self::After)
    }

    /// Returns whether it holds of a value that stands so beside the one compared with.
    pub(super) fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Before => ordering.is_lt(),
            Self::Through => ordering.is_le(),
            Self::From => ordering.is_ge(),
            Self::After => ordering.is_gt(),
            Self::Is => ordering.is_eq(),
            Self::IsNot => ordering.is_ne(),
            Self::None | Self::Any => false,
        }
    }
}

/// Reads a time, or a list of times of which any may be meant. A comma may also stand within one, as in `jan 27, 2027`.
pub(super) fn any_of(key: Key, text: &str, context: &Context) -> Result<Query> {
    let refusal = match one(key, text, context) {
        Err(refusal) if text.contains(',') => refusal,
        read => return read,
    };
    let each = text.split(',').map(|text| one(key, text, context));
    each.collect::<Result<Vec<_>>>().map(Query::Any).map_err(|_| refusal)
}

fn one(key: Key, text: &str, context: &Context) -> Result<Query> {
    match key {
        Key::Date(field) => date(field, text, context),
        key => {
            let span = range(text, context).map_err(|error| of_field(key.name(), error))?;
            Ok(Query::Is(condition(key, span, context)))
        }
    }
}

fn date(field: DateField, text: &str, context: &Context) -> Result<Query> {
    let when = DueFilter::read(text, context).map_err(|error| of_field(field.name(), error))?;
    Ok(Query::Is(Condition::date(field, when)))
}

fn condition(key: Key, span: Range, context: &Context) -> Condition {
    match key {
        Key::Created => Condition::Created(span),
        Key::Updated => Condition::Updated(span),
        Key::Date(field) => Condition::date(field, DueFilter::within(span, context)),
        _ => Condition::Completed(span),
    }
}

/// Reads a time that others come before or after. Of a day, a week and the like, before is before it begins, after is
/// after it ends.
pub(super) fn ordered(key: Key, comparison: Comparison, text: &str, context: &Context) -> Result<Query> {
    let span = range(text, context).map_err(|error| of_field(key.name(), error))?;
    let (from, until) = match comparison {
        Comparison::Before => (None, span.from),
        Comparison::Through => (None, span.until),
        Comparison::From => (span.from, None),
        _ => (span.until, None),
    };
    if from.or(until).is_none() {
        let message = format!("“{}” has no such bound to compare with", shown(&clip(text)));
        return Err(Error::invalid(key.name(), message).hint(format!("write one date, as in {}<fri", key.name())));
    }
    Ok(Query::Is(condition(key, Range { from, until }, context)))
}

/// Reads numbers of tasks: `7`, `3,5` or `3..9`.
pub(super) fn numbers(text: &str) -> Result<Query> {
    let mut queries = Vec::new();
    for part in text.split(',') {
        let (from, until) = match part.split_once("..").or_else(|| part.split_once('-')) {
            Some((from, until)) if from.trim().is_empty() => (i64::MIN, number(until)?),
            Some((from, until)) if until.trim().is_empty() => (number(from)?, i64::MAX),
            Some((from, until)) => (number(from)?, number(until)?),
            None => (number(part)?, number(part)?),
        };
        if from > until {
            return Err(Error::invalid("number", format!("“{}” ends before it begins", shown(&clip(part))))
                .hint(format!("write it as number:{until}..{from}")));
        }
        queries.push(Query::Is(Condition::Number(from, until)));
    }
    Ok(any(queries))
}

/// Reads a number that others are below or above.
pub(super) fn beyond(comparison: Comparison, text: &str) -> Result<Query> {
    let (from, until) = around(comparison, number(text)?);
    Ok(Query::Is(Condition::Number(from, until)))
}

/// Returns the whole numbers that stand so beside one.
fn around(comparison: Comparison, number: i64) -> (i64, i64) {
    match comparison {
        Comparison::Before => (i64::MIN, number - 1),
        Comparison::Through => (i64::MIN, number),
        Comparison::From => (number, i64::MAX),
        _ => (number + 1, i64::MAX),
    }
}

/// Reads estimates: `30min`, `15min,1h` or `15min..1h`.
pub(super) fn estimates(text: &str) -> Result<Query> {
    let seconds = |text: &str| WorkTime::read(text).map(WorkTime::seconds);
    let mut queries = Vec::new();
    for part in text.split(',') {
        let (from, until) = match part.split_once("..") {
            Some((from, "")) => (seconds(from)?, i64::MAX),
            Some(("", until)) => (i64::MIN, seconds(until)?),
            Some((from, until)) => (seconds(from)?, seconds(until)?),
            None => (seconds(part)?, seconds(part)?),
        };
        queries.push(Query::Is(Condition::Estimate(from, until)));
    }
    Ok(any(queries))
}

/// Reads an estimate that others are below or above.
pub(super) fn estimate_beyond(comparison: Comparison, text: &str) -> Result<Query> {
    let (from, until) = around(comparison, WorkTime::read(text)?.seconds());
    Ok(Query::Is(Condition::Estimate(from, until)))
}

fn number(text: &str) -> Result<i64> {
    let text = text.trim();
    text.parse().ok().filter(|number| (0..i64::MAX).contains(number)).ok_or_else(|| {
        Error::invalid("number", format!("“{}” is not the number of a task", shown(&clip(text))))
            .hint("numbers look like number:7, number:3,5 or number:3..9")
    })
}

/// The names of a state, and the query that it is.
type State = (&'static [&'static str], fn(&Context) -> Query);

/// The states of tasks.
const STATES: &[State] = &[
    (&["open", "pending"], |_| status(Status::Open)),
    (&["waiting"], |_| status(Status::Waiting)),
    (&["done", "completed"], |_| status(Status::Done)),
    (&["overdue"], |context| {
        Query::All(vec![
            Query::Is(Condition::Unfinished),
            Query::Is(Condition::date(DateField::Due, DueFilter::overdue(context))),
        ])
    }),
    (&["blocked", "waits"], |_| has(Belonging::OpenPrerequisite)),
    (&["unblocked"], |_| has(Belonging::OpenPrerequisite).negated()),
    (&["blocking"], |_| has(Belonging::OpenDependent)),
    (&["ready"], |_| {
        let waiting = Query::Is(Condition::Waiting);
        Query::All(vec![
            Query::Is(Condition::Unfinished),
            waiting.negated(),
            has(Belonging::OpenPrerequisite).negated(),
        ])
    }),
    (&["active"], |_| has(Belonging::Running)),
    (&["recurring"], |_| has(Belonging::Recurrence)),
    (&["shared"], |_| has(Belonging::Members)),
    (&["subtask"], |_| has(Belonging::Parent)),
    (&["parent"], |_| has(Belonging::Subtask)),
];

fn status(status: Status) -> Query {
    Query::Is(Condition::Status(status))
}

fn has(belonging: Belonging) -> Query {
    Query::Is(Condition::Has(belonging))
}

/// Returns the names of the states.
pub(super) fn states() -> Vec<&'static str> {
    STATES.iter().filter_map(|(names, _)| names.first().copied()).collect()
}

/// Returns the query for a state, named in lower case.
pub(super) fn state(name: &str, context: &Context) -> Option<Query> {
    STATES.iter().find(|(names, _)| names.contains(&name)).map(|(_, query)| query(context))
}

/// Returns what one of Taskwarrior's virtual tags means. They are written in capitals; `tag:OVERDUE` is a tag of that name.
pub(super) fn virtual_tag(name: &str, context: &Context) -> Option<Query> {
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let span = |words| date(DateField::Due, words, context).ok();
    match name {
        "PENDING" => state("open", context),
        "COMPLETED" => state("done", context),
        "WAITING" => state("waiting", context),
        "ACTIVE" | "OVERDUE" | "BLOCKED" | "UNBLOCKED" | "BLOCKING" | "READY" => {
            state(&name.to_ascii_lowercase(), context)
        }
        "TODAY" | "DUETODAY" => span("today"),
        "TOMORROW" | "YESTERDAY" | "WEEK" | "MONTH" | "QUARTER" | "YEAR" => span(name),
        "TAGGED" => Some(has(Belonging::Tag)),
        "PROJECT" => Some(has(Belonging::Project)),
        "ANNOTATED" => Some(has(Belonging::Comment)),
        "CHILD" => Some(has(Belonging::Parent)),
        "PARENT" => Some(has(Belonging::Subtask)),
        _ => None,
    }
}
