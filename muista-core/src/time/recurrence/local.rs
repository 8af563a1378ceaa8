//! Local times and the instants they are: once, twice where the clock goes back, never where it
//! goes forward. Leaves out which of them fire: see `schedule`.

use jiff::{
    civil::DateTime,
    tz::{AmbiguousOffset, Offset, TimeZone},
};

use crate::time::Instant;

/// The instants of a local time in a zone.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Local {
    /// Almost every local time.
    Once(Instant),
    /// The clock goes back over it.
    Twice { first: Instant, second: Instant, turn: Turn },
    /// The clock jumps over it.
    Skipped(Turn),
}

impl Local {
    /// The instants of a local time; `None` outside the years 1 to 9999.
    pub(crate) fn of(local: DateTime, zone: &TimeZone) -> Option<Self> {
        // Beyond jiff's last timestamp no offset changes any more.
        if local.year() >= 9999 {
            return Instant::from_civil(local, zone).map(Self::Once);
        }
        match zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => Instant::from_offset(local, offset).map(Self::Once),
            AmbiguousOffset::Gap { before, after } => Turn::at(local, before, after, zone).map(Self::Skipped),
            AmbiguousOffset::Fold { before, after } => Some(Self::Twice {
                first: Instant::from_offset(local, before)?,
                second: Instant::from_offset(local, after)?,
                turn: Turn::at(local, before, after, zone)?,
            }),
        }
    }

    /// The one instant of something that happens once: the first of two, and the end of a gap.
    pub(crate) fn once(self) -> Instant {
        match self {
            Self::Once(at) | Self::Twice { first: at, .. } => at,
            Self::Skipped(turn) => turn.at,
        }
    }
}

/// A change of a zone's offset that local times are skipped or repeated by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Turn {
    /// The first instant with the new offset.
    pub(crate) at: Instant,
    before: Offset,
    after: Offset,
}

impl Turn {
    /// The change between two offsets that a local time falls in.
    fn at(local: DateTime, before: Offset, after: Offset, zone: &TimeZone) -> Option<Self> {
        // Read with the larger offset, the local time is before the change.
        let earlier = Instant::from_offset(local, before.max(after))?;
        let change = zone.following(earlier.to_timestamp()).find(|change| change.offset() == after)?;
        Some(Self { at: Instant::from_timestamp(change.timestamp()), before, after })
    }

    /// The first local time that is skipped or repeated.
    pub(crate) fn start(&self) -> DateTime {
        self.at.civil_at(self.before.min(self.after))
    }

    /// The first local time that is no longer.
    pub(crate) fn end(&self) -> DateTime {
        self.at.civil_at(self.before.max(self.after))
    }

    /// The instant of a repeated local time in the second pass.
    pub(crate) fn second(&self, local: DateTime) -> Option<Instant> {
        Instant::from_offset(local, self.after)
    }
}
