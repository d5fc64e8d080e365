use super::finding::Finding;
use crate::text::Text;
use sfera_agent::{
    audio::SampleRate,
    io::devices::{DeviceError, DeviceOptions, DevicePair},
};

/// Microphone and speakers, opened for a moment: only that tells whether they work.
pub fn examine(text: Text) -> Finding {
    let opened = DevicePair::open(&DeviceOptions::default(), SampleRate::HZ_16000, |out| {
        out.fill(0);
    });
    match opened {
        Ok(pair) => {
            let (input, output) = (pair.input_rate().hz(), pair.output_rate().hz());
            Finding::ok("sound", text.sound_fine(input, output))
        }
        Err(DeviceError::NoDevice) => {
            Finding::warn("sound", text.sound_none(), text.no_sound_advice())
        }
        Err(_) => Finding::warn("sound", text.device_busy(), text.no_sound_advice()),
    }
}
