//! A due: nothing, a day or an instant. How its text is put together is in `draft`.

use jiff::{civil::Date, tz::TimeZone};

use super::{Context, Instant, TimeError, draft::Draft, scan::Scan};

/// A due: nothing, a whole day, or a point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum When {
    /// `none`: clears a due.
    None,
    /// A whole day, in whatever zone it is looked at.
    On(Date),
    /// A point in time.
    At(Instant),
}

impl When {
    /// Reads a date text. Words are read in any case.
    ///
    /// # Errors
    /// Names the part that was not understood, with an example.
    pub fn read(text: &str, context: &Context) -> Result<Self, TimeError> {
        let mut scan = Scan::typed(text)?;
        if scan.chunk().eq_ignore_ascii_case("none") && scan.chunk().len() == text.trim().len() {
            return Ok(Self::None);
        }
        let mut draft = Draft::new(text.trim(), context);
        while !scan.at_end() {
            draft.piece(&mut scan)?;
            scan.space();
            scan.eat(b',');
            scan.space();
        }
        draft.finish()
    }

    /// When it is overdue after: the last second of the day in a zone, or the instant itself.
    pub fn deadline(&self, zone: &TimeZone) -> Option<Instant> {
        match *self {
            Self::None => None,
            Self::On(day) => Some(Instant::end_of(day, zone)),
            Self::At(at) => Some(at),
        }
    }

    /// When it begins: the first instant of the day in a zone, or the instant itself.
    pub fn start(&self, zone: &TimeZone) -> Option<Instant> {
        match *self {
            Self::None => None,
            Self::On(day) => Some(Instant::start_of(day, zone)),
            Self::At(at) => Some(at),
        }
    }
}
