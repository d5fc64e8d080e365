//! Packets of strangers: whatever comes, the conversation goes on.

use std::net::{SocketAddr, UdpSocket};

use libwebrtc::prelude::*;
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};

use crate::pair::{Peer, connected};

/// Packets sent to a peer; the system's buffer holds some hundred, so they come in parts.
const PACKETS: usize = 4000;

/// Where a peer listens, from its description.
fn addresses(peer: &Peer) -> Vec<SocketAddr> {
    let sdp = peer
        .connection
        .current_local_description()
        .expect("described")
        .to_string();
    let of_line = |line: &str| {
        let words: Vec<&str> = line
            .strip_prefix("a=candidate:")?
            .split_whitespace()
            .collect();
        (*words.get(2)? == "udp").then(|| format!("{}:{}", words[4], words[5]).parse().ok())?
    };
    sdp.lines().filter_map(of_line).collect()
}

/// What looks like STUN, DTLS, RTP, RTCP and TURN's channel data at first, and is not.
fn packets() -> impl Strategy<Value = Vec<u8>> {
    let head = prop_oneof![
        Just(vec![0, 1, 0, 8, 0x21, 0x12, 0xa4, 0x42]),
        Just(vec![1, 1, 0, 12, 0x21, 0x12, 0xa4, 0x42]),
        Just(vec![22, 254, 253]),
        Just(vec![23, 254, 253]),
        Just(vec![0x80, 111]),
        Just(vec![0x90, 63]),
        Just(vec![0x81, 200]),
        Just(vec![0x8f, 205]),
        Just(vec![0x40, 0]),
        Just(Vec::new()),
    ];
    (head, proptest::collection::vec(any::<u8>(), 0..1400)).prop_map(|(mut head, tail)| {
        head.extend(tail);
        head
    })
}

#[tokio::test]
async fn noise_from_strangers_changes_nothing() {
    let (_one, mut near, two, mut far) = connected(DataChannelInit::default()).await;
    let targets: Vec<SocketAddr> = addresses(&two)
        .into_iter()
        .filter(SocketAddr::is_ipv4)
        .collect();
    assert!(!targets.is_empty(), "the peer listens somewhere");
    let stranger = UdpSocket::bind("0.0.0.0:0").expect("a socket");
    let mut runner = TestRunner::deterministic();
    for round in 0..PACKETS {
        let packet = packets().new_tree(&mut runner).expect("a packet").current();
        for target in &targets {
            stranger.send_to(&packet, target).expect("sent");
        }
        if round % 100 == 0 {
            near.channel.send(b"and", true).expect("taken");
            assert_eq!(far.hears().await.0, b"and");
        }
    }
    far.channel.send(b"still here", true).expect("taken");
    assert_eq!(near.hears().await.0, b"still here");
    let stats = two.connection.get_stats().await.expect("figures");
    let received = stats.iter().find_map(|stats| match stats {
        libwebrtc::stats::RtcStats::Transport(stats) => Some(stats.transport.packets_received),
        _ => None,
    });
    assert!(
        received.expect("figures") > PACKETS as u64 / 2,
        "the noise did arrive: {received:?}"
    );
}
