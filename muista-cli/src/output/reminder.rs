//! Reminders in words: when one fires next, how it repeats, by which channels.

use muista_core::model::{Channel, RecurrenceType, Reminder, ShortId};
use muista_core::time::Instant;

use super::{Cell, Column, Noun, Paint, Shape, View, due};

impl Noun for Reminder {
    const FIELDS: &'static [&'static str] = &[
        "id",
        "taskId",
        "taskNumber",
        "taskTitle",
        "schedule",
        "recurrenceType",
        "interval",
        "words",
        "startAt",
        "endAt",
        "timezone",
        "channels",
        "nag",
        "lastTriggeredAt",
        "nextTriggerAt",
        "zoneUnknown",
        "regularAt",
        "repeatAt",
        "acknowledgedAt",
        "note",
        "version",
        "createdAt",
        "updatedAt",
    ];

    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::new("#", Shape::Number, |reminder: &Self, _| Cell::new(reminder.task_number.to_string())),
            Column::new("Task", Shape::Text, |reminder: &Self, _| Cell::new(reminder.task_title.clone())),
            Column::new("Next", Shape::Short, |reminder: &Self, view| match reminder.next_trigger_at {
                Some(_) if reminder.zone_unknown => {
                    Cell::new(at_rest(reminder.timezone.as_deref())).paint(Paint::Alarm)
                }
                Some(at) => Cell::new(at_words(at, view)),
                None => Cell::new("not active").paint(Paint::Faint),
            }),
            Column::new("How", Shape::Text, |reminder: &Self, view| Cell::new(how(reminder, view).unwrap_or_default())),
            Column::new("Nag", Shape::Short, |reminder: &Self, _| {
                Cell::new(reminder.nag.as_deref().map(plain).unwrap_or_default())
            }),
            Column::new("By", Shape::Short, |reminder: &Self, _| Cell::new(names(&reminder.channels))),
            Column::new("Note", Shape::Text, |reminder: &Self, _| Cell::new(reminder.note.clone().unwrap_or_default())),
            Column::ids("Reminder", ShortId::LEAST, |reminder: &Self| reminder.id),
        ]
    }

    fn key(&self) -> String {
        self.id.to_string()
    }
}

/// An instant in the user's zone: `tomorrow at 9:00`, with seconds where it has any.
pub(crate) fn at_words(at: Instant, view: &View) -> String {
    let local = at.in_zone(&view.context.zone);
    let format = if local.second() == 0 { "%-H:%M" } else { "%-H:%M:%S" };
    format!("{} at {}", due::day(local.date(), &view.context), local.strftime(format))
}

/// What stands in place of the next time where the zone of a schedule is not known.
pub(crate) fn at_rest(zone: Option<&str>) -> String {
    format!("at rest: {} is unknown", zone.unwrap_or("its zone"))
}

/// How it repeats and until when, or counts from the due; none for one that fires once.
fn how(reminder: &Reminder, view: &View) -> Option<String> {
    let how = match reminder.recurrence_type {
        RecurrenceType::Once => return None,
        RecurrenceType::Relative => from_due(&reminder.schedule),
        RecurrenceType::Cron | RecurrenceType::Interval => {
            reminder.words.as_ref().unwrap_or(&reminder.schedule).clone()
        }
    };
    let until = reminder.end_at.map(|end| format!(" until {}", due::moment(end, &view.context)));
    Some(how + &until.unwrap_or_default())
}

/// An offset from the due: `PT30M before due`.
fn from_due(schedule: &str) -> String {
    match (schedule.strip_prefix('-'), schedule) {
        (_, "PT0S") => "at due".to_owned(),
        (Some(length), _) => format!("{} before due", plain(length)),
        (None, length) => format!("{} after due", plain(length)),
    }
}

/// An ISO 8601 duration as one writes it: `PT1H30M` is `1h 30min`.
fn plain(duration: &str) -> String {
    let span: Option<jiff::Span> = duration.parse().ok();
    let Some(span) = span else { return duration.to_owned() };
    let units = [
        (i64::from(span.get_years()), "y"),
        (i64::from(span.get_months()), "mo"),
        (i64::from(span.get_weeks()), "w"),
        (i64::from(span.get_days()), "d"),
        (i64::from(span.get_hours()), "h"),
        (span.get_minutes(), "min"),
        (span.get_seconds(), "s"),
    ];
    let parts: Vec<String> =
        units.iter().filter(|(count, _)| *count != 0).map(|(count, unit)| format!("{count}{unit}")).collect();
    if parts.is_empty() { duration.to_owned() } else { parts.join(" ") }
}

/// Channels by name.
pub(crate) fn names(channels: &[Channel]) -> String {
    channels.iter().map(|channel| channel.as_str()).collect::<Vec<_>>().join(", ")
}

/// When and how a reminder fires, in a line: `tomorrow at 9:00 by email, then every day, repeated every 15min until
/// acknowledged`.
pub(crate) fn summary(reminder: &Reminder, usual: &[Channel], view: &View) -> String {
    let nag = reminder.nag.as_deref().map(|nag| format!(", repeated every {} until acknowledged", plain(nag)));
    schedule(reminder, usual, view) + &nag.unwrap_or_default()
}

fn schedule(reminder: &Reminder, usual: &[Channel], view: &View) -> String {
    let channels = if reminder.channels.is_empty() { usual } else { &reminder.channels };
    let by = format!(" by {}", names(channels));
    let how = how(reminder, view);
    if reminder.zone_unknown {
        let how = how.map(|how| format!("{how}, ")).unwrap_or_default();
        return format!("{how}{}", at_rest(reminder.timezone.as_deref()));
    }
    match (reminder.next_trigger_at, reminder.recurrence_type, how) {
        (Some(at), RecurrenceType::Relative, Some(how)) => format!("{}{by}, {how}", at_words(at, view)),
        (Some(at), _, Some(how)) => format!("{}{by}, then {how}", at_words(at, view)),
        (Some(at), _, None) => format!("{}{by}", at_words(at, view)),
        (None, _, Some(how)) => format!("{how}{by}, not active now"),
        (None, _, None) => format!("once{by}, not active any more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_worded_as_it_is_written() {
        for (schedule, expected) in [
            ("-PT30M", "30min before due"),
            ("-PT90M", "90min before due"),
            ("-P1DT2H", "1d 2h before due"),
            ("P1W", "1w after due"),
            ("PT0S", "at due"),
        ] {
            assert_eq!(from_due(schedule), expected);
        }
    }
}
