use super::{Rule, Violation, keep};
use crate::{
    testing::simulation::playout::Heard,
    turn::{Effect, Input, ReplyId, SegmentId, Time},
};
use std::{collections::BTreeMap, sync::Arc};

/// What was really heard, sample by sample.
#[derive(Debug, Default)]
pub(super) struct Ear {
    segments: BTreeMap<SegmentId, Segment>,
}

#[derive(Debug)]
struct Segment {
    /// Its place in the order of speaking.
    place: usize,
    reply: ReplyId,
    text: Arc<str>,
    /// Samples it has when it is spoken to its end.
    whole: u64,
    heard: u64,
    /// The machine was told that it was played to its end.
    told: bool,
    /// The machine was told that the voice broke in it.
    failed: bool,
}

impl Ear {
    pub(super) fn input(&mut self, input: &Input) {
        let (segment, failed) = match input {
            Input::SegmentPlayed { segment } => (segment, false),
            Input::TtsFailed { segment, .. } => (segment, true),
            _ => return,
        };
        if let Some(segment) = self.segments.get_mut(segment) {
            segment.told |= !failed;
            segment.failed |= failed;
        }
    }

    pub(super) fn effect(&mut self, effect: &Effect) {
        if let Effect::Speak {
            reply,
            segment,
            text,
        } = effect
        {
            let new = Segment {
                place: self.segments.len(),
                reply: *reply,
                text: Arc::clone(text),
                whole: 0,
                heard: 0,
                told: false,
                failed: false,
            };
            self.segments.insert(*segment, new);
        }
    }

    pub(super) fn spoken(&mut self, segment: SegmentId, samples: u64) {
        if let Some(segment) = self.segments.get_mut(&segment) {
            segment.whole = samples;
        }
    }

    /// Whose samples these are.
    pub(super) fn heard(&mut self, now: Time, heard: Heard) -> Result<ReplyId, Violation> {
        let name = heard.segment;
        let Some(segment) = self.segments.get_mut(&name) else {
            let what = || format!("{name:?} was never to be spoken");
            return Err(Violation::new(now, Rule::EverySample, what));
        };
        let (expected, from) = (segment.heard, heard.from);
        keep(expected == from, now, Rule::EverySample, || {
            format!("{name:?} went on at sample {from} instead of {expected}")
        })?;
        segment.heard = heard.to;
        Ok(segment.reply)
    }

    /// What was heard of a reply, segment by segment.
    pub(super) fn truth(&self, reply: ReplyId) -> Truth {
        let of_reply = self.segments.values().filter(|s| s.reply == reply);
        let mut of_reply: Vec<&Segment> = of_reply.collect();
        of_reply.sort_by_key(|segment| segment.place);
        let mut truth = Truth::default();
        for segment in of_reply {
            let words = segment.text.split_whitespace().map(str::to_owned);
            truth.spoken.extend(words);
            truth.most.extend(segment.begun());
            if segment.is_surely_whole() {
                truth.least += segment.text.split_whitespace().count();
            }
        }
        truth
    }
}

impl Segment {
    /// It was heard to its end, and the machine can know it.
    const fn is_surely_whole(&self) -> bool {
        self.told && !self.failed && self.heard == self.whole && self.whole > 0
    }

    /// The words that have begun, if the voice speaks evenly.
    fn begun(&self) -> impl Iterator<Item = String> {
        let chars = self.text.chars().count() as u64;
        let heard = match self.whole {
            0 => 0,
            whole => (chars * self.heard).div_ceil(whole),
        };
        let mut position = 0;
        let words = self.text.split_inclusive(char::is_whitespace);
        let begun = words.take_while(move |word| {
            let begins = position;
            position += word.chars().count() as u64;
            begins < heard
        });
        let words: Vec<String> = begun.map(|w| w.trim().to_owned()).collect();
        words.into_iter().filter(|w| !w.is_empty())
    }
}

/// The words of a reply, as they were heard.
#[derive(Debug, Default)]
pub(super) struct Truth {
    /// All that was to be spoken.
    pub(super) spoken: Vec<String>,
    /// The words of which at least the beginning was heard.
    pub(super) most: Vec<String>,
    /// How many words belong to segments that were heard to their end, as the machine knows.
    pub(super) least: usize,
}
