//! Answers in chat, written while the reader looks on.
//!
//! A question has a message of its own that says "…" and becomes the answer: it is edited as the answer
//! grows, and once more when it is complete. Edits can be repeated without harm, so an answer that broke
//! off with the process is simply written anew into the same message.
//!
//! A voice message becomes words before it is answered, and a picture is fetched, in the same order in
//! which they came. What was asked by voice is answered by voice as well, a moment after the words.

mod drafting;
mod fetching;
mod finishing;
mod hearing;
mod place;
mod speaking;
mod understanding;
mod writing;

use crate::{
    forgetting::ChatMemory,
    handling::House,
    lanes::{self, IDLE, Lanes, TROUBLE},
    speech::Speech,
    state::{StateError, Store, Work},
};
use sfera_agent::chat::Chat;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use teloxide::Bot;
use tokio::{
    sync::{Notify, Semaphore},
    time::sleep,
};
use tokio_util::sync::CancellationToken;
use writing::Writing;

/// Answers that are written at the same time.
const LANES: usize = 32;
/// Sounds that are worked on at the same time: each takes a core.
const SOUNDS: usize = 2;

/// Answers what stands in the database.
pub struct Answers {
    shared: Arc<Shared>,
    stop: CancellationToken,
}

/// Who answers.
pub struct Mind {
    /// Where others read along: without what must be asked about, for somebody else might say yes.
    pub group: Chat,
    /// To one person.
    pub private: Chat,
    /// Who remembers those who write, if anybody does.
    pub memory: Option<Arc<ChatMemory>>,
}

/// What all answers are written with.
struct Shared {
    bot: Bot,
    store: Store,
    mind: Mind,
    speech: Speech,
    /// Who may work on sound.
    sounds: Semaphore,
    house: Arc<House>,
    /// Told when an answer is to be spoken.
    unspoken: Notify,
    /// What stops an answer, by its turn.
    begun: Mutex<HashMap<i64, CancellationToken>>,
}

impl Answers {
    /// Answers by `mind`; `speech` hears and speaks.
    pub fn new(
        bot: Bot,
        store: Store,
        mind: Mind,
        speech: Speech,
        house: Arc<House>,
        stop: CancellationToken,
    ) -> Self {
        let shared = Shared {
            bot,
            store,
            mind,
            speech,
            sounds: Semaphore::new(SOUNDS),
            house,
            unspoken: Notify::new(),
            begun: Mutex::default(),
        };
        Self {
            shared: Arc::new(shared),
            stop,
        }
    }

    /// Works until told to stop. An answer that is being written then is written anew the next time.
    pub async fn run(mut self) {
        let (shared, stop) = (self.shared.clone(), self.stop.clone());
        tokio::join!(self.write_all(), speaking::run(&shared, &stop));
    }

    async fn write_all(&mut self) {
        if let Err(error) = self.shared.store.reopen_questions().await {
            tracing::error!(%error, "answers that broke off cannot be looked at");
        }
        let (shared, stop) = (self.shared.clone(), self.stop.clone());
        lanes::run(self, LANES, &shared.house.answers, &stop).await;
    }
}

impl lanes::Queue for Answers {
    const NAME: &'static str = "the questions";

    async fn look(&mut self, lanes: &mut Lanes) -> Result<Duration, StateError> {
        self.shared.stop_what_is_to_stop().await?;
        for chat in self.shared.store.asking_chats().await? {
            if !lanes.has_room() {
                break;
            }
            let (shared, stop) = (self.shared.clone(), self.stop.clone());
            lanes.begin(chat, async move {
                if let Err(error) = answer_all(&shared, chat, &stop).await {
                    tracing::error!(%error, "an answer cannot be kept: it is written anew");
                    sleep(TROUBLE).await;
                    if let Err(error) = shared.store.reopen_questions_in(chat).await {
                        tracing::error!(%error, "an answer waits for the next start");
                    }
                }
            });
        }
        Ok(IDLE)
    }
}

async fn answer_all(
    shared: &Shared,
    chat: i64,
    stop: &CancellationToken,
) -> Result<(), StateError> {
    while !stop.is_cancelled()
        && let Some(turn) = shared
            .store
            .take_question(chat, shared.house.clock.now())
            .await?
    {
        let cancel = shared.begin(turn.id);
        if turn.is_stopping {
            cancel.cancel();
        }
        let id = turn.id;
        let writing = Writing::new(shared, chat, turn, cancel);
        let written = stop.run_until_cancelled(writing.run()).await;
        shared.end(id);
        written.unwrap_or(Ok(()))?;
    }
    Ok(())
}

impl Shared {
    fn begun(&self) -> std::sync::MutexGuard<'_, HashMap<i64, CancellationToken>> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A transaction of now.
    async fn work(&self) -> Result<Work, StateError> {
        self.store.begin(self.house.clock.now()).await
    }

    fn begin(&self, turn: i64) -> CancellationToken {
        self.begun().entry(turn).or_default().clone()
    }

    fn end(&self, turn: i64) {
        self.begun().remove(&turn);
    }

    async fn stop_what_is_to_stop(&self) -> Result<(), StateError> {
        let turns: Vec<i64> = self.begun().keys().copied().collect();
        for turn in turns {
            if self.store.is_stopping(turn).await?
                && let Some(cancel) = self.begun().get(&turn)
            {
                cancel.cancel();
            }
        }
        Ok(())
    }
}
