//! Returns memory to the system after a peak. The allocator keeps what is freed for what is allocated next; after a burst
//! of large requests that may be several times what the daemon needs, for as long as it runs. Code is `madvise`'s business.

use std::time::Duration;

use tokio::time::sleep;

/// How often the memory is looked at.
const PERIOD: Duration = Duration::from_secs(15);
/// Growth below this is not worth the work, in bytes.
const WORTH: usize = 4 << 20;

/// How much memory of its own the daemon had when it was last looked at.
#[derive(Debug, Default)]
struct Watched {
    /// Right after the last release, or at the start.
    least: usize,
    /// At the last look.
    last: usize,
}

impl Watched {
    /// Returns whether to release memory now: it has grown since the last release, and grows no more.
    fn is_over_peak(&mut self, now: usize) -> bool {
        let calm = now <= self.last;
        self.last = now;
        if self.least == 0 || now < self.least {
            self.least = now;
        }
        calm && now > self.least + WORTH
    }
}

/// Releases memory after each peak, until it is dropped.
pub(crate) async fn release_after_peaks() {
    let mut watched = Watched::default();
    loop {
        if let Some(now) = held()
            && watched.is_over_peak(now)
        {
            release();
            let after = held().unwrap_or(now);
            tracing::debug!(before = now, after, "memory was returned to the system");
            watched = Watched { least: after, last: after };
        }
        sleep(PERIOD).await;
    }
}

/// Returns the memory that the process holds without its files, in bytes (proc_pid_statm(5)).
fn held() -> Option<usize> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let mut pages = statm.split(' ').skip(1).map_while(|pages| pages.parse::<usize>().ok());
    let (resident, of_files) = (pages.next()?, pages.next()?);
    Some(resident.saturating_sub(of_files) * rustix::param::page_size())
}

/// Has the allocator return to the system all whole pages that nothing of is in use (malloc_trim(3)).
#[cfg(target_env = "gnu")]
fn release() {
    // SAFETY: it takes no pointer, may be called at any time and from any thread, and touches freed memory alone.
    #[expect(unsafe_code, reason = "there is no safe way to tell the allocator")]
    let _ = unsafe { libc::malloc_trim(0) };
}

/// Other allocators have no such call, or return memory by themselves.
#[cfg(not(target_env = "gnu"))]
fn release() {}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: usize = 1 << 20;

    #[test]
    fn memory_is_released_once_a_peak_is_over() {
        let mut watched = Watched::default();
        let looked = [12, 13, 80, 90, 85].map(|megabytes| watched.is_over_peak(megabytes * MB));
        assert_eq!(looked, [false, false, false, false, true]);
        // What cannot be released is not tried again and again.
        let mut watched = Watched { least: 60 * MB, last: 60 * MB };
        assert!(!watched.is_over_peak(60 * MB) && !watched.is_over_peak(62 * MB) && !watched.is_over_peak(61 * MB));
        assert!(!watched.is_over_peak(90 * MB) && watched.is_over_peak(90 * MB));
    }

    #[test]
    #[cfg(target_env = "gnu")]
    fn what_was_freed_goes_back_to_the_system() {
        // Every other block stays, so that no end of the heap is free.
        let mut blocks: Vec<Option<Box<[u8; 8192]>>> = (0..8192).map(|_| Some(Box::new([1; 8192]))).collect();
        let full = held().unwrap_or_default();
        blocks.iter_mut().skip(1).for_each(|block| *block = None);
        let returned = (0..20).any(|_| {
            release();
            held().is_some_and(|now| now + 32 * MB < full)
        });
        assert!(returned, "{full} before, {:?} after", held());
        assert!(blocks[0].is_some());
    }
}
