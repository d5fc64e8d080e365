//! What `get_stats` answers: figures that were counted or measured; what is not known stays empty.

use std::{collections::HashMap, sync::Arc, time::UNIX_EPOCH};

use str0m::{
    format::Codec as RtpCodec,
    media::Mid,
    net::Protocol,
    stats::{MediaEgressStats, MediaIngressStats, PeerStats},
};

use super::{Engine, channel::Channel, state::State, transceiver::Transceiver};
use crate::{
    audio::{Codec, ReceiveStats},
    data_channel::DataChannelState,
    peer_connection::{IceConnectionState, PeerConnectionState},
    stats::{
        CandidatePairStats, CodecStats, DataChannelStats, DtlsTransportState,
        IceCandidatePairState, IceTransportState, InboundRtpStats, LocalCandidateStats,
        OutboundRtpStats, RemoteCandidateStats, RemoteInboundRtpStats, RemoteOutboundRtpStats,
        RtcStats, TransportStats,
        dictionaries::{self, IceCandidateStats, RtpStreamStats},
    },
};

const TRANSPORT: &str = "T1";
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
        let mut report = self.change(|state| {
            let mut report = state.network_figures();
            report.extend(state.channel_figures());
            report
        });
        let mut codecs = Vec::new();
        for transceiver in self.transceivers() {
            let (sent, received) = (
                self.report_sent(&transceiver),
                self.report_received(&transceiver),
            );
            for (figures, codec) in [sent, received].into_iter().flatten() {
                report.extend(figures);
                if !codecs.contains(&codec) {
                    codecs.push(codec);
                }
            }
        }
        self.change(|state| report.extend(codecs.iter().map(|codec| state.codec_figures(*codec))));
        report
    }

    /// Figures of one direction of a section, and all that they refer to.
    pub(super) fn report_with_links(
        &self,
        figures: Option<(Vec<RtcStats>, Codec)>,
    ) -> Vec<RtcStats> {
        let Some((mut report, codec)) = figures else {
            return Vec::new();
        };
        self.change(|state| {
            report.push(state.codec_figures(codec));
            report.extend(state.network_figures());
        });
        report
    }

    pub(super) fn report_sent(&self, transceiver: &Transceiver) -> Option<(Vec<RtcStats>, Codec)> {
        let own = transceiver.sending.lock().as_ref()?.stats();
        let mid = transceiver.mid()?;
        let codec = if own.red { Codec::Red } else { Codec::Opus };
        let active = transceiver.to_send().is_some();
        let (figures, ssrc, stream) = self.change(|state| {
            let ssrc = state.sent_ssrc(mid).map(|ssrc| *ssrc)?;
            let figures = state.figures.egress.get(&mid).cloned();
            Some((figures, ssrc, state.rtp_stream(ssrc, codec)))
        })?;
        let remote = figures.as_ref().and_then(|figures| figures.remote.as_ref());
        let mut report = vec![RtcStats::OutboundRtp(OutboundRtpStats {
            rtc: named(format!("O{ssrc}")),
            stream: stream.clone(),
            sent: dictionaries::SentRtpStreamStats {
                packets_sent: own.packets,
                bytes_sent: own.bytes,
            },
            outbound: dictionaries::OutboundRtpStreamStats {
                mid: mid.to_string(),
                remote_id: remote.map_or_else(String::new, |_| format!("RI{ssrc}")),
                target_bitrate: f64::from(own.target_bitrate),
                nack_count: figures.as_ref().map_or(0, |figures| small(figures.nacks)),
                active,
                encoder_implementation: "libopus".to_owned(),
                ..Default::default()
            },
        })];
        if let (Some(figures), Some(remote)) = (&figures, remote) {
            let round_trip = figures.rtt.unwrap_or_default().as_secs_f64();
            report.push(RtcStats::RemoteInboundRtp(RemoteInboundRtpStats {
                rtc: named(format!("RI{ssrc}")),
                stream,
                received: dictionaries::ReceivedRtpStreamStats {
                    packets_lost: i64::try_from(remote.packets_lost).unwrap_or(i64::MAX),
                    jitter: f64::from(remote.jitter) / CLOCK,
                    ..Default::default()
                },
                remote_inbound: dictionaries::RemoteInboundRtpStreamStats {
                    local_id: format!("O{ssrc}"),
                    round_trip_time: round_trip,
                    fraction_lost: f64::from(transceiver.loss()),
                    ..Default::default()
                },
            }));
        }
        Some((report, codec))
    }

    pub(super) fn report_received(
        &self,
        transceiver: &Transceiver,
    ) -> Option<(Vec<RtcStats>, Codec)> {
        let (mid, audio) = (transceiver.mid()?, transceiver.remote_audio()?);
        let own = audio.stats();
        let (figures, ssrc, codec, stream) = self.change(|state| {
            let (ssrc, codec) = state.source(mid)?;
            let figures = state.figures.ingress.get(&mid).cloned();
            Some((figures, *ssrc, codec, state.rtp_stream(*ssrc, codec)))
        })?;
        let remote = figures.as_ref().and_then(|figures| figures.remote.as_ref());
        let mut report = vec![RtcStats::InboundRtp(InboundRtpStats {
            rtc: named(format!("I{ssrc}")),
            stream: stream.clone(),
            received: dictionaries::ReceivedRtpStreamStats {
                packets_received: own.packets_received,
                packets_lost: own.packets_lost,
                jitter: own.jitter,
            },
            inbound: dictionaries::InboundRtpStreamStats {
                track_identifier: transceiver.received_track().id(),
                mid: mid.to_string(),
                remote_id: remote.map_or_else(String::new, |_| format!("RO{ssrc}")),
                bytes_received: figures.as_ref().map_or(0, |figures| figures.bytes),
                nack_count: figures.as_ref().map_or(0, |figures| small(figures.nacks)),
                ..received(&own)
            },
        })];
        if let Some(remote) = remote {
            report.push(RtcStats::RemoteOutboundRtp(RemoteOutboundRtpStats {
                rtc: named(format!("RO{ssrc}")),
                stream,
                sent: dictionaries::SentRtpStreamStats {
                    packets_sent: remote.packets,
                    bytes_sent: remote.bytes,
                },
                remote_outbound: dictionaries::RemoteOutboundRtpStreamStats {
                    local_id: format!("I{ssrc}"),
                    ..Default::default()
                },
            }));
        }
        Some((report, codec))
    }
}

