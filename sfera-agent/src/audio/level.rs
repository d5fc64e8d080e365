use super::Frame;
use std::time::Duration;

/// How loud sound is, in dB relative to full scale: 0 is the loudest a sample can be, −96 silence.
///
/// A sine at full scale has a peak of 0 and an RMS of −3.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// Loudness over the whole time: root mean square.
    pub rms_dbfs: f32,
    /// The loudest sample.
    pub peak_dbfs: f32,
}

impl Level {
    /// Digital silence: the lowest level reported.
    pub const SILENCE: Self = Self {
        rms_dbfs: FLOOR,
        peak_dbfs: FLOOR,
    };

    /// The level of these samples; [`Level::SILENCE`] if there are none.
    #[must_use]
    pub fn of(samples: &[i16]) -> Self {
        let mut sum = Sum::default();
        sum.add(samples);
        sum.level()
    }
}

/// Below one step of a 16-bit sample nothing is measurable.
const FLOOR: f32 = -96.0;

#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    count: u64,
    squares: u64,
    peak: u16,
}

impl Sum {
    fn add(&mut self, samples: &[i16]) {
        for sample in samples {
            let size = sample.unsigned_abs();
            self.squares += u64::from(size) * u64::from(size);
            self.peak = self.peak.max(size);
        }
        self.count += samples.len() as u64;
    }

    fn level(self) -> Level {
        let mean = self.squares as f64 / self.count.max(1) as f64;
        Level {
            rms_dbfs: dbfs(mean.sqrt()),
            peak_dbfs: dbfs(f64::from(self.peak)),
        }
    }
}

fn dbfs(size: f64) -> f32 {
    ((20.0 * (size / 32_768.0).log10()) as f32).max(FLOOR)
}

/// Measures the level of a stream, one reading per time span.
#[derive(Clone, Debug)]
pub struct LevelMeter {
    every: Duration,
    heard: Duration,
    sum: Sum,
}

impl LevelMeter {
    /// A meter that gives a reading about every `every` of sound.
    #[must_use]
    pub fn new(every: Duration) -> Self {
        Self {
            every,
            heard: Duration::ZERO,
            sum: Sum::default(),
        }
    }

    /// Takes the next frame; a reading of everything since the last one, when enough was heard.
    pub fn push(&mut self, frame: &Frame) -> Option<Level> {
        self.sum.add(frame.samples());
        self.heard += frame.duration();
        if self.heard < self.every {
            return None;
        }
        let level = self.sum.level();
        *self = Self::new(self.every);
        Some(level)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::SampleRate;

    #[test]
    fn a_full_scale_sine_measures_minus_three_db_and_silence_the_floor() {
        let sine: Vec<i16> = (0..16_000)
            .map(|n| ((n as f32 * 0.1).sin() * 32_767.0) as i16)
            .collect();
        let level = Level::of(&sine);
        assert!((level.rms_dbfs + 3.01).abs() < 0.05, "{level:?}");
        assert!(level.peak_dbfs.abs() < 0.01, "{level:?}");
        assert_eq!(Level::of(&[0; 100]), Level::SILENCE);
        assert_eq!(Level::of(&[]), Level::SILENCE);
        assert_eq!(Level::of(&[i16::MIN]).peak_dbfs, 0.0);
    }

    #[test]
    fn a_reading_comes_after_each_span_and_forgets_the_one_before() {
        let mut meter = LevelMeter::new(Duration::from_millis(100));
        let loud = Frame::new(SampleRate::HZ_16000, vec![i16::MIN; 800]);
        let quiet = Frame::silence(SampleRate::HZ_16000, Duration::from_millis(50));
        assert_eq!(meter.push(&loud), None);
        assert_eq!(meter.push(&loud).map(|l| l.rms_dbfs), Some(0.0));
        assert_eq!(meter.push(&quiet), None);
        assert_eq!(meter.push(&quiet), Some(Level::SILENCE));
    }
}
