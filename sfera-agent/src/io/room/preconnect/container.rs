//! Opus in WebM or Ogg, as browsers record it.

use super::format::{Unheard, resampled};
use crate::audio::SampleRate;
use opus::{Channels, Decoder};
use std::io::Cursor;
use symphonia::{
    core::{
        codecs::{CodecParameters, audio::well_known::CODEC_ID_OPUS},
        formats::{FormatOptions, FormatReader, Track, probe::Hint},
        io::{MediaSourceStream, ReadOnlySource},
        meta::MetadataOptions,
    },
    default::get_probe,
};

/// The rate at which Opus is decoded.
const RATE: SampleRate = SampleRate::HZ_48000;
/// Samples of the longest packet that Opus allows: 120 ms.
const LONGEST_PACKET: usize = 5_760;
/// Samples of one recording, half a minute: browsers stop after 10 s. A few bytes can claim a lot.
const LONGEST: usize = 30 * 48_000;

/// Decodes a recording to mono samples of a rate. One that breaks off is decoded as far as it goes.
pub(super) fn decode(bytes: Vec<u8>, rate: SampleRate) -> Result<Vec<i16>, Unheard> {
    // Not seekable: what a browser records while it goes has neither lengths nor an index.
    let source = ReadOnlySource::new(Cursor::new(bytes));
    let stream = MediaSourceStream::new(Box::new(source), Default::default());
    let (format, metadata) = (FormatOptions::default(), MetadataOptions::default());
    let mut reader = get_probe()
        .probe(&Hint::new(), stream, format, metadata)
        .map_err(|_| Unheard::Broken)?;
    let track = reader.tracks().iter().find(|track| is_opus(track));
    let (id, delay) = track
        .map(|track| (track.id, track.delay))
        .ok_or(Unheard::Broken)?;
    let mut samples = packets(&mut *reader, id)?;
    // The encoder's first samples are not the microphone's.
    samples.drain(..(delay.unwrap_or(0) as usize).min(samples.len()));
    Ok(resampled(&samples, RATE, rate))
}

fn is_opus(track: &Track) -> bool {
    matches!(&track.codec_params, Some(CodecParameters::Audio(audio)) if audio.codec == CODEC_ID_OPUS)
}

fn packets(reader: &mut dyn FormatReader, track: u32) -> Result<Vec<i16>, Unheard> {
    let mut decoder = Decoder::new(RATE.hz(), Channels::Mono).map_err(|_| Unheard::Broken)?;
    let mut samples = Vec::new();
    let mut packet_samples = [0; LONGEST_PACKET];
    while samples.len() < LONGEST
        && let Ok(Some(packet)) = reader.next_packet()
    {
        if packet.track_id != track {
            continue;
        }
        let decoded = decoder.decode(&packet.data, &mut packet_samples, false);
        let decoded = packet_samples.get(..decoded.unwrap_or(0));
        samples.extend_from_slice(decoded.unwrap_or_default());
    }
    match samples.is_empty() {
        true => Err(Unheard::Broken),
        false => Ok(samples),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::Level;

    const WEBM: &[u8] = include_bytes!("../../../../tests/data/preconnect/tone.webm");
    const OGG: &[u8] = include_bytes!("../../../../tests/data/preconnect/tone.ogg");
    const TO: SampleRate = SampleRate::HZ_16000;

    /// Times the sound passes zero on its way up.
    fn waves(samples: &[i16]) -> usize {
        samples
            .windows(2)
            .filter(|pair| pair[0] < 0 && pair[1] >= 0)
            .count()
    }

    #[test]
    fn a_second_of_440_hz_comes_out_of_either_container() {
        for (name, bytes) in [("webm", WEBM), ("ogg", OGG)] {
            let samples = decode(bytes.to_vec(), TO).unwrap();
            assert!(
                (15_500..=16_500).contains(&samples.len()),
                "{name}: {}",
                samples.len()
            );
            assert!(
                (430..=450).contains(&waves(&samples)),
                "{name}: {}",
                waves(&samples)
            );
            assert!(Level::of(&samples).rms_dbfs > -30.0, "{name}");
        }
    }

    #[test]
    fn a_recording_that_breaks_off_is_heard_as_far_as_it_goes() {
        let samples = decode(WEBM[..WEBM.len() / 2].to_vec(), TO).unwrap();
        assert!(
            (6_000..=10_000).contains(&samples.len()),
            "{}",
            samples.len()
        );
    }

    #[test]
    fn what_is_no_recording_is_refused() {
        for bytes in [&b""[..], b"RIFF", &[0x1a, 0x45, 0xdf, 0xa3], &[0; 1000]] {
            assert_eq!(
                decode(bytes.to_vec(), TO),
                Err(Unheard::Broken),
                "{bytes:?}"
            );
        }
        let mut wrong = WEBM.to_vec();
        for (n, byte) in wrong.iter_mut().enumerate().skip(40) {
            *byte ^= (n * 37) as u8;
        }
        assert_eq!(decode(wrong, TO), Err(Unheard::Broken));
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(300))]
        #[test]
        fn whatever_a_browser_sends_is_survived(
            webm in proptest::bool::ANY,
            damage in proptest::collection::vec(
                (proptest::prelude::any::<proptest::sample::Index>(), proptest::num::u8::ANY),
                0..40,
            ),
            cut in proptest::prelude::any::<proptest::sample::Index>(),
            noise in proptest::collection::vec(proptest::num::u8::ANY, 0..200),
        ) {
            let mut bytes = if webm { WEBM } else { OGG }.to_vec();
            for (at, byte) in damage {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes.truncate(cut.index(bytes.len()) + 1);
            bytes.extend(noise);
            if let Ok(samples) = decode(bytes, TO) {
                proptest::prop_assert!(samples.len() < 31 * TO.hz() as usize);
            }
        }
    }
}
