//! Carries what is promised to Telegram: a chat's messages one after another, chats beside each other.

use super::{
    Call, Pace, aftermath,
    send::{is_blocked, judge, make},
};
use crate::{
    clock::{self, Clock},
    lanes::{self, IDLE, Lanes, TROUBLE},
    state::{Letter, Millis, Outcome, StateError, Store},
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
    route: Route,
    pace: Pace,
    news: Arc<Notify>,
    stop: CancellationToken,
}

/// What every letter is sent with.
#[derive(Clone)]
struct Route {
    bot: Bot,
    store: Store,
    clock: Clock,
    language: Language,
}

impl Courier {
    /// At this pace, by this clock; `news` is told when something was promised.
    pub fn new(
        bot: Bot,
        store: Store,
        (pace, clock): (Pace, Clock),
        news: Arc<Notify>,
        stop: CancellationToken,
        language: Language,
    ) -> Self {
        let route = Route {
            bot,
            store,
            clock,
            language,
        };
        Self {
            route,
            pace,
            news,
            stop,
        }
    }

    /// Works until told to stop; what is on its way then is awaited.
    pub async fn run(mut self) {
        if let Err(error) = self.route.recover().await {
            tracing::error!(%error, "what was on its way cannot be looked at");
        }
        let (news, stop) = (self.news.clone(), self.stop.clone());
        lanes::run(&mut self, LANES, &news, &stop).await;
    }
}

impl lanes::Queue for Courier {
    const NAME: &'static str = "the outbox";

    fn clock(&self) -> Clock {
        self.route.clock.clone()
    }

    /// One letter of each chat at a time, as far as the pace allows: the oldest first, broadcasts last. A
    /// chat that must wait holds up no other.
    async fn look(&mut self, lanes: &mut Lanes) -> Result<Duration, StateError> {
        let now = self.route.clock.now();
        let mut heads = self.route.store.due_heads(now).await?;
        heads.sort_by_key(|head| head.urgency);
        let mut next = self.route.store.next_due(now).await?;
        for head in heads {
            if !lanes.has_room() {
                break;
            }
            if lanes.is_busy(head.lane) {
                continue;
            }
            match self.pace.admit(head.lane, head.weight, head.urgency, now) {
                Ok(()) => lanes.begin(head.lane, self.route.clone().walk(head.lane, now)),
                Err(at) => next = Some(next.map_or(at, |next| next.min(at))),
            }
        }
        Ok(next.map_or(IDLE, |at| clock::until(at, now).min(IDLE)))
    }
}

impl Route {
    /// What was on its way when the process died last.
    async fn recover(&self) -> Result<(), StateError> {
        let mut work = self.store.begin(self.clock.now()).await?;
        for letter in work.recover().await? {
            aftermath::of_doubt(&mut work, &letter, self.language).await?;
        }
        work.commit().await
    }

    /// Sends what is next in a chat. What must be repeated holds up what comes after it.
    async fn walk(self, lane: i64, now: Millis) {
        if let Err(error) = self.step(lane, now).await {
            tracing::error!(%error, "the outbox cannot be written");
            sleep(TROUBLE).await;
        }
    }

    async fn step(&self, lane: i64, now: Millis) -> Result<(), StateError> {
        let Some(letter) = self.store.next_letter(lane, now).await? else {
            return Ok(());
        };
        let (outcome, blocked) = self.deliver(&letter).await?;
        let mut work = self.store.begin(self.clock.now()).await?;
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
        if let Call::Voice { file, .. } | Call::Document { file, .. } = &letter.call
            && !matches!(outcome, Outcome::Later(_))
        {
            work.forget_file(*file).await?;
        }
        work.commit().await
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
        let outcome = judge(&error, letter, self.clock.now());
        match &outcome {
            Outcome::Refused(why) => tracing::warn!(letter = letter.key, why, "not wanted"),
            other => tracing::debug!(letter = letter.key, ?other, "not sent"),
        }
        Ok((outcome, is_blocked(&error)))
    }
}
