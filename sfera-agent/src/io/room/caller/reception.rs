use crate::audio::SampleRate;
use livekit::{prelude::RemoteAudioTrack, webrtc::stats::RtcStats};
use serde::Serialize;
use std::time::Duration;

/// How well the agent's voice arrives, from its first packet on.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Reception {
    /// Packets that came.
    pub packets: u64,
    /// Packets that did not.
    pub lost: u64,
    /// How unevenly packets come, as RTP defines it.
    pub jitter: Duration,
    /// How long sound waits for late packets, on average.
    pub delay: Duration,
    /// Sound made up where something was missing, silence not counted.
    pub concealed: Duration,
    /// How often something was made up.
    pub concealments: u64,
}

/// The figures of one track, if any sound came.
pub(super) async fn of(track: &RemoteAudioTrack) -> Option<Reception> {
    let report = track.get_stats().await.ok()?;
    report.into_iter().find_map(|figures| match figures {
        RtcStats::InboundRtp(figures) => {
            let (received, inbound) = (figures.received, figures.inbound);
            let audible = inbound
                .concealed_samples
                .saturating_sub(inbound.silent_concealed_samples);
            let emitted = inbound.jitter_buffer_emitted_count.max(1) as f64;
            Some(Reception {
                packets: received.packets_received,
                lost: u64::try_from(received.packets_lost).unwrap_or(0),
                jitter: seconds(received.jitter),
                delay: seconds(inbound.jitter_buffer_delay / emitted),
                concealed: SampleRate::HZ_48000.duration(audible),
                concealments: inbound.concealment_events,
            })
        }
        _ => None,
    })
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
