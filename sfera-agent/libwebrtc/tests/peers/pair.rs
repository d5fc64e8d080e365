//! Two connections of this process that negotiate with each other.

use std::{sync::Arc, time::Duration};

use libwebrtc::{peer_connection_factory::PeerConnectionFactory, prelude::*};
use parking_lot::Mutex;
use tokio::{
    sync::{mpsc, watch},
    time::timeout,
};

pub const LIMIT: Duration = Duration::from_secs(20);

pub struct Peer {
    pub connection: PeerConnection,
    pub states: watch::Receiver<PeerConnectionState>,
    pub channels: mpsc::Receiver<DataChannel>,
    pub tracks: mpsc::Receiver<MediaStreamTrack>,
    candidates: mpsc::Receiver<IceCandidate>,
}

impl Peer {
    pub fn new() -> Self {
        Self::with(RtcConfiguration::default())
    }

    pub fn with(config: RtcConfiguration) -> Self {
        let connection = PeerConnectionFactory::default()
            .create_peer_connection(config)
            .expect("a connection");
        let (told, states) = watch::channel(PeerConnectionState::New);
        connection.on_connection_state_change(Some(Box::new(move |state| {
            told.send_replace(state);
        })));
        let (told, channels) = mpsc::channel(8);
        connection.on_data_channel(Some(Box::new(move |channel| {
            told.try_send(channel).expect("room")
        })));
        let (told, candidates) = mpsc::channel(64);
        connection.on_ice_candidate(Some(Box::new(move |candidate| {
            told.try_send(candidate).expect("room")
        })));
        let (told, tracks) = mpsc::channel(8);
        connection.on_track(Some(Box::new(move |event| {
            told.try_send(event.track).expect("room")
        })));
        Self {
            connection,
            states,
            channels,
            tracks,
            candidates,
        }
    }

    pub async fn becomes(&mut self, state: PeerConnectionState) {
        let reached = self.states.wait_for(|now| *now == state);
        timeout(LIMIT, reached)
            .await
            .unwrap_or_else(|_| panic!("not {state:?} in time"))
            .expect("alive");
    }
}

/// Offer of `one`, answer of `two`, and the candidates both have by then.
pub async fn negotiate(one: &mut Peer, two: &mut Peer, options: OfferOptions) {
    agree(one, two, options).await;
    exchange(one, two).await;
    exchange(two, one).await;
}

/// Offer of `one` and answer of `two`.
pub async fn agree(one: &Peer, two: &Peer, options: OfferOptions) {
    let offer = one
        .connection
        .create_offer(options)
        .await
        .expect("an offer");
    one.connection
        .set_local_description(offer.clone())
        .await
        .expect("set");
    two.connection
        .set_remote_description(offer)
        .await
        .expect("understood");
    let answer = two
        .connection
        .create_answer(AnswerOptions::default())
        .await
        .expect("an answer");
    two.connection
        .set_local_description(answer.clone())
        .await
        .expect("set");
    one.connection
        .set_remote_description(answer)
        .await
        .expect("understood");
}

