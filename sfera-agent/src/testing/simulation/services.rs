//! The simulated LLM, voice and tools: what they owe, as their plans say.

use super::{
    plan::{Answer, AnswerEnd, Care, Part, Voice, VoiceEnd},
    playout::{Playout, SAMPLES_PER_MS},
    words::Words,
};
use crate::{
    tools::{Duplicates, ToolCall, ToolSpec, Treatment},
    turn::{Input, ReplyId, SegmentId},
};
use std::{collections::VecDeque, sync::Arc, time::Duration};

/// A request to the LLM that is being answered.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) reply: ReplyId,
    step: u32,
    answer: Answer,
    written: usize,
    pub(super) cancelled: bool,
    /// It says nothing more.
    pub(super) over: bool,
    /// The machine was told that it says nothing more.
    told: bool,
}

impl Request {
    pub(super) const fn new(reply: ReplyId, step: u32, answer: Answer) -> Self {
        Self {
            reply,
            step,
            answer,
            written: 0,
            cancelled: false,
            over: false,
            told: false,
        }
    }

    pub(super) const fn first(&self) -> Duration {
        Duration::from_millis(self.answer.first as u64)
    }

    pub(super) const fn gap(&self) -> Duration {
        Duration::from_millis(self.answer.gap as u64)
    }

    /// What it says next, which may be nothing; sets `over` when nothing more comes.
    pub(super) fn proceed(&mut self, words: &mut Words, calls: &mut u32) -> Vec<Input> {
        if self.cancelled && (!self.answer.deaf || self.over) {
            self.over = true;
            return Vec::new();
        }
        self.over = self.cancelled;
        let parts = &self.answer.parts;
        let at = self.written;
        self.written += 1;
        match parts.get(at) {
            Some(part) => vec![self.part(*part, words, calls)],
            None if matches!(self.answer.end, AnswerEnd::Babbles) => {
                let part = if parts.is_empty() {
                    Part::Blank
                } else {
                    parts[at % parts.len()]
                };
                vec![self.part(part, words, calls)]
            }
            None => {
                self.over = true;
                self.end()
            }
        }
    }

    /// Whether nobody remembers it although it still works.
    pub(super) const fn is_forgotten(&self) -> bool {
        !self.cancelled && !self.told
    }

    fn end(&mut self) -> Vec<Input> {
        self.told = !matches!(self.answer.end, AnswerEnd::Hangs | AnswerEnd::Babbles);
        let (reply, step) = (self.reply, self.step);
        let done = Input::LlmDone { reply, step };
        match self.answer.end {
            AnswerEnd::Done => vec![done],
            AnswerEnd::DoneTwice => vec![done.clone(), done],
            AnswerEnd::Fails(failure) => vec![Input::LlmFailed {
                reply,
                step,
                failure,
            }],
            AnswerEnd::Hangs | AnswerEnd::Babbles => Vec::new(),
        }
    }

    fn call(&self, number: u32, name: &str, treatment: Treatment) -> Input {
        let call = ToolCall {
            id: format!("call-{number}").into(),
            name: name.into(),
            arguments: r#"{"symbol":"BTC"}"#.into(),
        };
        let (reply, step) = (self.reply, self.step);
        Input::LlmToolCall {
            reply,
            step,
            call,
            treatment,
        }
    }

    fn part(&self, part: Part, words: &mut Words, calls: &mut u32) -> Input {
        let (reply, step) = (self.reply, self.step);
        let text = |text| Input::LlmText { reply, step, text };
        match part {
            Part::Words(count) => text(words.take(count) + " "),
            Part::Sentence(count) => text(words.sentence(count)),
            Part::Blank => text(if self.written.is_multiple_of(2) {
                " \n".into()
            } else {
                String::new()
            }),
            Part::Stray if self.written.is_multiple_of(2) => Input::LlmText {
                reply: ReplyId(reply.0 + 1_000),
                step,
                text: words.take(3),
            },
            Part::Stray => Input::LlmText {
                reply,
                step: step + 7,
                text: words.take(3),
            },
            Part::Call | Part::SameCall => {
                if matches!(part, Part::Call) || *calls == 0 {
                    *calls += 1;
                }
                self.call(*calls, "price", Treatment::default())
            }
            Part::Careful(care) => {
                *calls += 1;
                let (name, treatment) = careful(care);
                self.call(*calls, name, treatment)
            }
        }
    }
}

