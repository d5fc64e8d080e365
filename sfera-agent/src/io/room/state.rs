//! The agent's attributes: what it is doing, for front ends to show.

use crate::turn::AgentState;
use std::{collections::HashMap, future::Future, time::Duration};
use tokio::{sync::watch, time};

/// What the agent is doing.
const STATE: &str = "lk.agent.state";
/// What the agent is called.
pub(super) const NAME: &str = "lk.agent.name";

/// Between two tries to set attributes that could not be set.
const PAUSE: Duration = Duration::from_secs(1);
/// What is newer does not wait longer for an answer. `livekit` 0.10 begins to listen for it only after
/// the request is sent, and on a busy machine misses one that came at once: it then waits 5 s in vain,
/// in which a whole greeting fits. The requests themselves arrive in order.
const OVERDUE: Duration = Duration::from_millis(250);

/// What front ends are to see. `epoch` changes when the server may have forgotten it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) state: AgentState,
    pub(super) epoch: u32,
}

impl Shown {
    pub(super) const FIRST: Self = Self {
        state: AgentState::Initializing,
        epoch: 0,
    };

    /// The attributes that say so.
    pub(super) fn attributes(self, name: Option<&str>) -> HashMap<String, String> {
        let mut attributes = HashMap::from([(STATE.to_owned(), word(self.state).to_owned())]);
        if let Some(name) = name {
            attributes.insert(NAME.to_owned(), name.to_owned());
        }
        attributes
    }
}

/// The state that these attributes tell, if they do.
pub(super) fn told(attributes: &HashMap<String, String>) -> Option<AgentState> {
    Some(match attributes.get(STATE)?.as_str() {
        "initializing" => AgentState::Initializing,
        "idle" => AgentState::Idle,
        "listening" => AgentState::Listening,
        "thinking" => AgentState::Thinking,
        "speaking" => AgentState::Speaking,
        _ => return None,
    })
}

/// An idle agent listens: front ends take `idle` for an agent that is not ready, and `useAgent` gives
/// it up after 20 s.
const fn word(state: AgentState) -> &'static str {
    match state {
        AgentState::Initializing => "initializing",
        AgentState::Idle | AgentState::Listening => "listening",
        AgentState::Thinking => "thinking",
        AgentState::Speaking => "speaking",
    }
}

/// Calls `set` with the first value and with each new one. While a call is under way only the newest
/// value waits, for [`OVERDUE`] at most; one that fails is tried again. Ends with the sender.
pub(super) async fn keep<T, F>(mut newest: watch::Receiver<T>, mut set: impl FnMut(T) -> F)
where
    T: Copy + PartialEq,
    F: Future<Output = bool>,
{
    let mut done: Option<T> = None;
    loop {
        let wanted = *newest.borrow_and_update();
        if done != Some(wanted) {
            let set = tokio::select! {
                set = set(wanted) => set,
                () = overtaken(&mut newest) => {
                    done = None;
                    continue;
                }
            };
            if set {
                done = Some(wanted);
                continue;
            }
            let _changed_or_not = time::timeout(PAUSE, newest.changed()).await;
            if newest.has_changed().is_err() {
                return;
            }
        } else if newest.changed().await.is_err() {
            return;
        }
    }
}

/// Waits until a call takes too long and there is something newer.
async fn overtaken<T>(newest: &mut watch::Receiver<T>) {
    time::sleep(OVERDUE).await;
    if newest.changed().await.is_err() {
        // Nothing newer will ever come.
        std::future::pending().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};
    use tokio::{
        task::JoinSet,
        time::{advance, sleep},
    };

    /// A server that takes 100 ms for each call and fails those numbered in `failing`.
    fn slow_server(
        failing: &'static [usize],
    ) -> (watch::Sender<u32>, Arc<Mutex<Vec<u32>>>, JoinSet<()>) {
        let (sender, newest) = watch::channel(0);
        let calls = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = JoinSet::new();
        tasks.spawn({
            let calls = calls.clone();
            keep(newest, move |value| {
                let calls = calls.clone();
                async move {
                    sleep(Duration::from_millis(100)).await;
                    let mut calls = calls.lock().unwrap();
                    calls.push(value);
                    !failing.contains(&calls.len())
                }
            })
        });
        (sender, calls, tasks)
    }

    #[tokio::test(start_paused = true)]
    async fn only_the_newest_of_many_changes_is_sent() {
        let (sender, calls, _tasks) = slow_server(&[]);
        sleep(Duration::from_millis(10)).await;
        for value in 1..=50 {
            sender.send_replace(value);
        }
        sleep(Duration::from_secs(1)).await;
        assert_eq!(*calls.lock().unwrap(), [0, 50]);
        sender.send_replace(50);
        sleep(Duration::from_secs(1)).await;
        assert_eq!(
            calls.lock().unwrap().len(),
            2,
            "what is known is not sent again"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn what_failed_is_tried_again_and_the_end_of_the_sender_ends_it() {
        let (sender, calls, mut tasks) = slow_server(&[1, 2]);
        sleep(Duration::from_secs(4)).await;
        assert_eq!(*calls.lock().unwrap(), [0, 0, 0]);
        drop(sender);
        advance(Duration::from_secs(1)).await;
        assert!(tasks.join_next().await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_newer_waits_for_a_lost_answer_only_so_long() {
        let (sender, newest) = watch::channel(0);
        let calls = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = JoinSet::new();
        tasks.spawn({
            let calls = calls.clone();
            keep(newest, move |value| {
                calls.lock().unwrap().push(value);
                async move { value > 0 || std::future::pending().await }
            })
        });
        sleep(OVERDUE / 2).await;
        sender.send_replace(1);
        sleep(OVERDUE / 4).await;
        assert_eq!(*calls.lock().unwrap(), [0]);
        sleep(OVERDUE / 2).await;
        assert_eq!(*calls.lock().unwrap(), [0, 1]);
        for value in [0, 1] {
            sender.send_replace(value);
            sleep(OVERDUE * 2).await;
        }
        assert_eq!(
            *calls.lock().unwrap(),
            [0, 1, 0, 1],
            "what was overtaken may have been set"
        );
    }

    #[test]
    fn an_idle_agent_is_shown_as_listening_and_states_are_understood() {
        let shown = Shown {
            state: AgentState::Idle,
            epoch: 1,
        };
        let attributes = shown.attributes(Some("sfera"));
        assert_eq!(told(&attributes), Some(AgentState::Listening));
        assert_eq!(attributes.get(NAME).map(String::as_str), Some("sfera"));
        assert_eq!(told(&HashMap::new()), None);
    }
}
