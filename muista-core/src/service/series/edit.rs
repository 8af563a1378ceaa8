//! Edits of recurring tasks: which occurrences a patch means, what it does to the series, and a task's being made to
//! recur, differently, or no more.

use std::collections::HashSet;

use super::{SeriesStart, create, due, locked, occurrences, save, words};
use crate::error::{Error, Result};
use crate::model::{Change, Due, Id, NewSeries, Series, SeriesScope, Task, TaskPatch, TaskRef, fold};
use crate::service::schedule;
use crate::service::task::{assemble, relations};
use crate::service::tx::Tx;
use crate::store;
use crate::store::rows::set_due;
use crate::time::Rule;

/// The named tasks, locked, and beside them the other occurrences that the patch means.
pub(crate) fn lock_by_ref(tx: &mut Tx<'_>, names: &[TaskRef], patch: &TaskPatch) -> Result<(Vec<Task>, Vec<Task>)> {
    let owner = tx.owner();
    let wide = matches!(patch.scope, Some(SeriesScope::Later | SeriesScope::All));
    if wide {
        // All in one go, so that two such edits do not wait for each other.
        let ids = assemble::resolve_changeable(tx.conn, owner, names)?;
        let tasks = assemble::by_ids(tx.conn, owner, &ids)?;
        let others = others(tx, &tasks, patch)?;
        let all: Vec<Id> = ids.into_iter().chain(others.iter().map(|task| task.id)).collect();
        store::task::lock(tx.conn, &all)?;
    }
    let tasks = assemble::lock_by_ref(tx.conn, owner, names)?;
    let others = if wide { others(tx, &tasks, patch)? } else { Vec::new() };
    Ok((tasks, others))
}

/// The occurrences beside the named ones that the patch means.
fn others(tx: &mut Tx<'_>, named: &[Task], patch: &TaskPatch) -> Result<Vec<Task>> {
    let owner = tx.owner();
    let mut seen: HashSet<Id> = named.iter().map(|task| task.id).collect();
    let mut others = Vec::new();
    for task in named.iter().filter(|task| task.recurrence.is_some()) {
        let from = if patch.scope == Some(SeriesScope::All) { 1 } else { task.series_number.unwrap_or_default() };
        let of_series = occurrences(tx.conn, owner, task, from)?.into_iter().filter(|task| task.recurrence.is_some());
        others.extend(of_series.filter(|task| seen.insert(task.id)));
    }
    Ok(others)
}

/// What a patch says of the other occurrences: all but when they are due and what they hang on.
pub(crate) fn sibling_patch(patch: &TaskPatch) -> TaskPatch {
    TaskPatch {
        title: patch.title.clone(),
        description: patch.description.clone(),
        note: patch.note.clone(),
        category: patch.category,
        priority: patch.priority,
        planning: patch.planning.of_others(),
        project: patch.project.clone(),
        tags: patch.tags.clone(),
        add_tags: patch.add_tags.clone(),
        remove_tags: patch.remove_tags.clone(),
        fields: patch.fields.clone(),
        scope: Some(SeriesScope::This),
        ..TaskPatch::default()
    }
}

/// Does to the series of a task what a patch says; `task` has the patch on it, and is written by the caller.
pub(crate) fn apply(tx: &mut Tx<'_>, before: &Task, task: &mut Task, patch: &TaskPatch) -> Result<()> {
    if patch.scope.is_some() && before.recurrence.is_none() && !matches!(patch.every, Change::Set(_)) {
        return Err(Error::conflict(format!("task {} does not recur", before.number))
            .of_field("scope")
            .hint("leave out --scope, or make it recur: --every \"every friday\""));
    }
    if patch.scope == Some(SeriesScope::This) && !patch.every.is_keep() {
        return Err(Error::invalid("scope", "one occurrence alone cannot recur differently")
            .hint("leave out --scope: --every holds for this one and those that come"));
    }
    match &patch.every {
        Change::Set(new) => begin(tx, before, task, new, patch.due.is_keep()),
        Change::Clear => {
            task.recurrence = None;
            Ok(())
        }
        Change::Keep if before.recurrence.is_some() => sync_series(tx, before, task, patch),
        Change::Keep => Ok(()),
    }
}

/// Makes a task recur, or recur differently. A series keeps its zone, where that is known. A due of the series that was not given anew moves
/// to the next that the new rule names; one that was the task's own stays, and the user is told so.
fn begin(tx: &mut Tx<'_>, before: &Task, task: &mut Task, new: &NewSeries, due_stays: bool) -> Result<()> {
    let number = task.number;
    if task.completed {
        return Err(Error::invalid("every", format!("task {number} is done"))
            .hint(format!("reopen it first: muista undone {number}")));
    }
    let now = locked(tx.conn, std::slice::from_ref(before))?.into_values().next();
    let Some((series, last)) = now else {
        let beginning = SeriesStart::of(tx, new.clone(), due_of(task)?)?;
        if due_stays {
            tell_of_other_due(tx, &beginning, task)?;
        }
        return create(tx, &beginning, task);
    };
    if task.series_number != Some(last) {
        return Err(Error::invalid("every", format!("task {number} is not the latest of its series"))
            .hint("say it of the latest one"));
    }
    let mut new = new.clone();
    // One that is not known here cannot be kept.
    if schedule::zone_is_known(Some(&series.timezone)) {
        new.timezone = Some(series.timezone.clone());
    }
    let beginning = match due_stays && before.recurrence.is_some() {
        true => SeriesStart::moving(tx, new, due_of(task)?)?,
        false => SeriesStart::of(tx, new, due_of(task)?)?,
    };
    if due_stays && Some(beginning.due().at()) != before.due_date {
        let at = words(beginning.due(), &beginning.timezone, tx.now)?;
        tx.notice(format!("task {number} is due {at} now, the next of “{}”", beginning.new.words));
    }
    let made = beginning.series(series.id, tx, task);
    let after =
        Series { version: series.version, created_at: series.created_at, updated_at: series.updated_at, ..made };
    set_due(task, Some(beginning.due()));
    task.recurrence = Some(after.words.clone());
    save(tx, &series, after)
}

