//! What the agent can look up: passages of the host's own texts.

#[cfg(feature = "ingest")]
mod base;
#[cfg(feature = "knowledge-files")]
mod bm25;
#[cfg(any(feature = "knowledge-files", feature = "ingest"))]
#[allow(dead_code, reason = "each feature that needs it uses a part")]
mod chunking;
#[cfg(any(feature = "knowledge-files", feature = "ingest"))]
#[allow(dead_code, reason = "each feature that needs it uses a part")]
mod document;
#[cfg(feature = "knowledge-files")]
mod folder;
#[cfg(feature = "words")]
#[allow(dead_code, reason = "each feature that needs it uses a part")]
mod point;
mod questions;
#[cfg(feature = "words")]
mod relevance;
#[cfg(feature = "words")]
mod retrieval;

#[cfg(feature = "ingest")]
pub use base::{
    DocumentSummary, Found, IngestProgress, Ingested, KnowledgeBase, KnowledgeBaseError,
    QuestionProgress, QuestionsWritten, Unasked,
};
#[cfg(feature = "ingest-watch")]
pub use base::{Watch, WatchError};
#[cfg(feature = "ingest")]
pub use chunking::{Chunk, Chunking, chunks, tokens};
#[cfg(feature = "ingest")]
pub use document::{
    Document, DocumentError, DocumentProblem, Format, LineProblem, PDF_THREAD, Reading, Section,
    parse, read,
};
#[cfg(feature = "knowledge-files")]
pub use folder::FileKnowledge;
#[cfg(feature = "words")]
pub use point::PATH_SEPARATOR;
pub use questions::{QuestionError, QuestionWriter};
#[cfg(feature = "words")]
pub use retrieval::Retriever;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// A piece of text found in the knowledge base.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Passage {
    /// Title of the document it is from.
    pub title: String,
    /// Heading of the section, if any.
    pub section: Option<String>,
    /// The passage itself, plain text.
    pub text: String,
    /// What it is ranked by, higher is better; comparable only within one answer.
    pub score: f32,
    /// What it is to the question.
    #[serde(default)]
    pub relevance: Relevance,
}

/// What a passage is to a question, as far as can be told without a language model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relevance {
    /// It says what was asked for; where it comes first, it can be read out as the answer.
    #[default]
    Answers,
    /// About the same thing: the embedded assistant offers it.
    Near,
    /// Only for who reads and judges: a language model.
    Perhaps,
}

impl Passage {
    /// How it is named beside an answer: by its document, of which several sections may be used.
    #[must_use]
    pub fn citation(&self) -> Citation {
        Citation {
            title: self.title.clone(),
            url: None,
        }
    }
}

/// Where an answer comes from, to be shown beside it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Citation {
    /// As people know it.
    pub title: String,
    /// Where it can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A knowledge base that many sessions share.
///
/// # Contract
/// - The call is on the path of a turn: it answers within a few tens of ms, and its future may be
///   dropped at any time.
/// - Passages that have nothing to do with the query are left out; an empty answer is normal.
/// - An empty query or a limit of zero gives an empty answer, not an error.
///
/// ```
/// use sfera_agent::knowledge::{Knowledge, KnowledgeError, Passage, Relevance};
///
/// struct OpeningHours;
///
/// #[async_trait::async_trait]
/// impl Knowledge for OpeningHours {
///     async fn search(&self, query: &str, limit: usize) -> Result<Vec<Passage>, KnowledgeError> {
///         let passage = Passage {
///             title: "Opening hours".into(),
///             section: None,
///             text: "We are open from nine to five.".into(),
///             score: 1.0,
///             relevance: Relevance::Answers,
///         };
///         let asked = query.to_lowercase().contains("open");
///         Ok(std::iter::repeat_n(passage, usize::from(asked)).take(limit).collect())
///     }
/// }
/// ```
#[async_trait]
pub trait Knowledge: Send + Sync {
    /// At most `limit` passages about `query`, best first.
    ///
    /// # Errors
    /// [`KnowledgeError`]; the turn then goes on without knowledge.
    async fn search(&self, query: &str, limit: usize) -> Result<Vec<Passage>, KnowledgeError>;
}

/// Why the knowledge base did not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KnowledgeError {
    /// The store cannot be reached or read; try again.
    #[error("the knowledge base is not available")]
    Unavailable,
    /// A document cannot be read; the text names it.
    #[error("{0} cannot be read")]
    Document(String),
}
