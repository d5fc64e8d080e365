use super::{RATE, Segmenter, VadError, VadEvent, VadListener, VadOptions};
use crate::audio::{Frame, Resampler, SampleRate};
use std::fmt;

/// What a [`VadStream`] gives.
#[derive(Clone, Debug, PartialEq)]
pub enum VadOutput {
    /// The next window of the input, at [`RATE`]. Every sample comes once and in order, speech or not.
    Audio {
        /// The sound.
        frame: Frame,
        /// How likely it is speech, 0…1.
        probability: f32,
    },
    /// What the window before changed.
    Event(VadEvent),
}

/// Listens to frames of any rate and size: resamples them to [`RATE`], cuts them into windows, asks
/// the VAD and segments.
///
/// Synchronous: a session calls it for each input frame, and a window costs a small part of its own
/// length. The rate may change in the middle; sound before goes on from the same position.
pub struct VadStream {
    listener: Box<dyn VadListener>,
    segmenter: Segmenter,
    window: usize,
    resampler: Resampler,
    pending: Vec<i16>,
}

impl VadStream {
    /// A stream at its beginning.
    #[must_use]
    pub fn new(listener: Box<dyn VadListener>, options: &VadOptions) -> Self {
        Self {
            window: listener.window().max(1),
            listener,
            segmenter: Segmenter::new(options),
            resampler: Resampler::new(RATE, RATE),
            pending: Vec::new(),
        }
    }

    /// Takes the next frame and hands every complete window, and what it changed, to `out`.
    ///
    /// # Errors
    /// [`VadError`] if the VAD failed. The window it failed on still comes as audio and counts as
    /// silence, the remaining windows wait for the next call: the stream can go on.
    pub fn push(&mut self, frame: &Frame, out: impl FnMut(VadOutput)) -> Result<(), VadError> {
        self.set_rate(frame.rate());
        self.resampler.push(frame.samples(), &mut self.pending);
        self.judge(out)
    }

    /// Ends the stream: the last window is filled up with silence, and speech that is going on ends.
    ///
    /// # Errors
    /// [`VadError`] if the VAD failed, as with [`VadStream::push`].
    pub fn finish(&mut self, mut out: impl FnMut(VadOutput)) -> Result<(), VadError> {
        self.resampler.flush(&mut self.pending);
        let whole = self.pending.len().next_multiple_of(self.window);
        self.pending.resize(whole, 0);
        let judged = self.judge(&mut out);
        if let Some(event) = self.segmenter.finish() {
            out(VadOutput::Event(event));
        }
        judged
    }

    /// Samples at [`RATE`] judged since the stream began: the end of the last audio given.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.segmenter.position()
    }

    /// Whether somebody speaks.
    #[must_use]
    pub const fn speaking(&self) -> bool {
        self.segmenter.speaking()
    }

    fn set_rate(&mut self, rate: SampleRate) {
        if self.resampler.from() != rate {
            self.resampler.flush(&mut self.pending);
            self.resampler = Resampler::new(rate, RATE);
        }
    }

    fn judge(&mut self, mut out: impl FnMut(VadOutput)) -> Result<(), VadError> {
        let whole = self.pending.len() / self.window * self.window;
        let mut done = 0;
        let mut failed = None;
        while done < whole && failed.is_none() {
            let samples = &self.pending[done..done + self.window];
            done += self.window;
            let probability = self.listener.probability(samples).unwrap_or_else(|error| {
                failed = Some(error);
                0.0
            });
            let frame = Frame::new(RATE, samples);
            out(VadOutput::Audio { frame, probability });
            if let Some(event) = self.segmenter.push(probability, self.window) {
                out(VadOutput::Event(event));
            }
        }
        self.pending.drain(..done);
        failed.map_or(Ok(()), Err)
    }
}

impl fmt::Debug for VadStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VadStream")
            .field("segmenter", &self.segmenter)
            .field("resampler", &self.resampler)
            .field("pending", &self.pending.len())
            .finish_non_exhaustive()
    }
}
