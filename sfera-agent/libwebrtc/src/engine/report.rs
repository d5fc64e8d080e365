//! What `get_stats` answers: figures that were counted or measured; what is not known stays empty.

use std::{collections::HashMap, time::UNIX_EPOCH};

use str0m::{
    media::Mid,
    net::Protocol,
    stats::{MediaEgressStats, MediaIngressStats, PeerStats},
};

use super::{Engine, state::State, transceiver::Transceiver};
use crate::{
    data_channel::DataChannelState,
    peer_connection::{IceConnectionState, PeerConnectionState},
    stats::{
        CandidatePairStats, CodecStats, DataChannelStats, DtlsTransportState,
        IceCandidatePairState, IceTransportState, InboundRtpStats, LocalCandidateStats,
        OutboundRtpStats, RemoteCandidateStats, RemoteInboundRtpStats, RtcStats, TransportStats,
        dictionaries::{self, IceCandidateStats, RtpStreamStats},
    },
};

const TRANSPORT: &str = "T1";
const CODEC: &str = "C111";
const PAIR: &str = "P1";
const LOCAL: &str = "L1";
const REMOTE: &str = "R1";
/// Ticks of the RTP clock in a second.
const CLOCK: f64 = 48_000.0;

/// What str0m said last, once a second.
#[derive(Default)]
pub(super) struct Figures {
    pub(super) peer: Option<PeerStats>,
    pub(super) egress: HashMap<Mid, MediaEgressStats>,
    pub(super) ingress: HashMap<Mid, MediaIngressStats>,
}

impl Engine {
    pub(crate) fn report(&self) -> Vec<RtcStats> {
        let mut report = vec![codec()];
        self.change(|state| {
            report.push(state.transport_figures());
            report.extend(state.pair_figures());
            report.extend(state.channel_figures());
        });
        for transceiver in self.transceivers() {
            report.extend(self.report_sent(&transceiver));
            report.extend(self.report_received(&transceiver));
        }
        report
    }

    pub(super) fn report_sent(&self, transceiver: &Transceiver) -> Vec<RtcStats> {
        let sending = transceiver.sending.lock();
        let (Some(mid), Some(sending)) = (transceiver.mid(), sending.as_ref()) else {
            return Vec::new();
        };
        let own = sending.stats();
        let (figures, ssrc) = self.change(|state| {
            (
                state.figures.egress.get(&mid).cloned(),
                state.sent_ssrc(mid),
            )
        });
        let ssrc = ssrc.map_or(0, |ssrc| *ssrc);
        let stream = rtp_stream(ssrc);
        let mut report = vec![RtcStats::OutboundRtp(OutboundRtpStats {
            rtc: named(format!("O{ssrc}")),
            stream: stream.clone(),
            sent: dictionaries::SentRtpStreamStats {
                packets_sent: own.packets,
                bytes_sent: own.bytes,
            },
            outbound: dictionaries::OutboundRtpStreamStats {
                mid: mid.to_string(),
                remote_id: format!("RI{ssrc}"),
                target_bitrate: f64::from(own.target_bitrate),
                nack_count: figures.as_ref().map_or(0, |figures| small(figures.nacks)),
                active: true,
                encoder_implementation: "libopus".to_owned(),
                ..Default::default()
            },
        })];
        if let Some((figures, remote)) = figures
            .as_ref()
            .and_then(|figures| Some((figures, figures.remote.as_ref()?)))
        {
            let round_trip = figures.rtt.unwrap_or_default().as_secs_f64();
            report.push(RtcStats::RemoteInboundRtp(RemoteInboundRtpStats {
                rtc: named(format!("RI{ssrc}")),
                stream,
                received: dictionaries::ReceivedRtpStreamStats {
                    packets_received: own.packets.saturating_sub(remote.packets_lost),
                    packets_lost: i64::try_from(remote.packets_lost).unwrap_or(i64::MAX),
                    jitter: f64::from(remote.jitter) / CLOCK,
                },
                remote_inbound: dictionaries::RemoteInboundRtpStreamStats {
                    local_id: format!("O{ssrc}"),
                    round_trip_time: round_trip,
                    fraction_lost: f64::from(figures.loss.unwrap_or_default()),
                    ..Default::default()
                },
            }));
        }
        report
    }

