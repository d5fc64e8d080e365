//! Opus in a container, as browsers record it.

use super::format::Unheard;
use crate::audio::SampleRate;

/// Decodes Opus in WebM or Ogg to mono samples of a rate.
pub(super) fn decode(_bytes: Vec<u8>, _rate: SampleRate) -> Result<Vec<i16>, Unheard> {
    Err(Unheard::Type("audio/opus".to_owned()))
}
