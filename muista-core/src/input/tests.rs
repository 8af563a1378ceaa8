//! What is read of the documents, and that what their schemas promise is read.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use proptest::prelude::*;
use proptest::string::string_regex;
use serde_json::{Value, json};

use super::schema::{CRON, DUE, DURATION, LENGTH, OFFSET, RECURRENCE, WHEN};
use super::*;
use crate::model::{Change, DueFilter, NewReminder, Status, Trigger};
use crate::time::{self, Duration};

/// Noon on Saturday 21 November 2026 in Helsinki.
fn context() -> Context {
    let now = "2026-11-21T10:00:00Z".parse().unwrap();
    Context { now, zone: time::zone("Europe/Helsinki").unwrap(), date_order: None }
}

fn reminder(document: Value) -> Result<NewReminder> {
    serde_json::from_value::<ReminderInput>(document).unwrap().read(&context())
}

fn shown(new: &NewReminder) -> String {
    match &new.trigger {
        Trigger::At(at) => at.to_string(),
        Trigger::FromDue(offset) => offset.to_string(),
        Trigger::Length(length) => format!("{length} before the due or from now"),
        Trigger::Every { rule, .. } => {
            format!("{rule} from {}", new.start.map_or_else(String::new, |at| at.to_string()))
        }
    }
}

#[test]
fn a_reminder_may_be_written_as_words_or_as_fields() {
    for (document, expected) in [
        (json!({"at": "tomorrow"}), "2026-11-22T07:00:00Z"),
        (json!({"at": "1h before"}), "-PT1H"),
        (json!({"at": "1h"}), "PT1H before the due or from now"),
        (json!({"at": "1h", "recurrenceType": "RELATIVE"}), "-PT1H"),
        (json!({"at": "1h", "recurrenceType": "ONCE"}), "2026-11-21T11:00:00Z"),
        (json!({"at": "in 1h"}), "2026-11-21T11:00:00Z"),
        (json!({"at": "1h", "every": "P1D"}), "P1D from 2026-11-21T11:00:00Z"),
        (json!({"every": "weekdays at 8:30"}), "0 30 8 * * 1-5 from "),
        (json!({"every": "P1D", "at": "tomorrow 18:00"}), "P1D from 2026-11-22T16:00:00Z"),
        (json!({"schedule": "0 9 * * *", "recurrenceType": "CRON"}), "0 9 * * * from "),
        (json!({"schedule": "PT30M", "startAt": "2026-12-01T06:00:00Z"}), "PT30M from 2026-12-01T06:00:00Z"),
        (json!({"recurrenceType": "INTERVAL", "interval": "PT30M"}), "PT30M from "),
        (json!({"recurrenceType": "INTERVAL", "interval": "P1D", "schedule": "P1D"}), "P1D from 2026-11-21T07:00:00Z"),
        (json!({"schedule": "-PT30M", "recurrenceType": "RELATIVE"}), "-PT30M"),
        (json!({"schedule": "2026-12-01T06:00:00Z", "recurrenceType": "ONCE"}), "2026-12-01T06:00:00Z"),
    ] {
        assert_eq!(shown(&reminder(document.clone()).unwrap()), expected, "{document}");
    }
    let new =
        reminder(json!({"at": "9:00", "timezone": "America/New_York", "endAt": "eom", "channel": "SMS"})).unwrap();
    assert_eq!((shown(&new).as_str(), new.channels.len()), ("2026-11-21T14:00:00Z", 1));
    assert_eq!(new.end.unwrap().to_string(), "2026-12-01T04:59:59Z");
}

#[test]
fn a_number_of_times_ends_a_reminder_with_the_last_of_them() {
    for (every, last) in [
        ("every fri for 2 times", "2026-12-04T07:00:00Z"),
        ("every fri at 18:00 for 2 times", "2026-12-04T16:00:00Z"),
        ("every 3 days 2 times", "2026-11-27T07:00:00Z"),
        ("every sat at 18:00 1 times", "2026-11-21T16:00:00Z"),
    ] {
        let end = reminder(json!({"every": every})).unwrap().end;
        assert_eq!(end.map(|end| end.to_string()).as_deref(), Some(last), "{every}");
    }
    let begun = reminder(json!({"every": "every 3 days 2 times", "at": "2026-12-01 8:00"})).unwrap();
    assert_eq!(begun.end.map(|end| end.to_string()).as_deref(), Some("2026-12-04T06:00:00Z"));
}

#[test]
fn a_reminder_that_makes_no_sense_is_refused_by_its_field() {
    for (document, field) in [
        (json!({}), "at"),
        (json!({"at": "soon"}), "at"),
        (json!({"at": "none"}), "at"),
        (json!({"at": "tomorrow", "schedule": "2026-12-01T06:00:00Z", "recurrenceType": "ONCE"}), "at"),
        (json!({"at": "1h before", "every": "P1D"}), "at"),
        (json!({"every": "P1D", "schedule": "P1D"}), "schedule"),
        (json!({"schedule": "P1D", "interval": "P2D"}), "interval"),
        (json!({"schedule": "P1D", "recurrenceType": "CRON"}), "recurrenceType"),
        (json!({"every": "P1D", "at": "tomorrow", "startAt": "tomorrow"}), "startAt"),
        (json!({"every": "every! 2 months"}), "every"),
        (json!({"schedule": "0 0 31 2 *"}), "schedule"),
        (json!({"at": "tomorrow", "timezone": "Nowhere"}), "timezone"),
        (json!({"at": "tomorrow", "endAt": "whenever"}), "endAt"),
        (json!({"at": "tomorrow", "nag": "often"}), "nag"),
        (json!({"at": "tomorrow", "note": "a\u{1b}b"}), "note"),
    ] {
        let error = reminder(document.clone()).unwrap_err();
        assert_eq!(error.field.as_deref(), Some(field), "{document}: {error}");
        assert!(error.hint.is_some(), "{document}");
    }
}

