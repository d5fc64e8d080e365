//! What the agent hears: one remote track, cut into frames for the session.

use super::preconnect::{Prelude, Splice};
#[cfg(feature = "aec")]
use crate::audio::NoiseSuppressor;
use crate::{
    audio::{Frame, SampleRate},
    io::FRAME,
};
use futures::StreamExt;
use livekit::{
    prelude::RemoteAudioTrack,
    webrtc::audio_stream::native::{NativeAudioStream, NativeAudioStreamOptions},
};
use std::{collections::VecDeque, time::Duration};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};

/// Frames of 10 ms that wait for this task, at most: what a loaded machine may be late by.
const LATE: usize = 50;
/// Sound that waits for the session, at most: a recording of 10 s and what was held back meanwhile.
const OUTBOX: Duration = Duration::from_secs(15);
/// Without sound for so long, silence takes its place,
const GAP: Duration = Duration::from_millis(100);
/// for so long: speech that breaks off must be seen to end. Then the input pauses.
const HUSH: Duration = Duration::from_secs(2);

/// A track to be heard.
#[derive(Clone, Debug)]
pub(super) struct HeardTrack {
    pub(super) track: RemoteAudioTrack,
    /// Whether a recording of what was said before is announced.
    pub(super) recorded: bool,
}

/// Listens to the newest of the tracks it is given.
pub(super) struct Ear {
    pub(super) tracks: watch::Receiver<Option<HeardTrack>>,
    pub(super) recordings: mpsc::Receiver<Prelude>,
    pub(super) splice: Splice,
    pub(super) session: mpsc::Sender<Frame>,
    pub(super) rate: SampleRate,
    #[cfg(feature = "aec")]
    pub(super) noise: Option<NoiseSuppressor>,
}

impl Ear {
    /// Hears until nobody gives it tracks, or nobody listens, any more. Dropping it is safe at any
    /// time.
    pub(super) async fn run(self) {
        let frames = Outbox::new(self.rate);
        Hearing {
            ear: self,
            stream: None,
            silence: None,
            frames,
        }
        .run()
        .await;
    }
}

struct Hearing {
    ear: Ear,
    stream: Option<NativeAudioStream>,
    /// When silence is due for sound that stays away, and until when.
    silence: Option<(Instant, Instant)>,
    frames: Outbox,
}

enum Woken {
    Track,
    Sound(Option<Vec<i16>>),
    Recording(Prelude),
    Waited,
    Silence(Instant, Instant),
    Room(mpsc::OwnedPermit<Frame>),
    Over,
}

impl Hearing {
    async fn run(mut self) {
        self.ear.tracks.mark_changed();
        loop {
            match self.wake().await {
                Woken::Track => self.change_track(),
                Woken::Sound(Some(samples)) => self.hear(&samples),
                Woken::Sound(None) => self.stream = None,
                Woken::Recording(recording) => {
                    let samples = self.ear.splice.recorded(recording);
                    self.frames.push(&samples);
                    self.expect_more();
                }
                Woken::Waited => {
                    let samples = self.ear.splice.tick(Instant::now());
                    self.frames.push(&samples);
                }
                Woken::Silence(at, until) => self.be_silent(at, until),
                Woken::Room(room) => {
                    if let Some(frame) = self.frames.pop() {
                        room.send(frame);
                    }
                }
                Woken::Over => return,
            }
        }
    }

    async fn wake(&mut self) -> Woken {
        let waited = self.ear.splice.deadline();
        let silence = self.silence;
        tokio::select! {
            changed = self.ear.tracks.changed() => changed.map_or(Woken::Over, |()| Woken::Track),
            sound = next(self.stream.as_mut()) => Woken::Sound(sound),
            Some(recording) = self.ear.recordings.recv() => Woken::Recording(recording),
            () = until(waited) => Woken::Waited,
            () = until(silence.map(|(at, _)| at)) => match silence {
                Some((at, until)) => Woken::Silence(at, until),
                None => Woken::Waited,
            },
            room = self.ear.session.clone().reserve_owned(), if self.frames.is_ready() => {
                room.map_or(Woken::Over, Woken::Room)
            }
        }
    }

