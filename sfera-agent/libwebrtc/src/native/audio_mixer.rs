//! Several sounds as one.

use std::collections::HashSet;

use crate::{
    audio::{Format, remix},
    audio_frame::AudioFrame,
};

/// The rate of the mix where no source has another one, Hz.
const LEAST_RATE: u32 = 16_000;
/// The highest rate of a mix, Hz.
const MOST_RATE: u32 = 48_000;

/// Something to be mixed.
pub trait AudioMixerSource {
    /// What tells it from the others.
    fn ssrc(&self) -> i32;
    /// The rate it has, Hz; the mix takes the highest.
    fn preferred_sample_rate(&self) -> u32;
    /// Its next 10 ms, at the rate asked for; None where it is silent. A frame of another length or
    /// rate is left out.
    fn get_audio_frame_with_info(&self, target_sample_rate: u32) -> Option<AudioFrame<'_>>;
}

/// Adds up sources, 10 ms at a time.
#[derive(Default)]
pub struct AudioMixer {
    sources: Vec<Box<dyn AudioMixerSource>>,
    odd: HashSet<i32>,
    sums: Vec<i32>,
    mixed: Vec<i16>,
}

impl AudioMixer {
    /// A mixer without sources.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a source.
    pub fn add_source(&mut self, source: impl AudioMixerSource + 'static) {
        self.sources.push(Box::new(source));
    }

    /// Removes the source with this number.
    pub fn remove_source(&mut self, ssrc: i32) {
        self.sources.retain(|source| source.ssrc() != ssrc);
        self.odd.remove(&ssrc);
    }

    /// The next 10 ms of all sources together, interleaved, at the highest of their rates (16 to
    /// 48 kHz). What is too loud together is cut off.
    pub fn mix(&mut self, num_channels: usize) -> &[i16] {
        let rates = self
            .sources
            .iter()
            .map(|source| source.preferred_sample_rate());
        let rate = rates
            .max()
            .unwrap_or(LEAST_RATE)
            .clamp(LEAST_RATE, MOST_RATE);
        let format = Format {
            rate,
            channels: num_channels,
        };
        self.sums.clear();
        self.sums.resize(format.tenth(), 0);
        for source in &self.sources {
            let Some(frame) = source.get_audio_frame_with_info(rate) else {
                continue;
            };
            let taken = add(&frame, format, &mut self.sums);
            if !taken && self.odd.insert(source.ssrc()) {
                log::warn!(
                    "the source {} is not mixed: 10 ms of {rate} Hz were asked of it, {} samples of {} Hz came",
                    source.ssrc(),
                    frame.samples_per_channel,
                    frame.sample_rate
                );
            }
        }
        self.mixed.clear();
        let cut = |sum: &i32| (*sum).clamp(i16::MIN.into(), i16::MAX.into()) as i16;
        self.mixed.extend(self.sums.iter().map(cut));
        &self.mixed
    }
}

fn add(frame: &AudioFrame<'_>, format: Format, sums: &mut [i32]) -> bool {
    let from = Format {
        rate: frame.sample_rate,
        channels: frame.num_channels as usize,
    };
    if from.rate != format.rate || from.channels == 0 || frame.data.len() != from.tenth() {
        return false;
    }
    let mut samples = Vec::with_capacity(sums.len());
    remix(&frame.data, from.channels, format.channels, &mut samples);
    for (sum, sample) in sums.iter_mut().zip(samples) {
        *sum += i32::from(sample);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Tone(i32, u32, u32, i16);

    impl AudioMixerSource for Tone {
        fn ssrc(&self) -> i32 {
            self.0
        }

        fn preferred_sample_rate(&self) -> u32 {
            self.1
        }

        fn get_audio_frame_with_info(&self, rate: u32) -> Option<AudioFrame<'_>> {
            let samples = rate / 100;
            (self.3 != 0).then(|| AudioFrame {
                data: vec![self.3; (samples * self.2) as usize].into(),
                sample_rate: rate,
                num_channels: self.2,
                samples_per_channel: samples,
            })
        }
    }

    #[test]
    fn sources_are_added_up_and_cut_off() {
        let mut mixer = AudioMixer::new();
        assert_eq!(mixer.mix(1), [0; 160]);
        mixer.add_source(Tone(1, 24_000, 1, 1_000));
        mixer.add_source(Tone(2, 48_000, 2, 500));
        mixer.add_source(Tone(3, 8_000, 1, 0));
        assert_eq!(mixer.mix(1), [1_500; 480]);
        assert_eq!(mixer.mix(2), [1_500; 960]);
        mixer.remove_source(2);
        assert_eq!(mixer.mix(1), [1_000; 240]);
        mixer.add_source(Tone(4, 8_000, 1, i16::MAX));
        assert_eq!(mixer.mix(1), [i16::MAX; 240]);
    }
}
