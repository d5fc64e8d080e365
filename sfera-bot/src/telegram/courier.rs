//! Carries what is promised to Telegram: a chat's messages one after another, chats beside each other.

use super::{
    Call,
    send::{is_blocked, judge, make},
};
use crate::{
    clock,
    lanes::Lanes,
    state::{Letter, Outcome, StateError, Store},
    text::Text,
};
use sfera_agent::Language;
use std::{sync::Arc, time::Duration};
use teloxide::Bot;
use tokio::{sync::Notify, time::sleep};
use tokio_util::sync::CancellationToken;

/// Chats that are written to at the same time.
const LANES: usize = 32;
/// How long to wait where nothing is known to come.
const IDLE: Duration = Duration::from_secs(30);
/// How long to leave a database alone that failed.
const TROUBLE: Duration = Duration::from_secs(2);

/// Sends what stands in the outbox.
pub struct Courier {
    bot: Bot,
    store: Store,
    news: Arc<Notify>,
    stop: CancellationToken,
    language: Language,
    lanes: Lanes,
}

impl Courier {
    /// `news` is told when something was promised.
    pub fn new(
        bot: Bot,
        store: Store,
        news: Arc<Notify>,
        stop: CancellationToken,
        language: Language,
    ) -> Self {
        Self {
            bot,
            store,
            news,
            stop,
            language,
            lanes: Lanes::new(LANES),
        }
    }

    /// Works until told to stop; what is on its way then is awaited.
    pub async fn run(mut self) {
        if let Err(error) = self.recover().await {
            tracing::error!(%error, "what was on its way cannot be looked at");
        }
        while !self.stop.is_cancelled() {
            let pause = match self.begin_lanes().await {
                Ok(pause) => pause,
                Err(error) => {
                    tracing::error!(%error, "nothing can be sent");
                    TROUBLE
                }
            };
            tokio::select! {
                () = self.stop.cancelled() => {}
                () = self.news.notified() => {}
                () = self.lanes.ended() => {}
                () = sleep(pause) => {}
            }
        }
        self.lanes.all_ended().await;
    }

    /// What was on its way when the process died last.
    async fn recover(&self) -> Result<(), StateError> {
        for letter in self.store.recover(clock::now()).await? {
            admit_doubt(&self.store, &letter, self.language).await?;
        }
        Ok(())
    }

    /// Begins with every chat that something is due for; how long until more is.
    async fn begin_lanes(&mut self) -> Result<Duration, StateError> {
        let now = clock::now();
        for lane in self.store.due_lanes(now).await? {
            if !self.lanes.has_room() {
                break;
            }
            let route = Route {
                bot: self.bot.clone(),
                store: self.store.clone(),
                stop: self.stop.clone(),
                language: self.language,
            };
            self.lanes.begin(lane, route.walk(lane));
        }
        let due = self.store.next_due(now).await?;
        Ok(due.map_or(IDLE, |at| clock::until(at, now).min(IDLE)))
    }
}

struct Route {
    bot: Bot,
    store: Store,
    stop: CancellationToken,
    language: Language,
}

impl Route {
    /// Sends what is due in a chat, in order. What must wait holds up what comes after it.
    async fn walk(self, lane: i64) {
        while !self.stop.is_cancelled() {
            match self.step(lane).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::error!(%error, "the outbox cannot be written");
                    sleep(TROUBLE).await;
                    break;
                }
            }
        }
    }

    async fn step(&self, lane: i64) -> Result<bool, StateError> {
        let Some(letter) = self.store.next_letter(lane, clock::now()).await? else {
            return Ok(false);
        };
        let outcome = self.deliver(&letter).await?;
        let goes_on = !matches!(outcome, Outcome::Later(_));
        self.store.sent(letter.id, &outcome, clock::now()).await?;
        if let Call::Voice { file, .. } = &letter.call
            && goes_on
        {
            self.store.forget_file(*file).await?;
        }
        if outcome == Outcome::InDoubt {
            admit_doubt(&self.store, &letter, self.language).await?;
        }
        Ok(goes_on)
    }

    async fn deliver(&self, letter: &Letter) -> Result<Outcome, StateError> {
        let file = match &letter.call {
            Call::Voice { file, .. } | Call::Document { file, .. } => {
                Some(self.store.file(*file).await?.unwrap_or_default())
            }
            _ => None,
        };
        let error = match make(&self.bot, &letter.call, file).await {
            Ok(message) => return Ok(Outcome::Sent(message)),
            Err(error) => error,
        };
        if is_blocked(&error) {
            let mut work = self.store.begin(clock::now()).await?;
            work.set_blocked(letter.lane, true).await?;
            work.commit().await?;
        }
        let outcome = judge(&error, &letter.call, letter.attempts, clock::now());
        match &outcome {
            Outcome::Refused(why) => tracing::warn!(letter = letter.key, why, "not wanted"),
            other => tracing::debug!(letter = letter.key, ?other, "not sent"),
        }
        Ok(outcome)
    }
}

/// Tells a reader that something may be missing. Nothing is told of what told that.
async fn admit_doubt(store: &Store, letter: &Letter, usual: Language) -> Result<(), StateError> {
    const DOUBT: &str = "doubt:";
    if letter.key.starts_with(DOUBT) {
        return Ok(());
    }
    let mut work = store.begin(clock::now()).await?;
    let language = work.language_of(letter.lane).await?.unwrap_or(usual);
    let notice = Call::message(letter.lane, Text(language).in_doubt());
    let key = format!("{DOUBT}{}", letter.key);
    work.send(&key, letter.lane, &notice).await?;
    work.commit().await
}
