//! Whether the caller can hear the agent. A plain struct over time.

use std::time::Duration;
use tokio::time::Instant;

/// How long a subscription is waited for. The server tells of a track's first subscriber only; one
/// who was there before, or comes back, may never be announced.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// Nothing is said until somebody hears it, and not while the caller is away or the connection is
/// broken.
#[derive(Debug, Default)]
pub(super) struct Audible {
    caller: bool,
    subscribed: bool,
    reconnecting: bool,
    /// When the agent speaks although no subscription was told.
    trust_at: Option<Instant>,
}

impl Audible {
    /// The caller came, or came back.
    pub(super) fn caller_came(&mut self, now: Instant) {
        self.caller = true;
        self.trust_at = Some(now + PATIENCE);
    }

    /// The caller is one who was there already and has subscribed long ago.
    pub(super) const fn caller_was_there(&mut self) {
        self.caller = true;
        self.subscribed = true;
    }

    /// The caller is not there.
    pub(super) const fn caller_left(&mut self) {
        self.caller = false;
        self.subscribed = false;
        self.trust_at = None;
    }

    /// Somebody subscribed to the agent's track.
    pub(super) const fn subscribed(&mut self) {
        self.subscribed = true;
        self.trust_at = None;
    }

    /// The connection is being repaired.
    pub(super) const fn reconnecting(&mut self) {
        self.reconnecting = true;
    }

    /// The connection is back.
    pub(super) const fn reconnected(&mut self) {
        self.reconnecting = false;
    }

    /// When [`Audible::tick`] is due.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.trust_at.filter(|_| !self.reconnecting)
    }

    /// Time passed.
    pub(super) fn tick(&mut self, now: Instant) {
        if self.deadline().is_some_and(|at| now >= at) {
            self.subscribed();
        }
    }

    pub(super) const fn is(&self) -> bool {
        self.caller && self.subscribed && !self.reconnecting
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nothing_is_said_until_the_caller_has_subscribed() {
        let mut audible = Audible::default();
        audible.subscribed();
        assert!(!audible.is(), "somebody else did");
        audible.caller_left();
        audible.caller_came(Instant::now());
        assert!(!audible.is());
        audible.subscribed();
        assert!(audible.is());
        assert_eq!(audible.deadline(), None);
    }

    #[tokio::test]
    async fn a_subscription_that_is_never_told_is_not_waited_for_for_ever() {
        let mut audible = Audible::default();
        let now = Instant::now();
        audible.caller_came(now);
        audible.tick(now + PATIENCE / 2);
        assert!(!audible.is());
        audible.tick(now + PATIENCE);
        assert!(audible.is());
    }

    #[tokio::test]
    async fn the_agent_waits_while_the_caller_is_away_or_the_connection_broken() {
        let mut audible = Audible::default();
        audible.caller_was_there();
        assert!(audible.is());
        audible.reconnecting();
        assert!(!audible.is());
        audible.reconnected();
        assert!(audible.is());
        audible.caller_left();
        assert!(!audible.is());
        audible.caller_came(Instant::now());
        assert!(!audible.is(), "they have to subscribe anew");
    }
}
