//! Offer and answer.
//!
//! str0m makes and applies them; what is kept here is what JSEP has and str0m has not: whose turn it
//! is, the texts, what this side wants of each section, and sections nobody has offered yet.

use std::sync::Arc;

use str0m::{
    change::{SdpAnswer, SdpOffer, SdpPendingOffer},
    media::{Direction, MediaKind, Mid},
};

use super::{
    Engine,
    description::{self, Section},
    notice::Notice,
    state::State,
    transceiver::Transceiver,
};
use crate::{
    MediaType, RtcError,
    peer_connection::{OfferOptions, PeerConnectionState, SignalingState},
    rtp_transceiver::{RtpTransceiverDirection, RtpTransceiverInit},
    session_description::{SdpType, SessionDescription},
};

pub(super) struct Negotiation {
    pub(super) signaling: SignalingState,
    /// What the offer that is out would change; `None` where it would change nothing.
    pending: Option<SdpPendingOffer>,
    offer: String,
    answer: Option<String>,
    pending_local: Option<SessionDescription>,
    pub(super) current_local: Option<SessionDescription>,
    pub(super) current_remote: Option<SessionDescription>,
    /// A section of data channels is agreed on.
    data: bool,
    pub(super) restart_ice: bool,
    /// The section candidates are said to belong to.
    pub(super) first_mid: String,
}

impl Default for Negotiation {
    fn default() -> Self {
        Self {
            signaling: SignalingState::Stable,
            pending: None,
            offer: String::new(),
            answer: None,
            pending_local: None,
            current_local: None,
            current_remote: None,
            data: false,
            restart_ice: false,
            first_mid: "0".to_owned(),
        }
    }
}

impl Negotiation {
    /// The peer has been told something of this side.
    pub(super) fn is_described(&self) -> bool {
        self.pending_local.is_some() || self.current_local.is_some()
    }
}

impl Engine {
    pub(crate) fn create_offer(
        &self,
        options: &OfferOptions,
    ) -> Result<SessionDescription, RtcError> {
        self.check_open()?;
        self.gather();
        let sdp = self.change(|state| {
            state.negotiation.restart_ice |= options.ice_restart;
            state.offer()
        });
        Ok(SessionDescription::new(sdp, SdpType::Offer))
    }

    pub(crate) fn create_answer(&self) -> Result<SessionDescription, RtcError> {
        self.check_open()?;
        let answer = self.change(|state| state.negotiation.answer.clone());
        let sdp = answer.ok_or_else(|| RtcError::state("there is no offer to answer"))?;
        Ok(SessionDescription::new(sdp, SdpType::Answer))
    }

    pub(crate) fn set_local_description(
        &self,
        description: SessionDescription,
    ) -> Result<(), RtcError> {
        self.check_open()?;
        self.change(|state| {
            if let Some(mid) = description::first_mid(description.sdp()) {
                state.negotiation.first_mid = mid.to_owned();
            }
            match description.sdp_type() {
                SdpType::Offer => {
                    state.negotiation.pending_local = Some(description);
                    state.turn_signaling(SignalingState::HaveLocalOffer);
                }
                SdpType::Answer | SdpType::PrAnswer => {
                    state.negotiation.current_local = Some(description);
                    state.turn_signaling(SignalingState::Stable);
                }
                SdpType::Rollback => state.roll_back(),
            }
        });
        self.gather();
        self.trickle();
        Ok(())
    }

    pub(crate) fn set_remote_description(
        &self,
        description: SessionDescription,
    ) -> Result<(), RtcError> {
        self.check_open()?;
        match description.sdp_type() {
            SdpType::Offer => {
                self.gather();
                self.meet_described(description.sdp());
                self.change(|state| state.accept_offer(description))
            }
            SdpType::Answer | SdpType::PrAnswer => {
                self.meet_described(description.sdp());
                self.change(|state| state.accept_answer(description))
            }
            SdpType::Rollback => {
                self.change(State::roll_back);
                Ok(())
            }
        }
    }

    pub(crate) fn add_transceiver(
        &self,
        kind: MediaType,
        track: Option<crate::media_stream_track::MediaStreamTrack>,
        init: RtpTransceiverInit,
    ) -> Result<Arc<Transceiver>, RtcError> {
        self.check_open()?;
        let kind = match kind {
            MediaType::Audio => MediaKind::Audio,
            MediaType::Video => MediaKind::Video,
            other => {
                return Err(RtcError::state(format!(
                    "a media section can't be of {other:?}"
                )));
            }
        };
        if kind == MediaKind::Video
            && matches!(
                init.direction,
                RtpTransceiverDirection::SendOnly | RtpTransceiverDirection::SendRecv
            )
        {
            return Err(RtcError::state(
                "video is not supported by this media engine: it can't be sent",
            ));
        }
        Ok(self.change(|state| {
            let transceiver = Arc::new(Transceiver::new(state.engine.clone(), kind, track, init));
            state.transceivers.push(transceiver.clone());
            state.notify(Notice::NegotiationNeeded);
            transceiver
        }))
    }
}

impl State {
    fn turn_signaling(&mut self, to: SignalingState) {
        if self.negotiation.signaling != to {
            self.negotiation.signaling = to;
            self.notify(Notice::Signaling(to));
        }
    }

