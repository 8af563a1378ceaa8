//! What was found out of tokens lately. An answer is given again for a few seconds, never longer than the credential is
//! good, and not once accounts, sessions or keys were changed, here or by another daemon on the database.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use muista_core::service::{AuthContext, Caller, Subscription};
use muista_core::time::Instant;

/// How long an answer is given again.
const FRESH: Duration = Duration::from_secs(5);
/// How many answers are kept.
const MOST: usize = 10_000;

/// What was found out lately.
pub(super) struct Cache(RwLock<Answers>);

struct Answers {
    changes: Subscription,
    /// Counts how often all was forgotten, so that what was found out before a change is not kept after it.
    turn: u64,
    kept: HashMap<[u8; 32], Answer>,
}

struct Answer {
    caller: Caller,
    from: Instant,
    until: Instant,
}

impl Cache {
    pub(super) fn new(changes: Subscription) -> Self {
        Self(RwLock::new(Answers { changes, turn: 0, kept: HashMap::new() }))
    }

    /// Returns who shows the token of this name, where that is known; and the turn, to be given to [`Cache::put`].
    pub(super) fn get(&self, name: &[u8; 32], now: Instant) -> (Option<Caller>, u64) {
        {
            let answers = self.0.read().unwrap_or_else(PoisonError::into_inner);
            if !answers.changes.pending() {
                let answer = answers.kept.get(name).filter(|answer| answer.from <= now && now < answer.until);
                return (answer.map(|answer| answer.caller.clone()), answers.turn);
            }
        }
        let mut answers = self.0.write().unwrap_or_else(PoisonError::into_inner);
        answers.catch_up();
        (None, answers.turn)
    }

    /// Keeps an answer that was begun to be looked for in this turn.
    pub(super) fn put(&self, name: [u8; 32], turn: u64, known: &AuthContext, now: Instant) {
        let mut answers = self.0.write().unwrap_or_else(PoisonError::into_inner);
        answers.catch_up();
        if answers.turn != turn {
            return;
        }
        if answers.kept.len() >= MOST {
            answers.kept.retain(|_, answer| now < answer.until);
        }
        if answers.kept.len() >= MOST {
            answers.kept.clear();
        }
        let fresh = now.plus(FRESH);
        let until = known.expires_at.map_or(fresh, |at| at.min(fresh));
        answers.kept.insert(name, Answer { caller: known.caller.clone(), from: now, until });
    }
}

impl Answers {
    /// Forgets all, where something was changed.
    fn catch_up(&mut self) {
        if self.changes.pending() {
            self.changes.seen();
            self.kept.clear();
            self.turn += 1;
        }
    }
}
