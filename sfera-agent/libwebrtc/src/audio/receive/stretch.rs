//! Playing faster or slower without changing the pitch: one period of the voice is left out or played
//! twice, faded over where it is most like its neighbour (waveform-similarity overlap-add).

use super::{MS, playout::Playout};

/// Periods of a voice, samples of one channel: 400 to 67 Hz.
const SHORTEST: usize = 120;
const LONGEST: usize = 720;
/// How much is compared, samples of one channel.
const WINDOW: usize = 480;
/// Every how manieth sample is looked at in the first search.
const COARSE: usize = 6;
/// How alike two periods must be, at a normal pace and in a hurry (NetEQ: 0.9 and 0.5).
const ALIKE: f32 = 0.9;
const ROUGHLY_ALIKE: f32 = 0.5;
/// Below this mean square nobody hears a seam: −50 dBov, as sample values.
const QUIET: f32 = 10_700.0;

/// What a stretch needs to have ready, samples of one channel.
pub(super) const NEEDED: usize = LONGEST + WINDOW;

/// Leaves out one period at the place where playing goes on, and answers its length in samples of one
/// channel; 0 where nothing there repeats.
pub(super) fn shorten(playout: &mut Playout, hurry: bool) -> usize {
    let channels = playout.channels();
    if playout.ready() < NEEDED {
        return 0;
    }
    let (samples, at) = playout.parts();
    let Some(ahead) = samples.get(*at..) else {
        return 0;
    };
    let here = |n: usize| mono(ahead, channels, n);
    let threshold = if hurry { ROUGHLY_ALIKE } else { ALIKE };
    let Some(period) = period(threshold, LONGEST, |n, lag| (here(n), here(n + lag))) else {
        return 0;
    };
    let fade = period.min(WINDOW);
    for n in 0..fade {
        let weight = (n + 1) as f32 / (fade + 1) as f32;
        for channel in 0..channels {
            let from = *at + n * channels + channel;
            mix(
                samples,
                from,
                from + period * channels,
                weight,
                from + period * channels,
            );
        }
    }
    // What was played stays just behind what comes.
    let kept = *at;
    samples.copy_within(..kept, period * channels);
    samples.drain(..period * channels);
    period
}

/// Plays the last period once more, and answers its length in samples of one channel; 0 where nothing
/// there repeats.
pub(super) fn lengthen(playout: &mut Playout) -> usize {
    let channels = playout.channels();
    let longest = LONGEST.min(playout.ready()).min(playout.played());
    if longest < SHORTEST || playout.ready() < WINDOW {
        return 0;
    }
    let (samples, at) = playout.parts();
    let start = *at;
    let here = |n: usize, lag: usize| {
        let before = start - lag * channels;
        let ahead = samples.get(start..).unwrap_or_default();
        let behind = samples.get(before..).unwrap_or_default();
        (mono(ahead, channels, n), mono(behind, channels, n))
    };
    let Some(period) = period(ALIKE, longest, here) else {
        return 0;
    };
    let inserted = period * channels;
    let again: Vec<i16> = samples
        .get(start - inserted..start)
        .unwrap_or_default()
        .to_vec();
    samples.splice(start..start, again);
    // The repeated period begins as the one that would have come.
    let fade = period.min(WINDOW);
    for n in 0..fade {
        let weight = (n + 1) as f32 / (fade + 1) as f32;
        for channel in 0..channels {
            let to = start + n * channels + channel;
            mix(samples, to + inserted, to, weight, to);
        }
    }
    period
}

/// `samples[out] = samples[from] × (1 − weight) + samples[to] × weight`.
fn mix(samples: &mut [i16], from: usize, to: usize, weight: f32, out: usize) {
    let get = |n: usize| f32::from(samples.get(n).copied().unwrap_or_default());
    let mixed = get(from) * (1.0 - weight) + get(to) * weight;
    if let Some(sample) = samples.get_mut(out) {
        *sample = mixed.round() as i16;
    }
}

fn mono(samples: &[i16], channels: usize, n: usize) -> f32 {
    let at = n * channels;
    let frame = samples.get(at..at + channels).unwrap_or_default();
    frame.iter().map(|s| f32::from(*s)).sum()
}

/// The lag at which both sides of `pair` are most alike, if that is enough.
fn period(
    threshold: f32,
    longest: usize,
    pair: impl Fn(usize, usize) -> (f32, f32),
) -> Option<usize> {
    let best = |lags: &mut dyn Iterator<Item = usize>, step: usize| {
        lags.map(|lag| (lag, likeness(lag, step, &pair)))
            .max_by(|a, b| a.1.0.total_cmp(&b.1.0))
    };
    let (coarse, (_, energy)) = best(&mut (SHORTEST..=longest).step_by(COARSE), COARSE)?;
    // Where it is quiet any cut will do, and the longest saves most.
    if energy < QUIET {
        return Some(longest);
    }
    let low = coarse.saturating_sub(COARSE).max(SHORTEST);
    let high = (coarse + COARSE).min(longest);
    let (lag, (alike, _)) = best(&mut (low..=high), 2)?;
    (alike >= threshold).then_some(lag)
}

/// How alike two stretches are, 1 being the same, and the louder one's mean square.
fn likeness(lag: usize, step: usize, pair: impl Fn(usize, usize) -> (f32, f32)) -> (f32, f32) {
    let (mut both, mut one, mut other) = (0.0, 1.0, 1.0);
    for n in (0..WINDOW).step_by(step) {
        let (a, b) = pair(n, lag);
        both += a * b;
        one += a * a;
        other += b * b;
    }
    let count = WINDOW.div_ceil(step) as f32;
    (both / (one * other).sqrt(), one.max(other) / count)
}

/// How long after a stretch the next one may come, samples of one channel.
pub(super) const PAUSE: i64 = 100 * MS;
