//! Recurrences in words, piece by piece: `every mon, wed at 9:00 until june`. Leaves out what follows
//! `every`, see `target_units`, and what the pieces mean together, see `grammar`.

use jiff::civil::{Time, Weekday, time};

use super::{
    Recurrence,
    by_day_rules::weekdays,
    interval::Interval,
    target_units::{self, Target, kinds_of_day},
};
use crate::time::{
    Context, Duration, TimeError, When,
    clock_time::{self, Clock},
    draft, length,
    place::separator,
    scan::Scan,
    words::{self, distance, lower},
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

/// Returns whether a text has a word that only a recurrence has.
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
pub(crate) struct Draft<'a> {
    pub(crate) text: &'a str,
    pub(crate) context: &'a Context,
    pub(crate) target: Option<Target>,
    pub(crate) completion: bool,
    /// The times of day that were written.
    pub(crate) times: Vec<Time>,
    /// `morning`: the time, or the half of the day that a written one is in.
    pub(crate) part_of_day: Option<Time>,
    /// Weekdays on which it does not fire, with how that was written.
    pub(crate) except: Option<(Vec<Weekday>, &'a str)>,
    pub(crate) start: Start,
    pub(crate) end: Option<(End, &'a str)>,
}

/// Where it begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    Unsaid,
    /// `starting at 9pm`: the time is the draft's.
    AtTime,
    On(When),
}

/// Where it ends.
#[derive(Clone, Copy)]
pub(crate) enum End {
    Until(When),
    For(Duration),
    /// `5 times`
    Times(u32),
}

/// The most firings that may be counted out.
const MOST_TIMES: u32 = 1000;

impl<'a> Draft<'a> {
    /// Nothing read yet of `text`.
    pub(crate) fn new(text: &'a str, context: &'a Context) -> Self {
        Self {
            text,
            context,
            target: None,
            completion: false,
            times: Vec::new(),
            part_of_day: None,
            except: None,
            start: Start::Unsaid,
            end: None,
        }
    }

    /// Reads the next piece, whatever it is.
    fn piece(&mut self, scan: &mut Scan<'a>) -> Result<(), TimeError> {
        let start = *scan;
        let word = if scan.eat(b'@') { "at" } else { scan.word() };
        match lower(word, &mut [0; 12]) {
            "every" | "each" => {
                self.completion |= scan.eat(b'!');
                let target = target_units::after_every(scan)?;
                return self.set_target(target, scan.since(start));
            }
            "at" => {
                let clock = clock_time::after_at(scan)?;
                self.set_clock(clock, scan.since(start))?;
                return self.more_times(scan);
            }
            "in" => return self.set_part_of_day(scan, start),
            "except" | "but" | "excluding" => return self.set_except(scan, start),
            "on" if self.target.is_some() => return self.set_days(scan, start),
            "starting" | "from" => return self.set_start(scan, start),
            "until" | "till" | "ending" => return self.set_until(scan, start),
            "for" => return self.set_length(scan, start),
            _ => {}
        }
        if let Some(target) = target_units::alone(word) {
            return self.set_target(target, word);
        }
        *scan = start;
        if let Some(times) = times(scan) {
            return self.set_times(times, scan.since(start));
        }
        if let Some(clock) = clock_time::read(scan)? {
            self.set_clock(clock, scan.since(start))?;
            return self.more_times(scan);
        }
        Err(unknown(start))
    }

    fn set_target(&mut self, target: Target, part: &str) -> Result<(), TimeError> {
        if self.target.is_some() {
            return Err(TimeError::new(part, "says how often a second time", HINT));
        }
        self.target = Some(target);
        Ok(())
    }

    /// After `weekly`, `every month` and their like: `on tuesday`, `on the 15th`, which say the same as `every tuesday`.
    fn set_days(&mut self, scan: &mut Scan<'a>, start: Scan<'a>) -> Result<(), TimeError> {
        let mut ahead = *scan;
        if ahead.spaced_word().eq_ignore_ascii_case("the") {
            *scan = ahead;
        }
        let days = target_units::after_every(scan)?;
        let part = scan.since(start);
        let unit = self.target.take();
        self.target = unit.and_then(|unit| unit.on(days));
        match self.target {
            Some(_) => Ok(()),
            None => Err(TimeError::new(part, "does not go with how often it is", HINT)),
        }
    }

    fn set_clock(&mut self, clock: Clock, part: &str) -> Result<(), TimeError> {
        if let (Clock::Part(time), None) = (clock, self.part_of_day) {
            self.part_of_day = Some(time);
            return Ok(());
        }
        if !self.times.is_empty() || matches!(clock, Clock::Part(_)) {
            return Err(TimeError::new(part, "names the time a second time", HINT));
        }
        self.times.push(time_of(clock, part)?);
        Ok(())
    }

    /// Reads further times of day: `at 9:00 and 15:00`.
    fn more_times(&mut self, scan: &mut Scan<'a>) -> Result<(), TimeError> {
        while !self.times.is_empty() {
            let start = *scan;
            let mut ahead = start;
            separator(&mut ahead);
            if ahead.since(start).is_empty() || times(&mut { ahead }).is_some() {
                break;
            }
            if at_follows(ahead) {
                ahead.word();
            }
            let Ok(clock) = clock_time::after_at(&mut ahead) else { break };
            let part = ahead.since(start);
            *scan = ahead;
            let time = time_of(clock, part)?;
            if !self.times.contains(&time) {
                self.times.push(time);
            }
        }
        Ok(())
    }

    /// After `in`: `the morning`.
    fn set_part_of_day(&mut self, scan: &mut Scan<'a>, start: Scan<'a>) -> Result<(), TimeError> {
        let mut word = scan.spaced_word();
        if word.eq_ignore_ascii_case("the") {
            word = scan.spaced_word();
        }
        match clock_time::part_of_day(word) {
            Some(time) => self.set_clock(Clock::Part(time), scan.since(start)),
            None => Err(unknown(start)),
        }
    }

    /// After `except`: weekdays.
    fn set_except(&mut self, scan: &mut Scan<'a>, start: Scan<'a>) -> Result<(), TimeError> {
        let mut ahead = *scan;
        if matches!(lower(ahead.spaced_word(), &mut [0; 12]), "on" | "not" | "for") {
            *scan = ahead;
        }
        scan.space();
        let mut ahead = *scan;
        let kind = kinds_of_day(ahead.word()).and_then(|days| days.weekday_set());
        let except = match kind {
            Some(kind) => {
                *scan = ahead;
                kind
            }
            None => weekdays(scan),
        };
        if except.is_empty() || self.except.is_some() {
            let hint = "write weekdays that it leaves out, like `every day except sunday`";
            return Err(TimeError::new(scan.chunk_since(start), "leaves out no weekdays", hint));
        }
        self.except = Some((except, scan.since(start)));
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
        if let Some(times) = times(scan) {
            return self.set_times(times, scan.since(start));
        }
        let length = length::unsigned(scan)?.ok_or_else(|| length::no_length(scan.chunk_since(start)))?;
        Interval::of(length, scan.since(start))?;
        self.set_end(End::For(length), scan.since(start))
    }

    fn set_times(&mut self, times: &str, part: &'a str) -> Result<(), TimeError> {
        let hint = format!("write a number from 1 to {MOST_TIMES}, as in `5 times`, or `until 2030-12-31`");
        let number = times.parse().ok().filter(|number| (1..=MOST_TIMES).contains(number));
        let number = number.ok_or_else(|| TimeError::new(part, "cannot be counted out", hint))?;
        self.set_end(End::Times(number), part)
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
        while !self.ends_date(*scan) {
            date.piece(scan)?;
            scan.space();
            scan.eat(b',');
            scan.space();
        }
        date.finish()
    }

    fn ends_date(&self, scan: Scan<'_>) -> bool {
        scan.at_end() || piece_follows(scan) || (self.wants_time() && at_follows(scan))
    }

    fn wants_time(&self) -> bool {
        if !self.times.is_empty() {
            return false;
        }
        match &self.target {
            None => false,
            Some(Target::Every(length)) => length.is_calendar(),
            Some(_) => true,
        }
    }
}

/// Reads `5 times` or `three times`: the number in digits. `None`: something else follows, and nothing was read.
fn times<'a>(scan: &mut Scan<'a>) -> Option<&'a str> {
    let mut ahead = *scan;
    let number = match ahead.digits() {
        "" => words::number(ahead.word())?,
        digits => digits,
    };
    if !matches!(lower(ahead.spaced_word(), &mut [0; 12]), "times" | "time") {
        return None;
    }
    *scan = ahead;
    Some(number)
}

