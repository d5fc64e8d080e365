//! Keeps both sides of a live session on their way between devices and session.

use super::line::TwoSided;
use sfera_agent::{
    audio::{Frame, Resampler, SampleRate},
    playout::PlayoutReader,
};
use std::time::Duration;
use tokio::{sync::mpsc, task::JoinSet};

/// What is kept at most: after that the tape is full and the session goes on.
const LONGEST: Duration = Duration::from_secs(2 * 60 * 60);

/// Pieces of the agent's side waiting to be kept, at most; some ten seconds.
const WAITING: usize = 1_000;

/// The agent's side, piece by piece.
type Pieces = (mpsc::Sender<Vec<i16>>, mpsc::Receiver<Vec<i16>>);

/// A tape that may or may not run.
pub struct Tape {
    rate: SampleRate,
    agent: Option<Pieces>,
}

/// A tape that is running.
pub struct Running {
    tasks: JoinSet<TwoSided>,
    runs: bool,
}

impl Tape {
    /// A tape; it keeps nothing unless it `runs`.
    pub fn new(rate: SampleRate, runs: bool) -> Self {
        Self {
            rate,
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
        tasks.spawn(keep(self.rate, heard, input, agent));
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
    mut heard: mpsc::Receiver<Frame>,
    input: mpsc::Sender<Frame>,
    mut agent: Option<mpsc::Receiver<Vec<i16>>>,
) -> TwoSided {
    let runs = agent.is_some();
    let longest = rate.samples(LONGEST) as usize;
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
                        resampler.push(frame.samples(), &mut both.user);
                    }
                    // The session may have ended; its microphone goes on until it is closed.
                    let _ = input.send(frame).await;
                }
                None => listening = false,
            },
            piece = async { agent.as_mut()?.recv().await }, if agent.is_some() => match piece {
                Some(piece) if both.agent.len() < longest => both.agent.extend(piece),
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

#[cfg(test)]
mod tests {
    use super::*;
    use sfera_agent::{playout::Playout, turn::SegmentId};

    #[tokio::test]
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
