use super::{DeviceError, input::Ears};
use cpal::{
    BufferSize, ErrorKind, SampleFormat, StreamConfig, SupportedStreamConfig, traits::StreamTrait,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};
use tokio::sync::mpsc;

/// What the sound system's threads tell about a stream.
#[derive(Clone)]
pub(super) struct Health {
    failures: mpsc::Sender<DeviceError>,
    ears: Ears,
    lost: Arc<AtomicBool>,
    glitches: Arc<AtomicU64>,
    in_a_row: Arc<AtomicU32>,
    sounds: Arc<AtomicU64>,
}

/// So many glitches without any sound in between, about a second of them, are no glitches.
const GLITCHES_OF_A_LOST_DEVICE: u32 = 50;

impl Health {
    /// Either device's loss ends what `ears` hear: when a sound server dies, one of both may hang
    /// without a word.
    pub(super) fn new(failures: mpsc::Sender<DeviceError>, ears: Ears) -> Self {
        Self {
            failures,
            ears,
            lost: Arc::default(),
            glitches: Arc::default(),
            in_a_row: Arc::default(),
            sounds: Arc::default(),
        }
    }

    /// Sound passed.
    pub(super) fn sound(&self) {
        self.in_a_row.store(0, Relaxed);
        self.sounds.fetch_add(1, Relaxed);
    }

    /// How often sound passed.
    pub(super) fn sounds(&self) -> u64 {
        self.sounds.load(Relaxed)
    }

    /// The sound system reports an error, on its own thread. It goes on reporting a lost device as
    /// fast as it can, but a healthy one too may be busy for a moment: hence the pauses.
    pub(super) fn error(&self, error: &cpal::Error) {
        let gone = match error.kind() {
            ErrorKind::RealtimeDenied | ErrorKind::DeviceChanged => return,
            ErrorKind::DeviceNotAvailable
            | ErrorKind::HostUnavailable
            | ErrorKind::StreamInvalidated => true,
            _ => {
                self.glitches.fetch_add(1, Relaxed);
                self.in_a_row.fetch_add(1, Relaxed) >= GLITCHES_OF_A_LOST_DEVICE
            }
        };
        if gone && !self.lost.swap(true, Relaxed) {
            tracing::warn!(%error, "a sound device was lost");
            // Full means that a failure is already known.
            let _ = self.failures.try_send(DeviceError::Lost);
            self.ears.close();
        }
        if self.in_a_row.load(Relaxed) > 3 || gone {
            thread::sleep(Duration::from_millis(20));
        }
    }

    pub(super) fn glitches(&self) -> u64 {
        self.glitches.load(Relaxed)
    }
}

/// The sample format, if a stream can be built for it.
pub(super) fn supported(config: &SupportedStreamConfig) -> Result<SampleFormat, DeviceError> {
    match config.sample_format() {
        format @ (SampleFormat::I16
        | SampleFormat::U16
        | SampleFormat::I32
        | SampleFormat::F32
        | SampleFormat::U8) => Ok(format),
        _ => Err(DeviceError::Unsupported),
    }
}

/// How long a device may be silent before the sound system is asked whether it is still there.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);

/// Starts a stream with periods of 20 ms, or else with those the device likes.
pub(super) fn start(
    config: &SupportedStreamConfig,
    mut build: impl FnMut(StreamConfig) -> Result<cpal::Stream, DeviceError>,
) -> Result<cpal::Stream, DeviceError> {
    let own = config.config();
    let short = StreamConfig {
        buffer_size: BufferSize::Fixed(own.sample_rate / 50),
        ..own
    };
    let stream = build(short).or_else(|_| build(own))?;
    stream
        .play()
        .map_err(|error| DeviceError::opening(&error))?;
    Ok(stream)
}

/// Builds a stream for whichever sample type the device has.
macro_rules! with_sample_type {
    ($format:expr, $build:ident($($argument:expr),*)) => {
        match $format {
            cpal::SampleFormat::I16 => $build::<i16>($($argument),*),
            cpal::SampleFormat::U16 => $build::<u16>($($argument),*),
            cpal::SampleFormat::I32 => $build::<i32>($($argument),*),
            cpal::SampleFormat::U8 => $build::<u8>($($argument),*),
            _ => $build::<f32>($($argument),*),
        }
    };
}
pub(super) use with_sample_type;
