use super::{AssemblyError, Services};
#[cfg(feature = "calculator")]
use crate::tools::CalculatorTool;
#[cfg(feature = "web-search")]
use crate::tools::{PageTool, SearchEngine, SearchTool};
#[cfg(feature = "openai")]
use crate::{
    knowledge::QuestionWriter,
    llm::{FallbackLlm, LlmExtractor, LlmQuestions, OpenAiLlm, OpenAiOptions, RetryLlm},
    retry::RetryPolicy,
};
use crate::{
    knowledge::{FileKnowledge, Knowledge},
    llm::{Assistant, Formality, Llm},
    memory::{Extractor, FileMemory, Memory, StoreMemory},
    store::{Store, StoreError},
    tools::{ForgetTool, RecallTool, TimeTool, Tool},
};
#[cfg(feature = "openai")]
use std::time::Duration;
use std::{path::PathBuf, sync::Arc};

/// What a reader of conversations or passages may write; it is read up to 16 KB.
#[cfg(feature = "openai")]
const READER_TOKENS: u32 = 2_000;
/// How freely questions are put: in words that the passage does not have.
#[cfg(feature = "openai")]
const QUESTIONS_TEMPERATURE: f32 = 0.7;
/// How long a model may think about a passage: nobody waits, and limits by the minute pass in that time.
#[cfg(feature = "openai")]
const WRITING: Duration = Duration::from_secs(60);

/// The embedded assistant, which addresses people in this way.
///
/// # Errors
/// [`AssemblyError::Part`].
pub fn assistant(formality: Formality) -> Result<Arc<dyn Llm>, AssemblyError> {
    let assistant = Assistant::addressing(formality);
    let assistant = assistant.map_err(|_| AssemblyError::Part("assistant"))?;
    Ok(Arc::new(assistant))
}

/// A server that answers, and the embedded assistant while it cannot; the assistant alone without one.
/// How the server's model addresses people, its instructions say.
///
/// # Errors
/// [`AssemblyError::Part`].
#[cfg(feature = "openai")]
pub fn llm(
    server: Option<OpenAiOptions>,
    formality: Formality,
) -> Result<Arc<dyn Llm>, AssemblyError> {
    let assistant = assistant(formality)?;
    let Some(options) = server else {
        return Ok(assistant);
    };
    let server = OpenAiLlm::new(options).map_err(|_| AssemblyError::Part("LLM"))?;
    Ok(Arc::new(FallbackLlm::new(Arc::new(server), [assistant])))
}

/// Memory of people in a folder. Where there is a model, it reads conversations that are over.
///
/// # Errors
/// [`AssemblyError::Part`].
pub async fn memory(
    folder: PathBuf,
    reader: Option<Arc<dyn Extractor>>,
) -> Result<Arc<dyn Memory>, AssemblyError> {
    let memory = FileMemory::open(folder).await;
    let memory = memory.map_err(|_| AssemblyError::Part("memory"))?;
    Ok(Arc::new(match reader {
        Some(reader) => memory.extractor(reader),
        None => memory,
    }))
}

/// Memory of people in a store, which any number of machines share. It is found by its words alone, so
/// that a machine without a model of embeddings may join. Where there is a model, it reads conversations
/// that are over.
///
/// # Errors
/// [`StoreError::Mismatch`] if the store has another program's or another version's memory, and whatever
/// else it says.
pub async fn shared_memory(
    store: Arc<dyn Store>,
    reader: Option<Arc<dyn Extractor>>,
) -> Result<Arc<dyn Memory>, StoreError> {
    let memory = StoreMemory::open(store, None).await?;
    Ok(Arc::new(match reader {
        Some(reader) => memory.extractor(reader),
        None => memory,
    }))
}

/// A server's model that reads conversations which are over, for [`memory`] and [`shared_memory`].
///
/// # Errors
/// [`AssemblyError::Part`].
#[cfg(feature = "openai")]
pub fn reader(server: OpenAiOptions) -> Result<Arc<dyn Extractor>, AssemblyError> {
    let options = OpenAiOptions {
        max_tokens: Some(READER_TOKENS),
        temperature: Some(0.0),
        ..server
    };
    let server = OpenAiLlm::new(options).map_err(|_| AssemblyError::Part("LLM"))?;
    Ok(Arc::new(LlmExtractor::new(Arc::new(server))))
}

/// A server's model that writes the questions which passages of a knowledge base answer. What fails before
/// its first word is tried again.
///
/// # Errors
/// [`AssemblyError::Part`].
#[cfg(feature = "openai")]
pub fn question_writer(server: OpenAiOptions) -> Result<Arc<dyn QuestionWriter>, AssemblyError> {
    let options = OpenAiOptions {
        max_tokens: Some(READER_TOKENS),
        temperature: Some(QUESTIONS_TEMPERATURE),
        timeout: WRITING,
        ..server
    };
    let server = OpenAiLlm::new(options).map_err(|_| AssemblyError::Part("LLM"))?;
    let policy = RetryPolicy {
        timeout: WRITING,
        ..RetryPolicy::default()
    };
    let patient = RetryLlm::new(server, policy);
    Ok(Arc::new(LlmQuestions::new(Arc::new(patient))))
}

/// What tells people what is remembered about them, and forgets it.
#[must_use]
pub fn memory_tools(memory: &Arc<dyn Memory>) -> [Arc<dyn Tool>; 2] {
    [
        Arc::new(RecallTool::new(memory.clone())),
        Arc::new(ForgetTool::new(memory.clone())),
    ]
}

/// A knowledge base of Markdown in a folder.
///
/// # Errors
/// [`AssemblyError::Part`].
pub async fn knowledge(folder: PathBuf) -> Result<Arc<dyn Knowledge>, AssemblyError> {
    let knowledge = FileKnowledge::open(folder).await;
    Ok(Arc::new(
        knowledge.map_err(|_| AssemblyError::Part("knowledge"))?,
    ))
}

/// The built-in tools.
#[must_use]
pub fn tools() -> Vec<Arc<dyn Tool>> {
    tools_at(&Services::default())
}

/// The built-in tools, which ask these services.
#[must_use]
pub fn tools_at(services: &Services) -> Vec<Arc<dyn Tool>> {
    let tools: [Arc<dyn Tool>; 1] = [Arc::new(TimeTool::default())];
    let tools = tools.into_iter().chain(web_tools(services));
    #[cfg(feature = "calculator")]
    let tools = tools
        .into_iter()
        .chain([Arc::new(CalculatorTool) as Arc<dyn Tool>]);
    tools.into_iter().collect()
}

/// The tools that search the internet and read its pages. Without an engine it is Wikipedia that is
/// searched.
#[cfg(feature = "web-search")]
#[must_use]
pub fn search_tools(engine: Option<SearchEngine>) -> Vec<Arc<dyn Tool>> {
    let engine = engine.unwrap_or(SearchEngine::Wikipedia);
    vec![
        Arc::new(SearchTool::new(engine)),
        Arc::new(PageTool::default()),
    ]
}

#[cfg(feature = "web-tools")]
fn web_tools(services: &Services) -> [Arc<dyn Tool>; 2] {
    [Arc::new(services.weather()), Arc::new(services.prices())]
}

#[cfg(not(feature = "web-tools"))]
const fn web_tools(_: &Services) -> [Arc<dyn Tool>; 0] {
    []
}
