use crate::{io::room::RoomEnd, knowledge::Citation, turn::AgentState};
use serde::Serialize;

/// What a caller sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", content = "data", rename_all = "snake_case")]
pub enum CallerEvent {
    /// An agent is there.
    AgentJoined {
        /// Its identity.
        identity: String,
    },
    /// The agent left.
    AgentLeft,
    /// What the agent says it is doing.
    AgentState(AgentState),
    /// The agent's voice is being received.
    AgentHeard,
    /// Words of either side.
    Caption(Caption),
    /// The connection is being repaired.
    Reconnecting,
    /// The connection is back.
    Reconnected,
    /// The call is over.
    Ended(RoomEnd),
}

/// Words as text. A later caption of the same segment replaces the earlier one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Caption {
    /// Who said it.
    pub speaker: Speaker,
    /// Which piece of speech.
    pub segment: String,
    /// All words of it so far.
    pub text: String,
    /// Whether it will not change any more.
    pub is_final: bool,
    /// What the agent's words stand on; only a stream tells.
    pub sources: Vec<Citation>,
    /// How it was sent; an agent sends each caption in both forms.
    pub form: CaptionForm,
}

/// Whose words a caption has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// The agent's.
    Agent,
    /// The caller's own.
    Me,
    /// Those of another participant, by identity.
    Other(String),
}

/// How a caption was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptionForm {
    /// As the text stream `lk.transcription`.
    Stream,
    /// As the packet of earlier days.
    Packet,
}
