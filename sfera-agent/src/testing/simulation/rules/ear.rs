use super::{Rule, Violation, keep};
use crate::{
    testing::simulation::playout::Heard,
    turn::{Effect, ReplyId, SegmentId, Time},
};
use std::{collections::BTreeMap, sync::Arc};

/// What was really heard, sample by sample.
#[derive(Debug, Default)]
pub(super) struct Ear {
    segments: BTreeMap<SegmentId, Segment>,
}

#[derive(Debug)]
struct Segment {
    reply: ReplyId,
    text: Arc<str>,
    /// Samples it has when it is spoken to its end.
    whole: u64,
    heard: u64,
}

impl Ear {
    pub(super) fn effect(&mut self, effect: &Effect) {
        if let Effect::Speak {
            reply,
            segment,
            text,
        } = effect
        {
            let segment = self.segments.entry(*segment).or_insert_with(|| Segment {
                reply: *reply,
                text: Arc::clone(text),
                whole: 0,
                heard: 0,
            });
            segment.reply = *reply;
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
        let mut truth = Truth::default();
        for segment in of_reply {
            let words = segment.text.split_whitespace().map(str::to_owned);
            truth.spoken.extend(words);
            truth.most.extend(segment.begun());
            if truth.surely_open && segment.heard == segment.whole {
                truth.least += segment.text.split_whitespace().count();
            } else {
                truth.surely_open = false;
            }
        }
        truth
    }
}

impl Segment {
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
#[derive(Debug)]
pub(super) struct Truth {
    /// All that was to be spoken.
    pub(super) spoken: Vec<String>,
    /// The words of which at least the beginning was heard.
    pub(super) most: Vec<String>,
    /// How many words belong to segments that were heard whole, one after another from the first.
    pub(super) least: usize,
    surely_open: bool,
}

impl Default for Truth {
    fn default() -> Self {
        Self {
            spoken: Vec::new(),
            most: Vec::new(),
            least: 0,
            surely_open: true,
        }
    }
}
