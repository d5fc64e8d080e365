//! A piece of sound.

use std::borrow::Cow;

/// A piece of sound: 16-bit samples, channels interleaved.
#[derive(Debug, Clone)]
pub struct AudioFrame<'a> {
    /// The samples: first of every channel, second of every channel, and so on.
    pub data: Cow<'a, [i16]>,
    /// Samples a second of one channel, Hz.
    pub sample_rate: u32,
    /// Channels in `data`.
    pub num_channels: u32,
    /// Samples of one channel in `data`.
    pub samples_per_channel: u32,
}

impl AudioFrame<'_> {
    /// Silence.
    pub fn new(sample_rate: u32, num_channels: u32, samples_per_channel: u32) -> Self {
        let samples = num_channels as usize * samples_per_channel as usize;
        Self {
            data: vec![0; samples].into(),
            sample_rate,
            num_channels,
            samples_per_channel,
        }
    }
}
