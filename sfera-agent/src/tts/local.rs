use super::{CacheTts, Tts};
use crate::Language;
use std::sync::Arc;

/// Why this machine has no voice. Each message says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LocalTtsError {
    /// A program is not installed.
    #[error("{0} is not installed: apt install {0}")]
    Program(&'static str),
    /// The program is there and its voice is not.
    #[error("the voice is not installed: apt install {0}")]
    Voice(&'static str),
    /// The program is there and gives no sound.
    #[error("{0} does not speak: run it by hand to see why")]
    Silent(&'static str),
    /// Neither the preferred voice nor another.
    #[error("no voice for {language}: apt install {packages}")]
    NoVoice {
        /// The language.
        language: Language,
        /// Any of these Debian packages will do.
        packages: &'static str,
    },
}

/// The best voice installed on this machine, with a [`CacheTts`] around it: festival, or espeak-ng
/// where festival or its voice for the language is missing.
///
/// Whisper base hears festival's English with 3 % of the words wrong and espeak-ng's with 14 %
/// (eight sentences, 92 words); espeak-ng's Russian it hardly understands.
///
/// # Errors
/// [`LocalTtsError::NoVoice`] with the packages to install.
pub async fn local(language: Language) -> Result<Arc<dyn Tts>, LocalTtsError> {
    #[cfg(feature = "festival")]
    {
        let voice = match language {
            Language::Ru => super::FestivalVoice::RUSSIAN,
            Language::En => super::FestivalVoice::ENGLISH,
        };
        match super::Festival::start(voice).await {
            Ok(voice) => return Ok(Arc::new(CacheTts::new(Arc::new(voice)))),
            Err(error) => tracing::info!(%error, "speaking by espeak-ng instead of festival"),
        }
    }
    #[cfg(feature = "espeak")]
    match super::Espeak::start().await {
        Ok(voice) => return Ok(Arc::new(CacheTts::new(Arc::new(voice)))),
        Err(error) => tracing::info!(%error, "espeak-ng does not speak"),
    }
    Err(LocalTtsError::NoVoice {
        language,
        packages: match language {
            Language::Ru => "festival festvox-ru (or espeak-ng)",
            Language::En => "festival festvox-us-slt-hts (or espeak-ng)",
        },
    })
}
