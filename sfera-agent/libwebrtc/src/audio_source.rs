#[derive(Default, Debug)]
pub struct AudioSourceOptions { pub echo_cancellation: bool, pub noise_suppression: bool, pub auto_gain_control: bool }
#[non_exhaustive]
#[derive(Debug, Clone)]
pub enum RtcAudioSource { Native(native::NativeAudioSource), Device }
pub mod native { #[derive(Clone, Debug)] pub struct NativeAudioSource; impl NativeAudioSource { pub fn num_channels(&self) -> u32 { 1 } } }
