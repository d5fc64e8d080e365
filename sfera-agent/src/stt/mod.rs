//! Speech to text. [`Stt`] is the streaming contract; [`Recognizer`] is the simpler one for models
//! that take a whole utterance, and the VAD-cut adapter makes a streaming [`Stt`] of it.

mod fallback;
mod reopen;
mod retry;
mod vad_cut;
#[cfg(feature = "whisper")]
mod whisper;

pub use fallback::Fallback;
pub use retry::Retry;
pub use vad_cut::VadCut;
#[cfg(feature = "whisper")]
pub use whisper::{Whisper, WhisperLoadError, WhisperOptions};

use crate::{Language, audio::Frame};
use async_trait::async_trait;
use futures::stream::BoxStream;
use std::time::Duration;

/// What an [`Stt`] hears: 16 kHz mono audio with the session's VAD decisions in between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SttInput {
    /// The next piece of audio, at 16 kHz.
    Audio(Frame),
    /// The VAD says that speech began. Audio sent before includes the prefix padding.
    SpeechStarted,
    /// The VAD says that speech ended; a good moment to finish the utterance.
    SpeechEnded,
}

/// Audio and VAD decisions on their way to an [`Stt`].
pub type SttInputStream = BoxStream<'static, SttInput>;

/// What an [`Stt`] understood.
#[derive(Clone, Debug, PartialEq)]
pub enum SttEvent {
    /// The text so far of the utterance being spoken; replaces the one before.
    Interim(String),
    /// The utterance's text for good. Empty where nothing was said, which is worth knowing: it tells
    /// a cough from an interruption.
    Final(Transcript),
}

/// A finished piece of recognised speech.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transcript {
    /// The words, trimmed; empty if there were none.
    pub text: String,
    /// How sure the recogniser is, 0…1, if it says so.
    pub confidence: Option<f32>,
}

/// Results on their way from an [`Stt`].
pub type SttEventStream = BoxStream<'static, Result<SttEvent, SttError>>;

/// How to listen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SttOptions {
    /// The language spoken.
    pub language: Language,
    /// Words worth preferring: names, tickers. Providers may ignore them.
    pub hints: Vec<String>,
}

/// Streaming speech recognition: a model or service that many sessions share.
///
/// # Contract
/// - One call listens to one stream until `input` ends; then the events end too, after the last
///   final. Dropping the event stream cancels everything at once.
/// - For every [`SttInput::SpeechEnded`] exactly one [`SttEvent::Final`] follows, in order, unless an
///   error ends the stream. Where speech went on soon, it may be empty and the next one hold both
///   parts. A service with an endpointer of its own may send further finals.
/// - The implementation reads `input` promptly or keeps at most a bounded part of it; it never waits
///   for a reader of its events without reading on.
/// - After an `Err` item the stream ends.
///
/// # Example
/// One that hears «да» in every utterance:
/// ```
/// use async_trait::async_trait;
/// use futures::StreamExt;
/// use sfera_agent::stt::{
///     Stt, SttError, SttEvent, SttEventStream, SttInput, SttInputStream, SttOptions, Transcript,
/// };
///
/// struct Yes;
///
/// #[async_trait]
/// impl Stt for Yes {
///     fn name(&self) -> &str {
///         "yes"
///     }
///     async fn listen(
///         &self,
///         input: SttInputStream,
///         _: SttOptions,
///     ) -> Result<SttEventStream, SttError> {
///         let heard = |input| async move {
///             (input == SttInput::SpeechEnded).then(|| {
///                 let text = "да".to_owned();
///                 Ok(SttEvent::Final(Transcript { text, confidence: None }))
///             })
///         };
///         Ok(input.filter_map(heard).boxed())
///     }
/// }
/// ```
#[async_trait]
pub trait Stt: Send + Sync {
    /// The provider's name, for logs and metrics.
    fn name(&self) -> &str;

    /// Starts listening.
    ///
    /// # Errors
    /// [`SttError`] if listening cannot start.
    async fn listen(
        &self,
        input: SttInputStream,
        options: SttOptions,
    ) -> Result<SttEventStream, SttError>;
}

/// Recognises one whole utterance at a time.
///
/// # Contract
/// - Dropping the future cancels: no result is delivered, and computing stops soon.
/// - Calls may run side by side; an implementation bounds how many compute at once.
/// - Silence or noise gives an empty text, not a guess.
///
/// # Example
/// One that counts seconds, made to listen to a stream:
/// ```
/// use async_trait::async_trait;
/// use sfera_agent::{
///     audio::Frame,
///     stt::{Recognizer, SttError, SttOptions, Transcript, VadCut},
/// };
/// use std::sync::Arc;
///
/// struct Seconds;
///
/// #[async_trait]
/// impl Recognizer for Seconds {
///     fn name(&self) -> &str {
///         "seconds"
///     }
///     async fn recognize(&self, audio: Frame, _: &SttOptions) -> Result<Transcript, SttError> {
///         let text = format!("{} s", audio.duration().as_secs());
///         Ok(Transcript { text, confidence: None })
///     }
/// }
///
/// let stt = VadCut::new(Arc::new(Seconds));
/// # let _ = stt;
/// ```
#[async_trait]
pub trait Recognizer: Send + Sync {
    /// The provider's name, for logs and metrics.
    fn name(&self) -> &str;

    /// The text of `audio` (16 kHz mono, at most 30 s).
    ///
    /// # Errors
    /// [`SttError`] if it could not be recognised.
    async fn recognize(&self, audio: Frame, options: &SttOptions) -> Result<Transcript, SttError>;
}

/// Why speech was not recognised.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SttError {
    /// No answer in time; try again.
    #[error("speech recognition took longer than {0:?}")]
    Timeout(Duration),
    /// The service or model cannot be reached or loaded; try again or use a fallback.
    #[error("speech recognition is not available")]
    Unavailable,
    /// The key was refused; set another one.
    #[error("speech recognition refused the key")]
    Unauthorized,
    /// Too many requests; try again after the given time.
    #[error("speech recognition is over its limit")]
    RateLimited(Option<Duration>),
    /// The provider does not know the language; choose another provider.
    #[error("speech recognition does not know the language {0}")]
    UnsupportedLanguage(Language),
    /// The provider answered something that cannot be understood.
    #[error("speech recognition answered nonsense")]
    Protocol,
}

impl SttError {
    /// Whether the same call may succeed when tried again.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Timeout(_) | Self::Unavailable | Self::RateLimited(_) | Self::Protocol
        )
    }
}
