//! Text to speech: [`Tts`], the sentence splitter before it and the text normalisation each voice
//! needs.

mod cache;
#[cfg(feature = "espeak")]
mod espeak;
mod fallback;
#[cfg(feature = "festival")]
mod festival;
#[cfg(any(feature = "festival", feature = "espeak"))]
mod local;
#[cfg(any(feature = "festival", feature = "espeak"))]
mod loudness;
pub mod normalize;
#[cfg(any(feature = "festival", feature = "espeak"))]
mod program;
mod retry;
mod sentence;

pub use cache::CacheTts;
#[cfg(feature = "espeak")]
pub use espeak::Espeak;
pub use fallback::FallbackTts;
#[cfg(feature = "festival")]
pub use festival::{Festival, FestivalVoice};
#[cfg(any(feature = "festival", feature = "espeak"))]
pub use local::{LocalTtsError, local};
pub use retry::RetryTts;
pub use sentence::SentenceSplitter;

use crate::{Language, audio::Frame};
use async_trait::async_trait;
use futures::stream::BoxStream;
use std::{sync::Arc, time::Duration};

/// A sentence to speak.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TtsRequest {
    /// What to say: one or a few sentences of plain text, possibly with numbers and Latin words.
    pub text: Arc<str>,
    /// Language to say it in.
    pub language: Language,
}

/// Speech on its way; all frames have one rate.
pub type TtsStream = BoxStream<'static, Result<Frame, TtsError>>;

/// A voice that many sessions share.
///
/// # Contract
/// - Frames come as soon as there are some, faster than real time; the stream ends with the text.
/// - Dropping the future or the stream cancels at once.
/// - After an `Err` item the stream ends. Frames that came before stay valid.
/// - Text without anything to pronounce gives an empty stream, not an error.
#[async_trait]
pub trait Tts: Send + Sync {
    /// The provider's and voice's name, for logs and metrics.
    fn name(&self) -> &str;

    /// Starts speaking.
    ///
    /// # Errors
    /// [`TtsError`] if speaking cannot start.
    async fn synthesize(&self, request: TtsRequest) -> Result<TtsStream, TtsError>;
}

/// Why there is no speech.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TtsError {
    /// No sound in time; try again.
    #[error("the voice took longer than {0:?}")]
    Timeout(Duration),
    /// The service or program cannot be reached or started; try again or use a fallback.
    #[error("the voice is not available")]
    Unavailable,
    /// The key was refused; set another one.
    #[error("the voice refused the key")]
    Unauthorized,
    /// Too many requests; try again after the given time.
    #[error("the voice is over its limit")]
    RateLimited(Option<Duration>),
    /// The provider does not speak the language; choose another voice.
    #[error("the voice does not speak {0}")]
    UnsupportedLanguage(Language),
    /// The provider sent something that is no sound.
    #[error("the voice answered nonsense")]
    Protocol,
}

impl TtsError {
    /// Whether the same call may succeed when tried again.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Timeout(_) | Self::Unavailable | Self::RateLimited(_) | Self::Protocol
        )
    }
}
