//! The mel filter bank Whisper was trained with: Slaney's scale and normalisation, 16 kHz, 400-point
//! transform.

/// Bins of the transform: 400 / 2 + 1.
pub(super) const BINS: usize = 201;
const HZ_PER_BIN: f64 = 16_000.0 / 400.0;
/// 8 kHz on Slaney's scale.
const MAX_MEL: f64 = 45.245_640_471_924_965;
/// The scale is linear below 1 kHz, 200/3 Hz a mel, and logarithmic above.
const HZ_PER_MEL: f64 = 200.0 / 3.0;
const LOG_FROM_HZ: f64 = 1_000.0;

/// `bands` filters of [`BINS`] weights each, band after band.
///
/// Computed in `f64` and rounded once, as librosa does.
pub(super) fn filters(bands: usize) -> Vec<f32> {
    let edges: Vec<f64> = (0..=bands)
        .map(|n| MAX_MEL / (bands + 1) as f64 * n as f64)
        // The last edge is 8 kHz exactly, whatever the division left over.
        .chain([MAX_MEL])
        .map(hertz)
        .collect();
    edges
        .windows(3)
        .flat_map(|edge| (0..BINS).map(|bin| weight(edge, bin as f64 * HZ_PER_BIN)))
        .collect()
}

fn weight(edge: &[f64], hertz: f64) -> f32 {
    let &[low, centre, high] = edge else {
        return 0.0;
    };
    let rising = (hertz - low) / (centre - low);
    let falling = (high - hertz) / (high - centre);
    let height = rising.min(falling);
    // Not `max`: it may give either sign of zero, and the file's sha256 would see it.
    if height > 0.0 {
        (height * (2.0 / (high - low))) as f32
    } else {
        0.0
    }
}

fn hertz(mel: f64) -> f64 {
    let log_from_mel = LOG_FROM_HZ / HZ_PER_MEL;
    if mel < log_from_mel {
        return HZ_PER_MEL * mel;
    }
    let step = 6.4_f64.ln() / 27.0;
    LOG_FROM_HZ * (step * (mel - log_from_mel)).exp()
}
