//! [`Known`]: what the tasks of an import refer to, found or made, and what is said of them where that is nowhere.

use std::collections::{HashMap, HashSet};

use super::roll::{Order, Roll};
use crate::error::Result;
use crate::model::{Id, ImportTask, ProjectName, ProjectRef, TagName, fold};
use crate::service::access::Access;
use crate::service::find_or_create;
use crate::service::tx::Tx;
use crate::store;

/// How many names of projects, and of tags, are kept at a time.
const NAMES: usize = 10_000;
/// How many tasks are named of which the same is to be said.
const NAMED: usize = 20;

/// A project or a tag that is here.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub(super) id: Id,
    pub(super) name: String,
    pub(super) key: String,
}

/// What the tasks of an import refer to.
pub(super) struct Known<'a> {
    owner: Id,
    roll: &'a Roll,
    order: &'a Order,
    /// By how they are written in the file.
    projects: HashMap<String, Named>,
    tags: HashMap<String, Named>,
    lost: Sentences,
    round: Sentences,
}

impl<'a> Known<'a> {
    pub(super) fn new(owner: Id, roll: &'a Roll, order: &'a Order) -> Self {
        let (projects, tags) = (HashMap::new(), HashMap::new());
        Self { owner, roll, order, projects, tags, lost: Sentences::default(), round: Sentences::default() }
    }

    /// Has tasks refer to what is here: they get their own identifiers, what is nowhere is left out and told, what they wait
    /// for is in order, and their projects and tags are known afterwards, made where they are new.
    pub(super) fn fit(&mut self, tx: &mut Tx<'_>, tasks: &mut [(u32, ImportTask)]) -> Result<()> {
        let referred = tasks.iter().flat_map(|(_, task)| task.depends_on.iter().chain(&task.parent_id));
        let outside = self.outside(tx, referred)?;
        for (place, task) in &mut *tasks {
            task.id = self.roll.own(task.id);
            self.fit_parent(*place, task, &outside);
            let wanted = std::mem::take(&mut task.depends_on);
            for before in &wanted {
                let title = &task.title;
                match self.found(*before, &outside) {
                    None => self.lost.say(|| format!("“{title}” waits for {before}, which is not there: it does not")),
                    Some(id) if id == task.id => self.lost.say(|| format!("“{title}” waits for itself: it does not")),
                    Some(_) => {}
                }
            }
            task.depends_on = self.waits(task.id, &wanted, &outside);
        }
        self.learn_projects(tx, tasks)?;
        self.learn_tags(tx, tasks)
    }

    fn fit_parent(&mut self, place: u32, task: &mut ImportTask, outside: &HashSet<Id>) {
        let Some(named) = task.parent_id else { return };
        let title = &task.title;
        task.parent_id = self.found(named, outside);
        if task.parent_id.is_none() {
            self.lost.say(|| format!("“{title}” is a part of {named}, which is not there: it stands alone"));
        } else if self.order.round.get(place) {
            self.round.say(|| format!("“{title}” is a part of {named}, which is a part of itself: it stands alone"));
            task.parent_id = None;
        }
    }

    /// What a task waits for, so far as it is there, each once, in order.
    pub(super) fn waits(&self, task: Id, before: &[Id], outside: &HashSet<Id>) -> Vec<Id> {
        let found = before.iter().filter_map(|id| self.found(*id, outside));
        let mut ids: Vec<Id> = found.filter(|id| *id != task).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The identifier that a task has here; none where it is nowhere.
    fn found(&self, id: Id, outside: &HashSet<Id>) -> Option<Id> {
        if self.roll.holds(id) { Some(self.roll.own(id)) } else { outside.contains(&id).then_some(id) }
    }

    /// The identifier that a task of the import has here.
    pub(super) fn own(&self, id: Id) -> Id {
        self.roll.own(id)
    }

    /// Which of these tasks that are not in the import are here and seen.
    pub(super) fn outside<'t>(&self, tx: &mut Tx<'_>, referred: impl Iterator<Item = &'t Id>) -> Result<HashSet<Id>> {
        let ids: HashSet<Id> = referred.copied().filter(|id| !self.roll.holds(*id)).collect();
        let ids: Vec<Id> = ids.into_iter().collect();
        let (mut access, mut seen) = (Access::of(self.owner), HashSet::new());
        for (id, of, project) in store::task::places(tx.conn, &ids)? {
            if access.permission(tx.conn, of, project)?.is_some() {
                seen.insert(id);
            }
        }
        Ok(seen)
    }

    fn learn_projects(&mut self, tx: &mut Tx<'_>, tasks: &[(u32, ImportTask)]) -> Result<()> {
        if self.projects.len() > NAMES {
            self.projects.clear();
        }
        for name in tasks.iter().filter_map(|(_, task)| task.project.as_ref()) {
            if !self.projects.contains_key(&**name) {
                let (id, known) = find_or_create::project(tx, &ProjectRef::Name(name.clone()))?;
                self.projects.insert(name.to_string(), Named { id, key: fold(&known), name: known });
            }
        }
        Ok(())
    }

    fn learn_tags(&mut self, tx: &mut Tx<'_>, tasks: &[(u32, ImportTask)]) -> Result<()> {
        if self.tags.len() > NAMES {
            self.tags.clear();
        }
        // In their order: a tag that is new gets the first of its spellings.
        let mut seen = HashSet::new();
        let tags = tasks.iter().flat_map(|(_, task)| &task.tags);
        let new = tags.filter(|tag| !self.tags.contains_key(&***tag) && seen.insert(&***tag));
        let new: Vec<TagName> = new.cloned().collect();
        if new.is_empty() {
            return Ok(());
        }
        let found = find_or_create::tags(tx, self.owner, &new)?.into_iter();
        let found: HashMap<String, (Id, String)> = found.map(|(id, name)| (fold(&name), (id, name))).collect();
        for written in new {
            let key = fold(&written);
            if let Some((id, name)) = found.get(&key) {
                self.tags.insert(written.to_string(), Named { id: *id, name: name.clone(), key });
            }
        }
        Ok(())
    }

    /// The project of that name.
    pub(super) fn project(&self, name: Option<&ProjectName>) -> Option<&Named> {
        name.and_then(|name| self.projects.get(&**name))
    }

    /// The tags of these names, each once, in order.
    pub(super) fn tags(&self, names: &[TagName]) -> Vec<&Named> {
        let mut tags: Vec<&Named> = names.iter().filter_map(|name| self.tags.get(&**name)).collect();
        tags.sort_by(|one, other| one.key.cmp(&other.key));
        tags.dedup_by_key(|tag| tag.id);
        tags
    }

    /// What had to be left out, in sentences.
    pub(super) fn told(self) -> Vec<String> {
        let mut told = self.lost.all(|more| format!("{more} more refer to tasks that are not there, or to themselves"));
        told.extend(self.round.all(|more| format!("{more} more are parts of themselves: they stand alone")));
        told
    }
}

/// Sentences of which a million might be said: the first are, and how many more there are.
#[derive(Debug, Default)]
pub(super) struct Sentences {
    first: Vec<String>,
    more: usize,
}

impl Sentences {
    pub(super) fn say(&mut self, sentence: impl FnOnce() -> String) {
        if self.first.len() < NAMED { self.first.push(sentence()) } else { self.more += 1 }
    }

    /// The sentences, and the one that says how many more there are.
    pub(super) fn all(mut self, rest: impl FnOnce(usize) -> String) -> Vec<String> {
        if self.more > 0 {
            self.first.push(rest(self.more));
        }
        self.first
    }
}
