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
    /// Finds this machine's addresses, opens a socket on each and asks the servers; the first time only.
    pub(in crate::engine) fn gather(&self) {
        if !self.state.lock().transport.gathered {
            self.look_around();
        }
    }

    /// The same again, where ICE restarts: the machine may be in another network now, and servers that
    /// did not help may help.
    pub(in crate::engine) fn gather_again(&self) {
        self.change(|state| {
            state.transport.forget_failed_links();
            state.transport.ask_for_relays();
        });
        self.look_around();
    }

    fn look_around(&self) {
        let engine = self.state.lock().engine.upgrade();
        if let Some(engine) = engine {
            engine.settle(interfaces().as_deref());
        }
    }

    /// Has sockets on what are this machine's addresses now; `None` where they can't be listed.
    pub(in crate::engine) fn settle(self: &Arc<Self>, here: Option<&[IpAddr]>) {
        self.change(|state| {
            state.transport.gathered = true;
            // Not done before all were asked.
            state.transport.lookups += 1;
            state.turn_gathering(IceGatheringState::Gathering);
            if let Some(here) = here {
                state.leave(here);
            }
        });
        let known = self.state.lock().transport.ips();
        for ip in offered(here.unwrap_or_default()) {
            if !known.contains(&ip) {
                self.add_host(ip);
            }
        }
        self.ask_servers();
        self.change(State::end_lookup);
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
        if self.gathering != to {
            self.gathering = to;
            self.notify(Notice::Gathering(to));
        }
    }

    pub(super) fn end_lookup(&mut self) {
        self.transport.lookups -= 1;
        self.end_gathering();
    }

    /// Gathering ends when every server has answered, or had its time.
    pub(super) fn end_gathering(&mut self) {
        if self.gathering == IceGatheringState::Gathering && !self.transport.awaits_servers() {
            self.turn_gathering(IceGatheringState::Complete);
        }
    }

    /// Closes what was opened on addresses this machine no longer has.
    fn leave(&mut self, here: &[IpAddr]) {
        let gone = |ip: IpAddr| !ip.is_loopback() && !here.contains(&ip);
        if !self.transport.udp.iter().any(|port| gone(port.local.ip())) {
            return;
        }
        self.drop_candidates(|candidate| gone(candidate.local().ip()));
        let transport = &mut self.transport;
        transport.servers.retain(|server| !gone(server.local.ip()));
        transport.tcp.retain(|(local, _), _| !gone(local.ip()));
        transport.udp.retain(|port| !gone(port.local.ip()));
    }
}

/// The addresses of this machine; none where they can't be listed.
fn interfaces() -> Option<Vec<IpAddr>> {
    match if_addrs::get_if_addrs() {
        Ok(all) => Some(all.iter().map(if_addrs::Interface::ip).collect()),
        Err(error) => {
            log::warn!("the network interfaces can't be listed: {error}");
            None
        }
    }
}

/// The addresses a peer may be reached from. Loopback is for machines that have nothing else, and for
/// peers on this one, who are met when they say so (`candidates`).
pub(super) fn offered(here: &[IpAddr]) -> Vec<IpAddr> {
    let usable = || here.iter().copied().filter(|ip| !is_link_local(*ip));
    let outside: Vec<IpAddr> = usable().filter(|ip| !ip.is_loopback()).take(MOST).collect();
    if outside.is_empty() {
        usable().take(MOST).collect()
    } else {
        outside
    }
}

/// `fe80::/10`, which needs the number of an interface, and `169.254.0.0/16`.
fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}
