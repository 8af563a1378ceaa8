//! Reading the tasks of an import again, in steps of a bounded size. While one step is worked on the next is read.

use std::sync::mpsc::sync_channel;
use std::thread;

use serde::de::DeserializeOwned;

use super::stage::Staged;
use crate::error::{Error, Result};

/// How many tasks are worked on at a time.
pub(super) const STEP: usize = 500;
/// About how many bytes of them.
const BYTES: u64 = 2 << 20;
/// How many steps are read ahead.
const AHEAD: usize = 1;

/// Where a task stands.
#[derive(Debug, Clone, Copy)]
struct Span {
    place: u32,
    from: u64,
    to: u64,
}

/// Hands the tasks at these places, which need not ascend, to `work`, each with its place.
///
/// # Errors
/// What `work` says, and `Unavailable` where the files cannot be read.
pub(super) fn in_steps<T: DeserializeOwned + Send>(
    all: &Staged,
    places: impl Iterator<Item = u32> + Send,
    mut work: impl FnMut(Vec<(u32, T)>) -> Result<()>,
) -> Result<()> {
    if all.len() <= STEP {
        return read(all, places, &mut |step| work(step).map(|()| true));
    }
    thread::scope(|scope| {
        let (sender, steps) = sync_channel(AHEAD);
        let reader = thread::Builder::new().name("muista-import".to_owned()).spawn_scoped(scope, move || {
            // Who takes no more has failed.
            read(all, places, &mut |step| Ok(sender.send(step).is_ok()))
        });
        let reader = reader.map_err(|e| Error::unavailable(format!("cannot start a thread: {e}")))?;
        let done = steps.iter().try_for_each(work);
        drop(steps);
        let read = reader.join().unwrap_or_else(|_| Err(Error::internal("reading the import broke off")));
        done.and(read)
    })
}

/// Reads step after step until `take` wants no more.
fn read<T: DeserializeOwned>(
    all: &Staged,
    mut places: impl Iterator<Item = u32>,
    take: &mut dyn FnMut(Vec<(u32, T)>) -> Result<bool>,
) -> Result<()> {
    loop {
        let some: Vec<u32> = places.by_ref().take(STEP).collect();
        if some.is_empty() {
            return Ok(());
        }
        let spans = spans(all, &some)?;
        let mut rest = &spans[..];
        while !rest.is_empty() {
            let mut bytes = 0;
            let fits = rest.iter().take_while(|span| {
                bytes += span.to - span.from;
                bytes <= BYTES
            });
            let (step, later) = rest.split_at(fits.count().max(1));
            rest = later;
            if !take(tasks(all, step)?)? {
                return Ok(());
            }
        }
    }
}

/// Where these tasks stand.
fn spans(all: &Staged, places: &[u32]) -> Result<Vec<Span>> {
    let mut spans = Vec::with_capacity(places.len());
    for run in places.chunk_by(|one, next| one + 1 == *next) {
        let first = run.first().copied().unwrap_or_default() as usize;
        let entries = all.entries(first.saturating_sub(1), first + run.len())?;
        let (before, entries) = if first == 0 { (0, &entries[..]) } else { (entries[0].end, &entries[1..]) };
        let mut from = before;
        for (place, entry) in run.iter().zip(entries) {
            spans.push(Span { place: *place, from, to: entry.end });
            from = entry.end;
        }
    }
    Ok(spans)
}

/// The tasks there; those that stand beside each other are read at once.
fn tasks<T: DeserializeOwned>(all: &Staged, spans: &[Span]) -> Result<Vec<(u32, T)>> {
    let mut tasks = Vec::with_capacity(spans.len());
    for run in spans.chunk_by(|one, next| one.to == next.from) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        let values = all.tasks(first.from, last.to)?;
        if values.len() != run.len() {
            return Err(Error::internal("the import's file does not hold what was put into it"));
        }
        tasks.extend(run.iter().map(|span| span.place).zip(values));
    }
    Ok(tasks)
}
