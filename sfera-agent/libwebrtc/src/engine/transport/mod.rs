//! The sockets of a connection.
//!
//! One UDP socket an address of this machine, and where the peer offers ICE-TCP, a TCP connection a
//! pair. What is sent goes straight to the socket under the engine's lock; what does not fit in the
//! system's buffer is lost, as in any network. What is read goes to str0m by a task a socket.

mod candidates;
#[cfg(any(test, feature = "fuzzing"))]
pub(super) mod fuzzing;
mod gather;
mod nonce;
mod server;
mod servers;
mod tasks;
mod tcp;
#[cfg(any(test, feature = "fuzzing"))]
mod tests;
mod udp;
mod url;

use std::{collections::HashMap, net::SocketAddr, sync::Arc};

use str0m::net::{Protocol, Transmit};
use tokio::{net::UdpSocket, sync::mpsc};
use tokio_util::{bytes::Bytes, sync::DropGuard};

pub(super) use self::tasks::Tasks;
use self::tcp::Link;
use crate::peer_connection_factory::{IceTransportsType, RtcConfiguration};

pub(super) struct Transport {
    config: RtcConfiguration,
    /// Own candidates, and whether the owner has heard of them.
    candidates: Vec<candidates::Own>,
    gathered: bool,
    udp: Vec<Port>,
    tcp: HashMap<(SocketAddr, SocketAddr), Link>,
    servers: Vec<server::Server>,
    found: Vec<servers::Found>,
    asked: Vec<servers::Asked>,
    /// Servers whose names are being looked up.
    lookups: usize,
    remote: candidates::Remote,
    /// Connections that str0m wants and nobody has opened yet.
    wanted: Vec<(SocketAddr, SocketAddr, mpsc::Receiver<Bytes>)>,
    pub(super) sent: Traffic,
    pub(super) received: Traffic,
}

struct Port {
    local: SocketAddr,
    socket: Arc<UdpSocket>,
    /// Ends the task that reads it.
    _reading: DropGuard,
}

/// What went through the sockets.
#[derive(Default, Clone, Copy)]
pub(super) struct Traffic {
    pub(super) packets: u64,
    pub(super) bytes: u64,
}

impl Traffic {
    fn count(&mut self, bytes: usize) {
        self.packets += 1;
        self.bytes += bytes as u64;
    }
}

impl Transport {
    pub(super) fn new(config: RtcConfiguration) -> Self {
        Self {
            config,
            candidates: Vec::new(),
            gathered: false,
            udp: Vec::new(),
            tcp: HashMap::new(),
            servers: Vec::new(),
            found: Vec::new(),
            asked: Vec::new(),
            lookups: 0,
            remote: candidates::Remote::default(),
            wanted: Vec::new(),
            sent: Traffic::default(),
            received: Traffic::default(),
        }
    }

    pub(super) fn set_configuration(&mut self, config: RtcConfiguration) {
        self.config = config;
    }

    fn allows_host(&self) -> bool {
        self.config.ice_transport_type == IceTransportsType::All
    }

    pub(super) fn send(&mut self, transmit: Transmit) {
        self.sent.count(transmit.contents.len());
        match transmit.proto {
            Protocol::Udp => {
                if !self.send_relayed(&transmit) {
                    self.send_udp(&transmit);
                }
            }
            Protocol::Tcp => self.send_tcp(transmit),
            Protocol::SslTcp | Protocol::Tls => {}
        }
    }

    /// Ends what has no task of its own.
    pub(super) fn close(&mut self) {
        self.close_servers();
        self.udp.clear();
        self.tcp.clear();
    }
}
