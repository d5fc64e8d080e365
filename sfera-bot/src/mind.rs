//! Who answers in chat and what it can do: what the environment names, and what is embedded otherwise.

use sfera_agent::{
    assembly::{self, Hands, Services},
    chat::Chat,
    embedding::EmbedError,
    knowledge::{Knowledge, KnowledgeBaseError},
    llm::{Formality, Grounding, Llm, OpenAiOptions},
    memory::{Extractor, FileMemory, Memory},
    models::Models,
    store::{QdrantOptions, QdrantStore, StoreError},
    tools::{SearchEngine, Tool},
};
use std::{collections::HashMap, path::Path, sync::Arc};

/// The knowledge base of the examples, where there is no other.
const KNOWLEDGE: &str = "examples/knowledge";

/// Names the file of MCP servers.
const SERVERS: &str = "SFERA_MCP";
/// Names those whom the bot serves.
const ALLOWED: &str = "SFERA_ALLOWED_CHATS";

/// What the embedded assistant calls itself.
pub const ASSISTANT: &str = "assistant";

/// What the chat calls itself where something remembered is from.
pub const HOST: &str = "telegram";

/// What could not be set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// This part.
    Part(&'static str),
    /// The Qdrant server that is named.
    Store(StoreError),
    /// The knowledge base needs this model of embeddings.
    Model(String),
    /// Whoever embeds questions.
    Embedding(EmbedError),
}

impl Broken {
    /// The part, for logs.
    #[must_use]
    pub const fn part(&self) -> &'static str {
        match self {
            Self::Part(part) => part,
            Self::Store(_) => "Qdrant",
            Self::Model(_) => "the knowledge base",
            Self::Embedding(_) => "embeddings",
        }
    }
}

impl From<StoreError> for Broken {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<KnowledgeBaseError> for Broken {
    fn from(error: KnowledgeBaseError) -> Self {
        match error {
            KnowledgeBaseError::Store(error) => Self::Store(error),
            KnowledgeBaseError::Model(model) => Self::Model(model),
            KnowledgeBaseError::Embedding(error) => Self::Embedding(error),
            KnowledgeBaseError::Questions(_) | KnowledgeBaseError::Write(_) => {
                Self::Part("knowledge")
            }
        }
    }
}

/// The variables that are set.
pub type Values = HashMap<String, String>;

/// Sets up who answers.
///
/// # Errors
/// [`Broken`].
pub async fn chat(values: &Values) -> Result<Chat, Broken> {
    let mut grounding = Grounding {
        memory: Some(memory(values).await?),
        ..Grounding::default()
    };
    grounding.knowledge = knowledge(values).await?;
    let chat = Chat::new(llm(values)?).grounding(grounding);
    let chat = tools(values).into_iter().try_fold(chat, Chat::tool);
    chat.map_err(|_| Broken::Part("tools"))
}

/// Who remembers people: the server that is named, else files; the same as by voice on this machine.
async fn memory(values: &Values) -> Result<Arc<dyn Memory>, Broken> {
    let reader = reader(values)?;
    if let Some(store) = store(values)? {
        return Ok(assembly::shared_memory(store, reader).await?);
    }
    let folder = FileMemory::usual_folder().ok_or(Broken::Part("memory"))?;
    let memory = assembly::memory(folder, reader).await;
    memory.map_err(|_| Broken::Part("memory"))
}

/// The knowledge base of `sfera kb` on the server that is named, else on this machine, else the
/// examples', if they are here.
///
/// # Errors
/// [`Broken`].
pub async fn knowledge(values: &Values) -> Result<Option<Arc<dyn Knowledge>>, Broken> {
    let models = Models::open(values.get("SFERA_MODELS").map(Into::into));
    let models = models.map_err(|_| Broken::Part("models"))?;
    let get = |name: &str| variable(values, name);
    let own = match store(values)? {
        Some(store) => assembly::knowledge_in(store, &models, get).await?,
        None => {
            let usual = assembly::usual_knowledge(&models, get).await;
            usual.map_err(|error| match error {
                // The store is a file here, and no server.
                KnowledgeBaseError::Store(_) => Broken::Part("knowledge"),
                other => other.into(),
            })?
        }
    };
    if own.is_some() || !Path::new(KNOWLEDGE).is_dir() {
        return Ok(own);
    }
    let examples = assembly::knowledge(KNOWLEDGE.into()).await;
    Ok(Some(examples.map_err(|_| Broken::Part("knowledge"))?))
}

/// Where weather and prices are asked for.
#[must_use]
pub fn services(values: &Values) -> Services {
    Services::of_environment(|name| variable(values, name))
}

/// What whoever answers may call.
#[must_use]
pub fn tools(values: &Values) -> Vec<Arc<dyn Tool>> {
    let engine = SearchEngine::of_environment(|name| variable(values, name));
    let tools = assembly::tools_at(&services(values)).into_iter();
    tools.chain(assembly::search_tools(engine)).collect()
}

/// The MCP servers that are named, and the journal of calls. A bot that serves everybody has no servers:
/// what they can do, any stranger could have them do.
pub async fn hands(values: &Values) -> Hands {
    let closed = variable(values, ALLOWED).is_some_and(|chats| !chats.trim().is_empty());
    if !closed && variable(values, SERVERS).is_some() {
        tracing::warn!("no tools by MCP, as everybody may write to the bot: set {ALLOWED}");
    }
    let get = |name: &str| variable(values, name).filter(|_| closed || name != SERVERS);
    Hands::of_environment(get).await
}

fn variable<'a>(values: &'a Values, name: &str) -> Option<&'a str> {
    values.get(name).map(String::as_str)
}

fn store(values: &Values) -> Result<Option<Arc<QdrantStore>>, StoreError> {
    let server = QdrantOptions::of_environment(|name| variable(values, name));
    let store = server.map(|server| QdrantStore::new(&server)).transpose()?;
    Ok(store.map(Arc::new))
}

fn server(values: &Values) -> Option<OpenAiOptions> {
    OpenAiOptions::of_environment(|name| variable(values, name))
}

fn reader(values: &Values) -> Result<Option<Arc<dyn Extractor>>, Broken> {
    let reader = server(values).map(assembly::reader).transpose();
    reader.map_err(|_| Broken::Part("OPENAI_BASE_URL"))
}

fn llm(values: &Values) -> Result<Arc<dyn Llm>, Broken> {
    let options = server(values).map(|options| OpenAiOptions {
        max_tokens: Some(1_500),
        ..options
    });
    assembly::llm(options, Formality::Informal).map_err(|_| Broken::Part("OPENAI_BASE_URL"))
}
