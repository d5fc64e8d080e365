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
    task::yield_now,
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

/// Sound that is cleaned at a time, before others have their turn: a recording comes at once.
const PIECE: Duration = Duration::from_millis(100);

/// Listens to the newest of the tracks it is given.
pub(super) struct Ear {
    pub(super) tracks: watch::Receiver<Option<HeardTrack>>,
    pub(super) recordings: mpsc::Receiver<Prelude>,
    pub(super) splice: Splice,
    pub(super) session: mpsc::Sender<Frame>,
    /// Those that hear after that session.
    pub(super) next_sessions: mpsc::Receiver<mpsc::Sender<Frame>>,
    pub(super) rate: SampleRate,
    #[cfg(feature = "aec")]
    pub(super) noise: Option<NoiseSuppressor>,
}

impl Ear {
    /// Hears until nobody gives it tracks, or nobody listens, any more. Dropping it is safe at any
    /// time.
    pub(super) async fn run(self) {
        Hearing::new(self).run().await;
    }
}

struct Hearing {
    ear: Ear,
    /// Whether the session still hears.
    heard: bool,
    stream: Option<NativeAudioStream>,
    /// When silence is due for sound that stays away, and until when.
    silence: Option<(Instant, Instant)>,
    frames: Outbox,
}

enum Woken {
    NextSession(mpsc::Sender<Frame>),
    Unheard,
    Track,
    Sound(Option<Vec<i16>>),
    Recording(Prelude),
    Waited,
    Silence(Instant, Instant),
    Room(mpsc::OwnedPermit<Frame>),
    Over,
}

impl Hearing {
    fn new(mut ear: Ear) -> Self {
        // A track that is there already is a change too.
        ear.tracks.mark_changed();
        Self {
            heard: true,
            frames: Outbox::new(ear.rate),
            stream: None,
            silence: None,
            ear,
        }
    }