    pub(super) fn report_received(&self, transceiver: &Transceiver) -> Vec<RtcStats> {
        let (Some(mid), Some(audio)) = (transceiver.mid(), transceiver.remote_audio()) else {
            return Vec::new();
        };
        let own = audio.stats();
        if own.packets_received == 0 {
            return Vec::new();
        }
        let (figures, ssrc) =
            self.change(|state| (state.figures.ingress.get(&mid).cloned(), state.source(mid)));
        let ssrc = ssrc.map_or(0, |ssrc| *ssrc);
        vec![RtcStats::InboundRtp(InboundRtpStats {
            rtc: named(format!("I{ssrc}")),
            stream: rtp_stream(ssrc),
            received: dictionaries::ReceivedRtpStreamStats {
                packets_received: own.packets_received,
                packets_lost: own.packets_lost,
                jitter: own.jitter,
            },
            inbound: dictionaries::InboundRtpStreamStats {
                track_identifier: transceiver.received_track().id(),
                mid: mid.to_string(),
                bytes_received: figures.as_ref().map_or(0, |figures| figures.bytes),
                nack_count: figures.as_ref().map_or(0, |figures| small(figures.nacks)),
                packets_discarded: own.packets_discarded,
                fec_packets_received: own.fec_packets_received,
                jitter_buffer_delay: own.jitter_buffer_delay,
                jitter_buffer_target_delay: own.jitter_buffer_target_delay,
                jitter_buffer_emitted_count: own.jitter_buffer_emitted_count,
                total_samples_received: own.total_samples_received,
                concealed_samples: own.concealed_samples,
                silent_concealed_samples: own.silent_concealed_samples,
                concealment_events: own.concealment_events,
                inserted_samples_for_deceleration: own.inserted_samples_for_deceleration,
                removed_samples_for_acceleration: own.removed_samples_for_acceleration,
                audio_level: own.audio_level,
                total_audio_energy: own.total_audio_energy,
                total_samples_duration: own.total_samples_duration,
                decoder_implementation: "libopus".to_owned(),
                ..Default::default()
            },
        })]
    }
}

impl State {
    fn transport_figures(&self) -> RtcStats {
        let traffic = (self.transport.sent, self.transport.received);
        let paired = self
            .figures
            .peer
            .as_ref()
            .is_some_and(|peer| peer.selected_candidate_pair.is_some());
        RtcStats::Transport(TransportStats {
            rtc: named(TRANSPORT),
            transport: dictionaries::TransportStats {
                packets_sent: traffic.0.packets,
                packets_received: traffic.1.packets,
                bytes_sent: traffic.0.bytes,
                bytes_received: traffic.1.bytes,
                dtls_state: Some(self.dtls_state()),
                ice_state: Some(self.ice_transport_state()),
                selected_candidate_pair_id: if paired {
                    PAIR.to_owned()
                } else {
                    String::new()
                },
                ..Default::default()
            },
        })
    }

    fn dtls_state(&self) -> DtlsTransportState {
        match self.connection {
            PeerConnectionState::Closed => DtlsTransportState::Closed,
            PeerConnectionState::Failed => DtlsTransportState::Failed,
            PeerConnectionState::New => DtlsTransportState::New,
            _ if self.secured => DtlsTransportState::Connected,
            _ => DtlsTransportState::Connecting,
        }
    }

    fn ice_transport_state(&self) -> IceTransportState {
        match self.ice {
            IceConnectionState::New | IceConnectionState::Max => IceTransportState::New,
            IceConnectionState::Checking => IceTransportState::Checking,
            IceConnectionState::Connected => IceTransportState::Connected,
            IceConnectionState::Completed => IceTransportState::Completed,
            IceConnectionState::Disconnected => IceTransportState::Disconnected,
            IceConnectionState::Failed => IceTransportState::Failed,
            IceConnectionState::Closed => IceTransportState::Closed,
        }
    }

