use super::{Voice, cannot};
use crate::{
    config::{Settings, VadProvider},
    error::Error,
    models,
};
use sfera_agent::{
    models::ModelError,
    stt::{Recognizer, Stt, VadCut, Whisper, WhisperOptions},
    vad::{Earshot, Silero, Vad},
};
use std::sync::Arc;

/// Who hears that somebody speaks.
pub fn vad(settings: &Settings, voice: Voice) -> Result<Arc<dyn Vad>, Error> {
    match settings.config.vad.provider {
        VadProvider::Silero if voice == Voice::Audible => {
            let models = models::open(settings)?;
            let (model, library) = (models.path("silero-vad")?, models.path("onnxruntime")?);
            let silero = Silero::load(&model, &library).map_err(|_| cannot("Silero VAD"))?;
            Ok(Arc::new(silero))
        }
        _ => Ok(Arc::new(Earshot)),
    }
}

/// Who recognises speech: whole utterances, and a stream of it.
pub async fn listen(settings: &Settings) -> Result<(Arc<dyn Recognizer>, Arc<dyn Stt>), Error> {
    let name = models::speech_model(&settings.config).to_owned();
    let file = models::open(settings)?.path(&name)?;
    let load = move || Whisper::load(&file, WhisperOptions::default());
    let loaded = tokio::task::spawn_blocking(load).await;
    // A file as long as it should be that is no model: somebody changed it.
    let whisper = match loaded {
        Ok(Ok(whisper)) => Arc::new(whisper),
        Ok(Err(_)) => return Err(ModelError::Damaged(name).into()),
        Err(_) => return Err(cannot("Whisper")),
    };
    let recognizer: Arc<dyn Recognizer> = whisper;
    Ok((recognizer.clone(), Arc::new(VadCut::new(recognizer))))
}
