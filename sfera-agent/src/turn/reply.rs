//! One thing the agent says, from the first LLM token to the last sample heard.

use super::{
    PlayedTo, ReplyEnd, ReplyId, SegmentId, Time, TurnId, asking::Question, ledger::Ledger,
};
use crate::{
    llm::Message,
    tools::{ToolCall, ToolOutcome},
    tts::SentenceSplitter,
};
use std::sync::Arc;

/// A piece of speech given to the voice.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    pub(super) id: SegmentId,
    pub(super) text: Arc<str>,
    /// Whole length, once the voice has finished it.
    pub(super) samples: Option<u64>,
    pub(super) started: bool,
    pub(super) played: bool,
    /// The voice broke in it: only a part of it exists.
    pub(super) failed: bool,
    /// It only passes the time.
    filler: bool,
    /// Bytes of `text` that were heard; on a word's end.
    heard: usize,
}

impl Segment {
    /// What it says of an answer.
    fn answer(&self) -> &str {
        if self.filler { "" } else { &self.text }
    }
}

/// Speech and tool calls in the order the LLM wrote them.
#[derive(Clone, Debug)]
enum Item {
    Speech(usize),
    Call(ToolCall),
}

/// Whether the LLM works on the reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LlmPhase {
    /// No: it finished its step, or was never asked.
    Idle,
    /// It does, and last gave a sign of life then.
    Running(Time),
}

/// Who wanted the reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The user's turn, `None` while the turn is not over (speculation).
    User {
        turn: Option<TurnId>,
        text: Arc<str>,
    },
    /// The host.
    Host,
    /// The machine itself, which says sorry.
    Apology,
}

/// One reply and everything known about it.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) id: ReplyId,
    pub(super) origin: Origin,
    pub(super) interruptible: bool,
    /// The LLM's step, from 1; 0 if it is not asked.
    pub(super) step: u32,
    pub(super) llm: LlmPhase,
    pub(super) splitter: SentenceSplitter,
    /// Characters the LLM wrote.
    pub(super) chars: usize,
    segments: Vec<Segment>,
    items: Vec<Item>,
    /// How many segments were given to the voice.
    spoken: usize,
    /// When the voice or playout last gave a sign of life.
    pub(super) playout_at: Time,
    /// Set when a provider failed: the reply cannot complete.
    pub(super) failed: bool,
    /// Set when it ends in an apology of its own.
    pub(super) apologised: bool,
    /// What it asks before a call may run.
    pub(super) question: Option<Question>,
    /// The call of an earlier reply that the user has just said yes to; the LLM is asked after it.
    pub(super) awaits: Option<Arc<str>>,
    /// Set when playout was asked to clear: how the reply ends, and when it was asked.
    pub(super) ending: Option<(ReplyEnd, Time)>,
}

impl Reply {
    /// Characters a slow speaker says in a second; what is assumed of a segment of unknown length.
    const SLOW_CHARS_PER_SECOND: u64 = 10;

    pub(super) fn new(id: ReplyId, origin: Origin, interruptible: bool, now: Time) -> Self {
        Self {
            id,
            origin,
            interruptible,
            step: 0,
            llm: LlmPhase::Idle,
            splitter: SentenceSplitter::default(),
            chars: 0,
            segments: Vec::new(),
            items: Vec::new(),
            spoken: 0,
            playout_at: now,
            failed: false,
            apologised: false,
            question: None,
            awaits: None,
            ending: None,
        }
    }

    pub(super) const fn turn(&self) -> Option<TurnId> {
        match &self.origin {
            Origin::User { turn, .. } => *turn,
            Origin::Host | Origin::Apology => None,
        }
    }

    pub(super) fn user_text(&self) -> Arc<str> {
        match &self.origin {
            Origin::User { text, .. } => text.clone(),
            Origin::Host | Origin::Apology => Arc::from(""),
        }
    }

    pub(super) fn add_segment(&mut self, id: SegmentId, text: Arc<str>) {
        self.add(id, text, false);
    }

