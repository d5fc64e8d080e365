use super::DeviceError;
use cpal::traits::{DeviceTrait, HostTrait};

/// A sound device of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo {
    /// What to give to [`DeviceOptions`](super::DeviceOptions): ALSA's name on Linux.
    pub name: String,
    /// The name people know it by.
    pub description: String,
    /// Whether it may record.
    pub input: bool,
    /// Whether it may play.
    pub output: bool,
}

/// The devices of this machine that a conversation could use; converters and raw hardware, of which
/// ALSA lists dozens, are left out. Blocks for some milliseconds.
///
/// # Errors
/// [`DeviceError::NoDevice`] if the sound system cannot be asked.
pub fn list() -> Result<Vec<DeviceInfo>, DeviceError> {
    Ok(devices()?
        .into_iter()
        .map(|(info, _)| info)
        .filter(useful)
        .collect())
}

/// The device called `name`, or the default one.
pub(super) fn find(name: Option<&str>, input: bool) -> Result<cpal::Device, DeviceError> {
    let Some(name) = name else {
        let host = cpal::default_host();
        let default = if input {
            host.default_input_device()
        } else {
            host.default_output_device()
        };
        return default.ok_or(DeviceError::NoDevice);
    };
    devices()?
        .into_iter()
        .find(|(info, _)| info.name == name || info.description == name)
        .map(|(_, device)| device)
        .ok_or_else(|| DeviceError::UnknownDevice(name.to_owned()))
}

fn devices() -> Result<Vec<(DeviceInfo, cpal::Device)>, DeviceError> {
    let devices = cpal::default_host()
        .devices()
        .map_err(|error| DeviceError::opening(&error))?;
    Ok(devices
        .filter_map(|device| Some((info(&device)?, device)))
        .collect())
}

fn info(device: &cpal::Device) -> Option<DeviceInfo> {
    let description = device.description().ok()?;
    Some(DeviceInfo {
        name: device.id().ok()?.id().to_owned(),
        description: description.name().to_owned(),
        input: description.supports_input(),
        output: description.supports_output(),
    })
}

/// ALSA's converters, and the kinds of device that people reach by another name.
const CLUTTER: [&str; 16] = [
    "null",
    "lavrate",
    "samplerate",
    "speexrate",
    "jack",
    "oss",
    "speex",
    "upmix",
    "vdownmix",
    "usbstream",
    "hw",
    "front",
    "iec958",
    "hdmi",
    "dmix",
    "dsnoop",
];

fn useful(info: &DeviceInfo) -> bool {
    let kind = info.name.split(':').next().unwrap_or_default();
    !CLUTTER.contains(&kind) && !kind.starts_with("surround")
}
