use crate::{
    calls::person,
    forgetting,
    handling::House,
    state::{StateError, Store},
};
use async_trait::async_trait;
use sfera_agent::memory::{Exchange, Memory, MemoryError, Origin, Recollection, UserId};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Writes what is said in a room into the history, and hands it on to who remembers people. Who has it
/// forget them is forgotten by the bot too.
pub(super) struct Diary {
    store: Store,
    house: Arc<House>,
    room: String,
    memory: Option<Arc<dyn Memory>>,
    /// Whether the exchange that is going on has the user forgotten: it is not kept either.
    forgot: AtomicBool,
}

impl Diary {
    pub(super) fn new(
        store: Store,
        house: Arc<House>,
        room: String,
        memory: Option<Arc<dyn Memory>>,
    ) -> Self {
        Self {
            store,
            house,
            room,
            memory,
            forgot: AtomicBool::new(false),
        }
    }

    async fn write(&self, exchange: &Exchange) -> Result<(), StateError> {
        let mut work = self.store.begin(self.house.clock.now()).await?;
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
        if self.forgot.swap(false, Ordering::SeqCst) {
            return Ok(());
        }
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
        if let Some(person) = person(user) {
            let forgotten = forgetting::forget(&self.store, &self.house, person).await;
            forgotten.map_err(|error| {
                tracing::error!(%error, "somebody who talks is not forgotten");
                MemoryError::Unavailable
            })?;
            self.forgot.store(true, Ordering::SeqCst);
        }
        match &self.memory {
            Some(memory) => memory.forget(user).await,
            None => Ok(()),
        }
    }
}
