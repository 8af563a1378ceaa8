//! [`InFlight`]: what this daemon has taken and not given up yet: each message's lease, and the task that sends it.

use std::collections::HashMap;

use muista_core::model::{Channel, Id};
use muista_core::service::engine::Delivery;
use tokio::task::AbortHandle;

/// The messages.
#[derive(Debug, Default)]
pub(super) struct InFlight(HashMap<Id, One>);

#[derive(Debug)]
struct One {
    lease: i64,
    channel: Channel,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Waiting,
    Sending(AbortHandle),
    /// What came of it is to be written down.
    Done,
}

impl InFlight {
    pub(super) fn add(&mut self, delivery: &Delivery) {
        let one = One { lease: delivery.lease, channel: delivery.channel, stage: Stage::Waiting };
        self.0.insert(delivery.id, one);
    }

    pub(super) fn sending(&mut self, id: Id, task: AbortHandle) {
        if let Some(one) = self.0.get_mut(&id) {
            one.stage = Stage::Sending(task);
        }
    }

    /// Notes that it was sent, or not; returns its lease and channel, or none where it is no longer held.
    pub(super) fn sent(&mut self, id: Id) -> Option<(i64, Channel)> {
        let one = self.0.get_mut(&id)?;
        one.stage = Stage::Done;
        Some((one.lease, one.channel))
    }

    /// Lets go of it, and ends its sending.
    pub(super) fn remove(&mut self, id: Id) -> Option<Channel> {
        let one = self.0.remove(&id)?;
        if let Stage::Sending(task) = one.stage {
            task.abort();
        }
        Some(one.channel)
    }

    pub(super) fn leases(&self) -> Vec<(Id, i64)> {
        self.0.iter().map(|(id, one)| (*id, one.lease)).collect()
    }

    pub(super) fn has(&self, id: Id) -> bool {
        self.0.contains_key(&id)
    }

    /// Those of which nothing has come yet.
    pub(super) fn unsure(&self) -> Vec<Id> {
        self.0.iter().filter(|(_, one)| !matches!(one.stage, Stage::Done)).map(|(id, _)| *id).collect()
    }

    /// Ends all sending; returns what was being sent.
    pub(super) fn abort_sending(&self) -> Vec<(Id, i64, Channel)> {
        let sending = self.0.iter().filter_map(|(id, one)| match &one.stage {
            Stage::Sending(task) => {
                task.abort();
                Some((*id, one.lease, one.channel))
            }
            Stage::Waiting | Stage::Done => None,
        });
        sending.collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
