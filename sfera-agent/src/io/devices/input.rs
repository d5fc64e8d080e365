use super::{
    DeviceError,
    stream::{Health, PATIENCE, start, supported, with_sample_type},
};
#[cfg(feature = "aec")]
use crate::audio::EchoCanceller;
use crate::{
    audio::{Frame, SampleRate},
    io::FRAME,
};
use cpal::{FromSample, SizedSample, StreamConfig, traits::DeviceTrait};
#[cfg(feature = "aec")]
use std::sync::mpsc as threads;
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering::Relaxed},
};
use tokio::sync::mpsc;

/// The way from the microphone's thread to the session. The queue is closed from outside when the
/// device is lost, because its thread may never call again.
#[derive(Clone)]
pub(super) struct Ears {
    queue: Arc<Mutex<Option<mpsc::Sender<Frame>>>>,
    overruns: Arc<AtomicU64>,
}

impl Ears {
    pub(super) fn new(queue: mpsc::Sender<Frame>) -> Self {
        Self {
            queue: Arc::new(Mutex::new(Some(queue))),
            overruns: Arc::default(),
        }
    }

    pub(super) fn overruns(&self) -> u64 {
        self.overruns.load(Relaxed)
    }

    fn hear(&self, frame: Frame) {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let full = queue.as_ref().is_some_and(|queue| {
            matches!(
                queue.try_send(frame),
                Err(mpsc::error::TrySendError::Full(_))
            )
        });
        if full {
            self.overruns.fetch_add(1, Relaxed);
        }
    }

    pub(super) fn close(&self) {
        self.queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
    }
}

/// Takes the echo out, where that is wanted.
pub(super) enum Cleaner {
    /// Nothing is taken out.
    Off,
    /// With what the loudspeaker plays.
    #[cfg(feature = "aec")]
    Echo(Box<EchoCanceller>, threads::Receiver<Frame>),
}

impl Cleaner {
    fn rate(&self, own: SampleRate) -> SampleRate {
        match self {
            Self::Off => own,
            #[cfg(feature = "aec")]
            Self::Echo(..) => EchoCanceller::RATE,
        }
    }

    fn clean(&mut self, frame: Frame) -> Frame {
        match self {
            Self::Off => frame,
            #[cfg(feature = "aec")]
            Self::Echo(canceller, played) => {
                while let Ok(far) = played.try_recv() {
                    canceller.render(&far);
                }
                canceller.capture(&frame)
            }
        }
    }
}

/// Cuts a stream of samples into frames of 20 ms.
struct Cutter {
    rate: SampleRate,
    waiting: Vec<i16>,
}

impl Cutter {
    fn push(&mut self, samples: &[i16], mut frame: impl FnMut(Frame)) {
        self.waiting.extend_from_slice(samples);
        let size = self.rate.samples(FRAME) as usize;
        let whole = self.waiting.len() / size * size;
        for part in self.waiting[..whole].chunks(size) {
            frame(Frame::new(self.rate, part));
        }
        self.waiting.drain(..whole);
    }
}

/// Opens the microphone; the stream and the rate of its frames.
pub(super) fn open(
    device: &cpal::Device,
    cleaner: Cleaner,
    ears: &Ears,
    health: &Health,
) -> Result<(cpal::Stream, SampleRate), DeviceError> {
    let config = device
        .default_input_config()
        .map_err(|error| DeviceError::opening(&error))?;
    let format = supported(&config)?;
    let own = SampleRate::new(config.sample_rate()).map_err(|_| DeviceError::Unsupported)?;
    let rate = cleaner.rate(own);
    // Shared, because a try that fails consumes its callback.
    let cleaner = Arc::new(Mutex::new(cleaner));
    let stream = start(&config, |config| {
        let make = Maker {
            own,
            rate,
            cleaner: cleaner.clone(),
            ears: ears.clone(),
            health: health.clone(),
        };
        with_sample_type!(format, build(device, config, make))
    })?;
    Ok((stream, rate))
}

/// What the callback works with.
struct Maker {
    own: SampleRate,
    rate: SampleRate,
    cleaner: Arc<Mutex<Cleaner>>,
    ears: Ears,
    health: Health,
}

fn build<T>(
    device: &cpal::Device,
    config: StreamConfig,
    make: Maker,
) -> Result<cpal::Stream, DeviceError>
where
    T: SizedSample,
    f32: FromSample<T>,
{
    let Maker {
        own,
        rate,
        cleaner,
        ears,
        health,
    } = make;
    let channels = usize::from(config.channels.max(1));
    let mut cutter = Cutter {
        rate,
        waiting: Vec::new(),
    };
    let failing = health.clone();
    let heard = move |samples: &[T], _: &cpal::InputCallbackInfo| {
        health.sound();
        let mono: Vec<i16> = samples.chunks_exact(channels).map(mix).collect();
        let mut cleaner = cleaner.lock().unwrap_or_else(PoisonError::into_inner);
        let clean = cleaner.clean(Frame::new(own, mono));
        cutter.push(clean.samples(), |frame| ears.hear(frame));
    };
    let failed = move |error| failing.error(&error);
    device
        .build_input_stream::<T, _, _>(config, heard, failed, Some(PATIENCE))
        .map_err(|error| DeviceError::opening(&error))
}

/// The mean of all channels.
fn mix<T>(channels: &[T]) -> i16
where
    T: SizedSample,
    f32: FromSample<T>,
{
    let sum: f32 = channels.iter().map(|s| f32::from_sample_(*s)).sum();
    (sum / channels.len() as f32 * 32_768.0).round() as i16
}
