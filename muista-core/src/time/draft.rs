//! The pieces of a date text put together: a day, a time, lengths added to them. Each piece is read
//! by a file of its own.

use jiff::civil::{Date, Time};

use super::{
    Context, Duration, Instant, TimeError, When,
    clock_time::{self, Clock},
    date::{self, Day, Edge},
    iso, length,
    scan::Scan,
    words::{self, lower},
};

const HINT: &str = "dates look like `tomorrow 18:00`, `fri`, `27 jan`, `in 3 days` or `2028-01-27`";

/// What was read so far: either an instant, or a day, a time of day, or both.
pub(crate) struct Draft<'c> {
    text: &'c str,
    context: &'c Context,
    today: Date,
    at: Option<Instant>,
    day: Option<Day>,
    clock: Option<Clock>,
    /// `morning`: the time, where none is written.
    part: Option<Time>,
}

impl<'c> Draft<'c> {
    /// Nothing read yet of `text`.
    pub(crate) fn new(text: &'c str, context: &'c Context) -> Self {
        Self { text, context, today: context.today(), at: None, day: None, clock: None, part: None }
    }

    /// Reads the next piece, whatever it is.
    pub(crate) fn piece(&mut self, scan: &mut Scan<'_>) -> Result<(), TimeError> {
        let start = *scan;
        if let Some(length) = length::signed(scan)? {
            return if self.is_empty() { self.set_length(length, scan.since(start)) } else { self.shift(length) };
        }
        if let Some(date) = iso::date(scan)? {
            return self.set_iso_day(date, scan, start);
        }
        if let Some(length) = length::unsigned(scan)? {
            let length = if ate_word(scan, "ago") { length.negated() } else { length };
            return self.set_length(length, scan.since(start));
        }
        if let Some(clock) = clock_time::read(scan)? {
            return self.set_clock(clock, scan.since(start));
        }
        if self.connected(scan)? {
            return Ok(());
        }
        if let Some(day) = date::read(scan, self.today, self.context.date_order)? {
            if day.edge == Edge::Start && scan.sees(b't') {
                return self.set_iso_day(day.date, scan, start);
            }
            return self.set_day(day, scan.since(start));
        }
        if let Some(at) = epoch(scan)? {
            return self.set_at(at, scan.since(start));
        }
        Err(unknown(start))
    }

