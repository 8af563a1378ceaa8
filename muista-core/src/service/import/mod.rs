//! The use case of import. An import is gathered part by part and put into effect at its end, in one
//! transaction; a task with an identifier that is here already is brought up to date, never doubled.

mod stage;

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

pub use stage::ImportStage;

use super::sight::Sight;
use super::write::{Tx, change_many};
use super::{Caller, Service, allowance, assemble, names, relations, series, task};
use crate::error::Result;
use crate::model::{Comment, Id, ImportBatch, ImportSummary, ImportTask, ProjectRef, Scope, Task, fold};
use crate::store;
use crate::store::rows::{CommentRow, TaskRow, set_due};

/// How many tasks are written at a time.
const STEP: usize = 500;
/// How many tasks are named that stayed as they are.
const NAMED: usize = 20;

/// Takes a part of an import; the last one puts all into effect.
pub async fn import(
    service: &Service,
    caller: &Caller,
    stage: &ImportStage,
    part: ImportBatch,
) -> Result<ImportSummary> {
    caller.require(Scope::TasksWrite)?;
    let limits = (caller.user != Id::LOCAL_USER).then_some(service.settings().quotas);
    let Some(mut all) = stage.add(part, limits, &service.imports)? else { return Ok(ImportSummary::default()) };
    let batch = all.take();
    // Its memory is given back when it is done, also where nobody waits for that any more.
    let held = Arc::new(all);
    let work = move |tx: &mut Tx<'_>| {
        let _held = held;
        put_into_effect(tx, batch)
    };
    let (mut summary, told) = change_many(service, caller, work).await?;
    summary.notices.extend(told.notices);
    Ok(summary)
}

fn put_into_effect(tx: &mut Tx<'_>, all: ImportBatch) -> Result<ImportSummary> {
    let mut summary = ImportSummary::default();
    let owner = tx.owner();
    let mut tasks = latest(all.tasks);
    tasks.iter().try_for_each(|task| relations::refuse_many_tags(&task.tags))?;
    let here = own_ids(tx, &mut tasks)?;
    allowance::count(tx, tasks.iter().filter(|task| !here.contains(&task.id)).count())?;
    let known = Known { force: all.force, ..Known::gather(tx, &tasks)? };
    summary.notices = tasks.iter().flat_map(|task| known.lost(task)).collect();
    let (old, new): (Vec<_>, Vec<_>) = tasks.into_iter().partition(|task| here.contains(&task.id));
    let new = parents_first(new, &mut summary);
    let (mut moved, mut stayed) = (Vec::new(), HashSet::new());
    for step in new.chunks(STEP) {
        known.create(tx, step, &mut summary)?;
    }
    for step in old.chunks(STEP) {
        moved.extend(known.update(tx, step, &mut summary, &mut stayed)?);
    }
    tell_older(&old, &stayed, &mut summary);
    // What a task waits for may itself be new, so this comes when all are there.
    for step in new.chunks(STEP) {
        let before =
            |task: &ImportTask| known.dependencies(task).into_iter().map(|id| (task.id, id)).collect::<Vec<_>>();
        let pairs: Vec<(Id, Id)> = step.iter().flat_map(before).collect();
        store::dependency::insert(tx.conn, &pairs)?;
    }
    // Only now everything is where it is to be.
    moved.iter().try_for_each(|task| relations::refuse_parent_cycle(tx, task, task.parent_id))?;
    let waiting = new.iter().chain(&old).filter(|task| !task.depends_on.is_empty()).map(|task| task.id).collect();
    relations::refuse_circles(tx, waiting)?;
    for step in new.chunks(STEP).chain(old.chunks(STEP)) {
        known.add_comments(tx, step, &mut summary)?;
    }
    let doomed: Vec<Id> = store::task::places(tx.conn, &all.deleted)?
        .into_iter()
        .filter_map(|(id, of, _)| (of == owner).then_some(id))
        .collect();
    summary.deleted = count(task::delete_ids(tx, doomed)?.len());
    Ok(summary)
}

/// Names the tasks that were changed here later than in the file, and stayed.
fn tell_older(old: &[ImportTask], stayed: &HashSet<Id>, summary: &mut ImportSummary) {
    let named = old.iter().filter(|task| stayed.contains(&task.id)).take(NAMED);
    let sentences = named.map(|task| format!("“{}” was changed here later than in the file: it stays", task.title));
    summary.notices.extend(sentences);
    if stayed.len() > NAMED {
        summary.notices.push(format!("{} more were changed here later: they stay", stayed.len() - NAMED));
    }
    if !stayed.is_empty() {
        summary.notices.push("--force gives them the file's values all the same".to_owned());
    }
}

