//! Echo, noise and loudness of what a microphone hears.

use sonora::{
    AudioProcessing, Config, Error, StreamConfig,
    config::{AdaptiveDigital, EchoCanceller, GainController2, HighPassFilter, NoiseSuppression},
};

use crate::RtcError;

/// WebRTC's audio processing, as it is in Rust (`sonora`).
pub struct AudioProcessingModule {
    inner: AudioProcessing,
    samples: Vec<i16>,
}

impl AudioProcessingModule {
    /// A module that does what is wanted: takes away the echo of what
    /// [`Self::process_reverse_stream`] was given, evens out loudness, removes rumble, lowers noise.
    pub fn new(
        echo_canceller_enabled: bool,
        gain_controller_enabled: bool,
        high_pass_filter_enabled: bool,
        noise_suppression_enabled: bool,
    ) -> Self {
        let config = Config {
            echo_canceller: echo_canceller_enabled.then(EchoCanceller::default),
            gain_controller2: gain_controller_enabled.then(|| GainController2 {
                adaptive_digital: Some(AdaptiveDigital::default()),
                ..GainController2::default()
            }),
            high_pass_filter: high_pass_filter_enabled.then(HighPassFilter::default),
            noise_suppression: noise_suppression_enabled.then(NoiseSuppression::default),
            ..Config::default()
        };
        Self {
            inner: AudioProcessing::builder().config(config).build(),
            samples: Vec::new(),
        }
    }

    /// Cleans what the microphone heard, in place: whole pieces of 10 ms, interleaved.
    ///
    /// # Errors
    /// Where the length is no whole number of such pieces, or the rate is not to be had.
    pub fn process_stream(
        &mut self,
        data: &mut [i16],
        sample_rate: i32,
        num_channels: i32,
    ) -> Result<(), RtcError> {
        self.process(
            data,
            sample_rate,
            num_channels,
            |inner, from, config, to| {
                inner.process_capture_i16_with_config(from, config, config, to)
            },
        )
    }

    /// Takes what goes to the loudspeaker, so that its echo is known: whole pieces of 10 ms.
    ///
    /// # Errors
    /// As [`Self::process_stream`].
    pub fn process_reverse_stream(
        &mut self,
        data: &mut [i16],
        sample_rate: i32,
        num_channels: i32,
    ) -> Result<(), RtcError> {
        self.process(
            data,
            sample_rate,
            num_channels,
            |inner, from, config, to| {
                inner.process_render_i16_with_config(from, config, config, to)
            },
        )
    }

    /// How long sound takes from [`Self::process_reverse_stream`] to the loudspeaker and from the
    /// microphone to [`Self::process_stream`], ms.
    ///
    /// # Errors
    /// Where it is not between 0 and 500; the nearer of both is taken.
    pub fn set_stream_delay_ms(&mut self, delay_ms: i32) -> Result<(), RtcError> {
        let set = self.inner.set_stream_delay_ms(delay_ms);
        set.map_err(|_| {
            RtcError::state(format!(
                "a delay of {delay_ms} ms: 0 to 500 ms are possible"
            ))
        })
    }

    fn process(
        &mut self,
        data: &mut [i16],
        sample_rate: i32,
        num_channels: i32,
        run: impl Fn(&mut AudioProcessing, &[i16], &StreamConfig, &mut [i16]) -> Result<(), Error>,
    ) -> Result<(), RtcError> {
        let rate = u32::try_from(sample_rate).unwrap_or_default();
        let channels = u16::try_from(num_channels).unwrap_or_default();
        let config = StreamConfig::new(rate, channels);
        let piece = config.num_samples();
        if piece == 0 || data.is_empty() || !data.len().is_multiple_of(piece) {
            return Err(RtcError::state(format!(
                "{} samples of {sample_rate} Hz and {num_channels} channels are no whole pieces of 10 ms",
                data.len()
            )));
        }
        for piece in data.chunks_exact_mut(piece) {
            self.samples.clear();
            self.samples.extend_from_slice(piece);
            run(&mut self.inner, &self.samples, &config, piece).map_err(RtcError::state)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::Random;

    fn energy(sound: &[i16]) -> f64 {
        sound.iter().map(|s| f64::from(*s).powi(2)).sum()
    }

    fn noise(seed: u64, seconds: usize) -> Vec<i16> {
        let mut random = Random::new(seed);
        let sample = |_| ((random.fraction() - 0.5) * 8_000.0) as i16;
        (0..seconds * 16_000).map(sample).collect()
    }

    #[test]
    fn an_echo_is_taken_away() {
        let mut module = AudioProcessingModule::new(true, false, true, false);
        let far = noise(1, 4);
        let (mut last, mut echo) = (0.0, 0.0);
        for n in 20..far.len() / 160 {
            let mut rendered = far[n * 160..(n + 1) * 160].to_vec();
            module
                .process_reverse_stream(&mut rendered, 16_000, 1)
                .unwrap();
            // Heard again 40 ms later, at half the level.
            let mut near: Vec<i16> = far[n * 160 - 640..n * 160 - 480]
                .iter()
                .map(|s| s / 2)
                .collect();
            echo = energy(&near);
            module.process_stream(&mut near, 16_000, 1).unwrap();
            last = energy(&near);
        }
        assert!(last < echo / 100.0, "{last} of {echo}");
    }

    #[test]
    fn with_nothing_wanted_nothing_is_changed() {
        let mut module = AudioProcessingModule::new(false, false, false, false);
        let sound = noise(2, 1);
        let mut same = sound.clone();
        module.process_stream(&mut same, 16_000, 1).unwrap();
        let difference = sound.iter().zip(&same).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(difference.unwrap() <= 1, "{difference:?}");
    }

    #[test]
    fn what_cannot_be_processed_is_refused() {
        let mut module = AudioProcessingModule::new(true, true, true, true);
        assert!(module.process_stream(&mut [0; 161], 16_000, 1).is_err());
        assert!(module.process_stream(&mut [], 16_000, 1).is_err());
        assert!(module.process_stream(&mut [0; 160], 0, 1).is_err());
        assert!(module.process_stream(&mut [0; 160], 16_000, -1).is_err());
        assert!(module.set_stream_delay_ms(900).is_err());
        module.set_stream_delay_ms(50).unwrap();
        module.process_stream(&mut [0; 1_920], 48_000, 2).unwrap();
    }
}
