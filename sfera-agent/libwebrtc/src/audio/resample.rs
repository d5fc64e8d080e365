//! Rate and channels of a stream.

use rubato::{
    Async, FixedAsync, Indexing, Resampler as _, SincInterpolationParameters,
    SincInterpolationType, WindowFunction, audioadapter_buffers::direct::InterleavedSlice,
};

use crate::RtcError;

/// Taps of the filter at the lower of both rates: flat to 0.9 of its band; half of them, 4 ms at
/// 8 kHz and 1.3 ms at 24 kHz, is what sound waits inside.
const TAPS: usize = 64;
/// Where a table of this many taps (256 kB) holds a filter for every phase between both rates, each
/// output sample has its exact one; odder ratios interpolate between fewer.
const TABLE: usize = 65_536;
/// The lowest and the highest rate.
const RATES: std::ops::RangeInclusive<u32> = 8_000..=192_000;

/// Changes the rate and the channels of one stream of interleaved samples.
pub(crate) struct Converter {
    from: Format,
    to: Format,
    sinc: Option<Box<Sinc>>,
    mixed: Vec<i16>,
}

/// The shape of a stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Format {
    /// Samples a second of one channel, Hz.
    pub(crate) rate: u32,
    /// Channels, interleaved.
    pub(crate) channels: usize,
}

impl Format {
    /// Samples of all channels in 10 ms.
    pub(crate) const fn tenth(self) -> usize {
        self.rate as usize / 100 * self.channels
    }
}

impl Converter {
    /// # Errors
    /// Where a rate is out of 8 to 192 kHz.
    pub(crate) fn new(from: Format, to: Format) -> Result<Self, RtcError> {
        check_rate(from.rate)?;
        check_rate(to.rate)?;
        if from.channels == 0 || to.channels == 0 {
            return Err(RtcError::state("sound without channels can't be resampled"));
        }
        // Mixed down before, or spread after, so that fewer channels are filtered.
        let channels = from.channels.min(to.channels);
        let sinc = (from.rate != to.rate).then(|| Sinc::new(from.rate, to.rate, channels));
        Ok(Self {
            from,
            to,
            sinc: sinc.transpose()?.map(Box::new),
            mixed: Vec::new(),
        })
    }

    pub(crate) const fn from(&self) -> Format {
        self.from
    }

    pub(crate) const fn to(&self) -> Format {
        self.to
    }

    /// Takes the next samples and appends what is ready to `out`.
    pub(crate) fn push(&mut self, samples: &[i16], out: &mut Vec<i16>) {
        let channels = self.from.channels.min(self.to.channels);
        let Some(sinc) = &mut self.sinc else {
            remix(samples, self.from.channels, self.to.channels, out);
            return;
        };
        self.mixed.clear();
        remix(samples, self.from.channels, channels, &mut self.mixed);
        if channels == self.to.channels {
            sinc.push(&self.mixed, out);
        } else {
            let mixed = std::mem::take(&mut self.mixed);
            let mut resampled = Vec::new();
            sinc.push(&mixed, &mut resampled);
            remix(&resampled, channels, self.to.channels, out);
            self.mixed = mixed;
        }
    }
}

/// # Errors
/// Where a rate is out of 8 to 192 kHz.
pub(crate) fn check_rate(rate: u32) -> Result<(), RtcError> {
    if RATES.contains(&rate) {
        return Ok(());
    }
    Err(RtcError::state(format!(
        "sound of {rate} Hz can't be resampled: use 8000 to 192000 Hz"
    )))
}

/// Appends `samples` with another number of channels: one channel goes to all, many go to one by
/// their mean, else the first ones are kept and the last one repeated.
pub(crate) fn remix(samples: &[i16], from: usize, to: usize, out: &mut Vec<i16>) {
    if from == to {
        out.extend_from_slice(samples);
        return;
    }
    out.reserve(samples.len() / from * to);
    for frame in samples.chunks_exact(from) {
        match (frame, to) {
            ([one], _) => out.extend(std::iter::repeat_n(*one, to)),
            (all, 1) => {
                let sum: i32 = all.iter().map(|s| i32::from(*s)).sum();
                out.push((sum / from as i32) as i16);
            }
            (all, _) => {
                let last = all.last().copied().unwrap_or_default();
                let rest = std::iter::repeat(last);
                out.extend(all.iter().copied().chain(rest).take(to));
            }
        }
    }
}

struct Sinc {
    inner: Async<f32>,
    channels: usize,
    /// Collects one block of 10 ms.
    input: Vec<f32>,
    output: Vec<f32>,
    /// Samples in a row that were exactly zero, of all channels.
    zeros: usize,
}

impl Sinc {
    fn new(from: u32, to: u32, channels: usize) -> Result<Self, RtcError> {
        let slower = from.div_ceil(to) as usize;
        let taps = TAPS * slower;
        let exact = (to / gcd(from, to)) as usize;
        let (phases, interpolation) = if exact * taps <= TABLE {
            (exact, SincInterpolationType::Nearest)
        } else {
            ((128 / slower).max(16), SincInterpolationType::Cubic)
        };
        let filter = SincInterpolationParameters::new(taps, WindowFunction::BlackmanHarris2)
            .oversampling_factor(phases)
            .interpolation(interpolation);
        let block = (from / 100) as usize;
        let ratio = f64::from(to) / f64::from(from);
        let inner = Async::new_sinc(ratio, 1.0, &filter, block, channels, FixedAsync::Input)
            .map_err(RtcError::internal)?;
        Ok(Self {
            output: vec![0.0; inner.output_frames_max() * channels],
            input: Vec::with_capacity(block * channels),
            inner,
            channels,
            zeros: 0,
        })
    }

    fn push(&mut self, mut samples: &[i16], out: &mut Vec<i16>) {
        let block = self.inner.input_frames_max() * self.channels;
        while !samples.is_empty() {
            let free = block - self.input.len();
            let (now, later) = samples.split_at(free.min(samples.len()));
            self.input.extend(now.iter().map(|s| f32::from(*s)));
            samples = later;
            if self.input.len() == block {
                self.run(out);
                self.input.clear();
            }
        }
    }

    /// Filters one full block.
    fn run(&mut self, out: &mut Vec<i16>) {
        let silent = self.input.iter().all(|s| *s == 0.0);
        self.zeros = if silent {
            self.zeros + self.input.len()
        } else {
            0
        };
        // Silence after silence needs no filter: two blocks ago the last sound left it.
        if self.zeros > 2 * self.input.len() {
            let frames = self.inner.output_frames_next();
            out.extend(std::iter::repeat_n(0, frames * self.channels));
            return;
        }
        let frames = self.input.len() / self.channels;
        let room = self.output.len() / self.channels;
        let input = InterleavedSlice::new(self.input.as_slice(), self.channels, frames);
        let output = InterleavedSlice::new_mut(self.output.as_mut_slice(), self.channels, room);
        let (Ok(input), Ok(mut output)) = (input, output) else {
            return;
        };
        let made = self
            .inner
            .process_into_buffer(&input, &mut output, Some(&Indexing::new()));
        let made = made.map_or(0, |(_, made)| made) * self.channels;
        out.extend(self.output.iter().take(made).map(|s| s.round() as i16));
    }
}

const fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}