    async fn run(mut self) {
        loop {
            match self.wake().await {
                Woken::NextSession(session) => self.change_session(session),
                Woken::Unheard if self.ear.next_sessions.is_closed() => return,
                Woken::Unheard => self.heard = false,
                Woken::Track => self.change_track().await,
                Woken::Sound(Some(samples)) => self.hear(&samples).await,
                Woken::Sound(None) => self.stream = None,
                Woken::Recording(recording) => {
                    let samples = self.ear.splice.recorded(recording);
                    self.pass_on(&samples).await;
                    self.expect_more();
                }
                Woken::Waited => {
                    let samples = self.ear.splice.tick(Instant::now());
                    self.pass_on(&samples).await;
                }
                Woken::Silence(at, until) => self.be_silent(at, until).await,
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
            Some(session) = self.ear.next_sessions.recv() => Woken::NextSession(session),
            changed = self.ear.tracks.changed() => changed.map_or(Woken::Over, |()| Woken::Track),
            sound = next(self.stream.as_mut()) => Woken::Sound(sound),
            Some(recording) = self.ear.recordings.recv() => Woken::Recording(recording),
            () = until(waited) => Woken::Waited,
            () = until(silence.map(|(at, _)| at)) => match silence {
                Some((at, until)) => Woken::Silence(at, until),
                None => Woken::Waited,
            },
            room = self.ear.session.clone().reserve_owned(), if self.heard && self.frames.is_ready() => {
                room.map_or(Woken::Unheard, Woken::Room)
            }
        }
    }

    /// Another conversation begins: what nobody heard of the last one is not for it.
    fn change_session(&mut self, session: mpsc::Sender<Frame>) {
        self.ear.session = session;
        self.heard = true;
        self.frames = Outbox::new(self.ear.rate);
    }

    async fn change_track(&mut self) {
        // The track of the next caller may be noticed before the conversation that it is for.
        if let Ok(session) = self.ear.next_sessions.try_recv() {
            self.change_session(session);
        }
        let held = self.ear.splice.end();
        self.pass_on(&held).await;
        let heard = self.ear.tracks.borrow_and_update().clone();
        let now = Instant::now();
        if let Some(heard) = heard.as_ref().filter(|heard| heard.recorded) {
            let before = self.ear.splice.begin(heard.track.sid().as_str(), now);
            self.pass_on(&before).await;
        }
        let options = NativeAudioStreamOptions {
            queue_size_frames: Some(LATE),
        };
        let rate = self.ear.rate.hz() as i32;
        self.stream = heard.map(|heard| {
            NativeAudioStream::with_options(heard.track.rtc_track(), rate, 1, options)
        });
    }

    async fn hear(&mut self, samples: &[i16]) {
        self.expect_more();
        self.take(samples).await;
    }

    /// Sound is expected to go on; silence takes its place where it does not.
    fn expect_more(&mut self) {
        let now = Instant::now();
        self.silence = Some((now + GAP, now + HUSH));
    }

    async fn be_silent(&mut self, at: Instant, until: Instant) {
        let next = at + FRAME;
        self.silence = (next < until).then_some((next, until));
        self.take(&vec![0; self.ear.rate.samples(FRAME) as usize])
            .await;
    }

    /// Live sound as it comes.
    async fn take(&mut self, samples: &[i16]) {
        let mut fresh = Vec::new();
        self.ear.splice.live(samples, &mut fresh);
        self.pass_on(&fresh).await;
    }

    /// What is to be heard next, live or recorded before, cleaned if that is wanted. It is spliced
    /// first: the same sound is only alike in both as long as nothing is taken out of it.
    async fn pass_on(&mut self, samples: &[i16]) {
        let mut pieces = samples.chunks(self.ear.rate.samples(PIECE) as usize);
        let Some(first) = pieces.next() else { return };
        self.pass_piece(first);
        for piece in pieces {
            yield_now().await;
            self.pass_piece(piece);
        }
    }

    fn pass_piece(&mut self, samples: &[i16]) {
        #[cfg(feature = "aec")]
        if let Some(noise) = &mut self.ear.noise {
            let cleaned = noise.clean(&Frame::new(self.ear.rate, samples));
            return self.frames.push(cleaned.samples());
        }
        self.frames.push(samples);
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

    const RATE: SampleRate = SampleRate::HZ_16000;

    /// An ear on its own, with those it listens to and those who listen to it.
    struct Alone {
        hearing: Hearing,
        heard: mpsc::Receiver<Frame>,
        sessions: mpsc::Sender<mpsc::Sender<Frame>>,
        recordings: mpsc::Sender<Prelude>,
        _tracks: watch::Sender<Option<HeardTrack>>,
    }

    fn alone() -> Alone {
        let (_tracks, tracks) = watch::channel(None);
        let (recordings, recorded) = mpsc::channel(1);
        let (session, heard) = mpsc::channel(1_000);
        let (sessions, next_sessions) = mpsc::channel(1);
        let ear = Ear {
            tracks,
            recordings: recorded,
            splice: Splice::new(RATE, Duration::from_secs(3), Duration::from_secs(1)),
            session,
            next_sessions,
            rate: RATE,
            #[cfg(feature = "aec")]
            noise: None,
        };
        Alone {
            hearing: Hearing::new(ear),
            heard,
            sessions,
            recordings,
            _tracks,
        }
    }

    /// The next so many samples that a session hears.
    #[cfg(feature = "aec")]
    async fn hear(heard: &mut mpsc::Receiver<Frame>, count: usize) -> Vec<i16> {
        let mut samples = Vec::new();
        while samples.len() < count {
            samples.extend_from_slice(heard.recv().await.unwrap().samples());
        }
        samples
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_last_session_did_not_hear_is_not_for_the_next_one() {
        let Alone {
            mut hearing,
            heard,
            sessions,
            recordings: _recordings,
            _tracks,
        } = alone();
        drop(heard);
        hearing.take(&[1; 640]).await;
        let mut tasks = tokio::task::JoinSet::new();
        tasks.spawn(hearing.run());
        yield_now().await;
        let (next, mut heard) = mpsc::channel(1);
        sessions.send(next).await.unwrap();
        let frame = tokio::time::timeout(Duration::from_secs(1), heard.recv()).await;
        assert!(frame.is_err(), "{frame:?}");
        drop(sessions);
        drop(heard);
    }

    /// A voice, here a tone that comes and goes, in steady noise.
    #[cfg(feature = "aec")]
    fn noisy_voice(pitch: f64, length: Duration) -> Vec<i16> {
        let mut seed = 7_u32;
        let mut noise = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from((seed >> 16) as i16) / 32_768.0 * 1_000.0
        };
        let voice = |n: u64| match n % 4_800 < 2_400 {
            true => (n as f64 * pitch).sin() * 5_000.0,
            false => 0.0,
        };
        let samples = (0..RATE.samples(length)).map(|n| (voice(n) + noise()) as i16);
        samples.collect()
    }

    /// How much louder the voice is than its pauses, dB.
    #[cfg(feature = "aec")]
    fn clearness(samples: &[i16]) -> f32 {
        let mut levels: Vec<f32> = samples
            .chunks_exact(RATE.samples(FRAME) as usize)
            .map(|frame| crate::audio::Level::of(frame).rms_dbfs)
            .collect();
        levels.sort_by(f32::total_cmp);
        levels[levels.len() * 3 / 4] - levels[levels.len() / 4]
    }

    #[cfg(feature = "aec")]
    #[tokio::test]
    async fn noise_is_taken_out_of_a_recording_and_of_live_sound() {
        let (recorded, live) = (
            noisy_voice(0.15, Duration::from_secs(4)),
            noisy_voice(0.23, Duration::from_secs(3)),
        );
        let Alone {
            mut hearing,
            mut heard,
            recordings,
            _tracks,
            ..
        } = alone();
        let noise = crate::audio::NoiseSuppression::High;
        hearing.ear.noise = NoiseSuppressor::new(noise);
        // It is in the middle of a track.
        hearing.ear.tracks.mark_unchanged();
        assert!(hearing.ear.splice.begin("TR_1", Instant::now()).is_empty());
        hearing.take(&live).await;
        let mut tasks = tokio::task::JoinSet::new();
        tasks.spawn(hearing.run());
        let recording = Prelude {
            track: "TR_1".to_owned(),
            samples: recorded.clone(),
            arrived: Instant::now(),
        };
        recordings.send(recording).await.unwrap();
        let samples = hear(&mut heard, recorded.len() + live.len()).await;
        let (first, second) = samples.split_at(recorded.len());
        // What is noise must be learned first.
        let first = &first[first.len() / 2..];
        for (what, noisy, clean) in [("recording", &recorded, first), ("live", &live, second)] {
            let (before, after) = (clearness(noisy), clearness(clean));
            assert!(after > before + 6.0, "{what}: {before} → {after} dB");
        }
    }

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
