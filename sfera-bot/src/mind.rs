//! Who answers in chat: what the environment names, and the embedded assistant otherwise.

use sfera_agent::{
    assembly,
    chat::Chat,
    knowledge::Knowledge,
    llm::{Formality, Grounding, Llm, OpenAiOptions},
    memory::FileMemory,
    models::Models,
};
use std::{collections::HashMap, path::Path, sync::Arc};

/// The knowledge base of the examples, where there is no other.
const KNOWLEDGE: &str = "examples/knowledge";

/// What the embedded assistant calls itself.
pub const ASSISTANT: &str = "assistant";

/// The part that could not be set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken(pub &'static str);

/// Sets up who answers.
///
/// # Errors
/// [`Broken`].
pub async fn chat(values: &HashMap<String, String>) -> Result<Chat, Broken> {
    // The same as by voice on this machine.
    let folder = FileMemory::usual_folder().ok_or(Broken("memory"))?;
    let reader = server(values).map(assembly::reader).transpose();
    let reader = reader.map_err(|_| Broken("OPENAI_BASE_URL"))?;
    let memory = assembly::memory(folder, reader).await;
    let memory = memory.map_err(|_| Broken("memory"))?;
    let mut grounding = Grounding {
        memory: Some(memory),
        ..Grounding::default()
    };
    grounding.knowledge = knowledge(values).await?;
    let chat = Chat::new(llm(values)?).grounding(grounding);
    let chat = assembly::tools().into_iter().try_fold(chat, Chat::tool);
    chat.map_err(|_| Broken("tools"))
}

/// The knowledge base of `sfera kb` on this machine, else the examples', if they are here.
///
/// # Errors
/// [`Broken`].
pub async fn knowledge(
    values: &HashMap<String, String>,
) -> Result<Option<Arc<dyn Knowledge>>, Broken> {
    let models = Models::open(values.get("SFERA_MODELS").map(Into::into));
    let models = models.map_err(|_| Broken("models"))?;
    let own = assembly::usual_knowledge(&models).await;
    let own = own.map_err(|_| Broken("knowledge"))?;
    if own.is_some() || !Path::new(KNOWLEDGE).is_dir() {
        return Ok(own);
    }
    let examples = assembly::knowledge(KNOWLEDGE.into()).await;
    Ok(Some(examples.map_err(|_| Broken("knowledge"))?))
}

fn server(values: &HashMap<String, String>) -> Option<OpenAiOptions> {
    OpenAiOptions::of_environment(|name| values.get(name).map(String::as_str))
}

fn llm(values: &HashMap<String, String>) -> Result<Arc<dyn Llm>, Broken> {
    let options = server(values).map(|options| OpenAiOptions {
        max_tokens: Some(1_500),
        ..options
    });
    assembly::llm(options, Formality::Informal).map_err(|_| Broken("OPENAI_BASE_URL"))
}