    /// Adds words that only pass the time: they are heard, but no answer.
    pub(super) fn add_filler(&mut self, id: SegmentId, text: Arc<str>) {
        self.add(id, text, true);
    }

    fn add(&mut self, id: SegmentId, text: Arc<str>, filler: bool) {
        self.items.push(Item::Speech(self.segments.len()));
        let segment = Segment {
            id,
            text,
            samples: None,
            started: false,
            played: false,
            failed: false,
            filler,
            heard: 0,
        };
        self.segments.push(segment);
    }

    pub(super) fn add_call(&mut self, call: ToolCall) {
        self.items.push(Item::Call(call));
    }

    /// Segments not yet given to the voice; they count as given from now on.
    pub(super) fn take_unspoken(&mut self) -> impl Iterator<Item = &Segment> {
        let from = std::mem::replace(&mut self.spoken, self.segments.len());
        self.segments[from..].iter()
    }

    pub(super) fn segment_mut(&mut self, id: SegmentId) -> Option<&mut Segment> {
        self.segments.iter_mut().find(|segment| segment.id == id)
    }

    /// Whether it says anything that may be an answer.
    pub(super) fn has_speech(&self) -> bool {
        self.segments.iter().any(|s| !s.filler)
    }

    /// Whether nothing was said yet, not even to pass the time.
    pub(super) const fn is_silent(&self) -> bool {
        self.segments.is_empty()
    }

    /// Whether the user hears it now: some of it began, some is to come.
    pub(super) fn is_audible(&self) -> bool {
        self.segments.iter().any(|s| s.started) && !self.all_played()
    }

    pub(super) fn all_played(&self) -> bool {
        self.segments.iter().all(|s| s.played)
    }

    /// Drops what comes after a segment that cannot be spoken any further.
    pub(super) fn drop_after(&mut self, id: SegmentId) {
        let Some(last) = self.segments.iter().position(|s| s.id == id) else {
            return;
        };
        self.segments.truncate(last + 1);
        self.spoken = self.spoken.min(last + 1);
        self.items
            .retain(|item| !matches!(item, Item::Speech(n) if *n > last));
    }

    /// The playhead is at `at`: everything before it was heard. Gives the words newly heard.
    pub(super) fn hear_to(&mut self, at: PlayedTo, rate_hz: u32) -> String {
        let Some(current) = self.segments.iter().position(|s| s.id == at.segment) else {
            return String::new();
        };
        let total = self.expected_samples(current, at, rate_hz);
        let mut delta = String::new();
        for n in 0..=current {
            let segment = &self.segments[n];
            let to = match n == current {
                true => heard_prefix(&segment.text, at.played, total),
                // What the voice could not say was not heard, although the playhead went past it.
                false if segment.failed || segment.samples == Some(0) => segment.heard,
                false => segment.text.len(),
            };
            self.hear(n, to, &mut delta);
        }
        delta
    }

    /// The segment was played to its end. Gives the words newly heard.
    pub(super) fn hear_whole(&mut self, id: SegmentId) -> String {
        let mut delta = String::new();
        if let Some(n) = self.segments.iter().position(|s| s.id == id) {
            self.hear(n, self.segments[n].text.len(), &mut delta);
        }
        delta
    }

    fn hear(&mut self, n: usize, to: usize, delta: &mut String) {
        if to <= self.segments[n].heard {
            return;
        }
        let from = std::mem::replace(&mut self.segments[n].heard, to);
        let joins = |before: &Segment| before.text.ends_with(char::is_whitespace);
        if from == 0 && n > 0 && !joins(&self.segments[n - 1]) {
            delta.push(' ');
        }
        delta.push_str(&self.segments[n].text[from..to]);
    }

    /// How long the segment under the playhead is, or surely not longer than.
    fn expected_samples(&self, current: usize, at: PlayedTo, rate_hz: u32) -> u64 {
        let segment = &self.segments[current];
        if let Some(samples) = segment.samples {
            return samples;
        }
        if at.complete && !segment.failed {
            return at.synthesized;
        }
        let chars = segment.text.chars().count() as u64;
        at.synthesized
            .max(chars * u64::from(rate_hz) / Self::SLOW_CHARS_PER_SECOND)
    }

