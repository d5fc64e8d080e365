use super::Voice;
use crate::{
    mind,
    speech::{MODEL, Speech},
};
use sfera_agent::{
    Language,
    assembly::{self, AssemblyError, Parts},
    llm::{Formality, OpenAiOptions},
    memory::Memory,
    models::{ModelError, Models},
    session::Providers,
    stt::{Recognizer, VadCut},
    vad::Earshot,
};
use std::{collections::HashMap, path::PathBuf, sync::Arc};

/// Loads what is not loaded for voice messages, and downloads the speech model where it is not there
/// yet. The language is the one that must be spoken; others are where there is a voice for them.
///
/// # Errors
/// [`AssemblyError`].
pub async fn load(
    values: HashMap<String, String>,
    language: Language,
    memory: Option<Arc<dyn Memory>>,
    speech: Speech,
) -> Result<Voice, AssemblyError> {
    // What fails soon comes first: it is tried again and again.
    let mouth = match speech.voice(language) {
        Some(mouth) => mouth.clone(),
        None => assembly::voice(assembly::Voice::Best, language).await?,
    };
    let server = OpenAiOptions::of_environment(|name| values.get(name).map(String::as_str));
    let llm = assembly::llm(server, Formality::Informal)?;
    let knowledge = mind::knowledge(&values).await;
    let knowledge = knowledge.map_err(|broken| AssemblyError::Part(broken.part()))?;
    let ears = match &speech.ears {
        Some(ears) => ears.clone(),
        None => download(values.get("SFERA_MODELS").map(Into::into)).await?,
    };
    let providers = Providers {
        vad: Arc::new(Earshot),
        stt: Arc::new(VadCut::new(ears)),
        llm,
        tts: mouth,
    };
    let mut voice = Voice::new(Parts {
        providers,
        memory,
        knowledge,
        tools: mind::tools(&values),
    });
    for other in Language::ALL.into_iter().filter(|other| *other != language) {
        let speaker = match speech.voice(other) {
            Some(speaker) => Some(speaker.clone()),
            None => assembly::voice(assembly::Voice::Best, other).await.ok(),
        };
        match speaker {
            Some(speaker) => voice = voice.speaking(other, speaker),
            None => tracing::warn!(?other, "a language is spoken by another one's voice"),
        }
    }
    Ok(voice)
}

async fn download(folder: Option<PathBuf>) -> Result<Arc<dyn Recognizer>, AssemblyError> {
    let models = Models::open(folder)?;
    if let Err(ModelError::Missing(model)) = models.path(MODEL) {
        tracing::info!(model, "downloading the speech model");
        models.pull(MODEL, &|_| {}).await?;
    }
    let (ears, _) = assembly::whisper(&models, MODEL).await?;
    Ok(ears)
}
