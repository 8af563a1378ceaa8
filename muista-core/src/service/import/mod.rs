//! The use cases of import and export. An import is gathered part by part and put into effect at its end, in one
//! transaction; a task with an identifier that is here already is brought up to date, never doubled.

mod known;
mod references;

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use super::write::{Tx, change};
use known::Known;

use super::{Caller, Service, task};
use crate::error::{Error, Result};
use crate::model::{
    Comment, ExportPage, ExportedTask, Id, ImportBatch, ImportSummary, ImportTask, Page, SortKey, SortOrder, Task,
    TaskFilter,
};
use crate::store;
use crate::store::list::Keyset;

/// The most tasks that one import may hold; they wait in memory until its end.
const TASKS_MAX: usize = 1_000_000;
/// How many tasks are written at a time.
const STEP: usize = 500;

/// How many bytes of comments an answer may hold before it ends with the task they belong to.
const COMMENT_BYTES: usize = 8 << 20;

/// The parts of a connection's import so far.
#[derive(Debug, Default)]
pub struct ImportStage(Mutex<ImportBatch>);

impl ImportStage {
    /// Adds a part; returns all of them when it is the last.
    fn add(&self, mut part: ImportBatch) -> Result<Option<ImportBatch>> {
        let mut stage = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        stage.tasks.append(&mut part.tasks);
        stage.deleted.append(&mut part.deleted);
        if stage.tasks.len() + stage.deleted.len() > TASKS_MAX {
            *stage = ImportBatch::default();
            return Err(Error::invalid("tasks", format!("more than {TASKS_MAX} tasks are too many for one import"))
                .hint("split the file"));
        }
        Ok(part.last.then(|| std::mem::take(&mut *stage)))
    }
}

/// Takes a part of an import; the last one puts all into effect.
pub(crate) async fn import(
    service: &Service,
    caller: &Caller,
    stage: &ImportStage,
    part: ImportBatch,
) -> Result<ImportSummary> {
    let Some(all) = stage.add(part)? else { return Ok(ImportSummary::default()) };
    let (mut summary, notices) = change(service, caller, move |tx| put_into_effect(tx, all)).await?;
    summary.notices.extend(notices);
    Ok(summary)
}

fn put_into_effect(tx: &mut Tx<'_>, all: ImportBatch) -> Result<ImportSummary> {
    let mut summary = ImportSummary::default();
    let owner = tx.owner();
    let tasks = latest(all.tasks);
    let ids: Vec<Id> = tasks.iter().map(|task| task.id).collect();
    let here: HashMap<Id, Id> = store::task::existing(tx.conn, &ids)?.into_iter().collect();
    if let Some(id) = here.iter().find_map(|(id, of)| (*of != owner).then_some(id)) {
        return Err(Error::conflict(format!("task {id} belongs to another account")));
    }
    let tasks = references::settle(tx, tasks, &mut summary.notices)?;
    let known = Known::gather(tx, &tasks)?;
    let (old, new): (Vec<_>, Vec<_>) = tasks.into_iter().partition(|task| here.contains_key(&task.id));
    for step in new.chunks(STEP) {
        known.create(tx, step, &mut summary)?;
    }
    // What a task waits for may itself be new, so this comes when all of those are there.
    for step in new.chunks(STEP) {
        let pairs = |task: &ImportTask| task.depends_on.iter().map(|before| (task.id, *before)).collect::<Vec<_>>();
        store::dependency::insert(tx.conn, &step.iter().flat_map(pairs).collect::<Vec<_>>())?;
    }
    for step in old.chunks(STEP) {
        known.update(tx, step, &mut summary)?;
    }
    for step in new.chunks(STEP).chain(old.chunks(STEP)) {
        known.add_comments(tx, step, &mut summary)?;
    }
    let doomed: Vec<Id> = store::task::existing(tx.conn, &all.deleted)?
        .into_iter()
        .filter_map(|(id, of)| (of == owner).then_some(id))
        .collect();
    summary.deleted = count(task::delete_ids(tx, doomed)?.len());
    Ok(summary)
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

/// One page of the caller's tasks with their comments, by number.
pub(crate) async fn export(
    service: &Service,
    caller: &Caller,
    filter: TaskFilter,
    cursor: Option<String>,
) -> Result<ExportPage> {
    let owner = caller.user;
    let by_number = SortOrder { key: SortKey::Number, descending: false };
    let keyset = Keyset::new(&Page { limit: Page::MAX, cursor, sort: vec![by_number], ..Page::default() })?;
    service
        .store
        .read(move |conn| {
            let mut page = task::one_page(conn, owner, filter, &keyset, false)?;
            let ids: Vec<Id> = page.items.iter().map(|task| task.id).collect();
            let mut comments: HashMap<Id, Vec<Comment>> = HashMap::new();
            for row in store::comment::of_tasks(conn, &ids)? {
                comments.entry(row.task_id).or_default().push(row.into());
            }
            if let Some(last) = fitting(&page.items, &comments) {
                page.items.truncate(last + 1);
                page.next_cursor = page.items.last().map(|task| keyset.cursor(task)).transpose()?;
            }
            let exported = |task: Task| ExportedTask { comments: comments.remove(&task.id).unwrap_or_default(), task };
            Ok(ExportPage { items: page.items.into_iter().map(exported).collect(), next_cursor: page.next_cursor })
        })
        .await
}

/// The place of the last task that still fits into an answer with its comments; none when all do.
fn fitting(tasks: &[Task], comments: &HashMap<Id, Vec<Comment>>) -> Option<usize> {
    let mut bytes = 0;
    let full = tasks.iter().position(|task| {
        bytes += comments.get(&task.id).map_or(0, |comments| comments.iter().map(|comment| comment.text.len()).sum());
        bytes > COMMENT_BYTES
    })?;
    (full + 1 < tasks.len()).then_some(full)
}
