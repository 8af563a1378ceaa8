//! User defined attributes are own fields. What is no value of one, as an attribute of another shape, goes into the note; an
//! own field whose name Taskwarrior would not take stands in an attribute of our own, `muistafields`.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::{CORE, INSTANTS, goes_back, own, stamp};
use crate::format::notices::{Fate, Notices};
use crate::format::records::Record;
use crate::format::source::Source;
use crate::model::{FieldName, FieldValue, FieldValues, Task};
use crate::time::Instant;

/// The most characters of a text that a field holds.
const TEXT_MAX: usize = 500;
/// The farthest number that a field holds.
const NUMBER_MAX: f64 = 1e15;

/// Takes out the attributes that are values of own fields. Local midnights are days of `zone`.
pub(super) fn read(source: &mut Source, zone: &TimeZone, notices: &mut Notices) -> FieldValues {
    let taken = source.take_all(|name, value| value_of(name, value, zone));
    taken.iter().for_each(|(name, _)| notices.field(Fate::InField, name));
    taken.into_iter().collect()
}

fn value_of(name: &str, value: &Value, zone: &TimeZone) -> Option<FieldValue> {
    if CORE.contains(&name) || INSTANTS.contains(&name) || FieldName::parse(name).is_err() {
        return None;
    }
    let text = match value {
        Value::Number(number) => {
            let fits = number.as_f64().is_some_and(|number| number.abs() <= NUMBER_MAX);
            return fits.then(|| FieldValue::Number(number.clone()));
        }
        Value::String(text) => text.trim(),
        _ => return None,
    };
    let is_line = !text.is_empty() && text.chars().count() <= TEXT_MAX && !text.chars().any(char::is_control);
    if !is_line || ["none", "any"].iter().any(|word| text.eq_ignore_ascii_case(word)) {
        return None;
    }
    let day = stamp::read(text).map(|at| (at, at.date_in(zone)));
    let day = day.filter(|(at, day)| *at == Instant::start_of(*day, zone)).map(|(_, day)| day.to_string());
    Some(FieldValue::Text(day.unwrap_or_else(|| text.to_owned())))
}

/// Writes the values of own fields.
pub(super) fn write(task: &Task, record: &mut Record) {
    let mut rest = FieldValues::new();
    for (name, value) in &task.fields {
        if goes_back(name, &value.to_string()) && !record.contains_key(name) {
            record.insert(name.clone(), json!(value));
        } else {
            rest.insert(name.clone(), value.clone());
        }
    }
    if !rest.is_empty() {
        record.insert(own::FIELDS.to_owned(), json!(json!(rest).to_string()));
    }
}
