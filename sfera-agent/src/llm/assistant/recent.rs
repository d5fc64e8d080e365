//! What was read out and offered of late, over all sessions: found again by the words that were said,
//! which a barge-in may have cut short.

use std::collections::VecDeque;

/// Answers whose source can still be told, and offers that can still be taken.
const KEPT: usize = 1_024;

/// Words of a passage, or of a page that was found.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reading {
    pub(super) text: String,
    pub(super) title: String,
    pub(super) section: Option<String>,
    pub(super) url: Option<String>,
}

/// Readings by what was asked and what was said.
#[derive(Debug, Default)]
pub(super) struct Recent(VecDeque<Kept>);

#[derive(Debug)]
struct Kept {
    asked: String,
    said: String,
    reading: Reading,
}

impl Recent {
    pub(super) fn keep(&mut self, asked: &str, said: &str, reading: Reading) {
        self.0
            .retain(|kept| kept.asked != asked || kept.said != said);
        self.0.push_back(Kept {
            asked: asked.to_owned(),
            said: said.to_owned(),
            reading,
        });
        if self.0.len() > KEPT {
            self.0.pop_front();
        }
    }

    /// What stands behind words that were heard, all or the first of them, as an answer to a question.
    pub(super) fn offered(&self, asked: &str, heard: &str) -> Option<&Reading> {
        self.newest(|kept| kept.asked == asked && kept.said.starts_with(heard))
    }

    /// What stands behind words that were heard, whoever asked.
    pub(super) fn behind(&self, heard: &str) -> Option<&Reading> {
        self.newest(|kept| kept.said.starts_with(heard))
    }

    fn newest(&self, is: impl Fn(&Kept) -> bool) -> Option<&Reading> {
        self.0
            .iter()
            .rev()
            .find(|kept| is(kept))
            .map(|kept| &kept.reading)
    }
}
