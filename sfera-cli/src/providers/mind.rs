use super::cannot;
use crate::{
    config::{LlmChoice, Server, Settings},
    error::Error,
};
use sfera_agent::llm::{Assistant, FallbackLlm, Llm, LlmError, OpenAiLlm, OpenAiOptions};
use std::sync::Arc;

/// Who answers. While a server cannot, the embedded assistant does.
pub fn llm(settings: &Settings) -> Result<Arc<dyn Llm>, Error> {
    let assistant: Arc<dyn Llm> = Arc::new(Assistant::new().map_err(|_| cannot("assistant"))?);
    match &settings.llm {
        LlmChoice::Assistant => Ok(assistant),
        LlmChoice::OpenAi(server) => {
            let server = connect(server).map_err(|_| cannot("LLM"))?;
            Ok(Arc::new(FallbackLlm::new(Arc::new(server), [assistant])))
        }
    }
}

fn connect(server: &Server) -> Result<OpenAiLlm, LlmError> {
    let options = OpenAiOptions::new(server.base_url.as_str(), server.model.as_str());
    OpenAiLlm::new(match &server.key {
        Some(key) => options.with_key(key.expose()),
        None => options,
    })
}
