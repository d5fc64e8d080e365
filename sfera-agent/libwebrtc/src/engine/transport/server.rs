//! One client of one STUN or TURN server, on one UDP socket.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use rtc_crypto::RTCCryptoProvider;
use rtc_stun::message::{
    CLASS_ERROR_RESPONSE, METHOD_REFRESH, MessageType, TransactionId, is_stun_message,
};
use rtc_turn::client::{Client, ClientConfig, Event};
use sansio::Protocol as _;
use str0m::net::Transmit;
use tokio_util::bytes::BytesMut;

use super::{
    Port,
    nonce::{Answer, Requests},
    url::{Kind, ServerUrl},
};
use crate::peer_connection_factory::IceServer;

/// A server that has said nothing of use by then is not waited for. Its client repeats itself for 8 s,
/// and an allocation takes two requests.
const PATIENCE: Duration = Duration::from_secs(17);

/// How far a server's help goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Help {
    /// It was asked, and may answer until then.
    Awaited(Instant),
    Given,
    /// There was some, and it ended: the server forgot the relay.
    Lost,
    /// There is none.
    Refused,
}

pub(super) struct Server {
    pub(super) url: ServerUrl,
    credentials: (String, String),
    pub(super) local: SocketAddr,
    pub(super) address: SocketAddr,
    client: Client,
    crypto: Arc<dyn RTCCryptoProvider>,
    requests: Requests,
    /// Packets that go out beside the client's own.
    again: Vec<Vec<u8>>,
    pub(super) relayed: Option<SocketAddr>,
    pub(super) help: Help,
    permissions: Vec<Permission>,
}

/// Leave to use the relay for a peer.
struct Permission {
    peer: SocketAddr,
    asked: Option<TransactionId>,
}

impl Server {
    pub(super) fn new(
        url: &ServerUrl,
        server: &IceServer,
        address: SocketAddr,
        local: SocketAddr,
        now: Instant,
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
        let crypto = rtc_crypto::default_provider().map_err(|error| error.to_string())?;
        let mut client = Client::new(config, crypto.clone()).map_err(|error| error.to_string())?;
        let asked = match url.kind {
            Kind::Stun => client.send_binding_request(now),
            Kind::Turn => client.allocate(now),
        };
        asked.map_err(|error| error.to_string())?;
        Ok(Self {
            url: url.clone(),
            credentials: credentials(server),
            local,
            address,
            client,
            crypto,
            requests: Requests::new(server.password.clone()),
            again: Vec::new(),
            relayed: None,
            help: Help::Awaited(now + PATIENCE),
            permissions: Vec::new(),
        })
    }

    /// Whether it was asked for the same, as the same.
    pub(super) fn was_asked(&self, url: &ServerUrl, server: &IceServer) -> bool {
        self.url.text == url.text && self.credentials == credentials(server)
    }

    /// Whether a packet from the server's address is for this client. A STUN server may be a peer as
    /// well, or share its socket with one.
    pub(super) fn owns(&self, bytes: &[u8]) -> bool {
        self.url.kind == Kind::Turn
            || is_stun_message(bytes)
                && number(bytes).is_some_and(|number| self.client.has_transaction(&number))
    }

    pub(super) fn read(&mut self, now: Instant, bytes: &[u8]) {
        let bytes = match self.requests.receive(bytes, self.crypto.crypto()) {
            Answer::Read(bytes) => bytes,
            Answer::Again(bytes) => return self.again.push(bytes),
        };
        // The client says nothing of a refresh that was refused.
        if is_refused_refresh(&bytes)
            && number(&bytes).is_some_and(|number| self.client.has_transaction(&number))
        {
            self.help = Help::Lost;
        }
        let message = rtc_shared::TransportMessage {
            now,
            transport: rtc_shared::TransportContext {
                local_addr: self.local,
                peer_addr: self.address,
                ..Default::default()
            },
            message: BytesMut::from(bytes.as_slice()),
        };
        if let Err(error) = self.client.handle_read(message) {
            log::debug!("{}: {error}", self.url.text);
        }
    }

