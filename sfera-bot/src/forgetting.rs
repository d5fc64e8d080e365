//! Whoever wants to be forgotten is, wherever they say so: on the page, by voice, in chat.

use crate::{
    calls::identity,
    handling::House,
    state::{StateError, Store},
};
use async_trait::async_trait;
use sfera_agent::{
    assembly::memory_tools,
    chat::Chat,
    memory::{Exchange, Memory, MemoryError, Origin, Recollection, UserId},
    tools::{RegistryError, journal::JournalError},
};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Why something may be left of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unforgotten {
    /// The bot's own state fails.
    #[error(transparent)]
    State(#[from] StateError),
    /// The journal of calls does.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// How often each person was forgotten in this process: what began before that must not be kept.
#[derive(Debug, Default)]
pub struct Forgettings(Mutex<HashMap<UserId, u64>>);

impl Forgettings {
    /// How often it was begun.
    pub fn of(&self, user: &UserId) -> u64 {
        self.counts().get(user).copied().unwrap_or_default()
    }

    /// It begins: to be called before anything is deleted.
    pub fn begin(&self, user: &UserId) {
        *self.counts().entry(user.clone()).or_default() += 1;
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<UserId, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets a person, but for what the memory knows of them.
///
/// # Errors
/// [`Unforgotten`].
pub async fn forget(store: &Store, house: &House, user: i64) -> Result<(), Unforgotten> {
    house.forgettings.begin(&identity(user));
    erase(store, house, user).await
}

/// The same within a forgetting that has begun.
///
/// # Errors
/// [`Unforgotten`].
pub async fn erase(store: &Store, house: &House, user: i64) -> Result<(), Unforgotten> {
    let mut work = store.begin(house.clock.now()).await?;
    work.forget_person(user).await?;
    work.commit().await?;
    // An answer that is being written to a question that is gone is stopped.
    house.answers.notify_one();
    store.empty_log().await?;
    Ok(house.hands.forget(&identity(user)).await?)
}

/// The chat's memory. Who has it forget them is in the middle of an answer: the rest is forgotten with
/// the end of that, so that there is somebody to be told.
pub struct ChatMemory {
    memory: Arc<dyn Memory>,
    house: Arc<House>,
    leaving: Mutex<HashSet<UserId>>,
}

impl ChatMemory {
    /// The same chat, whose tools forget by this, where it has a memory.
    ///
    /// # Errors
    /// [`RegistryError`] if it has such tools already.
    pub fn of(chat: &Chat, house: Arc<House>) -> Result<(Chat, Option<Arc<Self>>), RegistryError> {
        let Some(memory) = chat.memory().cloned() else {
            return Ok((chat.clone(), None));
        };
        let own = Arc::new(Self {
            memory,
            house,
            leaving: Mutex::default(),
        });
        let memory: Arc<dyn Memory> = own.clone();
        let chat = chat.clone().remembering(memory.clone());
        let chat = memory_tools(&memory).into_iter().try_fold(chat, Chat::tool);
        Ok((chat?, Some(own)))
    }

    /// Whether the memory has forgotten this person, and the rest is still to be; asked once.
    pub fn leaves(&self, user: &UserId) -> bool {
        self.leaving().remove(user)
    }

    /// Forgets what was remembered of this person while somebody else had them forgotten.
    ///
    /// # Errors
    /// [`MemoryError`] if something may be left.
    pub async fn forget_again(&self, user: &UserId) -> Result<(), MemoryError> {
        self.memory.forget(user).await
    }

    fn leaving(&self) -> MutexGuard<'_, HashSet<UserId>> {
        self.leaving.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Memory for ChatMemory {
    async fn recall(
        &self,
        user: &UserId,
        query: &str,
        limit: usize,
    ) -> Result<Vec<Recollection>, MemoryError> {
        self.memory.recall(user, query, limit).await
    }

    async fn known(&self, user: &UserId) -> Result<Vec<Recollection>, MemoryError> {
        self.memory.known(user).await
    }

    async fn remember(&self, user: &UserId, exchange: &Exchange) -> Result<(), MemoryError> {
        self.memory.remember(user, exchange).await
    }

    async fn conclude(&self, user: &UserId, conversation: &Origin) -> Result<(), MemoryError> {
        self.memory.conclude(user, conversation).await
    }

    async fn forget_kind(&self, user: &UserId, kind: &str) -> Result<(), MemoryError> {
        self.memory.forget_kind(user, kind).await
    }

    async fn forget(&self, user: &UserId) -> Result<(), MemoryError> {
        self.house.forgettings.begin(user);
        self.memory.forget(user).await?;
        let forgotten = self.house.hands.forget(user).await;
        forgotten.map_err(|_| MemoryError::Unavailable)?;
        self.leaving().insert(user.clone());
        Ok(())
    }
}
