//! What comes from servers and signalling, given any bytes.

use std::time::Duration;

use rtc_stun::error_code::CODE_ALLOC_MISMATCH;
use str0m::{
    Candidate,
    net::{Protocol, Transmit},
};
use tokio_util::{bytes::BytesMut, codec::Decoder};

use super::{
    candidates::Remote,
    server::Server,
    tcp,
    tests::turn::{PASSWORD, Turn, USER},
    url::ServerUrl,
};
use crate::{engine::clock, ice_candidate::IceCandidate, peer_connection_factory::IceServer};

/// RFC 4571, in whatever pieces it comes.
pub(crate) fn framing(bytes: &[u8]) {
    let Some((piece, bytes)) = bytes.split_first() else {
        return;
    };
    let mut codec = tcp::framing();
    let (mut buffer, mut whole) = (BytesMut::new(), 0);
    for piece in bytes.chunks(usize::from(*piece).max(1)) {
        buffer.extend_from_slice(piece);
        while let Ok(Some(packet)) = codec.decode(&mut buffer) {
            assert!(packet.len() <= usize::from(u16::MAX));
            whole += packet.len() + 2;
        }
    }
    assert!(whole <= bytes.len());
}

pub(crate) fn server_url(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(url) = ServerUrl::parse(&text) {
        assert!(!url.host.is_empty());
    }
}

/// Candidates, alone and in a description.
pub(crate) fn candidate(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut remote = Remote::default();
    for line in text.lines() {
        let Ok(candidate) = IceCandidate::parse("0", 0, line) else {
            continue;
        };
        if let Ok(candidate) = Candidate::from_sdp_string(&candidate.candidate()) {
            remote.admits(&candidate);
        }
    }
    let (candidates, admitted) = remote.look(&text);
    assert!(candidates.len() <= text.lines().count() && admitted.len() <= text.len());
}

/// What a TURN server says: true answers, changed ones, and anything else.
pub(crate) fn server(bytes: &[u8]) {
    let mut now = clock::now();
    let Ok(url) = ServerUrl::parse("turn:example.org") else {
        return;
    };
    let server = IceServer {
        urls: Vec::new(),
        username: USER.to_owned(),
        password: PASSWORD.to_owned(),
    };
    let (local, address) = (([10, 0, 0, 1], 1000).into(), ([10, 0, 0, 2], 3478).into());
    let Ok(mut client) = Server::new(&url, &server, address, local, now) else {
        return;
    };
    let mut turn = Turn::new(([10, 0, 0, 2], 5000).into());
    let mut answers: Vec<Vec<u8>> = Vec::new();
    let mut rest = bytes;
    while let Some(([what, place, with], after)) = rest.split_first_chunk::<3>() {
        rest = after;
        match what % 6 {
            0 => {
                let packets = client.take_packets();
                answers.extend(packets.iter().filter_map(|packet| turn.answer(packet)));
            }
            1 => {
                if let Some(answer) = answers.pop() {
                    client.read(now, &answer);
                }
            }
            2 => {
                if let Some(byte) = answers
                    .last_mut()
                    .and_then(|answer| answer.get_mut(usize::from(*place)))
                {
                    *byte ^= with;
                }
            }
            3 => {
                now += Duration::from_secs(u64::from(*place));
                client.on_time(now);
                turn.nonce = format!("nonce {with}");
                turn.refuses = (with % 7 == 0).then_some(CODE_ALLOC_MISMATCH);
            }
            4 => client.relay(
                now,
                &Transmit {
                    proto: Protocol::Udp,
                    source: turn.relayed,
                    destination: ([10, 0, 0, 3], u16::from(*place)).into(),
                    contents: vec![*with; 8].into(),
                },
            ),
            _ => {
                let (packet, after) = rest.split_at(rest.len().min(usize::from(*place)));
                rest = after;
                client.owns(packet);
                client.read(now, packet);
            }
        }
        while let Some(event) = client.event() {
            if let rtc_turn::client::Event::AllocateResponse(_, relayed) = event {
                client.relayed = Some(relayed);
            }
        }
        client.time();
    }
    client.close(now);
    client.take_packets();
}
