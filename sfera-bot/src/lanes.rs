//! Work that goes on in lanes: within a lane (a chat) one thing after another, lanes beside each other.

use crate::{
    clock::Clock,
    state::{Millis, StateError},
};
use std::{collections::HashMap, time::Duration};
use tokio::{
    sync::Notify,
    task::{Id, JoinError, JoinSet},
};
use tokio_util::sync::CancellationToken;

/// How long to wait where nothing is known to come: it is looked at all the same.
pub const IDLE: Duration = Duration::from_secs(30);
/// How long to leave a database alone that failed.
pub const TROUBLE: Duration = Duration::from_secs(2);

/// Work that stands in the database.
pub trait Queue {
    /// What it is, for the log.
    const NAME: &'static str;

    /// By what time it goes.
    fn clock(&self) -> Clock {
        Clock::default()
    }

    /// Begins with every lane that waits, as far as there is room. How long until there may be more,
    /// if nothing is announced before.
    fn look(
        &mut self,
        lanes: &mut Lanes,
    ) -> impl Future<Output = Result<Duration, StateError>> + Send;
}

/// Looks again whenever there is news or a lane has ended, until told to stop; then what was begun is
/// awaited. At most so many lanes at the same time.
pub async fn run<Q: Queue>(queue: &mut Q, most: usize, news: &Notify, stop: &CancellationToken) {
    let (mut lanes, clock) = (Lanes::new(most), queue.clock());
    while !stop.is_cancelled() {
        let began = clock.now();
        let pause = queue.look(&mut lanes).await.unwrap_or_else(|error| {
            tracing::error!(%error, queue = Q::NAME, "what waits cannot be looked at");
            TROUBLE
        });
        tokio::select! {
            () = stop.cancelled() => {}
            () = news.notified() => {}
            () = lanes.ended() => {}
            () = clock.reaches(after(began, pause)) => {}
        }
    }
    lanes.all_ended().await;
}

fn after(began: Millis, pause: Duration) -> Millis {
    began.saturating_add(Millis::try_from(pause.as_millis()).unwrap_or(Millis::MAX))
}

/// The lanes in which something is done now.
pub struct Lanes {
    tasks: JoinSet<()>,
    busy: HashMap<Id, i64>,
    most: usize,
}

impl Lanes {
    /// At most so many at the same time.
    fn new(most: usize) -> Self {
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

    /// Whether something is being done in a lane.
    pub fn is_busy(&self, lane: i64) -> bool {
        self.busy.values().any(|busy| *busy == lane)
    }

    /// Begins with a lane, unless something is being done in it.
    pub fn begin(&mut self, lane: i64, work: impl Future<Output = ()> + Send + 'static) {
        if self.is_busy(lane) {
            return;
        }
        let task = self.tasks.spawn(work);
        self.busy.insert(task.id(), lane);
    }

    /// Waits until a lane is free again; for ever, if all are. Dropping the future loses nothing.
    async fn ended(&mut self) {
        match self.tasks.join_next_with_id().await {
            Some(ended) => self.free(ended),
            None => std::future::pending().await,
        }
    }

    /// Waits until all are.
    async fn all_ended(&mut self) {
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
