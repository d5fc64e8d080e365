//! What was accepted goes to the room it is for.
//!
//! A room is plain code over a [`Desk`]: it reads and writes the state and promises messages, all in one
//! transaction, and waits for nobody. What takes time (an LLM's answer) is promised as well, and done by
//! others (`answers`).

mod addressed;
mod attached;
mod desk;
mod incoming;
mod rights;
mod route;

pub use attached::LARGEST;
pub use desk::{Desk, House, Senses};
pub use incoming::{Incoming, Me, What};
pub use rights::{Rights, Standing};

use crate::{
    lanes::{self, IDLE, Lanes, TROUBLE},
    state::{ATTEMPTS, Pending, StateError, Store},
};
use std::{sync::Arc, time::Duration};
use teloxide::types::Update;
use tokio::{sync::Notify, time::sleep};
use tokio_util::sync::CancellationToken;

/// Chats that are served at the same time.
const LANES: usize = 32;

/// Handles what stands in the inbox.
pub struct Handling {
    store: Store,
    house: Arc<House>,
    news: Arc<Notify>,
    stop: CancellationToken,
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
        }
    }

    /// Works until told to stop; what is being handled then is handled to its end.
    pub async fn run(mut self) {
        let (news, stop) = (self.news.clone(), self.stop.clone());
        lanes::run(&mut self, LANES, &news, &stop).await;
    }
}

impl lanes::Queue for Handling {
    const NAME: &'static str = "the inbox";

    async fn look(&mut self, lanes: &mut Lanes) -> Result<Duration, StateError> {
        for lane in self.store.waiting_lanes().await? {
            if !lanes.has_room() {
                break;
            }
            let (store, house) = (self.store.clone(), self.house.clone());
            let stop = self.stop.clone();
            lanes.begin(lane, async move {
                let walked = walk(&store, &house, lane, &stop).await;
                if let Err(error) = walked {
                    tracing::error!(%error, "an update was not handled: it is tried again");
                    sleep(TROUBLE).await;
                }
            });
        }
        Ok(IDLE)
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
        && let Some(pending) = store.take_up(lane, house.clock.now()).await?
    {
        let update_id = pending.update_id;
        let update = readable(&pending);
        // Telegram is asked before the transaction begins, which waits for nobody.
        let standing = match &update {
            Some(update) => standing(store, house, update).await?,
            None => Standing::Nobody,
        };
        let mut desk = Desk::open(store, house, update_id, house.clock.now()).await?;
        desk.standing = standing;
        if let Some(update) = update {
            route::handle(&mut desk, &update).await?;
        }
        desk.work.handled(update_id).await?;
        desk.close().await?;
    }
    Ok(())
}

/// What whoever did this may do.
async fn standing(store: &Store, house: &House, update: &Update) -> Result<Standing, StateError> {
    house.rights.heed(update);
    match Incoming::of(update, house.me(), house.settings.language) {
        Some(incoming) => {
            house
                .rights
                .behind(store, &incoming, house.clock.now())
                .await
        }
        None => Ok(Standing::Nobody),
    }
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
