//! [`ChannelCapacity`]: how many more messages this daemon can hold, by channel. Firing and claiming both reserve slots
//! before they take messages, so that neither takes what could not begin soon.

use std::sync::{Mutex, MutexGuard, PoisonError};

use muista_core::model::Channel;
use muista_core::service::engine::Capacity;

/// The slots of each channel. One that has none yet is not known.
#[derive(Debug, Default)]
pub(in crate::engine) struct ChannelCapacity(Mutex<[Slots; Channel::ALL.len()]>);

#[derive(Debug, Default, Clone, Copy)]
struct Slots {
    most: usize,
    used: usize,
}

impl ChannelCapacity {
    /// Sets how many messages of a channel can be held.
    pub(super) fn set_limit(&self, channel: Channel, most: usize) {
        self.slots()[channel as usize].most = most;
    }

    /// Reserves all slots that are free.
    pub(in crate::engine) fn reserve_all(&self) -> Capacity {
        let mut slots = self.slots();
        let all = Channel::ALL.iter().map(|channel| (*channel, slots[*channel as usize].take(usize::MAX)));
        all.filter(|(_, free)| *free > 0).collect()
    }

    /// Reserves slots for `wanted` messages at most; returns how many there were.
    pub(super) fn reserve(&self, channel: Channel, wanted: usize) -> usize {
        self.slots()[channel as usize].take(wanted)
    }

    /// Frees slots.
    pub(super) fn release(&self, channel: Channel, count: usize) {
        let slots = &mut self.slots()[channel as usize];
        slots.used = slots.used.saturating_sub(count);
    }

    /// Frees the slots that were not used.
    pub(in crate::engine) fn release_all(&self, unused: Capacity) {
        for (channel, count) in unused {
            self.release(channel, count);
        }
    }

    fn slots(&self) -> MutexGuard<'_, [Slots; Channel::ALL.len()]> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slots {
    fn take(&mut self, wanted: usize) -> usize {
        let taken = self.most.saturating_sub(self.used).min(wanted);
        self.used += taken;
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_taken_than_there_is() {
        let capacity = ChannelCapacity::default();
        assert!(capacity.reserve_all().is_empty());
        capacity.set_limit(Channel::Sms, 3);
        assert_eq!((capacity.reserve(Channel::Sms, 2), capacity.reserve(Channel::Sms, 2)), (2, 1));
        capacity.release(Channel::Sms, 1);
        assert_eq!(capacity.reserve_all(), Capacity::from([(Channel::Sms, 1)]));
        capacity.release_all(Capacity::from([(Channel::Sms, 1)]));
        // A channel that is closed for a while takes none, whatever is still held.
        capacity.set_limit(Channel::Sms, 0);
        assert_eq!(capacity.reserve(Channel::Sms, 1), 0);
    }
}