#[test]
fn a_task_is_due_by_either_field() {
    let read = |document: Value| serde_json::from_value::<TaskInput>(document).unwrap().read(&context());
    let task = read(json!({"title": "a", "dueDate": "friday", "reminder": {"at": "1h"}})).unwrap();
    assert_eq!(task.due.as_ref().and_then(Due::on).map(|day| day.to_string()).as_deref(), Some("2026-11-27"));
    assert_eq!(task.reminders[0].trigger, Trigger::Length(Duration::read("PT1H").unwrap()));
    let same = read(json!({"title": "a", "dueOn": "2026-11-27", "dueDate": "2026-11-27T23:59:59+02:00"})).unwrap();
    assert_eq!(same.due, task.due);
    assert_eq!(read(json!({"title": "a", "dueDate": "none", "description": " "})).unwrap().due, None);
    for (document, field) in [
        (json!({"title": "a", "dueOn": "friday"}), "dueOn"),
        (json!({"title": "a", "dueOn": "2026-11-27T10:00"}), "dueOn"),
        (json!({"title": "a", "dueOn": "2026-11-27", "dueDate": "tomorrow"}), "dueOn"),
        (json!({"title": "a", "dueDate": "1/2"}), "dueDate"),
        (json!({"title": "a", "every": "every 0 days"}), "every"),
        (json!({"title": "a", "note": "\u{7}"}), "note"),
        (json!({"title": "a", "reminder": {}}), "reminder.at"),
        (json!({"title": "a", "reminders": [{"at": "1h"}, {"at": "x"}]}), "reminders[1].at"),
    ] {
        assert_eq!(read(document.clone()).unwrap_err().field.as_deref(), Some(field), "{document}");
    }
}

#[test]
fn null_empties_and_what_is_left_out_stays() {
    let read = |document: Value| serde_json::from_value::<TaskChanges>(document).unwrap().read(&context()).unwrap();
    assert!(read(json!({})).is_empty());
    let patch = read(json!({"note": null, "dueDate": null, "tags": null, "every": null, "description": ""}));
    assert_eq!((&patch.note, &patch.due, &patch.description), (&Change::Clear, &Change::Clear, &Change::Clear));
    assert_eq!((patch.tags, patch.every), (Some(Vec::new()), Change::Clear));
    let patch = read(json!({"dueDate": null, "dueOn": "2026-11-27", "completed": false}));
    assert!(matches!(patch.due, Change::Set(due) if due.on().is_some()));
    assert_eq!(patch.completed, Some(false));
    for field in ["title", "category", "priority", "completed", "version"] {
        assert!(serde_json::from_value::<TaskChanges>(json!({field: null})).is_err(), "{field}");
    }
}

#[test]
fn a_query_says_what_a_list_holds() {
    let read = |query: TaskQuery| query.read(Status::Open, &context());
    let query = TaskQuery { tag: vec!["none".to_owned()], due: Some("today".to_owned()), ..TaskQuery::default() };
    let listing = read(query).unwrap();
    assert!(listing.filter.untagged && listing.filter.due.is_some());
    assert_eq!((listing.page.limit, listing.filter.status), (50, Status::Open));
    for (query, field) in [
        (TaskQuery { due: Some("whenever".to_owned()), ..TaskQuery::default() }, "due"),
        (TaskQuery { tag: vec!["a,b".to_owned()], ..TaskQuery::default() }, "tag"),
        (TaskQuery { limit: Some(0), ..TaskQuery::default() }, "limit"),
        (TaskQuery { limit: Some(201), ..TaskQuery::default() }, "limit"),
        (TaskQuery { sort: Some("size!".to_owned()), ..TaskQuery::default() }, "sort"),
        (TaskQuery { project: Some(String::new()), ..TaskQuery::default() }, "project"),
    ] {
        assert_eq!(read(query).unwrap_err().field.as_deref(), Some(field), "{field}");
    }
}

/// Texts that a pattern of the document allows.
fn of(pattern: &str) -> impl Strategy<Value = String> + use<> {
    string_regex(pattern.trim_start_matches('^').trim_end_matches('$')).unwrap()
}

proptest! {
    #[test]
    fn what_a_pattern_promises_is_read(
        when in of(WHEN), length in of(LENGTH), offset in of(OFFSET), words in of(RECURRENCE), cron in of(CRON),
        interval in of(DURATION), due in of(DUE),
    ) {
        let context = context();
        prop_assert!(super::due(&when, &context).is_ok(), "{when}");
        prop_assert!(DueFilter::read(&when, &context).is_ok(), "{when}");
        prop_assert!(when == "none" || trigger(&when, &context).is_ok(), "{when}");
        prop_assert!(Duration::read(&length).is_ok(), "{length}");
        prop_assert!(matches!(trigger(&offset, &context), Ok(Trigger::FromDue(_))), "{offset}");
        for text in [&words, &cron, &interval] {
            let read = reminder(json!({"every": text}));
            prop_assert!(read.is_ok(), "{text}: {read:?}");
            prop_assert!(crate::model::NewSeries::read(text, &context).is_ok(), "{text}");
        }
        let read = DueFilter::read(&due, &context);
        prop_assert!(read.is_ok(), "{due}: {read:?}");
    }
}
