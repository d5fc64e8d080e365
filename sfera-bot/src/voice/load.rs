use super::Voice;
use crate::mind::KNOWLEDGE;
use sfera_agent::{
    Language,
    assembly::{self, AssemblyError, Parts},
    llm::OpenAiOptions,
    memory::Memory,
    models::{ModelError, Models},
    session::Providers,
    vad::Earshot,
};
use std::{collections::HashMap, path::Path, sync::Arc};

/// The model that recognises speech.
const SPEECH: &str = "whisper-base";

/// Loads what this machine has, and downloads the speech model where it is not there yet. The language
/// is the one that must be spoken; others are where there is a voice for them.
///
/// # Errors
/// [`AssemblyError`].
pub async fn load(
    values: HashMap<String, String>,
    language: Language,
    memory: Option<Arc<dyn Memory>>,
) -> Result<Voice, AssemblyError> {
    let models = Models::open(values.get("SFERA_MODELS").map(Into::into))?;
    if let Err(ModelError::Missing(model)) = models.path(SPEECH) {
        tracing::info!(model, "downloading the speech model");
        models.pull(SPEECH, &|_| {}).await?;
    }
    let (_, stt) = assembly::whisper(&models, SPEECH).await?;
    let server = OpenAiOptions::of_environment(|name| values.get(name).map(String::as_str));
    let providers = Providers {
        vad: Arc::new(Earshot),
        stt,
        llm: assembly::llm(server)?,
        tts: assembly::voice(assembly::Voice::Best, language).await?,
    };
    let knowledge = match Path::new(KNOWLEDGE).is_dir() {
        true => Some(assembly::knowledge(KNOWLEDGE.into()).await?),
        false => None,
    };
    let mut voice = Voice::new(Parts {
        providers,
        memory,
        knowledge,
        tools: assembly::tools(),
    });
    for other in Language::ALL.into_iter().filter(|other| *other != language) {
        match assembly::voice(assembly::Voice::Best, other).await {
            Ok(speaker) => voice = voice.speaking(other, speaker),
            Err(error) => tracing::warn!(%error, "a language is spoken by another one's voice"),
        }
    }
    Ok(voice)
}
