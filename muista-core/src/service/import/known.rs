//! Putting settled tasks into the store: their projects and tags, found or made; the tasks themselves; their comments.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use super::{STEP, count};
use crate::error::Result;
use crate::model::{Comment, Id, ImportSummary, ImportTask, Task, fold};
use crate::service::write::Tx;
use crate::service::{assemble, names, relations, task};
use crate::store;
use crate::store::rows::{CommentRow, TaskRow, set_due};

/// What the tasks of an import refer to, found or made.
pub(super) struct Known {
    owner: Id,
    projects: HashMap<String, (Id, String)>,
    tags: HashMap<String, (Id, String)>,
}

impl Known {
    /// Finds the projects and tags, and makes those that are new.
    pub(super) fn gather(tx: &mut Tx<'_>, tasks: &[ImportTask]) -> Result<Self> {
        let owner = tx.owner();
        let mut projects = HashMap::new();
        for name in tasks.iter().filter_map(|task| task.project.as_ref()) {
            if let Entry::Vacant(slot) = projects.entry(fold(name)) {
                slot.insert(names::project(tx, name)?);
            }
        }
        let mut tags = HashMap::new();
        let mut seen = HashSet::new();
        let all: Vec<_> =
            tasks.iter().flat_map(|task| &task.tags).filter(|name| seen.insert(fold(name))).cloned().collect();
        for some in all.chunks(STEP) {
            tags.extend(names::tags(tx, some)?.into_iter().map(|(id, name)| (fold(&name), (id, name))));
        }
        Ok(Self { owner, projects, tags })
    }

    /// Makes tasks that are not here yet, without what they wait for.
    pub(super) fn create(&self, tx: &mut Tx<'_>, tasks: &[ImportTask], summary: &mut ImportSummary) -> Result<()> {
        let numbers = store::task::reserve_numbers(tx.conn, tasks.len())?;
        let made: Vec<Task> = tasks.iter().zip(numbers).map(|(task, number)| self.task(task, number, tx)).collect();
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

    /// Brings tasks that are here up to date.
    pub(super) fn update(&self, tx: &mut Tx<'_>, tasks: &[ImportTask], summary: &mut ImportSummary) -> Result<()> {
        let ids: Vec<Id> = tasks.iter().map(|task| task.id).collect();
        store::task::lock(tx.conn, self.owner, &ids)?;
        let before: HashMap<Id, Task> =
            assemble::by_ids(tx.conn, self.owner, &ids)?.into_iter().map(|task| (task.id, task)).collect();
        for import in tasks {
            let Some(before) = before.get(&import.id) else { continue };
            let mut after = self.task(import, before.number, tx);
            (after.version, after.updated_at) = (before.version, before.updated_at);
            if after == *before {
                summary.unchanged += 1;
                continue;
            }
            relations::refuse_parent_cycle(tx, &after, after.parent_id)?;
            store::tag::detach_all(tx.conn, &[after.id])?;
            let pairs: Vec<(Id, Id)> = self.tags(import).map(|(tag, _)| (after.id, *tag)).collect();
            store::tag::attach(tx.conn, &pairs)?;
            if after.depends_on != before.depends_on {
                let depends_on = after.depends_on.clone();
                relations::replace_dependencies(tx, &mut after, &depends_on)?;
            }
            task::save(tx, before, after)?;
            summary.updated += 1;
        }
        Ok(())
    }

    /// Adds the comments that are not here yet.
    pub(super) fn add_comments(
        &self,
        tx: &mut Tx<'_>,
        tasks: &[ImportTask],
        summary: &mut ImportSummary,
    ) -> Result<()> {
        let commented: Vec<Id> = tasks.iter().filter(|task| !task.comments.is_empty()).map(|task| task.id).collect();
        let there: HashSet<_> = store::comment::of_tasks(tx.conn, &commented)?
            .into_iter()
            .map(|row| (row.task_id, row.created_at, row.text))
            .collect();
        let mut rows = Vec::new();
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
            parent_id: import.parent_id,
            tags,
            depends_on: import.depends_on.clone(),
            version: 1,
            created_at: import.created_at,
            updated_at: import.updated_at.unwrap_or(tx.now),
        };
        set_due(&mut task, import.due.as_ref());
        task
    }
}
