//! Bringing tasks back as they were, with their tags and with what they wait for: those that were changed and those that
//! were deleted.

use std::collections::{HashMap, HashSet};

use super::Reversal;
use crate::error::{Error, Result};
use crate::model::{Id, Task};
use crate::service::access::Access;
use crate::service::field;
use crate::service::task::{circles, relations};
use crate::service::tx::Tx;
use crate::store;
use crate::store::rows::TaskRow;

/// A task to bring back: how it is now, if it is there, and how it is to be.
pub(super) struct Back {
    pub(super) now: Option<Task>,
    pub(super) task: Task,
}

/// Brings tasks back.
pub(super) fn all(tx: &mut Tx<'_>, tasks: &mut [Back], reversal: &mut Reversal<'_>) -> Result<()> {
    let mut around = Around::of(tx, tasks);
    for Back { now, task } in &mut *tasks {
        task.version = now.as_ref().map_or(task.version, |now| now.version) + 1;
        task.updated_at = tx.now;
        around.project(tx, task, now.as_ref())?;
        around.parent(tx, task, now.as_ref())?;
        around.series(tx, task, now.as_ref())?;
        if let Some(now) = now {
            store::task::update(tx.conn, &TaskRow::from(&*task))?;
            tx.mark_for_reschedule(now, task);
        }
    }
    let gone = tasks.iter().filter(|back| back.now.is_none());
    let rows: Vec<TaskRow> = gone.map(|back| TaskRow::from(&back.task)).collect();
    store::task::insert(tx.conn, &rows)?;
    let other_tags = |back: &Back| back.now.as_ref().map_or(&[][..], |now| &now.tags) != back.task.tags;
    let held: HashSet<(Id, Id)> = tasks
        .iter()
        .filter_map(|back| back.now.as_ref())
        .flat_map(|now| now.depends_on.iter().map(move |id| (now.id, *id)))
        .collect();
    let tagged: Vec<&mut Task> = tasks.iter_mut().filter(|back| other_tags(back)).map(|back| &mut back.task).collect();
    relations::put_tags(tx, tagged)?;
    let other_values = |back: &Back| match &back.now {
        Some(now) => now.fields != back.task.fields,
        None => !back.task.fields.is_empty(),
    };
    let valued = tasks.iter_mut().filter(|back| other_values(back)).map(|back| &mut back.task).collect();
    field::value::put_all(tx, valued)?;
    let other_order = |back: &Back| back.now.as_ref().map_or(&[][..], |now| &now.depends_on) != back.task.depends_on;
    let ordered: Vec<&mut Task> =
        tasks.iter_mut().filter(|back| other_order(back)).map(|back| &mut back.task).collect();
    dependencies(tx, ordered, &held, reversal)
}

/// Makes tasks wait again for what still is there and their owners or the caller see, or comes back with them; what they
/// wait for now, as in `held`, they may go on waiting for.
fn dependencies(
    tx: &mut Tx<'_>,
    mut tasks: Vec<&mut Task>,
    held: &HashSet<(Id, Id)>,
    reversal: &mut Reversal<'_>,
) -> Result<()> {
    let ids: Vec<Id> = tasks.iter().map(|task| task.id).collect();
    let wanted: HashSet<Id> = tasks.iter().flat_map(|task| task.depends_on.iter().copied()).collect();
    let wanted: Vec<Id> = wanted.into_iter().collect();
    let here: HashMap<Id, (Id, Option<Id>)> =
        store::task::places(tx.conn, &wanted)?.into_iter().map(|(id, owner, project)| (id, (owner, project))).collect();
    let mut sights = Sights::of(tx.owner());
    let mut pairs = Vec::new();
    for task in &mut tasks {
        let mut kept = Vec::with_capacity(task.depends_on.len());
        for id in std::mem::take(&mut task.depends_on) {
            let known = reversal.restored.contains(&id) || held.contains(&(task.id, id));
            let seen = match here.get(&id) {
                Some(_) if known => true,
                Some(place) => sights.see(tx, task.owner_id, *place)?,
                None => known,
            };
            kept.extend(seen.then_some(id));
        }
        task.depends_on = kept;
        let now = task.depends_on.iter().filter(|id| here.contains_key(id));
        let before = pairs.len();
        pairs.extend(now.map(|id| (task.id, *id)));
        if pairs.len() - before < task.depends_on.len() {
            reversal.waiting.push((**task).clone());
        }
    }
    store::dependency::delete_all(tx.conn, &ids)?;
    store::dependency::insert(tx.conn, &pairs)?;
    circles::refuse_waiting(tx, ids)
}

