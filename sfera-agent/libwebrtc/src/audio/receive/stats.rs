//! What happened to a stream so far, in the terms of W3C's webrtc-stats.

use super::MS;
use crate::audio::{CLOCK, level::mean_square};

/// What happened to a received stream so far. Samples are of one channel.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub(crate) struct ReceiveStats {
    pub(crate) packets_received: u64,
    /// Packets that never came.
    pub(crate) packets_lost: i64,
    /// RFC 3550, seconds.
    pub(crate) jitter: f64,
    /// Packets that came too late or twice, or found no room.
    pub(crate) packets_discarded: u64,
    /// Of those: too late to be played.
    pub(crate) packets_late: u64,
    /// Of those: here already.
    pub(crate) packets_duplicate: u64,
    /// Lost packets played from copies inside others.
    pub(crate) fec_packets_received: u64,
    /// How long decoded samples had waited together, seconds; divide by `jitter_buffer_emitted_count`.
    pub(crate) jitter_buffer_delay: f64,
    pub(crate) jitter_buffer_target_delay: f64,
    pub(crate) jitter_buffer_emitted_count: u64,
    pub(crate) total_samples_received: u64,
    /// Invented samples, and those of them that had faded to silence.
    pub(crate) concealed_samples: u64,
    pub(crate) silent_concealed_samples: u64,
    pub(crate) concealment_events: u64,
    pub(crate) inserted_samples_for_deceleration: u64,
    pub(crate) removed_samples_for_acceleration: u64,
    /// Of the last 10 ms, 0 to 1.
    pub(crate) audio_level: f64,
    pub(crate) total_audio_energy: f64,
    /// Seconds.
    pub(crate) total_samples_duration: f64,
}

impl ReceiveStats {
    /// So many samples were decoded after they had waited for this long.
    pub(super) fn emitted(&mut self, samples: i64, waited: i64, target: i64) {
        let seconds = |wait: i64| samples as f64 * wait.max(0) as f64 / f64::from(CLOCK);
        self.jitter_buffer_delay += seconds(waited);
        self.jitter_buffer_target_delay += seconds(target);
        self.jitter_buffer_emitted_count += samples as u64;
    }

    pub(super) fn concealed(&mut self, samples: i64, silent: bool) {
        self.concealed_samples += samples as u64;
        if silent {
            self.silent_concealed_samples += samples as u64;
        }
    }

    /// 10 ms of stereo were played.
    pub(super) fn played(&mut self, sound: &[i16]) {
        const SECONDS: f64 = 0.01;
        let energy = mean_square(sound);
        self.total_samples_received += 10 * MS as u64;
        self.audio_level = energy.sqrt();
        self.total_audio_energy += energy * SECONDS;
        self.total_samples_duration += SECONDS;
    }
}
