//! What was accepted goes to the room it is for.
//!
//! A room is plain code over a [`Desk`]: it reads and writes the state and promises messages, all in one
//! transaction, and waits for nobody. What takes time (an LLM's answer) is promised as well, and done by
//! others (`answers`).

mod desk;
mod incoming;
mod route;

pub use desk::{Desk, House};
pub use incoming::{Incoming, What};

use crate::{
    clock,
    lanes::Lanes,
    state::{ATTEMPTS, Pending, StateError, Store},
};
use std::{sync::Arc, time::Duration};
use teloxide::types::Update;
use tokio::{sync::Notify, time::sleep};
use tokio_util::sync::CancellationToken;

/// Chats that are served at the same time.
const LANES: usize = 32;
/// Where nothing was announced, the inbox is looked into all the same.
const IDLE: Duration = Duration::from_secs(30);
/// How long to leave a database alone that failed.
const TROUBLE: Duration = Duration::from_secs(2);

/// Handles what stands in the inbox.
pub struct Handling {
    store: Store,
    house: Arc<House>,
    news: Arc<Notify>,
    stop: CancellationToken,
    lanes: Lanes,
}

impl Handling {
    /// `news` is told when something was accepted.
    pub fn new(
        store: Store,
        house: Arc<House>,
        news: Arc<Notify>,
        stop: CancellationToken,
    ) -> Self {
        Self {
            store,
            house,
            news,
            stop,
            lanes: Lanes::new(LANES),
        }
    }

    /// Works until told to stop; what is being handled then is handled to its end.
    pub async fn run(mut self) {
        while !self.stop.is_cancelled() {
            let begun = self.begin_lanes().await;
            if let Err(error) = begun {
                tracing::error!(%error, "the inbox cannot be read");
            }
            let pause = if begun.is_ok() { IDLE } else { TROUBLE };
            tokio::select! {
                () = self.stop.cancelled() => {}
                () = self.news.notified() => {}
                () = self.lanes.ended() => {}
                () = sleep(pause) => {}
            }
        }
        self.lanes.all_ended().await;
    }

    async fn begin_lanes(&mut self) -> Result<(), StateError> {
        for lane in self.store.waiting_lanes().await? {
            if !self.lanes.has_room() {
                break;
            }
            let (store, house) = (self.store.clone(), self.house.clone());
            let stop = self.stop.clone();
            self.lanes.begin(lane, async move {
                let walked = walk(&store, &house, lane, &stop).await;
                if let Err(error) = walked {
                    tracing::error!(%error, "an update was not handled: it is tried again");
                    sleep(TROUBLE).await;
                }
            });
        }
        Ok(())
    }
}

/// Handles what waits in a lane.
async fn walk(
    store: &Store,
    house: &House,
    lane: i64,
    stop: &CancellationToken,
) -> Result<(), StateError> {
    while !stop.is_cancelled()
        && let Some(pending) = store.take_up(lane, clock::now()).await?
    {
        let update_id = pending.update_id;
        let mut desk = Desk::open(store, house, update_id, house.clock.now()).await?;
        if let Some(update) = readable(&pending) {
            route::handle(&mut desk, &update).await?;
        }
        desk.work.handled(update_id).await?;
        desk.close().await?;
    }
    Ok(())
}

/// None for one that broke its handling again and again, or cannot be read: it is left alone.
fn readable(pending: &Pending) -> Option<Update> {
    if pending.attempts > ATTEMPTS {
        tracing::error!(
            update = pending.update_id,
            "an update breaks its handling: please report it"
        );
        return None;
    }
    let update = serde_json::from_str(&pending.body);
    if update.is_err() {
        tracing::warn!(
            update = pending.update_id,
            "an update that is not understood"
        );
    }
    update.ok()
}
