//! The part that decides what to say: [`Llm`], its request and its streamed answer.

#[cfg(feature = "assistant")]
mod assistant;
mod attempt;
#[cfg(feature = "memory-file")]
mod extractor;
mod fallback;
mod grounding;
#[cfg(feature = "openai")]
mod openai;
mod questions;
mod retry;
mod whole;

#[cfg(feature = "assistant")]
pub use assistant::{Assistant, Formality, ScriptError};
#[cfg(feature = "memory-file")]
pub use extractor::LlmExtractor;
pub use fallback::FallbackLlm;
pub use grounding::{Grounding, Unread};
#[cfg(feature = "openai")]
pub use openai::{OpenAiLlm, OpenAiOptions};
pub use questions::LlmQuestions;
pub use retry::RetryLlm;

use crate::{
    Language,
    knowledge::{Citation, Passage},
    memory::{Recollection, UserId},
    tools::{ToolCall, ToolOutcome, ToolSpec},
};
use async_trait::async_trait;
use futures::stream::BoxStream;
use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc, time::Duration};

/// One entry of a conversation's history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "snake_case")]
pub enum Message {
    /// What the user said or typed.
    User {
        /// The words.
        text: Arc<str>,
    },
    /// What the agent said, as far as the user heard it.
    Assistant {
        /// The words that were heard.
        text: Arc<str>,
        /// Whether the user cut it short.
        interrupted: bool,
    },
    /// A call the agent made.
    ToolCall(ToolCall),
    /// How a call ended. Each call has at most one; none while it is running.
    ToolResult {
        /// The call's id.
        id: Arc<str>,
        /// How it ended.
        outcome: ToolOutcome,
    },
}

/// What an [`Llm`] gets to answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LlmRequest {
    /// Who the agent is and how it behaves.
    pub instructions: Arc<str>,
    /// The conversation so far, oldest first; the last one asks for the answer.
    pub messages: Vec<Message>,
    /// What is remembered about the user.
    pub recalled: Vec<Recollection>,
    /// What the knowledge base says about the last words of the user.
    pub passages: Vec<Passage>,
    /// Which of memory and knowledge did not answer this time: it may have something all the same.
    pub unread: Unread,
    /// The tools that may be called; empty if none may.
    pub tools: Vec<ToolSpec>,
    /// Language to answer in.
    pub language: Language,
    /// The user, if known.
    pub user: Option<UserId>,
    /// Pictures that came with the last words of the user. A model that sees nothing answers without
    /// them.
    pub images: Vec<Image>,
    /// Whether the answer is read instead of heard: then it may be long and have Markdown in it.
    pub written: bool,
}

/// A picture for an LLM to look at.
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    /// `image/jpeg`, `image/png`, …
    pub media_type: Arc<str>,
    /// The file.
    pub bytes: Arc<[u8]>,
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Image({}, {} bytes)", self.media_type, self.bytes.len())
    }
}

impl LlmRequest {
    /// The user's latest words, or nothing.
    #[must_use]
    pub fn last_user_text(&self) -> &str {
        let text = |m: &'_ Message| matches!(m, Message::User { .. });
        match self.messages.iter().rfind(|m| text(m)) {
            Some(Message::User { text }) => text,
            _ => "",
        }
    }
}

/// A piece of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum LlmEvent {
    /// More text, to be appended to what came before.
    Text(String),
    /// A complete tool call.
    ToolCall(ToolCall),
    /// What of [`LlmRequest::passages`] the answer stands on; who cannot tell names what it was given.
    Citation(Citation),
    /// What the answer cost, if the provider says so.
    Usage(Usage),
}

/// Tokens of one answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens read.
    pub prompt_tokens: u32,
    /// Tokens written.
    pub completion_tokens: u32,
}

/// An answer on its way.
pub type LlmStream = BoxStream<'static, Result<LlmEvent, LlmError>>;

/// A language model, or anything that answers like one; many sessions share it.
///
/// # Contract
/// - Text comes as soon as there is some; the stream ends when the answer is complete.
/// - Dropping the future or the stream cancels the answer at once, with its cost.
/// - After an `Err` item the stream ends. Text that came before stays valid.
/// - With an empty [`LlmRequest::tools`] no tool call comes.
/// - Tool call ids are unique within the conversation.
///
/// ```
/// use futures::{StreamExt, stream};
/// use sfera_agent::llm::{Llm, LlmError, LlmEvent, LlmRequest, LlmStream};
///
/// struct Echo;
///
/// #[async_trait::async_trait]
/// impl Llm for Echo {
///     fn name(&self) -> &str {
///         "echo"
///     }
///
///     async fn generate(&self, request: LlmRequest) -> Result<LlmStream, LlmError> {
///         let text = request.last_user_text().to_owned();
///         Ok(stream::iter([Ok(LlmEvent::Text(text))]).boxed())
///     }
/// }
/// ```
#[async_trait]
pub trait Llm: Send + Sync {
    /// The provider's and model's name, for logs and metrics.
    fn name(&self) -> &str;

    /// Whether it looks at [`LlmRequest::images`].
    fn sees_images(&self) -> bool {
        false
    }

    /// Starts an answer.
    ///
    /// # Errors
    /// [`LlmError`] if no answer can be started.
    async fn generate(&self, request: LlmRequest) -> Result<LlmStream, LlmError>;
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LlmError {
    /// No answer in time; try again.
    #[error("the language model took longer than {0:?}")]
    Timeout(Duration),
    /// The service cannot be reached or failed; try again or use a fallback.
    #[error("the language model is not available")]
    Unavailable,
    /// The key was refused; set another one.
    #[error("the language model refused the key")]
    Unauthorized,
    /// Too many requests, or no money left; try again after the given time.
    #[error("the language model is over its limit")]
    RateLimited(Option<Duration>),
    /// The request was refused: too long, or against the provider's rules; change it.
    #[error("the language model refused the request")]
    Refused,
    /// The provider answered something that cannot be understood.
    #[error("the language model answered nonsense")]
    Protocol,
}

impl LlmError {
    /// Whether the same call may succeed when tried again.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Timeout(_) | Self::Unavailable | Self::RateLimited(_) | Self::Protocol
        )
    }
}
