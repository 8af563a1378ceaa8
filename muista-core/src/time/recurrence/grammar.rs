//! The grammar of a recurrence in words: which pieces make which rule, and where that begins and ends. Leaves out
//! reading them: see `words`.

use jiff::civil::{Date, Time};

use super::{
    Recurrence, Rule, TimeOfDay,
    first::First,
    interval::Interval,
    local::Local,
    target_units::Target,
    words::{Draft, End, HINT, Start},
};
use crate::time::{Duration, Instant, TimeError, When, length, units::Unit};

impl Draft<'_> {
    /// Returns the recurrence that the pieces make.
    pub(crate) fn finish(mut self) -> Result<Recurrence, TimeError> {
        let target = self.target.take();
        let target = target.ok_or_else(|| TimeError::new(self.text, "does not say how often", HINT))?;
        let read = match target {
            Target::Days(days) => self.on_days(&days)?,
            Target::Every(length) if self.time.is_some() && Some(length) == length::of(1, Unit::Day) => {
                self.on_days("* * *")?
            }
            Target::Every(length) => self.at_distance(length)?,
            Target::From(length, first) => self.counted_from(length, first)?,
        };
        let end = self.last_instant(read.start)?;
        Ok(Recurrence { end, from_completion: self.completion, ..read })
    }

    /// On the days that cron matches, at the time that was written, or midnight.
    fn on_days(&self, days: &str) -> Result<Recurrence, TimeError> {
        let (start, begins) = match self.start {
            Start::On(when) => (when.start(&self.context.zone), when),
            Start::Unsaid | Start::AtTime => (None, When::None),
        };
        let time = self.time.or_else(|| self.time_of(begins));
        let at = time.unwrap_or_default();
        let cron = format!("{} {} {} {days}", at.second(), at.minute(), at.hour()).parse()?;
        let time = if time.is_some() { TimeOfDay::Said } else { TimeOfDay::Unsaid };
        Ok(Recurrence { rule: Rule::Cron(cron), start, end: None, from_completion: false, time })
    }

    /// At a distance from where it begins, if that was written.
    fn at_distance(&self, length: Duration) -> Result<Recurrence, TimeError> {
        let (start, time) = match (self.start, self.time) {
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
        Ok(Recurrence { rule, start, end: None, from_completion: false, time })
    }

    /// At a distance from a day that the words name.
    fn counted_from(&self, length: Duration, first: First) -> Result<Recurrence, TimeError> {
        let context = self.context;
        let out_of_range = || TimeError::out_of_range(self.text);
        let begins = match self.start {
            Start::On(when) => when,
            Start::Unsaid | Start::AtTime => When::None,
        };
        let time = self.time.or_else(|| self.time_of(begins));
        let dated = Draft { time, ..Self::new(self.text, context) };
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
        Ok(Recurrence { rule, start, end: None, from_completion: false, time })
    }

    /// Returns the last instant at which it may fire. A length counts from where it begins, or from now.
    fn last_instant(&self, start: Option<Instant>) -> Result<Option<Instant>, TimeError> {
        let Some((end, part)) = self.end else { return Ok(None) };
        let (zone, now) = (&self.context.zone, self.context.now);
        let coming = start.filter(|start| *start > now);
        let last = match end {
            End::Until(when) => when.deadline(zone),
            End::For(length) => {
                let over = length.after(coming.unwrap_or(now), zone)?;
                // What begins with its first firing has the last before the length is over.
                if coming.is_some() { Instant::from_micros(over.as_micros() - 1) } else { Some(over) }
            }
        };
        if last.is_some_and(|last| last < coming.unwrap_or(now)) {
            return Err(TimeError::new(part, "ends it before it begins", "write a later date, like `until 31 dec`"));
        }
        Ok(last)
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
        let at = Local::of(day.to_datetime(self.time.unwrap_or_default()), &self.context.zone);
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
