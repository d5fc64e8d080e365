use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc, time::Duration};

/// Samples per second, 8,000 to 192,000 Hz.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct SampleRate(u32);

/// The rate is outside 8,000…192,000 Hz.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} Hz is not supported: use 8000 to 192000 Hz")]
pub struct UnsupportedRate(pub u32);

impl SampleRate {
    /// 16 kHz: what VAD and STT listen to.
    pub const HZ_16000: Self = Self(16_000);
    /// 24 kHz: what many cloud voices speak.
    pub const HZ_24000: Self = Self(24_000);
    /// 48 kHz: what rooms and sound cards use.
    pub const HZ_48000: Self = Self(48_000);

    /// Checks the rate.
    ///
    /// # Errors
    /// [`UnsupportedRate`] outside 8,000…192,000 Hz.
    pub const fn new(hz: u32) -> Result<Self, UnsupportedRate> {
        match hz {
            8_000..=192_000 => Ok(Self(hz)),
            _ => Err(UnsupportedRate(hz)),
        }
    }

    /// Samples per second.
    #[must_use]
    pub const fn hz(self) -> u32 {
        self.0
    }

    /// How long `samples` last.
    #[must_use]
    pub const fn duration(self, samples: u64) -> Duration {
        Duration::from_nanos((samples as u128 * 1_000_000_000 / self.0 as u128) as u64)
    }

    /// How many whole samples fit into `duration`.
    #[must_use]
    pub const fn samples(self, duration: Duration) -> u64 {
        (duration.as_nanos() * self.0 as u128 / 1_000_000_000) as u64
    }
}

impl TryFrom<u32> for SampleRate {
    type Error = UnsupportedRate;
    fn try_from(hz: u32) -> Result<Self, Self::Error> {
        Self::new(hz)
    }
}

impl From<SampleRate> for u32 {
    fn from(rate: SampleRate) -> Self {
        rate.0
    }
}

impl fmt::Display for SampleRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} Hz", self.0)
    }
}

/// A piece of mono sound: 16-bit samples at one rate. Cloning shares the samples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    rate: SampleRate,
    samples: Arc<[i16]>,
}

impl Frame {
    /// A frame of these samples.
    #[must_use]
    pub fn new(rate: SampleRate, samples: impl Into<Arc<[i16]>>) -> Self {
        Self {
            rate,
            samples: samples.into(),
        }
    }

    /// A frame of digital silence lasting `duration`.
    #[must_use]
    pub fn silence(rate: SampleRate, duration: Duration) -> Self {
        Self::new(rate, vec![0; rate.samples(duration) as usize])
    }

    /// Samples per second.
    #[must_use]
    pub const fn rate(&self) -> SampleRate {
        self.rate
    }

    /// The samples, −32,768…32,767.
    #[must_use]
    pub fn samples(&self) -> &[i16] {
        &self.samples
    }

    /// How long the frame lasts.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.rate.duration(self.samples.len() as u64)
    }
}
