//! How fast Telegram may be written to: about 30 messages a second altogether, one a second in a private
//! chat and 20 a minute in a group, a few more in a burst.
//!
//! A plain struct over time. What Telegram refuses all the same (429) is repeated when it says.

use super::Call;
use crate::state::Millis;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// So many at once, and then one after another.
#[derive(Clone, Copy, Debug)]
struct Limit {
    burst: Millis,
    every: Millis,
}

/// 30 within any second.
const ALL: Limit = Limit {
    burst: 3,
    every: 36,
};
const PRIVATE: Limit = Limit {
    burst: 3,
    every: 1_000,
};
/// 20 within any minute.
const GROUP: Limit = Limit {
    burst: 5,
    every: 4_000,
};
/// Of all that may be sent at once, so much is left to answers by a broadcast.
const LEFT_TO_ANSWERS: Millis = 2;
/// Of what a chat may get at once, so much is left to what must be sent by a draft.
const LEFT_TO_LETTERS: Millis = 1;
/// Chats that are remembered before it is looked which may be forgotten.
const CHATS: usize = 256;

/// What a call weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Telegram does not count it: an answer to a button, for example.
    Nothing,
    /// An edit counts in its chat.
    Edit,
    /// A message counts in its chat and altogether.
    Message,
}

impl Weight {
    /// Of a call as it is stored, by the beginning of its JSON.
    #[must_use]
    pub fn of_stored(call: &str) -> Self {
        match call.split('"').nth(3) {
            Some("tap" | "delete" | "leave") => Self::Nothing,
            Some("edit") => Self::Edit,
            _ => Self::Message,
        }
    }
}

/// Who goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Somebody waits for it.
    Letter,
    /// Leaves something to letters: another draft follows, or the whole answer does.
    Draft,
    /// Leaves something to everybody's answers.
    Broadcast,
}

/// Telegram's pace, shared by all who write; or none.
#[derive(Clone, Debug)]
pub struct Pace(Option<Arc<Mutex<Buckets>>>);

impl Pace {
    /// Telegram's.
    #[must_use]
    pub fn of_telegram() -> Self {
        Self(Some(Arc::default()))
    }

    /// None: for a Telegram that does not mind.
    #[must_use]
    pub const fn none() -> Self {
        Self(None)
    }

    /// Counts a call as made now.
    ///
    /// # Errors
    /// When to ask again; nothing was counted.
    pub fn admit(
        &self,
        chat: i64,
        weight: Weight,
        urgency: Urgency,
        now: Millis,
    ) -> Result<(), Millis> {
        let Some(buckets) = &self.0 else {
            return Ok(());
        };
        let mut buckets = buckets.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.admit(chat, weight, urgency, now)
    }
}

/// When a limit is as if nothing had been sent: all there is to know of it.
type Full = Millis;

#[derive(Debug, Default)]
struct Buckets {
    all: Full,
    /// A chat that is not here is full.
    chats: HashMap<i64, Full>,
    /// How many chats to remember before it is looked which are full again.
    most: usize,
}

impl Buckets {
    fn admit(
        &mut self,
        chat: i64,
        weight: Weight,
        urgency: Urgency,
        now: Millis,
    ) -> Result<(), Millis> {
        if weight == Weight::Nothing {
            return Ok(());
        }
        // Telegram numbers groups below zero.
        let limit = if chat < 0 { GROUP } else { PRIVATE };
        self.all = ALL.known(self.all, now);
        let of_chat = match self.chats.get_mut(&chat) {
            Some(full) => {
                *full = limit.known(*full, now);
                *full
            }
            None => now,
        };
        let (left_in_chat, left_of_all) = match urgency {
            Urgency::Letter => (0, 0),
            Urgency::Draft => (LEFT_TO_LETTERS, 0),
            Urgency::Broadcast => (0, LEFT_TO_ANSWERS),
        };
        let mut earliest = limit.earliest(of_chat, left_in_chat);
        if weight == Weight::Message {
            earliest = earliest.max(ALL.earliest(self.all, left_of_all));
        }
        if earliest > now {
            return Err(earliest);
        }
        if weight == Weight::Message {
            self.all = ALL.after(self.all, now);
        }
        self.forget(now);
        self.chats.insert(chat, limit.after(of_chat, now));
        Ok(())
    }

    /// A chat that is full again need not be remembered, so only those are that were written to within
    /// the last seconds. Looked at when twice as many are there as were left the last time.
    fn forget(&mut self, now: Millis) {
        if self.chats.len() >= self.most.max(CHATS) {
            self.chats.retain(|_, full| *full > now);
            self.most = 2 * self.chats.len();
        }
    }
}

impl Limit {
    /// When one more may be sent so that after it as many as said still can be at once.
    const fn earliest(self, full: Full, left: Millis) -> Millis {
        full - (self.burst - 1 - left) * self.every
    }

    /// When it is full again after one more.
    fn after(self, full: Full, now: Millis) -> Full {
        full.max(now) + self.every
    }

    /// A clock that was set back would hold up everything until it is there again.
    fn known(self, full: Full, now: Millis) -> Full {
        full.min(now + self.burst * self.every)
    }
}

impl Call {
    /// What it weighs.
    #[must_use]
    pub const fn weight(&self) -> Weight {
        match self {
            Self::Tap { .. } | Self::Delete { .. } | Self::Leave { .. } => Weight::Nothing,
            Self::Edit { .. } => Weight::Edit,
            Self::Message { .. }
            | Self::Copy { .. }
            | Self::Media { .. }
            | Self::Voice { .. }
            | Self::Document { .. } => Weight::Message,
        }
    }
}

#[cfg(test)]
mod tests;
