//! Candidates of both sides.

use std::{
    borrow::Cow,
    collections::HashSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use str0m::{
    Candidate, CandidateKind,
    net::{Protocol, TcpType},
};

use crate::{
    RtcError,
    engine::{Engine, description, notice::Notice, state::State},
    ice_candidate::IceCandidate,
    stats::IceCandidateType,
};

/// Port 9 stands for "any": this side opens the connection.
const DISCARD: u16 = 9;
/// Candidates of the peer that are looked at in an ICE session; an honest one has a dozen.
const MOST: usize = 64;

pub(super) struct Own {
    pub(super) candidate: Candidate,
    line: String,
    told: bool,
}

/// The candidates of the peer in this ICE session.
#[derive(Default)]
pub(super) struct Remote {
    /// The session's name.
    session: Option<String>,
    known: HashSet<(SocketAddr, bool)>,
}

impl Remote {
    /// Whether one more may be looked at.
    pub(super) fn admits(&mut self, candidate: &Candidate) -> bool {
        let key = (candidate.addr(), candidate.proto() == Protocol::Udp);
        if self.known.contains(&key) {
            return true;
        }
        if self.known.len() >= MOST {
            log::warn!("the peer has more than {MOST} addresses: one is left out");
            return false;
        }
        self.known.insert(key)
    }

    /// A description names its ICE session; another one begins from nothing.
    fn enter(&mut self, sdp: &str) {
        let session = description::ice_name(sdp);
        if session.is_some() && session != self.session.as_deref() {
            self.session = session.map(str::to_owned);
            self.known.clear();
        }
    }
}

impl Engine {
    /// An address of the peer.
    pub(crate) fn add_remote_candidate(&self, candidate: &IceCandidate) -> Result<(), RtcError> {
        self.check_open()?;
        let line = candidate.candidate();
        if line.is_empty() {
            return Ok(());
        }
        let candidate = Candidate::from_sdp_string(&line)
            .map_err(|error| RtcError::sdp(format!("not a candidate: {error}, at {line:?}")))?;
        if self.change(|state| state.transport.remote.admits(&candidate)) {
            self.meet_halfway(&[&candidate]);
            self.change(|state| state.rtc.add_remote_candidate(candidate));
        }
        Ok(())
    }

    /// Looks at the addresses within a description, and answers it with those that count.
    pub(in crate::engine) fn meet_described<'a>(&self, sdp: &'a str) -> Cow<'a, str> {
        let (candidates, admitted) = self.change(|state| state.transport.remote.look(sdp));
        self.meet_halfway(&candidates.iter().collect::<Vec<_>>());
        admitted
    }

    /// Some addresses of the peer ask for own ones that are not offered otherwise: loopback where the
    /// peer is on this machine, TCP where it listens for that.
    fn meet_halfway(&self, candidates: &[&Candidate]) {
        for candidate in candidates {
            if candidate.addr().ip().is_loopback() {
                self.ensure_loopback(candidate.addr().ip());
            }
            if candidate.proto() == Protocol::Tcp && candidate.tcptype() != Some(TcpType::Active) {
                self.change(|state| state.ensure_tcp(candidate.addr()));
            }
        }
    }

    /// A socket on loopback, one for all of `127.0.0.0/8`: each of its addresses is reached from it.
    pub(super) fn ensure_loopback(&self, to: IpAddr) {
        let ip = match to {
            IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        };
        let engine = {
            let state = self.state.lock();
            let known = state.transport.udp.iter().any(|port| port.local.ip() == ip);
            if known { None } else { state.engine.upgrade() }
        };
        if let Some(engine) = engine {
            engine.add_host(ip);
        }
    }

    /// Tells the owner of the candidates it has not heard of.
    pub(in crate::engine) fn trickle(&self) {
        self.change(State::tell_candidates);
    }
}

impl Remote {
    /// The candidates of a description that are admitted, and the description without the others:
    /// str0m takes all that it finds there.
    pub(super) fn look<'a>(&mut self, sdp: &'a str) -> (Vec<Candidate>, Cow<'a, str>) {
        self.enter(sdp);
        let mut candidates = Vec::new();
        let mut left_out = false;
        let mut admitted = String::new();
        for line in sdp.split_inclusive('\n') {
            let text = line.trim().strip_prefix("a=").unwrap_or_default();
            let candidate = text
                .starts_with("candidate:")
                .then(|| Candidate::from_sdp_string(text).ok())
                .flatten();
            match candidate {
                Some(candidate) if self.admits(&candidate) => candidates.push(candidate),
                Some(_) => {
                    left_out = true;
                    continue;
                }
                None => {}
            }
            admitted.push_str(line);
        }
        if left_out {
            (candidates, Cow::Owned(admitted))
        } else {
            (candidates, Cow::Borrowed(sdp))
        }
    }
}

impl State {
    pub(super) fn add_candidate(&mut self, candidate: Candidate) {
        let Some(added) = self.rtc.add_local_candidate(candidate.clone()) else {
            return;
        };
        let line = added.to_sdp_string();
        let line = line.trim().trim_start_matches("a=");
        // The name of the ICE session comes last; it changes when ICE restarts, the candidate does not.
        let line = line.split(" ufrag ").next().unwrap_or(line).to_owned();
        self.transport.candidates.push(Own {
            candidate,
            line,
            told: false,
        });
        if self.negotiation.is_described() {
            self.tell_candidates();
        }
    }

    /// Own candidates that are none any more.
    pub(super) fn drop_candidates(&mut self, gone: impl Fn(&Candidate) -> bool) {
        let mut dropped = Vec::new();
        self.transport.candidates.retain(|own| {
            let gone = gone(&own.candidate);
            if gone {
                dropped.push(own.candidate.clone());
            }
            !gone
        });
        for candidate in dropped {
            self.rtc.direct_api().invalidate_candidate(&candidate);
        }
    }

    /// After an ICE restart the peer must hear of all of them again.
    pub(in crate::engine) fn forget_told(&mut self) {
        for own in &mut self.transport.candidates {
            own.told = false;
        }
    }

    fn tell_candidates(&mut self) {
        let mid = self.negotiation.first_mid.clone();
        let untold: Vec<String> = self
            .transport
            .candidates
            .iter_mut()
            .filter_map(|own| (!std::mem::replace(&mut own.told, true)).then(|| own.line.clone()))
            .collect();
        for line in untold {
            self.notify(Notice::Candidate(IceCandidate::new(mid.clone(), 0, line)));
        }
    }

    /// An own address to reach `remote` from by TCP, for each address that may.
    fn ensure_tcp(&mut self, remote: SocketAddr) {
        if !self.transport.allows_host() {
            return;
        }
        let suits = |ip: &IpAddr| {
            ip.is_ipv4() == remote.is_ipv4() && ip.is_loopback() == remote.ip().is_loopback()
        };
        for ip in self.transport.ips().into_iter().filter(suits) {
            let built = Candidate::builder()
                .tcp()
                .host((ip, DISCARD).into())
                .tcptype(TcpType::Active)
                .build();
            if let Ok(candidate) = built {
                self.add_candidate(candidate);
            }
        }
    }
}

pub(super) fn kind(candidate: &Candidate) -> IceCandidateType {
    match candidate.kind() {
        CandidateKind::Host => IceCandidateType::Host,
        CandidateKind::PeerReflexive => IceCandidateType::Prflx,
        CandidateKind::ServerReflexive => IceCandidateType::Srflx,
        CandidateKind::Relayed => IceCandidateType::Relay,
    }
}
