//! A telephone line without a telephone: in real time it hands a session what the user says and takes
//! what the agent says, and keeps both sides.

use crate::output::OutputFile;
use crate::{error::FileError, error::FileProblem};
use sfera_agent::{
    audio::{Frame, Resampler, SampleRate},
    playout::PlayoutReader,
};
use std::{collections::VecDeque, path::Path, time::Duration};
use tokio::{
    sync::{mpsc, watch},
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

/// The rate a session hears at, so that nothing is resampled twice.
const HEARD: SampleRate = SampleRate::HZ_16000;

/// How much is exchanged at a time.
const TICK: Duration = Duration::from_millis(20);

/// The line's end at the session.
pub struct Line {
    input: mpsc::Sender<Frame>,
    output: PlayoutReader,
    sayings: mpsc::Receiver<Frame>,
    said: watch::Sender<u64>,
    hung_up: CancellationToken,
}

/// The line's end at the user.
pub struct Caller {
    sayings: mpsc::Sender<Frame>,
    /// How many sayings have been said.
    said: watch::Receiver<u64>,
    hung_up: CancellationToken,
}

/// What was said on a line, both sides at one rate and of one length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwoSided {
    /// Rate of both sides.
    pub rate: SampleRate,
    /// The user.
    pub user: Vec<i16>,
    /// The agent.
    pub agent: Vec<i16>,
}

impl Line {
    /// A line to a session.
    pub fn new(input: mpsc::Sender<Frame>, output: PlayoutReader) -> (Self, Caller) {
        let (say, sayings) = mpsc::channel(1);
        let (said, heard) = watch::channel(0);
        let hung_up = CancellationToken::new();
        let caller = Caller {
            sayings: say,
            said: heard,
            hung_up: hung_up.clone(),
        };
        let line = Self {
            input,
            output,
            sayings,
            said,
            hung_up,
        };
        (line, caller)
    }

    /// Carries sound until the caller hangs up or the session has ended.
    pub async fn run(mut self) -> TwoSided {
        let rate = self.output.rate();
        let mut both = TwoSided {
            rate,
            user: Vec::new(),
            agent: Vec::new(),
        };
        let mut waiting = Waiting::default();
        let mut saying = false;
        let mut block = vec![0; rate.samples(TICK) as usize];
        let mut tick = interval(TICK);
        // After a stall the line catches up: its sound never gets shorter than real time.
        tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
        loop {
            tokio::select! {
                () = self.hung_up.cancelled() => break,
                _ = tick.tick() => {}
            }
            if waiting.is_empty()
                && let Ok(frame) = self.sayings.try_recv()
            {
                waiting.take(&frame, rate);
                saying = true;
            }
            let frame = waiting.next(&mut both.user, block.len());
            if std::mem::replace(&mut saying, !waiting.is_empty()) && waiting.is_empty() {
                self.said.send_modify(|said| *said += 1);
            }
            if self.input.send(frame).await.is_err() {
                break;
            }
            self.output.read(&mut block);
            both.agent.extend_from_slice(&block);
        }
        both
    }
}

/// What is yet to be said: for the session as recognisers hear it, and for the record at the rate of
/// the agent's side.
#[derive(Default)]
struct Waiting {
    heard: VecDeque<i16>,
    kept: VecDeque<i16>,
}

impl Waiting {
    fn take(&mut self, speech: &Frame, rate: SampleRate) {
        let heard = Resampler::convert(speech, HEARD);
        self.heard.extend(heard.samples());
        self.kept.extend(Resampler::convert(speech, rate).samples());
    }

    /// The next tick for the session; its record of so many samples is appended to `kept`.
    fn next(&mut self, kept: &mut Vec<i16>, samples: usize) -> Frame {
        let next = |queue: &mut VecDeque<i16>| queue.pop_front().unwrap_or(0);
        kept.extend((0..samples).map(|_| next(&mut self.kept)));
        let tick = 0..HEARD.samples(TICK);
        Frame::new(
            HEARD,
            tick.map(|_| next(&mut self.heard)).collect::<Vec<_>>(),
        )
    }

    fn is_empty(&self) -> bool {
        self.heard.is_empty() && self.kept.is_empty()
    }
}

impl Caller {
    /// Says something and waits until it was said. Returns at once if nobody listens any more.
    pub async fn say(&mut self, speech: Frame) {
        let before = *self.said.borrow();
        if self.sayings.send(speech).await.is_ok() {
            // Nobody counts any more if the session has ended.
            let _ = self.said.wait_for(|said| *said > before).await;
        }
    }