/// The identifiers that tasks of the caller have here. Where another account has a task of one, that of the file gets an
/// identifier of its own, the same each time: nobody learns by importing what others have.
fn own_ids(tx: &mut Tx<'_>, tasks: &mut [ImportTask]) -> Result<HashSet<Id>> {
    let owner = tx.owner();
    let mut owners = owners_of(tx, tasks.iter().map(|task| task.id))?;
    let others: HashMap<Id, Id> =
        owners.iter().filter(|(_, of)| **of != owner).map(|(id, _)| (*id, Id::derived(owner, *id))).collect();
    if !others.is_empty() {
        let own = |id: &mut Id| *id = others.get(id).copied().unwrap_or(*id);
        for task in tasks.iter_mut() {
            own(&mut task.id);
            task.parent_id.iter_mut().for_each(own);
            task.depends_on.iter_mut().for_each(own);
        }
        owners.extend(owners_of(tx, others.into_values())?);
    }
    Ok(owners.into_iter().filter(|(_, of)| *of == owner).map(|(id, _)| id).collect())
}

/// Whose tasks those are of these identifiers that are here.
fn owners_of(tx: &mut Tx<'_>, ids: impl Iterator<Item = Id>) -> Result<HashMap<Id, Id>> {
    let ids: Vec<Id> = ids.collect();
    Ok(store::task::places(tx.conn, &ids)?.into_iter().map(|(id, owner, _)| (id, owner)).collect())
}

/// Makes a new task the first of a series, if it is open; of one that is done the words are kept.
fn recur(tx: &mut Tx<'_>, import: &ImportTask, task: &mut Task) -> Result<()> {
    let Some(new) = &import.every else { return Ok(()) };
    task.recurrence = Some(new.words.clone());
    if task.completed {
        return Ok(());
    }
    let beginning = series::Beginning::of(tx, new.clone(), import.due.clone())?;
    series::create(tx, &beginning, task)
}

