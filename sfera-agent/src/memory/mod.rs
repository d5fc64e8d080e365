//! What the agent remembers about a person between conversations: [`Memory`], kept in files or in a
//! [`Store`](crate::store::Store).

mod extractor;
#[cfg(feature = "memory-file")]
mod file;
#[cfg(feature = "memory-file")]
mod keeping;
#[cfg(feature = "memory-file")]
mod limits;
#[cfg(feature = "memory-file")]
mod record;
#[cfg(any(feature = "assistant", feature = "memory-file"))]
#[cfg_attr(
    not(all(feature = "assistant", feature = "memory-file")),
    allow(dead_code, reason = "each feature that needs it uses a part")
)]
pub(crate) mod rules;
#[cfg(feature = "memory-file")]
mod store;

pub use extractor::{Digest, ExtractError, Extractor, Finding, Statement};
#[cfg(feature = "memory-file")]
pub use file::FileMemory;
#[cfg(feature = "memory-file")]
pub use limits::Limits;
#[cfg(feature = "memory-file")]
pub use store::StoreMemory;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};

/// Who somebody is, the same in every host: opaque, not empty.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(Arc<str>);

impl UserId {
    /// Names a user.
    #[must_use]
    pub fn new(id: impl Into<Arc<str>>) -> Self {
        Self(id.into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One thing remembered about a user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recollection {
    /// What kind of fact, if it is one: `name`, `city`, `goal`, `instrument`, `preference`, …; or
    /// [`Recollection::SUMMARY`]. Nothing for words that were said.
    pub kind: Option<String>,
    /// The fact's value («Алекс»), the summary, or what was said.
    pub text: String,
    /// Where it is from, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provenance: Option<Provenance>,
}

impl Recollection {
    /// The kind of a conversation's summary.
    pub const SUMMARY: &str = "summary";

    /// Whether it sums up an earlier conversation.
    #[must_use]
    pub fn is_summary(&self) -> bool {
        self.kind.as_deref() == Some(Self::SUMMARY)
    }
}

/// Where something remembered is from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// When it was said; of a summary, when the conversation ended.
    pub at: Timestamp,
    /// In which host: `voice`, `telegram`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// In which conversation; opaque.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<String>,
    /// The user's own words that say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
}

/// What was said in one turn, once it is over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exchange {
    /// The user's words.
    pub user: String,
    /// The agent's words, as far as they were heard.
    pub agent: String,
    /// Where and when.
    pub origin: Origin,
}

/// Where and when something is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The host: `voice`, `telegram`, …
    pub host: Option<Arc<str>>,
    /// The conversation, unique in its host. Without one, what is said in a host with pauses of less
    /// than half an hour is one conversation.
    pub conversation: Option<Arc<str>>,
    /// When; without it: when it is remembered.
    pub at: Option<Timestamp>,
}

/// Remembers people.
///
/// # Contract
/// - A user's memory is never seen by another user.
/// - [`Memory::recall`] is on the path of a turn: it answers within a few tens of ms, and its future
///   may be dropped. [`Memory::remember`] runs after the turn; once it answered `Ok`, the exchange
///   survives the process.
/// - What was said later holds, in whichever order exchanges arrive. Sessions side by side lose nothing.
/// - After [`Memory::forget`] nothing about the user is left, on disk either.
///
/// ```
/// use sfera_agent::memory::{Exchange, Memory, MemoryError, Recollection, UserId};
///
/// /// Remembers nothing, and says so.
/// struct Forgetful;
///
/// #[async_trait::async_trait]
/// impl Memory for Forgetful {
///     async fn recall(
///         &self,
///         _user: &UserId,
///         _query: &str,
///         _limit: usize,
///     ) -> Result<Vec<Recollection>, MemoryError> {
///         Ok(Vec::new())
///     }
///
///     async fn remember(&self, _user: &UserId, _exchange: &Exchange) -> Result<(), MemoryError> {
///         Ok(())
///     }
///
///     async fn forget_kind(&self, _user: &UserId, _kind: &str) -> Result<(), MemoryError> {
///         Ok(())
///     }
///
///     async fn forget(&self, _user: &UserId) -> Result<(), MemoryError> {
///         Ok(())
///     }
/// }
/// ```
#[async_trait]
pub trait Memory: Send + Sync {
    /// At most `limit` things worth knowing when answering `query`, best first.
    ///
    /// # Errors
    /// [`MemoryError`]; the turn then goes on without memory.
    async fn recall(
        &self,
        user: &UserId,
        query: &str,
        limit: usize,
    ) -> Result<Vec<Recollection>, MemoryError>;

    /// All facts about the user and the summaries of their conversations, for themself; not on the path
    /// of a turn.
    ///
    /// # Errors
    /// [`MemoryError`]
    async fn known(&self, user: &UserId) -> Result<Vec<Recollection>, MemoryError> {
        self.recall(user, "", usize::MAX).await
    }

    /// Takes from an exchange what is worth remembering.
    ///
    /// # Errors
    /// [`MemoryError`] if it could not be kept.
    async fn remember(&self, user: &UserId, exchange: &Exchange) -> Result<(), MemoryError>;

    /// A conversation is over: now it can be summed up. Dropping the future leaves that to a later
    /// [`Memory::remember`]. Who keeps no summaries does nothing.
    ///
    /// # Errors
    /// [`MemoryError`] if it could not be kept.
    async fn conclude(&self, user: &UserId, conversation: &Origin) -> Result<(), MemoryError> {
        let _ = (user, conversation);
        Ok(())
    }

    /// Deletes the facts of a kind, and the words that tell them.
    ///
    /// # Errors
    /// [`MemoryError`] if something may be left.
    async fn forget_kind(&self, user: &UserId, kind: &str) -> Result<(), MemoryError>;

    /// Deletes all about a user.
    ///
    /// # Errors
    /// [`MemoryError`] if something may be left.
    async fn forget(&self, user: &UserId) -> Result<(), MemoryError>;
}

/// Why the memory did not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MemoryError {
    /// The store cannot be reached or written; try again.
    #[error("the memory store is not available")]
    Unavailable,
    /// The stored data is damaged; the text names the file or collection.
    #[error("the memory in {0} is damaged; move it away to start anew")]
    Damaged(String),
}
