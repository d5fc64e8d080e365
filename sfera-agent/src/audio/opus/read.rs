use super::{OpusError, RATE};
use crate::audio::{Frame, Resampler, SampleRate};
use ::opus::{Channels, Decoder};
use std::{io::Cursor, time::Duration};
use symphonia::{
    core::{
        codecs::{CodecParameters, audio::well_known::CODEC_ID_OPUS},
        formats::{FormatOptions, FormatReader, Track, probe::Hint},
        io::{MediaSourceStream, ReadOnlySource},
        meta::MetadataOptions,
    },
    default::get_probe,
};

/// Samples of the longest packet that Opus allows: 120 ms.
const LONGEST_PACKET: usize = 5_760;

/// Decodes a recording in Ogg or WebM to mono sound of a rate. One that breaks off is decoded as far as
/// it goes, and a longer one than `longest` is cut there: a few bytes can claim a lot. Blocks, some
/// milliseconds for each second of sound.
///
/// # Errors
/// [`OpusError::Broken`].
pub fn decode(bytes: Vec<u8>, rate: SampleRate, longest: Duration) -> Result<Frame, OpusError> {
    // Not seekable: what a browser records while it goes has neither lengths nor an index.
    let source = ReadOnlySource::new(Cursor::new(bytes));
    let stream = MediaSourceStream::new(Box::new(source), Default::default());
    let (format, metadata) = (FormatOptions::default(), MetadataOptions::default());
    let mut reader = get_probe()
        .probe(&Hint::new(), stream, format, metadata)
        .map_err(|_| OpusError::Broken)?;
    let track = reader.tracks().iter().find(|track| is_opus(track));
    let (id, delay) = track
        .map(|track| (track.id, track.delay))
        .ok_or(OpusError::Broken)?;
    // The encoder's first samples are not the microphone's.
    let delay = delay.unwrap_or(0) as usize;
    let most = usize::try_from(RATE.samples(longest)).unwrap_or(usize::MAX);
    let mut samples = packets(&mut *reader, id, most.saturating_add(delay))?;
    samples.drain(..delay.min(samples.len()));
    samples.truncate(most);
    Ok(Resampler::convert(&Frame::new(RATE, samples), rate))
}

fn is_opus(track: &Track) -> bool {
    matches!(&track.codec_params, Some(CodecParameters::Audio(audio)) if audio.codec == CODEC_ID_OPUS)
}

fn packets(reader: &mut dyn FormatReader, track: u32, most: usize) -> Result<Vec<i16>, OpusError> {
    let mut decoder = Decoder::new(RATE.hz(), Channels::Mono).map_err(|_| OpusError::Broken)?;
    let mut samples = Vec::new();
    let mut packet_samples = [0; LONGEST_PACKET];
    while samples.len() < most
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
        true => Err(OpusError::Broken),
        false => Ok(samples),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::Level;

    const WEBM: &[u8] = include_bytes!("../../../tests/data/opus/tone.webm");
    const OGG: &[u8] = include_bytes!("../../../tests/data/opus/tone.ogg");
    const TO: SampleRate = SampleRate::HZ_16000;
    const LONGEST: Duration = Duration::from_secs(30);

    fn decode(bytes: &[u8]) -> Result<Vec<i16>, OpusError> {
        let frame = super::decode(bytes.to_vec(), TO, LONGEST)?;
        Ok(frame.samples().to_vec())
    }

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
            let samples = decode(bytes).unwrap();
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
        let samples = decode(&WEBM[..WEBM.len() / 2]).unwrap();
        assert!(
            (6_000..=10_000).contains(&samples.len()),
            "{}",
            samples.len()
        );
    }

    #[test]
    fn a_longer_recording_than_wanted_is_cut() {
        let half = Duration::from_millis(500);
        let frame = super::decode(OGG.to_vec(), TO, half).unwrap();
        assert_eq!(frame.duration(), half);
    }

    #[test]
    fn what_is_no_recording_is_refused() {
        for bytes in [&b""[..], b"RIFF", &[0x1a, 0x45, 0xdf, 0xa3], &[0; 1000]] {
            assert_eq!(decode(bytes), Err(OpusError::Broken), "{bytes:?}");
        }
        let mut wrong = WEBM.to_vec();
        for (n, byte) in wrong.iter_mut().enumerate().skip(40) {
            *byte ^= (n * 37) as u8;
        }
        assert_eq!(decode(&wrong), Err(OpusError::Broken));
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
            if let Ok(samples) = decode(&bytes) {
                proptest::prop_assert!(samples.len() <= 30 * TO.hz() as usize);
            }
        }
    }
}
