//! A template taken from a task: its tree, with dates counted from its due. What cannot be kept is told.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::error::{Error, Result};
use crate::model::template::placeholders;
use crate::model::{
    DateField, Id, NewReminder, NewTemplate, Plan, RecurrenceType, Reminder, Task, TaskDate, TaskTemplate, TemplateDue,
    TemplateTask, Text, Trigger,
};
use crate::service::access::Access;
use crate::service::reminder;
use crate::service::task::assemble;
use crate::service::tx::Tx;
use crate::store;
use crate::time::{self, Duration, Rule};

/// The most tasks of a template.
const TASKS_MAX: usize = 200;
/// The most bytes of a template's texts.
const BYTES_MAX: usize = 1 << 20;

/// What of a tree a template does not keep.
#[derive(Default)]
struct Left {
    dates: usize,
    reminders: usize,
    recurrences: usize,
}

/// Returns the template that a task and its subtasks make.
///
/// # Errors
/// `NotFound` for the task, `Quota` for too many tasks or too much text.
pub(super) fn take(tx: &mut Tx<'_>, new: &NewTemplate) -> Result<TaskTemplate> {
    let owner = tx.owner();
    let root = assemble::find_visible(tx.conn, owner, &new.from)?;
    let tree = tree(tx, root)?;
    let zone = tx.caller.timezone.as_deref().and_then(|name| time::zone(name).ok()).unwrap_or(TimeZone::UTC);
    let places: HashMap<Id, usize> = tree.iter().enumerate().map(|(place, task)| (task.id, place)).collect();
    let anchor = tree.first().and_then(|root| root.due_day(&zone));
    let mut left = Left::default();
    let mut tasks = Vec::with_capacity(tree.len());
    for (place, task) in tree.iter().enumerate() {
        left.recurrences += usize::from(task.recurrence.is_some());
        let depends_on = task.depends_on.iter().filter_map(|id| places.get(id)).copied().collect();
        let due = task.date(DateField::Due).and_then(|due| counted(due, anchor, &zone, &mut left));
        let Plan { start, deadline, estimate, position } =
            task.plan().map_dates(|date| counted(date, anchor, &zone, &mut left));
        tasks.push(TemplateTask {
            title: task.title.clone(),
            description: task.description.clone(),
            note: task.note.clone(),
            category: task.category,
            priority: task.priority,
            project: task.project.clone(),
            tags: task.tags.clone(),
            due,
            start,
            deadline,
            estimate,
            position,
            fields: task.fields.clone(),
            parent: task.parent_id.filter(|_| place > 0).and_then(|parent| places.get(&parent)).copied(),
            depends_on,
            reminders: reminders(tx, task, &mut left)?,
        });
    }
    let bytes: usize = tasks.iter().map(TemplateTask::size).sum();
    if bytes > BYTES_MAX {
        return Err(Error::quota(format!(
            "the texts of these tasks have {bytes} bytes, a template has {BYTES_MAX} at most"
        ))
        .hint("take a smaller task"));
    }
    tell(tx, &left);
    Ok(TaskTemplate {
        id: Id::new(tx.now),
        owner_id: owner,
        name: new.name.to_string(),
        placeholders: placeholders(&tasks),
        tasks,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    })
}

/// Returns the task and all below it that the caller sees, each behind the one that it is a part of.
fn tree(tx: &mut Tx<'_>, root: Task) -> Result<Vec<Task>> {
    let mut access = Access::of(tx.owner());
    let mut seen = HashSet::from([root.id]);
    let mut level = vec![root.id];
    let mut all = vec![root];
    while !level.is_empty() {
        let mut below = Vec::new();
        for (id, of, project) in store::task::children(tx.conn, &level)? {
            if seen.insert(id) && access.permission(tx.conn, of, project)?.is_some() {
                below.push(id);
            }
        }
        if all.len() + below.len() > TASKS_MAX {
            return Err(Error::quota(format!("the task has more than {} subtasks", TASKS_MAX - 1))
                .hint(format!("a template holds {TASKS_MAX} tasks at most; take a smaller task")));
        }
        let mut parts = assemble::all_by_ids(tx.conn, &below)?;
        parts.sort_by_key(|part| part.number);
        level = parts.iter().map(|part| part.id).collect();
        all.extend(parts);
    }
    Ok(all)
}

/// Returns a date of a task, counted from the day on which the whole is due; none where that is on no day.
fn counted(
    TaskDate { at, on }: TaskDate,
    anchor: Option<Date>,
    zone: &TimeZone,
    left: &mut Left,
) -> Option<TemplateDue> {
    let day = on.unwrap_or_else(|| at.date_in(zone));
    let Some(anchor) = anchor else {
        left.dates += 1;
        return None;
    };
    let days = anchor.until(day).ok()?.get_days();
    let time = if on.is_some() { None } else { Some(at.in_zone(zone).time()) };
    Some(TemplateDue { days, time })
}

/// Returns the reminders that can come again: those that count from the due, and those with a rhythm.
fn reminders(tx: &mut Tx<'_>, task: &Task, left: &mut Left) -> Result<Vec<NewReminder>> {
    let all = reminder::of_task(tx.conn, task)?;
    let kept: Vec<NewReminder> = all.iter().map(again).collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    left.reminders += all.len() - kept.len();
    Ok(kept)
}

fn again(reminder: &Reminder) -> Result<Option<NewReminder>> {
    let words = || reminder.words.clone().unwrap_or_else(|| reminder.schedule.clone());
    let trigger = match reminder.recurrence_type {
        RecurrenceType::Relative => Trigger::FromDue(Duration::read(&reminder.schedule)?),
        RecurrenceType::Cron | RecurrenceType::Interval => {
            Trigger::Every { rule: reminder.schedule.parse::<Rule>()?, words: words() }
        }
        RecurrenceType::Once => return Ok(None),
    };
    let note = reminder.note.as_deref().map_or(Ok(None), |note| Text::parse("note", note))?;
    Ok(Some(NewReminder {
        timezone: reminder.timezone.clone(),
        channels: reminder.channels.clone(),
        nag: reminder.nag.as_deref().map(Duration::read).transpose()?,
        note,
        ..NewReminder::new(trigger)
    }))
}

/// Says what the template does not keep.
fn tell(tx: &mut Tx<'_>, left: &Left) {
    if left.dates > 0 {
        tx.notice("dates are left out, since they count from the due of the task, and it has none".to_owned());
    }
    if left.reminders > 0 {
        tx.notice("reminders at a fixed time are left out".to_owned());
    }
    if left.recurrences > 0 {
        tx.notice("how tasks recur is left out".to_owned());
    }
}
