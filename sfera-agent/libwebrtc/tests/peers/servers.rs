//! STUN and TURN servers that answer, that do not, and that change.

use std::{net::SocketAddr, sync::Arc};

use libwebrtc::{
    peer_connection::IceCandidateError, peer_connection_factory::PeerConnectionFactory, prelude::*,
};
use parking_lot::Mutex;
use tokio::{
    net::UdpSocket,
    sync::{mpsc, watch},
    task::JoinSet,
    time::timeout,
};

use crate::pair::LIMIT;

/// An address nobody has (RFC 5737).
const OUTSIDE: [u8; 4] = [203, 0, 113, 7];

/// A server that says yes or no, as it is told.
struct Double {
    url: String,
    helps: watch::Sender<bool>,
    requests: mpsc::Receiver<u16>,
    _serving: JoinSet<()>,
}

impl Double {
    async fn new(scheme: &str, helps: bool) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
        let url = format!("{scheme}:{}", socket.local_addr().expect("an address"));
        let (helps, told) = watch::channel(helps);
        let (tell, requests) = mpsc::channel(64);
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut buffer = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                let request = &buffer[..length];
                let kind = u16::from_be_bytes([request[0], request[1]]);
                let _ = tell.try_send(kind);
                let answer = if *told.borrow() {
                    yes(request, from)
                } else {
                    no(request)
                };
                socket.send_to(&answer, from).await.expect("sent");
            }
        });
        Self {
            url,
            helps,
            requests,
            _serving: serving,
        }
    }

    async fn is_asked(&mut self) -> u16 {
        timeout(LIMIT, self.requests.recv())
            .await
            .expect("in time")
            .expect("it serves")
    }
}

fn message(kind: u16, request: &[u8], attributes: &[u8]) -> Vec<u8> {
    let mut message = kind.to_be_bytes().to_vec();
    message.extend((attributes.len() as u16).to_be_bytes());
    message.extend(&request[4..20]);
    message.extend(attributes);
    message
}

/// A binding as seen from outside (XOR-MAPPED-ADDRESS).
fn yes(request: &[u8], from: SocketAddr) -> Vec<u8> {
    let port = from.port() ^ 0x2112;
    let mut attribute = vec![0, 0x20, 0, 8, 0, 1];
    attribute.extend(port.to_be_bytes());
    attribute.extend(
        OUTSIDE
            .iter()
            .zip([0x21, 0x12, 0xa4, 0x42])
            .map(|(a, b)| a ^ b),
    );
    message(0x0101, request, &attribute)
}

/// "500 Server Error", to whatever was asked.
fn no(request: &[u8]) -> Vec<u8> {
    let kind = u16::from_be_bytes([request[0], request[1]]) | 0x0110;
    message(kind, request, &[0, 9, 0, 4, 0, 0, 5, 0])
}

/// A connection with servers, and what it tells.
struct Asking {
    connection: PeerConnection,
    candidates: mpsc::Receiver<String>,
    errors: mpsc::Receiver<IceCandidateError>,
    gathering: watch::Receiver<IceGatheringState>,
    states: Arc<Mutex<Vec<IceGatheringState>>>,
}

fn config(url: &str, password: &str) -> RtcConfiguration {
    let mut config = RtcConfiguration::default();
    config.ice_servers = vec![IceServer {
        urls: vec![url.to_owned()],
        username: "user".to_owned(),
        password: password.to_owned(),
    }];
    config
}

impl Asking {
    async fn new(config: RtcConfiguration) -> Self {
        let connection = PeerConnectionFactory::default()
            .create_peer_connection(config)
            .expect("a connection");
        let (tell, candidates) = mpsc::channel(64);
        connection.on_ice_candidate(Some(Box::new(move |candidate: IceCandidate| {
            let _ = tell.try_send(candidate.candidate());
        })));
        let (tell, errors) = mpsc::channel(64);
        connection.on_ice_candidate_error(Some(Box::new(move |error| {
            let _ = tell.try_send(error);
        })));
        let (tell, gathering) = watch::channel(IceGatheringState::New);
        let states = Arc::new(Mutex::new(Vec::new()));
        let all = states.clone();
        connection.on_ice_gathering_state_change(Some(Box::new(move |state| {
            all.lock().push(state);
            tell.send_replace(state);
        })));
        connection
            .create_data_channel("talk", DataChannelInit::default())
            .expect("a channel");
        let asking = Self {
            connection,
            candidates,
            errors,
            gathering,
            states,
        };
        asking.offer(false).await;
        asking
    }

