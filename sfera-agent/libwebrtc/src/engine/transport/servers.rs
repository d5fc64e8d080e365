//! STUN and TURN servers: own addresses as others see them, and relayed ones.
//!
//! One client (`server`) a UDP socket and server. TURN is spoken over UDP; a server that offers TCP or
//! TLS only is reported to the owner as one that does not help. Who did not help is asked again when
//! ICE restarts or the configuration is set anew, and so is everybody whose credentials changed.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use rtc_turn::client::Event;
use str0m::{
    Candidate,
    net::{Protocol, Transmit},
};
use tokio::time::timeout;

use super::{
    server::{Help, Server},
    url::{Kind, ServerUrl},
};
use crate::{
    engine::{Engine, clock, notice::Notice, state::State},
    peer_connection::IceCandidateError,
    peer_connection_factory::{IceServer, IceTransportsType},
    stats::IceCandidateType,
};

/// Servers looked at; who gives more gets the first ones used.
const MOST: usize = 8;
/// RFC 5389 has no code for "not reached"; browsers say this.
const UNREACHABLE: i32 = 701;
/// How long a server's name may take to be found.
const LOOKUP: Duration = Duration::from_secs(10);

/// A server whose addresses are known.
pub(super) struct Found {
    url: ServerUrl,
    server: IceServer,
    addresses: Vec<SocketAddr>,
}

/// A server that was asked and has not failed since.
#[derive(PartialEq, Eq)]
pub(super) struct Asked {
    url: String,
    username: String,
    password: String,
}

impl Asked {
    fn new(url: &str, server: &IceServer) -> Self {
        Self {
            url: url.to_owned(),
            username: server.username.clone(),
            password: server.password.clone(),
        }
    }
}

/// Where a server can be asked from.
enum Place {
    /// Nowhere on this address, or it was.
    None,
    Socket(SocketAddr),
    /// Each socket of this address has a relay there already, made with other credentials: an
    /// allocation belongs to its socket and to who made it.
    NewSocket,
}

impl Found {
    /// The server's address of the same kind as an own one. Loopback hears loopback.
    fn address_for(&self, ip: IpAddr) -> Option<SocketAddr> {
        let suits = |address: &&SocketAddr| {
            address.is_ipv4() == ip.is_ipv4() && address.ip().is_loopback() == ip.is_loopback()
        };
        self.addresses.iter().find(suits).copied()
    }
}

impl Engine {
    /// Asks the servers of the configuration that are not asked yet, or did not help.
    pub(in crate::engine) fn ask_servers(&self) {
        let (engine, servers) = {
            let mut state = self.state.lock();
            if !state.transport.gathered {
                return;
            }
            (state.engine.upgrade(), state.transport.unasked_servers())
        };
        let Some(engine) = engine else { return };
        for (url, server) in servers {
            match ServerUrl::parse(&url) {
                Ok(url) => {
                    self.change(|state| state.transport.lookups += 1);
                    engine.spawn(engine.clone().find_server(url, server));
                }
                Err(error) => self.change(|state| state.blame(&url, None, &error)),
            }
        }
    }

    async fn find_server(self: Arc<Self>, url: ServerUrl, server: IceServer) {
        let lookup = tokio::net::lookup_host((url.host.as_str(), url.port));
        let found = match timeout(LOOKUP, lookup).await {
            Ok(Ok(addresses)) => Ok(addresses.collect()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("no answer".to_owned()),
        };
        match found {
            Ok(addresses) => self.ask_found(Found {
                url,
                server,
                addresses,
            }),
            Err(error) => self.change(|state| {
                let why = format!("{} can't be found: {error}", url.host);
                state.blame(&url.text, None, &why);
            }),
        }
        self.change(State::end_lookup);
    }

    /// Asks a server from each address, and remembers it for addresses to come.
    fn ask_found(self: &Arc<Self>, found: Found) {
        // A server on this machine hears loopback.
        for address in found.addresses.iter().filter(|to| to.ip().is_loopback()) {
            self.ensure_loopback(address.ip());
        }
        let ips = self.state.lock().transport.ips();
        for ip in ips {
            let place = self.state.lock().transport.place(&found, ip);
            let local = match place {
                Place::None => continue,
                Place::Socket(local) => Ok(local),
                Place::NewSocket => self.open_udp(ip),
            };
            match local {
                Ok(local) => self.change(|state| state.ask_from(&found, local)),
                Err(error) => log::debug!("no socket on {ip}: {error}"),
            }
        }
        self.change(|state| {
            let known = &mut state.transport.found;
            known.retain(|other| other.url.text != found.url.text);
            known.push(found);
            state.serve();
        });
    }
}

impl State {
    /// Asks all servers that were found from a new socket.
    pub(super) fn ask_all_from(&mut self, local: SocketAddr) {
        let found = std::mem::take(&mut self.transport.found);
        for found in &found {
            self.ask_from(found, local);
        }
        self.transport.found = found;
        self.serve();
    }

