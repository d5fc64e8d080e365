//! The agent's voice: pulled from playout at the pace at which the track sends it.

use super::JoinError;
use crate::{
    audio::{Resampler, SampleRate},
    playout::PlayoutReader,
};
use livekit::{
    options::TrackPublishOptions,
    prelude::{LocalAudioTrack, LocalParticipant, LocalTrack, LocalTrackPublication, TrackSource},
    webrtc::{
        audio_frame::AudioFrame,
        audio_source::{AudioSourceOptions, RtcAudioSource, native::NativeAudioSource},
    },
};
use std::{borrow::Cow, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

/// What livekit-agents calls the agent's track.
const TRACK_NAME: &str = "roomio_audio";

/// Sound is handed over in pieces of this length.
const PIECE: Duration = Duration::from_millis(10);
/// A packet has two of them. The agent's are pulled together and sent at once: nothing waits.
const PACKET: Duration = Duration::from_millis(20);
/// What is late by more is not made up for: it would all come at once.
const LATE: Duration = Duration::from_millis(200);

/// A published track and where its sound goes in.
#[derive(Clone, Debug)]
pub(super) struct Microphone {
    pub(super) source: NativeAudioSource,
    pub(super) publication: LocalTrackPublication,
}

impl Microphone {
    /// Publishes a mono track of this rate as the participant's microphone. With a queue, sound goes in
    /// as fast as it is sent; without one (0 ms) it must come at the pace of time.
    pub(super) async fn publish(
        participant: &LocalParticipant,
        rate: SampleRate,
        queue_ms: u32,
        preconnect: bool,
    ) -> Result<Self, JoinError> {
        let processing = AudioSourceOptions::default();
        let source = NativeAudioSource::new(processing, rate.hz(), 1, queue_ms);
        let native = RtcAudioSource::Native(source.clone());
        let track = LocalAudioTrack::create_audio_track(TRACK_NAME, native);
        let options = TrackPublishOptions {
            source: TrackSource::Microphone,
            preconnect_buffer: preconnect,
            ..TrackPublishOptions::default()
        };
        let published = participant.publish_track(LocalTrack::Audio(track), options);
        let publication = published.await.map_err(|error| {
            tracing::warn!(%error, "the track was not published");
            JoinError::Publish
        })?;
        Ok(Self {
            source,
            publication,
        })
    }

    /// Sends samples of the track's rate, waiting until there is room for them.
    pub(super) async fn send(&self, samples: &[i16]) {
        let frame = AudioFrame {
            data: Cow::Borrowed(samples),
            sample_rate: self.source.sample_rate(),
            num_channels: 1,
            samples_per_channel: samples.len() as u32,
        };
        if let Err(error) = self.source.capture_frame(&frame).await {
            tracing::warn!(%error, "sound was not sent");
            // Not faster than it would have been heard.
            sleep_until(Instant::now() + PIECE).await;
        }
    }
}

/// Sends what playout gives, silence included, as long as somebody listens: while `audible` is false
/// nothing is pulled and the agent waits. Ends with the sender of `audible`, or dropped at any time.
pub(super) async fn speak(
    mut reader: PlayoutReader,
    microphone: Microphone,
    mut audible: watch::Receiver<bool>,
) {
    let (from, to) = (reader.rate(), microphone.source.sample_rate());
    let mut resampler = match SampleRate::new(to) {
        Ok(to) => Resampler::new(from, to),
        Err(_) => return,
    };
    let mut packet = vec![0; from.samples(PACKET) as usize];
    let piece = to as usize * PIECE.as_millis() as usize / 1000;
    let mut samples = Vec::new();
    let mut next = Instant::now();
    while audible.wait_for(|audible| *audible).await.is_ok() {
        sleep_until(next).await;
        let now = Instant::now();
        let late = now.saturating_duration_since(next) > LATE;
        next = if late { now } else { next } + PACKET;
        reader.read(&mut packet);
        resampler.push(&packet, &mut samples);
        let whole = samples.len() / piece * piece;
        for piece in samples[..whole].chunks_exact(piece) {
            microphone.send(piece).await;
        }
        samples.drain(..whole);
    }
}
