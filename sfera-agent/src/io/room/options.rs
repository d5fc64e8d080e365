use super::rpc::RpcMethods;
#[cfg(feature = "aec")]
use crate::audio::NoiseSuppression;
use crate::audio::SampleRate;
use std::time::Duration;

/// What an agent does in its room. The defaults are what LiveKit front ends expect.
#[derive(Clone, Debug)]
pub struct RoomOptions {
    /// The agent's name, told as the attribute `lk.agent.name`.
    pub agent_name: Option<String>,
    /// Who is served: only the participant of this identity, or else the first person that is there
    /// or comes (of the kinds standard, SIP and connector; never another agent).
    pub caller: Option<String>,
    /// What follows when the caller has left.
    pub after_leave: AfterLeave,
    /// How long a caller who left may take to come back and find the same conversation: a page is
    /// reloaded, a telephone changes networks.
    pub grace: Duration,
    /// Whether what both sides say is sent as text too.
    pub captions: bool,
    /// Whether the caller may type (`lk.chat`).
    pub chat: bool,
    /// Whether the caller may silence the agent by a tap ([`INTERRUPT`](super::INTERRUPT)), where what
    /// is said may be interrupted.
    pub interrupt: bool,
    /// Whether what the caller said before the agent was there is heard.
    pub preconnect: bool,
    /// How long such sound is waited for once the caller's track is there.
    pub preconnect_wait: Duration,
    /// How old such sound may be when it is wanted.
    pub preconnect_age: Duration,
    /// Rate of the session's input. VAD and STT listen at 16 kHz; more is lost on them.
    pub input_rate: SampleRate,
    /// Rate of the agent's voice: [`TurnOptions::playout_rate`](crate::turn::TurnOptions) of the
    /// session. Another rate is resampled.
    pub output_rate: SampleRate,
    /// How strongly steady noise is taken out of what the caller's microphone hears, also of what was
    /// recorded before the agent came; then the session's input has 16 kHz, whatever
    /// [`RoomOptions::input_rate`] is.
    #[cfg(feature = "aec")]
    pub noise: NoiseSuppression,
    /// What other participants may call.
    pub rpc: RpcMethods,
}

/// What follows when the caller has left and did not come back in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AfterLeave {
    /// The conversation ends. Whoever else is in the room by then (the same person, perhaps, whose page
    /// was reloaded under another identity) is not handed a stranger's conversation and does not stay
    /// in a silent room either: a host that holds conversations with
    /// [`AgentRoom::converse`](super::AgentRoom::converse) begins a new one with them, as soon as
    /// [`RoomOptions::grace`] is over. [`AgentRoom::run`](super::AgentRoom::run) holds only one, and
    /// leaves.
    #[default]
    Close,
    /// The same conversation, with all its history, goes on with the next person who is there or
    /// comes: for people who share one conversation.
    Wait,
}

impl Default for RoomOptions {
    fn default() -> Self {
        Self {
            agent_name: None,
            caller: None,
            after_leave: AfterLeave::default(),
            grace: Duration::from_secs(5),
            captions: true,
            chat: true,
            interrupt: true,
            preconnect: true,
            preconnect_wait: Duration::from_secs(3),
            preconnect_age: Duration::from_secs(1),
            input_rate: SampleRate::HZ_16000,
            output_rate: SampleRate::HZ_48000,
            #[cfg(feature = "aec")]
            noise: NoiseSuppression::Off,
            rpc: RpcMethods::default(),
        }
    }
}

impl RoomOptions {
    /// The rate at which the session hears.
    pub(super) fn heard_rate(&self) -> SampleRate {
        #[cfg(feature = "aec")]
        if self.noise != NoiseSuppression::Off {
            return crate::audio::EchoCanceller::RATE;
        }
        self.input_rate
    }
}
