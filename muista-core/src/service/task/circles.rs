//! Refusing what may not go round in a circle: tasks that wait for themselves, and tasks that are parts of themselves. Many
//! are looked at together, and what is held of each is a few bytes.

use std::collections::HashMap;

use crate::error::{Error, Result};
use crate::model::Id;
use crate::service::tx::Tx;
use crate::store;

/// How many tasks are asked for at a time.
const STEP: usize = 500;

/// No place.
const NONE: u32 = u32::MAX;

/// Refuses circles of dependencies through any of these tasks.
///
/// # Errors
/// `Conflict`, which names a task.
pub(crate) fn refuse_waiting(tx: &mut Tx<'_>, tasks: Vec<Id>) -> Result<()> {
    let mut places = Places::of(tasks);
    let mut pairs = places.follow(|some| store::dependency::of_tasks(tx.conn, some))?;
    let mut waits = vec![0_u32; places.len()];
    for (task, _) in &pairs {
        waits[*task as usize] += 1;
    }
    pairs.sort_unstable_by_key(|(_, before)| *before);
    // Take away, again and again, what waits for nothing; what is left waits for itself.
    let mut free: Vec<u32> = (0..).zip(&waits).filter(|(_, waits)| **waits == 0).map(|(place, _)| place).collect();
    while let Some(place) = free.pop() {
        let first = pairs.partition_point(|(_, before)| *before < place);
        for (task, _) in pairs[first..].iter().take_while(|(_, before)| *before == place) {
            let left = &mut waits[*task as usize];
            *left -= 1;
            if *left == 0 {
                free.push(*task);
            }
        }
    }
    match places.least(|place| waits[place as usize] > 0) {
        Some(id) => Err(Error::conflict(format!("task {id} would wait for itself")).of_field("dependsOn")),
        None => Ok(()),
    }
}

/// Refuses that any of these tasks is a part of itself, as they stand now.
///
/// # Errors
/// `Conflict`, which names the first of them that is.
pub(crate) fn refuse_parts(tx: &mut Tx<'_>, tasks: &[Id]) -> Result<()> {
    let mut places = Places::of(tasks.to_vec());
    let pairs = places.follow(|some| {
        let parents = store::task::parents(tx.conn, some)?;
        Ok(parents.into_iter().filter_map(|(id, parent)| Some((id, parent?))).collect())
    })?;
    let mut above = vec![NONE; places.len()];
    for (part, whole) in pairs {
        above[part as usize] = whole;
    }
    let round = on_circles(&above);
    let Some(id) = tasks.iter().find(|id| places.get(**id).is_some_and(|place| round[place as usize])) else {
        return Ok(());
    };
    let number = store::task::by_ids(tx.conn, &[*id])?.pop().map(|found| found.row.number).unwrap_or_default();
    Err(Error::conflict(format!("task {number} would be a part of itself"))
        .of_field("parent")
        .hint("choose a task that is not a part of it"))
}

/// Which places lead back to themselves, where each leads to one at most.
fn on_circles(above: &[u32]) -> Vec<bool> {
    // Which walk has come by, each known by where it began.
    let (mut seen, mut round) = (vec![NONE; above.len()], vec![false; above.len()]);
    for start in 0..u32::try_from(above.len()).unwrap_or(NONE) {
        let mut at = start;
        while at != NONE && seen[at as usize] == NONE {
            seen[at as usize] = start;
            at = above[at as usize];
        }
        if at == NONE || seen[at as usize] != start {
            continue;
        }
        while !round[at as usize] {
            round[at as usize] = true;
            at = above[at as usize];
        }
    }
    round
}

/// Tasks, each with a place: those that are given, sorted, and behind them those that are found.
struct Places {
    given: Vec<Id>,
    found: HashMap<Id, u32>,
}

impl Places {
    fn of(mut given: Vec<Id>) -> Self {
        given.sort_unstable();
        given.dedup();
        Self { given, found: HashMap::new() }
    }

    fn get(&self, id: Id) -> Option<u32> {
        match self.given.binary_search(&id) {
            Ok(place) => u32::try_from(place).ok(),
            Err(_) => self.found.get(&id).copied(),
        }
    }

    fn len(&self) -> usize {
        self.given.len() + self.found.len()
    }

    /// The place of a task; it is added to `new` where it had none.
    fn place(&mut self, id: Id, new: &mut Vec<Id>) -> u32 {
        self.get(id).unwrap_or_else(|| {
            let place = u32::try_from(self.len()).unwrap_or(NONE);
            self.found.insert(id, place);
            new.push(id);
            place
        })
    }

    /// Goes from the given tasks on to those that they lead to, and so forth; returns each step, as places. `next` says
    /// which tasks lead to which.
    fn follow(&mut self, mut next: impl FnMut(&[Id]) -> Result<Vec<(Id, Id)>>) -> Result<Vec<(u32, u32)>> {
        let (mut pairs, mut new) = (Vec::new(), Vec::new());
        let mut add = |places: &mut Self, some: &[Id], new: &mut Vec<Id>| -> Result<()> {
            for (from, to) in next(some)? {
                pairs.push((places.place(from, new), places.place(to, new)));
            }
            Ok(())
        };
        for first in (0..self.given.len()).step_by(STEP) {
            let some = self.given[first..self.given.len().min(first + STEP)].to_vec();
            add(self, &some, &mut new)?;
        }
        while !new.is_empty() {
            for some in std::mem::take(&mut new).chunks(STEP) {
                add(self, some, &mut new)?;
            }
        }
        Ok(pairs)
    }

    /// The smallest of the tasks whose place is such.
    fn least(&self, such: impl Fn(u32) -> bool) -> Option<Id> {
        let given = (0..).zip(self.given.iter().copied());
        let found = self.found.iter().map(|(id, place)| (*place, *id));
        given.chain(found).filter(|(place, _)| such(*place)).map(|(_, id)| id).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_leads_back_to_itself_is_on_a_circle() {
        //  0 → 1 → 2 → 1, 3 → nothing, 4 → 4, 5 → 0
        assert_eq!(on_circles(&[1, 2, 1, NONE, 4, 0]), [false, true, true, false, true, false]);
        assert_eq!(on_circles(&[]), [false; 0]);
        let mut long: Vec<u32> = (1..100_000).chain([NONE]).collect();
        assert!(!on_circles(&long).contains(&true));
        long[99_999] = 7;
        assert_eq!(on_circles(&long).iter().filter(|round| !**round).count(), 7);
    }

    #[test]
    fn what_is_met_is_followed_once() -> Result<()> {
        let id = |n: u8| Id::from_bytes([n; 16]);
        let mut places = Places::of(vec![id(2), id(1), id(2)]);
        let mut asked = 0;
        let pairs = places.follow(|some| {
            asked += some.len();
            let lead = some.iter().copied().filter(|of| *of < id(5));
            Ok(lead.flat_map(|of| [(of, id(of.as_bytes()[0] + 1)), (of, id(9))]).collect())
        })?;
        assert_eq!((asked, places.len(), pairs.len()), (6, 6, 8));
        assert_eq!(places.least(|place| place > 1), Some(id(3)));
        Ok(())
    }
}