/// What the caller sees, and what the owners of tasks see, each looked up once.
struct Sights {
    caller: Id,
    all: HashMap<Id, Access>,
}

impl Sights {
    fn of(caller: Id) -> Self {
        Self { caller, all: HashMap::new() }
    }

    /// Whether the caller, or the owner of a task, sees a task at this place.
    fn see(&mut self, tx: &mut Tx<'_>, owner: Id, (of, project): (Id, Option<Id>)) -> Result<bool> {
        for user in [self.caller, owner] {
            let access = self.all.entry(user).or_insert_with(|| Access::of(user));
            if access.permission(tx.conn, of, project)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// What stands around tasks that come back, each looked for once.
struct Around {
    access: Access,
    sights: Sights,
    /// The names of the projects that are there.
    projects: HashMap<Id, Option<String>>,
    /// The tasks and the series that are there, or come back with the others.
    known: HashSet<Id>,
}

impl Around {
    fn of(tx: &Tx<'_>, tasks: &[Back]) -> Self {
        let known = tasks.iter().map(|back| back.task.id).collect();
        let (access, sights) = (Access::of(tx.owner()), Sights::of(tx.owner()));
        Self { access, sights, projects: HashMap::new(), known }
    }

    /// Puts a task into its project, if that still is there and the caller is in it.
    fn project(&mut self, tx: &mut Tx<'_>, task: &mut Task, now: Option<&Task>) -> Result<()> {
        let Some(id) = task.project_id else { return Ok(()) };
        let goes_there = now.is_none_or(|now| now.project_id != Some(id));
        if let Some(now) = now.filter(|_| !goes_there) {
            task.project.clone_from(&now.project);
            return Ok(());
        }
        let name = task.project.as_deref().unwrap_or_default();
        if !self.projects.contains_key(&id) {
            let Some(row) = store::project::by_id(tx.conn, id)? else {
                return Err(Error::conflict(format!("the project {name} of task {} is deleted", task.number))
                    .hint("undo that first; `muista log` shows the changes"));
            };
            let seen = self.access.role(tx.conn, &row)?.map(|_| row.name);
            self.projects.insert(id, seen);
        }
        match self.projects.get(&id) {
            Some(Some(name)) => task.project = Some(name.clone()),
            _ => {
                let what = format!("you are not in the project {name} of task {} any more", task.number);
                return Err(Error::conflict(what).hint("ask its owner to share it with you again"));
            }
        }
        Ok(())
    }

    /// Refuses to make a task a part of what is deleted, of what neither its owner nor the caller sees, or of itself.
    fn parent(&mut self, tx: &mut Tx<'_>, task: &Task, now: Option<&Task>) -> Result<()> {
        let Some(parent) = task.parent_id.filter(|id| now.is_none_or(|now| now.parent_id != Some(*id))) else {
            return Ok(());
        };
        if !self.known.contains(&parent) {
            let Some((_, owner, project)) = store::task::places(tx.conn, &[parent])?.pop() else {
                return Err(Error::conflict(format!("what task {} is a part of is deleted", task.number))
                    .hint("undo that first; `muista log` shows the changes"));
            };
            if !self.sights.see(tx, task.owner_id, (owner, project))? {
                return Err(Error::not_found(format!("what task {} is a part of", task.number))
                    .hint("somebody else has it, and does not share it with you any more"));
            }
            self.known.insert(parent);
        }
        // Nothing that is there can be a part of what is not.
        if now.is_some() { relations::refuse_parent_cycle(tx, task, Some(parent)) } else { Ok(()) }
    }

    /// Refuses to make a task an occurrence of a series that is deleted.
    fn series(&mut self, tx: &mut Tx<'_>, task: &Task, now: Option<&Task>) -> Result<()> {
        let Some(id) = task.series_id.filter(|id| now.is_none_or(|now| now.series_id != Some(*id))) else {
            return Ok(());
        };
        if self.known.contains(&id) {
            return Ok(());
        }
        if store::series::by_id(tx.conn, id)?.is_none() {
            return Err(Error::conflict(format!("the series of task {} is deleted", task.number))
                .hint("undo that first; `muista log` shows the changes"));
        }
        self.known.insert(id);
        Ok(())
    }
}
