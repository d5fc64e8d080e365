//! Who finds in somebody's words what they say about themself.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// Something that a person said about themself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Statement {
    /// It is so, whatever else of this kind was so before.
    Is {
        /// `name`, `city`, `goal`, …
        kind: String,
        /// «Алекс»
        value: String,
    },
    /// This is so too.
    Also {
        /// `instrument`, `preference`, `note`, …
        kind: String,
        /// «Биткоин»
        value: String,
    },
    /// It is so no longer.
    Not {
        /// Of which kind.
        kind: String,
        /// Which one; without it: none of the kind.
        value: Option<String>,
    },
    /// «Не Алекс, а Александр»: whatever fact has the old value gets the new one.
    Correction {
        /// What was wrong.
        old: String,
        /// What is right.
        value: String,
    },
}

/// A statement and the words that make it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which utterance, counted from 0.
    pub utterance: usize,
    /// What it says.
    pub statement: Statement,
    /// The words of the utterance that say so.
    pub words: String,
}

/// What a conversation leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Digest {
    /// What the user said about themself.
    pub findings: Vec<Finding>,
    /// What it was about, in a sentence or two, if about anything.
    pub summary: Option<String>,
}

/// Reads a conversation that is over. Rules have found in every utterance what they can before; this
/// one may find more.
///
/// # Contract
/// - It is never on the path of a turn, and may take seconds. Its future may be dropped.
/// - It gets the user's words only: what the agent read to them, from the web for example, is not about
///   them.
/// - Whoever believes a model checks it: the words of a [`Finding`] stand in its utterance.
#[async_trait]
pub trait Extractor: Send + Sync {
    /// Reads what the user said, oldest first.
    ///
    /// # Errors
    /// [`ExtractError`]; rules then do what they can.
    async fn digest(&self, said: &[String]) -> Result<Digest, ExtractError>;
}

/// Why nothing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExtractError {
    /// The model cannot be reached, or took too long; try again.
    #[error("the model that reads conversations is not available")]
    Unavailable,
    /// The model answered something else.
    #[error("the model that reads conversations answered nonsense")]
    Protocol,
}
