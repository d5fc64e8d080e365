use crate::{
    config::{Settings, TtsProvider},
    error::{Error, Missing},
};
use sfera_agent::{
    Language,
    tts::{CacheTts, Espeak, Festival, FestivalVoice, LocalTtsError, Tts, local},
};
use std::sync::Arc;

/// Who speaks.
pub async fn speak(settings: &Settings) -> Result<Arc<dyn Tts>, Error> {
    let voice = start(settings.config.tts.provider, settings.language).await;
    voice.map_err(|error| Missing::Voice(error).into())
}

/// Starts a voice; what is missing says which package has it.
pub async fn start(
    provider: TtsProvider,
    language: Language,
) -> Result<Arc<dyn Tts>, LocalTtsError> {
    let voice: Arc<dyn Tts> = match provider {
        TtsProvider::Auto => return local(language).await,
        TtsProvider::Festival => Arc::new(Festival::start(festival(language)).await?),
        TtsProvider::Espeak => Arc::new(Espeak::start().await?),
    };
    Ok(Arc::new(CacheTts::new(voice)))
}

const fn festival(language: Language) -> FestivalVoice {
    match language {
        Language::Ru => FestivalVoice::RUSSIAN,
        Language::En => FestivalVoice::ENGLISH,
    }
}
