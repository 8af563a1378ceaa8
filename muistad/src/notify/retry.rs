//! When a message that was not taken is tried again: after 1, 2 and 4 minutes, then never; or, where a mail server asks to
//! come later, at growing intervals for a day. Pure; chance is handed in.

use std::time::Duration;

/// So many times a message is tried again within minutes.
pub(crate) const RETRIES: u32 = 3;
/// The waits, in minutes. They grow to hours: a mail server that does not know a sender may ask to come later for as long
/// as it likes, and RFC 5321 §4.5.4.1 has senders go on for days. A reminder is worth no more than one.
const WAITS: [u32; 13] = [1, 2, 4, 8, 15, 30, 60, 120, 240, 240, 240, 240, 240];
/// By so much of itself a wait may be longer, so that messages that failed together do not come back together.
const JITTER: f64 = 0.2;

/// For how long a message is worth trying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Some minutes.
    Minutes,
    /// A day.
    Day,
}

/// How long to wait after attempt number `attempts`, counted from 1; `None`: it was the last one. `after` is what the
/// other side asked for, `chance` is a number from 0 to 1.
pub(crate) fn wait(attempts: u32, patience: Patience, after: Option<Duration>, chance: f64) -> Option<Duration> {
    // Who has come further has been asked to come later before, and goes on so.
    if patience == Patience::Minutes && attempts == RETRIES + 1 {
        return None;
    }
    let place = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
    let wait = Duration::from_secs(60) * *WAITS.get(place)?;
    let wait = wait.max(after.unwrap_or_default());
    Some(wait.mul_f64(1.0 + JITTER * chance.clamp(0.0, 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_waits_double_and_end() {
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        for (attempts, after, shortest) in [
            (1, None, Some(minutes(1))),
            (2, None, Some(minutes(2))),
            (3, None, Some(minutes(4))),
            (4, None, None),
            (4, Some(minutes(1)), None),
            (0, None, Some(minutes(1))),
            (1, Some(minutes(15)), Some(minutes(15))),
            (3, Some(minutes(1)), Some(minutes(4))),
        ] {
            let wait = |chance| wait(attempts, Patience::Minutes, after, chance);
            assert_eq!(wait(0.0), shortest, "{attempts} {after:?}");
            assert_eq!(wait(-1.0), shortest, "{attempts} {after:?}");
            let longest = shortest.map(|wait| wait.mul_f64(1.2));
            assert_eq!(wait(1.0), longest, "{attempts} {after:?}");
        }
    }

    #[test]
    fn who_is_asked_to_come_later_comes_for_a_day() {
        let waits: Vec<_> = (1..).map_while(|attempts| wait(attempts, Patience::Day, None, 0.0)).collect();
        assert!(waits.is_sorted() && waits[..3] == [60, 120, 240].map(Duration::from_secs));
        assert_eq!(waits.iter().sum::<Duration>(), Duration::from_secs(24 * 60 * 60));
        // What fails otherwise after that is not given up at once.
        assert_eq!(wait(9, Patience::Minutes, None, 0.0), Some(waits[8]));
        assert_eq!(wait(u32::MAX, Patience::Day, None, 0.0), None);
    }
}
