//! A media section's own state.

use std::sync::{
    Arc, Weak,
    atomic::{AtomicBool, Ordering},
};

use parking_lot::Mutex;
use str0m::media::{Direction, MediaKind, Mid};

use super::{Engine, description::Section, sending::Sending};
use crate::{
    RtcError,
    audio::check_rate,
    audio_track::{RemoteAudio, RtcAudioTrack},
    media_stream::MediaStream,
    media_stream_track::MediaStreamTrack,
    native::create_random_uuid,
    rtp_parameters::{RtpCodecCapability, RtpCodecParameters, RtpParameters},
    rtp_transceiver::{RtpTransceiverDirection, RtpTransceiverInit},
    stats::RtcStats,
    video_track::RtcVideoTrack,
};

pub(crate) struct Transceiver {
    engine: Weak<Engine>,
    kind: MediaKind,
    received: MediaStreamTrack,
    stream_ids: Vec<String>,
    terms: Mutex<Terms>,
    /// Someone wanted this media encrypted: none of it may go in the clear.
    forbidden: AtomicBool,
    /// What turns the sent track into packets; touched by the driver only.
    pub(super) sending: Mutex<Option<Sending>>,
}

/// A track that goes out, and how.
pub(super) struct ToSend {
    pub(super) mid: Mid,
    pub(super) track: RtcAudioTrack,
    /// Bits a second.
    pub(super) max_bitrate: Option<u64>,
    pub(super) red: bool,
    pub(super) dtx: bool,
    /// The share of packets the peer did not get.
    pub(super) loss: f32,
}

struct Terms {
    mid: Option<Mid>,
    wanted: Direction,
    /// What both sides agreed on.
    agreed: Option<Direction>,
    stopped: bool,
    sent: Option<MediaStreamTrack>,
    parameters: RtpParameters,
    /// The peer's names of what it sends.
    streams: Vec<String>,
    /// The peer wants redundant packets.
    red: bool,
    /// The peer wants silence to take hardly any packets.
    dtx: bool,
    /// The share of sent packets the peer did not get.
    loss: f32,
}

impl Transceiver {
    pub(super) fn new(
        engine: Weak<Engine>,
        kind: MediaKind,
        track: Option<MediaStreamTrack>,
        init: RtpTransceiverInit,
    ) -> Self {
        let id = create_random_uuid();
        let received = match kind {
            MediaKind::Audio => MediaStreamTrack::Audio(RtcAudioTrack::remote(id)),
            MediaKind::Video => MediaStreamTrack::Video(RtcVideoTrack::new(id)),
        };
        let parameters = RtpParameters {
            encodings: init.send_encodings,
            ..RtpParameters::default()
        };
        Self {
            engine,
            kind,
            received,
            stream_ids: init.stream_ids,
            terms: Mutex::new(Terms {
                mid: None,
                wanted: to_str0m(init.direction),
                agreed: None,
                stopped: false,
                sent: track,
                parameters,
                streams: Vec::new(),
                red: false,
                dtx: false,
                loss: 0.0,
            }),
            forbidden: AtomicBool::new(false),
            sending: Mutex::new(None),
        }
    }

    pub(super) fn kind(&self) -> MediaKind {
        self.kind
    }

    pub(super) fn mid(&self) -> Option<Mid> {
        self.terms.lock().mid
    }

    pub(super) fn set_mid(&self, mid: Mid) {
        self.terms.lock().mid = Some(mid);
    }

    /// Its name was in an offer that nobody answers.
    pub(super) fn forget_offered(&self) {
        let mut terms = self.terms.lock();
        if terms.agreed.is_none() {
            terms.mid = None;
        }
    }

    /// Its name, once both sides know of it.
    pub(super) fn agreed_mid(&self) -> Option<Mid> {
        let terms = self.terms.lock();
        terms.agreed.and(terms.mid)
    }

    pub(super) fn wanted(&self) -> Direction {
        self.terms.lock().wanted
    }

