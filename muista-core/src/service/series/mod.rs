//! Recurring tasks. Each occurrence is a task of its own, and one is open at a time: completing it makes the next from
//! the series' template, exactly once. Edits are in [`edit`], when occurrences are due in [`due`].

mod due;
pub(crate) mod edit;
mod subtasks;

use std::collections::HashMap;

use due::Start;
use subtasks::Shift;

use super::access::allowance;
use super::access::{Access, Permission};
use super::audit::audited::{Audited, RecordScope};
use super::task::assemble;
use super::tx::Tx;
use super::{reminder, schedule};
use crate::error::Result;
use crate::model::{Due, Entity, Id, NewSeries, Plan, Series, TagName, Task, Template, Text, fold};
use crate::store;
use crate::store::Conn;
use crate::store::rows::{SeriesRow, TaskRow, set_due};
use crate::time::Instant;

impl Audited for Series {
    const ENTITY: Entity = Entity::Series;

    fn record(&self) -> Id {
        self.id
    }

    fn scope(&self, _: &mut Tx<'_>) -> Result<RecordScope> {
        Ok(RecordScope { owner: self.owner_id, project: self.template.project_id })
    }
}

/// A series that is about to begin.
pub(crate) struct SeriesStart {
    new: NewSeries,
    start: Start,
    timezone: String,
}

impl SeriesStart {
    /// A series whose first occurrence is due then, or by its rule. Its zone is the due's where that is a date, else the
    /// one in which its words were read. Writes nothing.
    ///
    /// # Errors
    /// `Invalid` when the rule has no occurrence from now on, or its words are no text.
    pub(crate) fn of(tx: &Tx<'_>, mut new: NewSeries, due: Option<Due>) -> Result<Self> {
        new.words = Text::parse("every", &new.words)?.map_or_else(|| new.rule.to_string(), Into::into);
        let of_due = due.as_ref().and_then(|due| due.timezone().map(str::to_owned));
        let said = of_due.or_else(|| new.timezone.clone()).or_else(|| tx.caller.timezone.clone());
        let timezone = said.unwrap_or_else(|| "UTC".to_owned());
        let zone = due::zone(&timezone)?;
        let start = due::start(&new, due, &zone, tx.now)?;
        new.end = due::end(&new, &start, &zone)?;
        Ok(Self { new, start, timezone })
    }

    /// The same where the first due was given before the rule, which may not name it: then it moves to the next that the
    /// rule names.
    ///
    /// # Errors
    /// As [`SeriesStart::of`].
    pub(crate) fn moving(tx: &Tx<'_>, new: NewSeries, due: Option<Due>) -> Result<Self> {
        let mut beginning = Self::of(tx, new, due.clone())?;
        if let Some(due) = due {
            let zone = due::zone(&beginning.timezone)?;
            if let Some(start) = due::next_named(&beginning.new, &due, &zone, tx.now)? {
                beginning.new.end = due::end(&beginning.new, &start, &zone)?;
                beginning.start = start;
            }
        }
        Ok(beginning)
    }

    /// When its first occurrence is due.
    pub(crate) fn due(&self) -> &Due {
        &self.start.due
    }

    /// The series of that identifier, with the task as its template.
    fn series(&self, id: Id, tx: &Tx<'_>, task: &Task) -> Series {
        Series {
            id,
            owner_id: task.owner_id,
            rule: self.start.rule.to_string(),
            words: self.new.words.clone(),
            from_completion: self.new.from_completion,
            timezone: self.timezone.clone(),
            anchor_at: self.start.anchor,
            end_at: self.new.end,
            template: Template {
                title: task.title.clone(),
                description: task.description.clone(),
                note: task.note.clone(),
                category: task.category,
                priority: task.priority,
                project_id: task.project_id,
                parent_id: task.parent_id,
                tags: task.tags.clone(),
                estimate: task.estimate,
                fields: task.fields.clone(),
                on_dates: self.start.on_dates,
                says_time: self.new.says_time,
                moved_from: None,
            },
            version: 1,
            created_at: tx.now,
            updated_at: tx.now,
        }
    }
}

