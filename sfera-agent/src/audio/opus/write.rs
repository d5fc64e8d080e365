use super::{OpusError, RATE};
use crate::audio::{Frame, Resampler, SampleRate};
use ::opus::{Application, Bitrate, Channels, Encoder};
use ogg::writing::{PacketWriteEndInfo, PacketWriter};

/// The rate at which speech is encoded.
const SPEECH: SampleRate = SampleRate::HZ_24000;
/// What the container counts for each sample of speech.
const TICKS: u64 = (RATE.hz() / SPEECH.hz()) as u64;
/// Samples of a packet: 20 ms.
const PACKET: usize = 480;
/// Packets of a page: a second.
const PAGE: usize = 50;
/// Bits a second: speech sounds as it did.
const BITRATE: i32 = 32_000;
/// Bytes of a packet, at most, as libopus recommends.
const LARGEST: usize = 4_000;
/// There is one stream in the file.
const SERIAL: u32 = 1;

/// Encodes speech as Opus in Ogg, as messengers want it: mono, 32 kbit/s, of the frame's length to the
/// sample. Blocks, some milliseconds for each second of sound.
///
/// # Errors
/// [`OpusError::Unencodable`].
pub fn encode(sound: &Frame) -> Result<Vec<u8>, OpusError> {
    let sound = Resampler::convert(sound, SPEECH);
    let mut encoder =
        Encoder::new(SPEECH.hz(), Channels::Mono, Application::Voip).map_err(wrong)?;
    let bitrate = Bitrate::Bits(BITRATE);
    encoder.set_bitrate(bitrate).map_err(wrong)?;
    let ahead = encoder.get_lookahead().map_err(wrong)?;
    let ahead = usize::try_from(ahead).map_err(wrong)?;
    let skip = ahead as u64 * TICKS;
    let mut writer = PacketWriter::new(Vec::new());
    for header in [head(skip)?, tags()] {
        let end = PacketWriteEndInfo::EndPage;
        writer.write_packet(header, SERIAL, end, 0).map_err(wrong)?;
    }
    // The encoder gives a sample back only after so many others.
    let mut samples = sound.samples().to_vec();
    let total = skip + samples.len() as u64 * TICKS;
    samples.resize(
        (samples.len() + ahead).next_multiple_of(PACKET).max(PACKET),
        0,
    );
    let packets = samples.len() / PACKET;
    for (number, packet) in samples.chunks_exact(PACKET).enumerate() {
        let packet = encoder.encode_vec(packet, LARGEST).map_err(wrong)?;
        let (end, position) = match number + 1 {
            // Where the sound ends, the packet's rest is not played.
            last if last == packets => (PacketWriteEndInfo::EndStream, total),
            next => (page(next), (next * PACKET) as u64 * TICKS),
        };
        writer
            .write_packet(packet, SERIAL, end, position)
            .map_err(wrong)?;
    }
    Ok(writer.into_inner())
}

const fn page(packets: usize) -> PacketWriteEndInfo {
    match packets.is_multiple_of(PAGE) {
        true => PacketWriteEndInfo::EndPage,
        false => PacketWriteEndInfo::NormalPacket,
    }
}

/// RFC 7845, section 5.1.
fn head(skip: u64) -> Result<Vec<u8>, OpusError> {
    let (version, channels, mapping) = (1, 1, 0);
    let mut head = b"OpusHead".to_vec();
    head.extend([version, channels]);
    head.extend(u16::try_from(skip).map_err(wrong)?.to_le_bytes());
    head.extend(SPEECH.hz().to_le_bytes());
    let gain = 0_i16;
    head.extend(gain.to_le_bytes());
    head.push(mapping);
    Ok(head)
}

/// RFC 7845, section 5.2: who wrote it, and no comments.
fn tags() -> Vec<u8> {
    let vendor = b"sfera";
    let mut tags = b"OpusTags".to_vec();
    tags.extend((vendor.len() as u32).to_le_bytes());
    tags.extend(vendor);
    tags.extend(0_u32.to_le_bytes());
    tags
}

/// What these libraries say of an error helps nobody.
fn wrong<E>(_: E) -> OpusError {
    OpusError::Unencodable
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::{Level, opus::decode};
    use proptest::prelude::*;
    use std::time::Duration;

    const LONGEST: Duration = Duration::from_secs(30);

    fn tone(rate: SampleRate, samples: usize) -> Frame {
        let step = std::f64::consts::TAU * 440.0 / f64::from(rate.hz());
        let wave = |n: usize| ((n as f64 * step).sin() * 10_000.0) as i16;
        Frame::new(rate, (0..samples).map(wave).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_written_can_be_read() {
        let said = tone(SampleRate::HZ_16000, 40_000);
        let bytes = encode(&said).unwrap();
        assert!(bytes.starts_with(b"OggS"));
        assert!((5_000..20_000).contains(&bytes.len()), "{}", bytes.len());
        let heard = decode(bytes, SampleRate::HZ_16000, LONGEST).unwrap();
        let waves = heard.samples().windows(2);
        let waves = waves.filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
        assert!((1_090..=1_110).contains(&waves), "{waves}");
        assert!(Level::of(heard.samples()).rms_dbfs > -20.0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn any_length_at_any_rate_can_be_written(
            samples in 0..30_000_usize,
            hz in prop::sample::select(vec![8_000, 16_000, 22_050, 24_000, 48_000]),
        ) {
            let said = tone(SampleRate::new(hz).unwrap(), samples);
            let heard = decode(encode(&said).unwrap(), SampleRate::HZ_48000, LONGEST).unwrap();
            let (said, heard) = (said.duration(), heard.duration());
            prop_assert!(heard >= said, "{heard:?} < {said:?}");
            prop_assert!(heard < said + Duration::from_millis(60), "{heard:?} of {said:?}");
        }
    }
}
