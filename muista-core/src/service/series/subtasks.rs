//! The subtasks of a recurring task: the whole tree comes again, open, under the next occurrence, with dates moved as far
//! as the occurrence's due.

use std::collections::{HashMap, HashSet};

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span};

use super::due;
use crate::error::Result;
use crate::model::{DateField, Due, Id, Plan, TagName, Task, TaskDate};
use crate::service::access::allowance;
use crate::service::access::{Access, Permission};
use crate::service::task::{assemble, relations};
use crate::service::tx::Tx;
use crate::service::{field, find_or_create, reminder};
use crate::store;
use crate::store::rows::{TaskRow, set_due};
use crate::time::{Instant, When};

/// How far an occurrence's due is from the one before, on the calendar and on the clock of the series' zone.
pub(super) struct Shift {
    days: i32,
    clock: SignedDuration,
    zone: TimeZone,
}

impl Shift {
    /// How far it is from a planned due to the next one; on dates that is whole days.
    pub(super) fn between(planned: Instant, next: &Due, zone: TimeZone) -> Self {
        let (from, to) = (planned.civil_in(&zone), next.at().civil_in(&zone));
        let to_date = next.on().unwrap_or(to.date());
        let days = from.date().until(to_date).map_or(0, |span| span.get_days());
        let clock = match next.on() {
            Some(_) => SignedDuration::from_hours(24 * i64::from(days)),
            None => to.duration_since(from),
        };
        Self { days, clock, zone }
    }

    /// Returns a task's due, moved so far.
    fn moved(&self, task: &Task) -> Option<Due> {
        let named = task.timezone.as_deref().and_then(|name| due::zone(name).ok());
        let zone = named.unwrap_or_else(|| self.zone.clone());
        Due::new(&self.date(task.date(DateField::Due)?, &zone)?, &zone)
    }

    /// Plans `next`, with the dates moved so far.
    pub(super) fn plan(&self, plan: Plan, next: &mut Task) -> Result<()> {
        plan.map_dates(|date| self.date(date, &self.zone)).said(&self.zone).apply(next, &self.zone)
    }

    /// A date moved so far: a day stays a day, an instant keeps to the clock of its zone. None beyond the calendar.
    fn date(&self, TaskDate { at, on }: TaskDate, zone: &TimeZone) -> Option<When> {
        let date = |day: Date| day.checked_add(Span::new().try_days(self.days).ok()?).ok();
        let local = |at: DateTime| at.checked_add(self.clock).ok();
        Some(match on {
            Some(day) => When::On(date(day)?),
            None => When::At(Instant::from_civil(local(at.civil_in(zone))?, zone)?),
        })
    }
}

/// Makes the subtasks of `done` anew under `next`, and has them wait for each other as before; returns how many. Those that
/// recur themselves go on by their own rules, and what the series' owner may not change stays where it is.
pub(super) fn copy(tx: &mut Tx<'_>, done: &Task, next: &mut Task, shift: &Shift) -> Result<usize> {
    let parts = tree(tx, done, next.owner_id)?;
    // Else an agent would make as many as it likes by completing one after the other.
    allowance::count(tx, parts.len())?;
    let mut ids: HashMap<Id, Id> = HashMap::from([(done.id, next.id)]);
    let mut copies = Vec::with_capacity(parts.len());
    for part in &parts {
        let parent = part.parent_id.and_then(|parent| ids.get(&parent)).copied().unwrap_or(next.id);
        let copy = row(tx, part, next.owner_id, parent, shift)?;
        ids.insert(part.id, copy.id);
        copies.push(copy);
    }
    let before = |task: &Task| task.depends_on.iter().filter_map(|id| ids.get(id)).copied().collect::<Vec<Id>>();
    for (part, copy) in parts.iter().zip(&mut copies) {
        relations::add_dependencies(tx, copy, before(part))?;
    }
    copies.iter().try_for_each(|copy| tx.created(copy))?;
    for (part, copy) in parts.iter().zip(&copies) {
        reminder::copy_relative(tx, part, copy)?;
    }
    let waits_for = before(done);
    if !waits_for.is_empty() {
        let was = next.clone();
        relations::add_dependencies(tx, next, waits_for)?;
        next.version += 1;
        store::task::update(tx.conn, &TaskRow::from(&*next))?;
        tx.updated(&was, next)?;
    }
    Ok(copies.len())
}

/// The tasks below one, a whole before its parts.
fn tree(tx: &mut Tx<'_>, root: &Task, owner: Id) -> Result<Vec<Task>> {
    let mut access = Access::of(owner);
    let mut seen = HashSet::from([root.id]);
    let (mut all, mut level) = (Vec::new(), vec![root.id]);
    while !level.is_empty() {
        let mut below = Vec::new();
        for (id, of, project) in store::task::children(tx.conn, &level)? {
            if seen.insert(id) && access.permission(tx.conn, of, project)? == Some(Permission::Write) {
                below.push(id);
            }
        }
        let mut parts = assemble::all_by_ids(tx.conn, &below)?;
        parts.retain(|part| part.recurrence.is_none());
        parts.sort_by_key(|part| part.number);
        level = parts.iter().map(|part| part.id).collect();
        all.extend(parts);
    }
    Ok(all)
}

/// Writes the copy of a subtask with its tags.
fn row(tx: &mut Tx<'_>, part: &Task, owner: Id, parent: Id, shift: &Shift) -> Result<Task> {
    let mut copy = Task {
        description: part.description.clone(),
        note: part.note.clone(),
        category: part.category,
        priority: part.priority,
        project_id: part.project_id,
        project: part.project.clone(),
        parent_id: Some(parent),
        fields: part.fields.clone(),
        ..Task::titled(Id::new(tx.now), owner, part.title.clone(), tx.now)
    };
    set_due(&mut copy, shift.moved(part).as_ref());
    shift.plan(part.plan(), &mut copy)?;
    let named = part.tags.iter().map(|name| TagName::parse(name)).collect::<Result<Vec<_>>>()?;
    let tags = find_or_create::tags(tx, owner, &named)?;
    copy.tags = tags.iter().map(|(_, name)| name.clone()).collect();
    copy.number = store::task::insert_new(tx.conn, &TaskRow::from(&copy))?;
    relations::add_tags(tx, &copy, &tags)?;
    field::value::insert_all(tx, vec![&mut copy])?;
    Ok(copy)
}
