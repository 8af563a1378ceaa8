//! The tasks of a template, made with values in its places and dates counted from the due of the whole.

use std::collections::BTreeMap;

use jiff::Span;
use jiff::tz::TimeZone;

use crate::error::{Error, Result};
use crate::model::template::{filled, refuse_values};
use crate::model::{
    Due, FieldChanges, FieldValues, Id, NewReminder, NewTask, ProjectRef, TagName, Task, TaskTemplate, TemplateDue,
    TemplateTask, TemplateUse, Text, Title, Trigger, fold,
};
use crate::service::task::relations;
use crate::service::tx::Tx;
use crate::service::{Settings, field, task};
use crate::store;
use crate::store::rows::TaskRow;
use crate::time::{self, Instant, When};

/// Makes the tasks of a template; returns them, the whole first.
///
/// # Errors
/// `Invalid` for values that do not go with the template, and for what they make of it; those of making a task.
pub(super) fn make(
    tx: &mut Tx<'_>,
    settings: &Settings,
    template: &TaskTemplate,
    with: TemplateUse,
) -> Result<Vec<Task>> {
    refuse_values(template, &with.values)?;
    let zone = tx.caller.timezone.as_deref().and_then(|name| time::zone(name).ok()).unwrap_or(TimeZone::UTC);
    let mut made: Vec<Task> = Vec::with_capacity(template.tasks.len());
    for part in &template.tasks {
        let parent = match part.parent.and_then(|place| made.get(place)) {
            Some(parent) => Some(parent.id.into()),
            None if made.is_empty() => with.parent.clone(),
            None => return Err(Error::internal(format!("the template {} is no tree", template.name))),
        };
        let date = |date: TemplateDue| when(date, with.due.as_ref(), &zone);
        let due = if made.is_empty() {
            with.due.clone()
        } else {
            part.due.and_then(date).and_then(|due| Due::new(&due, &zone))
        };
        let planning = part.plan().map_dates(date).said(&zone);
        let fields = FieldChanges::kept(&fitting(tx, part)?);
        let new = NewTask { parent, due, planning, fields, ..new_task(part, &with.values)? };
        made.push(task::insert(tx, settings, attainable(new))?);
    }
    let waiting = template.tasks.iter().map(|part| part.depends_on.clone()).collect::<Vec<_>>();
    for (place, waits_for) in waiting.into_iter().enumerate() {
        let before: Vec<Id> = waits_for.iter().filter_map(|place| made.get(*place)).map(|task| task.id).collect();
        if let Some(task) = made.get_mut(place).filter(|_| !before.is_empty()) {
            let was = task.clone();
            relations::add_dependencies(tx, task, before)?;
            task.version += 1;
            store::task::update(tx.conn, &TaskRow::from(&*task))?;
            tx.updated(&was, task)?;
        }
    }
    if with.due.is_none() && template.tasks.iter().any(has_dates) {
        tx.notice("the dates of the template count from a due, and none was given".to_owned());
    }
    Ok(made)
}

/// Whether a task has a date that counts from the due of the whole. That of the whole itself is at no distance.
fn has_dates(part: &TemplateTask) -> bool {
    part.parent.is_some() && part.due.is_some() || part.plan().has_dates()
}

/// Returns a task of the template with values in its places.
fn new_task(part: &TemplateTask, values: &BTreeMap<String, String>) -> Result<NewTask> {
    let text = |field: &str, text: &Option<String>| {
        text.as_ref().map_or(Ok(None), |text| Text::parse(field, &filled(text, values)))
    };
    let reminder = |reminder: &NewReminder| {
        let note = reminder.note.as_deref().map_or(Ok(None), |note| Text::parse("note", &filled(note, values)))?;
        Ok(NewReminder { note, ..reminder.clone() })
    };
    Ok(NewTask {
        description: text("description", &part.description)?,
        note: text("note", &part.note)?,
        category: part.category,
        priority: part.priority,
        project: part.project.as_ref().map(|name| filled(name, values).parse::<ProjectRef>()).transpose()?,
        tags: part.tags.iter().map(|tag| TagName::parse(&filled(tag, values))).collect::<Result<_>>()?,
        reminders: part.reminders.iter().map(reminder).collect::<Result<_>>()?,
        ..NewTask::titled(Title::parse(&filled(&part.title, values))?)
    })
}

/// Returns the values of own fields, as far as there still are such fields; the user is told of the others.
fn fitting(tx: &mut Tx<'_>, part: &TemplateTask) -> Result<FieldValues> {
    if part.fields.is_empty() {
        return Ok(FieldValues::new());
    }
    let owner = tx.owner();
    let fields = field::all(tx.conn, owner)?;
    let values = field::value::fitting(&fields, &part.fields);
    for name in part.fields.keys().filter(|name| !values.keys().any(|known| fold(known) == fold(name))) {
        tx.notice(format!("the field {name} of the template is left out, since there is no such field any more"));
    }
    Ok(values)
}

/// Returns a date of a task, where the whole is due then; none beyond the calendar.
fn when(part: TemplateDue, whole: Option<&Due>, zone: &TimeZone) -> Option<When> {
    let whole = whole?;
    let day = whole.on().unwrap_or_else(|| whole.at().date_in(zone));
    let date = day.checked_add(Span::new().try_days(part.days).ok()?).ok()?;
    Some(match part.time {
        None => When::On(date),
        Some(time) => When::At(Instant::from_civil(date.to_datetime(time), zone)?),
    })
}

/// Returns the task without the reminders that count from a due where it has none.
fn attainable(mut new: NewTask) -> NewTask {
    if new.due.is_none() {
        new.reminders.retain(|reminder| !matches!(reminder.trigger, Trigger::FromDue(_)));
    }
    new
}
