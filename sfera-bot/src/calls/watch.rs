use super::{Calls, Inner, Presence, progress, rooms::Unreachable};
use crate::{
    clock,
    state::{Call, CallState, StateError},
};
use std::{sync::Arc, time::Duration};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// How often it is looked while somebody waits.
const CLOSE: Duration = Duration::from_millis(500);
/// How often it is looked while all talk.
const LOOSE: Duration = Duration::from_secs(5);
/// Where nobody calls.
const IDLE: Duration = Duration::from_secs(60);

/// Looks into the rooms of all calls.
pub struct Watch {
    calls: Arc<Inner>,
    stop: CancellationToken,
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
        }
    }

    /// Works until told to stop.
    pub async fn run(self) {
        while !self.stop.is_cancelled() {
            let pause = match self.look().await {
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
                () = sleep(pause) => {}
            }
        }
    }

    /// Looks at all calls; how long until it is to be looked again.
    async fn look(&self) -> Result<Duration, Trouble> {
        let calls = self.calls.store.open_calls().await?;
        if calls.is_empty() {
            return Ok(IDLE);
        }
        let rooms = calls.iter().map(|call| call.room.clone()).collect();
        let living = self.calls.rooms.living(rooms).await?;
        let mut all_talk = true;
        for call in &calls {
            let present = match living.contains(&call.room) {
                true => self.calls.rooms.look_into(&call.room).await?,
                false => Presence::default(),
            };
            all_talk &= self.go_on(call, present).await? == CallState::Talking;
        }
        Ok(if all_talk { LOOSE } else { CLOSE })
    }

    async fn go_on(&self, call: &Call, present: Presence) -> Result<CallState, Trouble> {
        let now = clock::now();
        let (mut next, used) = progress(call, present, now);
        let mut work = self.calls.store.begin(now).await?;
        let today = match used {
            0 => work.voice_used(call.user).await?,
            used => work.use_voice(call.user, used).await?,
        };
        let banned = work.is_banned(call.user).await?;
        work.commit().await?;
        let spent = self.calls.daily.is_some_and(|daily| today >= daily);
        if (spent || banned) && present.callers > 0 && self.cut_off(&call.room).await {
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
        Ok(next.state)
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