/// What the jitter buffer counted.
fn received(own: &ReceiveStats) -> dictionaries::InboundRtpStreamStats {
    dictionaries::InboundRtpStreamStats {
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
    }
}

impl State {
    fn network_figures(&self) -> Vec<RtcStats> {
        let mut figures = vec![self.transport_figures()];
        figures.extend(self.pair_figures());
        figures
    }

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
                    // The pair str0m speaks of is the one it nominated, which has succeeded.
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

    fn channel_figures(&mut self) -> Vec<RtcStats> {
        let open: Vec<Arc<Channel>> = self
            .channels
            .iter()
            .filter(|channel| channel.state() == DataChannelState::Open)
            .cloned()
            .collect();
        let figures = open.iter().enumerate().map(|(index, channel)| {
            let id = channel.channel_id();
            let stream = id.and_then(|id| self.rtc.direct_api().sctp_stream_id_by_channel_id(id));
            RtcStats::DataChannel(DataChannelStats {
                rtc: named(format!("D{index}")),
                dc: dictionaries::DataChannelStats {
                    label: channel.label().to_owned(),
                    protocol: channel.protocol().to_owned(),
                    data_channel_identifier: stream.map_or(-1, i32::from),
                    state: Some(DataChannelState::Open),
                    messages_sent: small(channel.traffic.messages_sent()),
                    // Those that have left.
                    bytes_sent: channel
                        .traffic
                        .bytes_sent()
                        .saturating_sub(channel.buffered_amount()),
                    messages_received: small(channel.traffic.messages_received()),
                    bytes_received: channel.traffic.bytes_received(),
                },
            })
        });
        figures.collect()
    }

    /// The number of a way of coding in this connection's packets, and how Opus is set up.
    fn codec_figures(&self, codec: Codec) -> RtcStats {
        let known = self.rtc.codec_config().params().iter();
        let opus = known
            .into_iter()
            .find(|parameters| parameters.spec().codec == RtpCodec::Opus);
        let (mime_type, format) = match codec {
            Codec::Opus => (
                "audio/opus",
                opus.map(|opus| opus.spec().format.to_string()),
            ),
            Codec::Red => ("audio/red", opus.map(|opus| format!("{0}/{0}", *opus.pt()))),
        };
        RtcStats::Codec(CodecStats {
            rtc: named(self.codec_id(codec)),
            codec: dictionaries::CodecStats {
                payload_type: self.codec_number(codec),
                transport_id: TRANSPORT.to_owned(),
                mime_type: mime_type.to_owned(),
                clock_rate: 48_000,
                channels: 2,
                sdp_fmtp_line: format.unwrap_or_default(),
            },
        })
    }

    fn codec_number(&self, codec: Codec) -> u32 {
        let known = self.rtc.codec_config().params();
        let opus = known
            .iter()
            .find(|parameters| parameters.spec().codec == RtpCodec::Opus);
        let number = opus.and_then(|opus| match codec {
            Codec::Opus => Some(opus.pt()),
            Codec::Red => opus.red(),
        });
        number.map_or(0, |number| u32::from(*number))
    }

    fn codec_id(&self, codec: Codec) -> String {
        format!("C{}", self.codec_number(codec))
    }

    fn rtp_stream(&self, ssrc: u32, codec: Codec) -> RtpStreamStats {
        RtpStreamStats {
            ssrc,
            kind: "audio".to_owned(),
            transport_id: TRANSPORT.to_owned(),
            codec_id: self.codec_id(codec),
        }
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