/// Each task once: the last of those with the same identifier.
fn latest(mut tasks: Vec<ImportTask>) -> Vec<ImportTask> {
    let mut seen = HashSet::with_capacity(tasks.len());
    tasks.reverse();
    tasks.retain(|task| seen.insert(task.id));
    tasks.reverse();
    tasks
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

/// The new tasks in an order in which each comes behind what it is a part of; one that would be a part of itself becomes
/// one of its own.
fn parents_first(mut tasks: Vec<ImportTask>, summary: &mut ImportSummary) -> Vec<ImportTask> {
    let depths = depths(&tasks);
    for task in tasks.iter_mut().filter(|task| !depths.contains_key(&task.id)) {
        if let Some(parent) = task.parent_id.take() {
            let title = &task.title;
            summary
                .notices
                .push(format!("“{title}” is a part of {parent}, which is a part of itself: it stands alone"));
        }
    }
    tasks.sort_by_key(|task| depths.get(&task.id).copied());
    tasks
}

/// How many of the tasks stand above each; one that hangs on a circle is left out.
fn depths(tasks: &[ImportTask]) -> HashMap<Id, usize> {
    let new: HashSet<Id> = tasks.iter().map(|task| task.id).collect();
    let mut parts: HashMap<Id, Vec<Id>> = HashMap::new();
    let mut level = Vec::new();
    for task in tasks {
        match task.parent_id.filter(|parent| new.contains(parent)) {
            Some(parent) => parts.entry(parent).or_default().push(task.id),
            None => level.push(task.id),
        }
    }
    let mut depths = HashMap::with_capacity(tasks.len());
    for depth in 0..tasks.len() {
        if level.is_empty() {
            break;
        }
        let next = level.iter().filter_map(|id| parts.remove(id)).flatten().collect();
        depths.extend(std::mem::replace(&mut level, next).into_iter().map(|id| (id, depth)));
    }
    depths
}

/// What the tasks of an import refer to, found or made.
struct Known {
    owner: Id,
    projects: HashMap<String, (Id, String)>,
    tags: HashMap<String, (Id, String)>,
    /// Every task that will be there when the import is done.
    tasks: HashSet<Id>,
    /// Whether what was changed here later than in the file is overwritten.
    force: bool,
}

impl Known {
    fn gather(tx: &mut Tx<'_>, tasks: &[ImportTask]) -> Result<Self> {
        let owner = tx.owner();
        let mut projects = HashMap::new();
        for name in tasks.iter().filter_map(|task| task.project.as_ref()) {
            if let Entry::Vacant(slot) = projects.entry(fold(name)) {
                slot.insert(names::project(tx, &ProjectRef::Name(name.clone()))?);
            }
        }
        let mut tags = HashMap::new();
        let mut seen = HashSet::new();
        let all: Vec<_> =
            tasks.iter().flat_map(|task| &task.tags).filter(|name| seen.insert(fold(name))).cloned().collect();
        for some in all.chunks(STEP) {
            tags.extend(names::tags(tx, owner, some)?.into_iter().map(|(id, name)| (fold(&name), (id, name))));
        }
        let referred: Vec<Id> =
            tasks.iter().flat_map(|task| task.depends_on.iter().chain(&task.parent_id)).copied().collect();
        let mut known: HashSet<Id> = tasks.iter().map(|task| task.id).collect();
        let elsewhere: Vec<Id> = referred.into_iter().filter(|id| !known.contains(id)).collect();
        let mut sight = Sight::of(owner);
        for (id, of, project) in store::task::places(tx.conn, &elsewhere)? {
            if sight.right(tx.conn, of, project)?.is_some() {
                known.insert(id);
            }
        }
        Ok(Self { owner, projects, tags, tasks: known, force: false })
    }

    /// What a task refers to and is nowhere, in sentences.
    fn lost(&self, task: &ImportTask) -> Vec<String> {
        let (title, gone) = (&task.title, |id: &&Id| !self.tasks.contains(id));
        let parent = task.parent_id.iter().filter(gone);
        let before = task.depends_on.iter().filter(|id| gone(id) || **id == task.id);
        parent
            .map(|id| format!("“{title}” is a part of {id}, which is not there: it stands alone"))
            .chain(before.map(|id| match *id == task.id {
                true => format!("“{title}” waits for itself: it does not"),
                false => format!("“{title}” waits for {id}, which is not there: it does not"),
            }))
            .collect()
    }

    fn create(&self, tx: &mut Tx<'_>, tasks: &[ImportTask], summary: &mut ImportSummary) -> Result<()> {
        let numbers = store::task::reserve_numbers(tx.conn, tasks.len())?;
        let mut made: Vec<Task> = tasks.iter().zip(numbers).map(|(task, number)| self.task(task, number, tx)).collect();
        for (import, task) in tasks.iter().zip(&mut made) {
            recur(tx, import, task)?;
        }
        let rows: Vec<TaskRow> = made.iter().map(TaskRow::from).collect();
        store::task::insert(tx.conn, &rows)?;
        let pairs: Vec<(Id, Id)> =
            tasks.iter().flat_map(|task| self.tags(task).map(|(tag, _)| (task.id, *tag))).collect();
        store::tag::attach(tx.conn, &pairs)?;
        for task in &made {
            tx.created(task)?;
        }
        summary.created += count(made.len());
        Ok(())
    }

    /// Whether a task was changed here later than in the file.
    fn is_older(import: &ImportTask, here: &Task) -> bool {
        import.updated_at.is_some_and(|there| there < here.updated_at)
    }

    /// Brings tasks up to date; returns those that are now a part of something else. Those that were changed here later
    /// than in the file are added to `stayed`.
    fn update(
        &self,
        tx: &mut Tx<'_>,
        tasks: &[ImportTask],
        summary: &mut ImportSummary,
        stayed: &mut HashSet<Id>,
    ) -> Result<Vec<Task>> {
        let ids: Vec<Id> = tasks.iter().map(|task| task.id).collect();
        store::task::lock(tx.conn, &ids)?;
        let before: HashMap<Id, Task> =
            assemble::by_ids(tx.conn, self.owner, &ids)?.into_iter().map(|task| (task.id, task)).collect();
        let taken = |import: &&ImportTask| {
            before.get(&import.id).is_some_and(|here| self.force || !Self::is_older(import, here))
        };
        let done = tasks.iter().filter(|task| task.completed_at.is_some()).filter(taken);
        let done: Vec<Task> = done.filter_map(|import| before.get(&import.id)).cloned().collect();
        let mut following = series::following(tx, &done, tx.now)?;
        let mut moved = Vec::new();
        for import in tasks {
            let Some(before) = before.get(&import.id) else { continue };
            let mut after = self.task(import, before.number, tx);
            (after.version, after.updated_at) = (before.version, before.updated_at);
            after.recurrence.clone_from(&before.recurrence);
            (after.series_id, after.series_number) = (before.series_id, before.series_number);
            if after == *before {
                summary.unchanged += 1;
                continue;
            }
            let older = Self::is_older(import, before);
            if older && !self.force {
                summary.older += 1;
                stayed.insert(import.id);
                continue;
            }
            summary.forced += u64::from(older);
            store::tag::detach_all(tx.conn, &[after.id])?;
            let pairs: Vec<(Id, Id)> = self.tags(import).map(|(tag, _)| (after.id, *tag)).collect();
            store::tag::attach(tx.conn, &pairs)?;
            if after.depends_on != before.depends_on {
                let depends_on = after.depends_on.clone();
                store::dependency::delete_all(tx.conn, &[after.id])?;
                relations::add_dependencies(tx, &mut after, depends_on)?;
            }
            let after = task::save_at(tx, before, after, import.updated_at.unwrap_or(tx.now))?;
            if let Some(following) = following.remove(&after.id) {
                series::follow(tx, &after, following)?;
            }
            if after.parent_id != before.parent_id {
                moved.push(after);
            }
            summary.updated += 1;
        }
        Ok(moved)
    }

    fn add_comments(&self, tx: &mut Tx<'_>, tasks: &[ImportTask], summary: &mut ImportSummary) -> Result<()> {
        let commented: Vec<Id> = tasks.iter().filter(|task| !task.comments.is_empty()).map(|task| task.id).collect();
        let there: HashSet<_> = store::comment::of_tasks(tx.conn, &commented)?
            .into_iter()
            .map(|row| (row.task_id, row.created_at, row.text))
            .collect();
        let mut rows: Vec<CommentRow> = Vec::new();
        for (task, comment) in tasks.iter().flat_map(|task| task.comments.iter().map(move |comment| (task, comment))) {
            if !there.contains(&(task.id, comment.created_at, comment.text.to_string())) {
                rows.push(CommentRow {
                    id: Id::new(tx.now),
                    task_id: task.id,
                    author_id: self.owner,
                    text: comment.text.to_string(),
                    created_at: comment.created_at,
                });
            }
        }
        // Comments of the same second keep their order, which then is that of their ids.
        let mut ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
        ids.sort();
        rows.iter_mut().zip(ids).for_each(|(row, id)| row.id = id);
        store::comment::insert(tx.conn, &rows)?;
        summary.comments += count(rows.len());
        rows.into_iter().try_for_each(|row| tx.created(&Comment::from(row)))
    }

    fn tags<'a>(&'a self, task: &'a ImportTask) -> impl Iterator<Item = &'a (Id, String)> {
        let mut seen = HashSet::new();
        task.tags.iter().filter_map(move |name| {
            let key = fold(name);
            let tag = self.tags.get(&key);
            seen.insert(key).then_some(tag).flatten()
        })
    }

    /// What a task waits for, so far as it is there, in order.
    fn dependencies(&self, task: &ImportTask) -> Vec<Id> {
        let mut ids: Vec<Id> =
            task.depends_on.iter().filter(|id| self.tasks.contains(id) && **id != task.id).copied().collect();
        ids.sort();
        ids.dedup();
        ids
    }

    /// The task as it is to be.
    fn task(&self, import: &ImportTask, number: i64, tx: &Tx<'_>) -> Task {
        let (project_id, project) =
            import.project.as_ref().and_then(|name| self.projects.get(&fold(name)).cloned()).unzip();
        let mut tags: Vec<String> = self.tags(import).map(|(_, name)| name.clone()).collect();
        tags.sort_by_cached_key(|name| fold(name));
        let mut task = Task {
            id: import.id,
            number,
            owner_id: self.owner,
            title: import.title.to_string(),
            description: import.description.as_ref().map(ToString::to_string),
            note: import.note.as_ref().map(ToString::to_string),
            category: import.category,
            priority: import.priority,
            due_date: None,
            due_on: None,
            timezone: None,
            completed: import.completed_at.is_some(),
            completed_at: import.completed_at,
            project_id,
            project,
            parent_id: import.parent_id.filter(|parent| self.tasks.contains(parent)),
            tags,
            depends_on: self.dependencies(import),
            recurrence: None,
            series_id: None,
            series_number: None,
            version: 1,
            created_at: import.created_at,
            updated_at: import.updated_at.unwrap_or(tx.now),
        };
        set_due(&mut task, import.due.as_ref());
        task
    }
}
