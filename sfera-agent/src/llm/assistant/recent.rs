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

/// Readings by what was said.
#[derive(Debug, Default)]
pub(super) struct Recent(VecDeque<(String, Reading)>);

impl Recent {
    pub(super) fn keep(&mut self, said: String, reading: Reading) {
        self.0.retain(|(known, _)| *known != said);
        self.0.push_back((said, reading));
        if self.0.len() > KEPT {
            self.0.pop_front();
        }
    }

    /// What stands behind words that were heard, all or the first of them.
    pub(super) fn behind(&self, heard: &str) -> Option<&Reading> {
        let mut newest_first = self.0.iter().rev();
        let found = newest_first.find(|(said, _)| said.starts_with(heard));
        found.map(|(_, reading)| reading)
    }
}
