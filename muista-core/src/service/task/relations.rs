//! What hangs on a task besides its own fields: tags, dependencies and the parent; and what may not be so, as a task
//! that waits for itself.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::assemble;
use crate::error::{Error, Result};
use crate::model::{Id, TagName, Task, fold};
use crate::service::find_or_create;
use crate::service::tx::Tx;
use crate::store;
use crate::store::rows::TaskRow;

/// The most tags that one task may carry.
const TAGS_MAX: usize = 100;

/// Refuses more tags than one task may carry.
pub(crate) fn refuse_many_tags(tags: &[TagName]) -> Result<()> {
    if tags.len() <= TAGS_MAX {
        return Ok(());
    }
    Err(Error::invalid("tags", format!("{} tags are too many, {TAGS_MAX} at most are kept", tags.len())))
}

/// Puts tags on a task that was made with their names.
pub(crate) fn add_tags(tx: &mut Tx<'_>, task: &Task, tags: &[(Id, String)]) -> Result<()> {
    let pairs: Vec<(Id, Id)> = tags.iter().map(|(tag, _)| (task.id, *tag)).collect();
    store::tag::attach(tx.conn, &pairs).map(drop)
}

/// Puts these tags on a task in place of those it has.
pub(crate) fn replace_tags(tx: &mut Tx<'_>, task: &mut Task, names: &[TagName]) -> Result<()> {
    refuse_many_tags(names)?;
    task.tags = names.iter().map(|name| name.to_string()).collect();
    put_tags(tx, vec![task])
}

/// Puts the tags that tasks name on them, in place of those they have. However many tasks they are, it takes few queries
/// for each owner.
pub(crate) fn put_tags(tx: &mut Tx<'_>, tasks: Vec<&mut Task>) -> Result<()> {
    let ids: Vec<Id> = tasks.iter().map(|task| task.id).collect();
    store::tag::detach_all(tx.conn, &ids)?;
    let mut owners: HashMap<Id, Vec<&mut Task>> = HashMap::new();
    for task in tasks {
        owners.entry(task.owner_id).or_default().push(task);
    }
    for (owner, tasks) in owners {
        let named: HashSet<&String> = tasks.iter().flat_map(|task| &task.tags).collect();
        let named: Vec<TagName> = named.into_iter().map(|name| TagName::parse(name)).collect::<Result<_>>()?;
        let tags: HashMap<String, (Id, String)> =
            find_or_create::tags(tx, owner, &named)?.into_iter().map(|tag| (fold(&tag.1), tag)).collect();
        let mut pairs = Vec::new();
        for task in tasks {
            let wanted: BTreeSet<String> = task.tags.iter().map(|name| fold(name)).collect();
            let of_task = wanted.iter().filter_map(|key| tags.get(key));
            pairs.extend(of_task.clone().map(|(tag, _)| (task.id, *tag)));
            task.tags = of_task.map(|(_, name)| name.clone()).collect();
        }
        store::tag::attach(tx.conn, &pairs)?;
    }
    Ok(())
}

/// The tags that a task is to have after a patch; none when they stay.
pub(crate) fn patched_tags(
    now: &[String],
    all: Option<&[TagName]>,
    add: &[TagName],
    remove: &[TagName],
) -> Option<Vec<TagName>> {
    if all.is_none() && add.is_empty() && remove.is_empty() {
        return None;
    }
    let current = || now.iter().filter_map(|name| TagName::parse(name).ok()).collect();
    let mut names: Vec<TagName> = all.map_or_else(current, <[_]>::to_vec);
    names.extend(add.iter().cloned());
    let gone: HashSet<String> = remove.iter().map(|name| fold(name)).collect();
    names.retain(|name| !gone.contains(&fold(name)));
    let mut seen = HashSet::new();
    names.retain(|name| seen.insert(fold(name)));
    let same = names.len() == now.len() && now.iter().all(|name| seen.contains(&fold(name)));
    (!same).then_some(names)
}

/// Makes a task without dependencies wait for these.
pub(crate) fn add_dependencies(tx: &mut Tx<'_>, task: &mut Task, mut ids: Vec<Id>) -> Result<()> {
    ids.sort();
    let pairs: Vec<(Id, Id)> = ids.iter().map(|before| (task.id, *before)).collect();
    store::dependency::insert(tx.conn, &pairs)?;
    task.depends_on = ids;
    Ok(())
}

/// Makes a task wait for these in place of those it waits for.
pub(crate) fn replace_dependencies(tx: &mut Tx<'_>, task: &mut Task, ids: &[Id]) -> Result<()> {
    refuse_dependency_cycle(tx, task, ids)?;
    store::dependency::delete_all(tx.conn, &[task.id])?;
    add_dependencies(tx, task, ids.to_vec())
}

/// Refuses dependencies through which the task would wait for itself.
fn refuse_dependency_cycle(tx: &mut Tx<'_>, task: &Task, ids: &[Id]) -> Result<()> {
    let mut seen = HashSet::new();
    let mut level = ids.to_vec();
    while !level.is_empty() {
        if level.contains(&task.id) {
            return Err(Error::conflict(format!("task {} would wait for itself", task.number))
                .of_field("dependsOn")
                .hint("leave out what waits for it already"));
        }
        let next = store::dependency::of_tasks(tx.conn, &level)?;
        level = next.into_iter().map(|(_, before)| before).filter(|id| seen.insert(*id)).collect();
    }
    Ok(())
}

/// Refuses a parent through which the task would be a part of itself.
pub(crate) fn refuse_parent_cycle(tx: &mut Tx<'_>, task: &Task, parent: Option<Id>) -> Result<()> {
    let mut seen = HashSet::new();
    let mut above = parent;
    while let Some(id) = above.filter(|id| seen.insert(*id)) {
        if id == task.id {
            return Err(Error::conflict(format!("task {} would be a part of itself", task.number))
                .of_field("parent")
                .hint("choose a task that is not a part of it"));
        }
        above = store::task::by_ids(tx.conn, &[id])?.pop().and_then(|found| found.row.parent_id);
    }
    Ok(())
}

/// Takes tasks that are about to be deleted out of what other tasks wait for, and notes that.
pub(crate) fn release_dependents(tx: &mut Tx<'_>, deleted: &[Id]) -> Result<()> {
    let mut dependents = store::dependency::dependents(tx.conn, deleted)?;
    dependents.sort();
    dependents.dedup();
    let gone: HashSet<Id> = deleted.iter().copied().collect();
    dependents.retain(|id| !gone.contains(id));
    store::task::lock(tx.conn, &dependents)?;
    for before in assemble::all_by_ids(tx.conn, &dependents)? {
        let mut task = before.clone();
        task.depends_on.retain(|id| !gone.contains(id));
        task.version += 1;
        task.updated_at = tx.now;
        store::task::update(tx.conn, &TaskRow::from(&task))?;
        tx.updated(&before, &task)?;
    }
    Ok(())
}
