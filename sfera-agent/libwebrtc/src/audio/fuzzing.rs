//! Sound's parsers, given any bytes.

use std::time::Duration;

use super::{AudioPacket, Codec, ReceiveStream, opus_packet, red};

/// RFC 2198.
pub(crate) fn redundant(bytes: &[u8]) {
    let Some(blocks) = red::parse(bytes) else {
        return;
    };
    let total: usize = blocks.iter().map(|block| block.payload.len()).sum();
    assert!(total < bytes.len() && blocks.len() <= 9);
    let Some((new, earlier)) = blocks.split_last() else {
        unreachable!("a new packet is always in it");
    };
    // What can be written is read as it was.
    let mut written = Vec::new();
    red::write(111, earlier.last().copied(), new.payload, &mut written);
    let read = red::parse(&written).unwrap_or_default();
    assert_eq!(read.last(), Some(new));
}

/// RFC 6716.
pub(crate) fn opus(bytes: &[u8]) {
    let duration = opus_packet::duration(bytes);
    assert!(duration.is_none_or(|samples| (1..=opus_packet::LONGEST).contains(&samples)));
    opus_packet::is_silence(bytes);
    opus_packet::is_stereo(bytes);
    opus_packet::has_copy(bytes);
}

/// A stream of packets with any numbers, times and payloads, which are played now and then.
pub(crate) fn jitter_buffer(bytes: &[u8]) {
    let mut stream = ReceiveStream::new();
    let (mut now, mut sequence, mut timestamp) = (0, 5_000_u64, 0_u32);
    let mut rest = bytes;
    while let Some(([control, wait, step, time, high, length], after)) =
        rest.split_first_chunk::<6>()
    {
        let (payload, after) = after.split_at(after.len().min(usize::from(*length)));
        rest = after;
        for _ in 0..wait & 31 {
            now += 10;
            if control & 1 == 0 {
                stream.pull(Duration::from_millis(now), &mut [0; 960]);
            }
        }
        // Mostly the next packet, sometimes any other.
        (sequence, timestamp) = if control & 2 == 0 {
            (sequence + 1, timestamp.wrapping_add(960))
        } else {
            let step = i64::from(*step as i8) << (control >> 4);
            let time = u32::from_be_bytes([*high, 0, *time, 0]);
            (
                sequence.wrapping_add_signed(step),
                timestamp.wrapping_add(time),
            )
        };
        stream.push(
            Duration::from_millis(now),
            AudioPacket {
                sequence,
                timestamp,
                payload,
                codec: if control & 4 == 0 {
                    Codec::Opus
                } else {
                    Codec::Red
                },
                marker: control & 8 != 0,
            },
        );
        let (packets, samples) = stream.held();
        assert!(
            packets <= 200 && samples < 60_000,
            "{packets} packets, {samples} samples"
        );
    }
    stream.pull(Duration::from_millis(now), &mut [0; 960]);
    let stats = stream.stats();
    assert!(stats.audio_level.is_finite() && stats.jitter.is_finite() && stats.jitter >= 0.0);
}
