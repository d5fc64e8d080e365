//! What voices that are programs have in common: RIFF in, frames out, sentence after sentence.

use super::{SentenceSplitter, TtsError, TtsStream, loudness};
use crate::audio::{Frame, SampleRate};
use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt, stream};
use std::sync::Arc;

/// Sound as a program gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sound {
    pub(super) rate: SampleRate,
    pub(super) samples: Vec<i16>,
}

/// A program that says one sentence at a time.
#[async_trait]
pub(super) trait Program: Send + Sync + 'static {
    /// Says plain words, already normalised; dropping the future cancels.
    async fn say(&self, words: &str) -> Result<Sound, TtsError>;
}

/// Says the sentences of `text` one after another: the first before this returns, each later one
/// when the stream is asked for it. `words` makes of a sentence what the program can pronounce.
pub(super) async fn speak<P: Program>(
    program: Arc<P>,
    text: &str,
    words: impl Fn(&str) -> String,
) -> Result<TtsStream, TtsError> {
    let mut sentences = Vec::new();
    let mut splitter = SentenceSplitter::default();
    splitter.push(text, &mut sentences);
    splitter.finish(&mut sentences);
    let mut rest = sentences
        .iter()
        .map(|sentence| words(sentence))
        .filter(|words| words.contains(char::is_alphanumeric))
        .collect::<Vec<_>>()
        .into_iter();
    let Some(first) = rest.next() else {
        return Ok(stream::empty().boxed());
    };
    let first = say(program.as_ref(), &first).await?;
    let later = stream::try_unfold((program, rest), |(program, mut rest)| async move {
        let Some(words) = rest.next() else {
            return Ok(None);
        };
        let frames = say(program.as_ref(), &words).await?;
        Ok(Some((
            stream::iter(frames.into_iter().map(Ok)),
            (program, rest),
        )))
    });
    Ok(stream::iter(first.into_iter().map(Ok))
        .chain(later.try_flatten())
        .boxed())
}

async fn say<P: Program>(program: &P, words: &str) -> Result<Vec<Frame>, TtsError> {
    let sound = program.say(words).await?;
    Ok(loudness::frames(sound.rate, &sound.samples))
}

/// Reads 16-bit mono PCM in RIFF. A length that is too long, as programs write into pipes, means
/// "until the end".
pub(super) fn parse_riff(bytes: &[u8]) -> Option<Sound> {
    let mut rest = bytes
        .strip_prefix(b"RIFF")?
        .get(4..)?
        .strip_prefix(b"WAVE")?;
    let mut rate = None;
    loop {
        let (id, length) = (rest.get(..4)?, rest.get(4..8)?);
        let length = u32::from_le_bytes(length.try_into().ok()?) as usize;
        rest = &rest[8..];
        match id {
            b"fmt " => {
                let format = rest.get(..16)?;
                let is_pcm_mono_16 = format[..4] == [1, 0, 1, 0] && format[14..16] == [16, 0];
                let hz = u32::from_le_bytes(format[4..8].try_into().ok()?);
                rate = is_pcm_mono_16.then(|| SampleRate::new(hz).ok()).flatten();
            }
            b"data" => {
                let data = &rest[..length.min(rest.len())];
                let samples = data
                    .chunks_exact(2)
                    .map(|s| i16::from_le_bytes([s[0], s[1]]));
                return Some(Sound {
                    rate: rate?,
                    samples: samples.collect(),
                });
            }
            _ => {}
        }
        rest = rest.get(length.checked_add(length % 2)?..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn riff(length: u32, samples: &[i16]) -> Vec<u8> {
        let mut bytes = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
        bytes.extend(16_000_u32.to_le_bytes());
        bytes.extend(32_000_u32.to_le_bytes());
        bytes.extend(b"\x02\0\x10\0LIST\x02\0\0\0abdata");
        bytes.extend(length.to_le_bytes());
        bytes.extend(samples.iter().flat_map(|s| s.to_le_bytes()));
        bytes
    }

    #[test]
    fn sound_is_read_with_a_right_length_and_with_a_piped_one() {
        for length in [6, 0x7fff_f000] {
            let sound = parse_riff(&riff(length, &[1, -2, 3])).unwrap();
            assert_eq!(sound.rate, SampleRate::HZ_16000);
            assert_eq!(sound.samples, [1, -2, 3]);
        }
    }

    proptest! {
        #[test]
        fn broken_sound_is_refused_without_panic(
            mut bytes in prop::collection::vec(any::<u8>(), 0..60),
            cut in 0_usize..60,
        ) {
            parse_riff(&bytes);
            let mut whole = riff(6, &[1, 2, 3]);
            whole.truncate(cut);
            whole.append(&mut bytes);
            parse_riff(&whole);
        }
    }
}