    /// Reads a piece that begins with a word of its own: `now`, `at 10`, `@ 7pm`, `in 3 days`,
    /// `on friday`.
    fn connected(&mut self, scan: &mut Scan<'_>) -> Result<bool, TimeError> {
        let start = *scan;
        let word = if scan.eat(b'@') { "at" } else { scan.word() };
        match lower(word, &mut [0; 12]) {
            "now" => self.set_at(self.context.now, word)?,
            "at" => {
                let clock = clock_time::after_at(scan)?;
                self.set_clock(clock, scan.since(start))?;
            }
            "tonight" => {
                self.set_day(self.today.into(), word)?;
                self.part = clock_time::part_of_day(word);
            }
            "in" if ate_word(scan, "the") => {
                scan.space();
                match clock_time::read(scan)? {
                    Some(clock @ Clock::Part(_)) => self.set_clock(clock, scan.since(start))?,
                    _ => return Err(unknown(start)),
                }
            }
            "in" => {
                scan.space();
                let length = length::unsigned(scan)?.ok_or_else(|| length::no_length(scan.chunk_since(start)))?;
                self.set_length(length, scan.since(start))?;
            }
            "on" | "the" => {
                ate_word(scan, "the");
                scan.space();
                let named = *scan;
                let day = match iso::date(scan)? {
                    Some(date) => Some(date.into()),
                    None => date::read(scan, self.today, self.context.date_order)?,
                };
                self.set_day(day.ok_or_else(|| unknown(named))?, scan.since(start))?;
            }
            _ => {
                *scan = start;
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn is_empty(&self) -> bool {
        self.at.is_none() && self.day.is_none() && self.clock.is_none() && self.part.is_none()
    }

    /// A day in digits, with its time after a `T` if there is one.
    fn set_iso_day(&mut self, date: Date, scan: &mut Scan<'_>, start: Scan<'_>) -> Result<(), TimeError> {
        self.set_day(date.into(), scan.since(start))?;
        if !scan.eat(b't') {
            return if scan.glued() { Err(unknown(start)) } else { Ok(()) };
        }
        let clock = clock_time::after_t(scan)?;
        self.set_clock(clock, scan.since(start))
    }

    fn set_day(&mut self, day: Day, part: &str) -> Result<(), TimeError> {
        if self.at.is_some() || self.day.is_some() {
            return Err(TimeError::new(part, "names the day a second time", HINT));
        }
        self.day = Some(day);
        Ok(())
    }

    fn set_clock(&mut self, clock: Clock, part: &str) -> Result<(), TimeError> {
        let (said, slot_taken) = match clock {
            Clock::Part(time) => (Some(time), self.part.is_some()),
            _ => (None, self.clock.is_some()),
        };
        if self.at.is_some() || slot_taken {
            return Err(TimeError::new(part, "names the time a second time", HINT));
        }
        match said {
            Some(time) => self.part = Some(time),
            None => self.clock = Some(clock),
        }
        Ok(())
    }

    fn set_at(&mut self, at: Instant, part: &str) -> Result<(), TimeError> {
        if !self.is_empty() {
            return Err(TimeError::new(part, "names the time a second time", HINT));
        }
        self.at = Some(at);
        Ok(())
    }

    /// A length alone: whole days and longer are a day, anything else is an instant.
    fn set_length(&mut self, length: Duration, part: &str) -> Result<(), TimeError> {
        if length.is_calendar() {
            let day = length.after_day(self.today).map_err(|_| TimeError::out_of_range(part))?;
            return self.set_day(day.into(), part);
        }
        let at = length.after(self.context.now, &self.context.zone).map_err(|_| TimeError::out_of_range(part))?;
        self.set_at(at, part)
    }

    /// A length added to what is there: a day moved by days stays a day.
    fn shift(&mut self, length: Duration) -> Result<(), TimeError> {
        if let (Some(day), None) = (self.day, self.time())
            && length.is_calendar()
        {
            self.day = Some(Day { date: length.after_day(day.date)?, ..day });
            return Ok(());
        }
        let zone = &self.context.zone;
        let from = match self.day {
            Some(Day { date, edge: Edge::Start }) if self.time().is_none() => Instant::start_of(date, zone),
            Some(Day { date, edge: Edge::End }) if self.time().is_none() => Instant::end_of(date, zone),
            _ => self.instant()?,
        };
        *self = Self { at: Some(length.after(from, zone)?), day: None, clock: None, part: None, ..*self };
        Ok(())
    }

    /// The time of day that was written, or that a part of the day stands for.
    fn time(&self) -> Option<Clock> {
        match (self.clock, self.part) {
            (Some(clock), Some(part)) => Some(clock.within(part)),
            (clock, part) => clock.or(part.map(Clock::Part)),
        }
    }

    /// The instant that an instant, a day with a time, or a time alone is.
    fn instant(&self) -> Result<Instant, TimeError> {
        let zone = &self.context.zone;
        let out_of_range = || TimeError::out_of_range(self.text);
        match (self.at, self.time(), self.day) {
            (Some(at), ..) => Ok(at),
            (None, Some(clock), Some(day)) => clock.on(day.date, zone).ok_or_else(out_of_range),
            (None, Some(clock), None) => self.next(clock),
            (None, None, _) => Err(out_of_range()),
        }
    }

    /// A time alone: today, or tomorrow once past. The day's own start and end are always today's.
    fn next(&self, clock: Clock) -> Result<Instant, TimeError> {
        let out_of_range = || TimeError::out_of_range(self.text);
        let zone = &self.context.zone;
        if matches!(clock, Clock::AtOffset(..)) {
            let hint = "write the day too, like `2028-01-27T18:00+02:00`";
            return Err(TimeError::new(self.text, "has an offset but no day", hint));
        }
        let today = clock.on(self.today, zone).ok_or_else(out_of_range)?;
        if !matches!(clock, Clock::At(_) | Clock::Part(_)) || today >= self.context.now {
            return Ok(today);
        }
        let tomorrow = self.today.tomorrow().map_err(|_| out_of_range())?;
        clock.on(tomorrow, zone).ok_or_else(out_of_range)
    }

    /// The due that the pieces make.
    pub(crate) fn finish(self) -> Result<When, TimeError> {
        match (self.day, self.time()) {
            (Some(day), None) => Ok(When::On(day.date)),
            _ => Ok(When::At(self.instant()?)),
        }
    }
}

/// Reads seconds since the Unix epoch: nine digits or more (eight are a basic ISO date).
fn epoch(scan: &mut Scan<'_>) -> Result<Option<Instant>, TimeError> {
    let mut ahead = *scan;
    let digits = ahead.digits();
    if digits.len() < 9 || ahead.glued() {
        return Ok(None);
    }
    let micros = digits.parse::<i64>().ok().and_then(|seconds| seconds.checked_mul(1_000_000));
    let at = micros.and_then(Instant::from_micros).ok_or_else(|| {
        TimeError::new(digits, "is not an epoch second of this calendar", "milliseconds? drop the last three digits")
    })?;
    *scan = ahead;
    Ok(Some(at))
}

fn ate_word(scan: &mut Scan<'_>, wanted: &str) -> bool {
    let mut ahead = *scan;
    ahead.space();
    let found = ahead.word().eq_ignore_ascii_case(wanted);
    if found {
        *scan = ahead;
    }
    found
}

/// The error for a piece that is none of those known.
fn unknown(scan: Scan<'_>) -> TimeError {
    let mut ahead = scan;
    let digits = ahead.digits();
    let glued = ahead.glued();
    ahead.space();
    let word = ahead.word();
    if digits.is_empty() {
        let near = words::nearest(scan.chunk()).map(|near| format!("did you mean `{near}`?"));
        return TimeError::new(
            scan.chunk(),
            "is not a date Muista understands",
            near.unwrap_or_else(|| HINT.to_owned()),
        );
    }
    if !glued && word.is_empty() {
        let hint = "a number needs more: `9:00` or `at 9`, `9th` or `9 jan`, `9 days`";
        return TimeError::new(scan.chunk(), "is not a date Muista understands", hint);
    }
    TimeError::new(ahead.chunk_since(scan), "is not a date Muista understands", HINT)
}
