use cpal::ErrorKind;

/// Why a sound device cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// This machine has no microphone or no loudspeaker.
    #[error("this machine has no sound device that works")]
    NoDevice,
    /// No device has this name.
    #[error("there is no sound device {0:?}; the list of devices shows their names")]
    UnknownDevice(String),
    /// Another program uses the device.
    #[error("another program is using the sound device")]
    Busy,
    /// The user may not use the device.
    #[error("no permission to use the sound device")]
    Denied,
    /// The device takes no usual rate or sample format.
    #[error("the sound device has no usual rate or sample format")]
    Unsupported,
    /// The device was unplugged or its server stopped.
    #[error("the sound device is gone: unplugged, or its sound server stopped")]
    Lost,
}

impl DeviceError {
    /// What a failure to open means.
    pub(super) fn opening(error: &cpal::Error) -> Self {
        tracing::debug!(%error, "a sound device could not be opened");
        match error.kind() {
            ErrorKind::DeviceBusy => Self::Busy,
            ErrorKind::PermissionDenied => Self::Denied,
            ErrorKind::UnsupportedConfig | ErrorKind::InvalidInput => Self::Unsupported,
            // A server that does not answer comes as any of the rest.
            _ => Self::NoDevice,
        }
    }
}