    fn change_track(&mut self) {
        let held = self.ear.splice.end();
        self.frames.push(&held);
        let heard = self.ear.tracks.borrow_and_update().clone();
        let now = Instant::now();
        if let Some(heard) = heard.as_ref().filter(|heard| heard.recorded) {
            let before = self.ear.splice.begin(heard.track.sid().as_str(), now);
            self.frames.push(&before);
        }
        let options = NativeAudioStreamOptions {
            queue_size_frames: Some(LATE),
        };
        let rate = self.ear.rate.hz() as i32;
        self.stream = heard.map(|heard| {
            NativeAudioStream::with_options(heard.track.rtc_track(), rate, 1, options)
        });
    }

    fn hear(&mut self, samples: &[i16]) {
        self.expect_more();
        self.take(samples);
    }

    /// Sound is expected to go on; silence takes its place where it does not.
    fn expect_more(&mut self) {
        let now = Instant::now();
        self.silence = Some((now + GAP, now + HUSH));
    }

    fn be_silent(&mut self, at: Instant, until: Instant) {
        let next = at + FRAME;
        self.silence = (next < until).then_some((next, until));
        self.take(&vec![0; self.ear.rate.samples(FRAME) as usize]);
    }

    /// Sound as it comes, cleaned if that is wanted.
    fn take(&mut self, samples: &[i16]) {
        #[cfg(feature = "aec")]
        let cleaned = self
            .ear
            .noise
            .as_mut()
            .map(|noise| noise.clean(&Frame::new(self.ear.rate, samples)));
        #[cfg(feature = "aec")]
        let samples = cleaned.as_ref().map_or(samples, Frame::samples);
        let mut fresh = Vec::new();
        self.ear.splice.live(samples, &mut fresh);
        self.frames.push(&fresh);
    }
}

/// Sound that waits for the session, cut into frames.
struct Outbox {
    rate: SampleRate,
    frames: VecDeque<Frame>,
    rest: Vec<i16>,
    lost: u64,
}

impl Outbox {
    const fn new(rate: SampleRate) -> Self {
        Self {
            rate,
            frames: VecDeque::new(),
            rest: Vec::new(),
            lost: 0,
        }
    }

    /// Appends samples; where there is no room they are lost.
    fn push(&mut self, samples: &[i16]) {
        self.rest.extend_from_slice(samples);
        let length = self.rate.samples(FRAME) as usize;
        let whole = self.rest.len() / length * length;
        let frames: Vec<i16> = self.rest.drain(..whole).collect();
        for frame in frames.chunks_exact(length) {
            if self.frames.len() as u32 >= (OUTBOX.as_millis() / FRAME.as_millis()) as u32 {
                self.lost += 1;
                if self.lost.is_power_of_two() {
                    tracing::warn!(lost = self.lost, "the session is late: sound was lost");
                }
            } else {
                self.frames.push_back(Frame::new(self.rate, frame));
            }
        }
    }

    fn is_ready(&self) -> bool {
        !self.frames.is_empty()
    }

    fn pop(&mut self) -> Option<Frame> {
        self.frames.pop_front()
    }
}

/// The next samples of a stream; never, if there is none.
async fn next(stream: Option<&mut NativeAudioStream>) -> Option<Vec<i16>> {
    match stream {
        Some(stream) => stream.next().await.map(|frame| frame.data.into_owned()),
        None => std::future::pending().await,
    }
}

/// Waits until then; for ever, if there is no such moment.
async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_is_cut_into_frames_and_what_is_too_much_is_lost() {
        let rate = SampleRate::HZ_16000;
        let mut outbox = Outbox::new(rate);
        outbox.push(&[1; 300]);
        assert!(!outbox.is_ready());
        outbox.push(&[2; 30]);
        let frame = outbox.pop().unwrap();
        assert_eq!((frame.samples().len(), frame.duration()), (320, FRAME));
        assert_eq!(outbox.rest, [2; 10]);
        outbox.push(&vec![3; rate.samples(OUTBOX) as usize + 3_200]);
        assert_eq!(outbox.frames.len(), 750);
        assert_eq!(outbox.lost, 10);
    }
}
