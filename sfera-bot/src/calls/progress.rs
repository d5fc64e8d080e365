use super::PASS_MS;
use crate::state::{Call, CallState, Millis};

/// How long a user waits for an agent before they are told that none came. It is looked twice a second, and
/// the page asks every second: together that stays within 5 s.
const PATIENCE: Millis = 3_000;
/// Where nobody looked for longer than this, nobody knows whether there was a conversation.
const UNSEEN: Millis = 15_000;

/// Who is in a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Presence {
    /// Whether there is such a room.
    pub exists: bool,
    /// People in it.
    pub callers: usize,
    /// Agents in it.
    pub agents: usize,
}

/// How a call goes on with who is in its room now, and how many milliseconds of voice there were since it
/// was looked at last.
#[must_use]
pub fn progress(call: &Call, present: Presence, now: Millis) -> (Call, Millis) {
    let mut next = Call {
        alone: None,
        seen: None,
        ..call.clone()
    };
    let mut used = 0;
    match (present.callers > 0, present.agents > 0) {
        (true, true) => {
            let since = call.seen.filter(|seen| now - seen <= UNSEEN).unwrap_or(now);
            used = (now - since).max(0);
            next.seen = Some(now);
            next.state = CallState::Talking;
        }
        (true, false) => {
            let alone = call.alone.unwrap_or(now);
            next.alone = Some(alone);
            next.state = match now - alone >= PATIENCE {
                true => CallState::NoAgent,
                false => CallState::Waiting,
            };
        }
        (false, _) if present.exists || call.issued + PASS_MS > now => {
            next.state = CallState::Waiting;
        }
        (false, _) => next.state = CallState::Over,
    }
    (next, used)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = 1_764_000_000_000;

    fn call() -> Call {
        Call {
            id: 1,
            user: 7,
            room: "sfera-7-x".to_owned(),
            state: CallState::Waiting,
            issued: NOW,
            alone: None,
            seen: None,
        }
    }

    const fn present(callers: usize, agents: usize) -> Presence {
        Presence {
            exists: true,
            callers,
            agents,
        }
    }

    #[test]
    fn a_user_who_waits_is_told_after_a_while_and_an_agent_may_still_come() {
        let (waiting, _) = progress(&call(), present(1, 0), NOW);
        assert_eq!(
            (waiting.state, waiting.alone),
            (CallState::Waiting, Some(NOW))
        );
        let (waiting, _) = progress(&waiting, present(1, 0), NOW + PATIENCE - 1);
        assert_eq!(waiting.state, CallState::Waiting);
        let (told, _) = progress(&waiting, present(1, 0), NOW + PATIENCE);
        assert_eq!(told.state, CallState::NoAgent);
        let (talking, used) = progress(&told, present(1, 1), NOW + 9_000);
        assert_eq!((talking.state, used), (CallState::Talking, 0));
    }

    #[test]
    fn only_what_was_seen_counts_as_voice() {
        let (talking, _) = progress(&call(), present(1, 1), NOW);
        let (talking, used) = progress(&talking, present(1, 1), NOW + 5_000);
        assert_eq!(used, 5_000);
        let (talking, used) = progress(&talking, present(1, 1), NOW + 60_000);
        assert_eq!(used, 0, "the bot was not there in between");
        let (away, _) = progress(&talking, present(0, 1), NOW + 61_000);
        let (_, used) = progress(&away, present(1, 1), NOW + 66_000);
        assert_eq!(used, 0, "nor was the user");
        let (_, used) = progress(&talking, present(1, 1), NOW);
        assert_eq!(used, 0, "a clock that was set back");
    }

    #[test]
    fn a_call_is_over_when_nobody_can_come_any_more() {
        let state = |present, at| progress(&call(), present, at).0.state;
        let nowhere = Presence::default();
        assert_eq!(state(nowhere, NOW + PASS_MS - 1), CallState::Waiting);
        assert_eq!(state(nowhere, NOW + PASS_MS), CallState::Over);
        assert_eq!(state(present(0, 1), NOW + PASS_MS), CallState::Waiting);
    }
}
