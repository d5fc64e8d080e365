//! ICE-TCP: packets with their length before them (RFC 4571), over connections this side opens.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use futures::{SinkExt, StreamExt};
use str0m::net::{Protocol, Transmit};
use tokio::{
    net::{TcpSocket, TcpStream},
    sync::mpsc,
    time::timeout,
};
use tokio_util::{
    bytes::Bytes,
    codec::{Framed, LengthDelimitedCodec},
};

use super::Transport;
use crate::engine::{Engine, clock, state::State};

/// Packets that may wait for a slow connection, half a second of sound with its answers.
const QUEUE: usize = 64;
/// How long a connection may take to open.
const OPENING: Duration = Duration::from_secs(10);
/// A connection that failed is tried again after this, as often as ICE asks.
const AGAIN: Duration = Duration::from_secs(1);
/// No peer offers more; who does can't make this side open more.
const MOST: usize = 16;

pub(super) enum Link {
    Open(mpsc::Sender<Bytes>),
    Failed(Instant),
}

impl Transport {
    /// What could not be reached may be reached in another ICE session.
    pub(super) fn forget_failed_links(&mut self) {
        self.tcp.retain(|_, link| matches!(link, Link::Open(_)));
    }

    pub(super) fn send_tcp(&mut self, transmit: Transmit) {
        let pair = (transmit.source, transmit.destination);
        let bytes = Bytes::copy_from_slice(&transmit.contents);
        match self.tcp.get(&pair) {
            Some(Link::Open(link)) => {
                if link.try_send(bytes).is_err() {
                    log::trace!("{} → {}: the connection is slow", pair.0, pair.1);
                }
            }
            Some(Link::Failed(at)) if clock::now().saturating_duration_since(*at) < AGAIN => {}
            None if self.tcp.len() >= MOST => {}
            _ => {
                let (link, queue) = mpsc::channel(QUEUE);
                // There is room: the queue is new.
                let _ = link.try_send(bytes);
                self.tcp.insert(pair, Link::Open(link));
                self.wanted.push((pair.0, pair.1, queue));
            }
        }
    }
}

impl State {
    /// Starts what str0m wanted to send over and was not there.
    pub(in crate::engine) fn open_links(&mut self) {
        if self.transport.wanted.is_empty() {
            return;
        }
        let Some(engine) = self.engine.upgrade() else {
            return;
        };
        for (local, remote, queue) in std::mem::take(&mut self.transport.wanted) {
            engine.spawn(engine.clone().run_link(local, remote, queue));
        }
    }
}

impl Engine {
    async fn run_link(
        self: Arc<Self>,
        local: SocketAddr,
        remote: SocketAddr,
        queue: mpsc::Receiver<Bytes>,
    ) {
        match timeout(OPENING, connect(local, remote)).await {
            Ok(Ok(stream)) => self.exchange(stream, local, remote, queue).await,
            Ok(Err(error)) => log::debug!("{local} → {remote} over TCP: {error}"),
            Err(_) => log::debug!("{local} → {remote} over TCP: no answer"),
        }
        self.change(|state| {
            state
                .transport
                .tcp
                .insert((local, remote), Link::Failed(clock::now()));
        });
    }

    async fn exchange(
        &self,
        stream: TcpStream,
        local: SocketAddr,
        remote: SocketAddr,
        mut queue: mpsc::Receiver<Bytes>,
    ) {
        let (mut out, mut incoming) = Framed::new(stream, framing()).split();
        let read = async {
            while let Some(Ok(packet)) = incoming.next().await {
                self.room().await;
                self.change(|state| state.receive(Protocol::Tcp, remote, local, &packet));
            }
        };
        let write = async {
            while let Some(packet) = queue.recv().await {
                if out.send(packet).await.is_err() {
                    break;
                }
            }
        };
        tokio::select! {
            () = read => {}
            () = write => {}
        }
        log::debug!("{local} → {remote} over TCP: closed");
    }
}

async fn connect(local: SocketAddr, remote: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = if remote.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.bind((local.ip(), 0).into())?;
    let stream = socket.connect(remote).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// RFC 4571: two bytes of length, then the packet.
pub(super) fn framing() -> LengthDelimitedCodec {
    LengthDelimitedCodec::builder()
        .length_field_type::<u16>()
        .max_frame_length(u16::MAX.into())
        .new_codec()
}
