use super::{Frame, SampleRate};
use rubato::{
    Async, FixedAsync, Indexing, Resampler as _, SincInterpolationParameters,
    SincInterpolationType, WindowFunction, audioadapter_buffers::direct::SequentialSlice,
};
use std::fmt;

/// Changes the rate of a mono stream: band-limited sinc interpolation, any rate to any rate.
///
/// Output sample `n` is the input at `n / to` seconds: the filter's delay is taken out, so positions
/// in the output can be read as times of the input. Results do not depend on how the input is cut
/// into pieces. Sound comes out at most [`Resampler::latency`] after it went in. Where both rates are
/// equal, samples pass unchanged and at once.
pub struct Resampler {
    from: SampleRate,
    to: SampleRate,
    sinc: Option<Box<Sinc>>,
}

impl Resampler {
    /// A resampler for one stream.
    #[must_use]
    pub fn new(from: SampleRate, to: SampleRate) -> Self {
        Self {
            from,
            to,
            sinc: (from != to).then(|| Box::new(Sinc::new(from, to))),
        }
    }

    /// The rate that goes in.
    #[must_use]
    pub const fn from(&self) -> SampleRate {
        self.from
    }

    /// The rate that comes out.
    #[must_use]
    pub const fn to(&self) -> SampleRate {
        self.to
    }

    /// How long a sample waits inside, at most: one block of 5 ms and half the filter.
    #[must_use]
    pub fn latency(&self) -> std::time::Duration {
        self.sinc.as_ref().map_or_else(Default::default, |sinc| {
            self.from.duration(sinc.block() as u64 + 1) + self.to.duration(sinc.delay + 1)
        })
    }

    /// Takes the next samples and appends what is ready to `out`.
    pub fn push(&mut self, samples: &[i16], out: &mut Vec<i16>) {
        match &mut self.sinc {
            None => out.extend_from_slice(samples),
            Some(sinc) => sinc.push(samples, out),
        }
    }

    /// Ends the stream: appends what is still inside, after which exactly
    /// ⌈samples in × to ÷ from⌉ samples came out. The resampler is then ready for a new stream.
    pub fn flush(&mut self, out: &mut Vec<i16>) {
        if let Some(sinc) = &mut self.sinc {
            sinc.flush(out);
        }
    }

    /// Forgets the stream so far; the next samples begin a new one.
    pub fn reset(&mut self) {
        if let Some(sinc) = &mut self.sinc {
            sinc.reset();
        }
    }

    /// A whole sound at another rate.
    #[must_use]
    pub fn convert(frame: &Frame, to: SampleRate) -> Frame {
        if frame.rate() == to {
            return frame.clone();
        }
        let mut resampler = Self::new(frame.rate(), to);
        let mut out = Vec::new();
        resampler.push(frame.samples(), &mut out);
        resampler.flush(&mut out);
        Frame::new(to, out)
    }
}

impl fmt::Debug for Resampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Resampler({} → {})", self.from, self.to)
    }
}

/// Taps of the filter at the lower of both rates: flat to 0.9 of its band, aliases below −90 dB.
const TAPS: usize = 128;

/// Where a table of this many taps (512 kB) holds a filter for every phase between both rates, each
/// output sample has its exact one; odder ratios interpolate between fewer.
const TABLE: usize = 131_072;

struct Sinc {
    inner: Async<f32>,
    from: u64,
    to: u64,
    /// Collects one block.
    input: Vec<f32>,
    output: Vec<f32>,
    /// Samples in and out since the stream began, and output samples still to be dropped.
    taken: u64,
    given: u64,
    skip: u64,
    delay: u64,
}

impl Sinc {
    fn new(from: SampleRate, to: SampleRate) -> Self {
        let (from, to) = (from.hz(), to.hz());
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
        let block = from as usize / 200;
        let ratio = f64::from(to) / f64::from(from);
        let inner = Async::new_sinc(ratio, 1.0, &filter, block, 1, FixedAsync::Input)
            .unwrap_or_else(|error| unreachable!("any two rates have a valid ratio: {error}"));
        let delay = inner.output_delay() as u64;
        Self {
            output: vec![0.0; inner.output_frames_max()],
            inner,
            from: from.into(),
            to: to.into(),
            input: Vec::with_capacity(block),
            taken: 0,
            given: 0,
            skip: delay,
            delay,
        }
    }

