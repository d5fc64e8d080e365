//! All of a connection that lies under its lock, and what str0m says of it.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use str0m::{
    Event, IceConnectionState as Ice, Input, Output, Rtc,
    channel::{ChannelData, ChannelId},
    format::Codec as RtpCodec,
    media::{Mid, Pt},
    rtp::{RtpPacket, Ssrc},
};

use super::{
    BACKLOG, BACKLOG_BYTES, Engine,
    channel::Channel,
    clock,
    negotiation::Negotiation,
    notice::{Message, Notice},
    report::Figures,
    transceiver::Transceiver,
    transport::Transport,
};
use crate::{
    audio::{AudioPacket, Codec},
    data_channel::{DataChannelInit, DataChannelState},
    peer_connection::{IceConnectionState, IceGatheringState, PeerConnectionState},
};

/// How long a connection that lost its peer waits before it counts as failed: libwebrtc waits for 15 s
/// without an answer to its checks.
const LOST: Duration = Duration::from_secs(15);
/// How long a connection that never was may try: what livekit itself waits at most.
const UNREACHED: Duration = Duration::from_secs(30);
/// Where str0m has nothing to wait for.
const IDLE: Duration = Duration::from_secs(1);

pub(crate) struct State {
    pub rtc: Rtc,
    pub(super) engine: std::sync::Weak<Engine>,
    pub(super) transport: Transport,
    pub(super) transceivers: Vec<Arc<Transceiver>>,
    pub(super) channels: Vec<Arc<Channel>>,
    pub(super) negotiation: Negotiation,
    pub(super) connection: PeerConnectionState,
    pub(super) ice: IceConnectionState,
    pub(super) gathering: IceGatheringState,
    /// str0m or this engine failed within.
    pub(super) broken: bool,
    /// Keys are agreed on: media can go.
    pub(super) secured: bool,
    pub(super) figures: Figures,
    pub(super) notices: VecDeque<Notice>,
    /// Bytes of messages in them.
    pub(super) noticed: usize,
    /// When str0m wants to be called.
    pub(super) deadline: Instant,
    /// When the connection counts as failed.
    pub(super) give_up: Option<Instant>,
    /// Whose packets a section gets now, and how they are put together.
    sources: HashMap<Mid, (Ssrc, Codec)>,
    started: Instant,
}

impl State {
    pub(super) fn new(
        engine: std::sync::Weak<Engine>,
        rtc: Rtc,
        transport: Transport,
        now: Instant,
    ) -> Self {
        Self {
            rtc,
            engine,
            transport,
            transceivers: Vec::new(),
            channels: Vec::new(),
            negotiation: Negotiation::default(),
            connection: PeerConnectionState::New,
            ice: IceConnectionState::New,
            gathering: IceGatheringState::New,
            broken: false,
            secured: false,
            figures: Figures::default(),
            notices: VecDeque::new(),
            noticed: 0,
            deadline: now + IDLE,
            give_up: None,
            sources: HashMap::new(),
            started: now,
        }
    }

    pub(crate) fn notify(&mut self, notice: Notice) {
        if let Notice::Message(_, message) = &notice {
            self.noticed += message.data.len();
        }
        self.notices.push_back(notice);
    }

    /// Whether callbacks keep up with what comes in.
    pub(super) fn has_room(&self) -> bool {
        self.notices.len() < BACKLOG && self.noticed < BACKLOG_BYTES
    }

    pub(super) fn is_closed(&self) -> bool {
        self.connection == PeerConnectionState::Closed
    }

    pub(super) fn break_off(&mut self) {
        self.broken = true;
        self.rtc.disconnect();
        self.turn_ice(IceConnectionState::Failed);
        self.turn_connection(PeerConnectionState::Failed);
    }

    /// Gives str0m something. An input it can't use is dropped: it came from outside.
    pub(super) fn input(&mut self, input: Input<'_>) {
        if let Err(error) = self.rtc.handle_input(input) {
            log::debug!("an input was dropped: {error}");
        }
        self.drain();
    }

    /// Time has passed.
    pub(super) fn on_time(&mut self, now: Instant) {
        if now >= self.deadline {
            self.input(Input::Timeout(now));
        }
        self.serve_on_time(now);
        if self.give_up.is_some_and(|at| now >= at) {
            self.give_up = None;
            self.turn_ice(IceConnectionState::Failed);
            self.turn_connection(PeerConnectionState::Failed);
        }
    }