/// The same over one address of loopback, with no other way between them.
pub async fn negotiate_over(one: &mut Peer, two: &mut Peer, ip: &str) {
    let nowhere = |description: &SessionDescription| {
        let sdp = description.to_string();
        let kept = sdp
            .split_inclusive('\n')
            .filter(|line| !line.starts_with("a=candidate:"));
        SessionDescription::parse(&kept.collect::<String>(), description.sdp_type()).expect("SDP")
    };
    let offer = one
        .connection
        .create_offer(OfferOptions::default())
        .await
        .expect("an offer");
    one.connection
        .set_local_description(offer.clone())
        .await
        .expect("set");
    two.connection
        .set_remote_description(nowhere(&offer))
        .await
        .expect("understood");
    let answer = two
        .connection
        .create_answer(AnswerOptions::default())
        .await
        .expect("an answer");
    two.connection
        .set_local_description(answer.clone())
        .await
        .expect("set");
    one.connection
        .set_remote_description(nowhere(&answer))
        .await
        .expect("understood");
    // A peer on loopback is met there: this one nobody answers at.
    let hint = format!("candidate:1 1 udp 1 {ip} 9 typ host");
    for peer in [&one, &two] {
        let hint = IceCandidate::parse("0", 0, &hint).expect("a candidate");
        peer.connection
            .add_ice_candidate(hint)
            .await
            .expect("understood");
    }
    let is = |candidate: &IceCandidate| candidate.candidate().contains(&format!(" {ip} "));
    let (mut first, mut second) = (one, two);
    for _ in 0..2 {
        let found = async {
            loop {
                let candidate = first.candidates.recv().await.expect("alive");
                if is(&candidate) {
                    return candidate;
                }
            }
        };
        let found = timeout(LIMIT, found).await.expect("in time");
        second
            .connection
            .add_ice_candidate(found)
            .await
            .expect("understood");
        (first, second) = (second, first);
    }
}

async fn exchange(from: &mut Peer, to: &mut Peer) {
    let first = timeout(LIMIT, from.candidates.recv())
        .await
        .expect("in time")
        .expect("a candidate");
    to.connection
        .add_ice_candidate(first)
        .await
        .expect("understood");
    while let Ok(candidate) = from.candidates.try_recv() {
        to.connection
            .add_ice_candidate(candidate)
            .await
            .expect("understood");
    }
}

/// What an end of a channel hears.
pub struct Ear {
    pub channel: DataChannel,
    pub messages: mpsc::Receiver<(Vec<u8>, bool)>,
    pub states: watch::Receiver<DataChannelState>,
    /// Every number the channel told of bytes that left.
    pub sent: Arc<Mutex<Vec<u64>>>,
}

impl Ear {
    pub fn new(channel: DataChannel) -> Self {
        let (told, messages) = mpsc::channel(4096);
        channel.on_message(Some(Box::new(move |buffer: DataBuffer<'_>| {
            told.try_send((buffer.data.to_vec(), buffer.binary))
                .expect("room");
        })));
        let (told, states) = watch::channel(channel.state());
        channel.on_state_change(Some(Box::new(move |state| {
            told.send_replace(state);
        })));
        let sent = Arc::new(Mutex::new(Vec::new()));
        let told = sent.clone();
        channel.on_buffered_amount_change(Some(Box::new(move |bytes| told.lock().push(bytes))));
        // It may have opened between.
        let states = if channel.state() == DataChannelState::Open {
            watch::channel(DataChannelState::Open).1
        } else {
            states
        };
        Self {
            channel,
            messages,
            states,
            sent,
        }
    }

    /// The same channel heard by new callbacks.
    pub fn over(ear: Self) -> Self {
        Self::new(ear.channel)
    }

    pub async fn becomes(&mut self, state: DataChannelState) {
        timeout(LIMIT, self.states.wait_for(|now| *now == state))
            .await
            .expect("in time")
            .expect("alive");
    }

    pub async fn hears(&mut self) -> (Vec<u8>, bool) {
        timeout(LIMIT, self.messages.recv())
            .await
            .expect("in time")
            .expect("alive")
    }
}

/// Two peers with a channel between them.
pub async fn connected(init: DataChannelInit) -> (Peer, Ear, Peer, Ear) {
    let (mut one, mut two) = (Peer::new(), Peer::new());
    let mut near = Ear::new(
        one.connection
            .create_data_channel("talk", init)
            .expect("a channel"),
    );
    negotiate(&mut one, &mut two, OfferOptions::default()).await;
    one.becomes(PeerConnectionState::Connected).await;
    two.becomes(PeerConnectionState::Connected).await;
    near.becomes(DataChannelState::Open).await;
    let far = timeout(LIMIT, two.channels.recv())
        .await
        .expect("in time")
        .expect("alive");
    (one, near, two, Ear::new(far))
}
