//! Makes pieces of speech equally loud and equally tight, whatever voice said them.

use crate::audio::{Frame, SampleRate};
use std::time::Duration;

/// Level of the spoken parts, root mean square: −20 dB of full scale, some 3 dB more than phone
/// speech, so that a quiet voice and a loud one sound alike.
const TARGET_RMS: f64 = 3_276.7;
/// No sample goes above −1 dB of full scale.
const PEAK: f64 = 29_204.0;
/// Blocks this much (20 dB) below the loudest one are pauses.
const PAUSE: f64 = 0.1;
/// Blocks this much (40 dB) below the loudest one are silence.
const SILENCE: f64 = 0.01;
/// Silence kept before and after the speech.
const MARGIN: Duration = Duration::from_millis(100);
/// Level is measured in blocks of this length; frames have it too.
const BLOCK: Duration = Duration::from_millis(20);
/// More gain than this would only raise noise.
const MAX_GAIN: f64 = 8.0;

/// Speech trimmed to 100 ms of silence at both ends, brought to one level and cut into 20 ms frames.
///
/// Sound without anything audible gives no frames.
pub(super) fn frames(rate: SampleRate, samples: &[i16]) -> Vec<Frame> {
    let block = rate.samples(BLOCK).max(1) as usize;
    let levels: Vec<f64> = samples.chunks(block).map(rms).collect();
    let loudest = levels.iter().copied().fold(0.0, f64::max);
    if loudest < 1.0 {
        return Vec::new();
    }
    let audible = |level: &f64| *level > loudest * SILENCE;
    let first = levels.iter().position(audible).unwrap_or(0);
    let last = levels.iter().rposition(audible).unwrap_or(0);
    let margin = rate.samples(MARGIN) as usize;
    let start = (first * block).saturating_sub(margin);
    let end = ((last + 1) * block + margin).min(samples.len());
    let speech = &samples[start..end];
    let gain = gain(speech, &levels, loudest);
    speech
        .chunks(block)
        .map(|chunk| {
            let louder = chunk.iter().map(|s| (f64::from(*s) * gain) as i16);
            Frame::new(rate, louder.collect::<Vec<_>>())
        })
        .collect()
}

fn gain(speech: &[i16], levels: &[f64], loudest: f64) -> f64 {
    let spoken = levels.iter().filter(|level| **level > loudest * PAUSE);
    let (sum, count) = spoken.fold((0.0, 0.0), |(sum, count), l| (sum + l * l, count + 1.0));
    let peak = speech
        .iter()
        .map(|s| f64::from(s.unsigned_abs()))
        .fold(1.0, f64::max);
    (TARGET_RMS / (sum / count).sqrt())
        .min(MAX_GAIN)
        .min(PEAK / peak)
}

fn rms(samples: &[i16]) -> f64 {
    let sum: f64 = samples.iter().map(|s| f64::from(*s).powi(2)).sum();
    (sum / samples.len() as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(amplitude: f64, millis: usize) -> Vec<i16> {
        let sample = |n| (amplitude * (n as f64 * 0.3).sin()) as i16;
        (0..millis * 16).map(sample).collect()
    }

    fn all(frames: &[Frame]) -> Vec<i16> {
        frames.iter().flat_map(|f| f.samples().to_vec()).collect()
    }

    #[test]
    fn loud_and_quiet_speech_come_out_alike_and_unclipped() {
        for amplitude in [1_000.0, 5_000.0, 32_000.0] {
            let out = all(&frames(SampleRate::HZ_16000, &tone(amplitude, 500)));
            assert!((rms(&out) - TARGET_RMS).abs() < 100.0, "{}", rms(&out));
        }
        let mut spike = tone(500.0, 500);
        spike[4_000] = 32_000;
        let out = all(&frames(SampleRate::HZ_16000, &spike));
        assert!(out.iter().all(|s| f64::from(s.unsigned_abs()) <= PEAK));
    }

    #[test]
    fn long_silence_at_the_ends_is_cut_and_pauses_inside_stay() {
        let silence = vec![0; 16_000];
        let said = [
            &silence[..],
            &tone(5_000.0, 200),
            &silence,
            &tone(5_000.0, 200),
            &silence,
        ];
        let out = frames(SampleRate::HZ_16000, &said.concat());
        let millis: u128 = out.iter().map(|f| f.duration().as_millis()).sum();
        assert!((1_580..=1_660).contains(&millis), "{millis} ms");
        assert!(
            out[..out.len() - 1]
                .iter()
                .all(|f| f.samples().len() == 320)
        );
    }

    #[test]
    fn silence_gives_nothing() {
        assert!(frames(SampleRate::HZ_16000, &[]).is_empty());
        assert!(frames(SampleRate::HZ_16000, &[0; 5_000]).is_empty());
    }
}