/// Makes the series, and `task`, which is not written here, its first occurrence.
pub(crate) fn create(tx: &mut Tx<'_>, beginning: &SeriesStart, task: &mut Task) -> Result<()> {
    create_as(tx, Id::new(tx.now), beginning, task)
}

/// Makes a series of an identifier that no other has, and `task`, which is not written here, its first occurrence.
pub(crate) fn create_as(tx: &mut Tx<'_>, id: Id, beginning: &SeriesStart, task: &mut Task) -> Result<()> {
    beginning.start.rule.notes().into_iter().for_each(|note| tx.notice(note));
    let series = beginning.series(id, tx, task);
    store::series::insert(tx.conn, &SeriesRow::of(&series)?)?;
    tx.created(&series)?;
    set_due(task, Some(beginning.due()));
    task.recurrence = Some(series.words);
    task.series_id = Some(series.id);
    task.series_number = Some(1);
    Ok(())
}

/// Makes `task`, which is not written here, an occurrence of a series behind those that there are, which are `last` at most.
pub(crate) fn join(series: Series, last: i64, task: &mut Task) {
    task.recurrence = Some(series.words);
    task.series_id = Some(series.id);
    task.series_number = Some(last + 1);
}

/// A series that is imported.
pub(crate) enum Imported {
    /// It is here, with the number of its latest occurrence.
    Here(Box<Series>, i64),
    /// It is to have this identifier.
    New(Id),
}

/// Returns the series of the caller's that has an identifier elsewhere, locked. A new one has the same identifier, or one of
/// the caller's where another account has a series of that.
pub(crate) fn imported(tx: &mut Tx<'_>, id: Id) -> Result<Imported> {
    let (owner, derived) = (tx.owner(), Id::derived(tx.owner(), id));
    let mut rows = store::series::lock(tx.conn, &[id, derived])?;
    let is_taken = rows.iter().any(|row| row.id == id && row.owner_id != owner);
    rows.retain(|row| row.owner_id == owner);
    let Some(row) = rows.pop() else { return Ok(Imported::New(if is_taken { derived } else { id })) };
    let series = row.into_series()?;
    let last = store::series::last_numbers(tx.conn, &[series.id])?.pop().map_or(0, |(_, last)| last);
    Ok(Imported::Here(Box::new(series), last))
}

/// Writes a series that differs from `before`; one that does not is left alone.
fn save(tx: &mut Tx<'_>, before: &Series, mut series: Series) -> Result<()> {
    if series == *before {
        return Ok(());
    }
    series.version += 1;
    series.updated_at = tx.now;
    store::series::update(tx.conn, &SeriesRow::of(&series)?)?;
    tx.updated(before, &series)
}

