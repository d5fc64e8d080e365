//! stand-in
use std::time::Duration;
use crate::{RtcError, audio_source::native::NativeAudioSource};
pub(crate) struct AudioPacket<'a> { pub sequence: u64, pub timestamp: u32, pub payload: &'a [u8], pub codec: Codec, pub marker: bool }
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Codec { Opus, Red }
pub(crate) struct SendOptions { pub max_bitrate: Option<u64>, pub dtx: bool, pub fec: bool, pub red: bool, pub stereo: bool }
#[derive(Default, Clone)]
pub(crate) struct SendStats { pub packets: u64, pub bytes: u64, pub target_bitrate: u32 }
pub(crate) struct SentPacket<'a> { pub payload: &'a [u8], pub timestamp: u32, pub level: i8, pub voice: bool, pub marker: bool, pub codec: Codec }
pub(crate) struct SendStream;
impl SendStream {
    pub fn new(_s: NativeAudioSource, _o: SendOptions) -> Result<Self, RtcError> { Ok(Self) }
    pub fn next(&mut self, _e: bool) -> Option<SentPacket<'_>> { None }
    pub fn set_packet_loss(&mut self, _f: f32) {}
    pub fn set_max_bitrate(&mut self, _f: Option<u64>) {}
    pub fn stats(&self) -> SendStats { SendStats::default() }
}
#[derive(Default, Clone)]
pub(crate) struct ReceiveStats { pub packets_received: u64, pub packets_lost: i64, pub jitter: f64, pub packets_discarded: u64, pub fec_packets_received: u64, pub jitter_buffer_delay: f64, pub jitter_buffer_target_delay: f64, pub jitter_buffer_emitted_count: u64, pub total_samples_received: u64, pub concealed_samples: u64, pub silent_concealed_samples: u64, pub concealment_events: u64, pub inserted_samples_for_deceleration: u64, pub removed_samples_for_acceleration: u64, pub audio_level: f64, pub total_audio_energy: f64, pub total_samples_duration: f64 }
pub(crate) fn _d(_: Duration) {}
