//! Candidates of both sides.

use std::net::{IpAddr, SocketAddr};

use str0m::{
    Candidate,
    net::{Protocol, TcpType},
};

use crate::{
    RtcError,
    engine::{Engine, notice::Notice, state::State},
    ice_candidate::IceCandidate,
};

/// Port 9 stands for "any": this side opens the connection.
const DISCARD: u16 = 9;

pub(super) struct Own {
    line: String,
    told: bool,
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
        self.meet_halfway(&[&candidate]);
        self.change(|state| state.rtc.add_remote_candidate(candidate));
        Ok(())
    }

    /// Looks at the addresses within a description, which str0m has taken by itself.
    pub(in crate::engine) fn meet_described(&self, sdp: &str) {
        let lines = sdp
            .lines()
            .filter_map(|line| line.trim().strip_prefix("a="));
        let candidates: Vec<Candidate> = lines
            .filter(|line| line.starts_with("candidate:"))
            .filter_map(|line| Candidate::from_sdp_string(line).ok())
            .collect();
        self.meet_halfway(&candidates.iter().collect::<Vec<_>>());
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

    pub(super) fn ensure_loopback(&self, ip: IpAddr) {
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

impl State {
    pub(super) fn add_candidate(&mut self, candidate: Candidate) {
        let Some(added) = self.rtc.add_local_candidate(candidate) else {
            return;
        };
        let line = added.to_sdp_string();
        let line = line.trim().trim_start_matches("a=");
        // The name of the ICE session comes last; it changes when ICE restarts, the candidate does not.
        let line = line.split(" ufrag ").next().unwrap_or(line).to_owned();
        self.transport.candidates.push(Own { line, told: false });
        if self.negotiation.is_described() {
            self.tell_candidates();
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
        let suits = |ip: IpAddr| {
            ip.is_ipv4() == remote.is_ipv4() && ip.is_loopback() == remote.ip().is_loopback()
        };
        let ips: Vec<IpAddr> = self
            .transport
            .udp
            .iter()
            .map(|port| port.local.ip())
            .filter(|ip| suits(*ip))
            .collect();
        for ip in ips {
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
