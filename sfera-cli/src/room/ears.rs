//! What a caller hears, kept as a file or played.

use crate::{error::Error, talk::explain_wav};
use sfera_agent::{
    audio::{Frame, SampleRate},
    io::WavWriter,
};
use std::{
    collections::VecDeque,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::mpsc;

/// Rate of the agent's voice as it is received.
pub const RATE: SampleRate = SampleRate::HZ_48000;
/// Samples that wait to be played, half a second: what is older is nothing to hear any more.
const WAITING: usize = 24_000;

/// Writes the agent's voice until it ends.
pub async fn keep(mut voice: mpsc::Receiver<Frame>, path: PathBuf) -> Result<(), Error> {
    let broken = |error| Error::from(explain_wav(&path, &error));
    let mut file = WavWriter::mono(&path, RATE).map_err(broken)?;
    while let Some(frame) = voice.recv().await {
        file.write(frame.samples()).map_err(broken)?;
    }
    file.finish().map_err(broken)
}

/// Between the room and the loudspeaker.
#[derive(Clone, Default)]
pub struct Loudspeaker(Arc<Mutex<VecDeque<i16>>>);

impl Loudspeaker {
    /// Takes the agent's voice until it ends.
    pub async fn play(self, mut voice: mpsc::Receiver<Frame>) {
        while let Some(frame) = voice.recv().await {
            let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.extend(frame.samples());
            let late = waiting.len().saturating_sub(WAITING);
            waiting.drain(..late);
        }
    }

    /// What the sound card pulls.
    pub fn read(&self, out: &mut [i16]) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for sample in out {
            *sample = waiting.pop_front().unwrap_or(0);
        }
    }
}
