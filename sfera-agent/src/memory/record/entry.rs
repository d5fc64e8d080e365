use crate::memory::{Provenance, Recollection, Statement};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What entries' ids are made under.
const NAMESPACE: Uuid = Uuid::from_u128(0x5fe7_a000_0000_4000_8000_6d65_6d6f_7279);

/// One thing that is kept. It never changes: another one is put in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::memory) struct Entry {
    /// Follows from all else, so that keeping it twice is keeping it once.
    pub(in crate::memory) id: Uuid,
    #[serde(flatten)]
    pub(in crate::memory) place: Place,
    /// Its number among those of one moment.
    n: u32,
    pub(in crate::memory) body: Body,
}

/// Where and when something was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::memory) struct Place {
    pub(in crate::memory) at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::memory) host: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::memory) conversation: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::memory) enum Body {
    /// What was said.
    Exchange { user: String, agent: String },
    /// What the user said about themself.
    Statement {
        statement: Statement,
        /// The exchange it is from.
        from: Option<Uuid>,
        /// The user's words that say it.
        words: Option<String>,
    },
    /// What a conversation was about; empty if about nothing. Its time is that of the last exchange.
    Summary {
        text: String,
        /// The time of the first one.
        since: Timestamp,
        /// A model may still make a better one.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        draft: bool,
    },
}

/// Which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::memory) enum Sort {
    Exchange,
    Statement,
    Summary,
}

impl Sort {
    pub(in crate::memory) const fn name(self) -> &'static str {
        match self {
            Self::Exchange => "exchange",
            Self::Statement => "statement",
            Self::Summary => "summary",
        }
    }
}

impl Entry {
    pub(in crate::memory) fn new(place: &Place, n: u32, body: Body) -> Self {
        // Plain data can always be written.
        let whole = serde_json::to_vec(&(place, n, &body)).unwrap_or_default();
        Self {
            id: Uuid::new_v5(&NAMESPACE, &whole),
            place: place.clone(),
            n,
            body,
        }
    }

    /// The same with something else in it.
    pub(in crate::memory) fn with(&self, body: Body) -> Self {
        Self::new(&self.place, self.n, body)
    }

    /// Entries of one moment stand in the order of what was said.
    pub(in crate::memory) const fn order(&self) -> (Timestamp, u32, Uuid) {
        (self.place.at, self.n, self.id)
    }

    pub(in crate::memory) const fn sort(&self) -> Sort {
        match self.body {
            Body::Exchange { .. } => Sort::Exchange,
            Body::Statement { .. } => Sort::Statement,
            Body::Summary { .. } => Sort::Summary,
        }
    }

    /// What it is searched by.
    pub(in crate::memory) fn text(&self) -> String {
        match &self.body {
            Body::Exchange { user, agent } => format!("{user}\n{agent}"),
            Body::Statement { words, .. } => words.clone().unwrap_or_default(),
            Body::Summary { text, .. } => text.clone(),
        }
    }

    pub(in crate::memory) fn recollection(
        &self,
        kind: Option<String>,
        text: String,
        words: Option<String>,
    ) -> Recollection {
        Recollection {
            kind,
            text,
            provenance: Some(self.place.provenance(words)),
        }
    }

    /// Words that were said, for an answer.
    pub(in crate::memory) fn said(&self) -> Option<Recollection> {
        match &self.body {
            Body::Exchange { user, agent } => {
                let text = format!("{user} — {agent}");
                Some(self.recollection(None, text, Some(user.clone())))
            }
            _ => None,
        }
    }
}

impl Place {
    pub(in crate::memory) fn provenance(&self, words: Option<String>) -> Provenance {
        Provenance {
            at: self.at,
            host: self.host.clone(),
            conversation: self.conversation.clone(),
            words,
        }
    }
}
