use serde::{Deserialize, Serialize};
use std::time::Duration;

/// When sound counts as speech. The defaults are those users of livekit-agents expect. (The padding
/// before speech, 0.5 s, is kept by the adapter that cuts utterances out of the stream: see `stt`.)
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VadOptions {
    /// Silence turns into speech at this probability or above, 0…1.
    pub activate: f32,
    /// Speech turns into silence at this probability or below, 0…1; at most `activate` is used.
    pub deactivate: f32,
    /// Sound shorter than this is no speech.
    pub min_speech: Duration,
    /// A pause shorter than this does not end speech.
    pub min_silence: Duration,
}

impl Default for VadOptions {
    fn default() -> Self {
        Self {
            activate: 0.5,
            deactivate: 0.35,
            min_speech: Duration::from_millis(50),
            min_silence: Duration::from_millis(250),
        }
    }
}