    /// The names this side gives its stream and track.
    pub(super) fn names(&self) -> (Option<String>, Option<String>) {
        let track = self.terms.lock().sent.as_ref().map(MediaStreamTrack::id);
        (
            self.stream_ids.first().cloned().or_else(|| track.clone()),
            track,
        )
    }

    /// Takes over what was agreed on; true where the peer begins to send something.
    pub(super) fn agree(&self, section: Section<'_>) -> bool {
        let (direction, stream) = (section.direction.invert(), section.stream);
        let mut terms = self.terms.lock();
        terms.agreed = Some(direction);
        terms.red = section.red;
        terms.dtx = section.dtx;
        let began = terms.streams.is_empty() && stream.is_some();
        if let Some(id) = stream.as_ref().and_then(|stream| stream.track) {
            match &self.received {
                MediaStreamTrack::Audio(track) => track.set_id(id.to_owned()),
                MediaStreamTrack::Video(track) => track.set_id(id.to_owned()),
            }
        }
        terms.streams = stream
            .map(|stream| stream.stream.to_owned())
            .into_iter()
            .collect();
        began
    }

    pub(crate) fn mid_name(&self) -> Option<String> {
        self.mid().map(|mid| mid.to_string())
    }

    pub(crate) fn current_direction(&self) -> Option<RtpTransceiverDirection> {
        let terms = self.terms.lock();
        if terms.stopped {
            return Some(RtpTransceiverDirection::Stopped);
        }
        terms.agreed.map(from_str0m)
    }

    pub(crate) fn wanted_direction(&self) -> RtpTransceiverDirection {
        let terms = self.terms.lock();
        if terms.stopped {
            RtpTransceiverDirection::Stopped
        } else {
            from_str0m(terms.wanted)
        }
    }

    pub(super) fn receives(&self) -> bool {
        self.terms
            .lock()
            .agreed
            .is_some_and(|direction| direction.is_receiving())
    }

    /// What is to be sent now, and how; `None` while nothing is.
    pub(super) fn to_send(&self) -> Option<ToSend> {
        if self.forbidden.load(Ordering::Acquire) {
            return None;
        }
        let terms = self.terms.lock();
        let encoding = terms.parameters.encodings.first();
        let active = encoding.is_none_or(|encoding| encoding.active);
        let agreed = terms.agreed.is_some_and(|direction| direction.is_sending());
        if !active || terms.stopped || !agreed {
            return None;
        }
        let Some(MediaStreamTrack::Audio(track)) = &terms.sent else {
            return None;
        };
        Some(ToSend {
            mid: terms.mid?,
            track: track.clone(),
            max_bitrate: encoding.and_then(|encoding| encoding.max_bitrate),
            red: terms.red,
            dtx: terms.dtx,
            loss: terms.loss,
        })
    }

    /// The share of sent packets the peer said it did not get, last.
    pub(super) fn loss(&self) -> f32 {
        self.terms.lock().loss
    }

    pub(super) fn set_loss(&self, loss: f32) {
        self.terms.lock().loss = loss;
    }

    /// What hears this section's packets; `None` for video, and where they may not be heard.
    pub(super) fn remote_audio(&self) -> Option<Arc<RemoteAudio>> {
        let MediaStreamTrack::Audio(track) = &self.received else {
            return None;
        };
        if self.forbidden.load(Ordering::Acquire) {
            None
        } else {
            track.remote_audio()
        }
    }

    pub(super) fn end(&self) {
        if let MediaStreamTrack::Audio(track) = &self.received
            && let Some(audio) = track.remote_audio()
        {
            audio.end();
        }
    }

    pub(crate) fn received_track(&self) -> MediaStreamTrack {
        self.received.clone()
    }

    pub(crate) fn stream_ids(&self) -> Vec<String> {
        self.terms.lock().streams.clone()
    }

    pub(crate) fn streams(&self) -> Vec<MediaStream> {
        let stream = |id| MediaStream::new(id, self.received.clone());
        self.stream_ids().into_iter().map(stream).collect()
    }

    pub(crate) fn sent_track(&self) -> Option<MediaStreamTrack> {
        self.terms.lock().sent.clone()
    }

