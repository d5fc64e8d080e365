use super::{
    DeviceError,
    input::{self, Cleaner, Ears},
    list::find,
    output::{self, Mouth},
    stream::Health,
};
#[cfg(feature = "aec")]
use crate::audio::{EchoCanceller, NoiseSuppression};
use crate::{
    audio::{Frame, SampleRate},
    io::INPUT_QUEUE,
};
use serde::{Deserialize, Serialize};
use std::{fmt, sync::mpsc as threads, thread, time::Duration};
use tokio::{sync::mpsc, time};

/// Which devices to use, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(not(feature = "aec"), derive(Default))]
pub struct DeviceOptions {
    /// Name of the microphone; the system's default if `None`.
    pub input: Option<String>,
    /// Name of the loudspeaker; the system's default if `None`.
    pub output: Option<String>,
    /// Whether the agent's own voice is taken out of what the microphone hears.
    #[cfg(feature = "aec")]
    pub echo_cancellation: bool,
    /// How strongly steady noise is lowered, where echo cancellation runs.
    #[cfg(feature = "aec")]
    pub noise_suppression: NoiseSuppression,
}

#[cfg(feature = "aec")]
impl Default for DeviceOptions {
    fn default() -> Self {
        Self {
            input: None,
            output: None,
            echo_cancellation: true,
            noise_suppression: NoiseSuppression::default(),
        }
    }
}

/// An open microphone and an open loudspeaker, each at its own rate, format and channels. Dropping it
/// closes both, which takes some milliseconds, at most a second.
pub struct DevicePair {
    input_rate: SampleRate,
    output_rate: SampleRate,
    ears: Ears,
    microphone: Health,
    loudspeaker: Health,
    failures: mpsc::Receiver<DeviceError>,
    lost: bool,
    streams: Option<[cpal::Stream; 2]>,
}

/// Periods are 20 ms; no machine is that late.
const STALLED: Duration = Duration::from_secs(5);

/// How long closing may take. A stream whose sound server died can hang for good.
const CLOSING: Duration = Duration::from_secs(1);

/// Frames of 10 ms on their way to the canceller, which finds delays of up to half a second.
#[cfg(feature = "aec")]
const PLAYED_QUEUE: usize = 50;

impl DevicePair {
    /// Opens both devices. The receiver gives what the microphone hears in frames of 20 ms (at
    /// 16 kHz after echo cancellation, else at the device's rate) and ends when the device is lost;
    /// the loudspeaker pulls samples of `rate` from `read` on a thread of the sound system, about
    /// 50 ms before they are heard. Blocks for some ten milliseconds.
    ///
    /// # Errors
    /// [`DeviceError::NoDevice`] where the machine has none, else what is wrong with it.
    pub fn open(
        options: &DeviceOptions,
        rate: SampleRate,
        read: impl FnMut(&mut [i16]) + Send + 'static,
    ) -> Result<(Self, mpsc::Receiver<Frame>), DeviceError> {
        let speaker = find(options.output.as_deref(), false)?;
        let microphone = find(options.input.as_deref(), true)?;
        let (failed, failures) = mpsc::channel(1);
        let (queue, heard) = mpsc::channel(INPUT_QUEUE);
        let ears = Ears::new(queue);
        let healths = [(); 2].map(|()| Health::new(failed.clone(), ears.clone()));
        let (cleaner, played) = cleaner(options);
        let mouth = Mouth::new(rate, Box::new(read), played);
        let (sounding, output_rate) = output::open(&speaker, mouth, &healths[1])?;
        let (listening, input_rate) = input::open(&microphone, cleaner, &ears, &healths[0])?;
        let [microphone, loudspeaker] = healths;
        let pair = Self {
            input_rate,
            output_rate,
            ears,
            microphone,
            loudspeaker,
            failures,
            lost: false,
            streams: Some([listening, sounding]),
        };
        Ok((pair, heard))
    }

    /// The rate of the frames that come in.
    #[must_use]
    pub const fn input_rate(&self) -> SampleRate {
        self.input_rate
    }

    /// The rate the loudspeaker runs at.
    #[must_use]
    pub const fn output_rate(&self) -> SampleRate {
        self.output_rate
    }

    /// Frames thrown away because nobody took them in time.
    #[must_use]
    pub fn overruns(&self) -> u64 {
        self.ears.overruns()
    }

    /// Gaps in recording and in playing: the machine was too slow.
    #[must_use]
    pub fn glitches(&self) -> (u64, u64) {
        (self.microphone.glitches(), self.loudspeaker.glitches())
    }

    /// Waits until a device is lost: reported by the sound system, or without sound for five seconds
    /// while this is polled, because a sound system can hang without a word. Cancelling loses nothing;
    /// after the first failure it waits forever.
    pub async fn failed(&mut self) -> DeviceError {
        if self.lost {
            return std::future::pending().await;
        }
        tokio::select! {
            Some(error) = self.failures.recv() => self.lost(error),
            () = stalled(&self.microphone) => self.lost(DeviceError::Lost),
            () = stalled(&self.loudspeaker) => self.lost(DeviceError::Lost),
        }
    }

    fn lost(&mut self, error: DeviceError) -> DeviceError {
        self.lost = true;
        self.ears.close();
        error
    }
}

/// Ends when a stream stands still.
async fn stalled(stream: &Health) {
    loop {
        let before = stream.sounds();
        time::sleep(STALLED).await;
        if stream.sounds() == before {
            return;
        }
    }
}

impl Drop for DevicePair {
    fn drop(&mut self) {
        let streams = self.streams.take();
        let (done, closed) = threads::sync_channel(1);
        let close = move || {
            drop(streams);
            // Nobody waits any more if it took too long.
            let _ = done.send(());
        };
        // Where no thread can be had the streams are dropped here.
        let thread = thread::Builder::new()
            .name("sfera-close-sound".into())
            .spawn(close);
        if thread.is_ok() && closed.recv_timeout(CLOSING).is_err() {
            tracing::warn!("a sound device hangs and was left behind");
        }
    }
}

impl fmt::Debug for DevicePair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DevicePair")
            .field("input_rate", &self.input_rate)
            .field("output_rate", &self.output_rate)
            .finish_non_exhaustive()
    }
}

#[cfg(feature = "aec")]
fn cleaner(options: &DeviceOptions) -> (Cleaner, Option<threads::SyncSender<Frame>>) {
    if !options.echo_cancellation {
        return (Cleaner::Off, None);
    }
    let (sender, played) = threads::sync_channel(PLAYED_QUEUE);
    let canceller = Box::new(EchoCanceller::new(options.noise_suppression));
    (Cleaner::Echo(canceller, played), Some(sender))
}

#[cfg(not(feature = "aec"))]
fn cleaner(_: &DeviceOptions) -> (Cleaner, Option<threads::SyncSender<Frame>>) {
    (Cleaner::Off, None)
}
