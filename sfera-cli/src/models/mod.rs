//! `sfera models`: what there is, what is missing, and getting it.

mod list;
mod pull;
mod verify;

use crate::{
    cli::ModelsCommand,
    config::{Config, Settings, Sources, SttProvider, VadProvider, closest, load},
    error::{Error, Exit},
    text::Text,
};
use sfera_agent::models::{ModelError, Models};

/// Runs `sfera models`.
pub fn run(command: &ModelsCommand, sources: &Sources, text: Text) -> Result<Exit, Error> {
    let settings = load(sources)?;
    crate::log::begin(&settings.environment);
    let models = open(&settings)?;
    match command {
        ModelsCommand::List(arguments) => list::list(&models, arguments.json, text),
        ModelsCommand::Pull(wanted) => {
            let names = named(&models, &settings.config, &wanted.names)?;
            pull::pull(&models, &names, text)
        }
        ModelsCommand::Verify(wanted) => {
            let names = named(&models, &settings.config, &wanted.names)?;
            verify::verify(&models, &names, text)
        }
    }
}

/// The model folder of these settings.
pub fn open(settings: &Settings) -> Result<Models, ModelError> {
    let folder = settings.environment.get("SFERA_MODELS").map(Into::into);
    Models::open(folder.or_else(|| settings.config.models.folder.clone()))
}

/// The model that recognises speech.
pub fn speech_model(config: &Config) -> &str {
    match config.stt.provider {
        SttProvider::Whisper => config.stt.model.as_deref().unwrap_or("whisper-base"),
    }
}

/// The models a conversation with these settings needs.
pub fn needed(config: &Config) -> Vec<String> {
    let vad: &[&str] = match config.vad.provider {
        VadProvider::Earshot => &[],
        VadProvider::Silero => &["silero-vad", "onnxruntime"],
    };
    let all = [speech_model(config)]
        .into_iter()
        .chain(vad.iter().copied());
    all.map(str::to_owned).collect()
}

/// The models named, or those needed if none is; unknown names are refused with a suggestion.
fn named(models: &Models, config: &Config, names: &[String]) -> Result<Vec<String>, Error> {
    let names = match names {
        [] => needed(config),
        names => names.to_vec(),
    };
    for name in &names {
        if models.list().iter().all(|model| model.name != *name) {
            let known = models.list().iter().map(|model| model.name.as_str());
            return Err(Error::Model {
                error: ModelError::Unknown(name.clone()),
                suggestion: closest(name, known),
            });
        }
    }
    Ok(names)
}
