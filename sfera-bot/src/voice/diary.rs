use crate::{
    calls::person,
    forgetting,
    handling::House,
    state::{StateError, Store},
};
use async_trait::async_trait;
use sfera_agent::memory::{Exchange, Memory, MemoryError, Origin, Recollection, UserId};
use std::sync::{Arc, Mutex, PoisonError};

/// Writes what is said in a room into the history, and hands it on to who remembers people. Who has it
/// forget them is forgotten by the bot too.
pub(super) struct Diary {
    store: Store,
    house: Arc<House>,
    room: String,
    memory: Option<Arc<dyn Memory>>,
    /// How often the user was forgotten before the exchange that is going on; none between exchanges.
    forgettings: Mutex<Option<u64>>,
    /// Held while an exchange is written or all are deleted.
    pen: tokio::sync::Mutex<()>,
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
            forgettings: Mutex::default(),
            pen: tokio::sync::Mutex::default(),
        }
    }

    /// An exchange begins, unless it did already.
    fn begin(&self, user: &UserId) {
        let now = self.house.forgettings.of(user);
        self.with_forgettings(|forgettings| *forgettings.get_or_insert(now));
    }

    fn with_forgettings<T>(&self, look: impl FnOnce(&mut Option<u64>) -> T) -> T {
        look(
            &mut self
                .forgettings
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    async fn write(&self, exchange: &Exchange) -> Result<(), StateError> {
        let mut work = self.store.begin(self.house.clock.now()).await?;
        work.say_in_call(&self.room, &exchange.user, &exchange.agent)
            .await?;
        work.commit().await
    }

    async fn erase(&self, user: &UserId) -> Result<(), MemoryError> {
        let Some(person) = person(user) else {
            return Ok(());
        };
        let forgotten = forgetting::erase(&self.store, &self.house, person).await;
        forgotten.map_err(|error| {
            tracing::error!(%error, "somebody who talks is not forgotten");
            MemoryError::Unavailable
        })
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
        self.begin(user);
        match &self.memory {
            Some(memory) => memory.recall(user, query, limit).await,
            None => Ok(Vec::new()),
        }
    }

    async fn remember(&self, user: &UserId, exchange: &Exchange) -> Result<(), MemoryError> {
        let count = || self.house.forgettings.of(user);
        // Taken before waiting: the next exchange may begin meanwhile.
        let before = self.with_forgettings(Option::take).unwrap_or_else(count);
        let _pen = self.pen.lock().await;
        if count() != before {
            return Ok(());
        }
        let written = self.write(exchange).await;
        // The page or the chat may have deleted all just before this was there.
        if count() != before {
            return self.erase(user).await;
        }
        if let Some(memory) = &self.memory {
            let remembered = memory.remember(user, exchange).await;
            if count() != before {
                return memory.forget(user).await;
            }
            remembered?;
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
        // The exchange that asks for it may not have begun with a recollection.
        self.begin(user);
        let _pen = self.pen.lock().await;
        self.house.forgettings.begin(user);
        self.erase(user).await?;
        match &self.memory {
            Some(memory) => memory.forget(user).await,
            None => Ok(()),
        }
    }
}
