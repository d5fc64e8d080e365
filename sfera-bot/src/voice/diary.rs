use crate::{
    clock::Clock,
    state::{StateError, Store},
};
use async_trait::async_trait;
use sfera_agent::memory::{Exchange, Memory, MemoryError, Origin, Recollection, UserId};
use std::sync::Arc;

/// Writes what is said in a room into the history, and hands it on to who remembers people.
pub(super) struct Diary {
    store: Store,
    clock: Clock,
    room: String,
    memory: Option<Arc<dyn Memory>>,
}

impl Diary {
    pub(super) fn new(
        store: Store,
        clock: Clock,
        room: String,
        memory: Option<Arc<dyn Memory>>,
    ) -> Self {
        Self {
            store,
            clock,
            room,
            memory,
        }
    }

    async fn write(&self, exchange: &Exchange) -> Result<(), StateError> {
        let mut work = self.store.begin(self.clock.now()).await?;
        work.say_in_call(&self.room, &exchange.user, &exchange.agent)
            .await?;
        work.commit().await
    }
}

#[async_trait]
impl Memory for Diary {
    async fn recall(
        &self,
        user: &UserId,
        query: &str,
        limit: usize,
    ) -> Result<Vec<Recollection>, MemoryError> {
        match &self.memory {
            Some(memory) => memory.recall(user, query, limit).await,
            None => Ok(Vec::new()),
        }
    }

    async fn remember(&self, user: &UserId, exchange: &Exchange) -> Result<(), MemoryError> {
        let written = self.write(exchange).await;
        if let Some(memory) = &self.memory {
            memory.remember(user, exchange).await?;
        }
        written.map_err(|_| MemoryError::Unavailable)
    }

    async fn known(&self, user: &UserId) -> Result<Vec<Recollection>, MemoryError> {
        match &self.memory {
            Some(memory) => memory.known(user).await,
            None => Ok(Vec::new()),
        }
    }

    async fn conclude(&self, user: &UserId, conversation: &Origin) -> Result<(), MemoryError> {
        match &self.memory {
            Some(memory) => memory.conclude(user, conversation).await,
            None => Ok(()),
        }
    }

    async fn forget_kind(&self, user: &UserId, kind: &str) -> Result<(), MemoryError> {
        match &self.memory {
            Some(memory) => memory.forget_kind(user, kind).await,
            None => Ok(()),
        }
    }

    async fn forget(&self, user: &UserId) -> Result<(), MemoryError> {
        match &self.memory {
            Some(memory) => memory.forget(user).await,
            None => Ok(()),
        }
    }
}
