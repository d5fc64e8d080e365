use super::finding::Finding;
use crate::{
    config::{Settings, TtsProvider},
    providers,
    text::Text,
};
use sfera_agent::Language;

/// The voice of a conversation, started for a moment: only that tells whether it speaks.
pub async fn examine(settings: &Settings, text: Text) -> Finding {
    let (provider, language) = (settings.config.tts.provider, settings.language);
    match providers::start_voice(provider, language).await {
        Ok(voice) if second_best(provider, language, voice.name()) => {
            let found = text.voice_found(voice.name());
            Finding::warn("tts", found, text.install_festival())
        }
        Ok(voice) => Finding::ok("tts", text.voice_found(voice.name())),
        Err(error) => Finding::fail("tts", text.voice_none(), text.voice_problem(&error)),
    }
}

/// For Russian festival's voice is much easier to understand than espeak-ng's.
fn second_best(provider: TtsProvider, language: Language, name: &str) -> bool {
    provider == TtsProvider::Auto && language == Language::Ru && name.starts_with("espeak")
}
