//! Twenty milliseconds of a source at the codec's rate, whatever the source has.

use super::FRAME;
use crate::{
    RtcError,
    audio::{
        CLOCK, Reader,
        resample::{Converter, Format},
    },
};

/// Sound that ends in the middle of a wave fades with this factor a sample: to a thousandth in 3 ms.
const FADE: f32 = 0.95;
/// Samples of silence before the first ones, 1 ms: a filter's first block gives a little less than the
/// others, and 10 ms more would be held for it.
const FIRST: usize = 48;
/// Steps of 10 ms that give 20 ms at any rate.
const MOST_STEPS: usize = 4;

pub(super) struct Intake {
    reader: Reader,
    converter: Converter,
    channels: usize,
    /// Samples of all channels in 10 ms of the source.
    tenth: usize,
    playing: bool,
    /// Whether sound that began with less than 20 ms was already waited for once.
    waited: bool,
    /// Frames since the source gave anything.
    empty: usize,
    taken: Vec<i16>,
    /// The last sample of each channel.
    last: Vec<i16>,
    /// Converted samples beyond the last 20 ms, a few.
    ready: Vec<i16>,
}

impl Intake {
    pub(super) fn new(reader: Reader, channels: usize) -> Result<Self, RtcError> {
        let from = Format {
            rate: reader.queue().sample_rate(),
            channels: reader.queue().num_channels() as usize,
        };
        let to = Format {
            rate: CLOCK,
            channels,
        };
        Ok(Self {
            converter: Converter::new(from, to)?,
            reader,
            channels,
            tenth: from.tenth(),
            playing: false,
            waited: false,
            empty: 1,
            taken: Vec::new(),
            last: vec![0; from.channels],
            ready: Vec::new(),
        })
    }

    pub(super) const fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Appends 20 ms to `out` and answers whether there is anything to hear in them.
    pub(super) fn next(&mut self, out: &mut Vec<i16>) -> bool {
        let wanted = FRAME * self.channels;
        let began = self.playing;
        self.playing = self.plays();
        self.empty = if self.playing { 0 } else { self.empty + 1 };
        // The filter's end of the last sound comes out with the first empty frame.
        if self.empty > 1 {
            self.ready.clear();
            out.resize(wanted, 0);
            return false;
        }
        if self.playing && !began {
            // A filter may give a sample less at first.
            self.ready.resize(FIRST * self.channels, 0);
        }
        for _ in 0..MOST_STEPS {
            if self.ready.len() >= wanted {
                break;
            }
            self.step();
        }
        let count = wanted.min(self.ready.len());
        out.extend(self.ready.drain(..count));
        out.resize(wanted, 0);
        true
    }

    /// Takes 10 ms from the queue, or what there is.
    fn step(&mut self) {
        self.taken.clear();
        if self.playing {
            self.reader.take(self.tenth, &mut self.taken);
        }
        fade(&self.last, self.tenth, &mut self.taken);
        let tail = self.taken.len().saturating_sub(self.last.len());
        self.last
            .copy_from_slice(self.taken.get(tail..).unwrap_or_default());
        if self.reader.is_first() {
            let sinks = self.reader.queue().sinks();
            sinks.deliver(&self.taken, self.converter.from());
        }
        self.converter.push(&self.taken, &mut self.ready);
    }

    /// Sound begins when there is a whole frame of it, or when what there is has waited once; it goes
    /// on while there is any.
    fn plays(&mut self) -> bool {
        let waiting = self.reader.len();
        if waiting == 0 || self.playing {
            self.waited = false;
            return waiting > 0;
        }
        let enough = waiting >= 2 * self.tenth || self.waited;
        self.waited = !enough;
        enough
    }
}

/// Fills up to `wanted` with the last samples, fading: a wave cut short would click. `last` are those
/// before `out`, one of each channel.
fn fade(last: &[i16], wanted: usize, out: &mut Vec<i16>) {
    while out.len() < wanted {
        let before = match out.len().checked_sub(last.len()) {
            Some(n) => out.get(n),
            None => last.get(out.len()),
        };
        let faded = before.map_or(0.0, |s| f32::from(*s) * FADE);
        out.push(faded as i16);
    }
}
