//! UDP.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use str0m::{
    Input,
    net::{Protocol, Receive, Transmit},
};
use tokio::net::UdpSocket;
use tokio_util::sync::CancellationToken;

use super::{Port, Transport};
use crate::engine::{Engine, clock, state::State};

/// No packet of WebRTC is longer than the smallest MTU; what is longer is cut and fails its checks.
const LONGEST: usize = 2048;
/// Packets read at a time, before somebody else may change the connection.
const BURST: usize = 32;
/// Sockets of a connection: one an address, and one more for each change of a TURN server's credentials.
const MOST: usize = 32;

impl Engine {
    /// Opens a socket on an address of this machine.
    pub(super) fn open_udp(self: &Arc<Self>, ip: IpAddr) -> io::Result<SocketAddr> {
        if self.state.lock().transport.udp.len() >= MOST {
            return Err(io::Error::other("there are too many already"));
        }
        let socket = std::net::UdpSocket::bind((ip, 0))?;
        socket.set_nonblocking(true)?;
        let local = socket.local_addr()?;
        let entered = self.tasks.runtime().enter();
        let socket = Arc::new(UdpSocket::from_std(socket)?);
        drop(entered);
        let stop = CancellationToken::new();
        let port = Port {
            local,
            socket: socket.clone(),
            _reading: stop.clone().drop_guard(),
        };
        self.state.lock().transport.udp.push(port);
        let read = self.clone().read_udp(socket, local);
        self.spawn(async move {
            stop.run_until_cancelled(read).await;
        });
        Ok(local)
    }

    async fn read_udp(self: Arc<Self>, socket: Arc<UdpSocket>, local: SocketAddr) {
        let mut buffer = vec![0; LONGEST];
        while socket.readable().await.is_ok() {
            self.room().await;
            self.change(|state| {
                for _ in 0..BURST {
                    match socket.try_recv_from(&mut buffer) {
                        Ok((length, from)) => state.receive_udp(from, local, &buffer[..length]),
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                        // An ICMP message about a packet sent before; ICE finds out by itself.
                        Err(error) => log::trace!("{local}: {error}"),
                    }
                }
            });
        }
    }
}

impl Transport {
    pub(super) fn send_udp(&self, transmit: &Transmit) {
        let Some(port) = self.udp.iter().find(|port| port.local == transmit.source) else {
            return;
        };
        if let Err(error) = port
            .socket
            .try_send_to(&transmit.contents, transmit.destination)
        {
            log::trace!("{} → {}: {error}", transmit.source, transmit.destination);
        }
    }
}

impl State {
    pub(in crate::engine) fn receive_udp(
        &mut self,
        from: SocketAddr,
        local: SocketAddr,
        bytes: &[u8],
    ) {
        if !self.receive_from_server(from, local, bytes) {
            self.receive(Protocol::Udp, from, local, bytes);
        }
    }

    /// Gives str0m what came from the network.
    pub(super) fn receive(
        &mut self,
        protocol: Protocol,
        from: SocketAddr,
        local: SocketAddr,
        bytes: &[u8],
    ) {
        self.transport.received.count(bytes.len());
        match Receive::new(protocol, from, local, bytes) {
            Ok(receive) => self.input(Input::Receive(clock::now(), receive)),
            Err(error) => log::trace!("{from} → {local}: {error}"),
        }
    }
}
