//! Broadcasts, promised a few letters at a time: the courier lets answers go first.

use crate::{
    clock::{self, Clock},
    handling::House,
    lanes::{self, IDLE, Lanes},
    state::{Broadcast, Millis, Stage, StateError, Store, Work},
    telegram::{Button, Call, Keyboard},
    text::Text,
};
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// Between two portions.
const BEAT: Millis = 200;
/// Letters of a portion: 25 a second at most, however fast the courier is.
const PORTION: i64 = 5;
/// Letters that may be under way; half of the courier's lanes stay free for answers.
const UNDERWAY: i64 = 16;
/// Between two showings of the progress.
const SHOWING: Millis = 3_000;

/// Sends what administrators want everybody to read.
pub struct Broadcasts {
    store: Store,
    house: Arc<House>,
    stop: CancellationToken,
    next: Millis,
    /// When the progress was shown last; not at all since the start of the program, if zero.
    shown: Millis,
}

impl Broadcasts {
    /// Goes on where the last process stopped.
    pub fn new(store: Store, house: Arc<House>, stop: CancellationToken) -> Self {
        Self {
            store,
            house,
            stop,
            next: 0,
            shown: 0,
        }
    }

    /// Works until told to stop.
    pub async fn run(mut self) {
        let (house, stop) = (self.house.clone(), self.stop.clone());
        lanes::run(&mut self, 0, &house.broadcasts, &stop).await;
    }

    /// A portion of the broadcast that goes on; false if there is none.
    async fn portion(&mut self, now: Millis) -> Result<bool, StateError> {
        let mut work = self.store.begin(now).await?;
        let Some(mut cast) = work.current_broadcast().await? else {
            return Ok(false);
        };
        let underway = work.count_letters(&mut cast).await?;
        if underway.is_gone && work.stop_broadcast(cast.id).await? {
            cast.stage = Stage::Stopping;
        }
        let free = match underway.rest {
            None => UNDERWAY - underway.letters,
            Some(_) => 0,
        };
        let wanted = PORTION.min(free);
        let mut promised = 0;
        if cast.stage == Stage::Sending && wanted > 0 {
            promised = work.reach_next(&cast, wanted).await?;
        }
        let all_reached = cast.stage == Stage::Stopping || (wanted > 0 && promised == 0);
        let over = all_reached && underway.letters == 0;
        if over {
            work.end_broadcast(&cast).await?;
        }
        if over || now >= self.shown + SHOWING {
            self.show(&mut work, &cast, over).await?;
            self.shown = now;
        }
        work.commit().await?;
        self.house.outgoing.notify_one();
        Ok(true)
    }

    async fn show(&self, work: &mut Work, cast: &Broadcast, over: bool) -> Result<(), StateError> {
        let Some((chat, message)) = cast.shown else {
            return Ok(());
        };
        let usual = self.house.settings.language;
        let text = Text(work.language_of(cast.admin).await?.unwrap_or(usual));
        let stop = format!("admin:broadcast-stop:{}", cast.id);
        let buttons = match over {
            true => Vec::new(),
            false => vec![vec![Button::tap(text.broadcast_stop(), stop)]],
        };
        let edit = Call::Edit {
            chat,
            message,
            text: text.broadcast_goes_on(&cast.tally),
            keyboard: Keyboard::Buttons(buttons),
        };
        let key = format!("broadcast:{}:shown:{}", cast.id, cast.shows);
        work.send(&key, chat, &edit).await?;
        if over {
            let report = text.broadcast_over(&cast.tally, cast.stage);
            let key = format!("broadcast:{}:report", cast.id);
            let report = Call::reply(chat, message, report);
            work.send(&key, chat, &report).await?;
        }
        work.broadcast_shown(cast.id).await
    }
}

impl lanes::Queue for Broadcasts {
    const NAME: &'static str = "the broadcasts";

    fn clock(&self) -> Clock {
        self.house.clock.clone()
    }

    async fn look(&mut self, _lanes: &mut Lanes) -> Result<Duration, StateError> {
        let now = self.house.clock.now();
        if now < self.next {
            return Ok(clock::until(self.next, now));
        }
        self.next = now + BEAT;
        match self.portion(now).await? {
            true => Ok(clock::until(self.next, now)),
            false => Ok(IDLE),
        }
    }
}