    /// What there is to know, after packets and time.
    pub(super) fn event(&mut self) -> Option<Event> {
        self.client.poll_event()
    }

    /// Makes the server say whether it still has the relay.
    pub(super) fn ask_for_relay(&mut self, now: Instant) {
        if self.relayed.is_some()
            && let Err(error) = self.client.refresh_allocations(now)
        {
            log::debug!("{}: {error}", self.url.text);
        }
    }

    /// Sends through the relay. What comes before the server permits the peer is lost; ICE repeats it.
    pub(super) fn relay(&mut self, now: Instant, transmit: &Transmit) {
        let Some(relayed) = self.relayed else { return };
        let peer = transmit.destination;
        let Ok(mut relay) = self.client.relay(relayed) else {
            return;
        };
        if self
            .permissions
            .iter()
            .all(|permission| permission.peer != peer)
        {
            match relay.create_permission(now, peer) {
                Ok(asked) => self.permissions.push(Permission { peer, asked }),
                Err(error) => log::debug!("{}: no permission for {peer}: {error}", self.url.text),
            }
            return;
        }
        if let Err(error) = relay.send_to(now, &transmit.contents, peer) {
            log::trace!("{}: {error}", self.url.text);
        }
    }

    /// A permission was given: what would have to be asked for again is not.
    pub(super) fn permitted(&mut self, peer: SocketAddr) {
        for permission in &mut self.permissions {
            if permission.peer == peer {
                permission.asked = None;
            }
        }
    }

    /// A permission was refused or not answered; the next packet for the peer asks for it again. False
    /// where it was something else that was asked for.
    pub(super) fn not_permitted(&mut self, number: TransactionId) -> bool {
        let before = self.permissions.len();
        self.permissions
            .retain(|permission| permission.asked != Some(number));
        self.permissions.len() < before
    }

    pub(super) fn write(&mut self, ports: &[Port]) {
        let port = ports.iter().find(|port| port.local == self.local);
        for packet in self.take_packets() {
            let sent = port.map(|port| port.socket.try_send_to(&packet, self.address));
            if let Some(Err(error)) = sent {
                log::trace!("{} → {}: {error}", self.local, self.address);
            }
        }
    }

    pub(super) fn take_packets(&mut self) -> Vec<Vec<u8>> {
        let mut packets = std::mem::take(&mut self.again);
        while let Some(message) = self.client.poll_write() {
            packets.push(self.requests.send(&message.message, self.crypto.crypto()));
        }
        packets
    }

    /// When it has something to do.
    pub(super) fn time(&mut self) -> Option<Instant> {
        let patience = match self.help {
            Help::Awaited(until) => Some(until),
            _ => None,
        };
        self.client.poll_timeout().into_iter().chain(patience).min()
    }

    pub(super) fn on_time(&mut self, now: Instant) {
        if let Err(error) = self.client.handle_timeout(now) {
            log::debug!("{}: {error}", self.url.text);
        }
    }

    /// Gives the relay back.
    pub(super) fn close(&mut self, now: Instant) {
        if let Some(relayed) = self.relayed
            && let Ok(mut relay) = self.client.relay(relayed)
            && let Err(error) = relay.close(now)
        {
            log::debug!("{}: {error}", self.url.text);
        }
    }
}

/// STUN needs none.
fn credentials(server: &IceServer) -> (String, String) {
    (server.username.clone(), server.password.clone())
}

fn number(bytes: &[u8]) -> Option<TransactionId> {
    let number = bytes.get(8..20)?;
    Some(TransactionId(number.try_into().ok()?))
}

fn is_refused_refresh(bytes: &[u8]) -> bool {
    let refused = MessageType::new(METHOD_REFRESH, CLASS_ERROR_RESPONSE).value();
    is_stun_message(bytes) && bytes.starts_with(&refused.to_be_bytes())
}
