//! Until when the work of this thread may go on. A lane says so before it begins ([`within`]); the drivers look while a
//! statement runs, and cut it off.

use std::cell::Cell;
use std::time::Instant;

use crate::error::Error;

/// What is known of the work of a thread.
#[derive(Debug, Clone, Copy)]
struct Limit {
    until: Instant,
    passed: bool,
}

thread_local! {
    static LIMIT: Cell<Option<Limit>> = const { Cell::new(None) };
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
