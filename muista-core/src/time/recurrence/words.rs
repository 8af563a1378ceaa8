//! Recurrences in words: `every mon, wed at 9:00 until june`. Leaves out what follows `every`: see
//! `subject`.

use jiff::civil::{Date, Time, time};

use super::{
    Recurrence, Rule, TimeOfDay,
    first::First,
    interval::Interval,
    local::Local,
    subject::{self, Subject},
};
use crate::time::{
    Context, Duration, Instant, TimeError, When,
    clock_time::{self, Clock},
    draft, length,
    scan::Scan,
    units::Unit,
    words::{distance, lower},
};

/// What the hints propose.
pub(crate) const HINT: &str = "recurrences look like `daily`, `every 3 days`, `every mon, wed at 9:00`, `every 3rd friday \
                               until june`, `0 9 * * 1-5` or `P1D`";

/// Words that a recurrence begins with.
const FIRST: [&str; 14] = [
    "every",
    "each",
    "daily",
    "everyday",
    "weekly",
    "biweekly",
    "fortnightly",
    "monthly",
    "quarterly",
    "yearly",
    "annually",
    "hourly",
    "weekdays",
    "weekends",
];

/// Whether a text has a word that only a recurrence has.
pub(crate) fn like_words(text: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_ascii_alphabetic());
    words.any(|word| FIRST.iter().any(|first| first.eq_ignore_ascii_case(word)))
}

/// Reads a recurrence in words.
pub(crate) fn read(text: &str, context: &Context) -> Result<Recurrence, TimeError> {
    let mut scan = Scan::typed(text)?;
    let mut draft = Draft::new(text.trim(), context);
    while !scan.at_end() {
        draft.piece(&mut scan)?;
        scan.space();
        scan.eat(b',');
        scan.space();
    }
    draft.finish()
}

/// What was read so far.
struct Draft<'a> {
    text: &'a str,
    context: &'a Context,
    subject: Option<Subject>,
    completion: bool,
    time: Option<Time>,
    start: Start,
    end: Option<(End, &'a str)>,
}

/// Where it begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    Unsaid,
    /// `starting at 9pm`: the time is the draft's.
    AtTime,
    On(When),
}

/// Where it ends.
#[derive(Clone, Copy)]
enum End {
    Until(When),
    For(Duration),
}

impl<'a> Draft<'a> {
    fn new(text: &'a str, context: &'a Context) -> Self {
        Self { text, context, subject: None, completion: false, time: None, start: Start::Unsaid, end: None }
    }

    /// Reads the next piece, whatever it is.
    fn piece(&mut self, scan: &mut Scan<'a>) -> Result<(), TimeError> {
        let start = *scan;
        let word = if scan.eat(b'@') { "at" } else { scan.word() };
        match lower(word, &mut [0; 12]) {
            "every" | "each" => {
                self.completion |= scan.eat(b'!');
                let subject = subject::after_every(scan)?;
                return self.set_subject(subject, scan.since(start));
            }
            "at" => {
                let clock = clock_time::after_at(scan)?;
                return self.set_clock(clock, scan.since(start));
            }
            "starting" | "from" => return self.set_start(scan, start),
            "until" | "till" | "ending" => return self.set_until(scan, start),
            "for" => return self.set_length(scan, start),
            _ => {}
        }
        if let Some(subject) = subject::alone(word) {
            return self.set_subject(subject, word);
        }
        *scan = start;
        if let Some(clock) = clock_time::read(scan)? {
            return self.set_clock(clock, scan.since(start));
        }
        Err(unknown(start))
    }

    fn set_subject(&mut self, subject: Subject, part: &str) -> Result<(), TimeError> {
        if self.subject.is_some() {
            return Err(TimeError::new(part, "says how often a second time", HINT));
        }
        self.subject = Some(subject);
        Ok(())
    }

    fn set_clock(&mut self, clock: Clock, part: &str) -> Result<(), TimeError> {
        if self.time.is_some() {
            return Err(TimeError::new(part, "names the time a second time", HINT));
        }
        self.time = Some(match clock {
            Clock::At(time) => time,
            Clock::DayStart => Time::midnight(),
            Clock::DayEnd => time(23, 59, 59, 0),
            Clock::AtOffset(..) => {
                let hint = "write the time without its offset, like `at 9:00`, and name the zone apart";
                return Err(TimeError::new(part, "has an offset but no day", hint));
            }
        });
        Ok(())
    }

