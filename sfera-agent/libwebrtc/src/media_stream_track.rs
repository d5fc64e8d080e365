//! A track, whatever it carries.

use crate::{audio_track::RtcAudioTrack, enum_dispatch, video_track::RtcVideoTrack};

/// Whether more may come of a track.
#[derive(Debug, Copy, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of W3C WebRTC")]
pub enum RtcTrackState {
    Live,
    Ended,
}

/// A track of sound or of video.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "they say themselves")]
pub enum MediaStreamTrack {
    Video(RtcVideoTrack),
    Audio(RtcAudioTrack),
}

impl MediaStreamTrack {
    enum_dispatch!(
        [Video, Audio];
        pub fn id(self: &Self) -> String;
        pub fn enabled(self: &Self) -> bool;
        pub fn set_enabled(self: &Self, enabled: bool) -> bool;
        pub fn state(self: &Self) -> RtcTrackState;
    );
}

impl From<RtcAudioTrack> for MediaStreamTrack {
    fn from(track: RtcAudioTrack) -> Self {
        Self::Audio(track)
    }
}

impl From<RtcVideoTrack> for MediaStreamTrack {
    fn from(track: RtcVideoTrack) -> Self {
        Self::Video(track)
    }
}
