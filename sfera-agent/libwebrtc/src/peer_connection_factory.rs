//! Makes connections and tracks.

use std::fmt::{self, Debug};

use crate::{
    MediaType, RtcError,
    peer_connection::PeerConnection,
    rtp_parameters::{RtpCapabilities, RtpCodecCapability},
};

/// A STUN or TURN server.
#[derive(Clone)]
pub struct IceServer {
    /// `stun:host:port`, `turn:host:port?transport=udp`, …
    pub urls: Vec<String>,
    /// For TURN.
    pub username: String,
    /// For TURN.
    pub password: String,
}

impl Debug for IceServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IceServer")
            .field("urls", &self.urls)
            .finish_non_exhaustive()
    }
}

/// When candidates are gathered. This engine gathers at the first description and at every ICE
/// restart, in both.
#[derive(Debug, Copy, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of libwebrtc")]
pub enum ContinualGatheringPolicy {
    GatherOnce,
    GatherContinually,
}

/// Which candidates may be used.
#[derive(Debug, Copy, Clone, PartialEq, Eq)]
pub enum IceTransportsType {
    /// Through TURN only.
    Relay,
    /// No address of this machine itself.
    NoHost,
    /// Any.
    All,
}

/// How a connection is made.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RtcConfiguration {
    /// STUN and TURN servers.
    pub ice_servers: Vec<IceServer>,
    /// When to gather.
    pub continual_gathering_policy: ContinualGatheringPolicy,
    /// What to use.
    pub ice_transport_type: IceTransportsType,
    /// SCTP's INIT within the SDP, which saves a round trip.
    pub enable_sctp_snap: bool,
}

impl Default for RtcConfiguration {
    fn default() -> Self {
        Self {
            ice_servers: Vec::new(),
            continual_gathering_policy: ContinualGatheringPolicy::GatherContinually,
            ice_transport_type: IceTransportsType::All,
            enable_sctp_snap: false,
        }
    }
}

/// Makes connections; all of them share one I/O runtime.
#[derive(Clone, Default)]
pub struct PeerConnectionFactory(());

impl PeerConnectionFactory {
    /// The same as any other: there is no video whose delay could be zero.
    pub fn with_zero_playout_delay() -> Self {
        Self::default()
    }

    /// The same as any other: both options are about what this engine has not.
    pub fn with_options(_zero_playout_delay: bool, _enable_warp: bool) -> Self {
        Self::default()
    }

    /// A new connection. It is closed when its last clone is dropped.
    ///
    /// # Errors
    /// The I/O runtime can't start, or somebody in this process wants end-to-end encryption
    /// ([`frame_cryptor`](crate::native::frame_cryptor)).
    pub fn create_peer_connection(
        &self,
        config: RtcConfiguration,
    ) -> Result<PeerConnection, RtcError> {
        PeerConnection::new(config)
    }

    /// Opus; nothing for video.
    pub fn get_rtp_sender_capabilities(&self, media_type: MediaType) -> RtpCapabilities {
        capabilities(media_type)
    }

    /// Opus; nothing for video.
    pub fn get_rtp_receiver_capabilities(&self, media_type: MediaType) -> RtpCapabilities {
        capabilities(media_type)
    }
}

fn capabilities(media_type: MediaType) -> RtpCapabilities {
    let opus = || RtpCodecCapability {
        channels: Some(2),
        clock_rate: Some(48_000),
        mime_type: "audio/opus".to_owned(),
        sdp_fmtp_line: Some("minptime=10;useinbandfec=1".to_owned()),
    };
    RtpCapabilities {
        codecs: (media_type == MediaType::Audio)
            .then(opus)
            .into_iter()
            .collect(),
        header_extensions: Vec::new(),
    }
}

impl Debug for PeerConnectionFactory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PeerConnectionFactory").finish()
    }
}

/// Tracks, and the sound devices this engine has not.
pub mod native {
    use super::PeerConnectionFactory;
    use crate::{
        audio_source::native::NativeAudioSource, audio_track::RtcAudioTrack,
        video_source::native::NativeVideoSource, video_track::RtcVideoTrack,
    };

