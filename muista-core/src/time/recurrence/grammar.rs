//! The grammar of a recurrence in words: which pieces make which rule, and where that begins and ends. Leaves out
//! reading them: see `words`.

use jiff::civil::{Date, Time};

use super::{
    Bound, Recurrence, Rule, Schedule, TimeOfDay,
    days::Days,
    first::First,
    interval::Interval,
    local::Local,
    target_units::Target,
    words::{Draft, End, HINT, Start},
};
use crate::time::{Duration, Instant, TimeError, When, clock_time::Clock, length, units::Unit};

impl Draft<'_> {
    /// Returns the recurrence that the pieces make.
    pub(crate) fn finish(mut self) -> Result<Recurrence, TimeError> {
        self.put_in_its_half_of_the_day();
        let target = self.target.take();
        let target = target.ok_or_else(|| TimeError::new(self.text, "does not say how often", HINT))?;
        let target = self.without_exceptions(target)?;
        let read = match target {
            Target::Days(days) => self.on_days(&days)?,
            target if self.times.len() > 1 => {
                let days = target.by_days().ok_or_else(|| {
                    let hint = "several times of day go with days, like `every day at 9:00 and 15:00`";
                    TimeError::new(self.text, "has several times of day", hint)
                })?;
                self.on_days(&days)?
            }
            Target::Every(length) if !self.times.is_empty() && Some(length) == length::of(1, Unit::Day) => {
                self.on_days(&Days::every())?
            }
            Target::Every(length) => self.at_distance(length)?,
            Target::From(length, first) => self.counted_from(length, first)?,
        };
        self.bounded(Recurrence { from_completion: self.completion, ..read })
    }

    /// Gives the times that were written the half of the day that was named, or the one it stands for.
    fn put_in_its_half_of_the_day(&mut self) {
        let Some(part) = self.part_of_day else { return };
        if self.times.is_empty() {
            self.times.push(part);
        }
        for time in &mut self.times {
            if let Clock::At(within) = Clock::At(*time).within(part) {
                *time = within;
            }
        }
    }

    /// Takes out the weekdays on which it does not fire.
    fn without_exceptions(&self, target: Target) -> Result<Target, TimeError> {
        let Some((except, part)) = &self.except else { return Ok(target) };
        let days = match &target {
            Target::Every(length) if Some(*length) == length::of(1, Unit::Day) => Days::every().except(except),
            Target::Days(days) => days.except(except),
            Target::Every(_) | Target::From(..) => None,
        };
        days.map(Target::Days).ok_or_else(|| {
            let hint = "weekdays can be left out of others, as in `every day except sunday`";
            TimeError::new(part, "leaves no days, or does not go with how often it is", hint)
        })
    }

    /// On the days that cron matches, at the times that were written, or midnight.
    fn on_days(&self, days: &Days) -> Result<Recurrence, TimeError> {
        let (start, begins) = match self.start {
            Start::On(when) => (when.start(&self.context.zone), when),
            Start::Unsaid | Start::AtTime => (None, When::None),
        };
        let mut times = self.times.clone();
        times.extend(self.time_of(begins).filter(|_| self.times.is_empty()));
        times.sort();
        let time = if times.is_empty() { TimeOfDay::Unsaid } else { TimeOfDay::Said };
        if times.is_empty() {
            times.push(Time::midnight());
        }
        let rule = Rule::Cron(days.at(&times).parse()?);
        let start = match days.step() {
            Some(_) => Some(self.first_of(days, &times, start)?),
            None => start,
        };
        Ok(Recurrence { start, ..Recurrence::of(rule, time) })
    }

    /// The first of such days from where it begins, or from now: one in so many weeks is counted from its week.
    fn first_of(&self, days: &Days, times: &[Time], start: Option<Instant>) -> Result<Instant, TimeError> {
        let zone = &self.context.zone;
        let from = match (start, self.times.is_empty()) {
            (Some(start), _) => start,
            // Today counts for what is due on dates.
            (None, true) => Instant::start_of(self.context.today(), zone),
            (None, false) => self.context.now,
        };
        let all = Rule::Cron(days.clone().stepped(None).at(times).parse()?);
        let first = Schedule::new(all, zone.clone(), from, None).next(from.just_before());
        first.ok_or_else(|| TimeError::out_of_range(self.text))
    }

    /// At a distance from where it begins, if that was written.
    fn at_distance(&self, length: Duration) -> Result<Recurrence, TimeError> {
        let (start, time) = match (self.start, self.time()) {
            (Start::On(When::At(_)), Some(_)) => {
                return Err(TimeError::new(self.text, "names two times to begin at", HINT));
            }
            (Start::On(When::On(day)), None) => (Some(self.instant(day)?), self.unsaid_on(day)),
            (Start::On(When::On(day)), Some(_)) => (Some(self.instant(day)?), TimeOfDay::Said),
            (Start::On(when), None) => (when.start(&self.context.zone), TimeOfDay::Said),
            (_, Some(_)) => (Some(self.coming()?), TimeOfDay::Said),
            (_, None) => (None, TimeOfDay::Unsaid),
        };
        let time = if length.is_calendar() { time } else { TimeOfDay::Said };
        let rule = Rule::Every(Interval::of(length, self.text)?);
        Ok(Recurrence { start, ..Recurrence::of(rule, time) })
    }

    /// At a distance from a day that the words name.
    fn counted_from(&self, length: Duration, first: First) -> Result<Recurrence, TimeError> {
        let context = self.context;
        let out_of_range = || TimeError::out_of_range(self.text);
        let begins = match self.start {
            Start::On(when) => when,
            Start::Unsaid | Start::AtTime => When::None,
        };
        let time = self.time().or_else(|| self.time_of(begins));
        let dated = Draft { times: time.into_iter().collect(), ..Self::new(self.text, context) };
        let day = match begins.start(&context.zone) {
            Some(start) => first.from(start.date_in(&context.zone)),
            None => {
                let today = context.today();
                let coming = first.around(today).ok_or_else(out_of_range)?;
                // Today counts while its time is still to come.
                let past = coming == today && dated.instant(today)? <= context.now;
                if past { first.around(today.tomorrow().map_err(|_| out_of_range())?) } else { Some(coming) }
            }
        };
        let day = day.ok_or_else(out_of_range)?;
        let start = Some(dated.instant(day)?);
        let time = if time.is_some() { TimeOfDay::Said } else { self.unsaid_on(day) };
        let rule = Rule::Every(Interval::of(length, self.text)?);
        Ok(Recurrence { start, ..Recurrence::of(rule, time) })
    }

    /// Returns it with its end. A length and a number of times count from where it begins, or from now.
    fn bounded(&self, read: Recurrence) -> Result<Recurrence, TimeError> {
        let Some((end, part)) = self.end else { return Ok(read) };
        let (zone, now) = (&self.context.zone, self.context.now);
        let coming = read.start.filter(|start| *start > now);
        let (end, bound) = match end {
            End::Until(when) => (when.deadline(zone), None),
            End::For(length) => {
                let over = length.after(coming.unwrap_or(now), zone)?;
                // What begins with its first firing has the last before the length is over.
                (if coming.is_some() { Some(over.just_before()) } else { Some(over) }, Some(Bound::For(length)))
            }
            End::Times(_) if self.completion => {
                let hint = "write `until 2030-12-31`, or `every` without the `!`";
                return Err(TimeError::new(part, "cannot be counted from completions", hint));
            }
            End::Times(times) => {
                let bounded = Recurrence { bound: Some(Bound::Times(times)), ..read };
                return Ok(Recurrence { end: bounded.end_from(None, self.context), ..bounded });
            }
        };
        if end.is_some_and(|last| last < coming.unwrap_or(now)) {
            return Err(TimeError::new(part, "ends it before it begins", "write a later date, like `until 31 dec`"));
        }
        Ok(Recurrence { end, bound, ..read })
    }

    /// Returns the only time of day that was written, or the first of them.
    fn time(&self) -> Option<Time> {
        self.times.first().copied()
    }

    /// Returns the local time of an instant; a day has none.
    fn time_of(&self, when: When) -> Option<Time> {
        match when {
            When::At(at) => Some(at.civil_in(&self.context.zone).time()),
            When::None | When::On(_) => None,
        }
    }

    /// Returns a day at the time that was written, or midnight.
    fn instant(&self, day: Date) -> Result<Instant, TimeError> {
        let at = Local::of(day.to_datetime(self.time().unwrap_or_default()), &self.context.zone);
        at.map(Local::once).ok_or_else(|| TimeError::out_of_range(self.text))
    }

    /// Returns the time that was written, today or, once past, tomorrow.
    fn coming(&self) -> Result<Instant, TimeError> {
        let today = self.context.today();
        let at = self.instant(today)?;
        if at > self.context.now {
            return Ok(at);
        }
        self.instant(today.tomorrow().map_err(|_| TimeError::out_of_range(self.text))?)
    }

    fn unsaid_on(&self, day: Date) -> TimeOfDay {
        TimeOfDay::UnsaidOn(day, self.context.zone.clone())
    }
}
