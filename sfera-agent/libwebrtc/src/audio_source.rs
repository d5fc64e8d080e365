//! Where the sound of a local track comes from.

/// The rate of a source that has none of its own, Hz.
pub const DEFAULT_SAMPLE_RATE: u32 = 48_000;

/// The channels of a source that has none of its own.
pub const DEFAULT_NUM_CHANNELS: u32 = 1;

/// What is to be done to sound before it is sent. This engine does nothing to it: the options are
/// kept and handed back, and [`crate::native::apm`] is where the processing is.
#[derive(Default, Debug)]
#[allow(missing_docs, reason = "they say themselves")]
pub struct AudioSourceOptions {
    pub echo_cancellation: bool,
    pub noise_suppression: bool,
    pub auto_gain_control: bool,
}

/// Where the sound of a local track comes from.
#[non_exhaustive]
#[derive(Debug, Clone)]
pub enum RtcAudioSource {
    /// The program hands over frames.
    Native(native::NativeAudioSource),
    /// A microphone that the engine opens. This engine opens none: a track of it stays silent.
    Device,
}

impl RtcAudioSource {
    /// Keeps the options; a device has none.
    pub fn set_audio_options(&self, options: AudioSourceOptions) {
        if let Self::Native(source) = self {
            source.set_audio_options(options);
        }
    }

    /// The options kept, or the default ones of a device.
    pub fn audio_options(&self) -> AudioSourceOptions {
        match self {
            Self::Native(source) => source.audio_options(),
            Self::Device => AudioSourceOptions::default(),
        }
    }

    /// Samples a second of one channel, Hz.
    pub fn sample_rate(&self) -> u32 {
        match self {
            Self::Native(source) => source.sample_rate(),
            Self::Device => DEFAULT_SAMPLE_RATE,
        }
    }

    /// The number of channels.
    pub fn num_channels(&self) -> u32 {
        match self {
            Self::Native(source) => source.num_channels(),
            Self::Device => DEFAULT_NUM_CHANNELS,
        }
    }
}

/// Sources that the program fills.
pub mod native {
    use std::{
        fmt::{self, Debug, Formatter},
        sync::Arc,
    };

    use parking_lot::Mutex;

    use super::AudioSourceOptions;
    use crate::{
        RtcError,
        audio::{CaptureQueue, Reader},
        audio_frame::AudioFrame,
    };

    /// A queue of sound between a program and the tracks that send it. Clones share one queue, and each
    /// track sends all of it.
    #[derive(Clone)]
    pub struct NativeAudioSource {
        shared: Arc<Shared>,
    }

    struct Shared {
        options: Mutex<AudioSourceOptions>,
        queue: Arc<CaptureQueue>,
    }

    impl Debug for NativeAudioSource {
        fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
            f.debug_struct("NativeAudioSource")
                .field("sample_rate", &self.sample_rate())
                .field("num_channels", &self.num_channels())
                .finish_non_exhaustive()
        }
    }

    impl NativeAudioSource {
        /// A source of frames of `sample_rate` Hz and `num_channels`.
        ///
        /// It holds up to `queue_size_ms` (rounded up to a multiple of 10) before
        /// [`Self::capture_frame`] waits. With 0 it never waits: frames of 10 ms are then to come at
        /// the pace of the sound, and what comes too fast loses its oldest part.
        pub fn new(
            options: AudioSourceOptions,
            sample_rate: u32,
            num_channels: u32,
            queue_size_ms: u32,
        ) -> Self {
            let queue = Arc::new(CaptureQueue::new(sample_rate, num_channels, queue_size_ms));
            let options = Mutex::new(options);
            Self {
                shared: Arc::new(Shared { options, queue }),
            }
        }

        /// Drops all sound that waits and lets a waiting [`Self::capture_frame`] return.
        pub fn clear_buffer(&self) {
            self.shared.queue.clear();
        }

        /// Appends a frame and waits while more than `queue_size_ms` is queued. One call at a time.
        ///
        /// A frame longer than the queue goes in by parts. Dropping the future keeps what is already
        /// queued. Where no track takes the sound, it passes at the pace of time.
        ///
        /// # Errors
        /// Where rate, channels or length don't fit the source, or another call waits.
        pub async fn capture_frame(&self, frame: &AudioFrame<'_>) -> Result<(), RtcError> {
            self.shared.queue.capture(frame).await
        }

        /// Keeps the options.
        pub fn set_audio_options(&self, options: AudioSourceOptions) {
            *self.shared.options.lock() = options;
        }

        /// The options kept.
        pub fn audio_options(&self) -> AudioSourceOptions {
            let options = self.shared.options.lock();
            AudioSourceOptions { ..*options }
        }

        /// Samples a second of one channel, Hz.
        pub fn sample_rate(&self) -> u32 {
            self.shared.queue.sample_rate()
        }

        /// The number of channels.
        pub fn num_channels(&self) -> u32 {
            self.shared.queue.num_channels()
        }

        pub(crate) fn queue(&self) -> &CaptureQueue {
            &self.shared.queue
        }

        pub(crate) fn reader(&self) -> Reader {
            self.shared.queue.reader()
        }
    }
}