    /// When [`on_time`](Self::on_time) has something to do.
    pub(super) fn next_time(&mut self) -> Instant {
        let times = [self.give_up, self.transport.server_time()];
        times
            .into_iter()
            .flatten()
            .fold(self.deadline, Instant::min)
    }

    /// Takes everything str0m has to say; due after every call of it.
    pub(super) fn drain(&mut self) {
        while !self.broken {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(at)) => {
                    self.deadline = at.min(clock::now() + IDLE);
                    break;
                }
                Ok(Output::Transmit(transmit)) => self.transport.send(transmit),
                Ok(Output::Event(event)) => self.on_event(event),
                Err(error) => {
                    log::error!("the connection broke: {error}");
                    self.turn_connection(PeerConnectionState::Failed);
                    self.deadline = clock::now() + IDLE;
                    break;
                }
            }
        }
        self.open_links();
        self.tell_what_left();
    }

    /// livekit's flow control counts bytes: each must be told once.
    fn tell_what_left(&mut self) {
        for index in 0..self.channels.len() {
            let channel = self.channels[index].clone();
            let Some(id) = channel.channel_id().filter(|_| channel.has_buffered()) else {
                continue;
            };
            let left = self
                .rtc
                .channel(id)
                .map_or(0, |mut channel| channel.buffered_amount());
            if let Some(sent) = channel.take_sent(left) {
                self.notify(Notice::Sent(channel, sent));
            }
        }
    }

    fn on_event(&mut self, event: Event) {
        match event {
            Event::Connected => {
                self.secured = true;
                self.give_up = None;
                self.turn_connection(PeerConnectionState::Connected);
            }
            Event::IceConnectionStateChange(state) => self.on_ice(state),
            Event::ChannelOpen(id, label) => self.on_channel_open(id, &label),
            Event::ChannelData(data) => self.on_channel_data(data),
            Event::ChannelClose(id) => self.on_channel_close(id),
            Event::RtpPacket(packet) => self.on_packet(&packet),
            Event::PeerStats(stats) => self.figures.peer = Some(stats),
            Event::MediaEgressStats(stats) => self.on_egress(stats),
            Event::MediaIngressStats(stats) => {
                self.figures.ingress.insert(stats.mid, stats);
            }
            // The peer says why over signalling. Called failed at once, livekit would reconnect to a
            // room from which it was just removed.
            Event::Closed => {
                self.turn_connection(PeerConnectionState::Disconnected);
                self.give_up = Some(clock::now() + LOST);
            }
            _ => {}
        }
    }

    fn on_egress(&mut self, stats: str0m::stats::MediaEgressStats) {
        if let (Some(loss), Some(transceiver)) = (stats.loss, self.by_mid(stats.mid)) {
            transceiver.set_loss(loss);
        }
        self.figures.egress.insert(stats.mid, stats);
    }

    fn on_ice(&mut self, state: Ice) {
        let now = clock::now();
        match state {
            Ice::New => self.turn_ice(IceConnectionState::New),
            Ice::Checking => {
                self.turn_ice(IceConnectionState::Checking);
                if !self.secured {
                    self.give_up = Some(now + UNREACHED);
                    self.turn_connection(PeerConnectionState::Connecting);
                }
            }
            Ice::Connected | Ice::Completed => {
                let completed = state == Ice::Completed;
                self.turn_ice(if completed {
                    IceConnectionState::Completed
                } else {
                    IceConnectionState::Connected
                });
                if self.secured {
                    self.give_up = None;
                    self.turn_connection(PeerConnectionState::Connected);
                }
            }
            Ice::Disconnected => {
                self.turn_ice(IceConnectionState::Disconnected);
                self.turn_connection(PeerConnectionState::Disconnected);
                self.give_up = Some(now + LOST);
            }
        }
    }

    pub(super) fn turn_ice(&mut self, to: IceConnectionState) {
        if self.ice != to && self.ice != IceConnectionState::Closed {
            log::debug!("ICE: {:?} → {to:?}", self.ice);
            self.ice = to;
            self.notify(Notice::Ice(to));
        }
    }

    pub(super) fn turn_connection(&mut self, to: PeerConnectionState) {
        if self.connection != to && !self.is_closed() {
            log::debug!("connection: {:?} → {to:?}", self.connection);
            self.connection = to;
            self.notify(Notice::Connection(to));
        }
    }

    fn channel_by_id(&self, id: ChannelId) -> Option<Arc<Channel>> {
        self.channels
            .iter()
            .find(|channel| channel.channel_id() == Some(id))
            .cloned()
    }

    fn on_channel_open(&mut self, id: ChannelId, label: &str) {
        if self.negotiation.stand_in == Some(id) {
            return;
        }
        if let Some(channel) = self.channel_by_id(id) {
            if channel.state() == DataChannelState::Closed {
                self.rtc.direct_api().close_data_channel(id);
            } else if channel.turn(DataChannelState::Open) {
                self.notify(Notice::ChannelState(channel, DataChannelState::Open));
            }
            return;
        }
        let Some(engine) = self.engine.upgrade() else {
            return;
        };
        let stream = self.rtc.direct_api().sctp_stream_id_by_channel_id(id);
        let init = DataChannelInit {
            id: stream.map_or(-1, i32::from),
            ..DataChannelInit::default()
        };
        let channel = Arc::new(Channel::new(&engine, label, init, DataChannelState::Open));
        channel.set_channel_id(id);
        self.channels.push(channel.clone());
        self.notify(Notice::Channel(channel));
    }

    fn on_channel_data(&mut self, data: ChannelData) {
        if let Some(channel) = self.channel_by_id(data.id) {
            let message = Message {
                data: data.data,
                binary: data.binary,
            };
            self.notify(Notice::Message(channel, message));
        }
    }

    fn on_channel_close(&mut self, id: ChannelId) {
        let Some(channel) = self.channel_by_id(id) else {
            return;
        };
        self.channels.retain(|other| other.channel_id() != Some(id));
        if channel.turn(DataChannelState::Closed) {
            self.notify(Notice::ChannelState(channel, DataChannelState::Closed));
        }
    }

    fn on_packet(&mut self, packet: &RtpPacket) {
        let ssrc = packet.header.ssrc;
        let Some(mid) = self
            .rtc
            .direct_api()
            .stream_rx(&ssrc)
            .map(|stream| stream.mid())
        else {
            return;
        };
        let Some(codec) = self.codec(packet.header.payload_type) else {
            return;
        };
        let Some(transceiver) = self.by_mid(mid) else {
            return;
        };
        let Some(audio) = transceiver.remote_audio() else {
            return;
        };
        // A section is used again for another track: nothing of the one before may be heard.
        if self
            .sources
            .insert(mid, (ssrc, codec))
            .is_some_and(|(before, _)| before != ssrc)
        {
            audio.reset();
        }
        let arrived = packet.timestamp.saturating_duration_since(self.started);
        audio.push(
            arrived,
            AudioPacket {
                sequence: *packet.seq_no,
                timestamp: packet.header.timestamp,
                payload: &packet.payload,
                codec,
                marker: packet.header.marker,
            },
        );
    }

    /// What a packet of this type carries; none where it is not sound.
    fn codec(&self, payload_type: Pt) -> Option<Codec> {
        let known = self.rtc.codec_config().params();
        if let Some(parameters) = known
            .iter()
            .find(|parameters| parameters.pt() == payload_type)
        {
            return (parameters.spec().codec == RtpCodec::Opus).then_some(Codec::Opus);
        }
        known
            .iter()
            .any(|parameters| parameters.red() == Some(payload_type))
            .then_some(Codec::Red)
    }

    pub(super) fn by_mid(&self, mid: Mid) -> Option<Arc<Transceiver>> {
        self.transceivers
            .iter()
            .find(|transceiver| transceiver.mid() == Some(mid))
            .cloned()
    }

    /// Who is heard in a section, and in which way of coding.
    pub(super) fn source(&self, mid: Mid) -> Option<(Ssrc, Codec)> {
        self.sources.get(&mid).copied()
    }

    /// The connection's own time, which sound is measured in.
    pub(super) fn elapsed(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.started)
    }
}