/// The name of a tool, which alone says to the rules what it needs, and what the machine is told of it.
fn careful(care: Care) -> (&'static str, Treatment) {
    let treatment = Treatment {
        harmful: true,
        filler: Some(ToolSpec::FILLER),
        ..Treatment::default()
    };
    let with = |duplicates| Treatment {
        duplicates,
        ..treatment.clone()
    };
    match care {
        Care::Order => (
            "order",
            Treatment {
                confirm: true,
                ..treatment
            },
        ),
        Care::Transfer => ("transfer", with(Duplicates::Reject)),
        Care::Route => ("route", with(Duplicates::Replace)),
        Care::Alarm => ("alarm", with(Duplicates::Confirm)),
        Care::Page => (
            "page",
            Treatment {
                harmful: false,
                ..treatment
            },
        ),
    }
}

/// The voice, speaking one segment after another.
#[derive(Debug, Default)]
pub(super) struct Line {
    waiting: VecDeque<Spoken>,
    /// Counts cancellations: what was begun before is void.
    pub(super) epoch: u32,
}

#[derive(Debug)]
struct Spoken {
    segment: SegmentId,
    voice: Voice,
    /// Samples still to be made.
    left: u64,
    made: u64,
    pieces: u8,
}

/// How long a text is when this voice speaks it, in samples.
pub(super) fn length(text: &str, voice: Voice) -> u64 {
    match voice.end {
        VoiceEnd::Silent => 0,
        _ => text.chars().count() as u64 * u64::from(voice.per_char) * SAMPLES_PER_MS,
    }
}

impl Line {
    /// Takes a segment on. Answers when its first piece is due if it is the only one.
    pub(super) fn speak(&mut self, segment: SegmentId, text: &Arc<str>, voice: Voice) -> bool {
        self.waiting.push_back(Spoken {
            segment,
            voice,
            left: length(text, voice),
            made: 0,
            pieces: 0,
        });
        self.waiting.len() == 1
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// How long the front segment waits for its first sound.
    pub(super) fn first(&self) -> Option<Duration> {
        let front = self.waiting.front()?;
        Some(Duration::from_millis(front.voice.first.into()))
    }

    /// Forgets everything; answers with a message that may still be on its way.
    pub(super) fn cancel(&mut self) -> Option<Input> {
        self.epoch += 1;
        let front = self.waiting.pop_front();
        self.waiting.clear();
        let late = front.filter(|f| f.voice.per_char.is_multiple_of(4))?;
        Some(Input::TtsDone {
            segment: late.segment,
            samples: late.made,
        })
    }

    /// Makes the next piece. Answers with what the machine is told, and with the time to the next
    /// piece; `None` if there is none.
    pub(super) fn proceed(&mut self, playout: &mut Playout) -> (Option<Input>, Option<Duration>) {
        let Some(front) = self.waiting.front_mut() else {
            return (None, None);
        };
        let segment = front.segment;
        let end = front.end();
        if matches!(end, Some(End::Hung)) {
            return (None, None);
        }
        let Some(end) = end else {
            let samples = front
                .left
                .min(u64::from(front.voice.piece) * SAMPLES_PER_MS);
            front.left -= samples;
            front.made += samples;
            front.pieces = front.pieces.saturating_add(1);
            playout.push(segment, samples);
            return (None, Some(Duration::from_millis(front.voice.gap.into())));
        };
        let samples = front.made;
        playout.complete(segment);
        self.waiting.pop_front();
        let input = match end {
            End::Failed => Input::TtsFailed {
                segment,
                failure: crate::turn::Failure::Unavailable,
            },
            _ => Input::TtsDone { segment, samples },
        };
        (Some(input), self.first())
    }
}

enum End {
    Done,
    Failed,
    Hung,
}

impl Spoken {
    fn end(&self) -> Option<End> {
        match self.voice.end {
            VoiceEnd::Fails(pieces) if pieces == self.pieces => Some(End::Failed),
            VoiceEnd::Hangs(pieces) if pieces == self.pieces => Some(End::Hung),
            _ => (self.left == 0).then_some(End::Done),
        }
    }
}
