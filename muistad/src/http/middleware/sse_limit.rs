//! [`SseLimit`]: who listens to events. Each stream looks into the database again and again, so an account may have
//! some of them, and all accounts together not many more.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use hyper::StatusCode;
use muista_core::error::Error;
use muista_core::model::Id;

use crate::http::problem::Problem;

/// The most streams of one account.
const OF_ACCOUNT: usize = 64;
/// The most streams of all together.
const MOST: usize = 1_024;
/// When to come again, in seconds. Streams last, so that a moment changes nothing.
const LATER: u32 = 10;

/// The streams that are open.
#[derive(Default)]
pub(crate) struct SseLimit(Mutex<Open>);

#[derive(Default)]
struct Open {
    count: usize,
    of: HashMap<Id, usize>,
}

/// The permit of a stream, which others get once this is dropped.
pub(crate) struct SsePermit {
    limit: Arc<SseLimit>,
    user: Id,
}

impl SseLimit {
    /// Returns a permit for a stream of an account.
    ///
    /// # Errors
    /// The problem 429 where the account has too many, 503 where all have.
    pub(crate) fn admit(self: &Arc<Self>, user: Id) -> Result<SsePermit, Problem> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open.of.get(&user).is_some_and(|count| *count >= OF_ACCOUNT) {
            let message = format!("this account has {OF_ACCOUNT} streams of events open");
            return Err(Error::rate_limited(message, LATER).hint("close those that are not read").into());
        }
        if open.count >= MOST {
            let detail = format!("{MOST} streams of events are open, which is the most");
            let full = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", detail);
            return Err(Problem { retry_after: Some(LATER), ..full });
        }
        open.count += 1;
        *open.of.entry(user).or_default() += 1;
        Ok(SsePermit { limit: Arc::clone(self), user })
    }

    fn leave(&self, user: Id) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.count -= 1;
        if let Some(of) = open.of.get_mut(&user) {
            *of -= 1;
            if *of == 0 {
                open.of.remove(&user);
            }
        }
    }
}

impl Drop for SsePermit {
    fn drop(&mut self) {
        self.limit.leave(self.user);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use muista_core::clock::{Clock as _, SystemClock};

    use super::*;

    #[test]
    fn an_account_has_some_places_and_all_have_an_end() {
        let sse_limit = Arc::new(SseLimit::default());
        let account = || Id::new(SystemClock.now());
        let status = |user: Id| sse_limit.admit(user).map(drop).map_err(|problem| problem.status.as_u16());
        let one = account();
        let mut permits: Vec<_> = (0..OF_ACCOUNT).map(|_| sse_limit.admit(one).ok().unwrap()).collect();
        assert_eq!((status(one), status(account())), (Err(429), Ok(())));
        permits.pop();
        assert_eq!(status(one), Ok(()));
        while permits.len() < MOST {
            permits.push(sse_limit.admit(account()).ok().unwrap());
        }
        assert_eq!(status(account()), Err(503));
        drop(permits);
        assert_eq!(status(one), Ok(()));
        assert!(sse_limit.0.lock().unwrap().of.is_empty());
    }
}
