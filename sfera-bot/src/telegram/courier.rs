//! Carries what is promised to Telegram: a chat's messages one after another, chats beside each other.

use super::{
    Call, aftermath,
    send::{is_blocked, judge, make},
};
use crate::{
    clock,
    lanes::{self, IDLE, Lanes, TROUBLE},
    state::{Letter, Outcome, StateError, Store},
};
use sfera_agent::Language;
use std::{sync::Arc, time::Duration};
use teloxide::Bot;
use tokio::{sync::Notify, time::sleep};
use tokio_util::sync::CancellationToken;

/// Chats that are written to at the same time.
const LANES: usize = 32;

/// Sends what stands in the outbox.
pub struct Courier {
    bot: Bot,
    store: Store,
    news: Arc<Notify>,
    stop: CancellationToken,
    language: Language,
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
        }
    }

    /// Works until told to stop; what is on its way then is awaited.
    pub async fn run(mut self) {
        if let Err(error) = self.recover().await {
            tracing::error!(%error, "what was on its way cannot be looked at");
        }
        let (news, stop) = (self.news.clone(), self.stop.clone());
        lanes::run(&mut self, LANES, &news, &stop).await;
    }

    /// What was on its way when the process died last.
    async fn recover(&self) -> Result<(), StateError> {
        let mut work = self.store.begin(clock::now()).await?;
        for letter in work.recover().await? {
            aftermath::of_doubt(&mut work, &letter, self.language).await?;
        }
        work.commit().await
    }
}

impl lanes::Queue for Courier {
    const NAME: &'static str = "the outbox";

    async fn look(&mut self, lanes: &mut Lanes) -> Result<Duration, StateError> {
        let now = clock::now();
        for lane in self.store.due_lanes(now).await? {
            if !lanes.has_room() {
                break;
            }
            let route = Route {
                bot: self.bot.clone(),
                store: self.store.clone(),
                stop: self.stop.clone(),
                language: self.language,
            };
            lanes.begin(lane, route.walk(lane));
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
        let (outcome, blocked) = self.deliver(&letter).await?;
        let mut work = self.store.begin(clock::now()).await?;
        work.settle(letter.id, &outcome).await?;
        if blocked {
            work.set_blocked(lane, true).await?;
        }
        match &outcome {
            Outcome::Sent(_) | Outcome::Later(_) => {}
            Outcome::Refused(_) => {
                aftermath::of_refusal(&mut work, &letter, blocked, self.language).await?;
            }
            Outcome::InDoubt => aftermath::of_doubt(&mut work, &letter, self.language).await?,
        }
        let goes_on = !matches!(outcome, Outcome::Later(_));
        if let Call::Voice { file, .. } = &letter.call
            && goes_on
        {
            work.forget_file(*file).await?;
        }
        work.commit().await?;
        Ok(goes_on)
    }

    /// How it ended, and whether because the reader does not want to hear from the bot.
    async fn deliver(&self, letter: &Letter) -> Result<(Outcome, bool), StateError> {
        let file = match &letter.call {
            Call::Voice { file, .. } | Call::Document { file, .. } => {
                Some(self.store.file(*file).await?.unwrap_or_default())
            }
            _ => None,
        };
        let error = match make(&self.bot, &letter.call, file).await {
            Ok(message) => return Ok((Outcome::Sent(message), false)),
            Err(error) => error,
        };
        let outcome = judge(&error, letter, clock::now());
        match &outcome {
            Outcome::Refused(why) => tracing::warn!(letter = letter.key, why, "not wanted"),
            other => tracing::debug!(letter = letter.key, ?other, "not sent"),
        }
        Ok((outcome, is_blocked(&error)))
    }
}
