//! Until when the work of this thread may go on. A worker says so before it begins ([`within`]), and what takes long and is
//! no worker's whether it may be given up ([`Halt`]); the drivers look while a statement runs, and cut it off.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Instant;

use crate::error::{Error, Result};

/// What is known of the work of a thread.
#[derive(Debug, Clone, Copy)]
struct Limit {
    until: Instant,
    passed: bool,
}

thread_local! {
    static LIMIT: Cell<Option<Limit>> = const { Cell::new(None) };
    static HALT: RefCell<Option<Halt>> = const { RefCell::new(None) };
}

/// An order to give up what takes long, as a backup: whoever asked for it is told, and nothing of it is left.
#[derive(Debug, Clone, Default)]
pub(crate) struct Halt(Arc<AtomicBool>);

impl Halt {
    /// Gives the order. It is never taken back.
    pub(crate) fn order(&self) {
        self.0.store(true, Relaxed);
    }

    /// Refuses to go on once the order was given.
    ///
    /// # Errors
    /// `Unavailable`.
    pub(crate) fn check(&self) -> Result<()> {
        if self.is_ordered() { Err(halted()) } else { Ok(()) }
    }

    /// Whether the order was given.
    pub(crate) fn is_ordered(&self) -> bool {
        self.0.load(Relaxed)
    }

    /// Runs work on this thread, whose statements are cut off once the order is given.
    ///
    /// # Errors
    /// What `work` says; `Unavailable` where it failed since it was given up.
    pub(crate) fn unless_ordered<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.check()?;
        HALT.set(Some(self.clone()));
        let done = work();
        HALT.take();
        done.map_err(|error| if self.is_ordered() { halted() } else { error })
    }
}

/// Refuses to go on where the work of this thread is given up.
///
/// # Errors
/// `Unavailable`.
pub(crate) fn check_halt() -> Result<()> {
    HALT.with_borrow(|halt| halt.as_ref().map_or(Ok(()), Halt::check))
}

fn halted() -> Error {
    Error::unavailable("the daemon stops, and has given this up; nothing of it is left").hint("try again once it runs")
}

/// Runs `work`, whose statements are cut off then; also returns whether one was.
pub(super) fn within<T>(until: Instant, work: impl FnOnce() -> T) -> (T, bool) {
    LIMIT.set(Some(Limit { until, passed: false }));
    let result = work();
    (result, LIMIT.take().is_some_and(|limit| limit.passed))
}

/// Until when statements may go on; none where that is not limited.
pub(super) fn until() -> Option<Instant> {
    LIMIT.get().map(|limit| limit.until)
}

/// Whether a statement is to be cut off now; it then counts as cut off.
pub(super) fn has_passed() -> bool {
    if HALT.with_borrow(|halt| halt.as_ref().is_some_and(Halt::is_ordered)) {
        return true;
    }
    let Some(limit) = LIMIT.get() else { return false };
    let passed = limit.passed || Instant::now() >= limit.until;
    if passed {
        LIMIT.set(Some(Limit { passed, ..limit }));
    }
    passed
}

/// What is said of work that waited too long.
const TOO_LATE: &str = "the database had too much to do to begin this in time; nothing was changed";

/// The error for work that was not begun, since its time was over.
pub(super) fn too_late() -> Error {
    Error::unavailable(TOO_LATE).hint("try again in a moment")
}

/// Whether that is why it failed.
pub(super) fn is_too_late(error: &Error) -> bool {
    error.message == TOO_LATE
}

/// The error for work that took longer than it may.
pub(super) fn too_slow() -> Error {
    Error::unavailable("the database took too long over this, and was stopped; nothing was changed").hint(
        "ask for less: a smaller limit, a project, a tag or a due date beside the search; or try again in a moment",
    )
}
