//! Who the agent talks with. A plain struct: who comes and goes, and time, go in; changes come out.

use super::AfterLeave;
use std::{mem, time::Duration};
use tokio::time::Instant;

/// How long a caller may take to come back to a room after the connection was repaired: the server may
/// have been restarted for both, and livekit-client's tries are up to 7 s apart.
const REPAIRED: Duration = Duration::from_secs(20);

/// What follows for the conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// This person is the caller now; whether they were in the room before.
    Linked { identity: String, was_there: bool },
    /// The caller left, perhaps only for a moment.
    Away,
    /// The caller is back.
    Returned(String),
    /// The caller left for good; nobody is there.
    Alone,
    /// The caller left for good, and that is the end of this conversation.
    Over,
}

/// Chooses one person of those in the room and stays with them.
#[derive(Debug)]
pub(super) struct Linking {
    wanted: Option<String>,
    after_leave: AfterLeave,
    grace: Duration,
    /// Those who could be served and are there, in the order in which they came.
    people: Vec<String>,
    linked: Option<Linked>,
    /// The caller left for good and that ended the conversation: nobody is served until the next one
    /// begins.
    over: bool,
    /// The connection is being repaired: who seems to leave may still be there.
    reconnecting: bool,
}

#[derive(Debug)]
struct Linked {
    identity: String,
    away_since: Option<Instant>,
    /// How long they may be away.
    patience: Duration,
}

impl Linking {
    pub(super) fn new(wanted: Option<String>, after_leave: AfterLeave, grace: Duration) -> Self {
        Self {
            wanted,
            after_leave,
            grace,
            people: Vec::new(),
            linked: None,
            over: false,
            reconnecting: false,
        }
    }

    /// The caller, present or away for a moment.
    pub(super) fn caller(&self) -> Option<&str> {
        self.linked.as_ref().map(|linked| linked.identity.as_str())
    }

    /// Whether this is the caller.
    pub(super) fn is_caller(&self, identity: &str) -> bool {
        self.caller() == Some(identity)
    }

    /// A person came.
    pub(super) fn joined(&mut self, identity: &str) -> Option<Change> {
        if self
            .wanted
            .as_ref()
            .is_some_and(|wanted| wanted != identity)
        {
            return None;
        }
        if !self.people.iter().any(|known| known == identity) {
            self.people.push(identity.to_owned());
        }
        match &mut self.linked {
            None if self.over => None,
            None => Some(self.link(identity.to_owned(), false)),
            Some(linked) if linked.identity == identity && linked.away_since.is_some() => {
                linked.away_since = None;
                Some(Change::Returned(identity.to_owned()))
            }
            Some(_) => None,
        }
    }

    /// Whether somebody is there whom nobody serves, because the conversation is over.
    pub(super) const fn is_somebody_left(&self) -> bool {
        self.over && !self.people.is_empty()
    }

    /// A new conversation begins, with who has waited longest, or whoever comes.
    pub(super) fn begin_anew(&mut self) -> Option<Change> {
        if !mem::take(&mut self.over) {
            return None;
        }
        let next = self.people.first().cloned()?;
        Some(self.link(next, true))
    }

    /// A participant left.
    pub(super) fn left(&mut self, identity: &str, now: Instant) -> Option<Change> {
        self.people.retain(|known| known != identity);
        let linked = self.linked.as_mut().filter(|l| l.identity == identity)?;
        linked.away_since.get_or_insert(now);
        linked.patience = self.grace;
        Some(Change::Away)
    }

    /// The connection is being repaired.
    pub(super) const fn reconnecting(&mut self) {
        self.reconnecting = true;
    }

    /// The connection is back; who is still not there has some more time.
    pub(super) fn reconnected(&mut self, now: Instant) {
        self.reconnecting = false;
        let away = self.linked.as_mut().filter(|l| l.away_since.is_some());
        if let Some(away) = away {
            away.away_since = Some(now);
            away.patience = self.grace.max(REPAIRED);
        }
    }

