//! Sound before it becomes packets, and after.
//!
//! `capture` queues what a program says, `send` makes Opus of it. `receive` turns packets that come
//! late, twice, in disorder or not at all into even sound, and `sinks` carries that to its readers.
//! Nothing here has a clock: time comes in as what passed since the connection's start, except where
//! a capture waits.

mod capture;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod level;
mod opus_packet;
mod receive;
pub(crate) mod red;
mod resample;
mod send;
mod sinks;
#[cfg(test)]
mod tests;
mod track;

pub(crate) use capture::{CaptureQueue, Reader};
#[cfg(test)]
pub(crate) use receive::Pulled;
pub(crate) use receive::ReceiveStats;
#[cfg(any(test, feature = "fuzzing", feature = "test-util"))]
pub(crate) use receive::ReceiveStream;
pub(crate) use resample::{Converter, Format, check_rate, remix};
pub(crate) use send::{SendOptions, SendStats, SendStream, SentPacket};
pub(crate) use sinks::Sink;
pub(crate) use track::RemoteAudio;

/// Samples a second of one channel on the way: the RTP clock of Opus, whatever it codes.
pub(crate) const CLOCK: u32 = 48_000;

/// How a packet's payload is put together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Codec {
    /// One Opus packet.
    Opus,
    /// Redundant Opus packets and a new one, RFC 2198.
    Red,
}

/// One received RTP packet of a stream of sound.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AudioPacket<'a> {
    /// The sequence number, extended so that it doesn't wrap.
    pub(crate) sequence: u64,
    /// RTP's timestamp, 48 kHz.
    pub(crate) timestamp: u32,
    pub(crate) payload: &'a [u8],
    pub(crate) codec: Codec,
    /// The first packet after silence.
    pub(crate) marker: bool,
}
