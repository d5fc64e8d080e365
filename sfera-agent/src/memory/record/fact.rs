//! From statements to facts: what was said later holds.

use super::{
    Record,
    entry::{Body, Entry, Place},
};
use crate::memory::{
    Recollection, Statement,
    rules::values::{ends, same},
};
use uuid::Uuid;

/// Something that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::memory) struct Fact {
    pub(in crate::memory) kind: String,
    pub(in crate::memory) value: String,
    /// Where it was said, or corrected, last.
    pub(in crate::memory) place: Place,
    words: Option<String>,
    /// The statement it stands on, then its corrections.
    pub(super) sources: Vec<Uuid>,
    /// Whether there is only one of its kind.
    pub(super) single: bool,
}

impl Fact {
    fn new(entry: &Entry, words: Option<&String>, kind: &str, value: &str, single: bool) -> Self {
        Self {
            kind: kind.to_owned(),
            value: value.to_owned(),
            place: entry.place.clone(),
            words: words.cloned(),
            sources: vec![entry.id],
            single,
        }
    }

    pub(in crate::memory) fn is_name(&self) -> bool {
        self.kind == "name"
    }

    pub(in crate::memory) fn recollection(&self) -> Recollection {
        Recollection {
            kind: Some(self.kind.clone()),
            text: self.value.clone(),
            provenance: Some(self.place.provenance(self.words.clone())),
        }
    }
}

impl Record {
    /// The facts, in the order in which they were learned.
    pub(in crate::memory) fn facts(&self) -> Vec<Fact> {
        self.derive().0
    }

    /// The facts; and for each statement that did something to another one, which that was.
    pub(super) fn derive(&self) -> (Vec<Fact>, Vec<(Uuid, Uuid)>) {
        let (mut facts, mut leaned) = (Vec::<Fact>::new(), Vec::new());
        for entry in &self.entries {
            let Body::Statement {
                statement, words, ..
            } = &entry.body
            else {
                continue;
            };
            let words = words.as_ref();
            facts.retain(|fact| !ends(statement, &fact.kind, &fact.value));
            match statement {
                Statement::Is { kind, value } => {
                    facts.push(Fact::new(entry, words, kind, value, true));
                }
                Statement::Also { kind, value } => {
                    facts.push(Fact::new(entry, words, kind, value, false));
                }
                Statement::Not { .. } => {}
                Statement::Correction { old, value } => {
                    let mut newest_first = facts.iter_mut().rev();
                    if let Some(fact) = newest_first.find(|fact| same(old, &fact.value)) {
                        leaned.extend(fact.sources.iter().map(|base| (entry.id, *base)));
                        fact.value.clone_from(value);
                        fact.place = entry.place.clone();
                        fact.words = words.cloned();
                        fact.sources.push(entry.id);
                    }
                }
            }
        }
        (facts, leaned)
    }
}
