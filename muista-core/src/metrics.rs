//! Counters of what the engine does: how late things fire, what became of messages and of runs, how the channels stand.
//! They are kept here and shown elsewhere; nothing here reads the database.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use serde::Serialize;

use crate::model::Channel;

/// The upper ends of the histogram's buckets, in milliseconds; what is later falls into one more.
pub const LATENESS: [u64; 12] = [1, 2, 5, 10, 25, 50, 100, 250, 1_000, 5_000, 30_000, 300_000];

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DeliveryOutcome {
    Sent,
    Retried,
    Failed,
    Released,
}

/// Whether a channel is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Breaker {
    /// It is.
    Closed,
    /// One message is tried.
    HalfOpen,
    /// It is not, since it has failed again and again.
    Open,
}

/// What became of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunEvent {
    /// Its script was started.
    Started,
    /// It succeeded.
    Finished,
    /// It failed.
    Failed,
    /// It is tried again.
    Retried,
    /// It was taken over from a daemon that was gone.
    Rescued,
}

/// The counters. They begin at nothing when the process does.
#[derive(Debug, Default)]
pub struct Metrics {
    lateness: [AtomicU64; LATENESS.len() + 1],
    lateness_micros: AtomicU64,
    channels: [ChannelCounters; Channel::ALL.len()],
    runs: [AtomicU64; 5],
    slots: AtomicU64,
    slots_free: AtomicU64,
}

#[derive(Debug, Default)]
struct ChannelCounters {
    claimed: AtomicU64,
    rescued: AtomicU64,
    outcomes: [AtomicU64; 4],
    breaker: AtomicU8,
}

/// The counters at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// How much fired within each bucket of [`LATENESS`], and beyond.
    pub lateness: Vec<u64>,
    /// The sum of all lateness, in microseconds.
    pub lateness_micros: u64,
    /// The channels.
    pub channels: Vec<ChannelSnapshot>,
    /// The runs.
    pub runs: RunSnapshot,
    /// How many scripts this daemon runs at a time, and how many more it could run now; 0 where it runs none.
    pub slots: (u64, u64),
}

/// One channel's counters at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChannelSnapshot {
    /// The channel.
    pub channel: Channel,
    /// How many messages this daemon took.
    pub claimed: u64,
    /// How many of them it took over from a daemon that was gone.
    pub rescued: u64,
    /// How many the channel took.
    pub sent: u64,
    /// How many attempts are made again.
    pub retried: u64,
    /// How many messages were given up.
    pub failed: u64,
    /// How many were given back without an attempt.
    pub released: u64,
    /// Whether it is used.
    pub breaker: Breaker,
}

/// The runs' counters at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunSnapshot {
    /// How many scripts were started.
    pub started: u64,
    /// How many succeeded.
    pub finished: u64,
    /// How many failed.
    pub failed: u64,
    /// How many are tried again.
    pub retried: u64,
    /// How many were taken over from a daemon that was gone.
    pub rescued: u64,
}

impl Metrics {
    /// Counts something that fired so late.
    pub(crate) fn fired(&self, late: Duration) {
        let bucket = LATENESS.iter().position(|end| late <= Duration::from_millis(*end)).unwrap_or(LATENESS.len());
        self.lateness[bucket].fetch_add(1, Relaxed);
        self.lateness_micros.fetch_add(u64::try_from(late.as_micros()).unwrap_or(u64::MAX), Relaxed);
    }

    /// Counts messages that were taken, and those of them that were taken over.
    pub(crate) fn claimed(&self, channel: Channel, taken: usize, rescued: usize) {
        self.channels[channel as usize].claimed.fetch_add(taken as u64, Relaxed);
        self.channels[channel as usize].rescued.fetch_add(rescued as u64, Relaxed);
    }

    /// Counts what became of a message.
    pub(crate) fn delivered(&self, channel: Channel, outcome: DeliveryOutcome) {
        self.channels[channel as usize].outcomes[outcome as usize].fetch_add(1, Relaxed);
    }

    /// Notes how a channel stands.
    pub fn breaker(&self, channel: Channel, state: Breaker) {
        self.channels[channel as usize].breaker.store(state as u8, Relaxed);
    }

    /// Counts what became of a run.
    pub fn run(&self, event: RunEvent) {
        self.runs[event as usize].fetch_add(1, Relaxed);
    }

    /// Notes how many scripts this daemon runs at a time, and how many more it could run now.
    pub fn slots(&self, total: usize, free: usize) {
        self.slots.store(total as u64, Relaxed);
        self.slots_free.store(free as u64, Relaxed);
    }

    /// The counters as they stand.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let run = |event: RunEvent| self.runs[event as usize].load(Relaxed);
        Snapshot {
            lateness: self.lateness.iter().map(|count| count.load(Relaxed)).collect(),
            lateness_micros: self.lateness_micros.load(Relaxed),
            channels: Channel::ALL.iter().map(|channel| self.channel(*channel)).collect(),
            runs: RunSnapshot {
                started: run(RunEvent::Started),
                finished: run(RunEvent::Finished),
                failed: run(RunEvent::Failed),
                retried: run(RunEvent::Retried),
                rescued: run(RunEvent::Rescued),
            },
            slots: (self.slots.load(Relaxed), self.slots_free.load(Relaxed)),
        }
    }

    fn channel(&self, channel: Channel) -> ChannelSnapshot {
        let counters = &self.channels[channel as usize];
        let count = |outcome: DeliveryOutcome| counters.outcomes[outcome as usize].load(Relaxed);
        ChannelSnapshot {
            channel,
            claimed: counters.claimed.load(Relaxed),
            rescued: counters.rescued.load(Relaxed),
            sent: count(DeliveryOutcome::Sent),
            retried: count(DeliveryOutcome::Retried),
            failed: count(DeliveryOutcome::Failed),
            released: count(DeliveryOutcome::Released),
            breaker: match counters.breaker.load(Relaxed) {
                0 => Breaker::Closed,
                1 => Breaker::HalfOpen,
                _ => Breaker::Open,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_shown() {
        let metrics = Metrics::default();
        for late in [0, 1_000, 1_001, 4_999, 400_000_000] {
            metrics.fired(Duration::from_micros(late));
        }
        metrics.claimed(Channel::Ntfy, 3, 1);
        metrics.delivered(Channel::Ntfy, DeliveryOutcome::Sent);
        metrics.breaker(Channel::Sms, Breaker::Open);
        metrics.run(RunEvent::Rescued);
        let shown = metrics.snapshot();
        assert_eq!((shown.lateness[0], shown.lateness[1], shown.lateness[2], shown.lateness[12]), (2, 1, 1, 1));
        assert_eq!(shown.lateness_micros, 400_007_000);
        let ntfy = &shown.channels[Channel::Ntfy as usize];
        assert_eq!((ntfy.channel, ntfy.claimed, ntfy.rescued, ntfy.sent), (Channel::Ntfy, 3, 1, 1));
        assert_eq!(shown.channels[Channel::Sms as usize].breaker, Breaker::Open);
        assert_eq!(shown.runs.rescued, 1);
    }
}
