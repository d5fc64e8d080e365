//! Conversations and what they leave.

use super::{
    Record, cut,
    entry::{Body, Entry, Place, Sort},
};
use crate::memory::{Digest, Origin, rules};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use uuid::Uuid;

/// Nothing was said for so long: then a conversation is over.
const PAUSE: SignedDuration = SignedDuration::from_mins(30);
/// What a model finds stands behind what rules have found.
const FIRST_FOUND: u32 = 1_000;
/// Statements taken from one conversation beside those of the rules, at most.
const MAX_FOUND: u32 = 64;
/// Characters of a summary, at most.
const MAX_SUMMARY: usize = 400;

/// Exchanges that belong together and were not yet summed up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::memory) struct Conversation {
    since: Timestamp,
    /// Of the last exchange.
    place: Place,
    exchanges: Vec<(Uuid, Place, String)>,
}

impl Conversation {
    /// The user's words, oldest first.
    pub(in crate::memory) fn said(&self) -> Vec<String> {
        let said = self.exchanges.iter();
        said.map(|(_, _, words)| words.clone()).collect()
    }

    fn is(&self, origin: &Origin) -> bool {
        self.place.host.as_deref() == origin.host.as_deref()
            && self.place.conversation.as_deref() == origin.conversation.as_deref()
    }
}

impl Record {
    /// Conversations that nobody goes on with and that were not yet summed up for good.
    pub(in crate::memory) fn over(&self, now: Timestamp) -> Vec<Conversation> {
        let finished = |entry: &Entry| !matches!(entry.body, Body::Summary { draft: true, .. });
        let all = self.unsummarised(finished).into_iter();
        all.filter(|it| now.duration_since(it.place.at) > PAUSE)
            .collect()
    }

    /// A conversation whose host says that it is over.
    pub(in crate::memory) fn ended(&self, origin: &Origin) -> Vec<Conversation> {
        let all = self.unsummarised(|_| true).into_iter();
        all.filter(|it| it.is(origin)).collect()
    }

    fn unsummarised(&self, counts: impl Fn(&Entry) -> bool) -> Vec<Conversation> {
        let mut open: HashMap<_, usize> = HashMap::new();
        let mut all: Vec<Conversation> = Vec::new();
        for entry in &self.entries {
            let Body::Exchange { user, .. } = &entry.body else {
                continue;
            };
            let Place {
                at,
                host,
                conversation,
            } = &entry.place;
            let exchange = (entry.id, entry.place.clone(), user.clone());
            let place = open.get(&(host, conversation)).copied();
            let goes_on = place.and_then(|place| all.get_mut(place));
            match goes_on.filter(|it| at.duration_since(it.place.at) <= PAUSE) {
                Some(it) => {
                    it.place = entry.place.clone();
                    it.exchanges.push(exchange);
                }
                None => {
                    open.insert((host, conversation), all.len());
                    all.push(Conversation {
                        since: *at,
                        place: entry.place.clone(),
                        exchanges: vec![exchange],
                    });
                }
            }
        }
        let is_summary = |entry: &&Entry| entry.sort() == Sort::Summary && counts(entry);
        let summaries: Vec<_> = self.entries.iter().filter(is_summary).collect();
        all.retain(|it| !summaries.iter().any(|entry| sums_up(entry, it)));
        all
    }

    /// Keeps what a conversation leaves, as far as the conversation itself was not forgotten meanwhile. A
    /// draft is replaced once somebody makes a better one.
    pub(in crate::memory) fn keep_digest(
        &mut self,
        of: &Conversation,
        digest: Digest,
        draft: bool,
    ) {
        let known = |id: Uuid| self.entries.iter().any(|entry| entry.id == id);
        let whole = of.exchanges.iter().all(|(id, ..)| known(*id));
        let mut found = Vec::new();
        for (n, finding) in (FIRST_FOUND..FIRST_FOUND + MAX_FOUND).zip(digest.findings) {
            let Some((id, place, said)) = of.exchanges.get(finding.utterance) else {
                continue;
            };
            if known(*id) && said.contains(&finding.words) {
                let body = Body::Statement {
                    statement: rules::canonical(finding.statement),
                    from: Some(*id),
                    words: Some(finding.words),
                };
                found.push(Entry::new(place, n, body));
            }
        }
        for entry in found {
            self.add(entry);
        }
        if whole {
            let text = digest.summary.map_or_else(String::new, |text| cut(&text));
            let body = Body::Summary {
                text: text.chars().take(MAX_SUMMARY).collect(),
                since: of.since,
                draft,
            };
            self.entries.retain(|entry| !begins(entry, of));
            self.add(Entry::new(&of.place, u32::MAX, body));
        }
    }
}

/// Whether it is the summary of this conversation, as far as it went.
fn sums_up(entry: &Entry, it: &Conversation) -> bool {
    begins(entry, it) && entry.place.at >= it.place.at
}

/// Whether it is the summary of this conversation, perhaps without its end.
fn begins(entry: &Entry, it: &Conversation) -> bool {
    let Body::Summary { since, .. } = entry.body else {
        return false;
    };
    let same =
        entry.place.host == it.place.host && entry.place.conversation == it.place.conversation;
    // Its oldest exchanges may be gone.
    same && since <= it.since && entry.place.at >= it.since
}
