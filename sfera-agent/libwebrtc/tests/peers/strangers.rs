//! Others' code and others' addresses: neither ends a connection.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use libwebrtc::prelude::*;

use crate::pair::{Ear, Peer, connected};

#[tokio::test]
async fn a_callback_that_panics_ends_nothing() {
    let (_one, mut near, two, far) = connected(DataChannelInit::default()).await;
    let calls = Arc::new(AtomicU32::new(0));
    let counted = calls.clone();
    far.channel.on_message(Some(Box::new(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        panic!("a fault of the application");
    })));
    two.connection
        .on_ice_gathering_state_change(Some(Box::new(|_| panic!("another one"))));
    for _ in 0..3 {
        near.channel.send(b"well?", true).unwrap();
    }
    let mut far = Ear::over(far);
    // Whatever the callback missed, the next one hears.
    near.channel.send(b"still?", true).unwrap();
    while far.hears().await.0 != b"still?" {}
    far.channel.send(b"yes", true).unwrap();
    assert_eq!(near.hears().await.0, b"yes");
    assert_eq!(
        two.connection.connection_state(),
        PeerConnectionState::Connected
    );
}

/// Sockets of this process that are bound to an address of loopback.
fn sockets_on_loopback() -> usize {
    let inodes: Vec<String> = std::fs::read_dir("/proc/self/fd")
        .expect("own files")
        .filter_map(|file| std::fs::read_link(file.ok()?.path()).ok())
        .filter_map(|link| {
            let name = link.to_string_lossy().into_owned();
            Some(name.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned())
        })
        .collect();
    let table = std::fs::read_to_string("/proc/self/net/udp").expect("sockets");
    let own = |line: &&str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let loopback = words.get(1).is_some_and(|local| local.contains("7F:"));
        loopback
            && words
                .get(9)
                .is_some_and(|inode| inodes.iter().any(|own| own == inode))
    };
    table.lines().filter(own).count()
}

#[tokio::test]
async fn a_peer_of_many_addresses_opens_no_sockets() {
    let (one, two) = (Peer::new(), Peer::new());
    one.connection
        .create_data_channel("talk", DataChannelInit::default())
        .unwrap();
    let offer = one
        .connection
        .create_offer(OfferOptions::default())
        .await
        .unwrap();
    let before = sockets_on_loopback();
    // In the description as well as after it, UDP and TCP.
    let line = |n: u32, kind: &str| {
        let (a, b) = (n / 200, n % 200 + 1);
        format!("candidate:{n} 1 {kind} 2130706431 127.1.{a}.{b} 5000 typ host")
    };
    let described: String = (0..500)
        .map(|n| format!("a={}\r\n", line(n, "udp")))
        .collect();
    let offer = SessionDescription::parse(&(offer.to_string() + &described), SdpType::Offer);
    two.connection
        .set_remote_description(offer.unwrap())
        .await
        .unwrap();
    for n in 500..3_000 {
        let line = if n % 2 == 0 {
            line(n, "udp")
        } else {
            line(n, "tcp") + " tcptype passive"
        };
        let candidate = IceCandidate::parse("0", 0, &line).unwrap();
        two.connection.add_ice_candidate(candidate).await.unwrap();
    }
    let opened = sockets_on_loopback() - before;
    assert!(opened <= 1, "{opened} sockets on loopback");
    drop(one);
}

/// One I/O runtime, whatever the number of connections.
#[tokio::test]
async fn fifty_conversations_take_no_more_threads_than_one() {
    let threads = || {
        std::fs::read_dir("/proc/self/task")
            .expect("threads")
            .count()
    };
    let mut calls = vec![connected(DataChannelInit::default()).await];
    let before = threads();
    for _ in 0..25 {
        calls.push(connected(DataChannelInit::default()).await);
    }
    for (_one, near, _two, far) in &mut calls {
        near.channel.send(b"here", true).unwrap();
        assert_eq!(far.hears().await.0, b"here");
    }
    let after = threads();
    println!(
        "{before} threads with 2 connections, {after} with {}",
        2 * calls.len()
    );
    assert!(after <= before, "{before} threads, then {after}");
}