    async fn offer(&self, ice_restart: bool) {
        let options = OfferOptions {
            ice_restart,
            ..OfferOptions::default()
        };
        let offer = self
            .connection
            .create_offer(options)
            .await
            .expect("an offer");
        self.connection
            .set_local_description(offer)
            .await
            .expect("set");
    }

    async fn take_back(&self) {
        let rollback = SessionDescription::parse("v=0\r\n", SdpType::Rollback).unwrap();
        self.connection
            .set_local_description(rollback)
            .await
            .expect("taken back");
    }

    async fn finds(&mut self, kind: &str) -> String {
        let search = async {
            loop {
                let candidate = self.candidates.recv().await.expect("alive");
                if candidate.contains(kind) {
                    return candidate;
                }
            }
        };
        timeout(LIMIT, search)
            .await
            .unwrap_or_else(|_| panic!("no candidate of {kind}"))
    }

    async fn error(&mut self) -> IceCandidateError {
        timeout(LIMIT, self.errors.recv())
            .await
            .expect("in time")
            .expect("alive")
    }

    async fn completes(&mut self) {
        let done = self
            .gathering
            .wait_for(|state| *state == IceGatheringState::Complete);
        timeout(LIMIT, done).await.expect("in time").expect("alive");
    }
}

#[tokio::test]
async fn the_address_seen_from_outside_is_offered_before_gathering_is_complete() {
    let server = Double::new("stun", true).await;
    let mut asking = Asking::new(config(&server.url, "")).await;
    asking.completes().await;
    let candidate = asking.finds("typ srflx").await;
    assert!(candidate.contains("203.0.113.7"), "{candidate}");
    assert_eq!(
        *asking.states.lock(),
        [IceGatheringState::Gathering, IceGatheringState::Complete]
    );
}

#[tokio::test]
async fn a_server_that_did_not_help_is_asked_again_when_ice_restarts() {
    let mut server = Double::new("stun", false).await;
    let mut asking = Asking::new(config(&server.url, "")).await;
    server.is_asked().await;
    let error = asking.error().await;
    assert_eq!(error.url, server.url);
    asking.completes().await;
    server.helps.send_replace(true);
    asking.take_back().await;
    asking.offer(true).await;
    let candidate = asking.finds("typ srflx").await;
    assert!(candidate.contains("203.0.113.7"), "{candidate}");
    asking.completes().await;
}

#[tokio::test]
async fn a_name_that_is_not_found_is_told_and_looked_up_again() {
    let mut asking = Asking::new(config("stun:nobody.invalid", "")).await;
    let error = asking.error().await;
    assert!(error.error_text.contains("nobody.invalid"), "{error:?}");
    asking.completes().await;
    asking.take_back().await;
    asking.offer(true).await;
    assert!(asking.error().await.error_text.contains("nobody.invalid"));
}

#[tokio::test]
async fn new_credentials_are_tried_at_once_and_the_same_ones_are_not_tried_twice() {
    let mut server = Double::new("turn", true).await;
    let asking = Asking::new(config(&server.url, "old")).await;
    const ALLOCATE: u16 = 3;
    assert_eq!(server.is_asked().await, ALLOCATE);
    // What a STUN server answers is no allocation: this one says no from now on.
    server.helps.send_replace(false);
    asking
        .connection
        .set_configuration(config(&server.url, "new"))
        .expect("set");
    assert_eq!(server.is_asked().await, ALLOCATE);
    let other = Double::new("stun", true).await;
    let mut same = config(&server.url, "new");
    same.ice_servers.extend(config(&other.url, "").ice_servers);
    let mut other = other;
    asking.connection.set_configuration(same).expect("set");
    assert_eq!(other.is_asked().await, 1, "the one that is new is asked");
}

#[tokio::test]
async fn a_server_that_is_silent_does_not_keep_gathering_for_ever() {
    let silent = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    let url = format!("stun:{}", silent.local_addr().expect("an address"));
    let mut asking = Asking::new(config(&url, "")).await;
    assert_eq!(
        asking.connection.ice_gathering_state(),
        IceGatheringState::Gathering
    );
    assert!(asking.error().await.error_text.contains("not answer"));
    asking.completes().await;
}
