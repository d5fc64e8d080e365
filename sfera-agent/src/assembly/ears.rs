use super::AssemblyError;
use crate::{
    models::{ModelError, Models},
    stt::{Recognizer, Stt, VadCut, Whisper, WhisperOptions},
};
use std::sync::Arc;

/// Who hears that somebody speaks, by a model.
///
/// # Errors
/// [`AssemblyError`] if the model or its runtime is missing.
#[cfg(feature = "silero")]
pub fn silero(models: &Models) -> Result<Arc<dyn crate::vad::Vad>, AssemblyError> {
    let (model, library) = (models.path("silero-vad")?, models.path("onnxruntime")?);
    let silero = crate::vad::Silero::load(&model, &library);
    Ok(Arc::new(
        silero.map_err(|_| AssemblyError::Part("Silero VAD"))?,
    ))
}

/// Who recognises speech by a model of Whisper: whole utterances, and a stream of it. Loading takes a
/// second or so, on a thread of its own.
///
/// # Errors
/// [`AssemblyError`] if the model is missing, or no model at all.
pub async fn whisper(
    models: &Models,
    name: &str,
) -> Result<(Arc<dyn Recognizer>, Arc<dyn Stt>), AssemblyError> {
    let file = models.path(name)?;
    let load = move || Whisper::load(&file, WhisperOptions::default());
    let whisper = match tokio::task::spawn_blocking(load).await {
        Ok(Ok(whisper)) => Arc::new(whisper),
        // A file as long as it should be that is no model: somebody changed it.
        Ok(Err(_)) => return Err(ModelError::Damaged(name.to_owned()).into()),
        Err(_) => return Err(AssemblyError::Part("Whisper")),
    };
    let recognizer: Arc<dyn Recognizer> = whisper;
    Ok((recognizer.clone(), Arc::new(VadCut::new(recognizer))))
}
