//! Judges of sound.

/// Level of samples in dBFS; -120 for silence.
pub fn level(samples: &[i16]) -> f64 {
    let power = samples
        .iter()
        .map(|sample| f64::from(*sample).powi(2))
        .sum::<f64>()
        / samples.len().max(1) as f64;
    if power < 1e-3 {
        -120.0
    } else {
        10.0 * (power / 32_768.0_f64.powi(2)).log10()
    }
}

/// Signal to noise in dB of what should be a sine of `frequency` Hz: what of the power that sine explains.
pub fn tone_snr(samples: &[i16], rate: u32, frequency: f64) -> f64 {
    let step = std::f64::consts::TAU * frequency / f64::from(rate);
    let n = samples.len().max(1) as f64;
    let (mut real, mut imaginary, mut power) = (0.0, 0.0, 0.0);
    for (index, sample) in samples.iter().enumerate() {
        let (sine, cosine) = (step * index as f64).sin_cos();
        let sample = f64::from(*sample);
        real += sample * cosine;
        imaginary += sample * sine;
        power += sample * sample;
    }
    let signal = 2.0 * (real * real + imaginary * imaginary) / (n * n);
    let noise = (power / n - signal).max(1e-9);
    10.0 * (signal / noise).log10()
}

/// The same for each tenth of a second, worst first. A receiver that stretches a sine to catch up shifts
/// its phase, which spoils the figure of the whole and of one window only.
pub fn tone_snr_by_window(samples: &[i16], rate: u32, frequency: f64) -> Vec<f64> {
    let windows = samples.chunks_exact(rate as usize / 10);
    let mut figures: Vec<f64> = windows
        .map(|window| tone_snr(window, rate, frequency))
        .collect();
    figures.sort_by(f64::total_cmp);
    figures
}

/// The frequency in Hz that explains most, searched around `near`.
pub fn frequency(samples: &[i16], rate: u32, near: f64) -> f64 {
    let candidates = (-100..=100).map(|offset| near + f64::from(offset) * 0.1);
    let snr = |frequency: &f64| tone_snr(samples, rate, *frequency);
    candidates
        .max_by(|a, b| snr(a).total_cmp(&snr(b)))
        .unwrap_or(near)
}

/// Stretches of at least `milliseconds` in which every sample is quieter than 16 (-66 dBFS), after the
/// first sound: where each begins, in ms.
pub fn gaps(samples: &[i16], rate: u32, milliseconds: u32) -> Vec<usize> {
    let loud = |sample: &i16| sample.unsigned_abs() >= 16;
    let Some(first) = samples.iter().position(loud) else {
        return Vec::new();
    };
    let last = samples.iter().rposition(loud).unwrap_or(first);
    let longest = (rate * milliseconds / 1000) as usize;
    let (mut found, mut began) = (Vec::new(), None);
    for (index, sample) in samples[first..=last].iter().enumerate() {
        match (loud(sample), began) {
            (false, None) => began = Some(index),
            (true, Some(from)) => {
                if index - from >= longest {
                    found.push((first + from) * 1000 / rate as usize);
                }
                began = None;
            }
            _ => {}
        }
    }
    found
}

/// A sine for `milliseconds`.
pub fn tone(rate: u32, frequency: f64, milliseconds: u32, amplitude: f64) -> Vec<i16> {
    let step = std::f64::consts::TAU * frequency / f64::from(rate);
    let count = rate as usize * milliseconds as usize / 1000;
    (0..count)
        .map(|index| ((step * index as f64).sin() * amplitude) as i16)
        .collect()
}
