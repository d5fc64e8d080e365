//! Fakes and conformance suites for speech recognition.

mod conformance;
mod recognizer;
mod scripted;

pub use conformance::{recognizer_conformance, stt_conformance};
pub use recognizer::{Recognition, ScriptedRecognizer};
pub use scripted::{ScriptedStt, ScriptedUtterance};

use crate::{
    audio::Frame,
    stt::{SttInput, SttInputStream},
};
use futures::{StreamExt, stream};

/// The inputs of one utterance: speech begins, the sound in frames of 20 ms, speech ends.
#[must_use]
pub fn utterance(sound: &Frame) -> Vec<SttInput> {
    let hop = (sound.rate().hz() / 50) as usize;
    let frames = sound.samples().chunks(hop);
    let frames = frames.map(|samples| SttInput::Audio(Frame::new(sound.rate(), samples)));
    [SttInput::SpeechStarted]
        .into_iter()
        .chain(frames)
        .chain([SttInput::SpeechEnded])
        .collect()
}

/// A stream of these inputs, all there at once; it ends after the last.
#[must_use]
pub fn stt_input(inputs: Vec<SttInput>) -> SttInputStream {
    stream::iter(inputs).boxed()
}
