//! [`Retry`]: how long to wait before a message is tried again, and when to give up.

use std::time::{Duration, SystemTime};

use uuid::Uuid;

/// When what failed for a while is tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    /// How often at most, after the first time.
    pub most: u32,
    /// The wait before the first retry; each later one waits about twice as long.
    pub first: Duration,
    /// The longest wait, unless the daemon asks for a longer one.
    pub longest: Duration,
    /// How long a single try may take.
    pub each: Duration,
    /// How long all tries may take together, with what is waited between.
    pub deadline: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            most: 5,
            first: Duration::from_millis(200),
            longest: Duration::from_secs(10),
            each: Duration::from_secs(30),
            deadline: Duration::from_secs(60),
        }
    }
}

impl Retry {
    /// How long to wait after `tries` failed ones: as long as the daemon asks for, and then between half of what the rule
    /// says and all of it, by chance, so that many agents do not come back at once.
    pub(crate) fn wait(&self, tries: u32, asked: Option<Duration>) -> Duration {
        let doubled = self.first.saturating_mul(2_u32.saturating_pow(tries.saturating_sub(1)));
        let half = doubled.min(self.longest) / 2;
        // The last byte is one of those that are random.
        let chance = u32::from(Uuid::now_v7().as_bytes()[15]);
        let spread = half.saturating_mul(chance) / 255;
        asked.unwrap_or_default().saturating_add(half).saturating_add(spread)
    }
}

/// What a `Retry-After` asks for: seconds, or the date until which to wait (RFC 9110 §10.2.3). Nothing where it is neither.
pub(crate) fn asked(header: &str, now: SystemTime) -> Option<Duration> {
    let header = header.trim();
    if header.bytes().all(|byte| byte.is_ascii_digit()) {
        return header.parse().ok().map(Duration::from_secs);
    }
    httpdate::parse_http_date(header).ok().map(|date| date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let asked = |header| asked(header, now);
        assert_eq!(asked(" 120 "), Some(Duration::from_secs(120)));
        assert_eq!(asked("Sun, 06 Nov 1994 08:50:07 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(asked("Sun, 06 Nov 1994 08:49:07 GMT"), Some(Duration::ZERO));
        for nothing in ["", "soon", "-1", "1.5", "99999999999999999999"] {
            assert_eq!(asked(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn waits_grow_and_differ_and_are_never_shorter_than_asked_for() {
        let retry = Retry::default();
        let ms = Duration::from_millis;
        for _ in 0..1000 {
            assert!((ms(100)..=ms(200)).contains(&retry.wait(1, None)));
            assert!((ms(400)..=ms(800)).contains(&retry.wait(3, None)));
            assert!((ms(5000)..=ms(10_000)).contains(&retry.wait(40, None)));
            assert!((ms(3000)..=ms(3200)).contains(&retry.wait(1, Some(ms(3000)))));
        }
        assert_eq!(retry.wait(1, Some(Duration::MAX)), Duration::MAX);
        let endless = Retry { first: Duration::MAX, longest: Duration::MAX, ..Retry::default() };
        assert!(endless.wait(40, Some(Duration::from_secs(u64::MAX))) >= Duration::from_secs(u64::MAX));
        let some: Vec<_> = (0..100).map(|_| retry.wait(3, None)).collect();
        assert!(some.iter().any(|wait| *wait != some[0]));
    }
}
