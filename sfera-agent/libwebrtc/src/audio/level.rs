//! How loud a sound is.

/// The mean square of samples, 1 being that of a square wave of full scale.
pub(crate) fn mean_square(samples: &[i16]) -> f64 {
    if samples.is_empty() {
        return 0.0;
    }
    let sum: i64 = samples.iter().map(|s| i64::from(*s) * i64::from(*s)).sum();
    sum as f64 / samples.len() as f64 / (32_768.0 * 32_768.0)
}

/// A mean square in whole decibels under full scale, as RFC 6464 sends it: 0 to −127 dBov.
pub(crate) fn dbov(mean_square: f64) -> i8 {
    if mean_square <= 0.0 {
        return -127;
    }
    (10.0 * mean_square.log10()).round().clamp(-127.0, 0.0) as i8
}
