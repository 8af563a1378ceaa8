//! Recurring tasks as Taskwarrior has them: a template that is no task to do, and the instances that it makes of it. Here the
//! template is the series, and an instance the open occurrence.

use serde_json::json;

use super::write::record;
use super::{own, recur, stamp};
use crate::format::notices::Notices;
use crate::format::records::Record;
use crate::model::{ExportedTask, Id};

/// Attributes of a task that its template has too, and with it the instances to come. Comments, dependencies and exact times
/// are of one occurrence alone.
const ALIKE: [&str; 6] = ["description", "priority", "project", "tags", "wait", "estimate"];
/// Attributes of our own that are of one occurrence alone.
const APART: [&str; 2] = [own::PLAN, own::TIMES];

/// Returns the task as `task import` takes it: a recurring one as an instance with its template before it, where Taskwarrior
/// can say how it recurs, and `is_first` holds for its series. What Taskwarrior has no place for goes into attributes of our
/// own; what it cannot hold as it is, is told.
pub(crate) fn write(
    exported: &ExportedTask,
    notices: &mut Notices,
    is_first: impl FnOnce(Id) -> bool,
) -> (Option<Record>, Record) {
    let mut record = record(exported, notices);
    let task = &exported.task;
    let words = task.recurrence.as_deref().filter(|_| !task.completed);
    let said = words.and_then(|words| Some((words, recur::of_words(words)?)));
    let Some(((words, recur), series)) = said.zip(task.series_id) else { return (None, record) };
    let bounded = recur::is_bounded(words);
    let due = record.get("due").cloned();
    let end = exported.recurrence_end.filter(|end| stamp::is_writable(*end));
    let (Some(due), true) = (due, bounded == end.is_some() && is_first(series)) else { return (None, record) };
    let mut template = Record::new();
    let own_ones = record.iter().filter(|(name, _)| {
        let is_ours = name.starts_with("muista") && !APART.contains(&name.as_str());
        is_ours || ALIKE.contains(&name.as_str()) || task.fields.contains_key(*name)
    });
    template.extend(own_ones.map(|(name, value)| (name.clone(), value.clone())));
    for (name, value) in [("uuid", json!(series)), ("status", json!("recurring")), ("mask", json!("-")), ("due", due)] {
        template.insert(name.to_owned(), value);
    }
    if let Some(entry) = record.get("entry") {
        template.insert("entry".to_owned(), entry.clone());
    }
    if let Some(end) = end {
        template.insert("until".to_owned(), json!(stamp::write(end)));
    }
    for (name, value) in [("recur", json!(recur)), ("rtype", json!("periodic"))] {
        template.insert(name.to_owned(), value.clone());
        record.insert(name.to_owned(), value);
    }
    record.insert("parent".to_owned(), json!(series));
    record.insert("imask".to_owned(), json!(0));
    (Some(template), record)
}
