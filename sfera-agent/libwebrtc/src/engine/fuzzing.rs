//! Negotiation, given any text; and the network, given any packets.

use std::sync::{OnceLock, Weak};

use str0m::{Rtc, config::DtlsCert};

pub(crate) use super::transport::fuzzing::{candidate, framing, server, server_url};
use super::{State, clock, crypto, description, transceiver::Transceiver, transport::Transport};
use crate::{
    peer_connection_factory::RtcConfiguration,
    rtp_transceiver::{RtpTransceiverDirection, RtpTransceiverInit},
    session_description::{SdpType, SessionDescription},
};

/// A connection without tasks or sockets.
fn state() -> State {
    static CERTIFICATE: OnceLock<Option<DtlsCert>> = OnceLock::new();
    let now = clock::now();
    // To make one for each takes longer than all that is to be tried.
    let certificate = CERTIFICATE.get_or_init(|| crypto().dtls_provider.generate_certificate());
    let mut builder = Rtc::builder();
    if let Some(certificate) = certificate.clone() {
        builder = builder.set_dtls_cert(certificate);
    }
    let rtc = builder
        .set_crypto_provider(crypto())
        .set_rtp_mode(true)
        .clear_codecs()
        .enable_opus(true, true)
        .enable_vp8(true)
        .build(now);
    let transport = Transport::new(RtcConfiguration::default());
    State::new(Weak::new(), rtc, transport, now)
}

/// Descriptions: as a text, as an offer, and as the answer to an offer of sound.
pub(crate) fn description(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for section in description::sections(&text) {
        assert!(!section.mid.is_empty());
    }
    let _ = (description::first_mid(&text), description::ice_name(&text));
    let Ok(offer) = SessionDescription::parse(&text, SdpType::Offer) else {
        return;
    };
    let mut state = state();
    if state.accept_offer(&text, offer).is_ok() {
        state.drain();
        let _ = state.accept_offer(
            &text,
            SessionDescription::new(text.to_string(), SdpType::Offer),
        );
    }
    state.drain();
    let mut state = offering();
    let answer = SessionDescription::new(text.to_string(), SdpType::Answer);
    let _ = state.accept_answer(&text, answer);
    state.drain();
    let _ = state.offer();
    state.drain();
}

/// A connection whose offer of sound is out.
fn offering() -> State {
    let mut state = state();
    let init = RtpTransceiverInit {
        direction: RtpTransceiverDirection::SendRecv,
        stream_ids: vec!["stream".to_owned()],
        send_encodings: Vec::new(),
    };
    let sound = Transceiver::new(Weak::new(), str0m::media::MediaKind::Audio, None, init);
    state.transceivers.push(sound.into());
    if let Ok(offer) = state.offer() {
        let _ = state.set_local(SessionDescription::new(offer, SdpType::Offer));
    }
    state
}

/// Packets from anybody, before there are keys.
pub(crate) fn packets(bytes: &[u8]) {
    let mut state = offering();
    let (from, local) = (([10, 0, 0, 1], 1000).into(), ([10, 0, 0, 2], 2000).into());
    let mut rest = bytes;
    while let Some((length, after)) = rest.split_first() {
        let (packet, after) = after.split_at(after.len().min(usize::from(*length) * 4));
        rest = after;
        state.receive_udp(from, local, packet);
    }
    state.drain();
}
