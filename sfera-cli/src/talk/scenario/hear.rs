//! Has the recogniser listen to what the agent said.

use super::words::word_errors;
use crate::talk::line::TwoSided;
use sfera_agent::{
    audio::{Frame, Resampler, SampleRate},
    stt::{Recognizer, SttError, SttOptions},
};
use std::time::Duration;

/// What a recogniser takes at a time, with a margin.
const LONGEST: Duration = Duration::from_secs(25);

/// A cut is looked for no earlier than this into a piece.
const SHORTEST: Duration = Duration::from_secs(8);

/// One look at how loud it is.
const WINDOW: Duration = Duration::from_millis(20);

/// How far what a recogniser hears is from what was said: wrong words, and words in all.
pub async fn word_error_rate(
    sound: &TwoSided,
    said: &str,
    recognizer: &dyn Recognizer,
    options: &SttOptions,
) -> Result<(usize, usize), SttError> {
    let answer = Resampler::convert(&sound.answer(), SampleRate::HZ_16000);
    let mut heard = String::new();
    for piece in cut(answer.samples()) {
        let piece = Frame::new(SampleRate::HZ_16000, piece);
        let transcript = recognizer.recognize(piece, options).await?;
        heard = format!("{heard} {}", transcript.text);
    }
    Ok(word_errors(said, &heard))
}

/// Cuts 16 kHz sound into pieces short enough to be recognised, each cut in the quietest place.
fn cut(mut samples: &[i16]) -> Vec<&[i16]> {
    let length = |time| SampleRate::HZ_16000.samples(time) as usize;
    let (longest, shortest, window) = (length(LONGEST), length(SHORTEST), length(WINDOW));
    let mut pieces = Vec::new();
    while samples.len() > longest {
        let windows = samples[shortest..longest].chunks_exact(window);
        let loudness = windows.map(|window| {
            window
                .iter()
                .map(|s| u64::from(s.unsigned_abs()))
                .sum::<u64>()
        });
        let loudness: Vec<u64> = loudness.collect();
        // The middle of the quietest stretch, not the first quiet moment: a stop consonant is quiet too.
        let stretch = 10;
        let sums = loudness.windows(stretch).map(|w| w.iter().sum::<u64>());
        let quietest = sums
            .enumerate()
            .min_by_key(|(_, sum)| *sum)
            .map_or(0, |(at, _)| at);
        let at = shortest + (quietest + stretch / 2) * window;
        let (piece, rest) = samples.split_at(at);
        pieces.push(piece);
        samples = rest;
    }
    pieces.push(samples);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_sound_is_cut_where_nobody_speaks() {
        let mut sound = vec![1_000_i16; 16_000 * 40];
        let pause = 16_000 * 15..16_000 * 15 + 8_000;
        sound[pause.clone()].fill(0);
        let pieces = cut(&sound);
        assert_eq!(pieces.len(), 2);
        assert!(pause.contains(&pieces[0].len()), "{}", pieces[0].len());
        assert_eq!(pieces.iter().map(|p| p.len()).sum::<usize>(), sound.len());
        assert_eq!(cut(&[]), [&[] as &[i16]]);
    }
}
