//! A second look at what was found: a model that reads the question and each passage side by side.

#[cfg(feature = "rerank-http")]
mod server;

#[cfg(feature = "rerank-http")]
pub use server::{RerankServer, RerankServerOptions};

use async_trait::async_trait;

/// Says how well texts answer a question.
///
/// # Contract
/// - The answer has a number from 0 to 1 for each text, in the order of the texts.
/// - No texts give an empty answer.
/// - The call is on the path of a turn, and its future may be dropped at any time.
///
/// ```
/// use sfera_agent::reranking::{RerankError, Reranker};
///
/// /// Prefers short answers.
/// struct Brevity;
///
/// #[async_trait::async_trait]
/// impl Reranker for Brevity {
///     async fn rerank(&self, _: &str, texts: &[String]) -> Result<Vec<f32>, RerankError> {
///         Ok(texts.iter().map(|text| 1.0 / (1.0 + text.len() as f32)).collect())
///     }
/// }
/// ```
#[async_trait]
pub trait Reranker: Send + Sync {
    /// The likelihood that each text answers the question, 0 to 1.
    ///
    /// # Errors
    /// [`RerankError`]; whoever asked keeps the order that there was.
    async fn rerank(&self, question: &str, texts: &[String]) -> Result<Vec<f32>, RerankError>;
}

/// Why there is no second look.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RerankError {
    /// It cannot be reached, is busy or fails; try again.
    #[error("the reranker is not available")]
    Unavailable,
    /// It does not know us: set another key.
    #[error("the reranker refuses the key")]
    Refused,
    /// It answered something else than numbers for the texts.
    #[error("the reranker's answer cannot be understood")]
    Protocol,
    /// A setting is missing or wrong; the text names it.
    #[error("{0}")]
    Setting(String),
}
