//! The first of all of an account's open tasks, without reading them all: by the threshold algorithm (Fagin, Lotem and
//! Naor). Tasks of one weight are read by the earlier of due and deadline, and all by age. What was not read yet is due no earlier, and no older, than
//! what was read last; once it could not be more urgent than the first that were found, those are the answer.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashSet};

use super::{
    Candidate, DUE, Now, Waits, days, due_share, hundredths, keep_first, priority_part, project_part, tags_part,
};
use crate::error::Result;
use crate::model::Id;
use crate::store::rows::RankRow;
use crate::store::{self, Conn};
use crate::time::Instant;

/// How many tasks are read at first, and at most, at a time.
const STEPS: (i64, i64) = (64, 4096);

/// A due on a date is over when the reader's day is: by so many days it may be earlier or later than the instant by which
/// dues are sorted, which is of the zone that the date was made in.
const ZONES: f64 = 28.0 / 24.0;

/// How many rounds in a row the ages are passed over at most.
const PASSED_MAX: u32 = 16;

/// Tasks in the order of an index.
struct Stream {
    /// The instant and the number of the last that was read.
    after: (Instant, i64),
    step: i64,
    is_over: bool,
}

impl Stream {
    fn new() -> Self {
        Self { after: (Instant::MIN, i64::MIN), step: STEPS.0, is_over: false }
    }

    /// Notes what was read; `place` is where a task is.
    fn went_on(&mut self, rows: &[RankRow], place: impl Fn(&RankRow) -> Instant) {
        self.is_over = i64::try_from(rows.len()).unwrap_or(i64::MAX) < self.step;
        if let Some(last) = rows.last() {
            self.after = (place(last), last.number);
        }
        self.step = (self.step * 4).min(STEPS.1);
    }

    /// How urgent a task of a weight could be that is behind all that was read by due.
    fn bound(&self, weight: i16, age: f64, now: Now) -> f64 {
        let last = self.after.0;
        let share = if last == Instant::MAX { 0.0 } else { due_share(days(last, now.at) + ZONES) };
        let due = hundredths(DUE * share);
        hundredths(f64::from(weight) / 100.0 + due + age)
    }
}

/// How often the ages are read: more and more seldom while that tells nothing, as where thousands were made at once.
#[derive(Default)]
struct Patience {
    /// How many rounds are still passed over.
    rounds: u32,
    /// How many the next time.
    next: u32,
}

impl Patience {
    /// Whether this round is passed over.
    fn waits(&mut self) -> bool {
        let waits = self.rounds > 0;
        self.rounds = self.rounds.saturating_sub(1);
        waits
    }

    /// Notes by how much the ages went down with what was read.
    fn note(&mut self, gain: f64) {
        self.next = if gain > 0.0 { 0 } else { (self.next * 2).clamp(1, PASSED_MAX) };
        self.rounds = self.next;
    }
}

/// What was read: the first of it, and which it was.
struct Found {
    candidates: Vec<Candidate>,
    numbers: HashSet<i64>,
    limit: usize,
}

impl Found {
    fn add(&mut self, rows: &[RankRow], waits: &Waits, now: Now) {
        let new = rows.iter().filter(|row| self.numbers.insert(row.number));
        self.candidates.extend(new.map(|row| Candidate::of(row, waits, now)));
        keep_first(&mut self.candidates, self.limit);
    }

    /// Whether a task of that urgency, behind what was read of a stream by due, could be one of the first.
    fn is_possible(&self, urgency: f64, stream: &Stream) -> bool {
        let Some(last) = self.candidates.get(self.limit - 1) else { return true };
        // Of tasks without a due those with the smaller numbers come first.
        let is_behind = stream.after.0 == Instant::MAX && last.number <= stream.after.1;
        match urgency.total_cmp(&last.urgency) {
            Ordering::Less => false,
            Ordering::Equal => !is_behind,
            Ordering::Greater => true,
        }
    }
}

/// A stream for each weight that a task can have.
fn streams() -> Vec<(i16, Stream)> {
    let tags = || (0..=3).map(tags_part);
    let projects =
        || [false, true].into_iter().flat_map(move |is_in_one| tags().map(move |tags| tags + project_part(is_in_one)));
    let all = (1..=3).flat_map(move |level| projects().map(move |rest| rest + priority_part(level)));
    let weights: BTreeSet<i16> = all.map(weight).collect();
    weights.into_iter().map(|weight| (weight, Stream::new())).collect()
}

/// A sum of points as the column `weight` has it.
pub(super) fn weight(points: f64) -> i16 {
    #[expect(clippy::cast_possible_truncation, reason = "a sum of a few points")]
    let weight = (points * 100.0).round() as i16;
    weight
}

/// The first `limit` of the open tasks of `owner`, in no order.
pub(super) fn of_open(conn: &mut Conn, owner: Id, waits: &Waits, limit: usize, now: Now) -> Result<Vec<Candidate>> {
    let mut found = Found { candidates: Vec::new(), numbers: HashSet::new(), limit };
    // What blocks others is read at once, so that nothing else does.
    let blocking: Vec<Id> = waits.blocking.iter().copied().collect();
    found.add(&store::ranking::among(conn, owner, now.read(), &blocking)?, waits, now);
    let (mut by_age, mut by_due, mut patience) = (Stream::new(), streams(), Patience::default());
    loop {
        if by_age.is_over {
            break;
        }
        // The stream whose next task could be the most urgent, where that could be one of the first.
        let age = hundredths(now.age_part(by_age.after.0));
        let open = by_due.iter_mut().filter(|(_, stream)| !stream.is_over);
        let bounded = open.map(|(weight, stream)| (stream.bound(*weight, age, now), *weight, stream));
        let possible = bounded.filter(|(bound, _, stream)| found.is_possible(*bound, stream));
        let Some((_, weight, stream)) = possible.max_by(|a, b| a.0.total_cmp(&b.0)) else { break };
        let is_new = stream.after.0 == Instant::MIN;
        let rows = store::ranking::by_due(conn, owner, now.read(), weight, stream.after, stream.step)?;
        stream.went_on(&rows, RankRow::urge_key);
        found.add(&rows, waits, now);
        // Most weights have no tasks at all: what the first look at each finds says nothing of the ages.
        if age > 0.0 && !is_new && !patience.waits() {
            let rows = store::ranking::by_age(conn, owner, now.read(), by_age.after, by_age.step)?;
            by_age.went_on(&rows, |row| row.created_at);
            found.add(&rows, waits, now);
            patience.note(age - hundredths(now.age_part(by_age.after.0)));
        }
    }
    Ok(found.candidates)
}
