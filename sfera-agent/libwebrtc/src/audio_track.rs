//! stand-in
use std::{sync::Arc, time::Duration};
use crate::{audio::*, audio_source::native::NativeAudioSource, media_stream_track::RtcTrackState};
#[derive(Clone, Debug)]
pub struct RtcAudioTrack;
pub(crate) struct RemoteAudio;
impl RemoteAudio {
    pub fn push(&self, _n: Duration, _p: AudioPacket<'_>) {}
    pub fn tick(&self, _n: Duration) {}
    pub fn has_sinks(&self) -> bool { false }
    pub fn reset(&self) {}
    pub fn end(&self) {}
    pub fn stats(&self) -> ReceiveStats { ReceiveStats::default() }
}
impl RtcAudioTrack {
    pub(crate) fn remote(_: String) -> Self { Self }
    pub(crate) fn local(_: String, _: Option<NativeAudioSource>) -> Self { Self }
    pub(crate) fn remote_audio(&self) -> Option<Arc<RemoteAudio>> { None }
    pub(crate) fn source(&self) -> Option<NativeAudioSource> { None }
    pub(crate) fn set_id(&self, _: String) {}
    pub fn id(&self) -> String { String::new() }
    pub fn enabled(&self) -> bool { true }
    pub fn set_enabled(&self, _: bool) -> bool { true }
    pub fn state(&self) -> RtcTrackState { RtcTrackState::Live }
}