    fn push(&mut self, mut samples: &[i16], out: &mut Vec<i16>) {
        self.taken += samples.len() as u64;
        while !samples.is_empty() {
            let free = self.block() - self.input.len();
            let (now, later) = samples.split_at(free.min(samples.len()));
            self.input.extend(now.iter().map(|s| f32::from(*s)));
            samples = later;
            if self.input.len() == self.block() {
                self.run(out, u64::MAX);
            }
        }
    }

    fn flush(&mut self, out: &mut Vec<i16>) {
        let total = (self.taken * self.to).div_ceil(self.from);
        while self.given < total {
            self.input.resize(self.block(), 0.0);
            self.run(out, total);
        }
        self.reset();
    }

    fn reset(&mut self) {
        self.inner.reset();
        self.input.clear();
        self.taken = 0;
        self.given = 0;
        self.skip = self.delay;
    }

    fn block(&self) -> usize {
        self.inner.input_frames_max()
    }

    /// Filters one full block; `total` bounds what the stream may give in all.
    fn run(&mut self, out: &mut Vec<i16>, total: u64) {
        let made = self.filter();
        self.input.clear();
        let skipped = self.skip.min(made as u64);
        self.skip -= skipped;
        let wanted = (total - self.given).min(made as u64 - skipped);
        let ready = &self.output[skipped as usize..(skipped + wanted) as usize];
        out.extend(ready.iter().map(|s| s.round() as i16));
        self.given += wanted;
    }

    fn filter(&mut self) -> usize {
        let (frames_in, frames_out) = (self.input.len(), self.output.len());
        let input = SequentialSlice::new(self.input.as_slice(), 1, frames_in);
        let output = SequentialSlice::new_mut(self.output.as_mut_slice(), 1, frames_out);
        let (Ok(input), Ok(mut output)) = (input, output) else {
            unreachable!("a slice has its own length");
        };
        self.inner
            .process_into_buffer(&input, &mut output, Some(&Indexing::new()))
            .unwrap_or_else(|error| unreachable!("both buffers have the filter's size: {error}"))
            .1
    }
}

const fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::Level;
    use proptest::prelude::*;

    fn rate(hz: u32) -> SampleRate {
        SampleRate::new(hz).unwrap()
    }

    fn sine(at: SampleRate, hz: f64, samples: usize) -> Vec<i16> {
        let step = std::f64::consts::TAU * hz / f64::from(at.hz());
        (0..samples)
            .map(|n| ((n as f64 * step).sin() * 20_000.0).round() as i16)
            .collect()
    }

    fn convert(samples: &[i16], from: SampleRate, to: SampleRate) -> Vec<i16> {
        Resampler::convert(&Frame::new(from, samples), to)
            .samples()
            .to_vec()
    }

    /// Signal over everything else, after fitting the sine's amplitude and phase.
    fn snr(got: &[i16], at: SampleRate, hz: f64) -> f64 {
        let step = std::f64::consts::TAU * hz / f64::from(at.hz());
        // Whole periods, or the fit is not exact.
        let middle = || {
            got.iter()
                .enumerate()
                .skip(got.len() / 4)
                .take(got.len() / 2)
        };
        let (mut sin, mut cos, mut count) = (0.0, 0.0, 0.0);
        for (n, s) in middle() {
            let (a, b) = (n as f64 * step).sin_cos();
            sin += a * f64::from(*s);
            cos += b * f64::from(*s);
            count += 1.0;
        }
        let (sin, cos) = (2.0 * sin / count, 2.0 * cos / count);
        let noise: f64 = middle()
            .map(|(n, s)| {
                let (a, b) = (n as f64 * step).sin_cos();
                (f64::from(*s) - sin * a - cos * b).powi(2)
            })
            .sum();
        10.0 * ((sin * sin + cos * cos) / 2.0 * count / noise).log10()
    }

    const COMMON: [(u32, u32); 11] = [
        (48_000, 16_000),
        (44_100, 16_000),
        (22_050, 16_000),
        (24_000, 16_000),
        (8_000, 16_000),
        (16_000, 48_000),
        (16_000, 44_100),
        (44_100, 48_000),
        (192_000, 8_000),
        (44_101, 16_000),
        (191_999, 8_000),
    ];

    #[test]
    fn a_tone_keeps_its_level_and_stays_clean_up_and_down() {
        for (from, to) in COMMON {
            let (from, to) = (rate(from), rate(to));
            let hz = 1_000.0;
            let got = convert(&sine(from, hz, from.hz() as usize), from, to);
            let snr = snr(&got, to, hz);
            println!("{from} → {to}: SNR {snr:.1} dB");
            assert!(snr > 90.0, "{from} → {to}: {snr:.1} dB");
            let level = Level::of(&got[500..got.len() - 500]).rms_dbfs;
            assert!((level + 7.3).abs() < 0.1, "{from} → {to}: {level} dBFS");
        }
    }

    #[test]
    fn what_the_lower_rate_cannot_carry_is_removed() {
        let (from, to) = (rate(48_000), rate(16_000));
        for hz in [8_600.0, 10_000.0, 15_000.0, 20_000.0] {
            let got = convert(&sine(from, hz, 48_000), from, to);
            let level = Level::of(&got[500..got.len() - 500]).rms_dbfs;
            assert!(level < -80.0, "{hz} Hz leaks at {level} dBFS");
        }
    }

    #[test]
    fn a_sample_stays_at_its_time() {
        for (from, to) in COMMON {
            let (from, to) = (rate(from), rate(to));
            let mut click = vec![0; from.hz() as usize];
            click[from.hz() as usize / 2] = i16::MAX;
            let got = convert(&click, from, to);
            let loudest = (0..got.len())
                .max_by_key(|n| got[*n].unsigned_abs())
                .unwrap();
            let middle = to.hz() as usize / 2;
            let near = 1 + (to.hz() / from.hz()) as usize;
            assert!(loudest.abs_diff(middle) <= near, "{from} → {to}: {loudest}");
        }
    }

    #[test]
    fn loud_sound_is_clipped_not_wrapped() {
        let (from, to) = (rate(8_000), rate(48_000));
        let square: Vec<i16> = (0..8_000)
            .map(|n| if n / 10 % 2 == 0 { i16::MAX } else { i16::MIN })
            .collect();
        let got = convert(&square, from, to);
        let crossings = got.windows(2).filter(|w| (w[0] < 0) != (w[1] < 0)).count();
        assert!(crossings.abs_diff(800) <= 1, "{crossings}");
    }

    #[test]
    fn equal_rates_pass_unchanged_and_at_once() {
        let mut same = Resampler::new(rate(16_000), rate(16_000));
        let mut out = Vec::new();
        same.push(&[1, -2, 3], &mut out);
        assert_eq!(out, [1, -2, 3]);
        same.flush(&mut out);
        assert_eq!(out, [1, -2, 3]);
        assert!(same.latency().is_zero());
    }

    #[test]
    fn sound_waits_no_longer_than_the_stated_latency() {
        for (from, to) in COMMON {
            let (from, to) = (rate(from), rate(to));
            let mut resampler = Resampler::new(from, to);
            let mut out = Vec::new();
            for n in 1..=from.hz() as u64 / 50 {
                resampler.push(&[1_000], &mut out);
                let (taken, given) = (from.duration(n), to.duration(out.len() as u64));
                let bound = resampler.latency();
                let waits = taken.saturating_sub(given);
                assert!(waits <= bound, "{from} → {to}: {waits:?} > {bound:?}");
            }
            assert!(resampler.latency().as_millis() < 25, "{resampler:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn the_cut_of_the_input_changes_nothing_and_the_length_is_exact(
            from in 8_000u32..=192_000,
            to in prop::sample::select(vec![8_000u32, 16_000, 24_000, 44_100, 48_000]),
            cuts in prop::collection::vec(0usize..2_000, 0..12),
            rest in 0usize..500,
        ) {
            let (from, to) = (rate(from), rate(to));
            let total = cuts.iter().sum::<usize>() + rest;
            let sound = sine(from, 440.0, total);
            let whole = convert(&sound, from, to);
            prop_assert_eq!(
                whole.len() as u64,
                (total as u64 * u64::from(to.hz())).div_ceil(u64::from(from.hz()))
            );
            let mut resampler = Resampler::new(from, to);
            // A stream before must leave no trace.
            for _ in 0..2 {
                let mut out = Vec::new();
                let mut left = sound.as_slice();
                for cut in &cuts {
                    let (now, later) = left.split_at(*cut);
                    resampler.push(now, &mut out);
                    left = later;
                }
                resampler.push(left, &mut out);
                resampler.flush(&mut out);
                prop_assert_eq!(&out, &whole);
            }
        }
    }
}
