//! What imported tasks say of each other, settled before anything is written: a parent or a dependency that is nowhere,
//! or that leads back to the task itself, is dropped with a notice.

use std::collections::{HashMap, HashSet};

use crate::error::{Error, Result};
use crate::model::{Id, ImportTask};
use crate::service::relations::TAGS_MAX;
use crate::service::write::Tx;
use crate::store;

/// The tasks with only such references as can be kept, each behind what it is a part of.
pub(super) fn settle(
    tx: &mut Tx<'_>,
    mut tasks: Vec<ImportTask>,
    notices: &mut Vec<String>,
) -> Result<Vec<ImportTask>> {
    let there = there(tx, &tasks)?;
    let parents = layers(&tasks, |task| task.parent_id.as_slice());
    let waits = layers(&tasks, |task| &task.depends_on);
    let circling: HashSet<Id> = tasks.iter().map(|task| task.id).filter(|id| !waits.contains_key(id)).collect();
    for task in &mut tasks {
        if task.tags.len() > TAGS_MAX {
            return Err(Error::invalid("tags", format!("“{}” has more than {TAGS_MAX} tags", task.title)));
        }
        let lost = task.parent_id.filter(|parent| !there.contains(parent) || !parents.contains_key(&task.id));
        if let Some(parent) = lost {
            notices.push(format!("“{}” cannot be a part of {parent}: it stands alone", task.title));
            task.parent_id = None;
        }
        // Of tasks that wait for each other only what leads out of the circle is kept.
        let (title, circles) = (&task.title, circling.contains(&task.id));
        task.depends_on.retain(|before| {
            let keep = there.contains(before) && !(circles && circling.contains(before));
            if !keep {
                notices.push(format!("“{title}” cannot wait for {before}: that is left out"));
            }
            keep
        });
        task.depends_on.sort();
        task.depends_on.dedup();
    }
    tasks.sort_by_cached_key(|task| parents.get(&task.id).copied().unwrap_or(0));
    Ok(tasks)
}

/// Every task that will be there when the import is done.
fn there(tx: &mut Tx<'_>, tasks: &[ImportTask]) -> Result<HashSet<Id>> {
    let owner = tx.owner();
    let mut there: HashSet<Id> = tasks.iter().map(|task| task.id).collect();
    let mut elsewhere: Vec<Id> =
        tasks.iter().flat_map(|task| task.depends_on.iter().chain(&task.parent_id)).copied().collect();
    elsewhere.retain(|id| !there.contains(id));
    elsewhere.sort();
    elsewhere.dedup();
    let here = store::task::existing(tx.conn, &elsewhere)?;
    there.extend(here.into_iter().filter_map(|(id, of)| (of == owner).then_some(id)));
    Ok(there)
}

/// How many steps each task is from one that refers to nothing in the file; a task that leads into a circle has no
/// place. Kahn's algorithm, layer by layer.
fn layers(tasks: &[ImportTask], referred: impl Fn(&ImportTask) -> &[Id]) -> HashMap<Id, usize> {
    let known: HashSet<Id> = tasks.iter().map(|task| task.id).collect();
    let mut open: HashMap<Id, usize> = HashMap::with_capacity(tasks.len());
    let mut behind: HashMap<Id, Vec<Id>> = HashMap::new();
    for task in tasks {
        let within: HashSet<Id> = referred(task).iter().filter(|id| known.contains(id)).copied().collect();
        open.insert(task.id, within.len());
        for id in within {
            behind.entry(id).or_default().push(task.id);
        }
    }
    let mut placed = HashMap::with_capacity(tasks.len());
    let mut layer: Vec<Id> = open.iter().filter_map(|(id, left)| (*left == 0).then_some(*id)).collect();
    let mut depth = 0;
    while !layer.is_empty() {
        let mut next = Vec::new();
        for id in layer {
            placed.insert(id, depth);
            for waiting in behind.remove(&id).unwrap_or_default() {
                if let Some(left) = open.get_mut(&waiting) {
                    *left -= 1;
                    if *left == 0 {
                        next.push(waiting);
                    }
                }
            }
        }
        layer = next;
        depth += 1;
    }
    placed
}
