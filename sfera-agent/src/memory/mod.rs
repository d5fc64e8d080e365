//! What the agent remembers about a person between conversations.

#[cfg(feature = "memory-file")]
mod facts;
#[cfg(feature = "memory-file")]
mod file;
#[cfg(feature = "memory-file")]
mod record;

#[cfg(feature = "memory-file")]
pub use file::FileMemory;

use async_trait::async_trait;
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recollection {
    /// What kind of fact, if it is one: `name`, `city`, `goal`, … A newer fact replaces an older one
    /// of the same kind.
    pub kind: Option<String>,
    /// The fact's value («Алекс») or what was said.
    pub text: String,
}

/// What was said in one turn, once it is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The user's words.
    pub user: String,
    /// The agent's words, as far as they were heard.
    pub agent: String,
}

/// Remembers people.
///
/// # Contract
/// - A user's memory is never seen by another user.
/// - [`Memory::recall`] is on the path of a turn: it answers within a few tens of ms, and its future
///   may be dropped. [`Memory::remember`] runs after the turn; once it answered `Ok`, the exchange
///   survives the process.
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

    /// Takes from an exchange what is worth remembering.
    ///
    /// # Errors
    /// [`MemoryError`] if it could not be kept.
    async fn remember(&self, user: &UserId, exchange: &Exchange) -> Result<(), MemoryError>;

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
