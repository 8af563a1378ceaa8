//! How many more messages this daemon can hold, by channel. Firing and claiming both take room before they take messages,
//! so that neither takes what could not begin soon.

use std::sync::{Mutex, MutexGuard, PoisonError};

use muista_core::model::Channel;
use muista_core::service::engine::Capacity;

/// The room. A channel that has none yet is not known.
#[derive(Debug, Default)]
pub(in crate::engine) struct Room(Mutex<[Space; Channel::ALL.len()]>);

#[derive(Debug, Default, Clone, Copy)]
struct Space {
    most: usize,
    used: usize,
}

impl Room {
    /// Sets how many messages of a channel can be held.
    pub(super) fn open(&self, channel: Channel, most: usize) {
        self.spaces()[channel as usize].most = most;
    }

    /// Takes all the room there is.
    pub(in crate::engine) fn take(&self) -> Capacity {
        let mut spaces = self.spaces();
        let all = Channel::ALL.iter().map(|channel| (*channel, spaces[*channel as usize].take(usize::MAX)));
        all.filter(|(_, room)| *room > 0).collect()
    }

    /// Takes room for `wanted` messages at most; returns for how many there was.
    pub(super) fn take_of(&self, channel: Channel, wanted: usize) -> usize {
        self.spaces()[channel as usize].take(wanted)
    }

    /// Gives room back.
    pub(super) fn give(&self, channel: Channel, room: usize) {
        let space = &mut self.spaces()[channel as usize];
        space.used = space.used.saturating_sub(room);
    }

    /// Gives back what was not used.
    pub(in crate::engine) fn give_back(&self, unused: Capacity) {
        for (channel, room) in unused {
            self.give(channel, room);
        }
    }

    fn spaces(&self) -> MutexGuard<'_, [Space; Channel::ALL.len()]> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Space {
    fn take(&mut self, wanted: usize) -> usize {
        let room = self.most.saturating_sub(self.used).min(wanted);
        self.used += room;
        room
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_taken_than_there_is() {
        let room = Room::default();
        assert!(room.take().is_empty());
        room.open(Channel::Sms, 3);
        assert_eq!((room.take_of(Channel::Sms, 2), room.take_of(Channel::Sms, 2)), (2, 1));
        room.give(Channel::Sms, 1);
        assert_eq!(room.take(), Capacity::from([(Channel::Sms, 1)]));
        room.give_back(Capacity::from([(Channel::Sms, 1)]));
        // A channel that is closed for a while takes none, whatever is still held.
        room.open(Channel::Sms, 0);
        assert_eq!(room.take_of(Channel::Sms, 1), 0);
    }
}
