//! The one place that lets a run wait for its turn, whether its schedule, a person, or the failure of the run before asks
//! for it: no account has more runs waiting than `limits.waiting_runs`. Two that ask in the same instant may together go
//! a few beyond it.

use std::collections::HashMap;

use crate::error::{Error, Result};
use crate::model::Id;
use crate::service::access::limit;
use crate::store::{Conn, run};

const SETTING: &str = "limits.waiting_runs";

/// How many more runs may wait, by account.
pub(crate) struct Admission {
    most: u32,
    left: HashMap<Id, i64>,
}

impl Admission {
    /// Lets `most` runs of an account wait.
    pub(crate) fn new(most: u32) -> Self {
        Self { most, left: HashMap::new() }
    }

    /// Whether one more run of the account may wait; it counts as one that does.
    pub(crate) fn admit(&mut self, conn: &mut Conn, owner: Id) -> Result<bool> {
        let left = match self.left.get(&owner) {
            Some(left) => *left,
            None => i64::from(self.most) - run::count_waiting(conn, owner)?,
        };
        self.left.insert(owner, left - i64::from(left > 0));
        Ok(left > 0)
    }

    /// Refuses a run that may not wait.
    ///
    /// # Errors
    /// `Quota` where it may not.
    pub(crate) fn require(&mut self, conn: &mut Conn, owner: Id) -> Result<()> {
        if self.admit(conn, owner)? { Ok(()) } else { Err(self.refusal()) }
    }

    /// Why a run was not made, as it stands in the ledger.
    pub(crate) fn reason(&self) -> String {
        let Error { message, hint, .. } = self.refusal();
        format!("{message}: {}", hint.unwrap_or_default())
    }

    fn refusal(&self) -> Error {
        let message = format!("{} runs of the account wait already, and no more may", self.most);
        limit::exceeded(message, "wait until some have ended, or cancel some with `muista job cancel`", SETTING)
    }
}
