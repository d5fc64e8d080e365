//! Offer and answer.
//!
//! str0m makes and applies them; what is kept here is what JSEP has and str0m has not: whose turn it
//! is, the texts, what this side wants of each section, and sections nobody has offered yet.

use std::sync::Arc;

use str0m::{
    change::{SdpAnswer, SdpOffer, SdpPendingOffer},
    channel::{ChannelConfig, ChannelId},
    media::{Direction, MediaKind, Mid},
};

use super::{
    Engine,
    description::{self, Section},
    notice::Notice,
    state::State,
    transceiver::{self, Transceiver},
};
use crate::{
    MediaType, RtcError,
    peer_connection::{OfferOptions, PeerConnectionState, SignalingState},
    rtp_transceiver::{RtpTransceiverDirection, RtpTransceiverInit},
    session_description::{SdpType, SessionDescription},
};

/// The streams of stand-ins, downwards from here: above those that can be agreed on, far above those
/// that are given away.
const STAND_IN: u16 = 65_000;
const STAND_IN_RANGE: u16 = 10_000;

pub(super) struct Negotiation {
    pub(super) signaling: SignalingState,
    /// The offer that waits for an answer.
    out: Option<Out>,
    /// The last offer there was a change for.
    offer: Option<String>,
    answer: Option<String>,
    pending_local: Option<SessionDescription>,
    pub(super) current_local: Option<SessionDescription>,
    pub(super) current_remote: Option<SessionDescription>,
    /// A section of data channels is agreed on.
    data: bool,
    /// Stands for the channels in an offer, which open when it is answered. The peer never hears of it.
    pub(super) stand_in: Option<ChannelId>,
    /// How many there have been.
    stand_ins: u16,
    pub(super) restart_ice: bool,
    /// The section candidates are said to belong to.
    pub(super) first_mid: String,
}

/// An offer that waits for an answer.
struct Out {
    /// What the answer is to change; `None` where that is nothing.
    changes: Option<SdpPendingOffer>,
    restarts_ice: bool,
}

