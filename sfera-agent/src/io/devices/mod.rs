//! Microphone and loudspeaker of this machine. On Linux through ALSA, which reaches PulseAudio and
//! PipeWire by their plugins (Debian: `libasound2-plugins`, `pipewire-alsa`).

mod error;
mod input;
mod list;
mod output;
mod pair;
mod stream;

pub use error::DeviceError;
pub use list::{DeviceInfo, list};
pub use pair::{DeviceOptions, DevicePair};
