//! What can be told of an Opus packet without decoding it (RFC 6716, section 3).

use opus::{Channels, packet};

use super::CLOCK;

/// The longest packet, in samples of one channel: 120 ms.
pub(crate) const LONGEST: usize = 5_760;

/// How much sound a packet says it holds, in samples of one channel. None of one that can't be.
pub(crate) fn duration(payload: &[u8]) -> Option<usize> {
    if payload.is_empty() {
        return None;
    }
    let samples = packet::get_nb_samples(payload, CLOCK).ok()?;
    (1..=LONGEST).contains(&samples).then_some(samples)
}

/// Whether the packet only says that silence begins or goes on.
pub(crate) const fn is_silence(payload: &[u8]) -> bool {
    payload.len() <= 2
}

pub(crate) fn is_stereo(payload: &[u8]) -> bool {
    packet::get_nb_channels(payload).is_ok_and(|channels| channels == Channels::Stereo)
}

/// Whether the packet holds a copy of the frame before it, coded at a lower rate.
///
/// SILK's header (RFC 6716, section 4.2.3) has a flag of activity for each of its frames, and after
/// them the flag asked for, of each channel; equally likely bits stand as they are.
pub(crate) fn has_copy(payload: &[u8]) -> bool {
    let Some(toc) = payload.first() else {
        return false;
    };
    let config = toc >> 3;
    // 16 and above are CELT alone, which has no copies.
    let silk_frames = match (config, config & 3) {
        (16.., _) => return false,
        (12..=15, _) => 1,
        (_, 2) => 2,
        (_, 3) => 3,
        _ => 1,
    };
    let channels: u8 = if toc & 4 == 0 { 1 } else { 2 };
    let Some(first) = first_byte(payload) else {
        return false;
    };
    (0..channels).any(|n| first & (0x80 >> ((n + 1) * (silk_frames + 1) - 1)) != 0)
}

/// The first byte of the first frame.
fn first_byte(payload: &[u8]) -> Option<u8> {
    match payload {
        // One frame, or two of equal length.
        [toc, first, ..] if toc & 3 < 2 => Some(*first),
        // Two frames, after the length of the first, which takes a second byte from 252 on.
        [toc, length, rest @ ..] if toc & 3 == 2 => rest.get(usize::from(*length >= 252)).copied(),
        _ => packet::parse(payload)
            .ok()?
            .frames
            .first()?
            .first()
            .copied(),
    }
}