    fn ask_from(&mut self, found: &Found, local: SocketAddr) {
        let Some(address) = found.address_for(local.ip()) else {
            return;
        };
        match Server::new(&found.url, &found.server, address, local, clock::now()) {
            Ok(server) => self.transport.servers.push(server),
            Err(error) => self.blame(&found.url.text, Some(local), &error),
        }
    }

    /// A packet of a server; false where it is somebody else's.
    pub(super) fn receive_from_server(
        &mut self,
        from: SocketAddr,
        local: SocketAddr,
        bytes: &[u8],
    ) -> bool {
        let now = clock::now();
        let mut any = false;
        // Several clients (STUN and TURN) may talk to one server: each knows its own answers.
        for server in &mut self.transport.servers {
            if (server.address, server.local) == (from, local) && server.owns(bytes) {
                server.read(now, bytes);
                any = true;
            }
        }
        if any {
            self.serve();
        }
        any
    }

    /// Takes what the servers' clients have to say.
    fn serve(&mut self) {
        let mut events = Vec::new();
        for (index, server) in self.transport.servers.iter_mut().enumerate() {
            while let Some(event) = server.event() {
                events.push((index, event));
            }
        }
        for (index, event) in events {
            self.on_server(index, event);
        }
        self.replace_lost();
        self.transport
            .servers
            .retain(|server| server.help != Help::Refused);
        for server in &mut self.transport.servers {
            server.write(&self.transport.udp);
        }
        self.end_gathering();
    }

