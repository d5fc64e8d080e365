//! What a stream holds, as it says itself.

use crate::audio::{Resampler, SampleRate};
use std::collections::HashMap;

/// How sound is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    /// 16-bit samples, little-endian, interleaved.
    Pcm { rate: SampleRate, channels: usize },
    /// Opus packets in a container: WebM or Ogg.
    Opus,
}

/// Why a stream cannot be heard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unheard {
    #[error("it does not say to which track it belongs")]
    NoTrack,
    #[error("its sampleRate or channels make no sense")]
    NoFormat,
    #[error("sound of the type {0} cannot be decoded: send audio/opus in WebM or Ogg, or raw PCM")]
    Type(String),
    #[error("it is broken or not what it says it is")]
    Broken,
    #[error("it is too long or took too long")]
    TooLong,
}

/// Most channels that are mixed to one.
const MOST_CHANNELS: usize = 8;

impl Packing {
    /// How a stream of this type and with these attributes is packed.
    pub(super) fn of(mime: &str, attributes: &HashMap<String, String>) -> Result<Self, Unheard> {
        let (kind, codec) = mime.split_once(';').unwrap_or((mime, ""));
        match kind.trim() {
            "audio/opus" | "audio/ogg" | "audio/webm" if opus_or_unsaid(codec) => Ok(Self::Opus),
            "audio/ogg" | "audio/webm" | "audio/mp4" | "audio/mpeg" | "audio/aac"
            | "audio/flac" => Err(Unheard::Type(mime.chars().take(80).collect())),
            // Mobile SDKs name raw samples in many ways.
            _ => Self::pcm(attributes),
        }
    }

    fn pcm(attributes: &HashMap<String, String>) -> Result<Self, Unheard> {
        let number = |name: &str| {
            attributes
                .get(name)
                .and_then(|text| text.parse::<u32>().ok())
        };
        let rate = number("sampleRate").and_then(|hz| SampleRate::new(hz).ok());
        let channels = number("channels").unwrap_or(1) as usize;
        match rate {
            Some(rate) if (1..=MOST_CHANNELS).contains(&channels) => {
                Ok(Self::Pcm { rate, channels })
            }
            _ => Err(Unheard::NoFormat),
        }
    }
}

fn opus_or_unsaid(codec: &str) -> bool {
    let codec = codec.trim();
    codec.is_empty() || codec.to_ascii_lowercase().contains("opus")
}

/// Mono samples of raw PCM; half a sample at the end is left out.
pub(super) fn from_pcm(
    bytes: &[u8],
    rate: SampleRate,
    channels: usize,
    to: SampleRate,
) -> Vec<i16> {
    let samples: Vec<i16> = bytes
        .as_chunks::<2>()
        .0
        .iter()
        .map(|bytes| i16::from_le_bytes(*bytes))
        .collect();
    resampled(&mono(&samples, channels), rate, to)
}

/// The mean of the channels.
fn mono(samples: &[i16], channels: usize) -> Vec<i16> {
    let mix = |frame: &[i16]| {
        let sum: i32 = frame.iter().copied().map(i32::from).sum();
        (sum / channels as i32) as i16
    };
    samples.chunks_exact(channels.max(1)).map(mix).collect()
}

fn resampled(samples: &[i16], from: SampleRate, to: SampleRate) -> Vec<i16> {
    let mut out = Vec::with_capacity(samples.len());
    let mut resampler = Resampler::new(from, to);
    resampler.push(samples, &mut out);
    resampler.flush(&mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(rate: &str, channels: &str) -> HashMap<String, String> {
        HashMap::from([
            ("sampleRate".to_owned(), rate.to_owned()),
            ("channels".to_owned(), channels.to_owned()),
        ])
    }

    #[test]
    fn a_type_says_how_sound_is_packed() {
        let stereo = attributes("48000", "2");
        let pcm = Packing::Pcm {
            rate: SampleRate::HZ_48000,
            channels: 2,
        };
        for (mime, packing) in [
            ("audio/webm;codecs=opus", Packing::Opus),
            ("audio/opus", Packing::Opus),
            ("audio/ogg; codecs=opus", Packing::Opus),
            ("application/octet-stream", pcm),
            ("audio/pcm", pcm),
        ] {
            assert_eq!(Packing::of(mime, &stereo), Ok(packing), "{mime}");
        }
        for mime in ["audio/mp4", "audio/webm;codecs=pcm", "audio/aac"] {
            assert_eq!(Packing::of(mime, &stereo), Err(Unheard::Type(mime.into())));
        }
    }

    #[test]
    fn a_format_that_makes_no_sense_is_refused() {
        for (rate, channels) in [
            ("", "1"),
            ("0", "1"),
            ("48000", "0"),
            ("48000", "200"),
            ("-1", "1"),
        ] {
            let format = attributes(rate, channels);
            assert_eq!(
                Packing::of("audio/pcm", &format),
                Err(Unheard::NoFormat),
                "{rate} {channels}"
            );
        }
    }

    #[test]
    fn pcm_is_mixed_to_mono() {
        let bytes = [100_i16, 300, -100, -300].map(i16::to_le_bytes).concat();
        let rate = SampleRate::HZ_16000;
        assert_eq!(from_pcm(&bytes, rate, 2, rate), [200, -200]);
        assert_eq!(
            from_pcm(&bytes[..5], rate, 1, rate),
            [100, 300],
            "half a sample is nothing"
        );
    }
}