/// Returns the time of day at which something fires on each of its days.
fn time_of(clock: Clock, part: &str) -> Result<Time, TimeError> {
    match clock {
        Clock::At(time) | Clock::Part(time) => Ok(time),
        Clock::DayStart => Ok(Time::midnight()),
        Clock::DayEnd => Ok(time(23, 59, 59, 0)),
        Clock::NextMidnight => {
            let hint = "write `at 0:00` of the day that begins then, or `at 23:59`";
            Err(TimeError::new(part, "is on the day after", hint))
        }
        Clock::AtOffset(..) => {
            let hint = "write the time without its offset, like `at 9:00`, and name the zone apart";
            Err(TimeError::new(part, "has an offset but no day", hint))
        }
    }
}

fn at_follows(mut scan: Scan<'_>) -> bool {
    scan.eat(b'@') || scan.word().eq_ignore_ascii_case("at")
}

/// Returns whether a piece of the recurrence other than its time is next.
fn piece_follows(mut scan: Scan<'_>) -> bool {
    let start = scan;
    let word = scan.word();
    let known = ["every", "each", "starting", "from", "until", "till", "ending", "for", "except", "but"];
    known.iter().any(|known| known.eq_ignore_ascii_case(word))
        || target_units::alone(word).is_some()
        || times(&mut { start }).is_some()
}

/// Returns the error for a piece that is none of those known.
fn unknown(scan: Scan<'_>) -> TimeError {
    let chunk = scan.chunk();
    let near = FIRST.iter().map(|first| (distance(chunk, first), first)).min();
    let near = near.filter(|(distance, _)| chunk.len() >= 4 && *distance <= chunk.len() / 3);
    let hint = near.map_or_else(|| HINT.to_owned(), |(_, near)| format!("did you mean `{near}`?"));
    TimeError::new(chunk, "is not a recurrence", hint)
}
