//! Whether what is heard is the voice's own rendering of some words. Whisper writes the names that this
//! voice says as it pleases, or nothing at all; the voice says the same words always in the same way.

use super::hearing::{RATE, is_loud};
use futures::TryStreamExt;
use sfera_agent::{
    Language,
    audio::{Frame, Resampler, SampleRate},
    tts::{Festival, FestivalVoice, Tts as _, TtsRequest},
};
use std::time::Duration;

/// The rate at which sounds are compared, in Hz: what names differ in is below 4 kHz.
const COMPARED: u32 = 8_000;
/// A piece of speech that is looked for: some two sounds, which other words hardly have.
const PIECE: Duration = Duration::from_millis(200);
/// Correlation of a piece with the same piece after a codec; with other sounds it is below.
const SAME: f32 = 0.7;

/// The voice that the agent speaks with.
pub struct Voice(Festival);

impl Voice {
    pub async fn start() -> Self {
        Self(Festival::start(FestivalVoice::RUSSIAN).await.unwrap())
    }

    /// How much of the words, as it says them, is in the sound of [`RATE`], 0 to 1.
    pub async fn share_in(&self, sound: &[i16], words: &str) -> f64 {
        let request = TtsRequest {
            text: words.into(),
            language: Language::Ru,
        };
        let speech = self.0.synthesize(request).await.unwrap();
        let said: Vec<Frame> = speech.try_collect().await.unwrap();
        let rate = said[0].rate();
        let said: Vec<i16> = said.iter().flat_map(|f| f.samples().to_vec()).collect();
        let said = compared(&Frame::new(rate, said));
        share(&said, &compared(&Frame::new(RATE, sound)))
    }
}

fn compared(frame: &Frame) -> Vec<i16> {
    let rate = SampleRate::new(COMPARED).unwrap();
    Resampler::convert(frame, rate).samples().to_vec()
}

/// The share of the pieces of speech in one sound that are in the other, too, wherever they are in it.
fn share(said: &[i16], heard: &[i16]) -> f64 {
    let length = SampleRate::new(COMPARED).unwrap().samples(PIECE) as usize;
    let heard: Vec<f32> = heard.iter().map(|&sample| f32::from(sample)).collect();
    let pieces = said.chunks_exact(length);
    let pieces: Vec<_> = pieces.filter(|piece| is_loud(piece)).collect();
    let found = pieces.iter().filter(|piece| is_in(piece, &heard)).count();
    found as f64 / pieces.len() as f64
}

fn is_in(piece: &[i16], heard: &[f32]) -> bool {
    let piece: Vec<f32> = piece.iter().map(|&sample| f32::from(sample)).collect();
    let loudness = product(&piece, &piece).sqrt();
    heard.windows(piece.len()).any(|window| {
        let both = loudness * product(window, window).sqrt();
        product(&piece, window) > SAME * both.max(1.0)
    })
}

fn product(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}
