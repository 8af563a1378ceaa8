//! [`Roll`]: which tasks an import is of, known by their places in it, and in which order they are made. It holds some
//! twenty bytes a task: what a task is stands in the stage's files.

use super::stage::Staged;
use crate::error::Result;
use crate::model::Id;
use crate::service::tx::Tx;
use crate::store;

/// How many entries are read, and how many tasks asked for, at a time.
const STEP: usize = 1000;

/// No place.
const NONE: u32 = u32::MAX;

/// The tasks of an import.
pub(super) struct Roll {
    owner: Id,
    /// Each task once, with the place of the last that has its identifier.
    ids: Vec<(Id, u32)>,
    /// The places that count: the others are of tasks that come once more.
    live: Bits,
    /// Where the caller has that task.
    here: Bits,
    /// Where another account has a task of that identifier.
    elsewhere: Bits,
    parts: bool,
    len: u32,
}

/// In which order the new tasks are made.
pub(super) struct Order {
    /// Their places; none where that is the order in which they came.
    places: Option<Vec<u32>>,
    /// Where a task would be a part of itself, or hangs on one that would.
    pub(super) round: Bits,
}

impl Roll {
    /// Calls the roll: of two alike the last counts.
    pub(super) fn call(tx: &mut Tx<'_>, all: &Staged) -> Result<Self> {
        let len = u32::try_from(all.len()).unwrap_or(NONE);
        let (mut ids, mut parts) = (Vec::with_capacity(all.len()), false);
        each(all, |place, entry| {
            ids.push((entry.id, place));
            parts |= entry.parent.is_some();
        })?;
        ids.sort_unstable();
        // Of one identifier the places ascend.
        ids.reverse();
        ids.dedup_by_key(|(id, _)| *id);
        ids.reverse();
        let mut live = Bits::new(len);
        ids.iter().for_each(|(_, place)| live.set(*place));
        let (here, elsewhere) = (Bits::new(len), Bits::new(len));
        let mut roll = Self { owner: tx.owner(), ids, live, here, elsewhere, parts, len };
        roll.look_up(tx)?;
        Ok(roll)
    }

    /// Finds out which of the tasks are here already, and whose they are. Where another account has a task of one, that of
    /// the file gets an identifier of its own, the same each time: nobody learns by importing what others have.
    fn look_up(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let Self { owner, ids, here, elsewhere, .. } = self;
        let mut others: Vec<(Id, u32)> = Vec::new();
        for some in ids.chunks(STEP) {
            let asked: Vec<Id> = some.iter().map(|(id, _)| *id).collect();
            for (id, of, _) in store::task::places(tx.conn, &asked)? {
                let Ok(found) = some.binary_search_by_key(&id, |(id, _)| *id) else { continue };
                let place = some[found].1;
                if of == *owner {
                    here.set(place);
                } else {
                    elsewhere.set(place);
                    others.push((Id::derived(*owner, id), place));
                }
            }
            look_up_derived(tx, &mut others, *owner, here)?;
        }
        Ok(())
    }

    fn place(&self, id: Id) -> Option<u32> {
        let found = self.ids.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        self.ids.get(found).map(|(_, place)| *place)
    }

    /// Whether a task of that identifier is in the import.
    pub(super) fn holds(&self, id: Id) -> bool {
        self.place(id).is_some()
    }

    /// The identifier that a task of the import has here.
    pub(super) fn own(&self, id: Id) -> Id {
        match self.place(id) {
            Some(place) if self.elsewhere.get(place) => Id::derived(self.owner, id),
            _ => id,
        }
    }

    /// How many tasks are new.
    pub(super) fn new_ones(&self) -> usize {
        self.ids.iter().filter(|(_, place)| !self.here.get(*place)).count()
    }

    /// The places of the tasks that are here already.
    pub(super) fn old(&self) -> impl Iterator<Item = u32> {
        (0..self.len).filter(|place| self.live.get(*place) && self.here.get(*place))
    }

    /// The places of the new tasks, as they came.
    fn fresh(&self) -> impl Iterator<Item = u32> {
        (0..self.len).filter(|place| self.live.get(*place) && !self.here.get(*place))
    }

    /// The places of the new tasks that wait for others, and the identifiers here of all that do.
    pub(super) fn waiting(&self, all: &Staged) -> Result<(Vec<u32>, Vec<Id>)> {
        let (mut new, mut waiting) = (Vec::new(), Vec::new());
        each(all, |place, entry| {
            if entry.waits && self.live.get(place) {
                new.extend((!self.here.get(place)).then_some(place));
                waiting.push(self.own(entry.id));
            }
        })?;
        Ok((new, waiting))
    }

