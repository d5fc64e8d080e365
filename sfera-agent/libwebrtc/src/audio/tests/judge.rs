//! How good a sound is, beside the same sound decoded without a network.

use std::fmt;

/// A segment, 30 ms, and how much around it finds its place, samples of 48 kHz.
const SEGMENT: usize = 1_440;
const AROUND: usize = 720;
/// How late sound may be at most: 600 ms.
const LATEST: usize = 28_800;
/// The first search looks at every so manieth sample.
const COARSE: usize = 12;
/// A segment quieter than this is not judged: −45 dB under full scale.
const QUIET: f64 = 184.0;

/// What became of a sound.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verdict {
    /// Mean of the segments' signal-to-noise ratios, each between −10 and 35 dB, after each was found
    /// again in what is heard.
    pub(super) snr: f64,
    /// What part of the segments is below 5 dB.
    pub(super) damaged: f64,
    /// Where the segments are found, from their own time, ms.
    pub(super) median_delay: f64,
    pub(super) longest_delay: f64,
    /// Jumps that the reference doesn't have.
    pub(super) clicks: usize,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (snr, damaged) = (self.snr, self.damaged * 100.0);
        let (median, longest) = (self.median_delay, self.longest_delay);
        let clicks = self.clicks;
        write!(
            f,
            "{snr:5.1} dB {damaged:5.1} % {median:4.0} ms {longest:4.0} ms {clicks:3}"
        )
    }
}

pub(super) fn judge(reference: &[i16], heard: &[i16]) -> Verdict {
    let (coarse_reference, coarse_heard) = (thin(reference), thin(heard));
    let mut ratios = Vec::new();
    let mut delays = Vec::new();
    let (mut start, mut last) = (AROUND, 0);
    while start + SEGMENT + AROUND < reference.len() {
        let segment = &reference[start..start + SEGMENT];
        if energy(segment) / SEGMENT as f64 > QUIET * QUIET {
            let mut best = refine(segment, heard, start, last);
            // Somewhere else than the one before: sound was stretched, or is damaged.
            if best.0 < 25.0 {
                let near = find(&coarse_reference, &coarse_heard, start);
                let found = refine(segment, heard, start, near);
                best = if found.0 > best.0 { found } else { best };
            }
            let (ratio, delay) = best;
            last = delay;
            ratios.push(ratio);
            // Where nothing is like it, its place is a guess.
            if ratio > 8.0 {
                delays.push(delay as f64 / 48.0);
            }
        }
        start += SEGMENT;
    }
    delays.sort_by(f64::total_cmp);
    let damaged = ratios.iter().filter(|ratio| **ratio < 5.0).count();
    Verdict {
        snr: ratios.iter().sum::<f64>() / ratios.len() as f64,
        damaged: damaged as f64 / ratios.len() as f64,
        median_delay: delays[delays.len() / 2],
        // One in a hundred may be taken for another of its kind.
        longest_delay: delays[delays.len() * 99 / 100],
        clicks: clicks(heard, roughest(reference) * 1.25),
    }
}

fn thin(sound: &[i16]) -> Vec<f32> {
    let mean = |piece: &[i16]| piece.iter().map(|s| f32::from(*s)).sum::<f32>() / COARSE as f32;
    sound.chunks(COARSE).map(mean).collect()
}

/// The delay at which the segment's surroundings are most like what is heard.
fn find(reference: &[f32], heard: &[f32], start: usize) -> usize {
    let from = (start - AROUND) / COARSE;
    let wanted = &reference[from..(start + SEGMENT + AROUND) / COARSE];
    let likeness = |lag: usize| {
        let there = heard
            .get(from + lag..from + lag + wanted.len())
            .unwrap_or(&[]);
        let (mut both, mut own) = (0.0, 1.0);
        for (a, b) in wanted.iter().zip(there) {
            both += a * b;
            own += b * b;
        }
        both / f32::sqrt(own)
    };
    let lags = 0..LATEST / COARSE;
    let best = lags.max_by(|a, b| likeness(*a).total_cmp(&likeness(*b)));
    best.unwrap_or(0) * COARSE
}

fn refine(segment: &[i16], heard: &[i16], start: usize, near: usize) -> (f64, usize) {
    let ratio = |lag: usize| {
        let there = heard.get(start + lag..start + lag + SEGMENT).unwrap_or(&[]);
        let noise: f64 = segment
            .iter()
            .zip(there.iter().chain(std::iter::repeat(&0)))
            .map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2))
            .sum();
        (10.0 * (energy(segment) / noise.max(1.0)).log10()).clamp(-10.0, 35.0)
    };
    let lags = near.saturating_sub(COARSE)..=near + COARSE;
    lags.map(|lag| (ratio(lag), lag))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .unwrap()
}

pub(super) fn energy(sound: &[i16]) -> f64 {
    sound.iter().map(|s| f64::from(*s).powi(2)).sum()
}

/// Bends of the wave, each in proportion to how much the wave bends around it (10 ms).
fn roughness(sound: &[i16]) -> impl Iterator<Item = f64> {
    const REACH: usize = 240;
    let bends: Vec<f64> = sound
        .windows(3)
        .map(|w| f64::from(w[2]) - 2.0 * f64::from(w[1]) + f64::from(w[0]))
        .collect();
    let mut sum: f64 = bends.iter().take(2 * REACH).map(|b| b * b).sum();
    (REACH..bends.len().saturating_sub(REACH)).map(move |n| {
        let value = bends[n].abs() / (30.0 + (sum / (2 * REACH) as f64).max(0.0).sqrt());
        sum += bends[n + REACH].powi(2) - bends[n - REACH].powi(2);
        value
    })
}

pub(super) fn roughest(sound: &[i16]) -> f64 {
    roughness(sound).fold(0.0, f64::max)
}

/// How often the wave bends more sharply than anything that was said; within 5 ms once.
pub(super) fn clicks(sound: &[i16], limit: f64) -> usize {
    let mut last = None;
    let sharp = roughness(sound)
        .enumerate()
        .filter(|(_, value)| *value > limit);
    sharp
        .filter(|(n, _)| {
            let apart = last.is_none_or(|last| n - last > 240);
            last = Some(*n);
            apart
        })
        .count()
}
