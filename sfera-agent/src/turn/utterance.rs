//! The user's turn while it is being spoken.

use super::Time;
use std::time::Duration;

/// Speech and text of the turn so far.
#[derive(Debug, Default)]
pub(super) struct Utterance {
    /// Since when the user has been speaking, while they do.
    pub(super) speaking: Option<Time>,
    /// When the turn's first speech began.
    began: Option<Time>,
    /// When its last speech, or text that came without speech, ended.
    pub(super) ended: Option<Time>,
    /// Pieces of speech that ended and have no final text yet.
    pub(super) awaiting: u32,
    finals: String,
    interim: String,
    /// Speculative LLM starts in this turn.
    pub(super) starts: u32,
}

impl Utterance {
    /// Characters of one turn, at most; a recogniser that babbles is cut there.
    const MAX_CHARS: usize = 8_000;

    pub(super) fn speech_started(&mut self, since: Time) {
        self.speaking = Some(since);
        self.began.get_or_insert(since);
    }

    pub(super) fn speech_ended(&mut self, since: Time) {
        if self.speaking.take().is_some() {
            self.awaiting = self.awaiting.saturating_add(1);
        }
        self.ended = Some(since);
    }

    pub(super) fn interim(&mut self, text: &str, now: Time) {
        self.interim = text.trim().chars().take(Self::MAX_CHARS).collect();
        self.heard_without_speech(now);
    }

    pub(super) fn final_text(&mut self, text: &str, now: Time) {
        self.awaiting = self.awaiting.saturating_sub(1);
        self.interim.clear();
        let text = text.trim();
        if text.is_empty() || self.finals.len() + text.len() > Self::MAX_CHARS * 2 {
            return;
        }
        if !self.finals.is_empty() {
            self.finals.push(' ');
        }
        self.finals.push_str(text);
        self.heard_without_speech(now);
    }

    /// Text that the VAD heard no speech for still needs a time to count its silence from.
    fn heard_without_speech(&mut self, now: Time) {
        if self.speaking.is_none() && (self.ended.is_none() || self.began.is_none()) {
            self.began.get_or_insert(now);
            self.ended = Some(now);
        }
    }

    /// Nothing more is heard of the speech going on.
    pub(super) fn cut(&mut self, now: Time) {
        if self.speaking.take().is_some() {
            self.ended = Some(now);
        }
        self.give_up_awaiting();
    }

    /// Takes the interim text for good: the final one does not come.
    pub(super) fn give_up_awaiting(&mut self) {
        self.awaiting = 0;
        let interim = std::mem::take(&mut self.interim);
        if !interim.is_empty() {
            if !self.finals.is_empty() {
                self.finals.push(' ');
            }
            self.finals.push_str(&interim);
        }
    }

    /// The text so far, interim included.
    pub(super) fn text(&self) -> String {
        match (self.finals.is_empty(), self.interim.is_empty()) {
            (_, true) => self.finals.clone(),
            (true, false) => self.interim.clone(),
            (false, false) => format!("{} {}", self.finals, self.interim),
        }
    }

    /// When the turn's first speech began.
    pub(super) const fn began(&self) -> Option<Time> {
        self.began
    }

    pub(super) const fn has_text(&self) -> bool {
        !self.finals.is_empty() || !self.interim.is_empty()
    }

    /// Whether neither speech nor text is on its way.
    pub(super) const fn is_settled(&self) -> bool {
        self.speaking.is_none() && self.awaiting == 0
    }

    /// How long the turn's speech has lasted.
    pub(super) fn length(&self, now: Time) -> Duration {
        let end = self
            .ended
            .filter(|_| self.speaking.is_none())
            .unwrap_or(now);
        self.began.map_or(Duration::ZERO, |began| end.since(began))
    }

    /// Forgets the text; speech that goes on begins a new turn.
    pub(super) fn reset(&mut self) {
        *self = Self {
            speaking: self.speaking,
            began: self.speaking,
            ..Self::default()
        };
    }
}
