//! Recurrences in words, piece by piece: `every mon, wed at 9:00 until june`. Leaves out what follows
//! `every`, see `target_units`, and what the pieces mean together, see `grammar`.

use jiff::civil::{Time, time};

use super::{
    Recurrence,
    interval::Interval,
    target_units::{self, Target},
};
use crate::time::{
    Context, Duration, TimeError, When,
    clock_time::{self, Clock},
    draft, length,
    scan::Scan,
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
    pub(crate) time: Option<Time>,
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
}

impl<'a> Draft<'a> {
    /// Nothing read yet of `text`.
    pub(crate) fn new(text: &'a str, context: &'a Context) -> Self {
        Self { text, context, target: None, completion: false, time: None, start: Start::Unsaid, end: None }
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
                return self.set_clock(clock, scan.since(start));
            }
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
        if let Some(clock) = clock_time::read(scan)? {
            return self.set_clock(clock, scan.since(start));
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
        if self.time.is_some() {
            return false;
        }
        match &self.target {
            None => false,
            Some(Target::Every(length)) => length.is_calendar(),
            Some(_) => true,
        }
    }
}

fn at_follows(mut scan: Scan<'_>) -> bool {
    scan.eat(b'@') || scan.word().eq_ignore_ascii_case("at")
}

/// Returns whether a piece of the recurrence other than its time is next.
fn piece_follows(mut scan: Scan<'_>) -> bool {
    let word = scan.word();
    let known = ["every", "each", "starting", "from", "until", "till", "ending", "for"];
    known.iter().any(|known| known.eq_ignore_ascii_case(word)) || target_units::alone(word).is_some()
}

/// Returns the error for a piece that is none of those known.
fn unknown(scan: Scan<'_>) -> TimeError {
    let chunk = scan.chunk();
    let near = FIRST.iter().map(|first| (distance(chunk, first), first)).min();
    let near = near.filter(|(distance, _)| chunk.len() >= 4 && *distance <= chunk.len() / 3);
    let hint = near.map_or_else(|| HINT.to_owned(), |(_, near)| format!("did you mean `{near}`?"));
    TimeError::new(chunk, "is no recurrence", hint)
}
