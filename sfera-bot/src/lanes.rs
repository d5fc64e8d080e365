//! Work that goes on in lanes: within a lane (a chat) one thing after another, lanes beside each other.

use std::collections::HashMap;
use tokio::task::{Id, JoinError, JoinSet};

/// The lanes in which something is done now.
pub struct Lanes {
    tasks: JoinSet<()>,
    busy: HashMap<Id, i64>,
    most: usize,
}

impl Lanes {
    /// At most so many at the same time.
    pub fn new(most: usize) -> Self {
        Self {
            tasks: JoinSet::new(),
            busy: HashMap::new(),
            most,
        }
    }

    /// Whether another lane may begin.
    pub fn has_room(&self) -> bool {
        self.busy.len() < self.most
    }

    /// Begins with a lane, unless something is being done in it.
    pub fn begin(&mut self, lane: i64, work: impl Future<Output = ()> + Send + 'static) {
        if self.busy.values().any(|busy| *busy == lane) {
            return;
        }
        let task = self.tasks.spawn(work);
        self.busy.insert(task.id(), lane);
    }

    /// Waits until a lane is free again; for ever, if all are. Dropping the future loses nothing.
    pub async fn ended(&mut self) {
        match self.tasks.join_next_with_id().await {
            Some(ended) => self.free(ended),
            None => std::future::pending().await,
        }
    }

    /// Waits until all are.
    pub async fn all_ended(&mut self) {
        while let Some(ended) = self.tasks.join_next_with_id().await {
            self.free(ended);
        }
    }

    fn free(&mut self, ended: Result<(Id, ()), JoinError>) {
        let task = match ended {
            Ok((task, ())) => task,
            Err(error) => {
                tracing::error!(%error, "something broke: please report it");
                error.id()
            }
        };
        self.busy.remove(&task);
    }
}