    /// The words that were heard.
    pub(super) fn heard(&self) -> String {
        join(self.segments.iter().map(|s| &s.text[..s.heard]))
    }

    /// Everything it says, heard or not.
    pub(super) fn said(&self) -> String {
        join(self.segments.iter().map(|s| &*s.text))
    }

    /// The reply as messages: all of it for the LLM's next step.
    pub(super) fn messages_so_far(&self, ledger: &Ledger) -> Vec<Message> {
        // What passed the time would look like an answer begun.
        self.fold(ledger, Segment::answer, false)
    }

    /// The reply as messages for the history: as far as it was heard.
    pub(super) fn messages_heard(&self, ledger: &Ledger) -> Vec<Message> {
        let cut = self.segments.iter().any(|s| s.heard < s.text.len());
        self.fold(ledger, |segment| &segment.text[..segment.heard], cut)
    }

    fn fold<'a>(
        &'a self,
        ledger: &Ledger,
        text_of: impl Fn(&'a Segment) -> &'a str,
        interrupted: bool,
    ) -> Vec<Message> {
        let mut messages = Vec::new();
        let mut text = String::new();
        let mut results = Vec::new();
        for item in &self.items {
            match item {
                Item::Speech(n) => {
                    messages.append(&mut results);
                    append(&mut text, text_of(&self.segments[*n]));
                }
                Item::Call(call) => {
                    flush(&mut messages, &mut text, false);
                    messages.push(Message::ToolCall(call.clone()));
                    results.extend(result(ledger, call));
                }
            }
        }
        messages.append(&mut results);
        flush(&mut messages, &mut text, interrupted);
        messages
    }
}

fn result(ledger: &Ledger, call: &ToolCall) -> Option<Message> {
    let outcome: ToolOutcome = ledger.outcome(&call.id)?.clone();
    Some(Message::ToolResult {
        id: call.id.clone(),
        outcome,
    })
}

fn flush(messages: &mut Vec<Message>, text: &mut String, interrupted: bool) {
    let said = std::mem::take(text);
    if !said.trim().is_empty() {
        messages.push(Message::Assistant {
            text: said.trim_end().into(),
            interrupted,
        });
    }
}

/// Segments in a row keep their own white space; where there is none, one space parts them.
fn append(text: &mut String, part: &str) {
    if !part.is_empty() && !text.is_empty() && !text.ends_with(char::is_whitespace) {
        text.push(' ');
    }
    text.push_str(part);
}

fn join<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    let mut text = String::new();
    parts.for_each(|part| append(&mut text, part));
    text.truncate(text.trim_end().len());
    text
}

/// Bytes of `text` whose words were wholly heard when `played` of `total` samples were played: speech
/// is taken as even, and a word that is cut does not count.
fn heard_prefix(text: &str, played: u64, total: u64) -> usize {
    if played == 0 {
        return 0;
    }
    if played >= total {
        return text.len();
    }
    let chars = text.chars().count() as u64;
    let reached = (chars * played / total) as usize;
    let Some((at, next)) = text.char_indices().nth(reached) else {
        return text.len();
    };
    if next.is_whitespace() {
        return at;
    }
    text[..at].rfind(char::is_whitespace).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_counts_as_heard_when_it_was_played_to_its_end() {
        let text = "раз два три";
        assert_eq!(&text[..heard_prefix(text, 0, 1_100)], "");
        assert_eq!(&text[..heard_prefix(text, 299, 1_100)], "");
        assert_eq!(&text[..heard_prefix(text, 300, 1_100)], "раз");
        assert_eq!(&text[..heard_prefix(text, 650, 1_100)], "раз");
        assert_eq!(&text[..heard_prefix(text, 1_100, 1_100)], text);
    }
}
