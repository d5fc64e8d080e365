//! The embedded assistant: an [`Llm`] without a model.
//!
//! It understands what its data files list (`ru.toml`, `en.toml`), calls tools like any LLM, reads
//! passages of the knowledge base back word for word, and says plainly what it cannot do. It makes
//! nothing up: every sentence is from its data files, a tool, the memory or the knowledge base.

mod answer;
mod found;
mod known;
mod passage;
mod pattern;
mod recent;
mod results;
mod script;

pub use script::ScriptError;

use super::{Llm, LlmError, LlmEvent, LlmRequest, LlmStream};
use crate::{Language, knowledge::Citation, memory::rules, tools::ToolCall};
use answer::{Answer, Respondent};
use async_trait::async_trait;
use futures::{StreamExt, stream};
use recent::{Reading, Recent};
use script::Script;
use std::{
    path::Path,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// Answers greetings and questions about the user, the weather, prices, the time and the knowledge
/// base, calculates and searches, deterministically and without a model.
///
/// ```
/// # use sfera_agent::llm::{Assistant, Llm, LlmEvent, LlmRequest, Message};
/// # use futures::StreamExt;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let assistant = Assistant::new()?;
/// let user = Message::User { text: "Меня зовут Алекс".into() };
/// let request = LlmRequest { messages: vec![user], ..LlmRequest::default() };
/// let mut answer = assistant.generate(request).await?;
/// let mut text = String::new();
/// while let Some(LlmEvent::Text(word)) = answer.next().await.transpose()? {
///     text.push_str(&word);
/// }
/// assert!(text.contains("Алекс"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Assistant {
    ru: Script,
    en: Script,
    formality: Formality,
    calls: AtomicU64,
    read: Mutex<Recent>,
    offered: Mutex<Recent>,
}

/// How an agent addresses people, in languages that make a difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Formality {
    /// As a stranger: «вы».
    #[default]
    Formal,
    /// As a friend: «ты».
    Informal,
}

fn script(text: &str, formality: Formality) -> Result<Script, ScriptError> {
    match formality {
        Formality::Formal => Script::parse(text),
        Formality::Informal => Script::parse_informal(text),
    }
}

impl Assistant {
    /// The assistant with its own data files. Compiles what hears people speak of themselves, so call it at
    /// start.
    ///
    /// # Errors
    /// None in practice: a test reads the same files.
    pub fn new() -> Result<Self, ScriptError> {
        Self::addressing(Formality::Formal)
    }

    /// The same with a choice of how it addresses people.
    ///
    /// # Errors
    /// None in practice: a test reads the same files.
    pub fn addressing(formality: Formality) -> Result<Self, ScriptError> {
        rules::prepare();
        Ok(Self {
            ru: script(include_str!("ru.toml"), formality)?,
            en: script(include_str!("en.toml"), formality)?,
            formality,
            calls: AtomicU64::new(1),
            read: Mutex::default(),
            offered: Mutex::default(),
        })
    }

    /// The assistant with data files of your own: `ru.toml` and `en.toml` in this folder, each in
    /// place of the built-in one if it is there. Reads the disk, so call it at start.
    ///
    /// # Errors
    /// [`ScriptError`] if a file cannot be read or understood.
    pub fn from_folder(folder: impl AsRef<Path>) -> Result<Self, ScriptError> {
        let mut assistant = Self::new()?;
        for language in Language::ALL {
            let file = folder.as_ref().join(language.code()).with_extension("toml");
            if file.try_exists().unwrap_or(true) {
                let text = std::fs::read_to_string(&file)
                    .map_err(|_| ScriptError::Unreadable(file.display().to_string()))?;
                assistant = assistant.with_script(language, &text)?;
            }
        }
        Ok(assistant)
    }

    /// Sets the intents of a language from the text of a data file.
    ///
    /// # Errors
    /// [`ScriptError`] if it cannot be understood.
    pub fn with_script(mut self, language: Language, text: &str) -> Result<Self, ScriptError> {
        *match language {
            Language::Ru => &mut self.ru,
            Language::En => &mut self.en,
        } = script(text, self.formality)?;
        Ok(self)
    }

    fn respond(&self, request: &LlmRequest) -> Vec<LlmEvent> {
        let script = match request.language {
            Language::Ru => &self.ru,
            Language::En => &self.en,
        };
        let respondent = Respondent::new(script, request);
        let mut citation = None;
        let text = match respondent.answer() {
            Answer::Say(text) => text,
            Answer::Read(reading) => self.read_out(reading, &mut citation),
            Answer::Offer { said, reading } => {
                lock(&self.offered).keep(request.last_user_text(), &said, reading);
                said
            }
            Answer::Accept { heard } => {
                let asked = respondent.said_before().unwrap_or_default();
                let offered = lock(&self.offered).offered(asked, &heard).cloned();
                match offered {
                    Some(reading) => self.read_out(reading, &mut citation),
                    None => respondent.pick(&script.nothing_found, &Default::default()),
                }
            }
            Answer::Source { heard } => self.tell_source(&respondent, &heard),
            Answer::Call { name, arguments } => {
                let id = self.calls.fetch_add(1, Ordering::Relaxed);
                return vec![LlmEvent::ToolCall(ToolCall {
                    id: format!("assistant-{id}").into(),
                    name,
                    arguments,
                })];
            }
        };
        let words = text.split_inclusive(' ').map(str::to_owned);
        let citation = citation.map(LlmEvent::Citation).into_iter();
        citation.chain(words.map(LlmEvent::Text)).collect()
    }

    fn read_out(&self, reading: Reading, citation: &mut Option<Citation>) -> String {
        *citation = Some(Citation {
            title: reading.title.clone(),
            url: reading.url.clone(),
        });
        let text = reading.text.clone();
        lock(&self.read).keep("", &text, reading);
        text
    }

    fn tell_source(&self, respondent: &Respondent<'_>, heard: &str) -> String {
        let script = respondent.script;
        match lock(&self.read).behind(heard) {
            Some(reading) => respondent.named(reading, &script.source, &script.source_section),
            None => respondent.pick(&script.no_source, &Default::default()),
        }
    }
}

fn lock(recent: &Mutex<Recent>) -> MutexGuard<'_, Recent> {
    recent.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl Llm for Assistant {
    fn name(&self) -> &str {
        "assistant"
    }

    async fn generate(&self, request: LlmRequest) -> Result<LlmStream, LlmError> {
        let events = self.respond(&request);
        Ok(stream::iter(events.into_iter().map(Ok)).boxed())
    }
}

#[cfg(all(test, feature = "test-util"))]
mod tests;
