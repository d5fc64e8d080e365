use std::{
    net::SocketAddr,
    sync::{
        Arc,
        mpsc::{Receiver, sync_channel},
    },
    time::Duration,
};

use parking_lot::Mutex;
use rtc_stun::{
    error_code::CODE_ALLOC_MISMATCH,
    message::{METHOD_ALLOCATE, METHOD_REFRESH, Method},
};
use tokio::net::UdpSocket;

use super::turn::{PASSWORD, Turn, USER};
use crate::{
    engine::Engine,
    peer_connection_factory::{IceServer, RtcConfiguration},
};

const LIMIT: Duration = Duration::from_secs(20);

/// A connection and its TURN server, over sockets.
struct Served {
    engine: Arc<Engine>,
    turn: Arc<Mutex<Turn>>,
    address: SocketAddr,
    candidates: Receiver<String>,
}

impl Served {
    fn new() -> Self {
        let turn = Arc::new(Mutex::new(Turn::new(([127, 0, 0, 1], 5001).into())));
        let engine = Engine::start(RtcConfiguration::default()).unwrap();
        let entered = engine.tasks.runtime().enter();
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        let socket = UdpSocket::from_std(socket).unwrap();
        drop(entered);
        let address = socket.local_addr().unwrap();
        let answers = turn.clone();
        engine.spawn(async move {
            let mut buffer = [0; 2048];
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                let answer = answers.lock().answer(&buffer[..length]);
                if let Some(answer) = answer {
                    socket.send_to(&answer, from).await.unwrap();
                }
            }
        });
        let (tell, candidates) = sync_channel(64);
        *engine.handlers.candidate.lock() = Some(Box::new(move |candidate| {
            let _ = tell.try_send(candidate.candidate());
        }));
        let served = Self {
            engine,
            turn,
            address,
            candidates,
        };
        served.configure(PASSWORD);
        served.engine.gather();
        // Candidates are told once there is a description.
        let options = crate::peer_connection::OfferOptions::default();
        let init = crate::data_channel::DataChannelInit::default();
        served.engine.create_channel("talk", init).unwrap();
        let offer = served.engine.create_offer(&options).unwrap();
        served.engine.set_local_description(offer).unwrap();
        served
    }

    fn configure(&self, password: &str) {
        let server = IceServer {
            urls: vec![format!("turn:{}", self.address)],
            username: USER.to_owned(),
            password: password.to_owned(),
        };
        let config = RtcConfiguration {
            ice_servers: vec![server],
            ..RtcConfiguration::default()
        };
        self.engine.set_configuration(config).unwrap();
    }

    fn finds_relay(&self, port: u16) {
        loop {
            let candidate = self.candidates.recv_timeout(LIMIT).expect("in time");
            if candidate.contains("typ relay") && candidate.contains(&format!(" {port} ")) {
                return;
            }
        }
    }

    fn granted(&self, method: Method) -> usize {
        let turn = self.turn.lock();
        let is = |kind: &&rtc_stun::message::MessageType| kind.method == method;
        turn.granted.iter().filter(is).count()
    }

    fn relays(&self) -> Vec<u16> {
        let state = self.engine.state.lock();
        let own = state.transport.candidates.iter();
        own.filter(|own| own.candidate.kind() == str0m::CandidateKind::Relayed)
            .map(|own| own.candidate.addr().port())
            .collect()
    }
}

#[test]
fn a_relay_that_is_there_is_kept_when_ice_restarts() {
    let served = Served::new();
    served.finds_relay(5001);
    served.engine.gather_again();
    while served.granted(METHOD_REFRESH) == 0 {
        std::thread::yield_now();
    }
    assert_eq!(served.granted(METHOD_ALLOCATE), 1);
    assert_eq!(served.relays(), [5001]);
    served.engine.close();
}

#[test]
fn a_relay_that_its_server_forgot_is_replaced_when_ice_restarts() {
    let served = Served::new();
    served.finds_relay(5001);
    {
        let mut turn = served.turn.lock();
        turn.relayed = ([127, 0, 0, 1], 5002).into();
        turn.refuses = Some(CODE_ALLOC_MISMATCH);
    }
    served.engine.gather_again();
    served.finds_relay(5002);
    assert_eq!(
        served.relays(),
        [5002],
        "the old one is no candidate any more"
    );
    served.engine.close();
}

/// An allocation belongs to its socket and to who made it: the old one lives on beside the new one.
#[test]
fn new_credentials_get_a_relay_of_their_own() {
    let served = Served::new();
    served.finds_relay(5001);
    {
        let mut turn = served.turn.lock();
        turn.relayed = ([127, 0, 0, 1], 5003).into();
        turn.password = "another".to_owned();
    }
    served.configure("another");
    served.finds_relay(5003);
    assert_eq!(served.relays(), [5001, 5003]);
    served.engine.close();
}
