//! What a journal knows, apart from where it is kept.

use super::{Begun, Doubt, Intent, JournalError};
use crate::memory::UserId;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};
use uuid::Uuid;

/// A line of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    /// A call begins, for the first time or again.
    Begin {
        key: Arc<str>,
        at: Timestamp,
        intent: Intent,
    },
    /// How it ended is known.
    End { key: Arc<str> },
    /// Its user knows that its end is not.
    Told { key: Arc<str> },
}

#[derive(Clone, Debug)]
struct Entry {
    at: Timestamp,
    intent: Intent,
    /// Whether somebody in this process runs it.
    running: bool,
    told: bool,
}

/// Calls that began and did not end.
#[derive(Clone, Debug, Default)]
pub(super) struct Book {
    open: BTreeMap<Arc<str>, Entry>,
}

impl Book {
    /// Calls that are open, at most.
    pub(super) const MAX_OPEN: usize = 1_000;
    /// A doubt older than this is forgotten.
    const FORGOTTEN: SignedDuration = SignedDuration::from_hours(7 * 24);

    /// What is to be written for a call to begin, and what its caller is told then.
    pub(super) fn begin(
        &self,
        intent: &Intent,
        again: bool,
        now: Timestamp,
    ) -> Result<(Option<Line>, Begun), JournalError> {
        let same = self.doubt(intent).cloned();
        let key = match same {
            Some(_) if !again => return Ok((None, Begun::InDoubt)),
            Some(key) => key,
            None if self.open.len() >= Self::MAX_OPEN => return Err(JournalError::Full),
            None => Arc::from(Uuid::new_v4().to_string()),
        };
        let line = Line::Begin {
            key: key.clone(),
            at: now,
            intent: intent.clone(),
        };
        Ok((Some(line), Begun::Run(key)))
    }

    /// The same call, begun before and in doubt.
    pub(super) fn doubt(&self, intent: &Intent) -> Option<&Arc<str>> {
        intent.user.as_ref()?;
        let same = |entry: &Entry| {
            !entry.running
                && entry.intent.fingerprint == intent.fingerprint
                && entry.intent.user == intent.user
        };
        let found = self.open.iter().find(|(_, entry)| same(entry));
        found.map(|(key, _)| key)
    }

    /// Reads a line of this process, whose calls run, or of one that died.
    pub(super) fn read(&mut self, line: Line, running: bool) {
        match line {
            Line::Begin { key, at, intent } => {
                let entry = Entry {
                    at,
                    intent,
                    running,
                    told: false,
                };
                self.open.insert(key, entry);
            }
            Line::End { key } => {
                self.open.remove(&key);
            }
            Line::Told { key } => {
                if let Some(entry) = self.open.get_mut(&key) {
                    entry.told = true;
                }
            }
        }
    }

    pub(super) fn abandon(&mut self, key: &str) {
        if let Some(entry) = self.open.get_mut(key) {
            entry.running = false;
        }
    }

    pub(super) fn untold(&self, user: &UserId) -> Vec<Doubt> {
        let open = self.open.iter();
        let theirs = open.filter(|(_, entry)| {
            !entry.running && !entry.told && entry.intent.user.as_ref() == Some(user)
        });
        let mut doubts: Vec<_> = theirs
            .map(|(key, entry)| Doubt {
                key: key.clone(),
                action: entry.intent.action.clone(),
                began: entry.at,
            })
            .collect();
        doubts.sort_by_key(|doubt| doubt.began);
        doubts
    }

    /// Forgets a user's calls, those that run too: when one of them ends, nothing is known of it.
    pub(super) fn forget(&mut self, user: &UserId) {
        let stays = |entry: &Entry| entry.intent.user.as_ref() != Some(user);
        self.open.retain(|_, entry| stays(entry));
    }

    /// Forgets doubts that are too old; true if there were any.
    pub(super) fn forget_old(&mut self, now: Timestamp) -> bool {
        let before = self.open.len();
        let young = |entry: &Entry| entry.running || now.duration_since(entry.at) < Self::FORGOTTEN;
        self.open.retain(|_, entry| young(entry));
        self.open.len() < before
    }

    /// The lines that say all that is known.
    pub(super) fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        for (key, entry) in &self.open {
            lines.push(Line::Begin {
                key: key.clone(),
                at: entry.at,
                intent: entry.intent.clone(),
            });
            if entry.told {
                lines.push(Line::Told { key: key.clone() });
            }
        }
        lines
    }

    /// Takes over what another process left in doubt; true if there was any.
    pub(super) fn inherit(&mut self, other: Self) -> bool {
        let some = !other.open.is_empty();
        for (key, entry) in other.open {
            self.open.entry(key).or_insert(Entry {
                running: false,
                ..entry
            });
        }
        some
    }

    pub(super) fn len(&self) -> usize {
        self.open.len()
    }
}