    fn offer(&mut self) -> String {
        let mut restarted = false;
        let mut changes = self.rtc.sdp_api();
        if !self.negotiation.data {
            for channel in self.channels.iter().filter(|channel| channel.is_waiting()) {
                channel.set_channel_id(changes.add_channel_with_config(channel.config()));
            }
        }
        for transceiver in &self.transceivers {
            match transceiver.agreed_mid() {
                Some(mid) => changes.set_direction(mid, transceiver.wanted()),
                None => {
                    let (stream, track) = transceiver.names();
                    let mid = changes.add_media(
                        transceiver.kind(),
                        transceiver.wanted(),
                        stream,
                        track,
                        None,
                    );
                    transceiver.set_mid(mid);
                }
            }
        }
        if std::mem::take(&mut self.negotiation.restart_ice) {
            changes.ice_restart(true);
            restarted = true;
        }
        if !changes.has_changes() {
            // str0m offers changes only, but whoever asks for an offer gets one: a change there and back.
            if let Some(transceiver) = self.transceivers.iter().find(|t| t.agreed_mid().is_some()) {
                flip(&mut changes, transceiver);
            }
        }
        let made = changes.apply();
        let negotiation = &mut self.negotiation;
        negotiation.pending = None;
        if let Some((offer, pending)) = made {
            negotiation.offer = offer.to_sdp_string();
            negotiation.pending = Some(pending);
        }
        if restarted {
            self.forget_told();
        }
        self.negotiation.offer.clone()
    }

    fn roll_back(&mut self) {
        self.negotiation.pending = None;
        self.negotiation.pending_local = None;
        self.turn_signaling(SignalingState::Stable);
    }

    fn accept_offer(&mut self, description: SessionDescription) -> Result<(), RtcError> {
        let offer = SdpOffer::from_sdp_string(description.sdp()).map_err(RtcError::sdp)?;
        let answer = self
            .rtc
            .sdp_api()
            .accept_offer(offer)
            .map_err(RtcError::sdp)?;
        let answer = answer.to_sdp_string();
        let before = self.negotiation.answer.replace(answer.clone());
        if before
            .is_some_and(|before| description::ice_name(&before) != description::ice_name(&answer))
        {
            self.forget_told();
        }
        for section in description::sections(description.sdp()) {
            self.meet(&section);
        }
        self.agree(description.sdp());
        self.open_waiting_channels();
        self.negotiation.current_remote = Some(description);
        self.turn_signaling(SignalingState::HaveRemoteOffer);
        Ok(())
    }

    /// Finds a transceiver for a section the peer offers: the one it has, one that waits to be offered,
    /// or a new one.
    fn meet(&mut self, section: &Section<'_>) {
        let kind = match section.kind {
            MediaType::Audio => MediaKind::Audio,
            MediaType::Video => MediaKind::Video,
            _ => return,
        };
        let mid = Mid::from(section.mid);
        if self.by_mid(mid).is_some() {
            return;
        }
        let waits = |transceiver: &&Arc<Transceiver>| {
            transceiver.mid().is_none() && transceiver.kind() == kind
        };
        let transceiver = self
            .transceivers
            .iter()
            .find(waits)
            .cloned()
            .unwrap_or_else(|| {
                let init = RtpTransceiverInit {
                    direction: RtpTransceiverDirection::RecvOnly,
                    stream_ids: Vec::new(),
                    send_encodings: Vec::new(),
                };
                let new = Arc::new(Transceiver::new(self.engine.clone(), kind, None, init));
                self.transceivers.push(new.clone());
                new
            });
        transceiver.set_mid(mid);
    }

    fn accept_answer(&mut self, description: SessionDescription) -> Result<(), RtcError> {
        let again = self
            .negotiation
            .current_remote
            .as_ref()
            .map(SessionDescription::sdp);
        if again == Some(description.sdp()) {
            // livekit takes an offer back by setting the last answer again.
            self.roll_back();
            return Ok(());
        }
        let answer = SdpAnswer::from_sdp_string(description.sdp()).map_err(RtcError::sdp)?;
        if let Some(pending) = self.negotiation.pending.take() {
            self.rtc
                .sdp_api()
                .accept_answer(pending, answer)
                .map_err(RtcError::sdp)?;
        }
        self.agree(description.sdp());
        self.negotiation.current_remote = Some(description);
        self.negotiation.current_local = self.negotiation.pending_local.take();
        self.open_waiting_channels();
        if self.connection == PeerConnectionState::New {
            self.turn_connection(PeerConnectionState::Connecting);
        }
        self.turn_signaling(SignalingState::Stable);
        Ok(())
    }

    /// Takes over what both sides now agree on: directions and the peer's tracks.
    fn agree(&mut self, remote: &str) {
        for section in description::sections(remote) {
            if section.kind == MediaType::Data {
                self.negotiation.data = true;
                continue;
            }
            let Some(transceiver) = self.by_mid(Mid::from(section.mid)) else {
                continue;
            };
            if transceiver.agree(section) {
                self.notify(Notice::Track(transceiver));
            }
        }
    }

    /// With a section of data channels agreed on, more of them need no negotiation.
    pub(super) fn open_waiting_channels(&mut self) {
        if !self.negotiation.data {
            return;
        }
        for channel in self.channels.clone() {
            if !channel.is_waiting() {
                continue;
            }
            let mut changes = self.rtc.sdp_api();
            channel.set_channel_id(changes.add_channel_with_config(channel.config()));
            changes.apply();
            self.drain();
        }
    }
}

fn flip(changes: &mut str0m::change::SdpApi<'_>, transceiver: &Transceiver) {
    let Some(mid) = transceiver.agreed_mid() else {
        return;
    };
    let wanted = transceiver.wanted();
    let other = if wanted == Direction::Inactive {
        Direction::RecvOnly
    } else {
        Direction::Inactive
    };
    changes.set_direction(mid, other);
    changes.set_direction(mid, wanted);
}
