//! All that is known about one person: a set of entries that only grows and shrinks, and what follows
//! from them. No clock and no I/O: time is passed in.
//!
//! Facts are no entries. They follow from the statements in the order in which these were made, so that
//! whoever adds entries beside another one, or later, loses nothing and changes nothing.

mod conversation;
mod entry;
mod fact;
mod forgetting;
mod recall;

pub(super) use conversation::Conversation;
pub(super) use entry::{Body, Entry, Place, Sort};
pub(super) use fact::Fact;

use super::{Exchange, Recollection, rules};
use jiff::Timestamp;

/// Characters of one remembered text; about two minutes of speech.
const MAX_CHARS: usize = 2_000;

/// What is known of one person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Record {
    /// In the order in which things were said.
    entries: Vec<Entry>,
}

impl Record {
    pub(super) fn new(mut entries: Vec<Entry>) -> Self {
        entries.sort_by_key(Entry::order);
        entries.dedup_by_key(|entry| entry.id);
        Self { entries }
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(super) fn into_entries(self) -> Vec<Entry> {
        self.entries
    }

    /// Takes the statements from an exchange and keeps its words.
    pub(super) fn remember(&mut self, exchange: &Exchange, now: Timestamp) {
        let user = cut(&exchange.user);
        if rules::is_unkept(&user) {
            return;
        }
        let place = Place {
            // A clock that is ahead must not have the last word for ever.
            at: exchange.origin.at.unwrap_or(now).min(now),
            host: exchange.origin.host.as_deref().map(str::to_owned),
            conversation: exchange.origin.conversation.as_deref().map(str::to_owned),
        };
        let statements = rules::statements(&user);
        let said = Entry::new(
            &place,
            0,
            Body::Exchange {
                user,
                agent: cut(&exchange.agent),
            },
        );
        for (n, (statement, words)) in (1..).zip(statements) {
            let body = Body::Statement {
                statement,
                from: Some(said.id),
                words: Some(words),
            };
            self.add(Entry::new(&place, n, body));
        }
        self.add(said);
    }

    /// Adds an entry where its time wants it; one that is known already is left alone.
    pub(super) fn add(&mut self, entry: Entry) {
        let order = entry.order();
        let place = self.entries.partition_point(|known| known.order() < order);
        if self.entries.get(place).is_none_or(|e| e.id != entry.id) {
            self.entries.insert(place, entry);
        }
    }

    /// All facts, newest first, and the summaries.
    pub(super) fn known(&self) -> Vec<Recollection> {
        let mut facts = self.facts();
        facts.sort_by_key(|fact| (!fact.is_name(), std::cmp::Reverse(fact.place.at)));
        let facts = facts.iter().map(Fact::recollection);
        facts.chain(self.summaries()).collect()
    }

    /// The summaries of conversations, newest first.
    pub(super) fn summaries(&self) -> impl Iterator<Item = Recollection> + '_ {
        let newest_first = self.entries.iter().rev();
        newest_first.filter_map(|entry| match &entry.body {
            Body::Summary { text, .. } if !text.is_empty() => {
                let kind = Some(Recollection::SUMMARY.to_owned());
                Some(entry.recollection(kind, text.clone(), None))
            }
            _ => None,
        })
    }
}

/// The beginning of a text, bounded.
fn cut(text: &str) -> String {
    text.trim().chars().take(MAX_CHARS).collect()
}

#[cfg(all(test, feature = "test-util"))]
mod tests;
