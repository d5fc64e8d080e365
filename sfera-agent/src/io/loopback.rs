use super::{FRAME, INPUT_QUEUE};
use crate::audio::{Frame, SampleRate};
use std::{fmt, time::Duration};
use tokio::{
    sync::mpsc,
    time::{self, Interval},
};

/// A microphone and a loudspeaker in memory: what a test says goes in, what the agent says comes back.
///
/// Sound passes at its own pace on tokio's clock, 20 ms of input and output at each tick; while nobody
/// calls, no time passes for the agent's ears.
pub struct Loopback<R> {
    rate: SampleRate,
    microphone: mpsc::Sender<Frame>,
    output_rate: SampleRate,
    read: R,
    ticks: Interval,
}

impl<R: FnMut(&mut [i16])> Loopback<R> {
    /// A microphone of rate `rate`, whose sound comes out of the receiver, and a loudspeaker that
    /// pulls samples of `output_rate` from `read`.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    #[must_use]
    pub fn new(
        rate: SampleRate,
        output_rate: SampleRate,
        read: R,
    ) -> (Self, mpsc::Receiver<Frame>) {
        let (microphone, input) = mpsc::channel(INPUT_QUEUE);
        let loopback = Self {
            rate,
            microphone,
            output_rate,
            read,
            ticks: time::interval(FRAME),
        };
        (loopback, input)
    }

    /// Says these samples, filled up with silence to whole frames, and answers what was heard
    /// meanwhile. Where the agent listens no more the sound is lost.
    pub async fn say(&mut self, samples: &[i16]) -> Vec<i16> {
        let size = self.rate.samples(FRAME) as usize;
        let mut heard = Vec::new();
        for part in samples.chunks(size) {
            let mut frame = part.to_vec();
            frame.resize(size, 0);
            self.tick(frame, &mut heard).await;
        }
        heard
    }

    /// Says nothing for `duration` and answers what was heard meanwhile.
    pub async fn wait(&mut self, duration: Duration) -> Vec<i16> {
        let samples = self.rate.samples(duration) as usize;
        self.say(&vec![0; samples]).await
    }

    async fn tick(&mut self, frame: Vec<i16>, heard: &mut Vec<i16>) {
        self.ticks.tick().await;
        // Gone is not an error: the agent may hang up.
        let _ = self.microphone.send(Frame::new(self.rate, frame)).await;
        let begin = heard.len();
        heard.resize(begin + self.output_rate.samples(FRAME) as usize, 0);
        (self.read)(&mut heard[begin..]);
    }
}

impl<R> fmt::Debug for Loopback<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Loopback({} in, {} out)", self.rate, self.output_rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::Instant;

    #[tokio::test(start_paused = true)]
    async fn sound_goes_both_ways_at_its_own_pace() {
        let mut next = 0;
        let count = move |out: &mut [i16]| {
            for sample in out {
                next += 1;
                *sample = next;
            }
        };
        let begin = Instant::now();
        let rate = SampleRate::HZ_16000;
        let (mut loopback, mut input) = Loopback::new(rate, SampleRate::HZ_24000, count);
        let heard = loopback.say(&[7; 330]).await;
        assert_eq!(heard, (1..=960).collect::<Vec<i16>>());
        assert_eq!(begin.elapsed(), FRAME);
        let heard = loopback.wait(Duration::from_millis(60)).await;
        assert_eq!(heard.first(), Some(&961));
        assert_eq!(begin.elapsed(), FRAME * 4);

        assert_eq!(input.recv().await.unwrap().samples(), [7; 320]);
        assert_eq!(input.recv().await.unwrap().samples()[9..11], [7, 0]);
        drop(loopback);
        assert_eq!(input.recv().await.unwrap().samples(), [0; 320]);
    }
}
