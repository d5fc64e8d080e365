//! STUN and TURN servers: own addresses as others see them, and relayed ones.
//!
//! One client a UDP socket and server. TURN is spoken over UDP; a server that offers TCP or TLS only
//! is reported to the owner as one that does not help.

use std::{net::SocketAddr, sync::Arc, time::Instant};

use rtc_crypto::RTCCryptoProvider;
use rtc_turn::client::{Client, ClientConfig, Event};
use sansio::Protocol as _;
use str0m::{
    Candidate,
    net::{Protocol, Transmit},
};
use tokio_util::bytes::BytesMut;

use super::{
    Port,
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

/// A server whose addresses are known.
pub(super) struct Found {
    url: ServerUrl,
    server: IceServer,
    addresses: Vec<SocketAddr>,
}

pub(super) struct Server {
    url: String,
    local: SocketAddr,
    address: SocketAddr,
    client: Client,
    relayed: Option<SocketAddr>,
    /// Whom the relay may be used for, or was asked to be.
    permitted: Vec<SocketAddr>,
}

impl Server {
    fn new(
        url: &ServerUrl,
        server: &IceServer,
        address: SocketAddr,
        local: SocketAddr,
    ) -> Result<Self, String> {
        let mut config = ClientConfig {
            local_addr: local,
            ..ClientConfig::default()
        };
        match url.kind {
            Kind::Stun => config.stun_serv_addr = address.to_string(),
            Kind::Turn => {
                config.turn_serv_addr = address.to_string();
                config.username = server.username.clone();
                config.password = server.password.clone();
            }
        }
        let crypto = crypto()?;
        let mut client = Client::new(config, crypto).map_err(|error| error.to_string())?;
        let now = clock::now();
        let asked = match url.kind {
            Kind::Stun => client.send_binding_request(now),
            Kind::Turn => client.allocate(now),
        };
        asked.map_err(|error| error.to_string())?;
        let url = url.text.clone();
        Ok(Self {
            url,
            local,
            address,
            client,
            relayed: None,
            permitted: Vec::new(),
        })
    }

    fn read(&mut self, bytes: &[u8]) {
        let message = rtc_shared::TransportMessage {
            now: clock::now(),
            transport: rtc_shared::TransportContext {
                local_addr: self.local,
                peer_addr: self.address,
                ..Default::default()
            },
            message: BytesMut::from(bytes),
        };
        if let Err(error) = self.client.handle_read(message) {
            log::debug!("{}: {error}", self.url);
        }
    }

    /// Sends through the relay. What comes before the server permits the peer is lost; ICE repeats it.
    fn relay(&mut self, transmit: &Transmit) {
        let Some(relayed) = self.relayed else { return };
        let now = clock::now();
        let peer = transmit.destination;
        let Ok(mut relay) = self.client.relay(relayed) else {
            return;
        };
        if !self.permitted.contains(&peer) {
            self.permitted.push(peer);
            if let Err(error) = relay.create_permission(now, peer) {
                log::debug!("{}: no permission for {peer}: {error}", self.url);
            }
            return;
        }
        if let Err(error) = relay.send_to(now, &transmit.contents, peer) {
            log::trace!("{}: {error}", self.url);
        }
    }

    fn write(&mut self, ports: &[Port]) {
        let Some(port) = ports.iter().find(|port| port.local == self.local) else {
            return;
        };
        while let Some(message) = self.client.poll_write() {
            if let Err(error) = port.socket.try_send_to(&message.message, self.address) {
                log::trace!("{} → {}: {error}", self.local, self.address);
            }
        }
    }

    /// Gives the relay back.
    fn close(&mut self) {
        if let Some(relayed) = self.relayed
            && let Ok(mut relay) = self.client.relay(relayed)
            && let Err(error) = relay.close(clock::now())
        {
            log::debug!("{}: {error}", self.url);
        }
    }
}

impl Engine {
    /// Asks the servers of the configuration that have not been asked yet.
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
                Ok(url) => engine
                    .tasks
                    .spawn_until_closed(engine.clone().ask_server(url, server)),
                Err(error) => self.change(|state| state.blame(&url, None, &error)),
            }
        }
    }

    async fn ask_server(self: Arc<Self>, url: ServerUrl, server: IceServer) {
        let found = tokio::net::lookup_host((url.host.as_str(), url.port)).await;
        let found = found.map(Iterator::collect::<Vec<SocketAddr>>);
        // A server on this machine hears loopback.
        for address in found
            .iter()
            .flatten()
            .filter(|address| address.ip().is_loopback())
        {
            self.ensure_loopback(address.ip());
        }
        self.change(|state| match found {
            Ok(addresses) => state.ask(url, server, addresses),
            Err(error) => state.blame(
                &url.text,
                None,
                &format!("{} can't be found: {error}", url.host),
            ),
        });
    }
}

