//! When a duty is done: once at the start, when it is woken, when its time has come, and every 30 seconds in any case.
//! A duty that fails, since the database is away for example, is tried again by itself.

use std::time::Duration;

use muista_core::clock::{Clock as _, SystemClock};
use muista_core::error::{Error, Result};
use muista_core::service::Subscription;
use muista_core::time::Instant;

use super::timer::Timer;
use super::watchdog::{Heartbeat, Watchdog};
use crate::signal::Stop;

/// How long a duty sleeps at most.
const LONGEST: Duration = Duration::from_secs(30);
/// How long until a duty that failed is tried again; it doubles up to [`LONGEST`].
const PAUSE: Duration = Duration::from_secs(1);
/// How long until a duty looks again for what is due but was not to be had: somebody else works on it just now.
const SOON: Duration = Duration::from_millis(20);

/// When there is more to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum More {
    /// At once: what was done was a part.
    Now,
    /// Then; none: when something changes.
    At(Option<Instant>),
}

/// Something that the daemon does by itself.
pub(super) trait Duty: Send + 'static {
    /// Its name in the log.
    const NAME: &'static str;

    /// Does what there is to do now, or a part of it.
    fn run_once(&mut self) -> impl Future<Output = Result<More>> + Send;

    /// Ends what it has begun beside itself, once the daemon is asked to stop.
    fn end(self) -> impl Future<Output = ()> + Send
    where
        Self: Sized,
    {
        async {}
    }
}

/// Does a duty whenever there is something to do, until asked to stop. What has been begun is ended first.
pub(super) fn drive<D: Duty>(
    duty: D,
    wake: Option<Subscription>,
    watchdog: &Watchdog,
    stop: Stop,
) -> impl Future<Output = ()> + Send + use<D> {
    turns(duty, wake, watchdog.register(D::NAME), stop)
}

async fn turns<D: Duty>(mut duty: D, mut wake: Option<Subscription>, heartbeat: Heartbeat, stop: Stop) {
    let mut timer = match Timer::new() {
        Ok(timer) => timer,
        Err(error) => return tracing::error!(duty = D::NAME, %error, "no timer can be had; the duty is not done"),
    };
    let mut rest = Rest::new(heartbeat.clone());
    let mut asked = std::pin::pin!(stop.asked());
    loop {
        // A wake-up that comes while the duty is done is kept by `wake`.
        if stop.is_asked() {
            return duty.end().await;
        }
        heartbeat.beat();
        let more = duty.run_once().await;
        let Some(until) = rest.after(D::NAME, more, SystemClock.now()) else { continue };
        tokio::select! {
            biased;
            () = &mut asked => return duty.end().await,
            () = woken(&mut wake), if !rest.failing() => {}
            rung = timer.until(until) => if let Err(error) = rung {
                tracing::error!(duty = D::NAME, %error, "the timer failed");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn woken(wake: &mut Option<Subscription>) {
    match wake {
        Some(wake) => wake.woken().await,
        None => std::future::pending().await,
    }
}

/// How long to rest after a turn, and what is told of turns that fail.
#[derive(Debug)]
pub(super) struct Rest {
    heartbeat: Heartbeat,
    pause: Option<Duration>,
    telling: Telling,
}

impl Rest {
    pub(super) fn new(heartbeat: Heartbeat) -> Self {
        Self { heartbeat, pause: None, telling: Telling::default() }
    }

    /// Until when to rest; none: not at all. A failure is told, again and again where it lasts, and so is its end.
    pub(super) fn after(&mut self, duty: &str, more: Result<More>, now: Instant) -> Option<Instant> {
        match more {
            Ok(more) => {
                self.heartbeat.set_failing(false);
                if self.pause.take().is_some() {
                    tracing::info!(duty, "the engine works again");
                    self.telling = Telling::default();
                }
                match more {
                    More::Now => None,
                    More::At(at) => {
                        let latest = now.plus(LONGEST);
                        let at = at.unwrap_or(latest).min(latest);
                        Some(if at <= now { now.plus(SOON) } else { at })
                    }
                }
            }
            Err(error) => Some(now.plus(self.failed(duty, &error))),
        }
    }

    /// Returns how long to wait after a failure.
    pub(super) fn failed(&mut self, duty: &str, error: &Error) -> Duration {
        self.heartbeat.set_failing(true);
        let since = self.telling.began();
        if self.telling.is_due(since) {
            tracing::error!(duty, %error, seconds = since.as_secs(), "the engine cannot work; it tries again");
        }
        let pause = self.pause.map_or(PAUSE, |pause| (pause * 2).min(LONGEST));
        self.pause = Some(pause);
        pause
    }

    /// Returns whether the last turn failed.
    pub(super) fn failing(&self) -> bool {
        self.pause.is_some()
    }
}

/// When something that lasts is told: at once, then after 1, 2, 4 … minutes, each hour at last.
#[derive(Debug, Default)]
struct Telling {
    began: Option<std::time::Instant>,
    /// How long after the beginning it is told next, and how long after that again.
    next: Duration,
    pause: Duration,
}

impl Telling {
    /// Returns how long it has lasted.
    fn began(&mut self) -> Duration {
        self.began.get_or_insert_with(std::time::Instant::now).elapsed()
    }

    /// Returns whether it is to be told now that it has lasted for so long.
    fn is_due(&mut self, lasted: Duration) -> bool {
        if lasted < self.next {
            return false;
        }
        self.pause = (self.pause * 2).clamp(Duration::from_secs(60), Duration::from_secs(60 * 60));
        self.next = lasted + self.pause;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lasts_is_told_ever_more_seldom() {
        let mut telling = Telling::default();
        let told: Vec<_> = (0..30_000).filter(|second| telling.is_due(Duration::from_secs(*second))).collect();
        let minutes: Vec<_> = told.iter().map(|second| second / 60).collect();
        assert_eq!(minutes, [0, 1, 3, 7, 15, 31, 63, 123, 183, 243, 303, 363, 423, 483]);
    }
}