    /// Tracks of this process. Devices: there are none here, so their number is 0 and what would
    /// switch them answers `false`.
    #[allow(missing_docs, reason = "the names are those of libwebrtc")]
    pub trait PeerConnectionFactoryExt {
        /// A track that no connection takes: there is no video.
        fn create_video_track(&self, label: &str, source: NativeVideoSource) -> RtcVideoTrack;
        /// A track of what is captured by `source`.
        fn create_audio_track(&self, label: &str, source: NativeAudioSource) -> RtcAudioTrack;
        /// A track of a device, which stays silent.
        fn create_device_audio_track(&self, label: &str) -> RtcAudioTrack;
        fn playout_devices(&self) -> i16;
        fn recording_devices(&self) -> i16;
        fn playout_device_name(&self, index: u16) -> String;
        fn recording_device_name(&self, index: u16) -> String;
        fn playout_device_guid(&self, index: u16) -> String;
        fn recording_device_guid(&self, index: u16) -> String;
        fn set_playout_device(&self, index: u16) -> bool;
        fn set_recording_device(&self, index: u16) -> bool;
        fn set_playout_device_by_guid(&self, guid: &str) -> bool;
        fn set_recording_device_by_guid(&self, guid: &str) -> bool;
        fn stop_recording(&self) -> bool;
        fn init_recording(&self) -> bool;
        fn start_recording(&self) -> bool;
        fn recording_is_initialized(&self) -> bool;
        fn stop_playout(&self) -> bool;
        fn init_playout(&self) -> bool;
        fn start_playout(&self) -> bool;
        fn playout_is_initialized(&self) -> bool;
        fn builtin_aec_is_available(&self) -> bool;
        fn builtin_agc_is_available(&self) -> bool;
        fn builtin_ns_is_available(&self) -> bool;
        fn enable_builtin_aec(&self, enable: bool) -> bool;
        fn enable_builtin_agc(&self, enable: bool) -> bool;
        fn enable_builtin_ns(&self, enable: bool) -> bool;
        fn set_adm_recording_enabled(&self, enabled: bool);
        fn adm_recording_enabled(&self) -> bool;
        fn set_adm_playout_enabled(&self, enabled: bool);
        fn adm_playout_enabled(&self) -> bool;
        fn acquire_platform_adm(&self) -> bool;
        fn release_platform_adm(&self);
        fn platform_adm_ref_count(&self) -> i32;
        fn is_platform_adm_active(&self) -> bool;
    }

    impl PeerConnectionFactoryExt for PeerConnectionFactory {
        fn create_video_track(&self, label: &str, _source: NativeVideoSource) -> RtcVideoTrack {
            RtcVideoTrack::new(label.to_owned())
        }

        fn create_audio_track(&self, label: &str, source: NativeAudioSource) -> RtcAudioTrack {
            RtcAudioTrack::local(label.to_owned(), Some(source))
        }

        fn create_device_audio_track(&self, label: &str) -> RtcAudioTrack {
            log::error!("this media engine has no sound devices: the track {label:?} stays silent");
            RtcAudioTrack::local(label.to_owned(), None)
        }

        fn playout_devices(&self) -> i16 {
            0
        }

        fn recording_devices(&self) -> i16 {
            0
        }

        fn playout_device_name(&self, _index: u16) -> String {
            String::new()
        }

        fn recording_device_name(&self, _index: u16) -> String {
            String::new()
        }

        fn playout_device_guid(&self, _index: u16) -> String {
            String::new()
        }

        fn recording_device_guid(&self, _index: u16) -> String {
            String::new()
        }

        fn set_playout_device(&self, _index: u16) -> bool {
            false
        }

        fn set_recording_device(&self, _index: u16) -> bool {
            false
        }

        fn set_playout_device_by_guid(&self, _guid: &str) -> bool {
            false
        }

        fn set_recording_device_by_guid(&self, _guid: &str) -> bool {
            false
        }

        fn stop_recording(&self) -> bool {
            false
        }

        fn init_recording(&self) -> bool {
            false
        }

        fn start_recording(&self) -> bool {
            false
        }

        fn recording_is_initialized(&self) -> bool {
            false
        }

        fn stop_playout(&self) -> bool {
            false
        }

        fn init_playout(&self) -> bool {
            false
        }

        fn start_playout(&self) -> bool {
            false
        }

        fn playout_is_initialized(&self) -> bool {
            false
        }

        fn builtin_aec_is_available(&self) -> bool {
            false
        }

        fn builtin_agc_is_available(&self) -> bool {
            false
        }

        fn builtin_ns_is_available(&self) -> bool {
            false
        }

        fn enable_builtin_aec(&self, _enable: bool) -> bool {
            false
        }

        fn enable_builtin_agc(&self, _enable: bool) -> bool {
            false
        }

        fn enable_builtin_ns(&self, _enable: bool) -> bool {
            false
        }

        fn set_adm_recording_enabled(&self, _enabled: bool) {}

        fn adm_recording_enabled(&self) -> bool {
            false
        }

        fn set_adm_playout_enabled(&self, _enabled: bool) {}

        fn adm_playout_enabled(&self) -> bool {
            false
        }

        fn acquire_platform_adm(&self) -> bool {
            false
        }

        fn release_platform_adm(&self) {}

        fn platform_adm_ref_count(&self) -> i32 {
            0
        }

        fn is_platform_adm_active(&self) -> bool {
            false
        }
    }
}
