//! What an answer gets: by relevance and recency, under a budget of tokens.

use super::{Fact, Record, entry::Entry};
use crate::{
    language::words::content_stems,
    memory::{Limits, Recollection},
};
use std::{cmp::Reverse, collections::HashSet};

/// Letters counted as a token; [`Limits::recall_tokens`] says why.
const LETTERS: usize = 2;

impl Record {
    /// The best things to know when answering `query`.
    pub(in crate::memory) fn recall(
        &self,
        query: &str,
        limit: usize,
        limits: &Limits,
    ) -> Vec<Recollection> {
        let said = self.said_about(query);
        self.recall_beside(query, said, limit, limits)
    }

    /// The same, where what was said about the query was found by somebody else, best first.
    pub(in crate::memory) fn recall_beside(
        &self,
        query: &str,
        said: Vec<Recollection>,
        limit: usize,
        limits: &Limits,
    ) -> Vec<Recollection> {
        let wanted: HashSet<_> = content_stems(query).collect();
        let mut facts = self.facts();
        facts.sort_by_cached_key(|fact| {
            let relevance = overlap(&fact.value, &wanted);
            let newest = Reverse(fact.place.at);
            // What there is one of, which many others must not crowd out.
            (!fact.is_name(), !fact.single, Reverse(relevance), newest)
        });
        let facts = facts.iter().map(Fact::recollection).collect();
        let summaries = self.summaries().take(limits.recall_summaries).collect();
        select([facts, summaries, said], limit, limits.recall_tokens)
    }

    /// What was said about the words of `query`, most of them first, newer first.
    fn said_about(&self, query: &str) -> Vec<Recollection> {
        let wanted: HashSet<_> = content_stems(query).collect();
        if wanted.is_empty() {
            return Vec::new();
        }
        let newest_first = self.entries.iter().rev();
        let mut found: Vec<(usize, Recollection)> = newest_first
            .filter_map(|entry| Some((overlap(&entry.text(), &wanted), Entry::said(entry)?)))
            .filter(|(count, _)| *count > 0)
            .collect();
        found.sort_by_key(|(count, _)| Reverse(*count));
        found.into_iter().map(|(_, said)| said).collect()
    }
}

fn overlap(text: &str, wanted: &HashSet<String>) -> usize {
    let stems: HashSet<_> = content_stems(text).collect();
    stems.intersection(wanted).count()
}

/// Takes the best of facts, summaries and words until the budget is spent: facts may take half of it,
/// summaries a quarter, words what is left; what is left then goes to more facts.
fn select(
    [facts, summaries, said]: [Vec<Recollection>; 3],
    limit: usize,
    tokens: usize,
) -> Vec<Recollection> {
    let mut left = tokens;
    let mut take = |from: Vec<Recollection>, share: usize| {
        let mut share = share.min(left);
        let (mut taken, mut rest) = (Vec::new(), Vec::new());
        for it in from {
            match share.checked_sub(cost(&it)) {
                Some(after) => {
                    left -= share - after;
                    share = after;
                    taken.push(it);
                }
                None => rest.push(it),
            }
        }
        (taken, rest)
    };
    let (mut chosen, more) = take(facts, tokens / 2);
    let (summaries, _) = take(summaries, tokens / 4);
    let (said, _) = take(said, tokens);
    chosen.extend(take(more, tokens).0);
    chosen
        .into_iter()
        .chain(summaries)
        .chain(said)
        .take(limit)
        .collect()
}

/// Tokens it takes, more rather than fewer.
pub(super) fn cost(it: &Recollection) -> usize {
    let kind = it.kind.as_deref().unwrap_or_default();
    (kind.chars().count() + it.text.chars().count()).div_ceil(LETTERS) + 2
}