impl Default for Negotiation {
    fn default() -> Self {
        Self {
            signaling: SignalingState::Stable,
            out: None,
            offer: None,
            answer: None,
            pending_local: None,
            current_local: None,
            current_remote: None,
            data: false,
            stand_in: None,
            stand_ins: 0,
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
        let restarts = self.change(|state| {
            state.check_offer()?;
            state.negotiation.restart_ice |= options.ice_restart;
            Ok(state.negotiation.restart_ice)
        })?;
        if restarts {
            self.gather_again();
        } else {
            self.gather();
        }
        let sdp = self.change(State::offer)?;
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
        self.change(|state| state.set_local(description))?;
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
                let admitted = self.meet_described(description.sdp()).into_owned();
                let restarted = self.change(|state| state.accept_offer(&admitted, description))?;
                if restarted {
                    self.gather_again();
                }
                Ok(())
            }
            SdpType::Answer | SdpType::PrAnswer => {
                let admitted = self.meet_described(description.sdp()).into_owned();
                self.change(|state| state.accept_answer(&admitted, description))
            }
            SdpType::Rollback => self.change(State::roll_back),
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
        if let Some(track) = &track {
            transceiver::check_track(track)?;
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

    /// Whether an offer can be made.
    fn check_offer(&self) -> Result<(), RtcError> {
        match self.negotiation.signaling {
            SignalingState::HaveLocalOffer if self.negotiation.out.is_some() => {
                Err(RtcError::state(
                    "an offer is out: it needs its answer, or to be rolled back, before another one",
                ))
            }
            SignalingState::HaveRemoteOffer => Err(RtcError::state(
                "the peer's offer is to be answered before another one is made",
            )),
            _ => Ok(()),
        }
    }

    pub(super) fn offer(&mut self) -> Result<String, RtcError> {
        self.check_offer()?;
        self.withdraw();
        let channels = self.channels.iter().any(|channel| channel.is_waiting());
        let stand_in = (!self.negotiation.data && channels).then(|| self.next_stand_in());
        let restarts_ice = self.negotiation.restart_ice;
        let mut changes = self.rtc.sdp_api();
        if let Some(config) = stand_in {
            self.negotiation.stand_in = Some(changes.add_channel_with_config(config));
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
        if restarts_ice {
            changes.ice_restart(true);
        }
        if !changes.has_changes() {
            // str0m offers changes only, but whoever asks for an offer gets one: a change there and back.
            if let Some(transceiver) = self.transceivers.iter().find(|t| t.agreed_mid().is_some()) {
                flip(&mut changes, transceiver);
            }
        }
        let made = changes.apply();
        self.put_out(made, restarts_ice)
    }

    /// Takes note of an offer, or repeats the one before where nothing is to change.
    fn put_out(
        &mut self,
        made: Option<(SdpOffer, SdpPendingOffer)>,
        restarts_ice: bool,
    ) -> Result<String, RtcError> {
        let changes = made.map(|(offer, changes)| {
            self.negotiation.offer = Some(offer.to_sdp_string());
            changes
        });
        let offer = self.negotiation.offer.clone().ok_or_else(|| {
            RtcError::state("there is nothing to offer: add a track, a transceiver or a channel")
        })?;
        self.negotiation.restart_ice = false;
        self.negotiation.out = Some(Out {
            changes,
            restarts_ice,
        });
        if restarts_ice {
            self.forget_told();
        }
        Ok(offer)
    }

    /// str0m has no section of data without a channel in it, and can't take a channel back that was
    /// offered. So an offer has one that both sides would have to agree on beforehand: it is not spoken
    /// of, and the real ones wait for the answer.
    fn next_stand_in(&mut self) -> ChannelConfig {
        self.negotiation.stand_ins += 1;
        ChannelConfig {
            negotiated: Some(STAND_IN - self.negotiation.stand_ins % STAND_IN_RANGE),
            ..ChannelConfig::default()
        }
    }

    /// Forgets an offer that will not be answered; what it was for stays wanted.
    fn withdraw(&mut self) {
        let Some(out) = self.negotiation.out.take() else {
            return;
        };
        self.negotiation.restart_ice |= out.restarts_ice;
        if !self.negotiation.data {
            self.negotiation.stand_in = None;
        }
        for transceiver in &self.transceivers {
            transceiver.forget_offered();
        }
    }

    pub(super) fn set_local(&mut self, description: SessionDescription) -> Result<(), RtcError> {
        let mid = description::first_mid(description.sdp()).map(str::to_owned);
        match description.sdp_type() {
            SdpType::Offer => {
                if self.negotiation.out.is_none() {
                    return Err(RtcError::state(
                        "this offer was not made here, or is answered",
                    ));
                }
                self.negotiation.pending_local = Some(description);
                self.turn_signaling(SignalingState::HaveLocalOffer);
            }
            SdpType::Answer | SdpType::PrAnswer => {
                if self.negotiation.signaling != SignalingState::HaveRemoteOffer {
                    return Err(RtcError::state("there is no offer to answer"));
                }
                self.negotiation.current_local = Some(description);
                self.turn_signaling(SignalingState::Stable);
            }
            SdpType::Rollback => return self.roll_back(),
        }
        if let Some(mid) = mid {
            self.negotiation.first_mid = mid;
        }
        Ok(())
    }

    fn roll_back(&mut self) -> Result<(), RtcError> {
        match self.negotiation.signaling {
            SignalingState::HaveLocalOffer => {
                self.withdraw();
                self.negotiation.pending_local = None;
                self.turn_signaling(SignalingState::Stable);
                Ok(())
            }
            SignalingState::HaveRemoteOffer => Err(RtcError::state(
                "this media engine can't take the peer's offer back: answer it",
            )),
            _ => Err(RtcError::state("there is no offer to take back")),
        }
    }

    /// True where it restarted ICE. `sdp` is what of its text counts.
    pub(super) fn accept_offer(
        &mut self,
        sdp: &str,
        description: SessionDescription,
    ) -> Result<bool, RtcError> {
        let offer = SdpOffer::from_sdp_string(sdp).map_err(RtcError::sdp)?;
        // Both offered: the peer's goes first, and ours is made again afterwards.
        self.withdraw();
        self.negotiation.pending_local = None;
        let answer = self
            .rtc
            .sdp_api()
            .accept_offer(offer)
            .map_err(RtcError::sdp)?;
        let answer = answer.to_sdp_string();
        let before = self.negotiation.answer.replace(answer.clone());
        let restarted = before
            .is_some_and(|before| description::ice_name(&before) != description::ice_name(&answer));
        if restarted {
            self.forget_told();
        }
        for section in description::sections(sdp) {
            self.meet(&section);
        }
        self.agree(sdp);
        self.open_waiting_channels();
        self.negotiation.current_remote = Some(description);
        self.turn_signaling(SignalingState::HaveRemoteOffer);
        Ok(restarted)
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

    pub(super) fn accept_answer(
        &mut self,
        sdp: &str,
        description: SessionDescription,
    ) -> Result<(), RtcError> {
        if self.negotiation.signaling != SignalingState::HaveLocalOffer {
            return Err(RtcError::state("there is no offer that this would answer"));
        }
        let again = self
            .negotiation
            .current_remote
            .as_ref()
            .map(SessionDescription::sdp);
        if again == Some(description.sdp()) {
            // livekit takes an offer back by setting the last answer again.
            return self.roll_back();
        }
        let answer = SdpAnswer::from_sdp_string(sdp).map_err(RtcError::sdp)?;
        self.apply_answer(answer)?;
        self.agree(sdp);
        self.negotiation.current_remote = Some(description);
        self.negotiation.current_local = self.negotiation.pending_local.take();
        self.open_waiting_channels();
        if self.connection == PeerConnectionState::New {
            self.turn_connection(PeerConnectionState::Connecting);
        }
        self.turn_signaling(SignalingState::Stable);
        Ok(())
    }

    fn apply_answer(&mut self, answer: SdpAnswer) -> Result<(), RtcError> {
        let Some(out) = &mut self.negotiation.out else {
            return Err(RtcError::state("there is no offer that this would answer"));
        };
        if let Some(changes) = out.changes.take()
            && let Err(error) = self.rtc.sdp_api().accept_answer(changes, answer)
        {
            // str0m forgets what it offered; the offer can be made again.
            self.withdraw();
            return Err(RtcError::sdp(error));
        }
        self.negotiation.out = None;
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
