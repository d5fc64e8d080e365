//! Packets that wait to be decoded, in the order of their time.

use std::collections::VecDeque;

/// Packets that wait at most: 4 s of frames of 20 ms.
const MOST: usize = 200;
/// Buffers kept for the next packets.
const SPARE: usize = 16;

/// A packet that waits.
#[derive(Debug, Default)]
pub(super) struct Slot {
    /// When its sound begins, in samples of the sender's clock, which don't wrap.
    pub(super) timestamp: i64,
    pub(super) sequence: u64,
    /// Samples of one channel.
    pub(super) samples: i64,
    pub(super) payload: Vec<u8>,
    /// When it came, in samples of our clock.
    pub(super) arrived: i64,
    /// The sender says that it was silent before.
    pub(super) marker: bool,
    /// It came inside a later packet.
    pub(super) redundant: bool,
}

/// What became of a packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Insert {
    New,
    /// One for the same time is there.
    Known,
    /// It is there, and the oldest one had to go.
    Overflow,
}

#[derive(Default)]
pub(super) struct PacketBuffer {
    slots: VecDeque<Slot>,
    spare: Vec<Vec<u8>>,
}

impl PacketBuffer {
    /// Puts a packet in its place. `slot.payload` is taken from `payload`.
    pub(super) fn insert(&mut self, mut slot: Slot, payload: &[u8]) -> Insert {
        let mut at = self.slots.len();
        while let Some(before) = at.checked_sub(1).and_then(|n| self.slots.get_mut(n)) {
            if before.timestamp < slot.timestamp {
                break;
            }
            if before.timestamp == slot.timestamp {
                // The packet itself says more of when it came than its copy.
                before.redundant &= slot.redundant;
                return Insert::Known;
            }
            at -= 1;
        }
        slot.payload = self.spare.pop().unwrap_or_default();
        slot.payload.extend_from_slice(payload);
        self.slots.insert(at, slot);
        if self.slots.len() <= MOST {
            return Insert::New;
        }
        if let Some(oldest) = self.pop() {
            self.recycle(oldest);
        }
        Insert::Overflow
    }

    pub(super) fn front(&self) -> Option<&Slot> {
        self.slots.front()
    }

    pub(super) fn pop(&mut self) -> Option<Slot> {
        self.slots.pop_front()
    }

    /// Keeps a packet's memory for another one.
    pub(super) fn recycle(&mut self, slot: Slot) {
        let mut payload = slot.payload;
        if self.spare.len() < SPARE {
            payload.clear();
            self.spare.push(payload);
        }
    }

    #[cfg(any(test, feature = "fuzzing"))]
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn clear(&mut self) {
        self.slots.clear();
    }
}