    pub(crate) fn set_sent_track(&self, track: Option<MediaStreamTrack>) -> Result<(), RtcError> {
        if let Some(track) = &track {
            check_track(track)?;
        }
        self.terms.lock().sent = track;
        Ok(())
    }

    pub(crate) fn remove_sent_track(&self) {
        let mut terms = self.terms.lock();
        terms.sent = None;
        terms.wanted = match terms.wanted {
            Direction::SendRecv => Direction::RecvOnly,
            Direction::SendOnly => Direction::Inactive,
            other => other,
        };
    }

    pub(crate) fn stop(&self) {
        let mut terms = self.terms.lock();
        terms.stopped = true;
        terms.wanted = Direction::Inactive;
    }

    pub(crate) fn forbid(&self) {
        self.forbidden.store(true, Ordering::Release);
    }

    pub(crate) fn check_codecs(&self, codecs: &[RtpCodecCapability]) -> Result<(), RtcError> {
        let is_opus =
            |codec: &RtpCodecCapability| codec.mime_type.eq_ignore_ascii_case("audio/opus");
        if self.kind == MediaKind::Video || codecs.is_empty() || codecs.iter().any(is_opus) {
            return Ok(());
        }
        Err(RtcError::state(
            "this media engine speaks Opus only, which the codec preferences leave out",
        ))
    }

    pub(crate) fn sender_parameters(&self) -> RtpParameters {
        RtpParameters {
            codecs: self.codecs(),
            ..self.terms.lock().parameters.clone()
        }
    }

    pub(crate) fn set_sender_parameters(&self, parameters: RtpParameters) {
        self.terms.lock().parameters = parameters;
    }

    pub(crate) fn receiver_parameters(&self) -> RtpParameters {
        RtpParameters {
            codecs: self.codecs(),
            ..RtpParameters::default()
        }
    }

    fn codecs(&self) -> Vec<RtpCodecParameters> {
        if self.kind == MediaKind::Video {
            return Vec::new();
        }
        vec![RtpCodecParameters {
            payload_type: 111,
            mime_type: "audio/opus".to_owned(),
            clock_rate: Some(48_000),
            channels: Some(2),
        }]
    }

    pub(crate) fn sender_stats(&self) -> Result<Vec<RtcStats>, RtcError> {
        let engine = self
            .engine
            .upgrade()
            .ok_or_else(|| RtcError::state("the connection is gone"))?;
        Ok(engine.report_with_links(engine.report_sent(self)))
    }

    pub(crate) fn receiver_stats(&self) -> Result<Vec<RtcStats>, RtcError> {
        let engine = self
            .engine
            .upgrade()
            .ok_or_else(|| RtcError::state("the connection is gone"))?;
        Ok(engine.report_with_links(engine.report_received(self)))
    }
}

/// Whether a track can be sent.
pub(super) fn check_track(track: &MediaStreamTrack) -> Result<(), RtcError> {
    match track {
        MediaStreamTrack::Video(_) => Err(RtcError::state(
            "video is not supported by this media engine: it can't be sent",
        )),
        MediaStreamTrack::Audio(track) => track
            .source()
            .map_or(Ok(()), |source| check_rate(source.sample_rate())),
    }
}

fn to_str0m(direction: RtpTransceiverDirection) -> Direction {
    match direction {
        RtpTransceiverDirection::SendRecv => Direction::SendRecv,
        RtpTransceiverDirection::SendOnly => Direction::SendOnly,
        RtpTransceiverDirection::RecvOnly => Direction::RecvOnly,
        RtpTransceiverDirection::Inactive | RtpTransceiverDirection::Stopped => Direction::Inactive,
    }
}

fn from_str0m(direction: Direction) -> RtpTransceiverDirection {
    match direction {
        Direction::SendRecv => RtpTransceiverDirection::SendRecv,
        Direction::SendOnly => RtpTransceiverDirection::SendOnly,
        Direction::RecvOnly => RtpTransceiverDirection::RecvOnly,
        Direction::Inactive => RtpTransceiverDirection::Inactive,
    }
}
