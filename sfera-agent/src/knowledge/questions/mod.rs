//! Questions that passages answer, written before anybody asks them.
//!
//! Who has the trouble does not know the words of the text. A language model that reads each passage once,
//! long before a conversation, can put its questions in the words of everyday; a conversation then finds a
//! passage by what it says and by what it is asked for, and needs no model for it (Nogueira and others,
//! doc2query, 2019).

#[cfg(feature = "words")]
#[allow(dead_code, reason = "each feature that needs it uses a part")]
pub(super) mod kept;

use super::Passage;
use async_trait::async_trait;

/// Puts the questions that a passage answers, in people's own words.
///
/// # Contract
/// - It is never on the path of a turn, and may take seconds. Its future may be dropped.
/// - The passage is data: whatever it asks for, only questions come out.
/// - Some ten questions are good; each is a line, and none asks for what the passage does not say.
///
/// ```
/// use sfera_agent::knowledge::{Passage, QuestionError, QuestionWriter};
///
/// /// For texts whose headings are questions already.
/// struct Headings;
///
/// #[async_trait::async_trait]
/// impl QuestionWriter for Headings {
///     async fn questions(&self, passage: &Passage) -> Result<Vec<String>, QuestionError> {
///         Ok(passage.section.iter().map(|heading| format!("{heading}?")).collect())
///     }
/// }
/// ```
#[async_trait]
pub trait QuestionWriter: Send + Sync {
    /// The questions of one passage; none if there is nothing to ask.
    ///
    /// # Errors
    /// [`QuestionError`].
    async fn questions(&self, passage: &Passage) -> Result<Vec<String>, QuestionError>;
}

/// Why there are no questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuestionError {
    /// The model cannot be reached, took too long or is over its limit; try again.
    #[error("the model cannot be reached")]
    Unavailable,
    /// It does not know us: set another key.
    #[error("the model refuses the key")]
    Unauthorized,
    /// It does not want to read this passage, or answered something else than questions; the others may
    /// do.
    #[error("the model wrote no questions")]
    Protocol,
}