    fn on_server(&mut self, index: usize, event: Event) {
        let Some(server) = self.transport.servers.get_mut(index) else {
            return;
        };
        let local = server.local;
        match event {
            Event::BindingResponse(_, seen) => {
                server.help = Help::Given;
                self.add_reflexive(seen, local);
            }
            Event::AllocateResponse(_, relayed) => {
                server.help = Help::Given;
                server.relayed = Some(relayed);
                self.add_served(Candidate::relayed(relayed, local, "udp"));
            }
            Event::DataIndicationOrChannelData(_, peer, bytes) => {
                if let Some(relayed) = server.relayed {
                    self.receive(Protocol::Udp, peer, relayed, &bytes);
                }
            }
            Event::CreatePermissionResponse(_, peer) => server.permitted(peer),
            Event::CreatePermissionError(number, error) => {
                log::debug!("{}: {error}", server.url.text);
                server.not_permitted(number);
            }
            Event::BindingError(_, error) | Event::AllocateError(_, error) => {
                self.give_up_on(index, &error.to_string());
            }
            Event::TransactionTimeout(number) if !server.not_permitted(number) => {
                // Whoever has a relay asked for it to live on, or for a channel in it.
                match server.help {
                    Help::Given if server.relayed.is_some() => server.help = Help::Lost,
                    Help::Awaited(_) => self.give_up_on(index, "the server does not answer"),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn give_up_on(&mut self, index: usize, why: &str) {
        let Some(server) = self.transport.servers.get_mut(index) else {
            return;
        };
        server.help = Help::Refused;
        let (url, local) = (server.url.text.clone(), server.local);
        self.blame(&url, Some(local), why);
    }

    /// Relays that their server has forgotten are asked for once more: a server that was started anew
    /// has another one.
    fn replace_lost(&mut self) {
        let mut lost = Vec::new();
        self.transport.servers.retain(|server| {
            let gone = server.help == Help::Lost;
            if gone {
                lost.push((server.url.clone(), server.local, server.relayed));
            }
            !gone
        });
        for (url, local, relayed) in lost {
            log::info!("{}: the relay {relayed:?} is lost", url.text);
            if let Some(relayed) = relayed {
                self.drop_candidates(|candidate| candidate.addr() == relayed);
            }
            let found = std::mem::take(&mut self.transport.found);
            let again = found.iter().find(|found| found.url.text == url.text);
            if let Some(found) = again
                && matches!(self.transport.place(found, local.ip()), Place::Socket(_))
            {
                self.ask_from(found, local);
            }
            self.transport.found = found;
        }
    }

    fn add_reflexive(&mut self, seen: SocketAddr, local: SocketAddr) {
        let wanted = self.transport.config.ice_transport_type != IceTransportsType::Relay;
        if wanted && seen != local {
            self.add_served(Candidate::server_reflexive(seen, local, "udp"));
        }
    }

    fn add_served(&mut self, candidate: Result<Candidate, impl std::fmt::Display>) {
        match candidate {
            Ok(candidate) => self.add_candidate(candidate),
            Err(error) => log::debug!("a server named an address that can't be used: {error}"),
        }
    }

    /// Tells the owner of a server that does not help. It is asked again at the next occasion.
    fn blame(&mut self, url: &str, local: Option<SocketAddr>, why: &str) {
        log::info!("{url}: {why}");
        self.transport.asked.retain(|asked| asked.url != url);
        self.notify(Notice::CandidateError(IceCandidateError {
            address: local.map_or_else(String::new, |local| local.ip().to_string()),
            port: local.map_or(0, |local| local.port().into()),
            url: url.to_owned(),
            error_code: UNREACHABLE,
            error_text: why.to_owned(),
        }));
    }

    pub(in crate::engine) fn serve_on_time(&mut self, now: Instant) {
        if self.transport.server_time().is_none_or(|at| now < at) {
            return;
        }
        for server in &mut self.transport.servers {
            server.on_time(now);
        }
        let late = |server: &Server| matches!(server.help, Help::Awaited(until) if now >= until);
        let late: Vec<usize> = (0..self.transport.servers.len())
            .filter(|index| self.transport.servers.get(*index).is_some_and(late))
            .collect();
        for index in late {
            self.give_up_on(index, "the server does not answer");
        }
        self.serve();
    }
}

impl super::Transport {
    fn unasked_servers(&mut self) -> Vec<(String, IceServer)> {
        let of = |server: &IceServer| {
            let server = server.clone();
            let urls = server.urls.clone();
            urls.into_iter().map(move |url| (url, server.clone()))
        };
        let wanted: Vec<_> = self
            .config
            .ice_servers
            .iter()
            .flat_map(of)
            .take(MOST)
            .collect();
        let known = |asked: &Asked| wanted.iter().any(|(url, s)| *asked == Asked::new(url, s));
        self.asked.retain(known);
        let mut unasked = Vec::new();
        for (url, server) in wanted {
            let asked = Asked::new(&url, &server);
            if !self.asked.contains(&asked) {
                self.asked.push(asked);
                unasked.push((url, server));
            }
        }
        unasked
    }

    /// The addresses there are sockets on.
    pub(super) fn ips(&self) -> Vec<IpAddr> {
        let mut ips: Vec<IpAddr> = Vec::new();
        for port in &self.udp {
            if !ips.contains(&port.local.ip()) {
                ips.push(port.local.ip());
            }
        }
        ips
    }

    fn place(&self, found: &Found, ip: IpAddr) -> Place {
        let Some(address) = found.address_for(ip) else {
            return Place::None;
        };
        let here = |server: &&Server| server.local.ip() == ip && server.help != Help::Refused;
        let mut servers = self.servers.iter().filter(here);
        if servers.any(|server| server.was_asked(&found.url, &found.server)) {
            return Place::None;
        }
        let taken = |local: SocketAddr| {
            found.url.kind == Kind::Turn
                && self.servers.iter().any(|server| {
                    (server.local, server.address) == (local, address)
                        && server.url.kind == Kind::Turn
                        && server.help != Help::Refused
                })
        };
        let ports = self.udp.iter().map(|port| port.local);
        ports
            .filter(|local| local.ip() == ip)
            .find(|local| !taken(*local))
            .map_or(Place::NewSocket, Place::Socket)
    }

    /// Whether something is still expected of a server.
    pub(super) fn awaits_servers(&self) -> bool {
        let awaited = |server: &Server| matches!(server.help, Help::Awaited(_));
        self.lookups > 0 || self.servers.iter().any(awaited)
    }

    /// Makes every server that has a relay say whether it still does.
    pub(super) fn ask_for_relays(&mut self) {
        let now = clock::now();
        for server in &mut self.servers {
            server.ask_for_relay(now);
            server.write(&self.udp);
        }
    }

    /// What an own address is; none where that is not known.
    pub(in crate::engine) fn kind_of(&self, address: SocketAddr) -> Option<IceCandidateType> {
        self.candidates
            .iter()
            .find(|own| own.candidate.addr() == address)
            .map(|own| super::candidates::kind(&own.candidate))
    }

    /// When a server's client has something to do.
    pub(in crate::engine) fn server_time(&mut self) -> Option<Instant> {
        self.servers.iter_mut().filter_map(Server::time).min()
    }

    /// Sends through a relay; false where `transmit` does not come from one.
    pub(super) fn send_relayed(&mut self, transmit: &Transmit) -> bool {
        let Some(server) = self
            .servers
            .iter_mut()
            .find(|server| server.relayed == Some(transmit.source))
        else {
            return false;
        };
        server.relay(clock::now(), transmit);
        server.write(&self.udp);
        true
    }

    pub(super) fn close_servers(&mut self) {
        for server in &mut self.servers {
            server.close(clock::now());
            server.write(&self.udp);
        }
        self.servers.clear();
    }
}
