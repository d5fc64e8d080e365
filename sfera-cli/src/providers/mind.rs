use super::cannot;
use crate::{
    config::{LlmChoice, Settings},
    error::Error,
};
use sfera_agent::llm::{Assistant, Llm};
use std::sync::Arc;

/// Who answers.
pub fn llm(settings: &Settings) -> Result<Arc<dyn Llm>, Error> {
    let assistant: Arc<dyn Llm> = Arc::new(Assistant::new().map_err(|_| cannot("assistant"))?);
    match &settings.llm {
        LlmChoice::Assistant => Ok(assistant),
        LlmChoice::OpenAi(server) => server_llm(server),
    }
}
