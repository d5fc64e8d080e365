//! From a source's queue to Opus packets, one every 20 ms.

mod encoder;
mod intake;
#[cfg(test)]
mod tests;

use std::hash::{BuildHasher, Hasher, RandomState};

use self::{encoder::SpeechEncoder, intake::Intake};
use super::{
    Codec, Reader,
    level::{dbov, mean_square},
    opus_packet,
    red::{self, Block},
};
use crate::{RtcError, audio_source::native::NativeAudioSource};

/// Samples of one channel in a packet: 20 ms.
pub(crate) const FRAME: usize = 960;
/// The payload type of Opus inside a redundant packet, as LiveKit and browsers number it.
const OPUS: u8 = 111;
/// Silence is said again this often: 400 ms, as Opus does by itself.
const REFRESH: u32 = 20;
/// Quieter than this is no voice, dBov.
const VOICE: i8 = -50;

/// How a track is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct SendOptions {
    /// Bits a second; None is LiveKit's preset for speech.
    pub(crate) max_bitrate: Option<u64>,
    /// Whether silence is sent by hardly any packets.
    pub(crate) dtx: bool,
    /// Whether packets carry a copy of the one before where packets get lost.
    pub(crate) fec: bool,
    /// Whether packets carry the whole packet before, RFC 2198.
    pub(crate) red: bool,
    pub(crate) stereo: bool,
}

/// A packet to send.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SentPacket<'a> {
    pub(crate) payload: &'a [u8],
    /// RTP's timestamp, 48 kHz.
    pub(crate) timestamp: u32,
    /// How loud it is, 0 to −127 dBov (RFC 6464).
    pub(crate) level: i8,
    /// Whether somebody may be speaking in it.
    pub(crate) voice: bool,
    /// The first packet after silence.
    pub(crate) marker: bool,
    pub(crate) codec: Codec,
}

/// What was sent so far.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct SendStats {
    pub(crate) packets: u64,
    /// Bytes of payload.
    pub(crate) bytes: u64,
    /// Bits a second.
    pub(crate) target_bitrate: u32,
    /// Whether packets carry the one before.
    pub(crate) red: bool,
}

/// The sending side of one track.
pub(crate) struct SendStream {
    intake: Intake,
    encoder: SpeechEncoder,
    options: SendOptions,
    timestamp: u32,
    silence: Silence,
    sound: Vec<i16>,
    payload: Vec<u8>,
    /// The packet before, for redundancy, and when it began.
    earlier: Vec<u8>,
    earlier_at: Option<u32>,
    packet: Vec<u8>,
    stats: SendStats,
}

/// Where the stream is between sound and silence.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Silence {
    /// Packets flow.
    No,
    /// The receiver knows that it is silent; so many frames ago it was told.
    Told(u32),
}

impl SendStream {
    /// # Errors
    /// Where the source's rate is out of 8 to 192 kHz, or libopus refuses.
    pub(crate) fn new(source: &NativeAudioSource, options: SendOptions) -> Result<Self, RtcError> {
        let channels = if options.stereo { 2 } else { 1 };
        let encoder = SpeechEncoder::new(channels, &options)?;
        Ok(Self {
            intake: Intake::new(source.reader(), channels)?,
            encoder,
            options,
            // RFC 3550: not to be guessed.
            timestamp: RandomState::new().build_hasher().finish() as u32,
            silence: Silence::No,
            sound: Vec::with_capacity(FRAME * channels),
            payload: vec![0; encoder::MOST],
            earlier: Vec::new(),
            earlier_at: None,
            packet: Vec::new(),
            stats: SendStats::default(),
        })
    }

    /// The next 20 ms; None while the receiver knows that it is silent. Where the track is not
    /// `enabled`, its sound is dropped and silence sent.
    pub(crate) fn next(&mut self, enabled: bool) -> Option<SentPacket<'_>> {
        let timestamp = self.timestamp;
        self.timestamp = timestamp.wrapping_add(FRAME as u32);
        self.sound.clear();
        let heard = self.intake.next(&mut self.sound) && enabled;
        if !heard {
            self.sound.fill(0);
        }
        if let (Silence::Told(frames), false) = (self.silence, heard) {
            return self.stay_silent(frames, timestamp);
        }
        let payload = self.payload.as_mut_slice();
        let length = self.encoder.encode(&self.sound, payload)?;
        let silent = opus_packet::is_silence(self.payload.get(..length)?);
        let before = self.silence;
        self.silence = match before {
            _ if !silent => Silence::No,
            Silence::Told(frames) if frames + 1 < REFRESH => Silence::Told(frames + 1),
            _ => Silence::Told(0),
        };
        match (before, self.silence) {
            (Silence::Told(_), Silence::Told(frames)) if frames > 0 => None,
            _ => Some(self.finish(length, timestamp, before != Silence::No && !silent)),
        }
    }

    /// Nothing to hear after nothing to hear: what was said last is repeated now and then, without
    /// asking the encoder.
    fn stay_silent(&mut self, frames: u32, timestamp: u32) -> Option<SentPacket<'_>> {
        let due = frames + 1 >= REFRESH;
        self.silence = Silence::Told(if due { 0 } else { frames + 1 });
        // The table of contents of the last packet, with no frame: RFC 6716 calls that silence.
        due.then(|| self.finish(1, timestamp, false))
    }

    fn finish(&mut self, length: usize, timestamp: u32, marker: bool) -> SentPacket<'_> {
        let payload = self.payload.get(..length).unwrap_or_default();
        let (payload, codec) = if self.options.red {
            let earlier = self.earlier_at.map(|at| Block {
                offset: timestamp.wrapping_sub(at),
                payload: &self.earlier,
            });
            red::write(OPUS, earlier, payload, &mut self.packet);
            self.earlier.clear();
            self.earlier.extend(payload);
            self.earlier_at = (!opus_packet::is_silence(payload)).then_some(timestamp);
            (self.packet.as_slice(), Codec::Red)
        } else {
            (payload, Codec::Opus)
        };
        self.stats.packets += 1;
        self.stats.bytes += payload.len() as u64;
        let level = dbov(mean_square(&self.sound));
        SentPacket {
            payload,
            timestamp,
            level,
            voice: level > VOICE,
            marker,
            codec,
        }
    }

    /// What part of the packets the receiver lost lately, 0 to 1: how much is spent on copies. To be said
    /// with every packet.
    pub(crate) fn set_packet_loss(&mut self, fraction: f32) {
        self.encoder.set_packet_loss(fraction);
    }

    /// Bits a second; None is LiveKit's preset for speech.
    pub(crate) fn set_max_bitrate(&mut self, max_bitrate: Option<u64>) {
        self.encoder.set_max_bitrate(max_bitrate);
    }

    /// Whether silence is sent by hardly any packets.
    pub(crate) fn set_dtx(&mut self, dtx: bool) {
        if self.options.dtx != dtx && self.encoder.set_dtx(dtx) {
            self.options.dtx = dtx;
            self.silence = Silence::No;
        }
    }

    /// Whether packets carry the whole packet before.
    pub(crate) fn set_red(&mut self, red: bool) {
        self.options.red = red;
        if !red {
            self.earlier_at = None;
        }
    }

    pub(crate) const fn reader(&self) -> &Reader {
        self.intake.reader()
    }

    pub(crate) fn stats(&self) -> SendStats {
        SendStats {
            target_bitrate: self.encoder.bitrate(),
            red: self.options.red,
            ..self.stats
        }
    }
}
