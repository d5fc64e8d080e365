//! From a track to packets, 50 times a second.

use std::{
    sync::{Arc, Weak, atomic::Ordering},
    time::{Duration, Instant},
};

use str0m::{
    format::Codec as RtpCodec,
    media::{Mid, Pt},
    rtp::{ExtensionValues, RtpWrite, Ssrc},
};

use super::{
    Engine, clock,
    state::State,
    transceiver::{ToSend, Transceiver},
};
use crate::{
    audio::{Codec, SendOptions, SendStats, SendStream, SentPacket},
    audio_track::RtcAudioTrack,
};

/// How much sound a packet holds.
const PACKET: Duration = Duration::from_millis(20);
/// A source without a queue is silent when it is late by so much; a little may be the load of the
/// machine.
const LATE: Duration = Duration::from_millis(60);

/// Later than this, the machine slept: nothing is made up for.
const ASLEEP: Duration = Duration::from_secs(1);

pub(super) struct Sending {
    mid: Mid,
    track: RtcAudioTrack,
    /// `None` where the track can't be sent, which was said once.
    stream: Option<SendStream>,
    sequence: u64,
    /// Where the source has no queue: when its next packet is expected.
    direct: Option<Instant>,
}

impl Sending {
    fn start(wanted: &ToSend, engine: &Weak<Engine>) -> Option<Self> {
        let source = wanted.track.source()?;
        let options = SendOptions {
            max_bitrate: wanted.max_bitrate,
            dtx: wanted.dtx,
            fec: true,
            red: wanted.red,
            stereo: source.num_channels() > 1,
        };
        let stream = SendStream::new(&source, options)
            .inspect_err(|error| {
                log::error!("the track {:?} can't be sent: {error}", wanted.track.id());
            })
            .ok();
        let direct = source.queue().is_direct().then(clock::now);
        if let (Some(stream), Some(_)) = (&stream, direct) {
            let engine = engine.clone();
            stream.reader().on_ready(Arc::new(move || {
                if let Some(engine) = engine.upgrade() {
                    engine.has_fresh_sound();
                }
            }));
        }
        Some(Self {
            mid: wanted.mid,
            track: wanted.track.clone(),
            stream,
            sequence: first_sequence(),
            direct,
        })
    }

    fn sends(&self, wanted: &ToSend) -> bool {
        self.mid == wanted.mid && self.track.id() == wanted.track.id()
    }

    pub(super) fn stats(&self) -> SendStats {
        let stream = self.stream.as_ref();
        stream.map_or_else(SendStats::default, SendStream::stats)
    }

    /// Whether a packet is due on the beat. Where the source has no queue, only for silence, which
    /// keeps the time of the stream.
    fn is_due(&mut self, now: Instant) -> bool {
        let Some(expected) = &mut self.direct else {
            return true;
        };
        let late = now.saturating_duration_since(*expected);
        if late > ASLEEP {
            *expected = now;
        } else if late >= LATE {
            *expected += PACKET;
        }
        late >= LATE
    }

    /// Whether the source has no queue and a packet for now.
    fn is_fresh(&mut self, now: Instant) -> bool {
        let (Some(expected), Some(stream)) = (&mut self.direct, &self.stream) else {
            return false;
        };
        let fresh = stream.reader().has_packet();
        if fresh {
            *expected = now + PACKET;
        }
        fresh
    }
}

/// Below 2^15, so that the first rollover is not lost on a receiver who misses the first packets.
fn first_sequence() -> u64 {
    u64::from(uuid::Uuid::new_v4().as_fields().1 & 0x7fff) + 1
}

impl Engine {
    /// Sends the next 20 ms of every track that is to be sent.
    pub(super) fn send_media(&self, now: Instant) {
        for transceiver in self.transceivers() {
            self.send_track(&transceiver, now);
        }
    }

    fn send_track(&self, transceiver: &Arc<Transceiver>, now: Instant) {
        let mut sending = transceiver.sending.lock();
        let Some(wanted) = transceiver.to_send() else {
            *sending = None;
            return;
        };
        let same = sending.as_ref().is_some_and(|now| now.sends(&wanted));
        if !same {
            let engine = self.state.lock().engine.clone();
            *sending = Sending::start(&wanted, &engine);
        }
        let Some(sending) = sending.as_mut() else {
            return;
        };
        while sending.is_due(now) {
            self.send_packet(sending, &wanted);
            if sending.direct.is_none() {
                break;
            }
        }
    }

    /// Sends what sources without a queue have, without waiting for the beat.
    pub(super) fn send_fresh(&self, now: Instant) {
        if !self.fresh.swap(false, Ordering::AcqRel) {
            return;
        }
        for transceiver in self.transceivers() {
            let mut sending = transceiver.sending.lock();
            let Some(wanted) = transceiver.to_send() else {
                continue;
            };
            let Some(sending) = sending.as_mut().filter(|sending| sending.sends(&wanted)) else {
                continue;
            };
            while sending.is_fresh(now) {
                self.send_packet(sending, &wanted);
            }
        }
    }

    fn send_packet(&self, sending: &mut Sending, wanted: &ToSend) {
        let enabled = sending.track.enabled();
        let Some(stream) = &mut sending.stream else {
            return;
        };
        stream.set_packet_loss(wanted.loss);
        stream.set_max_bitrate(wanted.max_bitrate);
        stream.set_dtx(wanted.dtx);
        stream.set_red(wanted.red);
        let Some(packet) = stream.next(enabled) else {
            return;
        };
        sending.sequence += 1;
        let sequence = sending.sequence;
        self.change(|state| state.write(wanted.mid, sequence, &packet));
    }
}

impl State {
    fn write(&mut self, mid: Mid, sequence: u64, packet: &SentPacket<'_>) {
        if !self.secured {
            return;
        }
        let Some(payload_type) = self.payload_type(mid, packet.codec) else {
            return;
        };
        let mut api = self.rtc.direct_api();
        let Some(stream) = api.stream_tx_by_mid(mid, None) else {
            return;
        };
        let extensions = ExtensionValues {
            audio_level: Some(packet.level),
            voice_activity: Some(packet.voice),
            ..ExtensionValues::default()
        };
        let now = clock::now();
        stream.write_rtp(
            RtpWrite::new(
                payload_type,
                sequence.into(),
                packet.timestamp,
                now,
                packet.payload,
            )
            .marker(packet.marker)
            .ext_vals(extensions),
        );
        // It goes out at the next time-out, which is now.
        self.input(str0m::Input::Timeout(now));
    }

    /// The number both sides gave to a way of coding.
    fn payload_type(&self, mid: Mid, codec: Codec) -> Option<Pt> {
        let agreed = self.rtc.media(mid)?.remote_pts();
        let opus = self
            .rtc
            .codec_config()
            .params()
            .iter()
            .find(|p| p.spec().codec == RtpCodec::Opus)?;
        // What was agreed on lists plain ways only; redundancy goes with the one it is made of.
        match codec {
            _ if !agreed.contains(&opus.pt()) => None,
            Codec::Opus => Some(opus.pt()),
            Codec::Red => opus.red(),
        }
    }

    /// Who sends in a section.
    pub(super) fn sent_ssrc(&mut self, mid: Mid) -> Option<Ssrc> {
        self.rtc
            .direct_api()
            .stream_tx_by_mid(mid, None)
            .map(|stream| stream.ssrc())
    }
}
