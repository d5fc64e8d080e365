use super::Shared;
use crate::audio::SampleRate;
use std::sync::Arc;

/// Where a sound card, a file or a room pulls the agent's voice from. Exactly one per session.
#[derive(Debug)]
pub struct PlayoutReader {
    shared: Arc<Shared>,
}

impl PlayoutReader {
    pub(super) const fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Rate of the samples.
    #[must_use]
    pub fn rate(&self) -> SampleRate {
        self.shared.rate
    }

    /// Fills `out` with the next samples, and with zeros while there are none. Never waits but for
    /// the short lock it shares with the session; a sound card's callback may call it.
    pub fn read(&mut self, out: &mut [i16]) {
        let (news, room) = {
            let mut queue = self.shared.lock();
            let before = queue.queued();
            (queue.read(out), queue.queued() < before)
        };
        if room {
            self.shared.room.notify_waiters();
        }
        if news {
            self.shared.moved.notify_one();
        }
    }
}
