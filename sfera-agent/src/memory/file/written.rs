//! A record as it stands in a file: JSON with the version of its format. The first version had facts
//! without words and times; it is taken over when it is read, and written as the second with the next
//! change.

use crate::memory::{
    Statement,
    record::{Body, Entry, Place, Record},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::SystemTime;

const VERSION: u32 = 2;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written<'a> {
    version: u32,
    user: std::borrow::Cow<'a, str>,
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct First {
    version: u32,
    user: String,
    facts: Vec<FirstFact>,
    exchanges: Vec<FirstSaid>,
}

#[derive(Deserialize)]
struct FirstFact {
    kind: String,
    value: String,
}

#[derive(Deserialize)]
struct FirstSaid {
    user: String,
    agent: String,
}

pub(super) fn json(record: &Record, user: &str) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec_pretty(&Written {
        version: VERSION,
        user: user.into(),
        entries: record.entries().to_vec(),
    })
}

/// The record of a user in a file that was changed then; nothing if it is none.
pub(super) fn record(text: &str, user: &str, changed: SystemTime) -> Option<Record> {
    if let Ok(written) = serde_json::from_str::<Written<'_>>(text) {
        let whose = written.version == VERSION && written.user == user;
        return whose.then(|| Record::new(written.entries));
    }
    let first = serde_json::from_str::<First>(text).ok()?;
    let changed = Timestamp::try_from(changed).ok()?;
    (first.version == 1 && first.user == user).then(|| first.record(changed))
}

impl First {
    /// Nobody knows when it was said, but it was in this order and not after the file's last change.
    fn record(self, changed: Timestamp) -> Record {
        let many = self.facts.len() + self.exchanges.len();
        let before = |n: usize| {
            let millis = i64::try_from(many - n).unwrap_or(i64::MAX);
            let age = SignedDuration::from_millis(millis);
            let at = changed.checked_sub(age).unwrap_or(Timestamp::MIN);
            Place {
                at,
                host: None,
                conversation: None,
            }
        };
        let said = self.exchanges.into_iter().map(|said| Body::Exchange {
            user: said.user,
            agent: said.agent,
        });
        let facts = self.facts.into_iter().map(|fact| Body::Statement {
            statement: match fact.kind.as_str() {
                "note" => Statement::Also {
                    kind: fact.kind,
                    value: fact.value,
                },
                _ => Statement::Is {
                    kind: fact.kind,
                    value: fact.value,
                },
            },
            from: None,
            words: None,
        });
        let bodies = said.chain(facts).enumerate();
        let entries = bodies.map(|(n, body)| Entry::new(&before(n), 0, body));
        Record::new(entries.collect())
    }
}
