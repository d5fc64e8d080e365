//! Keeps both sides of a live session on their way between devices and session.

use super::line::TwoSided;
use sfera_agent::{
    audio::{Frame, Resampler, SampleRate},
    playout::PlayoutReader,
};
use std::time::Duration;
use tokio::{sync::mpsc, task::JoinSet, time::Instant};

/// What is kept at most: after that the tape is full and the session goes on.
const LONGEST: Duration = Duration::from_secs(2 * 60 * 60);

/// Pieces of the agent's side waiting to be kept, at most; some ten seconds.
const WAITING: usize = 1_000;

/// A side that is this much behind the clock gets silence before its next quiet piece. Devices take
/// seconds to start, and they stumble.
const BEHIND: Duration = Duration::from_millis(100);

/// And this much, before any piece.
const FAR_BEHIND: Duration = Duration::from_secs(1);

/// Samples up to this, of either sign, are quiet: −40 dB of full scale.
const QUIET: u16 = 328;

/// The agent's side, piece by piece.
type Pieces = (mpsc::Sender<Vec<i16>>, mpsc::Receiver<Vec<i16>>);

/// A tape that may or may not run.
pub struct Tape {
    rate: SampleRate,
    began: Instant,
    agent: Option<Pieces>,
}

/// A tape that is running.
pub struct Running {
    tasks: JoinSet<TwoSided>,
    runs: bool,
}

impl Tape {
    /// A tape that begins now; it keeps nothing unless it `runs`.
    pub fn new(rate: SampleRate, runs: bool) -> Self {
        Self {
            rate,
            began: Instant::now(),
            agent: runs.then(|| mpsc::channel(WAITING)),
        }
    }

    /// What a loudspeaker pulls: the agent's voice, with a copy for the tape. Never waits.
    pub fn playing(&self, mut reader: PlayoutReader) -> impl FnMut(&mut [i16]) + Send + use<> {
        let copy = self.agent.as_ref().map(|(sender, _)| sender.clone());
        move |out| {
            reader.read(out);
            if let Some(copy) = &copy {
                let _ = copy.try_send(out.to_vec());
            }
        }
    }

    /// Hands what the microphone hears to the session, with a copy for the tape.
    pub fn listening(self, heard: mpsc::Receiver<Frame>, input: mpsc::Sender<Frame>) -> Running {
        let mut tasks = JoinSet::new();
        let runs = self.agent.is_some();
        // The tape's own sender goes, so that the agent's side ends with the loudspeaker.
        let agent = self.agent.map(|(_, receiver)| receiver);
        tasks.spawn(keep(self.rate, self.began, heard, input, agent));
        Running { tasks, runs }
    }
}

impl Running {
    /// What was kept, once the devices are closed.
    pub async fn end(mut self) -> Option<TwoSided> {
        let kept = self.tasks.join_next().await?;
        kept.ok().filter(|_| self.runs)
    }
}

async fn keep(
    rate: SampleRate,
    began: Instant,
    mut heard: mpsc::Receiver<Frame>,
    input: mpsc::Sender<Frame>,
    mut agent: Option<mpsc::Receiver<Vec<i16>>>,
) -> TwoSided {
    let runs = agent.is_some();
    let longest = rate.samples(LONGEST) as usize;
    let append = |track: &mut Vec<i16>, piece: &[i16]| {
        catch_up(track, piece, rate, began.elapsed());
        track.extend_from_slice(piece);
    };
    let mut both = TwoSided {
        rate,
        user: Vec::new(),
        agent: Vec::new(),
    };
    let mut resampler: Option<Resampler> = None;
    let mut listening = true;
    while listening || agent.is_some() {
        tokio::select! {
            frame = heard.recv(), if listening => match frame {
                Some(frame) => {
                    if runs && both.user.len() < longest {
                        let resampler = resampler.get_or_insert_with(|| Resampler::new(frame.rate(), rate));
                        let mut piece = Vec::new();
                        resampler.push(frame.samples(), &mut piece);
                        append(&mut both.user, &piece);
                    }
                    // The session may have ended; its microphone goes on until it is closed.
                    let _ = input.send(frame).await;
                }
                None => listening = false,
            },
            piece = async { agent.as_mut()?.recv().await }, if agent.is_some() => match piece {
                Some(piece) if both.agent.len() < longest => append(&mut both.agent, &piece),
                Some(_) => {}
                None => agent = None,
            },
        }
    }
    let length = both.user.len().max(both.agent.len());
    both.user.resize(length, 0);
    both.agent.resize(length, 0);
    both
}

