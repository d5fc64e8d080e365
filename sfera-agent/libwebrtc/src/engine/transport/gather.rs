//! Own addresses.

use std::{net::IpAddr, sync::Arc};

use str0m::Candidate;

use crate::{
    engine::{Engine, notice::Notice, state::State},
    peer_connection::IceGatheringState,
};

/// A machine with more (containers make many) offers its first ones.
const MOST: usize = 8;

impl Engine {
    /// Finds this machine's addresses and opens a socket on each, once in a connection's life.
    pub(in crate::engine) fn gather(&self) {
        let engine = {
            let mut state = self.state.lock();
            if std::mem::replace(&mut state.transport.gathered, true) {
                return;
            }
            state.turn_gathering(IceGatheringState::Gathering);
            state.engine.upgrade()
        };
        let Some(engine) = engine else { return };
        for ip in addresses() {
            engine.add_host(ip);
        }
        self.ask_servers();
        self.change(|state| state.turn_gathering(IceGatheringState::Complete));
    }

    pub(super) fn add_host(self: &Arc<Self>, ip: IpAddr) {
        let local = match self.open_udp(ip) {
            Ok(local) => local,
            Err(error) => {
                log::debug!("no socket on {ip}: {error}");
                return;
            }
        };
        self.change(|state| {
            if state.transport.allows_host()
                && let Ok(candidate) = Candidate::host(local, "udp")
            {
                state.add_candidate(candidate);
            }
            state.ask_all_from(local);
        });
    }
}

impl State {
    fn turn_gathering(&mut self, to: IceGatheringState) {
        self.gathering = to;
        self.notify(Notice::Gathering(to));
    }
}

/// The addresses a peer may be reached from. Loopback is for machines that have nothing else, and for
/// peers on this one, who are met when they say so (`candidates`).
fn addresses() -> Vec<IpAddr> {
    let all = if_addrs::get_if_addrs().unwrap_or_else(|error| {
        log::warn!("the network interfaces can't be listed: {error}");
        Vec::new()
    });
    let ips: Vec<IpAddr> = all
        .iter()
        .map(|interface| interface.ip())
        .filter(|ip| !is_link_local(*ip))
        .collect();
    let outside: Vec<IpAddr> = ips
        .iter()
        .copied()
        .filter(|ip| !ip.is_loopback())
        .take(MOST)
        .collect();
    if outside.is_empty() { ips } else { outside }
}

/// `fe80::/10`, which needs the number of an interface, and `169.254.0.0/16`.
fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}