    fn pair_figures(&self) -> Vec<RtcStats> {
        let Some(peer) = &self.figures.peer else {
            return Vec::new();
        };
        let Some(pair) = &peer.selected_candidate_pair else {
            return Vec::new();
        };
        let protocol = if pair.protocol == Protocol::Udp {
            "udp"
        } else {
            "tcp"
        };
        let candidate = |address: std::net::SocketAddr| IceCandidateStats {
            transport_id: TRANSPORT.to_owned(),
            address: address.ip().to_string(),
            port: address.port().into(),
            protocol: protocol.to_owned(),
            ..Default::default()
        };
        vec![
            RtcStats::CandidatePair(CandidatePairStats {
                rtc: named(PAIR),
                candidate_pair: dictionaries::CandidatePairStats {
                    transport_id: TRANSPORT.to_owned(),
                    local_candidate_id: LOCAL.to_owned(),
                    remote_candidate_id: REMOTE.to_owned(),
                    state: Some(IceCandidatePairState::Succeeded),
                    nominated: true,
                    bytes_sent: peer.peer_bytes_tx,
                    bytes_received: peer.peer_bytes_rx,
                    total_round_trip_time: pair.total_round_trip_time.as_secs_f64(),
                    current_round_trip_time: pair
                        .current_round_trip_time
                        .unwrap_or_default()
                        .as_secs_f64(),
                    responses_received: pair.responses_received,
                    ..Default::default()
                },
            }),
            RtcStats::LocalCandidate(LocalCandidateStats {
                rtc: named(LOCAL),
                local_candidate: IceCandidateStats {
                    candidate_type: self.transport.kind_of(pair.local.addr),
                    ..candidate(pair.local.addr)
                },
            }),
            RtcStats::RemoteCandidate(RemoteCandidateStats {
                rtc: named(REMOTE),
                remote_candidate: candidate(pair.remote.addr),
            }),
        ]
    }

    fn channel_figures(&self) -> Vec<RtcStats> {
        let open = self
            .channels
            .iter()
            .filter(|channel| channel.state() == DataChannelState::Open);
        let figures = open.enumerate().map(|(index, channel)| {
            RtcStats::DataChannel(DataChannelStats {
                rtc: named(format!("D{index}")),
                dc: dictionaries::DataChannelStats {
                    label: channel.label().to_owned(),
                    state: Some(DataChannelState::Open),
                    messages_sent: small(channel.traffic.messages_sent()),
                    bytes_sent: channel.traffic.bytes_sent(),
                    messages_received: small(channel.traffic.messages_received()),
                    bytes_received: channel.traffic.bytes_received(),
                    ..Default::default()
                },
            })
        });
        figures.collect()
    }
}

fn codec() -> RtcStats {
    RtcStats::Codec(CodecStats {
        rtc: named(CODEC),
        codec: dictionaries::CodecStats {
            payload_type: 111,
            transport_id: TRANSPORT.to_owned(),
            mime_type: "audio/opus".to_owned(),
            clock_rate: 48_000,
            channels: 2,
            sdp_fmtp_line: "minptime=10;useinbandfec=1".to_owned(),
        },
    })
}

fn rtp_stream(ssrc: u32) -> RtpStreamStats {
    RtpStreamStats {
        ssrc,
        kind: "audio".to_owned(),
        transport_id: TRANSPORT.to_owned(),
        codec_id: CODEC.to_owned(),
    }
}

fn named(id: impl Into<String>) -> dictionaries::RtcStats {
    let now = UNIX_EPOCH.elapsed().unwrap_or_default();
    dictionaries::RtcStats {
        id: id.into(),
        timestamp: i64::try_from(now.as_micros()).unwrap_or(i64::MAX),
    }
}

fn small(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