/// The series of tasks, with the number of the latest occurrence of each, locked until the end of the transaction: what
/// two callers do to occurrences of one series happens one after the other.
fn locked(conn: &mut Conn, tasks: &[Task]) -> Result<HashMap<Id, (Series, i64)>> {
    let mut ids: Vec<Id> = tasks.iter().filter_map(|task| task.series_id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    ids.sort();
    ids.dedup();
    let rows = store::series::lock(conn, &ids)?;
    let last: HashMap<Id, i64> = store::series::last_numbers(conn, &ids)?.into_iter().collect();
    let whole = |row: SeriesRow| {
        let series = row.into_series()?;
        let number = last.get(&series.id).copied().unwrap_or_default();
        Ok((series.id, (series, number)))
    };
    rows.into_iter().map(whole).collect()
}

/// What follows an occurrence that is about to be done.
pub(crate) struct NextOccurrence {
    series: Series,
    due: Option<Due>,
}

/// What follows each of these open tasks, by its id, if they are done at `done`; nothing follows one that does not recur
/// or is followed already. Writes nothing.
pub(crate) fn next_occurrences(tx: &mut Tx<'_>, tasks: &[Task], done: Instant) -> Result<HashMap<Id, NextOccurrence>> {
    let mut all = locked(tx.conn, tasks)?;
    let mut following = HashMap::new();
    for task in tasks.iter().filter(|task| !task.completed && task.recurrence.is_some()) {
        let latest = task.series_id.and_then(|id| all.get(&id)).filter(|(_, last)| task.series_number == Some(*last));
        if latest.is_none() {
            continue;
        }
        let Some((series, _)) = task.series_id.and_then(|id| all.remove(&id)) else { continue };
        let due = next_due(&series, task, done)?;
        following.insert(task.id, NextOccurrence { series, due });
    }
    Ok(following)
}

/// When the occurrence after `task` is due, if that is done at `done`.
fn next_due(series: &Series, task: &Task, done: Instant) -> Result<Option<Due>> {
    let planned = series.template.moved_from.or(task.due_date).unwrap_or(done);
    due::next(series, planned, done)
}

/// When the occurrence after an open task would be due, were it done at `now`, and whether that is not known because its
/// zone is not; for show.
pub(crate) fn preview(conn: &mut Conn, task: &Task, now: Instant) -> Result<(Option<Due>, bool)> {
    let nothing = Ok((None, false));
    let Some(id) = task.series_id.filter(|_| !task.completed && task.recurrence.is_some()) else { return nothing };
    let last = store::series::last_numbers(conn, &[id])?.pop().map(|(_, last)| last);
    let Some(row) = store::series::by_id(conn, id)?.filter(|_| last == task.series_number) else { return nothing };
    let series = row.into_series()?;
    if !schedule::zone_is_known(Some(&series.timezone)) {
        return Ok((None, true));
    }
    Ok((next_due(&series, task, now)?, false))
}

/// Makes the occurrence that follows `done`, and tells the user of it.
pub(crate) fn follow(tx: &mut Tx<'_>, done: &Task, NextOccurrence { series, due }: NextOccurrence) -> Result<()> {
    let mut after = series.clone();
    after.template.moved_from = None;
    save(tx, &series, after)?;
    let Some(due) = due else {
        tx.notice(format!("that was the last one of {}  “{}”  ({})", done.number, done.title, series.words));
        return Ok(());
    };
    let zone = series.timezone.clone();
    let planned = series.template.moved_from.or(done.due_date).unwrap_or(tx.now);
    let shift = Shift::between(planned, &due, due::zone(&zone)?);
    let mut task = occurrence(tx, series, done, &due, &shift)?;
    reminder::copy_relative(tx, done, &task)?;
    let parts = subtasks::copy(tx, done, &mut task, &shift)?;
    let (at, number, title) = (words(&due, &zone, tx.now)?, task.number, &task.title);
    let with = match parts {
        0 => String::new(),
        1 => ", with 1 subtask".to_owned(),
        parts => format!(", with {parts} subtasks"),
    };
    tx.notice(format!("next: {number}  “{title}”  (due {at}{with})"));
    Ok(())
}

/// Makes the task that follows `done` of the template, its start and deadline as far moved as its due. What the template names and is no more is left out.
fn occurrence(tx: &mut Tx<'_>, series: Series, done: &Task, due: &Due, shift: &Shift) -> Result<Task> {
    // Else an agent would make as many as it likes by completing one after the other.
    allowance::count(tx, 1)?;
    let (owner, template) = (series.owner_id, series.template);
    let project = template.project_id.map(|id| store::project::by_id(tx.conn, id)).transpose()?.flatten();
    let parent = assemble::by_ids(tx.conn, owner, template.parent_id.as_slice())?.pop();
    let keys: Vec<String> = template.tags.iter().map(|name| fold(name)).collect();
    let mut tags = store::tag::find(tx.conn, owner, &keys)?;
    tags.sort_by(|a, b| a.name_key.cmp(&b.name_key));
    let mut task = Task {
        description: template.description,
        note: template.note,
        category: template.category,
        priority: template.priority,
        project_id: project.as_ref().map(|row| row.id),
        project: project.map(|row| row.name),
        parent_id: parent.map(|parent| parent.id),
        recurrence: Some(series.words),
        series_id: Some(series.id),
        series_number: Some(done.series_number.unwrap_or_default() + 1),
        fields: template.fields,
        ..Task::titled(Id::new(tx.now), owner, template.title, tx.now)
    };
    set_due(&mut task, Some(due));
    // It takes the place of the one before in an order by hand.
    shift.plan(Plan { estimate: template.estimate, ..done.plan() }, &mut task)?;
    task.tags = tags.iter().map(|row| row.name.clone()).collect();
    task.number = store::task::insert_new(tx.conn, &TaskRow::from(&task))?;
    let tags: Vec<(Id, String)> = tags.into_iter().map(|row| (row.id, row.name)).collect();
    super::task::relations::add_tags(tx, &task, &tags)?;
    super::field::value::insert_all(tx, vec![&mut task])?;
    tx.created(&task)?;
    Ok(task)
}

/// A due of a series in words, in the series' zone: `Fri 27 Nov`, with the time where it has one and the year where it is
/// another.
fn words(due: &Due, timezone: &str, now: Instant) -> Result<String> {
    let zone = due::zone(due.timezone().unwrap_or(timezone))?;
    let local = due.at().in_zone(&zone);
    let day = if local.year() == now.in_zone(&zone).year() { "%a %-d %b" } else { "%a %-d %b %Y" };
    let time = if due.on().is_some() { "" } else { " %H:%M" };
    Ok(local.strftime(&format!("{day}{time}")).to_string())
}

/// Deletes the series of deleted tasks that have no occurrence left.
pub(crate) fn delete_orphans(tx: &mut Tx<'_>, deleted: &[Task]) -> Result<()> {
    for (series, last) in locked(tx.conn, deleted)?.into_values() {
        if last == 0 {
            store::series::delete(tx.conn, &[series.id])?;
            tx.deleted(&series)?;
        }
    }
    Ok(())
}

/// Puts another tag in the place of one in every template of the owner's, or none.
pub(crate) fn retag(tx: &mut Tx<'_>, tag: &TagName, instead: Option<&TagName>) -> Result<()> {
    let (owner, key) = (tx.owner(), fold(tag));
    for row in store::series::of_owner(tx.conn, owner)? {
        let before = row.into_series()?;
        let mut after = before.clone();
        after.template.tags.retain(|name| fold(name) != key);
        if after.template.tags.len() == before.template.tags.len() {
            continue;
        }
        after.template.tags.extend(instead.map(ToString::to_string));
        save(tx, &before, after)?;
    }
    Ok(())
}

/// Puts another name in the place of an own field's in every template of the owner's, or takes its value out.
pub(crate) fn rename_field(tx: &mut Tx<'_>, name: &str, instead: Option<&str>) -> Result<()> {
    let owner = tx.owner();
    for row in store::series::of_owner(tx.conn, owner)? {
        let before = row.into_series()?;
        let mut after = before.clone();
        let Some(value) = after.template.fields.remove(name) else { continue };
        after.template.fields.extend(instead.map(|instead| (instead.to_owned(), value)));
        save(tx, &before, after)?;
    }
    Ok(())
}

/// The tasks that are occurrences of the series of `named` from a number on and that `user` may change, `named` itself
/// among them.
fn occurrences(conn: &mut Conn, user: Id, named: &Task, from: i64) -> Result<Vec<Task>> {
    let Some(id) = named.series_id else { return Ok(Vec::new()) };
    let ids = store::series::occurrences(conn, id, from)?;
    let mut access = Access::of(user);
    let mut occurrences = Vec::with_capacity(ids.len());
    for task in assemble::by_ids(conn, user, &ids)? {
        if access.permission(conn, task.owner_id, task.project_id)? == Some(Permission::Write) {
            occurrences.push(task);
        }
    }
    Ok(occurrences)
}