    /// When [`Linking::tick`] is due.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let linked = self.linked.as_ref()?;
        let away = linked.away_since?;
        (!self.reconnecting).then(|| away + linked.patience)
    }

    /// Time passed.
    pub(super) fn tick(&mut self, now: Instant) -> Option<Change> {
        if self.deadline().is_none_or(|at| now < at) {
            return None;
        }
        self.linked = None;
        if self.after_leave == AfterLeave::Close {
            self.over = true;
            return Some(Change::Over);
        }
        Some(match self.people.first().cloned() {
            Some(next) => self.link(next, true),
            None => Change::Alone,
        })
    }

    fn link(&mut self, identity: String, was_there: bool) -> Change {
        self.linked = Some(Linked {
            identity: identity.clone(),
            away_since: None,
            patience: self.grace,
        });
        Change::Linked {
            identity,
            was_there,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(5);

    fn linking(wanted: Option<&str>, after_leave: AfterLeave) -> Linking {
        Linking::new(wanted.map(str::to_owned), after_leave, GRACE)
    }

    fn linked(identity: &str, was_there: bool) -> Option<Change> {
        Some(Change::Linked {
            identity: identity.into(),
            was_there,
        })
    }

    #[tokio::test]
    async fn the_first_person_is_the_caller_and_stays_so() {
        let mut linking = linking(None, AfterLeave::Close);
        assert_eq!(linking.joined("alex"), linked("alex", false));
        assert_eq!(linking.joined("boris"), None);
        assert_eq!(linking.joined("alex"), None, "known already");
        assert!(linking.is_caller("alex") && !linking.is_caller("boris"));
    }

    #[tokio::test]
    async fn only_a_wanted_identity_is_served() {
        let mut linking = linking(Some("alex"), AfterLeave::Wait);
        assert_eq!(linking.joined("boris"), None);
        assert_eq!(linking.joined("alex"), linked("alex", false));
        let now = Instant::now();
        assert_eq!(linking.left("alex", now), Some(Change::Away));
        assert_eq!(linking.tick(now + GRACE), Some(Change::Alone));
        assert_eq!(linking.joined("alex"), linked("alex", false));
    }

    #[tokio::test]
    async fn who_comes_back_in_time_finds_the_same_conversation() {
        let mut linking = linking(None, AfterLeave::Close);
        let now = Instant::now();
        linking.joined("alex");
        assert_eq!(linking.left("alex", now), Some(Change::Away));
        assert_eq!(linking.tick(now + GRACE / 2), None);
        assert_eq!(
            linking.joined("alex"),
            Some(Change::Returned("alex".into()))
        );
        assert_eq!(linking.deadline(), None);
        assert_eq!(linking.tick(now + GRACE * 2), None);
    }

    #[tokio::test]
    async fn leaving_for_good_ends_it_or_the_next_one_is_served() {
        let now = Instant::now();
        for (after_leave, expected) in [
            (AfterLeave::Close, Some(Change::Over)),
            (AfterLeave::Wait, linked("boris", true)),
        ] {
            let mut linking = linking(None, after_leave);
            linking.joined("alex");
            linking.joined("boris");
            linking.left("alex", now);
            assert_eq!(linking.deadline(), Some(now + GRACE));
            assert_eq!(linking.tick(now + GRACE), expected);
        }
    }

    #[tokio::test]
    async fn who_else_is_there_when_it_ends_is_served_once_it_begins_anew() {
        let mut linking = linking(None, AfterLeave::Close);
        let now = Instant::now();
        linking.joined("alex");
        linking.joined("boris");
        assert!(!linking.is_somebody_left(), "alex is served");
        linking.left("alex", now);
        assert_eq!(linking.tick(now + GRACE), Some(Change::Over));
        assert!(linking.is_somebody_left());
        assert_eq!(linking.joined("carl"), None, "it is over");
        assert_eq!(linking.begin_anew(), linked("boris", true));
        assert_eq!(linking.begin_anew(), None, "it has begun");
        assert!(!linking.is_somebody_left());
    }

    #[tokio::test]
    async fn after_the_end_in_an_empty_room_the_next_one_who_comes_is_served() {
        let mut linking = linking(None, AfterLeave::Close);
        let now = Instant::now();
        linking.joined("alex");
        linking.left("alex", now);
        assert_eq!(linking.tick(now + GRACE), Some(Change::Over));
        assert!(!linking.is_somebody_left());
        assert_eq!(linking.begin_anew(), None);
        assert_eq!(linking.joined("boris"), linked("boris", false));
    }

    #[tokio::test]
    async fn a_bystander_who_leaves_changes_nothing() {
        let mut linking = linking(None, AfterLeave::Close);
        linking.joined("alex");
        linking.joined("boris");
        assert_eq!(linking.left("boris", Instant::now()), None);
        assert_eq!(linking.deadline(), None);
    }

    #[tokio::test]
    async fn nobody_leaves_for_good_while_the_connection_is_repaired() {
        let mut linking = linking(None, AfterLeave::Close);
        let now = Instant::now();
        linking.joined("alex");
        linking.left("alex", now);
        linking.reconnecting();
        assert_eq!(linking.tick(now + GRACE * 10), None);
        linking.reconnected(now + GRACE * 10);
        assert_eq!(linking.deadline(), Some(now + GRACE * 10 + REPAIRED));
        assert_eq!(
            linking.joined("alex"),
            Some(Change::Returned("alex".into()))
        );
    }
}