    fn set_start(&mut self, scan: &mut Scan<'a>, start: Scan<'a>) -> Result<(), TimeError> {
        if self.start != Start::Unsaid {
            return Err(TimeError::new(scan.chunk_since(start), "begins a second time", HINT));
        }
        scan.space();
        self.start = if at_follows(*scan) { Start::AtTime } else { Start::On(self.date(scan, start)?) };
        Ok(())
    }

    fn set_until(&mut self, scan: &mut Scan<'a>, start: Scan<'a>) -> Result<(), TimeError> {
        scan.space();
        let when = self.date(scan, start)?;
        self.set_end(End::Until(when), scan.since(start))
    }

    fn set_length(&mut self, scan: &mut Scan<'a>, start: Scan<'a>) -> Result<(), TimeError> {
        scan.space();
        let length = length::unsigned(scan)?.ok_or_else(|| length::no_length(scan.chunk_since(start)))?;
        Interval::of(length, scan.since(start))?;
        self.set_end(End::For(length), scan.since(start))
    }

    fn set_end(&mut self, end: End, part: &'a str) -> Result<(), TimeError> {
        if self.end.is_some() {
            return Err(TimeError::new(part, "ends a second time", HINT));
        }
        self.end = Some((end, part));
        Ok(())
    }

    /// Reads a date up to the next piece of the recurrence. `at 9:00` is the recurrence's when that
    /// repeats by days and has no time yet.
    fn date(&self, scan: &mut Scan<'a>, start: Scan<'a>) -> Result<When, TimeError> {
        if scan.at_end() || piece_follows(*scan) {
            let hint = "write it like `starting monday` or `until 2028-01-31`";
            return Err(TimeError::new(scan.since(start), "has no date after it", hint));
        }
        let mut date = draft::Draft::new(scan.chunk(), self.context);
        while !scan.at_end() && !piece_follows(*scan) && !(self.wants_time() && at_follows(*scan)) {
            date.piece(scan)?;
            scan.space();
            scan.eat(b',');
            scan.space();
        }
        date.finish()
    }

    fn wants_time(&self) -> bool {
        if self.time.is_some() {
            return false;
        }
        match &self.subject {
            None => false,
            Some(Subject::Every(length)) => length.is_calendar(),
            Some(_) => true,
        }
    }
    /// The recurrence that the pieces make.
    fn finish(mut self) -> Result<Recurrence, TimeError> {
        let subject = self.subject.take();
        let subject = subject.ok_or_else(|| TimeError::new(self.text, "does not say how often", HINT))?;
        let read = match subject {
            Subject::Days(days) => self.on_days(&days)?,
            Subject::Every(length) if self.time.is_some() && Some(length) == length::of(1, Unit::Day) => {
                self.on_days("* * *")?
            }
            Subject::Every(length) => self.at_distance(length)?,
            Subject::From(length, first) => self.from_first(length, first)?,
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
    fn from_first(&self, length: Duration, first: First) -> Result<Recurrence, TimeError> {
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

    /// The last instant at which it may fire. A length counts from where it begins, or from now.
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

    /// The local time of an instant; a day has none.
    fn time_of(&self, when: When) -> Option<Time> {
        match when {
            When::At(at) => Some(at.civil_in(&self.context.zone).time()),
            When::None | When::On(_) => None,
        }
    }

    /// A day at the time that was written, or midnight.
    fn instant(&self, day: Date) -> Result<Instant, TimeError> {
        let at = Local::of(day.to_datetime(self.time.unwrap_or_default()), &self.context.zone);
        at.map(Local::once).ok_or_else(|| TimeError::out_of_range(self.text))
    }

    /// The time that was written, today or, once past, tomorrow.
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

fn at_follows(mut scan: Scan<'_>) -> bool {
    scan.eat(b'@') || scan.word().eq_ignore_ascii_case("at")
}

/// Whether a piece of the recurrence other than its time is next.
fn piece_follows(mut scan: Scan<'_>) -> bool {
    let word = scan.word();
    let known = ["every", "each", "starting", "from", "until", "till", "ending", "for"];
    known.iter().any(|known| known.eq_ignore_ascii_case(word)) || subject::alone(word).is_some()
}

/// The error for a piece that is none of those known.
fn unknown(scan: Scan<'_>) -> TimeError {
    let chunk = scan.chunk();
    let near = FIRST.iter().map(|first| (distance(chunk, first), first)).min();
    let near = near.filter(|(distance, _)| chunk.len() >= 4 && *distance <= chunk.len() / 3);
    let hint = near.map_or_else(|| HINT.to_owned(), |(_, near)| format!("did you mean `{near}`?"));
    TimeError::new(chunk, "is no recurrence", hint)
}
