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
    reader: PlayoutReader,
    microphone: Microphone,
    mut audible: watch::Receiver<bool>,
) {
    let Ok(rate) = SampleRate::new(microphone.source.sample_rate()) else {
        return;
    };
    let mut mouth = Mouth::new(reader, rate);
    let mut next = Instant::now();
    while audible.wait_for(|audible| *audible).await.is_ok() {
        sleep_until(next).await;
        let now = Instant::now();
        let late = now.saturating_duration_since(next) > LATE;
        next = if late { now } else { next } + PACKET;
        let pulled = mouth.pull();
        for piece in pulled.chunks_exact(rate.samples(PIECE) as usize) {
            microphone.send(piece).await;
        }
    }
}

/// Playout at the track's rate. Of what playout gave, it holds back less than a packet: where rates
/// differ, what is still in the filter, and what is no whole piece yet.
struct Mouth {
    reader: PlayoutReader,
    resampler: Resampler,
    packet: Vec<i16>,
    samples: Vec<i16>,
    piece: usize,
}

impl Mouth {
    fn new(reader: PlayoutReader, rate: SampleRate) -> Self {
        Self {
            resampler: Resampler::new(reader.rate(), rate),
            packet: vec![0; reader.rate().samples(PACKET) as usize],
            samples: Vec::new(),
            piece: rate.samples(PIECE) as usize,
            reader,
        }
    }

    /// Pulls a packet, and gives what makes whole pieces.
    fn pull(&mut self) -> Vec<i16> {
        self.reader.read(&mut self.packet);
        self.resampler.push(&self.packet, &mut self.samples);
        let whole = self.samples.len() / self.piece * self.piece;
        self.samples.drain(..whole).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{playout::Playout, turn::SegmentId};

    const TRACK: SampleRate = SampleRate::HZ_48000;
    const LOUD: i16 = 8_000;

    /// A mouth in the middle of a long word.
    fn speaking(rate: SampleRate) -> (Playout, Mouth) {
        let (playout, reader) = Playout::new(rate);
        playout.open(SegmentId(1));
        let word = vec![LOUD; rate.samples(Duration::from_secs(1)) as usize];
        assert_eq!(playout.try_write(SegmentId(1), &word), Ok(word.len()));
        let mut mouth = Mouth::new(reader, TRACK);
        for _ in 0..10 {
            mouth.pull();
        }
        (playout, mouth)
    }

    /// How much of the word comes with so many packets.
    fn heard(mouth: &mut Mouth, packets: usize) -> Duration {
        let samples = (0..packets).flat_map(|_| mouth.pull());
        let loud = samples.filter(|sample| *sample > LOUD / 2).count();
        TRACK.duration(loud as u64)
    }

    #[test]
    fn after_a_clear_less_than_a_packet_of_old_sound_leaves() {
        for rate in [TRACK, SampleRate::HZ_24000, SampleRate::HZ_16000] {
            let (playout, mut mouth) = speaking(rate);
            assert_eq!(heard(&mut mouth, 1), PACKET, "{rate}: it was speaking");
            let cleared = playout.clear();
            assert!(cleared.is_some());
            let old = heard(&mut mouth, 1);
            assert!(old < PACKET, "{rate}: {old:?}");
            if rate == TRACK {
                assert_eq!(old, Duration::ZERO, "nothing is held back");
            }
            assert_eq!(heard(&mut mouth, 20), Duration::ZERO, "{rate}");
        }
    }

    #[test]
    fn after_a_pause_the_word_goes_on_where_it_was() {
        let (playout, mut mouth) = speaking(TRACK);
        playout.pause();
        assert_eq!(heard(&mut mouth, 5), Duration::ZERO);
        playout.resume();
        assert_eq!(heard(&mut mouth, 50), Duration::from_millis(800));
    }
}
