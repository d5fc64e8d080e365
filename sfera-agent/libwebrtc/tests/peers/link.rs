//! A network between two peers: it loses and delays packets, and counts what it carries.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use libwebrtc::prelude::*;
use parking_lot::Mutex;
use tokio::{net::UdpSocket, task::JoinSet};

use crate::pair::Peer;

/// What the link does to packets.
#[derive(Default)]
pub struct Weather {
    /// How many of a thousand are lost.
    lost: AtomicU32,
    /// How much later than others some come, ms.
    jitter: AtomicU32,
    /// RTP packets that were let through, by payload type.
    rtp: Mutex<BTreeMap<u8, u32>>,
    random: Mutex<u64>,
}

impl Weather {
    pub fn turn(&self, lost: u32, jitter: u32) {
        self.lost.store(lost, Ordering::Relaxed);
        self.jitter.store(jitter, Ordering::Relaxed);
    }

    pub fn rtp(&self, payload_type: u8) -> u32 {
        self.rtp.lock().get(&payload_type).copied().unwrap_or(0)
    }

    pub fn forget(&self) {
        self.rtp.lock().clear();
    }

    /// A number below `end`, the same in every run.
    fn below(&self, end: u32) -> u32 {
        let mut random = self.random.lock();
        *random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((*random >> 33) as u32) % end.max(1)
    }

    /// How much later a packet comes; none where it is lost.
    fn delay(&self) -> Option<Duration> {
        if self.below(1000) < self.lost.load(Ordering::Relaxed) {
            return None;
        }
        let jitter = self.below(self.jitter.load(Ordering::Relaxed) + 1);
        Some(Duration::from_millis(jitter.into()))
    }

    fn count(&self, packet: &[u8]) {
        // Version 2, and no RTCP (RFC 5761).
        if let [first, second, ..] = packet
            && first >> 6 == 2
            && !(192..=223).contains(second)
        {
            *self.rtp.lock().entry(second & 0x7f).or_default() += 1;
        }
    }
}

/// Where each peer finds the other one.
pub struct Link {
    pub weather: Arc<Weather>,
    near: SocketAddr,
    far: SocketAddr,
    _carrying: JoinSet<()>,
}

impl Link {
    pub async fn new() -> Self {
        let weather = Arc::new(Weather::default());
        let (near, far) = (socket().await, socket().await);
        let seen = Arc::new(Mutex::new([None, None]));
        let mut carrying = JoinSet::new();
        for (side, from, to) in [(0, &near, &far), (1, &far, &near)] {
            carrying.spawn(carry(
                side,
                from.clone(),
                to.clone(),
                seen.clone(),
                weather.clone(),
            ));
        }
        Self {
            weather,
            near: near.local_addr().expect("an address"),
            far: far.local_addr().expect("an address"),
            _carrying: carrying,
        }
    }

    /// Negotiates as `pair::negotiate` does, with the link as the only way. `change` has a word in the
    /// answer.
    pub async fn negotiate(
        &self,
        one: &mut Peer,
        two: &mut Peer,
        change: impl Fn(String) -> String,
    ) {
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
            .set_remote_description(nowhere(&offer, |sdp| sdp))
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
            .set_remote_description(nowhere(&answer, change))
            .await
            .expect("understood");
        for (peer, address) in [(&one, self.near), (&two, self.far)] {
            let line = format!(
                "candidate:1 1 udp 2130706431 {} {} typ host",
                address.ip(),
                address.port()
            );
            let candidate = IceCandidate::parse("0", 0, &line).expect("a candidate");
            peer.connection
                .add_ice_candidate(candidate)
                .await
                .expect("understood");
        }
    }
}

async fn socket() -> Arc<UdpSocket> {
    Arc::new(UdpSocket::bind("127.0.0.1:0").await.expect("a socket"))
}

/// What comes at one end goes out at the other, to whoever was seen there.
async fn carry(
    side: usize,
    from: Arc<UdpSocket>,
    to: Arc<UdpSocket>,
    seen: Arc<Mutex<[Option<SocketAddr>; 2]>>,
    weather: Arc<Weather>,
) {
    let mut late = JoinSet::new();
    let mut buffer = vec![0; 2048];
    while let Ok((length, source)) = from.recv_from(&mut buffer).await {
        // A peer's sockets on other addresses reach loopback too.
        if !source.ip().is_loopback() {
            continue;
        }
        let target = {
            let mut seen = seen.lock();
            seen[side] = Some(source);
            seen[1 - side]
        };
        let (Some(target), Some(delay)) = (target, weather.delay()) else {
            continue;
        };
        let packet = buffer[..length].to_vec();
        weather.count(&packet);
        if delay.is_zero() {
            let _ = to.send_to(&packet, target).await;
            continue;
        }
        let to = to.clone();
        late.spawn(async move {
            tokio::time::sleep(delay).await;
            let _ = to.send_to(&packet, target).await;
        });
        while late.try_join_next().is_some() {}
    }
}

/// The description without addresses, and changed.
fn nowhere(
    description: &SessionDescription,
    change: impl Fn(String) -> String,
) -> SessionDescription {
    let sdp = description.to_string();
    let kept = sdp
        .split_inclusive('\n')
        .filter(|line| !line.starts_with("a=candidate:"));
    SessionDescription::parse(&change(kept.collect()), description.sdp_type()).expect("still SDP")
}
