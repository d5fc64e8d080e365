//! The one clock of the bot.

use crate::state::Millis;
use std::time::{Duration, UNIX_EPOCH};
use tokio::{sync::watch, time::sleep};

/// Milliseconds since 1970.
pub fn now() -> Millis {
    let passed = UNIX_EPOCH.elapsed().unwrap_or_default().as_millis();
    Millis::try_from(passed).unwrap_or(Millis::MAX)
}

/// How long until a moment.
pub fn until(at: Millis, now: Millis) -> Duration {
    Duration::from_millis(u64::try_from(at.saturating_sub(now)).unwrap_or_default())
}

/// The machine's clock, or one whose hands somebody holds.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<watch::Receiver<Millis>>);

/// The hands of a clock that stands still until they are turned.
#[derive(Debug)]
pub struct Hands(watch::Sender<Millis>);

impl Hands {
    /// It is so late now.
    pub fn turn(&self, to: Millis) {
        self.0.send_replace(to);
    }
}

impl Clock {
    /// A clock that stands at a moment, and its hands.
    #[must_use]
    pub fn standing(at: Millis) -> (Self, Hands) {
        let (hands, face) = watch::channel(at);
        (Self(Some(face)), Hands(hands))
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn now(&self) -> Millis {
        self.0.as_ref().map_or_else(now, |face| *face.borrow())
    }

    /// Waits until it is so late; for ever, where nobody turns the hands any more.
    pub async fn reaches(&self, at: Millis) {
        let Some(face) = &self.0 else {
            return sleep(until(at, now())).await;
        };
        if face.clone().wait_for(|now| *now >= at).await.is_err() {
            std::future::pending().await
        }
    }
}
