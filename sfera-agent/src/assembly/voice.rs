use crate::{
    Language,
    tts::{CacheTts, Espeak, Festival, FestivalVoice, LocalTtsError, Tts, local},
};
use std::sync::Arc;

/// Whose voice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Voice {
    /// The best that is installed.
    #[default]
    Best,
    /// Festival's.
    Festival,
    /// espeak-ng's.
    Espeak,
}

/// Starts a voice.
///
/// # Errors
/// [`LocalTtsError`], which says which package has what is missing.
pub async fn voice(whose: Voice, language: Language) -> Result<Arc<dyn Tts>, LocalTtsError> {
    let voice: Arc<dyn Tts> = match whose {
        Voice::Best => return local(language).await,
        Voice::Festival => Arc::new(Festival::start(festival(language)).await?),
        Voice::Espeak => Arc::new(Espeak::start().await?),
    };
    Ok(Arc::new(CacheTts::new(voice)))
}

const fn festival(language: Language) -> FestivalVoice {
    match language {
        Language::Ru => FestivalVoice::RUSSIAN,
        Language::En => FestivalVoice::ENGLISH,
    }
}
