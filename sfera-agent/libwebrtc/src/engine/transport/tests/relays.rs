use std::time::{Duration, Instant};

use rtc_stun::{
    error_code::CODE_ALLOC_MISMATCH,
    message::{METHOD_CHANNEL_BIND, METHOD_CREATE_PERMISSION, METHOD_REFRESH, Method},
};
use rtc_turn::client::Event;
use str0m::net::{Protocol, Transmit};

use super::turn::{PASSWORD, Turn, USER};
use crate::{
    engine::{
        clock,
        transport::{
            server::{Help, Server},
            url::ServerUrl,
        },
    },
    peer_connection_factory::IceServer,
};

/// A client and the server it talks to, on a clock of their own.
struct Pair {
    now: Instant,
    client: Server,
    server: Turn,
    /// Nothing of what the client sends arrives.
    silent: bool,
}

impl Pair {
    fn new(local: &str, address: &str, relayed: &str) -> Self {
        let now = clock::now();
        let url = ServerUrl::parse("turn:example.org").unwrap();
        let server = IceServer {
            urls: Vec::new(),
            username: USER.to_owned(),
            password: PASSWORD.to_owned(),
        };
        let (local, address) = (local.parse().unwrap(), address.parse().unwrap());
        let mut pair = Self {
            now,
            client: Server::new(&url, &server, address, local, now).unwrap(),
            server: Turn::new(relayed.parse().unwrap()),
            silent: false,
        };
        let events = pair.exchange();
        assert!(
            matches!(events[..], [Event::AllocateResponse(_, _)]),
            "{events:?}"
        );
        pair.client.relayed = Some(pair.server.relayed);
        pair.client.help = Help::Given;
        pair
    }

    fn v4() -> Self {
        Self::new("10.0.0.1:1000", "10.0.0.2:3478", "10.0.0.2:5000")
    }

    /// Lets both speak until nobody has anything more to say.
    fn exchange(&mut self) -> Vec<Event> {
        loop {
            let packets = self.client.take_packets();
            if packets.is_empty() {
                break;
            }
            for packet in packets.iter().filter(|_| !self.silent) {
                if let Some(answer) = self.server.answer(packet) {
                    self.client.read(self.now, &answer);
                }
            }
        }
        std::iter::from_fn(|| self.client.event()).collect()
    }

    /// Lets time pass, in the client's own steps.
    fn pass(&mut self, time: Duration) -> Vec<Event> {
        let end = self.now + time;
        let mut events = Vec::new();
        while let Some(at) = self.client.time().filter(|at| *at <= end) {
            self.now = at;
            self.client.on_time(at);
            events.extend(self.exchange());
        }
        self.now = end;
        events
    }

    fn send(&mut self, peer: &str) -> Vec<Event> {
        let transmit = Transmit {
            proto: Protocol::Udp,
            source: self.server.relayed,
            destination: peer.parse().unwrap(),
            contents: vec![1, 2, 3].into(),
        };
        self.client.relay(self.now, &transmit);
        self.exchange()
    }

    fn granted(&self, method: Method) -> usize {
        let is = |kind: &&rtc_stun::message::MessageType| kind.method == method;
        self.server.granted.iter().filter(is).count()
    }
}

/// Half the lifetime of an allocation, and a bit.
const REFRESHED: Duration = Duration::from_secs(305);

#[test]
fn an_allocation_whose_nonce_went_stale_is_refreshed_all_the_same() {
    let mut pair = Pair::v4();
    for round in 0..10 {
        pair.server.nonce = format!("nonce {round}");
        pair.pass(REFRESHED);
        assert_eq!(pair.granted(METHOD_REFRESH), round + 1, "in round {round}");
    }
    assert_eq!(pair.client.help, Help::Given);
}

#[test]
fn permissions_and_channels_outlive_their_nonce() {
    for (local, address, relayed, peer) in [
        (
            "10.0.0.1:1000",
            "10.0.0.2:3478",
            "10.0.0.2:5000",
            "10.0.0.3:7",
        ),
        (
            "[2001:db8::1]:1000",
            "[2001:db8::2]:3478",
            "[2001:db8::2]:5000",
            "[2001:db8::3]:7",
        ),
    ] {
        let mut pair = Pair::new(local, address, relayed);
        pair.server.nonce = "second".to_owned();
        let events = pair.send(peer);
        assert!(
            matches!(events[..], [Event::CreatePermissionResponse(_, to)] if to == peer.parse().unwrap()),
            "{events:?}"
        );
        pair.server.nonce = "third".to_owned();
        pair.send(peer);
        assert_eq!(pair.granted(METHOD_CHANNEL_BIND), 1);
        // The binding is renewed after five minutes, under the number it has.
        pair.server.nonce = "fourth".to_owned();
        pair.pass(REFRESHED);
        pair.server.nonce = "fifth".to_owned();
        pair.send(peer);
        assert_eq!(pair.granted(METHOD_CHANNEL_BIND), 2);
        assert!(pair.granted(METHOD_CREATE_PERMISSION) >= 2, "renewed too");
    }
}

#[test]
fn a_permission_that_is_not_answered_is_asked_for_again() {
    let mut pair = Pair::v4();
    pair.silent = true;
    pair.send("10.0.0.3:7");
    let events = pair.pass(Duration::from_secs(10));
    let [Event::TransactionTimeout(number)] = events[..] else {
        panic!("{events:?}");
    };
    assert!(pair.client.not_permitted(number));
    pair.silent = false;
    let events = pair.send("10.0.0.3:7");
    assert!(
        matches!(events[..], [Event::CreatePermissionResponse(_, _)]),
        "{events:?}"
    );
    assert!(!pair.client.not_permitted(number), "it is none any more");
}

#[test]
fn a_relay_that_its_server_forgot_is_known_to_be_lost() {
    let mut pair = Pair::v4();
    pair.server.refuses = Some(CODE_ALLOC_MISMATCH);
    pair.pass(REFRESHED);
    assert_eq!(pair.client.help, Help::Lost);
}

#[test]
fn a_server_that_likes_no_nonce_is_not_asked_for_ever() {
    let mut pair = Pair::v4();
    pair.server.refuses = Some(rtc_stun::error_code::CODE_STALE_NONCE);
    pair.client.ask_for_relay(pair.now);
    pair.exchange();
    assert_eq!(pair.granted(METHOD_REFRESH), 0);
    assert_eq!(pair.client.help, Help::Lost);
}
