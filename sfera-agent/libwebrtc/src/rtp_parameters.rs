//! What senders and receivers of media say about themselves.

use crate::rtp_transceiver::RtpTransceiverDirection;

/// How important a stream is for the network.
#[derive(Debug, Copy, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "they say themselves")]
pub enum Priority {
    VeryLow,
    Low,
    Medium,
    High,
}

/// What a video encoder gives up first; sound has nothing of it.
#[derive(Debug, Copy, Clone, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "they say themselves")]
pub enum DegradationPreference {
    MaintainFramerateAndResolution,
    MaintainFramerate,
    MaintainResolution,
    #[default]
    Balanced,
}

impl DegradationPreference {
    /// The name before.
    #[deprecated(since = "0.8.0", note = "Use MaintainFramerateAndResolution instead")]
    #[allow(non_upper_case_globals, reason = "it was a variant")]
    pub const Disabled: Self = Self::MaintainFramerateAndResolution;
}

/// A header extension in use.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the names are those of W3C WebRTC")]
pub struct RtpHeaderExtensionParameters {
    pub uri: String,
    pub id: i32,
    pub encrypted: bool,
}

/// Codecs, extensions and encodings of one sender or receiver.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs, reason = "the names are those of W3C WebRTC")]
pub struct RtpParameters {
    pub codecs: Vec<RtpCodecParameters>,
    pub header_extensions: Vec<RtpHeaderExtensionParameters>,
    pub encodings: Vec<RtpEncodingParameters>,
    pub rtcp: RtcpParameters,
    pub(crate) degradation_preference: Option<DegradationPreference>,
}

impl RtpParameters {
    /// Kept and given back; sound has no resolution to degrade.
    pub fn set_degradation_preference(&mut self, preference: DegradationPreference) {
        self.degradation_preference = Some(preference);
    }

    /// What was set.
    pub fn degradation_preference(&self) -> Option<DegradationPreference> {
        self.degradation_preference
    }
}

/// A codec in use.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs, reason = "the names are those of W3C WebRTC")]
pub struct RtpCodecParameters {
    pub payload_type: u8,
    pub mime_type: String,
    /// Hz.
    pub clock_rate: Option<u64>,
    pub channels: Option<u16>,
}

/// RTCP of a stream.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs, reason = "the names are those of W3C WebRTC")]
pub struct RtcpParameters {
    pub cname: String,
    pub reduced_size: bool,
}

/// One encoding of a sent track. For sound, `active` and `max_bitrate` (bit/s) count.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the names are those of W3C WebRTC")]
pub struct RtpEncodingParameters {
    pub active: bool,
    pub max_bitrate: Option<u64>,
    pub max_framerate: Option<f64>,
    pub priority: Priority,
    pub rid: String,
    pub scale_resolution_down_by: Option<f64>,
    pub scalability_mode: Option<String>,
    pub has_ssrc: bool,
    pub ssrc: u32,
}

impl Default for RtpEncodingParameters {
    fn default() -> Self {
        Self {
            active: true,
            max_bitrate: None,
            max_framerate: None,
            priority: Priority::Low,
            rid: String::new(),
            scale_resolution_down_by: None,
            scalability_mode: None,
            has_ssrc: false,
            ssrc: 0,
        }
    }
}

/// A codec that could be used.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the names are those of W3C WebRTC")]
pub struct RtpCodecCapability {
    pub channels: Option<u16>,
    /// Hz.
    pub clock_rate: Option<u64>,
    pub mime_type: String,
    pub sdp_fmtp_line: Option<String>,
}

/// A header extension that could be used.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the names are those of W3C WebRTC")]
pub struct RtpHeaderExtensionCapability {
    pub uri: String,
    pub direction: RtpTransceiverDirection,
}

/// What this engine can send or receive of a kind of media.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the names are those of W3C WebRTC")]
pub struct RtpCapabilities {
    pub codecs: Vec<RtpCodecCapability>,
    pub header_extensions: Vec<RtpHeaderExtensionCapability>,
}
