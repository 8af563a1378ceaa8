//! What the daemon's accounts share and what bounds each: how many scripts run at a time ([`RunSlots`]), and how much an
//! account may have or do ([`Limits`]). Enforcing it is the service's.

use std::num::NonZeroU32;
use std::sync::LazyLock;
use std::time::Duration;

use super::keys;
use super::reader::Reader;

/// How many scripts run at a time for each processor: they wait more than they compute.
const A_PROCESSOR: usize = 4;
/// The fewest and the most that is the default, whatever the number of processors.
const FEWEST: usize = 4;
const MOST: usize = 32;

/// How many scripts a daemon runs at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunSlots {
    /// In all.
    pub total: usize,
    /// Of one account.
    pub account: usize,
    /// Of one job.
    pub job: usize,
}

impl RunSlots {
    /// So many in all; an account may have them all where nobody else wants one, a job half of them.
    #[must_use]
    pub fn of(total: usize) -> Self {
        Self { total, account: total, job: (total / 2).max(1) }
    }

    pub(super) fn take(reader: &mut Reader<'_>) -> Self {
        let number = |set: Option<NonZeroU32>| set.map(|number| usize::try_from(number.get()).unwrap_or(usize::MAX));
        let usual = number(reader.take(&keys::SCRIPTS_SLOTS)).map_or_else(Self::default, Self::of);
        Self {
            account: number(reader.take(&keys::SCRIPTS_ACCOUNT_SLOTS)).unwrap_or(usual.account).min(usual.total),
            job: number(reader.take(&keys::SCRIPTS_JOB_SLOTS)).unwrap_or(usual.job).min(usual.total),
            ..usual
        }
    }
}

impl Default for RunSlots {
    /// By the number of processors.
    fn default() -> Self {
        // To count them takes some twenty system calls.
        static PROCESSORS: LazyLock<usize> =
            LazyLock::new(|| std::thread::available_parallelism().map_or(1, usize::from));
        Self::of((*PROCESSORS * A_PROCESSOR).clamp(FEWEST, MOST))
    }
}

/// How much an account may have or do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many of its runs wait at a time.
    pub waiting_runs: u32,
    /// How many messages go to it in a minute; more wait. Does not hold for `local`.
    pub messages_a_minute: u32,
    /// How many messages go to it in a day; more are marked FAILED. Does not hold for `local`.
    pub messages_a_day: u32,
    /// How close to each other the times of a reminder that repeats may be. Does not hold for `local`.
    pub reminder_interval: Duration,
}

impl Limits {
    pub(super) fn take(reader: &mut Reader<'_>) -> Self {
        let mut number = |key, usual: u32| reader.take(key).map_or(usual, NonZeroU32::get);
        let usual = Self::default();
        Self {
            waiting_runs: number(&keys::LIMITS_WAITING_RUNS, usual.waiting_runs),
            messages_a_minute: number(&keys::LIMITS_MESSAGES_A_MINUTE, usual.messages_a_minute),
            messages_a_day: number(&keys::LIMITS_MESSAGES_A_DAY, usual.messages_a_day),
            reminder_interval: Duration::from_secs(
                number(&keys::LIMITS_REMINDER_SECONDS, u32::try_from(usual.reminder_interval.as_secs()).unwrap_or(60))
                    .into(),
            ),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            waiting_runs: 500,
            messages_a_minute: 30,
            messages_a_day: 1_000,
            reminder_interval: Duration::from_secs(60),
        }
    }
}
