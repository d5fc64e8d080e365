//! Where video would come from. This engine sends none: adding such a track is an error.

/// Width and height in pixels.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "they say themselves")]
pub struct VideoResolution {
    pub width: u32,
    pub height: u32,
}

impl Default for VideoResolution {
    fn default() -> Self {
        Self {
            width: 1280,
            height: 720,
        }
    }
}

/// A source of video.
#[non_exhaustive]
#[derive(Debug, Clone)]
pub enum RtcVideoSource {
    /// Frames that a program makes.
    Native(native::NativeVideoSource),
}

impl RtcVideoSource {
    /// What was said when it was made.
    pub fn video_resolution(&self) -> VideoResolution {
        let Self::Native(source) = self;
        source.video_resolution()
    }
}

/// Sources of this process.
pub mod native {
    use super::VideoResolution;
    use crate::native::packet_trailer::PacketTrailerHandler;

    /// A source that has a size and no way to give it frames.
    #[derive(Debug, Clone, Default)]
    pub struct NativeVideoSource {
        resolution: VideoResolution,
    }

    impl NativeVideoSource {
        /// A source. A track of it is refused where it is added to a connection.
        pub fn new(resolution: VideoResolution, _is_screencast: bool) -> Self {
            Self { resolution }
        }

        /// What was said when it was made.
        pub fn video_resolution(&self) -> VideoResolution {
            self.resolution.clone()
        }

        /// Nothing to do: there are no frames.
        pub fn set_packet_trailer_handler(&self, _handler: PacketTrailerHandler) {}
    }
}
