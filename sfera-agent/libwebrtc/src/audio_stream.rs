//! The sound of a track, for a program to read.

/// Streams of frames in memory.
pub mod native {
    use std::{
        fmt::{self, Debug, Formatter},
        pin::Pin,
        sync::Arc,
        task::{Context, Poll},
    };

    use tokio_stream::Stream;

    use crate::{
        audio::{Format, Sink},
        audio_frame::AudioFrame,
        audio_track::RtcAudioTrack,
    };

    /// Frames that wait for the reader where nothing else is said: 100 ms.
    const DEFAULT_QUEUE_FRAMES: usize = 10;
    /// Frames that wait at most, a minute: what an "unbounded" queue is bounded by.
    const MOST_QUEUE_FRAMES: usize = 6_000;

    /// How a stream queues.
    #[derive(Clone, Debug, Default)]
    pub struct NativeAudioStreamOptions {
        /// Frames of 10 ms that wait for the reader; beyond them the oldest is dropped, so that what
        /// is read stays fresh. `None` is 10; `Some(0)` keeps as much as a minute.
        pub queue_size_frames: Option<usize>,
    }

    /// The sound of a track as frames of 10 ms, in one rate and one number of channels.
    ///
    /// Frames come as long as the track is received, silence included. The stream ends with the
    /// track, or where the rate can't be had (8 to 192 kHz can).
    pub struct NativeAudioStream {
        track: RtcAudioTrack,
        sink: Arc<Sink>,
    }

    impl Debug for NativeAudioStream {
        fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
            f.debug_struct("NativeAudioStream")
                .field("track", &self.track)
                .finish_non_exhaustive()
        }
    }

    impl NativeAudioStream {
        /// A stream of `sample_rate` Hz and `num_channels`.
        pub fn new(audio_track: RtcAudioTrack, sample_rate: i32, num_channels: i32) -> Self {
            let options = NativeAudioStreamOptions::default();
            Self::with_options(audio_track, sample_rate, num_channels, options)
        }

        /// A stream that queues otherwise.
        pub fn with_options(
            audio_track: RtcAudioTrack,
            sample_rate: i32,
            num_channels: i32,
            options: NativeAudioStreamOptions,
        ) -> Self {
            let format = Format {
                rate: u32::try_from(sample_rate).unwrap_or_default(),
                channels: usize::try_from(num_channels)
                    .unwrap_or_default()
                    .clamp(1, 24),
            };
            let limit = match options.queue_size_frames {
                None => DEFAULT_QUEUE_FRAMES,
                Some(0) => MOST_QUEUE_FRAMES,
                Some(frames) => frames.min(MOST_QUEUE_FRAMES),
            };
            let sink = Arc::new(Sink::new(format, limit));
            audio_track.add_sink(Arc::clone(&sink));
            Self {
                track: audio_track,
                sink,
            }
        }

        /// The track heard.
        pub fn track(&self) -> RtcAudioTrack {
            self.track.clone()
        }

        /// Ends the stream; what was not read is forgotten.
        pub fn close(&mut self) {
            self.track.remove_sink(&self.sink);
            self.sink.close();
        }
    }

    impl Drop for NativeAudioStream {
        fn drop(&mut self) {
            self.close();
        }
    }

    impl Stream for NativeAudioStream {
        type Item = AudioFrame<'static>;

        fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            self.sink.poll(context)
        }
    }
}
