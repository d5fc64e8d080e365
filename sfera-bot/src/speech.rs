//! Who understands voice messages and who speaks, as far as this machine has them.

use sfera_agent::{
    Language,
    assembly::{self, AssemblyError},
    models::Models,
    stt::Recognizer,
    tts::{Tts, local},
};
use std::{path::PathBuf, sync::Arc};

/// The model that recognises speech.
pub const MODEL: &str = "whisper-base";

/// Ears and voices; each may be missing.
#[derive(Clone, Default)]
pub struct Speech {
    /// Who understands voice messages.
    pub ears: Option<Arc<dyn Recognizer>>,
    /// Who speaks Russian.
    pub russian: Option<Arc<dyn Tts>>,
    /// Who speaks English.
    pub english: Option<Arc<dyn Tts>>,
}

impl Speech {
    /// What this machine has, models in their folder or a named one. What is missing is logged, and
    /// nothing fails.
    pub async fn load(models: Option<PathBuf>) -> Self {
        let (ears, russian, english) =
            tokio::join!(ears(models), voice(Language::Ru), voice(Language::En));
        Self {
            ears,
            russian,
            english,
        }
    }

    /// Who speaks a language.
    #[must_use]
    pub const fn voice(&self, language: Language) -> Option<&Arc<dyn Tts>> {
        match language {
            Language::Ru => self.russian.as_ref(),
            Language::En => self.english.as_ref(),
        }
    }
}

async fn ears(models: Option<PathBuf>) -> Option<Arc<dyn Recognizer>> {
    let loaded = async {
        let (ears, _) = assembly::whisper(&Models::open(models)?, MODEL).await?;
        Ok::<_, AssemblyError>(ears)
    };
    let ears = loaded.await;
    let ears =
        ears.inspect_err(|error| tracing::info!(%error, "voice messages are not understood"));
    ears.ok()
}

async fn voice(language: Language) -> Option<Arc<dyn Tts>> {
    let voice = local(language).await;
    let voice = voice.inspect_err(|error| tracing::info!(%error, "answers are not spoken"));
    voice.ok()
}
