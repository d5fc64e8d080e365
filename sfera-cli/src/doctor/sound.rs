use super::finding::Finding;
use crate::{quiet::quietly, text::Text};
use sfera_agent::{
    audio::SampleRate,
    io::devices::{DeviceError, DeviceOptions, DevicePair},
};

/// Microphone and speakers, opened for a moment: only that tells whether they work.
pub fn examine(text: Text) -> Finding {
    let silence = |out: &mut [i16]| out.fill(0);
    let opened = quietly(|| {
        let pair = DevicePair::open(&DeviceOptions::default(), SampleRate::HZ_16000, silence);
        pair.map(|(pair, _)| (pair.input_rate().hz(), pair.output_rate().hz()))
    });
    match opened {
        Ok((input, output)) => Finding::ok("sound", text.sound_fine(input, output)),
        Err(DeviceError::NoDevice) => {
            Finding::warn("sound", text.sound_none(), text.no_sound_advice())
        }
        Err(_) => Finding::warn("sound", text.device_busy(), text.no_sound_advice()),
    }
}