impl State {
    /// Asks a server from each socket, and remembers it for sockets to come.
    fn ask(&mut self, url: ServerUrl, server: IceServer, addresses: Vec<SocketAddr>) {
        let found = Found {
            url,
            server,
            addresses,
        };
        let locals: Vec<SocketAddr> = self.transport.udp.iter().map(|port| port.local).collect();
        for local in locals {
            self.ask_from(&found, local);
        }
        self.transport.found.push(found);
        self.serve();
    }

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
        let suits = |address: &&SocketAddr| {
            address.is_ipv4() == local.is_ipv4()
                && address.ip().is_loopback() == local.ip().is_loopback()
        };
        let Some(address) = found.addresses.iter().find(suits) else {
            return;
        };
        match Server::new(&found.url, &found.server, *address, local) {
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
        let is = |server: &Server| server.address == from && server.local == local;
        // Several clients (STUN and TURN) may talk to one server: each knows its own answers.
        let mut any = false;
        for server in self
            .transport
            .servers
            .iter_mut()
            .filter(|server| is(server))
        {
            server.read(bytes);
            any = true;
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
            server.write(&self.transport.udp);
            while let Some(event) = server.client.poll_event() {
                events.push((index, event));
            }
        }
        for (index, event) in events {
            self.on_server(index, event);
        }
    }

    fn on_server(&mut self, index: usize, event: Event) {
        let Some(server) = self.transport.servers.get_mut(index) else {
            return;
        };
        let (url, local) = (server.url.clone(), server.local);
        match event {
            Event::BindingResponse(_, seen)
                if seen != local
                    && self.transport.config.ice_transport_type != IceTransportsType::Relay =>
            {
                self.add_served(Candidate::server_reflexive(seen, local, "udp"));
            }
            Event::AllocateResponse(_, relayed) => {
                server.relayed = Some(relayed);
                self.add_served(Candidate::relayed(relayed, local, "udp"));
            }
            Event::DataIndicationOrChannelData(_, peer, bytes) => {
                if let Some(relayed) = server.relayed {
                    self.receive(Protocol::Udp, peer, relayed, &bytes);
                }
            }
            Event::CreatePermissionError(_, error) => {
                server.permitted.clear();
                log::debug!("{url}: {error}");
            }
            Event::BindingError(_, error) | Event::AllocateError(_, error) => {
                self.blame(&url, Some(local), &error.to_string());
            }
            Event::TransactionTimeout(_) if server.relayed.is_none() => {
                self.blame(&url, Some(local), "the server does not answer");
            }
            _ => {}
        }
    }

    fn add_served(&mut self, candidate: Result<Candidate, impl std::fmt::Display>) {
        match candidate {
            Ok(candidate) => self.add_candidate(candidate),
            Err(error) => log::debug!("a server named an address that can't be used: {error}"),
        }
    }

    /// Tells the owner of a server that does not help.
    fn blame(&mut self, url: &str, local: Option<SocketAddr>, why: &str) {
        log::info!("{url}: {why}");
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
            if let Err(error) = server.client.handle_timeout(now) {
                log::debug!("{}: {error}", server.url);
            }
        }
        self.serve();
    }
}

impl super::Transport {
    fn unasked_servers(&mut self) -> Vec<(String, IceServer)> {
        let mut unasked = Vec::new();
        for server in &self.config.ice_servers {
            for url in &server.urls {
                if self.asked.len() < MOST && !self.asked.contains(url) {
                    self.asked.push(url.clone());
                    unasked.push((url.clone(), server.clone()));
                }
            }
        }
        unasked
    }

    /// What an own address is; none where that is not known.
    pub(in crate::engine) fn kind_of(&self, address: SocketAddr) -> Option<IceCandidateType> {
        if self
            .servers
            .iter()
            .any(|server| server.relayed == Some(address))
        {
            return Some(IceCandidateType::Relay);
        }
        let own = self.udp.iter().any(|port| port.local.ip() == address.ip());
        own.then_some(IceCandidateType::Host)
    }

    /// When a server's client has something to do.
    pub(in crate::engine) fn server_time(&mut self) -> Option<Instant> {
        self.servers
            .iter_mut()
            .filter_map(|server| server.client.poll_timeout())
            .min()
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
        server.relay(transmit);
        server.write(&self.udp);
        true
    }

    pub(super) fn close_servers(&mut self) {
        for server in &mut self.servers {
            server.close();
            server.write(&self.udp);
        }
        self.servers.clear();
    }
}

fn crypto() -> Result<Arc<dyn RTCCryptoProvider>, String> {
    rtc_crypto::default_provider().map_err(|error| error.to_string())
}
