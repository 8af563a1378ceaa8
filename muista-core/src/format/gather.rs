//! [`Incoming`]: what a file holds once it is read, for the service's import. Of tasks that stand in the file twice the
//! last is taken; recurring templates give way to their open instances; what refers to a task left out is told.

use std::collections::{HashMap, HashSet};

use super::notices::{Notices, quoted};
use crate::model::{Id, ImportTask};

/// What a file holds.
#[derive(Debug, Default)]
pub struct Incoming {
    /// Tasks to make or bring up to date.
    pub tasks: Vec<ImportTask>,
    /// Tasks to delete where they are here.
    pub deleted: Vec<Id>,
    /// How many of `deleted` are recurring templates that an open instance stands for.
    pub templates: usize,
    /// What could not be taken over just so.
    pub notices: Notices,
}

/// What one object of a file says of a task.
#[derive(Debug)]
pub(crate) enum Entry {
    /// A task of its own.
    Task(Box<ImportTask>),
    /// An open task made from the recurring template of that id.
    Instance(Box<ImportTask>, Id),
    /// A recurring template, a task of its own only without an open instance.
    Template(Box<ImportTask>),
    /// A task that is deleted there.
    Deleted(Id),
}

impl Entry {
    fn id(&self) -> Id {
        match self {
            Self::Task(task) | Self::Instance(task, _) | Self::Template(task) => task.id,
            Self::Deleted(id) => *id,
        }
    }
}

/// The entries of a file being read.
#[derive(Debug, Default)]
pub(crate) struct Gathering {
    entries: Vec<Entry>,
    places: HashMap<Id, usize>,
    /// What could not be taken over just so.
    pub notices: Notices,
}

impl Gathering {
    /// Takes an entry, in place of an earlier one of the same id.
    pub(crate) fn take(&mut self, entry: Entry) {
        let id = entry.id();
        match self.places.get(&id).and_then(|&place| self.entries.get_mut(place)) {
            Some(earlier) => {
                self.notices.case("more than once in the file, the last was taken", id.to_string());
                *earlier = entry;
            }
            None => {
                self.places.insert(id, self.entries.len());
                self.entries.push(entry);
            }
        }
    }

    /// Returns what the file holds, once all of it was taken.
    pub(crate) fn finish(self) -> Incoming {
        let mut incoming =
            Incoming { tasks: Vec::with_capacity(self.entries.len()), notices: self.notices, ..Incoming::default() };
        let with_instance: HashSet<Id> = self
            .entries
            .iter()
            .filter_map(|entry| match entry {
                Entry::Instance(_, template) => Some(*template),
                _ => None,
            })
            .collect();
        for entry in self.entries {
            match entry {
                Entry::Deleted(id) => incoming.deleted.push(id),
                Entry::Template(task) if with_instance.contains(&task.id) => {
                    incoming.deleted.push(task.id);
                    incoming.templates += 1;
                }
                Entry::Template(task) => {
                    let label = label(&task);
                    incoming.notices.case("recurring template without an open instance, made a task", label);
                    incoming.tasks.push(*task);
                }
                Entry::Task(task) | Entry::Instance(task, _) => incoming.tasks.push(*task),
            }
        }
        cut_references(&mut incoming);
        incoming
    }
}

/// Takes out what refers to the task itself or to one that is left out.
fn cut_references(incoming: &mut Incoming) {
    let left_out: HashSet<Id> = incoming.deleted.iter().copied().collect();
    for task in &mut incoming.tasks {
        let (id, before) = (task.id, task.depends_on.len());
        task.depends_on.retain(|other| *other != id && !left_out.contains(other));
        if task.depends_on.len() < before {
            let label = label(task);
            incoming.notices.case("no longer depends on a task that is deleted, a template or itself", label);
        }
        if task.parent_id.is_some_and(|parent| parent == id || left_out.contains(&parent)) {
            task.parent_id = None;
            let label = label(task);
            incoming.notices.case("no longer a part of a task that is deleted", label);
        }
    }
}

fn label(task: &ImportTask) -> String {
    format!("{} {}", task.id, quoted(&task.title))
}
