//! Rate and channels of sound that a program has.

use crate::audio::{Converter, Format};

/// Changes the rate and the channels of a stream; it makes itself anew where either changes.
#[derive(Default)]
pub struct AudioResampler {
    converter: Option<Converter>,
    output: Vec<i16>,
}

impl AudioResampler {
    /// Takes the next samples and answers what is ready; at first less comes out than went in, since
    /// the filter looks ahead. With a rate out of 8 to 192 kHz, or no channels, nothing comes out, and
    /// the log says so.
    ///
    /// # Panics
    /// Where `src` is shorter than `samples_per_channel` × `num_channels`, as Google's engine does.
    pub fn remix_and_resample<'a>(
        &'a mut self,
        src: &[i16],
        samples_per_channel: u32,
        num_channels: u32,
        sample_rate: u32,
        dst_num_channels: u32,
        dst_sample_rate: u32,
    ) -> &'a [i16] {
        let count = samples_per_channel as usize * num_channels as usize;
        assert!(src.len() >= count, "src buffer too small");
        self.output.clear();
        let from = Format {
            rate: sample_rate,
            channels: num_channels as usize,
        };
        let to = Format {
            rate: dst_sample_rate,
            channels: dst_num_channels as usize,
        };
        let fits = |c: &Converter| (c.from(), c.to()) == (from, to);
        if !self.converter.as_ref().is_some_and(fits) {
            self.converter = Converter::new(from, to)
                .inspect_err(|error| log::error!("{error}"))
                .ok();
        }
        if let Some(converter) = &mut self.converter {
            converter.push(src.get(..count).unwrap_or_default(), &mut self.output);
        }
        &self.output
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_gives_the_next_10_ms() {
        let mut resampler = AudioResampler::default();
        let mut total = 0;
        for _ in 0..100 {
            let stereo = [1_000; 960];
            total += resampler
                .remix_and_resample(&stereo, 480, 2, 48_000, 1, 16_000)
                .len();
        }
        assert!((15_900..=16_000).contains(&total), "{total}");
        let last = resampler.remix_and_resample(&[1_000; 960], 480, 2, 48_000, 1, 16_000);
        assert!(last.iter().all(|s| (990..1_010).contains(s)), "{last:?}");
        let same = resampler.remix_and_resample(&[5, 6, 7], 2, 1, 16_000, 2, 16_000);
        assert_eq!(same, [5, 5, 6, 6]);
    }

    #[test]
    fn what_cannot_be_resampled_gives_nothing() {
        let mut resampler = AudioResampler::default();
        assert!(
            resampler
                .remix_and_resample(&[1; 80], 80, 1, 4_000, 1, 16_000)
                .is_empty()
        );
        assert!(
            resampler
                .remix_and_resample(&[1; 80], 80, 1, 8_000, 0, 16_000)
                .is_empty()
        );
    }
}
