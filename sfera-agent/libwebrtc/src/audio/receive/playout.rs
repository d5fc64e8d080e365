//! Decoded sound that is about to be played, and the last that was.

/// How much played sound is kept, samples of one channel: two of the longest periods of a voice.
const HISTORY: usize = 1_440;
/// Played sound is thrown away in pieces of this many samples of one channel.
const PIECE: usize = 9_600;

/// Interleaved samples with a place where playing goes on.
pub(super) struct Playout {
    channels: usize,
    samples: Vec<i16>,
    /// Where playing goes on, in samples of all channels.
    at: usize,
}

impl Playout {
    pub(super) const fn new(channels: usize) -> Self {
        Self {
            channels,
            samples: Vec::new(),
            at: 0,
        }
    }

    pub(super) const fn channels(&self) -> usize {
        self.channels
    }

    /// Samples of one channel that are ready.
    pub(super) const fn ready(&self) -> usize {
        (self.samples.len() - self.at) / self.channels
    }

    /// Samples of one channel that were played and are still there.
    pub(super) const fn played(&self) -> usize {
        self.at / self.channels
    }

    pub(super) fn append(&mut self, samples: &[i16]) {
        self.samples.extend_from_slice(samples);
    }

    pub(super) fn append_silence(&mut self, samples: usize) {
        let length = self.samples.len() + samples * self.channels;
        self.samples.resize(length, 0);
    }

    /// Plays into `out`, which is stereo. What is missing is silence.
    pub(super) fn play(&mut self, out: &mut [i16]) {
        let frames = out.len() / 2;
        let count = frames.min(self.ready());
        let end = self.at + count * self.channels;
        let ready = self.samples.get(self.at..end).unwrap_or_default();
        let (filled, missing) = out.split_at_mut(count * 2);
        if self.channels == 2 {
            filled.copy_from_slice(ready);
        } else {
            for (both, one) in filled.chunks_exact_mut(2).zip(ready) {
                both.fill(*one);
            }
        }
        missing.fill(0);
        self.at = end;
        if self.played() > HISTORY + PIECE {
            let drop = (self.played() - HISTORY) * self.channels;
            self.samples.drain(..drop);
            self.at -= drop;
        }
    }

    pub(super) fn clear(&mut self) {
        self.samples.clear();
        self.at = 0;
    }

    /// All samples, and where playing goes on among them.
    pub(super) const fn parts(&mut self) -> (&mut Vec<i16>, &mut usize) {
        (&mut self.samples, &mut self.at)
    }
}