    /// The new tasks in an order in which each comes behind what it is a part of.
    pub(super) fn order(&self, all: &Staged) -> Result<Order> {
        if !self.parts {
            return Ok(Order { places: None, round: Bits::new(0) });
        }
        let mut above = vec![NONE; self.len as usize];
        each(all, |place, entry| {
            let parent = entry.parent.and_then(|parent| self.place(parent));
            above[place as usize] = parent.filter(|parent| !self.here.get(*parent)).unwrap_or(NONE);
        })?;
        let (depths, round) = depths(&above, self.fresh());
        drop(above);
        let mut places: Vec<u32> = self.fresh().collect();
        places.sort_unstable_by_key(|place| (depths[*place as usize], *place));
        Ok(Order { places: Some(places), round })
    }

    /// The places of the new tasks in that order.
    pub(super) fn in_order<'a>(&'a self, order: &'a Order) -> Box<dyn Iterator<Item = u32> + Send + 'a> {
        match &order.places {
            Some(places) => Box::new(places.iter().copied()),
            None => Box::new(self.fresh()),
        }
    }
}

/// Finds out which of the derived identifiers the caller has tasks of, and forgets them.
fn look_up_derived(tx: &mut Tx<'_>, derived: &mut Vec<(Id, u32)>, owner: Id, here: &mut Bits) -> Result<()> {
    derived.sort_unstable();
    let ids: Vec<Id> = derived.iter().map(|(id, _)| *id).collect();
    for (id, of, _) in store::task::places(tx.conn, &ids)? {
        let found = derived.binary_search_by_key(&id, |(id, _)| *id);
        if let Some((_, place)) = found.ok().and_then(|found| derived.get(found)).filter(|_| of == owner) {
            here.set(*place);
        }
    }
    derived.clear();
    Ok(())
}

/// Goes through the entries of all tasks.
fn each(all: &Staged, mut see: impl FnMut(u32, super::stage::Entry)) -> Result<()> {
    let mut place = 0;
    for from in (0..all.len()).step_by(STEP) {
        for entry in all.entries(from, all.len().min(from + STEP))? {
            see(place, entry);
            place += 1;
        }
    }
    Ok(())
}

/// How many tasks stand above each of `tasks`, where `above` says what is directly above; and which of them hang on a circle:
/// those stand alone.
fn depths(above: &[u32], tasks: impl Iterator<Item = u32>) -> (Vec<u32>, Bits) {
    const UNKNOWN: u32 = u32::MAX;
    const MET: u32 = u32::MAX - 1;
    let mut depths = vec![UNKNOWN; above.len()];
    let mut round = Bits::new(u32::try_from(above.len()).unwrap_or(NONE));
    let mut way = Vec::new();
    for task in tasks {
        let mut at = task;
        while at != NONE && depths[at as usize] == UNKNOWN {
            depths[at as usize] = MET;
            way.push(at);
            at = above[at as usize];
        }
        let circle = at != NONE && (depths[at as usize] == MET || round.get(at));
        let mut depth = if circle || at == NONE { 0 } else { depths[at as usize] + 1 };
        while let Some(one) = way.pop() {
            depths[one as usize] = depth;
            if circle { round.set(one) } else { depth += 1 }
        }
    }
    (depths, round)
}

/// A bit for each place.
pub(super) struct Bits(Vec<u64>);

impl Bits {
    fn new(len: u32) -> Self {
        Self(vec![0; (len as usize).div_ceil(64)])
    }

    fn set(&mut self, place: u32) {
        if let Some(word) = self.0.get_mut(place as usize / 64) {
            *word |= 1 << (place % 64);
        }
    }

    pub(super) fn get(&self, place: u32) -> bool {
        self.0.get(place as usize / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depths_are_counted_from_above_and_circles_are_found() {
        // 0 is a part of 2, which is one of 3; 4 and 5 are parts of each other, 1 of 5; 6 is alone.
        let above = [2, 5, 3, NONE, 5, 4, NONE];
        let (depths, round) = depths(&above, 0..7);
        assert_eq!(depths, [2, 0, 1, 0, 0, 0, 0]);
        assert_eq!((0..7).map(|place| round.get(place)).collect::<Vec<_>>(), [0, 1, 0, 0, 1, 1, 0].map(|bit| bit == 1));
    }

    #[test]
    fn bits_are_kept_apart() {
        let mut bits = Bits::new(130);
        [0, 63, 64, 129].into_iter().for_each(|place| bits.set(place));
        assert_eq!((0..200).filter(|place| bits.get(*place)).collect::<Vec<_>>(), [0, 63, 64, 129]);
    }
}
