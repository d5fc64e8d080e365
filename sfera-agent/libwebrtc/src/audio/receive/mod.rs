//! From packets that come as the network pleases to sound that comes every 10 ms.
//!
//! `arrivals` tells which packets are missing, `buffer` holds the others until `delay` says that they
//! are due, `decoder` makes sound of them and of what is missing, `playout` holds that sound and
//! `stretch` makes it longer or shorter until it comes as late as it should. `schedule` decides what
//! comes next. NetEQ, which Google's engine has in this place, is the model; this is not its code.
//!
//! Inside, all times are samples of 48 kHz: of our clock since the connection's start, of the sender's
//! since some time.

mod arrivals;
mod buffer;
mod decoder;
mod delay;
mod playout;
mod schedule;
mod stats;
mod stretch;

use std::time::Duration;

pub(crate) use self::stats::ReceiveStats;
use self::{
    arrivals::{Arrival, Arrivals},
    buffer::{Insert, PacketBuffer, Slot},
    decoder::Decoding,
    delay::Delay,
    playout::Playout,
    schedule::Schedule,
};
use super::{AudioPacket, CLOCK, Codec, opus_packet, red};

/// Samples in a millisecond.
const MS: i64 = 48;

/// The receiving side of one remote track. Memory is bounded whatever comes in, and whether or not
/// anybody pulls.
pub(crate) struct ReceiveStream {
    arrivals: Arrivals,
    buffer: PacketBuffer,
    delay: Delay,
    decoding: Decoding,
    playout: Playout,
    schedule: Schedule,
    stats: ReceiveStats,
}

impl ReceiveStream {
    pub(crate) fn new() -> Self {
        Self {
            arrivals: Arrivals::default(),
            buffer: PacketBuffer::default(),
            delay: Delay::new(),
            decoding: Decoding::new(),
            playout: Playout::new(1),
            schedule: Schedule::default(),
            stats: ReceiveStats::default(),
        }
    }

    /// Takes a packet.
    pub(crate) fn push(&mut self, now: Duration, packet: AudioPacket<'_>) {
        let now = samples(now);
        self.stats.packets_received += 1;
        let timestamp = match self.arrivals.judge(now, packet.sequence, packet.timestamp) {
            Arrival::Next(timestamp) => timestamp,
            Arrival::Restart(timestamp) => {
                self.begin_anew();
                timestamp
            }
            Arrival::Duplicate => {
                self.stats.packets_duplicate += 1;
                self.stats.packets_discarded += 1;
                return;
            }
            Arrival::Old => {
                self.late();
                return;
            }
        };
        let whole = Slot {
            timestamp,
            sequence: packet.sequence,
            arrived: now,
            marker: packet.marker,
            ..Slot::default()
        };
        match packet.codec {
            Codec::Opus => self.insert(whole, packet.payload),
            Codec::Red => self.insert_all(&whole, packet.payload),
        }
    }

    fn insert_all(&mut self, whole: &Slot, payload: &[u8]) {
        let Some(blocks) = red::parse(payload) else {
            self.stats.packets_discarded += 1;
            return;
        };
        self.schedule.copies_come |= blocks.len() > 1;
        for (block, back) in blocks.iter().zip((0..blocks.len() as u64).rev()) {
            let redundant = block.offset > 0;
            let slot = Slot {
                timestamp: whole.timestamp - i64::from(block.offset),
                sequence: whole.sequence.saturating_sub(back),
                arrived: whole.arrived,
                marker: whole.marker && !redundant,
                redundant,
                ..Slot::default()
            };
            self.insert(slot, block.payload);
        }
    }

    fn insert(&mut self, mut slot: Slot, payload: &[u8]) {
        let own = !slot.redundant;
        let Some(samples) = opus_packet::duration(payload) else {
            self.stats.packets_discarded += u64::from(own);
            return;
        };
        slot.samples = samples as i64;
        if own {
            self.delay.arrived(slot.arrived, slot.timestamp);
        }
        if self.schedule.is_past(slot.timestamp, slot.samples) {
            if own {
                self.late();
            }
        } else if self.buffer.insert(slot, payload) == Insert::Overflow {
            self.stats.packets_discarded += 1;
        }
    }

    fn late(&mut self) {
        self.stats.packets_late += 1;
        self.stats.packets_discarded += 1;
    }

    /// Plays the next 10 ms, stereo. To be called every 10 ms.
    pub(crate) fn pull(&mut self, now: Duration, out: &mut [i16; 960]) -> Pulled {
        let pulled = self.schedule(samples(now));
        self.playout.play(out);
        self.stats.played(out);
        pulled
    }

    /// Another sender takes over: what waits is dropped, counts go on.
    pub(crate) fn reset(&mut self) {
        self.arrivals.restart();
        self.begin_anew();
        self.decoding = Decoding::new();
        self.playout = Playout::new(1);
    }

    /// Silence in place of what is missing, to see what concealment is worth.
    #[cfg(test)]
    pub(crate) fn without_concealment(&mut self) {
        self.decoding.mute_invented = true;
    }

    /// How many packets and samples are held.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn held(&self) -> (usize, usize) {
        (
            self.buffer.len(),
            self.playout.ready() + self.playout.played(),
        )
    }

    fn begin_anew(&mut self) {
        self.buffer.clear();
        self.delay.forget_clock();
        self.schedule.wait();
    }

    pub(crate) fn stats(&self) -> ReceiveStats {
        ReceiveStats {
            packets_lost: self.arrivals.lost(),
            jitter: self.arrivals.jitter() / f64::from(CLOCK),
            ..self.stats
        }
    }
}

/// What 10 ms were made of, mostly.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Pulled {
    /// Sound that was sent.
    Sound,
    /// Sound that was invented in place of what is missing.
    Concealment,
    /// The silence of a sender who says that it is silent.
    Comfort,
    /// Nothing to play yet.
    Silence,
}

fn samples(time: Duration) -> i64 {
    (time.as_nanos() * u128::from(CLOCK) / 1_000_000_000) as i64
}
