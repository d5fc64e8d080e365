//! What only a native program has.

pub mod apm;
pub mod audio_mixer;
pub mod audio_resampler;
pub mod frame_cryptor;
pub mod packet_trailer;

use uuid::Uuid;

/// A random UUID, version 4.
pub fn create_random_uuid() -> String {
    Uuid::new_v4().to_string()
}
