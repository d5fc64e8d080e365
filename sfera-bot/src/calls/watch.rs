use super::{
    Calls, Inner, Presence,
    minutes::{Measure, measure},
    progress,
    rooms::Unreachable,
};
use crate::{
    state::{Call, CallState, DAY, Millis, StateError},
    telegram,
    text::Text,
};
use std::{collections::HashSet, sync::Arc};
use tokio_util::sync::CancellationToken;

/// How often it is looked while somebody waits.
const CLOSE: Millis = 500;
/// How often it is looked while all talk, unless somebody's minutes end before.
const LOOSE: Millis = 5_000;
/// How soon it is looked again at the soonest.
const SOONEST: Millis = 50;
/// Where nobody calls.
const IDLE: Millis = 60_000;

/// Looks into the rooms of all calls.
pub struct Watch {
    calls: Arc<Inner>,
    stop: CancellationToken,
    /// Who was told that their minutes end: in which call, on which day.
    warned: HashSet<(i64, Millis)>,
}

enum Trouble {
    State(StateError),
    LiveKit,
}

impl From<StateError> for Trouble {
    fn from(error: StateError) -> Self {
        Self::State(error)
    }
}

impl From<Unreachable> for Trouble {
    fn from(_: Unreachable) -> Self {
        Self::LiveKit
    }
}

impl Watch {
    /// Watches these calls.
    #[must_use]
    pub fn new(calls: &Calls, stop: CancellationToken) -> Self {
        Self {
            calls: calls.inner.clone(),
            stop,
            warned: HashSet::new(),
        }
    }

    /// Works until told to stop.
    pub async fn run(mut self) {
        let clock = self.calls.house.clock.clone();
        while !self.stop.is_cancelled() {
            let now = clock.now();
            let pause = match self.look(now).await {
                Ok(pause) => pause,
                Err(Trouble::LiveKit) => LOOSE,
                Err(Trouble::State(error)) => {
                    tracing::error!(%error, "the calls cannot be looked at");
                    LOOSE
                }
            };
            tokio::select! {
                () = self.stop.cancelled() => {}
                () = self.calls.news.notified() => {}
                () = clock.reaches(now + pause) => {}
            }
        }
    }

    /// Looks at all calls; how long until it is to be looked again.
    async fn look(&mut self, now: Millis) -> Result<Millis, Trouble> {
        let calls = self.calls.store.open_calls().await?;
        self.forget_all_but(&calls);
        if calls.is_empty() {
            return Ok(IDLE);
        }
        let rooms = calls.iter().map(|call| call.room.clone()).collect();
        let living = self.calls.rooms.living(rooms).await?;
        let mut pause = LOOSE;
        for call in &calls {
            let present = match living.contains(&call.room) {
                true => self.calls.rooms.look_into(&call.room).await?,
                false => Presence::default(),
            };
            pause = pause.min(self.go_on(call, present, now).await?);
        }
        Ok(pause.max(SOONEST))
    }

    fn forget_all_but(&mut self, calls: &[Call]) {
        let rooms = calls.iter().map(|call| call.room.as_str()).collect();
        self.calls.house.speakers.keep(&rooms);
        let open: HashSet<i64> = calls.iter().map(|call| call.id).collect();
        self.warned.retain(|(call, _)| open.contains(call));
    }

    /// How long until it is to be looked at this call again.
    async fn go_on(
        &mut self,
        call: &Call,
        present: Presence,
        now: Millis,
    ) -> Result<Millis, Trouble> {
        let (mut next, used) = progress(call, present, now);
        let mut work = self.calls.store.begin(now).await?;
        let today = match used {
            0 => work.voice_used(call.user).await?,
            used => work.use_voice(call.user, used).await?,
        };
        let banned = work.is_banned(call.user).await?;
        work.commit().await?;
        let measure = match self.calls.daily {
            Some(daily) => measure(today, daily),
            None => Measure::None(LOOSE),
        };
        let is_over = banned || measure == Measure::Close;
        if is_over && present.callers > 0 && self.cut_off(&call.room).await {
            next.state = match banned {
                true => CallState::Over,
                false => CallState::Spent,
            };
        }
        if next != *call {
            let mut work = self.calls.store.begin(now).await?;
            work.keep_call(&next).await?;
            work.commit().await?;
        }
        self.tell(call, &next);
        if next.state != CallState::Talking {
            return Ok(CLOSE);
        }
        Ok(match measure {
            Measure::None(left) => left,
            Measure::Warn(left) => {
                self.warn(call, now).await?;
                left
            }
            // The room was not closed.
            Measure::Close => CLOSE,
        })
    }

    /// Tells a user once that their minutes end soon.
    async fn warn(&mut self, call: &Call, now: Millis) -> Result<(), StateError> {
        let day = now / DAY;
        if !self.warned.insert((call.id, day)) {
            return Ok(());
        }
        let house = &self.calls.house;
        let mut work = self.calls.store.begin(now).await?;
        let language = work.language_of(call.user).await?;
        drop(work);
        let text = Text(language.unwrap_or(house.settings.language)).minutes_end_soon();
        if house.speakers.say(&call.room, text).await {
            return Ok(());
        }
        let letter = telegram::Call::message(call.user, text);
        let mut work = self.calls.store.begin(now).await?;
        let key = format!("minutes:{}:{day}", call.id);
        work.send(&key, call.user, &letter).await?;
        work.commit().await?;
        house.outgoing.notify_one();
        Ok(())
    }

    /// Closes a room; where that fails, it is tried again at the next look.
    async fn cut_off(&self, room: &str) -> bool {
        let closed = self.calls.rooms.close(room).await;
        if let Err(error) = &closed {
            tracing::warn!(%error, "a room that is to end was not closed");
        }
        closed.is_ok()
    }

    fn tell(&self, before: &Call, now: &Call) {
        if before.state == now.state {
            return;
        }
        match now.state {
            CallState::Talking => {
                self.calls.figures.calls.inc();
            }
            CallState::NoAgent => {
                self.calls.figures.calls_without_agent.inc();
                tracing::warn!(
                    room = now.room,
                    "no agent came: is the voice worker running, and has it room for another conversation?"
                );
            }
            CallState::Waiting | CallState::Spent | CallState::Over => {}
        }
    }
}
