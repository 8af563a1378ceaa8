//! A timer on the wall clock: exact to far less than a millisecond, and woken when the clock is set, which a timer that
//! counts elapsed time would not notice.

use std::io::Result;
use std::os::fd::OwnedFd;

use muista_core::time::Instant;
use rustix::io::Errno;
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};
use tokio::io::unix::AsyncFd;

const SECOND: i64 = 1_000_000;

/// The timer.
#[derive(Debug)]
pub(super) struct Timer(AsyncFd<OwnedFd>);

impl Timer {
    /// A timer that is not set. Must be called within a tokio runtime.
    #[expect(deprecated, reason = "its successor is unsafe: it has its caller promise what an OwnedFd holds by itself")]
    pub(super) fn new() -> Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        Ok(Self(AsyncFd::new(timerfd_create(TimerfdClockId::Realtime, flags)?)?))
    }

    /// Returns at `at`, at once where it is past, and earlier when the clock is set.
    pub(super) async fn until(&mut self, at: Instant) -> Result<()> {
        // Zero would unset the timer.
        let micros = at.as_micros().max(1);
        let value = Timespec { tv_sec: micros / SECOND, tv_nsec: (micros % SECOND) * 1000 };
        let set = Itimerspec { it_interval: Timespec { tv_sec: 0, tv_nsec: 0 }, it_value: value };
        match timerfd_settime(&self.0, TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET, &set) {
            Ok(_) => {}
            // The clock was set since the timer last was.
            Err(Errno::CANCELED) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        loop {
            let mut ready = self.0.readable().await?;
            let mut count = [0; 8];
            match ready.try_io(|timer| Ok(rustix::io::read(timer, &mut count)?)) {
                Ok(Err(error)) if error.raw_os_error() != Some(Errno::CANCELED.raw_os_error()) => return Err(error),
                Ok(_) => return Ok(()),
                // An earlier setting had made it ready.
                Err(_would_block) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::time::Duration;

    use muista_core::clock::{Clock as _, SystemClock};

    use super::*;

    fn in_micros(micros: i64) -> Instant {
        Instant::from_micros(SystemClock.now().as_micros() + micros).unwrap()
    }

    #[tokio::test]
    async fn it_rings_at_its_time_and_not_before() {
        let mut timer = Timer::new().unwrap();
        for _ in 0..5 {
            let at = in_micros(5_000);
            timer.until(at).await.unwrap();
            assert!(SystemClock.now() >= at);
        }
    }

    #[tokio::test]
    async fn a_time_that_is_past_rings_at_once() {
        let mut timer = Timer::new().unwrap();
        for at in [in_micros(-1_000_000), Instant::MIN] {
            tokio::time::timeout(Duration::from_secs(5), timer.until(at)).await.unwrap().unwrap();
        }
    }

    #[tokio::test]
    async fn a_setting_that_was_given_up_does_not_ring() {
        let mut timer = Timer::new().unwrap();
        let early = in_micros(1_000);
        // Given up after it has rung, but before anybody took notice.
        let wait = async {
            tokio::select! {
                biased;
                () = async {
                    while SystemClock.now() < early {
                        std::thread::yield_now();
                    }
                } => {}
                _ = timer.until(early) => {}
            }
        };
        wait.await;
        let at = in_micros(20_000);
        timer.until(at).await.unwrap();
        assert!(SystemClock.now() >= at);
    }
}
