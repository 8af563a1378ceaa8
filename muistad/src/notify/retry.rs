//! When a message that was not taken is tried again: after 1, 2 and 4 minutes, then never. Pure; chance is handed in.

use std::time::Duration;

/// So many times a message is tried again.
pub(crate) const RETRIES: u32 = 3;
/// The first wait; each later one is twice as long.
const FIRST: Duration = Duration::from_secs(60);
/// By so much of itself a wait may be longer, so that messages that failed together do not come back together.
const JITTER: f64 = 0.2;

/// How long to wait after attempt number `attempts`, counted from 1; `None`: it was the last one. `after` is what the
/// other side asked for, `chance` is a number from 0 to 1.
pub(crate) fn wait(attempts: u32, after: Option<Duration>, chance: f64) -> Option<Duration> {
    if attempts > RETRIES {
        return None;
    }
    let wait = FIRST * 2_u32.pow(attempts.saturating_sub(1));
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
            (u32::MAX, None, None),
            (0, None, Some(minutes(1))),
            (1, Some(minutes(15)), Some(minutes(15))),
            (3, Some(minutes(1)), Some(minutes(4))),
        ] {
            assert_eq!(wait(attempts, after, 0.0), shortest, "{attempts} {after:?}");
            assert_eq!(wait(attempts, after, -1.0), shortest, "{attempts} {after:?}");
            let longest = shortest.map(|wait| wait.mul_f64(1.2));
            assert_eq!(wait(attempts, after, 1.0), longest, "{attempts} {after:?}");
        }
    }
}