    /// Ends the call.
    pub fn hang_up(&self) {
        self.hung_up.cancel();
    }
}

impl TwoSided {
    /// Writes a stereo WAV: the user on the left, the agent on the right.
    pub fn write(&self, path: &Path) -> Result<(), FileError> {
        let pairs = self.user.iter().zip(&self.agent);
        write_wav(path, self.rate, 2, pairs.flat_map(|(l, r)| [*l, *r]))
    }

    /// What the agent said, without the silence before and after.
    pub fn answer(&self) -> Frame {
        let loud = |sample: &i16| sample.unsigned_abs() > QUIET;
        let first = self.agent.iter().position(loud).unwrap_or(0);
        let last = self.agent.iter().rposition(loud).map_or(first, |at| at + 1);
        Frame::new(self.rate, &self.agent[first..last])
    }
}

/// Samples up to this are silence.
const QUIET: u16 = 32;

/// Writes one sound as a mono WAV.
pub fn write_mono(path: &Path, sound: &Frame) -> Result<(), FileError> {
    write_wav(path, sound.rate(), 1, sound.samples().iter().copied())
}

fn write_wav(
    path: &Path,
    rate: SampleRate,
    channels: u16,
    samples: impl Iterator<Item = i16>,
) -> Result<(), FileError> {
    let output = OutputFile::create(path)?;
    let spec = hound::WavSpec {
        channels,
        sample_rate: rate.hz(),
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let written = hound::WavWriter::create(output.temporary(), spec).and_then(|mut writer| {
        for sample in samples {
            writer.write_sample(sample)?;
        }
        writer.finalize()
    });
    match written {
        Ok(()) => output.finish(),
        Err(hound::Error::IoError(error)) => Err(FileError::io(path, &error)),
        Err(_) => Err(FileError::new(path, FileProblem::DiskFull)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sfera_agent::{playout::Playout, turn::SegmentId};

    #[tokio::test(start_paused = true)]
    async fn both_sides_are_kept_at_the_time_they_were_said() {
        let rate = SampleRate::HZ_16000;
        let (playout, reader) = Playout::new(rate);
        let (input, mut heard) = mpsc::channel(100);
        let (line, mut caller) = Line::new(input, reader);
        let user = async {
            caller.say(Frame::new(rate, vec![100; 640])).await;
            playout.open(SegmentId(1));
            playout.write(SegmentId(1), &[200; 320]).await.unwrap();
            playout.finish(SegmentId(1));
            tokio::time::sleep(TICK * 3).await;
            caller.hang_up();
        };
        let (both, ()) = tokio::join!(line.run(), user);
        let spoke = both.user.iter().position(|s| *s == 100).unwrap();
        assert_eq!(both.user[spoke..spoke + 640], [100; 640]);
        assert_eq!(both.user.len(), both.agent.len());
        assert_eq!(both.answer().samples(), [200; 320]);
        let start = both.agent.iter().position(|s| *s == 200).unwrap();
        assert!(
            start >= spoke + 640,
            "the agent answered before the user had spoken"
        );
        let mut first = heard.recv().await.unwrap();
        while first.samples() == [0; 320] {
            first = heard.recv().await.unwrap();
        }
        assert_eq!(first.samples(), [100; 320]);
    }

    #[tokio::test(start_paused = true)]
    async fn saying_something_to_a_session_that_ended_does_not_hang() {
        let (_playout, reader) = Playout::new(SampleRate::HZ_16000);
        let (input, heard) = mpsc::channel(1);
        drop(heard);
        let (line, mut caller) = Line::new(input, reader);
        let speech = Frame::silence(SampleRate::HZ_16000, Duration::from_secs(60));
        tokio::join!(line.run(), caller.say(speech));
    }

    #[test]
    fn the_user_is_on_the_left_and_the_agent_on_the_right() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("both.wav");
        let both = TwoSided {
            rate: SampleRate::HZ_16000,
            user: vec![1, 2],
            agent: vec![-1, -2],
        };
        both.write(&path).unwrap();
        let mut reader = hound::WavReader::open(&path).unwrap();
        let samples: Vec<i16> = reader.samples().map(Result::unwrap).collect();
        assert_eq!(samples, [1, -1, 2, -2]);
        assert_eq!(reader.spec().channels, 2);
    }
}
