//! What is dropped: by age and by number, and what the user wants forgotten.

use super::{
    Fact, Record,
    entry::{Body, Entry, Sort},
};
use crate::memory::{
    Limits, Statement,
    limits::before,
    rules::values::{mentions, same},
};
use jiff::Timestamp;
use std::collections::HashSet;
use uuid::Uuid;

/// Statements that hold no longer and are still kept: they settle what may arrive late.
const SETTLED: usize = 64;

impl Record {
    /// Drops what is too old or too much.
    pub(in crate::memory) fn keep(&mut self, limits: &Limits, now: Timestamp) {
        let oldest = before(now, limits.age);
        self.entries
            .retain(|entry| entry.sort() == Sort::Statement || entry.place.at >= oldest);
        self.keep_newest(Sort::Exchange, limits.exchanges);
        self.keep_newest(Sort::Summary, limits.summaries);
        self.keep_facts(limits, now);
        self.keep_settled();
    }

    fn keep_newest(&mut self, sort: Sort, most: usize) {
        let count = self.entries.iter().filter(|e| e.sort() == sort).count();
        let mut extra = count.saturating_sub(most);
        self.entries.retain(|entry| {
            let dropped = extra > 0 && entry.sort() == sort;
            extra -= usize::from(dropped);
            !dropped
        });
    }

    fn keep_facts(&mut self, limits: &Limits, now: Timestamp) {
        let (mut facts, leaned) = self.derive();
        let oldest = limits.facts_age.map(|age| before(now, age));
        let is_old = |fact: &Fact| oldest.is_some_and(|oldest| fact.place.at < oldest);
        facts.sort_by_key(|fact| (is_old(fact), !fact.single, std::cmp::Reverse(fact.place.at)));
        let young = facts.iter().take_while(|fact| !is_old(fact)).count();
        let dropped = facts.split_off(young.min(limits.facts));
        let kept: HashSet<_> = facts.iter().flat_map(|fact| &fact.sources).collect();
        let gone = |entry: &&Entry| {
            // What a fact took the place of must not come back.
            let older = |fact: &Fact| entry.place.at <= fact.place.at && is_of(entry, &fact.kind);
            let meant = |fact: &Fact| older(fact) || fact.sources.contains(&entry.id);
            dropped.iter().any(meant) && !kept.contains(&entry.id)
        };
        let gone = self.entries.iter().filter(gone).map(|entry| entry.id);
        let gone = gone.collect();
        self.drop_statements(gone, &leaned);
    }

    /// Drops statements, and the corrections that leaned on them: these would correct something else.
    fn drop_statements(&mut self, mut gone: HashSet<Uuid>, leaned: &[(Uuid, Uuid)]) {
        let corrections = leaned.iter().filter(|(_, base)| gone.contains(base));
        let corrections: Vec<_> = corrections.map(|(correction, _)| *correction).collect();
        gone.extend(corrections);
        self.entries.retain(|entry| !gone.contains(&entry.id));
    }

    /// Of the statements that hold no longer the newest stay.
    fn keep_settled(&mut self) {
        let (facts, leaned) = self.derive();
        let live: HashSet<_> = facts.iter().flat_map(|fact| &fact.sources).collect();
        let settled = |entry: &&Entry| entry.sort() == Sort::Statement && !live.contains(&entry.id);
        let settled: Vec<_> = self.entries.iter().filter(settled).map(|e| e.id).collect();
        let extra = settled.len().saturating_sub(SETTLED);
        let gone = settled.into_iter().take(extra).collect();
        self.drop_statements(gone, &leaned);
    }

    /// Forgets the facts of a kind, and all words that tell them.
    pub(in crate::memory) fn forget_kind(&mut self, kind: &str) {
        let (facts, _) = self.derive();
        let mut values: Vec<String> = Vec::new();
        let (mut gone, mut from) = (HashSet::new(), HashSet::new());
        for fact in facts.iter().filter(|fact| fact.kind == kind) {
            values.push(fact.value.clone());
            gone.extend(fact.sources.iter().copied());
        }
        for entry in &self.entries {
            if is_of(entry, kind) {
                gone.insert(entry.id);
                values.extend(value_of(entry).map(str::to_owned));
            }
        }
        for entry in &self.entries {
            if let Body::Statement {
                statement,
                from: source,
                ..
            } = &entry.body
            {
                if let Statement::Correction { old, .. } = statement
                    && values.iter().any(|value| same(value, old))
                {
                    gone.insert(entry.id);
                }
                if gone.contains(&entry.id) {
                    from.extend(*source);
                }
            }
        }
        let tells = |text: &str| values.iter().any(|value| mentions(text, value));
        let entries = std::mem::take(&mut self.entries).into_iter();
        let left = entries.filter(|e| !gone.contains(&e.id) && !from.contains(&e.id));
        let left = left.filter_map(|entry| match &entry.body {
            Body::Statement {
                statement, words, ..
            } if words.as_deref().is_some_and(tells) => {
                let body = Body::Statement {
                    statement: statement.clone(),
                    from: None,
                    words: None,
                };
                Some(entry.with(body))
            }
            Body::Statement { .. } => Some(entry),
            Body::Exchange { .. } | Body::Summary { .. } => {
                (!tells(&entry.text())).then_some(entry)
            }
        });
        *self = Self::new(left.collect());
    }
}

/// Whether it is a statement about a kind.
fn is_of(entry: &Entry, wanted: &str) -> bool {
    let Body::Statement { statement, .. } = &entry.body else {
        return false;
    };
    match statement {
        Statement::Is { kind, .. } | Statement::Also { kind, .. } | Statement::Not { kind, .. } => {
            kind == wanted
        }
        Statement::Correction { .. } => false,
    }
}

fn value_of(entry: &Entry) -> Option<&str> {
    let Body::Statement { statement, .. } = &entry.body else {
        return None;
    };
    match statement {
        Statement::Is { value, .. }
        | Statement::Also { value, .. }
        | Statement::Correction { value, .. } => Some(value),
        Statement::Not { value, .. } => value.as_deref(),
    }
}
