use super::super::{SttError, SttEvent, Transcript};
use std::collections::VecDeque;

/// Finals that nobody has read; more than an hour of talk.
const MAX_FINALS: usize = 512;

/// Events that wait for their reader. An interim text is replaced by what comes after it, so there is
/// at most one, at the end.
#[derive(Default)]
pub(super) struct Outbox {
    events: VecDeque<Result<SttEvent, SttError>>,
}

impl Outbox {
    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    pub(super) fn pop(&mut self) -> Option<Result<SttEvent, SttError>> {
        self.events.pop_front()
    }

    pub(super) fn interim(&mut self, text: String) {
        self.drop_interim();
        self.events.push_back(Ok(SttEvent::Interim(text)));
    }

    /// Whether there was room.
    pub(super) fn finish(&mut self, transcript: Transcript) -> bool {
        self.drop_interim();
        self.events.push_back(Ok(SttEvent::Final(transcript)));
        self.events.len() < MAX_FINALS
    }

    pub(super) fn fail(&mut self, error: SttError) {
        self.drop_interim();
        self.events.push_back(Err(error));
    }

    fn drop_interim(&mut self) {
        if matches!(self.events.back(), Some(Ok(SttEvent::Interim(_)))) {
            self.events.pop_back();
        }
    }
}
