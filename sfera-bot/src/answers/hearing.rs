//! From a voice message to words.

use super::Shared;
use sfera_agent::{
    Language,
    audio::{Frame, SampleRate, opus},
    stt::SttOptions,
};
use std::time::Duration;
use tokio::task::spawn_blocking;

/// What is heard of a message, at most; a sender may say less than it is.
const LONGEST: Duration = Duration::from_secs(200);
/// Samples that a recogniser takes at a time, at most: 28 s.
const PIECE: usize = 28 * 16_000;
/// Where a piece may end: in its last 8 s.
const END: usize = 8 * 16_000;
/// What is taken for a pause between words: 0.2 s.
const PAUSE: usize = 3_200;

/// Nobody could tell what was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unheard;

/// The words of a voice message; none where there are none. Dropping the future stops the computing.
pub(super) async fn hear(
    shared: &Shared,
    bytes: Vec<u8>,
    language: Language,
) -> Result<String, Unheard> {
    let ears = shared.speech.ears.as_ref().ok_or(Unheard)?;
    let _mine = shared.sounds.acquire().await.map_err(|_| Unheard)?;
    let decoding = spawn_blocking(move || opus::decode(bytes, SampleRate::HZ_16000, LONGEST));
    let sound = decoding.await.map_err(|_| Unheard)?.map_err(|error| {
        tracing::warn!(%error, "a voice message");
        Unheard
    })?;
    let options = SttOptions {
        language,
        hints: Vec::new(),
    };
    let mut words = Vec::new();
    for piece in pieces(&sound) {
        let heard = ears.recognize(piece, &options).await.map_err(|error| {
            tracing::warn!(%error, ears = ears.name(), "a voice message was not understood");
            Unheard
        })?;
        words.push(heard.text);
    }
    words.retain(|text| !text.is_empty());
    Ok(words.join(" "))
}

/// A sound in pieces that a recogniser takes, cut where it is quietest.
fn pieces(sound: &Frame) -> Vec<Frame> {
    let (mut rest, mut pieces) = (sound.samples(), Vec::new());
    while rest.len() > PIECE {
        let (piece, after) = rest.split_at(pause(&rest[..PIECE]));
        pieces.push(Frame::new(sound.rate(), piece));
        rest = after;
    }
    pieces.push(Frame::new(sound.rate(), rest));
    pieces
}

/// The middle of the quietest moment near the end.
fn pause(samples: &[i16]) -> usize {
    let loudness = |at: &usize| {
        let moment = &samples[*at..*at + PAUSE];
        moment
            .iter()
            .map(|s| u64::from(s.unsigned_abs()))
            .sum::<u64>()
    };
    let moments = (samples.len() - END..=samples.len() - PAUSE).step_by(PAUSE / 4);
    let quietest = moments.min_by_key(loudness);
    quietest.unwrap_or(samples.len() - PAUSE) + PAUSE / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_message_is_cut_where_nobody_speaks() {
        let mut samples = vec![5_000_i16; 60 * 16_000];
        let quiet = 24 * 16_000;
        samples[quiet..quiet + PAUSE].fill(0);
        let pieces = pieces(&Frame::new(SampleRate::HZ_16000, samples));
        let lengths: Vec<_> = pieces.iter().map(|piece| piece.samples().len()).collect();
        assert_eq!(lengths.iter().sum::<usize>(), 60 * 16_000);
        assert!(lengths.iter().all(|length| *length <= PIECE), "{lengths:?}");
        assert!(
            lengths[0].abs_diff(quiet + PAUSE / 2) <= PAUSE / 4,
            "{lengths:?}"
        );
    }

    #[test]
    fn a_short_message_is_one_piece_and_so_is_silence() {
        for length in [0, 1, PIECE] {
            let sound = Frame::new(SampleRate::HZ_16000, vec![0; length]);
            assert_eq!(pieces(&sound), [sound]);
        }
    }
}
