//! All that is known about one person.

use super::{
    Exchange, Recollection,
    facts::{Fact, facts},
};
use crate::language::words::content_stems;
use serde::{Deserialize, Serialize};
use std::collections::{HashSet, VecDeque};

/// Exchanges that are kept; older ones are dropped.
pub(super) const MAX_EXCHANGES: usize = 100;
const MAX_FACTS: usize = 64;
/// Characters of one remembered text; about two minutes of speech.
pub(super) const MAX_CHARS: usize = 2_000;

/// What stands in a person's file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    /// Of the file's format.
    pub(super) version: u32,
    /// Whose it is.
    pub(super) user: String,
    facts: Vec<KnownFact>,
    exchanges: VecDeque<Said>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct KnownFact {
    kind: String,
    value: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Said {
    user: String,
    agent: String,
}

impl Record {
    pub(super) const VERSION: u32 = 1;

    pub(super) fn new(user: &str) -> Self {
        Self {
            version: Self::VERSION,
            user: user.to_owned(),
            facts: Vec::new(),
            exchanges: VecDeque::new(),
        }
    }

    /// Takes the facts from an exchange and keeps its words.
    pub(super) fn remember(&mut self, exchange: &Exchange) {
        let said = Said {
            user: cut(&exchange.user),
            agent: cut(&exchange.agent),
        };
        for fact in facts(&said.user) {
            self.learn(fact);
        }
        self.exchanges.push_back(said);
        while self.exchanges.len() > MAX_EXCHANGES {
            self.exchanges.pop_front();
        }
    }

    fn learn(&mut self, fact: Fact) {
        match fact {
            Fact::New { kind, value } => {
                self.facts.retain(|known| known.kind != kind);
                self.facts.push(KnownFact { kind, value });
                let extra = self.facts.len().saturating_sub(MAX_FACTS);
                self.facts.drain(..extra);
            }
            Fact::Correction { old, value } => {
                let mut facts = self.facts.iter_mut();
                if let Some(known) = facts.find(|f| Fact::corrects(&old, &f.value)) {
                    known.value = value;
                }
            }
        }
    }

    /// The facts, then what was said about the words of `query`, best first, newer first.
    pub(super) fn recall(&self, query: &str, limit: usize) -> Vec<Recollection> {
        let fact = |fact: &KnownFact| Recollection {
            kind: Some(fact.kind.clone()),
            text: fact.value.clone(),
        };
        let facts = self.facts.iter().map(fact);
        let said = self.said_about(query).into_iter().map(|said| Recollection {
            kind: None,
            text: format!("{} — {}", said.user, said.agent),
        });
        facts.chain(said).take(limit).collect()
    }

    fn said_about(&self, query: &str) -> Vec<&Said> {
        let wanted: HashSet<_> = content_stems(query).collect();
        let overlap = |said: &Said| {
            let stems = content_stems(&said.user).chain(content_stems(&said.agent));
            stems.collect::<HashSet<_>>().intersection(&wanted).count()
        };
        let newest_first = self.exchanges.iter().rev();
        let mut found: Vec<_> = newest_first
            .map(|said| (overlap(said), said))
            .filter(|(count, _)| *count > 0)
            .collect();
        found.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        found.into_iter().map(|(_, said)| said).collect()
    }
}

fn cut(text: &str) -> String {
    text.trim().chars().take(MAX_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(said: &[&str]) -> Record {
        let mut record = Record::new("u");
        for user in said {
            record.remember(&Exchange {
                user: (*user).into(),
                agent: "Хорошо.".into(),
            });
        }
        record
    }

    fn recalled(record: &Record, query: &str) -> Vec<String> {
        record
            .recall(query, 10)
            .into_iter()
            .map(|r| r.text)
            .collect()
    }

    #[test]
    fn a_newer_fact_and_a_correction_replace_the_older_one() {
        let mut record = record(&["меня зовут Алекс", "я живу в Москве", "я живу в Питере"]);
        assert_eq!(recalled(&record, ""), ["Алекс", "Санкт-Петербург"]);
        let user = "я не Алекс, а Александр".into();
        let agent = String::new();
        record.remember(&Exchange { user, agent });
        assert_eq!(recalled(&record, ""), ["Александр", "Санкт-Петербург"]);
    }

    #[test]
    fn what_was_said_comes_after_the_facts_and_only_if_it_is_about_the_query() {
        let record = record(&["меня зовут Алекс", "вчера поймал тильт", "купил собаку"]);
        let found = recalled(&record, "помнишь мой тильт?");
        assert_eq!(found, ["Алекс", "вчера поймал тильт — Хорошо."]);
        assert_eq!(record.recall("тильт", 1).len(), 1);
        assert!(record.recall("тильт", 0).is_empty());
    }

    #[test]
    fn a_record_stays_bounded() {
        let long = "слово ".repeat(2_000);
        let record = record(&vec![long.as_str(); 150]);
        assert_eq!(record.exchanges.len(), MAX_EXCHANGES);
        assert!(
            record
                .exchanges
                .iter()
                .all(|s| s.user.chars().count() <= MAX_CHARS)
        );
    }
}