/// Fills a side that is behind with silence, so that the next piece, which ends now, is in its place.
fn catch_up(track: &mut Vec<i16>, piece: &[i16], rate: SampleRate, now: Duration) {
    let quiet = piece.iter().all(|sample| sample.unsigned_abs() <= QUIET);
    let slack = rate.samples(if quiet { BEHIND } else { FAR_BEHIND }) as usize;
    let due = (rate.samples(now) as usize).saturating_sub(piece.len());
    if due > track.len() + slack {
        track.resize(due, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sfera_agent::{playout::Playout, turn::SegmentId};

    // A side that is late gets silence first: by a real clock a busy machine would be late.
    #[tokio::test(start_paused = true)]
    async fn both_sides_are_kept_at_one_rate_and_one_length() {
        let rate = SampleRate::HZ_16000;
        let (playout, reader) = Playout::new(rate);
        playout.open(SegmentId(1));
        playout.try_write(SegmentId(1), &[7; 100]).unwrap();
        let tape = Tape::new(rate, true);
        let mut speaker = tape.playing(reader);
        let (microphone, heard) = mpsc::channel(10);
        let (input, mut session) = mpsc::channel(10);
        let running = tape.listening(heard, input);
        speaker(&mut [0; 100]);
        let frame = Frame::silence(SampleRate::HZ_48000, Duration::from_millis(20));
        microphone.send(frame.clone()).await.unwrap();
        assert_eq!(session.recv().await, Some(frame));
        drop((speaker, microphone));
        let kept = running.end().await.unwrap();
        assert_eq!(kept.agent[..100], [7; 100]);
        assert_eq!(kept.user.len(), kept.agent.len());
    }

    #[tokio::test(start_paused = true)]
    async fn a_device_that_starts_late_or_stumbles_is_in_its_place_all_the_same() {
        let rate = SampleRate::HZ_16000;
        let tape = Tape::new(rate, true);
        let (microphone, heard) = mpsc::channel(10);
        let (input, mut session) = mpsc::channel(10);
        let running = tape.listening(heard, input);
        let frame = |loud| Frame::new(rate, vec![loud; 320]);
        for (wait, loud) in [
            (2_020, 9_000),
            (20, 9_000),
            (520, 9_000),
            (520, 5),
            (20, 9_000),
        ] {
            tokio::time::sleep(Duration::from_millis(wait)).await;
            microphone.send(frame(loud)).await.unwrap();
            session.recv().await.unwrap();
        }
        drop(microphone);
        let user = running.end().await.unwrap().user;
        let loud = |ms: usize| user[ms * 16] == 9_000;
        assert_eq!(user.len(), 3_100 * 16);
        assert!(!loud(1_999) && loud(2_000) && loud(2_059), "late");
        assert!(
            !loud(2_060) && loud(3_080),
            "the gap is filled where it is quiet"
        );
    }

    #[tokio::test]
    async fn a_tape_that_does_not_run_passes_sound_on_and_keeps_nothing() {
        let rate = SampleRate::HZ_16000;
        let (_playout, reader) = Playout::new(rate);
        let tape = Tape::new(rate, false);
        let speaker = tape.playing(reader);
        let (microphone, heard) = mpsc::channel(10);
        let (input, mut session) = mpsc::channel(10);
        let running = tape.listening(heard, input);
        let frame = Frame::silence(rate, Duration::from_millis(20));
        microphone.send(frame).await.unwrap();
        assert!(session.recv().await.is_some());
        drop((speaker, microphone));
        assert_eq!(running.end().await, None);
    }
}