/// Tells the user that a due stays which the rule does not name.
fn tell_of_other_due(tx: &mut Tx<'_>, beginning: &SeriesStart, task: &Task) -> Result<()> {
    let Some(due) = due_of(task)? else { return Ok(()) };
    let zone = due::zone(&beginning.timezone)?;
    if due::next_named(&beginning.new, &due, &zone, tx.now)?.is_some() {
        let at = words(beginning.due(), &beginning.timezone, tx.now)?;
        tx.notice(format!("task {} stays due {at}; from the next on it is “{}”", task.number, beginning.new.words));
    }
    Ok(())
}

/// Has the series follow an edit of one of its occurrences, as far as the scope goes.
fn sync_series(tx: &mut Tx<'_>, before: &Task, task: &Task, patch: &TaskPatch) -> Result<()> {
    if patch.scope == Some(SeriesScope::This) && patch.due.is_keep() {
        return Ok(());
    }
    let latest = locked(tx.conn, std::slice::from_ref(before))?.into_values().next();
    let Some((series, last)) = latest else { return Ok(()) };
    let is_latest = task.series_number == Some(last);
    let due = due_of(task)?;
    if due.is_none() && is_latest && !task.completed {
        return Err(Error::conflict(format!("task {} recurs, and so has a due", task.number))
            .of_field("due")
            .hint("to stop it as well, add --every none"));
    }
    let scope = patch.scope.unwrap_or(if is_latest { SeriesScope::Later } else { SeriesScope::This });
    let mut after = series.clone();
    if scope != SeriesScope::This {
        update_template(&mut after, task, patch);
    }
    let moved = due.filter(|_| is_latest && !patch.due.is_keep() && task.due_date != before.due_date);
    match (moved, scope) {
        (None, _) => {}
        (Some(_), SeriesScope::This) => after.template.moved_from = after.template.moved_from.or(before.due_date),
        (Some(due), _) => move_to(&mut after, before, &due)?,
    }
    save(tx, &series, after)
}

/// Brings what the patch changed into the template.
fn update_template(series: &mut Series, task: &Task, patch: &TaskPatch) {
    let template = &mut series.template;
    if patch.title.is_some() {
        template.title.clone_from(&task.title);
    }
    if !patch.description.is_keep() {
        template.description.clone_from(&task.description);
    }
    if !patch.note.is_keep() {
        template.note.clone_from(&task.note);
    }
    template.category = patch.category.unwrap_or(template.category);
    template.priority = patch.priority.unwrap_or(template.priority);
    if !patch.planning.estimate.is_keep() {
        template.estimate = task.estimate;
    }
    for name in patch.fields.values.keys() {
        template.fields.retain(|known, _| fold(known) != fold(name));
        let value = task.fields.iter().find(|(known, _)| fold(known) == fold(name));
        template.fields.extend(value.map(|(name, value)| (name.clone(), value.clone())));
    }
    if !patch.project.is_keep() {
        template.project_id = task.project_id;
    }
    if !patch.parent.is_keep() {
        template.parent_id = task.parent_id;
    }
    let tags = relations::patched_tags(&template.tags, patch.tags.as_deref(), &patch.add_tags, &patch.remove_tags);
    if let Some(tags) = tags {
        template.tags = tags.iter().map(ToString::to_string).collect();
    }
}

/// Moves a series along with its open occurrence: intervals count from there, and a rule that says no time of day has
/// that of the due.
fn move_to(series: &mut Series, before: &Task, due: &Due) -> Result<()> {
    let zone = due::zone(due.timezone().unwrap_or(&series.timezone))?;
    let (rule, template) = (due::rule(series)?, &mut series.template);
    template.on_dates = due.on().is_some();
    match &rule {
        Rule::Every(_) => {
            series.anchor_at = due.on().map_or(due.at(), |date| crate::time::Instant::start_of(date, &zone));
            template.moved_from = None;
        }
        Rule::Cron(_) => {
            if !template.on_dates && !template.says_time {
                series.rule = due::at_time(rule, due.at(), &zone).to_string();
            }
            // Done early, say on thursday in place of friday: that friday has had its turn.
            template.moved_from = template.moved_from.or(before.due_date).filter(|planned| *planned > due.at());
        }
    }
    if let Some(name) = due.timezone() {
        series.timezone = name.to_owned();
    }
    Ok(())
}

/// A task's due.
fn due_of(task: &Task) -> Result<Option<Due>> {
    let Some(at) = task.due_date else { return Ok(None) };
    let timezone = task.timezone.as_ref().filter(|name| schedule::zone_is_known(Some(name)));
    serde_json::from_value(serde_json::json!({"at": at, "on": task.due_on, "timezone": timezone}))
        .map(Some)
        .map_err(|e| Error::internal(format!("the due of task {} cannot be read: {e}", task.number)))
}
