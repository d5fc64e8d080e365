//! libopus as a source of sound: what was sent, what may have been, and how silence sounds there.

use opus::{Channels, Decoder};

use super::{MS, playout::Playout};
use crate::audio::{
    CLOCK,
    opus_packet::{self, LONGEST},
};

/// Invented sound fades from so long after the last real sound, and is gone then, in samples: NetEQ
/// and libopus agree that more than a syllable can't be guessed.
const FADE_FROM: i64 = 60 * MS;
const FADE_TO: i64 = 200 * MS;
/// Real sound comes back over this many samples.
const RISE: f32 = 240.0;
/// Comfort noise below this peak is none.
const INAUDIBLE: u16 = 4;

/// Decodes into a playout. It begins with one channel, which takes half the time of two, and has two
/// from the first stereo packet on.
pub(super) struct Decoding {
    decoder: Option<Decoder>,
    channels: usize,
    sound: Vec<i16>,
    /// How loud sound comes out now, 0 to 1.
    gain: f32,
    /// Samples of one channel invented since the last real ones.
    invented: i64,
    /// Comfort noise is so quiet that it need not be made.
    still: bool,
    /// For tests: invented sound is silence.
    #[cfg(test)]
    pub(super) mute_invented: bool,
}

impl Decoding {
    pub(super) fn new() -> Self {
        Self {
            decoder: None,
            channels: 1,
            sound: Vec::new(),
            gain: 1.0,
            invented: 0,
            still: false,
            #[cfg(test)]
            mute_invented: false,
        }
    }

    /// Makes room for the packet's channels and answers whether that changed anything.
    pub(super) fn prepare(&mut self, payload: &[u8]) -> bool {
        let stereo = opus_packet::is_stereo(payload);
        let widen = stereo && self.channels == 1;
        if widen || self.decoder.is_none() {
            self.channels = if stereo { 2 } else { self.channels };
            let layout = if self.channels == 2 {
                Channels::Stereo
            } else {
                Channels::Mono
            };
            self.decoder = Decoder::new(CLOCK, layout)
                .inspect_err(|error| log::error!("sound can't be decoded: {error}"))
                .ok();
        }
        widen
    }

    pub(super) const fn channels(&self) -> usize {
        self.channels
    }

    /// Samples of one channel invented since the last real ones.
    pub(super) const fn invented(&self) -> i64 {
        self.invented
    }

    /// Whether invented sound has faded to nothing.
    pub(super) const fn is_silent(&self) -> bool {
        self.invented >= FADE_TO
    }

    /// Decodes a packet and answers its samples of one channel; None where it is none.
    pub(super) fn decode(&mut self, payload: &[u8], out: &mut Playout) -> Option<i64> {
        let samples = self.run(payload, LONGEST, false)?;
        self.real(out);
        Some(samples)
    }

    /// Decodes the copy in the next packet of what was lost before it.
    pub(super) fn recover(&mut self, next: &[u8], lost: i64, out: &mut Playout) -> Option<i64> {
        let samples = self.run(next, lost as usize, true)?;
        self.real(out);
        Some(samples)
    }

    /// Invents sound, which fades the longer nothing real comes.
    pub(super) fn invent(&mut self, samples: i64, out: &mut Playout) {
        let before = self.invented;
        self.invented += samples;
        let made = if before >= FADE_TO {
            None
        } else {
            self.run(&[], samples as usize, false)
        };
        #[cfg(test)]
        let made = made.filter(|_| !self.mute_invented);
        if made.is_none() {
            self.gain = 0.0;
            out.append_silence(samples as usize);
            return;
        }
        let step = 1.0 / (FADE_TO - FADE_FROM) as f32;
        let start = (before - FADE_FROM).max(0) as f32;
        let slow = if self.invented > FADE_FROM { step } else { 0.0 };
        for (n, frame) in self.sound.chunks_exact_mut(self.channels).enumerate() {
            let gain = (1.0 - step * start - slow * n as f32).clamp(0.0, 1.0);
            scale(frame, gain);
            self.gain = gain;
        }
        out.append(&self.sound);
    }

    /// Goes on with the noise that the sender heard before it fell silent.
    pub(super) fn comfort(&mut self, samples: i64, out: &mut Playout) {
        if self.still || self.run(&[], samples as usize, false).is_none() {
            out.append_silence(samples as usize);
            return;
        }
        let peak = self.sound.iter().map(|s| s.unsigned_abs()).max();
        self.still = peak.unwrap_or_default() <= INAUDIBLE;
        self.rise();
        out.append(&self.sound);
    }

    fn real(&mut self, out: &mut Playout) {
        self.invented = 0;
        self.still = false;
        self.rise();
        out.append(&self.sound);
    }

    /// Lets sound come back where it had faded.
    fn rise(&mut self) {
        if self.gain >= 1.0 {
            return;
        }
        for frame in self.sound.chunks_exact_mut(self.channels) {
            scale(frame, self.gain);
            self.gain = (self.gain + 1.0 / RISE).min(1.0);
        }
    }

    /// Fills `sound` with at most `samples`.
    fn run(&mut self, payload: &[u8], samples: usize, copy: bool) -> Option<i64> {
        self.sound.clear();
        self.sound.resize(samples.min(LONGEST) * self.channels, 0);
        let decoder = self.decoder.as_mut()?;
        let made = decoder.decode(payload, &mut self.sound, copy);
        let made = made
            .inspect_err(|error| log::debug!("a packet that can't be decoded: {error}"))
            .ok()?;
        self.sound.truncate(made * self.channels);
        Some(made as i64)
    }
}

fn scale(frame: &mut [i16], gain: f32) {
    for sample in frame {
        *sample = (f32::from(*sample) * gain) as i16;
    }
}
