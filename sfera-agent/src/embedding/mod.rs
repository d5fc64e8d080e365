//! Texts as vectors, so that they can be compared by meaning.

#[cfg(feature = "embed-cache")]
mod cache;
#[cfg(feature = "embed-e5")]
mod e5;
#[cfg(feature = "embed-fastembed")]
mod fastembed;
#[cfg(feature = "embed-openai")]
mod openai;
#[cfg(any(feature = "embed-e5", feature = "embed-fastembed"))]
mod workers;

#[cfg(feature = "embed-cache")]
pub use cache::CacheEmbedder;
#[cfg(feature = "embed-e5")]
pub use e5::E5;
#[cfg(feature = "embed-fastembed")]
pub use fastembed::{FastEmbedder, FastEmbedderOptions};
#[cfg(feature = "embed-openai")]
pub use openai::{OpenAiEmbedder, OpenAiEmbedderOptions};

use async_trait::async_trait;

/// What a text is for; many models want to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextKind {
    /// A question.
    Query,
    /// A text that may answer one.
    Passage,
}

/// Turns texts into vectors.
///
/// # Contract
/// - One vector for each text, in order, of unit length and of [`Embedder::dimension`] numbers. The same
///   text and kind give the same vector, alone or among others (within rounding).
/// - A text longer than the model reads is cut, not refused.
/// - A query is on the path of a turn: one short text takes tens of ms. The future may be dropped.
///
/// ```
/// use sfera_agent::embedding::{EmbedError, Embedder, TextKind};
///
/// /// Knows only how much of a text is digits.
/// struct Digits;
///
/// #[async_trait::async_trait]
/// impl Embedder for Digits {
///     fn model(&self) -> &str {
///         "digits"
///     }
///
///     fn dimension(&self) -> usize {
///         2
///     }
///
///     async fn embed(&self, _: TextKind, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
///         let share = |text: &String| {
///             let digits = text.chars().filter(char::is_ascii_digit).count();
///             digits as f32 / text.chars().count().max(1) as f32
///         };
///         Ok(texts.iter().map(share).map(|s| vec![s.sqrt(), (1.0 - s).sqrt()]).collect())
///     }
/// }
/// ```
#[async_trait]
pub trait Embedder: Send + Sync {
    /// The model's name, the same wherever the vectors are the same.
    fn model(&self) -> &str;

    /// Numbers in a vector.
    fn dimension(&self) -> usize;

    /// The texts' vectors.
    ///
    /// # Errors
    /// [`EmbedError`]; none of the texts has a vector then.
    async fn embed(&self, kind: TextKind, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError>;
}

/// Why there are no vectors.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmbedError {
    /// The model or its server cannot be reached; try again.
    #[error("the embedding model is not available")]
    Unavailable,
    /// The server does not know us: set another key.
    #[error("the embedding server refuses the key")]
    Refused,
    /// A file of the model is no good; the text names it.
    #[error("the embedding model cannot be loaded: {0}")]
    Model(String),
    /// A setting that is needed is missing; the text names it.
    #[error("{0} is not set")]
    Unset(&'static str),
    /// A setting is no number above zero; the text names it.
    #[error("{0} is no number")]
    NoNumber(&'static str),
    /// The server answered something that cannot be understood.
    #[error("the embedding server answered nonsense")]
    Protocol,
}

/// The same direction with length 1; `None` for a vector that has no direction.
#[cfg(any(
    feature = "embed-e5",
    feature = "embed-fastembed",
    feature = "embed-openai"
))]
fn normalize(mut vector: Vec<f32>) -> Option<Vec<f32>> {
    let length = vector
        .iter()
        .map(|n| f64::from(*n).powi(2))
        .sum::<f64>()
        .sqrt();
    if !length.is_finite() || length < 1e-12 {
        return None;
    }
    for number in &mut vector {
        *number = (f64::from(*number) / length) as f32;
    }
    Some(vector)
}
