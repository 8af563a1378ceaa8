//! When a rule fires in a zone. Pure: no clock, no memory of what fired.

use jiff::{
    Span,
    civil::{DateTime, Time},
    tz::TimeZone,
};

use super::{
    Rule,
    cron::{Anchored, Clock, Cron},
    local::Local,
};
use crate::time::Instant;

/// A rule in a zone, between two bounds.
#[derive(Debug, Clone)]
pub struct Schedule {
    rule: Rule,
    zone: TimeZone,
    anchor: Instant,
    end: Option<Instant>,
}

impl Schedule {
    /// A schedule. Intervals count from `anchor`, which is their first firing; for cron nothing
    /// fires before it. `end` is the last instant at which it may fire.
    pub fn new(rule: Rule, zone: TimeZone, anchor: Instant, end: Option<Instant>) -> Self {
        Self { rule, zone, anchor, end }
    }

    /// The zone that its local times are in.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The first firing later than `after`; `None` when there is none any more.
    pub fn next(&self, after: Instant) -> Option<Instant> {
        let at = match &self.rule {
            Rule::Cron(cron) => next_of(self.anchored(cron), after.max(self.anchor.just_before()), &self.zone),
            Rule::Every(interval) => {
                let n = interval.last(self.anchor, &self.zone, after).map_or(0, |n| n + 1);
                interval.nth(self.anchor, &self.zone, n)
            }
        };
        self.not_over(at)
    }

    /// The last firing later than `from` and not later than `until`. It takes as long as
    /// [`Self::next`], however many firings there are between the two.
    pub fn latest(&self, from: Instant, until: Instant) -> Option<Instant> {
        let until = self.end.map_or(until, |end| until.min(end));
        let at = match &self.rule {
            Rule::Cron(cron) => last_of(self.anchored(cron), until, &self.zone).filter(|at| *at >= self.anchor),
            Rule::Every(interval) => {
                let n = interval.last(self.anchor, &self.zone, until)?;
                interval.nth(self.anchor, &self.zone, n)
            }
        };
        at.filter(|at| *at > from)
    }

    /// The next `count` firings later than `after`; fewer when it ends before.
    pub fn upcoming(&self, after: Instant, count: usize) -> Vec<Instant> {
        std::iter::successors(self.next(after), |at| self.next(*at)).take(count).collect()
    }

    /// The firing after a completion, for what repeats from there (`every!`): one interval after
    /// it, or the first time cron matches; `None` when it is over.
    pub fn next_from_completion(&self, completed: Instant) -> Option<Instant> {
        match &self.rule {
            Rule::Cron(_) => self.next(completed),
            Rule::Every(interval) => self.not_over(interval.after(completed, &self.zone)),
        }
    }

    /// The cron with the day that its steps are counted from.
    fn anchored<'a>(&self, cron: &'a Cron) -> Anchored<'a> {
        Anchored { cron, anchor: self.anchor.date_in(&self.zone) }
    }

    fn not_over(&self, at: Option<Instant>) -> Option<Instant> {
        at.filter(|at| self.end.is_none_or(|end| *at <= end))
    }
}

fn next_of(cron: Anchored<'_>, after: Instant, zone: &TimeZone) -> Option<Instant> {
    match cron.clock() {
        Clock::Fixed => next_fixed(cron, after, zone),
        Clock::Running => next_running(cron, after, zone),
    }
}

/// Each local time once: at the end of a gap that skips it, in the first pass of those repeated.
fn next_fixed(cron: Anchored<'_>, after: Instant, zone: &TimeZone) -> Option<Instant> {
    let mut local = cron.after(whole_second(after, zone))?;
    loop {
        match Local::of(local, zone)? {
            // In the second pass: what is repeated has fired in the first.
            Local::Twice { first, turn, .. } if first <= after => local = cron.from(turn.end())?,
            found => return Some(found.once()),
        }
    }
}

/// Each instant whose local time matches.
fn next_running(cron: Anchored<'_>, after: Instant, zone: &TimeZone) -> Option<Instant> {
    let now = whole_second(after, zone);
    let mut next = cron.after(now);
    if let Some(Local::Twice { turn, .. }) = Local::of(now, zone)
        && after < turn.at
        && next.is_none_or(|local| local >= turn.end())
        && let Some(again) = cron.from(turn.start()).filter(|local| *local < turn.end())
    {
        return turn.second(again);
    }
    loop {
        match Local::of(next?, zone)? {
            Local::Skipped(turn) => next = cron.from(turn.end()),
            Local::Twice { first, second, .. } if first <= after => return Some(second),
            found => return Some(found.once()),
        }
    }
}

/// The last firing up to `until`.
fn last_of(cron: Anchored<'_>, until: Instant, zone: &TimeZone) -> Option<Instant> {
    match cron.clock() {
        Clock::Fixed => last_fixed(cron, until, zone),
        Clock::Running => last_running(cron, until, zone),
    }
}

fn last_fixed(cron: Anchored<'_>, until: Instant, zone: &TimeZone) -> Option<Instant> {
    let now = whole_second(until, zone);
    let from = match Local::of(now, zone)? {
        Local::Twice { turn, .. } if turn.at <= until => second_before(turn.end())?,
        _ => now,
    };
    Local::of(cron.up_to(from)?, zone).map(Local::once)
}

fn last_running(cron: Anchored<'_>, until: Instant, zone: &TimeZone) -> Option<Instant> {
    let now = whole_second(until, zone);
    let mut from = now;
    if let Local::Twice { turn, .. } = Local::of(now, zone)?
        && turn.at <= until
    {
        if let Some(again) = cron.up_to(now).filter(|local| *local >= turn.start()) {
            return turn.second(again);
        }
        from = second_before(turn.end())?;
    }
    loop {
        match Local::of(cron.up_to(from)?, zone)? {
            Local::Skipped(turn) => from = second_before(turn.start())?,
            Local::Twice { second, .. } if second <= until => return Some(second),
            found => return Some(found.once()),
        }
    }
}

/// The local time at an instant, without fractions of a second.
fn whole_second(at: Instant, zone: &TimeZone) -> DateTime {
    let local = at.civil_in(zone);
    local.date().to_datetime(Time::constant(local.hour(), local.minute(), local.second(), 0))
}

fn second_before(local: DateTime) -> Option<DateTime> {
    local.checked_sub(Span::new().seconds(1)).ok()
}
