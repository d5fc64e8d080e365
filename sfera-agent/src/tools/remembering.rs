//! Tools that tell somebody what is remembered about them, and forget it.

use super::{Tool, ToolContext, ToolError, ToolSpec};
use crate::{
    Language,
    memory::{Memory, Recollection, UserId},
};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// How long a question waits for its answer.
const PATIENCE: Duration = Duration::from_secs(5 * 60);
/// People who were asked and have not answered, at most.
const ASKED: usize = 1_024;

/// What can be forgotten by itself: its name for the LLM, the kinds of facts, and how it is called.
static TOPICS: [(&str, &[&str], &str, &str); 9] = [
    ("all", &[], "всё, что я помню", "everything I remember"),
    ("name", &["name"], "имя", "the name"),
    ("city", &["city"], "город", "the city"),
    (
        "trades",
        &["trades", "instrument"],
        "инструменты",
        "the instruments",
    ),
    ("goal", &["goal"], "цели", "the goals"),
    (
        "preference",
        &["preference"],
        "предпочтения",
        "the preferences",
    ),
    ("work", &["work"], "работу", "the work"),
    ("age", &["age"], "возраст", "the age"),
    ("note", &["note"], "заметки", "the notes"),
];

/// `recall_about_me`: all that is remembered about the user, with the day and the words it is from, for
/// an LLM. Takes nothing.
pub struct RecallTool {
    memory: Arc<dyn Memory>,
}

impl RecallTool {
    /// The tool over a memory.
    #[must_use]
    pub fn new(memory: Arc<dyn Memory>) -> Self {
        Self { memory }
    }
}

#[async_trait]
impl Tool for RecallTool {
    fn spec(&self) -> ToolSpec {
        ToolSpec::new(
            "recall_about_me",
            "Tells all that is remembered about the user from all conversations. Call it when the user \
             asks what you know or remember about them.",
        )
    }

    async fn call(&self, _: Value, context: ToolContext) -> Result<String, ToolError> {
        let nothing = match context.language {
            Language::Ru => "Пока ничего не запомнено.",
            Language::En => "Nothing is remembered yet.",
        };
        let Some(user) = &context.user else {
            return Ok(nothing.to_owned());
        };
        let known = self.memory.known(user).await;
        let known = known.map_err(|_| ToolError::Unreachable)?;
        let lines: Vec<_> = known.iter().map(line).collect();
        Ok(match lines.is_empty() {
            true => nothing.to_owned(),
            false => lines.join("\n"),
        })
    }
}

/// `goal: купить дом (2026-11-22: «моя цель — купить дом»)`
fn line(it: &Recollection) -> String {
    let kind = it.kind.as_deref().unwrap_or("said");
    let Some(from) = &it.provenance else {
        return format!("{kind}: {}", it.text);
    };
    let day = from.at.strftime("%F");
    match &from.words {
        Some(words) => format!("{kind}: {} ({day}: «{words}»)", it.text),
        None => format!("{kind}: {} ({day})", it.text),
    }
}

/// `forget_me`: forgets all about the user, or one topic, after it has asked whether that is meant.
///
/// Takes `what` (`all`, `name`, `city`, `trades`, `goal`, `preference`, `work`, `age`, `note`; `all`
/// without it) and `confirmed`. The first call only asks; a call with `confirmed` within 5 min deletes
/// what was asked about. One that nobody was asked about asks.
pub struct ForgetTool {
    memory: Arc<dyn Memory>,
    asked: Mutex<HashMap<UserId, (Topic, Instant)>>,
}

type Topic = &'static (
    &'static str,
    &'static [&'static str],
    &'static str,
    &'static str,
);

impl ForgetTool {
    /// The tool over a memory.
    #[must_use]
    pub fn new(memory: Arc<dyn Memory>) -> Self {
        Self {
            memory,
            asked: Mutex::default(),
        }
    }

    /// What the user was asked about lately.
    fn asked(&self, user: &UserId) -> Option<Topic> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let (topic, at) = asked.remove(user)?;
        (at.elapsed() <= PATIENCE).then_some(topic)
    }

    fn ask(&self, user: &UserId, topic: Topic) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.retain(|_, (_, at)| at.elapsed() <= PATIENCE);
        if asked.len() < ASKED {
            asked.insert(user.clone(), (topic, Instant::now()));
        }
    }

    async fn forget(&self, user: &UserId, (_, kinds, ..): Topic) -> Result<(), ToolError> {
        if kinds.is_empty() {
            let forgotten = self.memory.forget(user).await;
            return forgotten.map_err(|_| ToolError::Unreachable);
        }
        for kind in *kinds {
            let forgotten = self.memory.forget_kind(user, kind).await;
            forgotten.map_err(|_| ToolError::Unreachable)?;
        }
        Ok(())
    }
}

#[async_trait]
impl Tool for ForgetTool {
    fn spec(&self) -> ToolSpec {
        let topics = TOPICS.map(|(name, ..)| name);
        let spec = ToolSpec::new(
            "forget_me",
            "Deletes what is remembered about the user, for good. Call it when the user asks to be \
             forgotten. The first call asks the user; call it again with `confirmed` only after the user \
             has said yes to that question.",
        );
        ToolSpec {
            cancellable: false,
            ..spec.with_parameters(json!({
                "type": "object",
                "properties": {
                    "what": {
                        "type": "string",
                        "enum": topics,
                        "description": "What to forget; everything without it.",
                    },
                    "confirmed": { "type": "string", "enum": ["yes"] },
                },
            }))
        }
    }

    async fn call(&self, arguments: Value, context: ToolContext) -> Result<String, ToolError> {
        let what = match arguments.get("what") {
            None | Some(Value::Null) => None,
            Some(what) => {
                let topic = TOPICS.iter().find(|topic| what.as_str() == Some(topic.0));
                let unknown = || ToolError::Arguments("`what` is none of the listed".to_owned());
                Some(topic.ok_or_else(unknown)?)
            }
        };
        let Some(user) = &context.user else {
            return Ok(match context.language {
                Language::Ru => "Здесь ничего не запоминается.".to_owned(),
                Language::En => "Nothing is remembered here.".to_owned(),
            });
        };
        let confirmed = match arguments.get("confirmed") {
            Some(Value::Bool(confirmed)) => *confirmed,
            Some(Value::String(said)) => said == "yes",
            _ => false,
        };
        let asked = self.asked(user).filter(|_| confirmed);
        match asked.filter(|asked| what.is_none_or(|what| what.0 == asked.0)) {
            Some(topic) => {
                self.forget(user, topic).await?;
                Ok(done(topic, context.language))
            }
            None => {
                let topic = what.unwrap_or(&TOPICS[0]);
                self.ask(user, topic);
                Ok(question(topic, context.language))
            }
        }
    }
}

fn question((_, _, ru, en): Topic, language: Language) -> String {
    match language {
        Language::Ru => format!(
            "Точно забыть {ru}? Вернуть это будет нельзя. Если да, ответ такой: да, забудь."
        ),
        Language::En => format!("Forget {en}, for good? If so, say: yes, forget it."),
    }
}

fn done((_, kinds, ru, en): Topic, language: Language) -> String {
    match (language, kinds.is_empty()) {
        (Language::Ru, true) => "Готово. Больше я ничего не помню.".to_owned(),
        (Language::En, true) => "Done. I remember nothing any more.".to_owned(),
        (Language::Ru, false) => format!("Готово, {ru} я больше не помню."),
        (Language::En, false) => format!("Done, I have forgotten {en}."),
    }
}

#[cfg(all(test, feature = "test-util", feature = "memory-file"))]
mod tests {
    use super::*;
    use crate::{
        memory::{Exchange, FileMemory},
        testing::tool_conformance,
    };
    use tempfile::TempDir;

    async fn memory(said: &[&str]) -> (TempDir, Arc<dyn Memory>) {
        let folder = tempfile::tempdir().unwrap();
        let memory = FileMemory::open(folder.path()).await.unwrap();
        for user in said {
            let exchange = Exchange {
                user: (*user).into(),
                ..Exchange::default()
            };
            memory.remember(&alex(), &exchange).await.unwrap();
        }
        (folder, Arc::new(memory))
    }

    fn alex() -> UserId {
        UserId::new("alex")
    }

    fn context(language: Language) -> ToolContext {
        ToolContext {
            language,
            user: Some(alex()),
            ..ToolContext::default()
        }
    }

    async fn forget(tool: &ForgetTool, arguments: Value) -> String {
        let said = tool.call(arguments, context(Language::Ru)).await;
        said.unwrap()
    }

    #[tokio::test]
    async fn they_keep_the_contract() {
        let (_folder, memory) = memory(&[]).await;
        tool_conformance(&RecallTool::new(memory.clone()), json!({})).await;
        tool_conformance(&ForgetTool::new(memory), json!({ "what": "city" })).await;
    }

    #[tokio::test]
    async fn what_is_known_is_told_with_the_words_it_is_from() {
        let (_folder, memory) = memory(&["Привет, меня зовут Алекс"]).await;
        let tool = RecallTool::new(memory.clone());
        let told = tool.call(json!({}), context(Language::Ru)).await.unwrap();
        assert!(told.starts_with("name: Алекс (20"), "{told}");
        assert!(told.ends_with(": «меня зовут Алекс»)"), "{told}");
        memory.forget(&alex()).await.unwrap();
        let told = tool.call(json!({}), context(Language::Ru)).await.unwrap();
        assert_eq!(told, "Пока ничего не запомнено.");
    }

    #[tokio::test]
    async fn nothing_is_forgotten_before_the_answer() {
        let (_folder, memory) = memory(&["меня зовут Алекс", "я живу в Казани"]).await;
        let tool = ForgetTool::new(memory.clone());
        let known = async || memory.known(&alex()).await.unwrap().len();
        let said = forget(&tool, json!({ "confirmed": "yes" })).await;
        assert!(
            said.starts_with("Точно забыть всё"),
            "nobody was asked: {said}"
        );
        let said = forget(&tool, json!({ "what": "city" })).await;
        assert!(said.starts_with("Точно забыть город?"), "{said}");
        let said = forget(&tool, json!({ "what": "name", "confirmed": "yes" })).await;
        assert!(
            said.starts_with("Точно забыть имя?"),
            "asked about another: {said}"
        );
        assert_eq!(known().await, 2);
        forget(&tool, json!({ "what": "city" })).await;
        let said = forget(&tool, json!({ "confirmed": true })).await;
        assert_eq!(said, "Готово, город я больше не помню.");
        assert_eq!(known().await, 1);
        forget(&tool, json!({})).await;
        let said = forget(&tool, json!({ "confirmed": "yes" })).await;
        assert_eq!(said, "Готово. Больше я ничего не помню.");
        assert_eq!(known().await, 0);
        let wrong = tool
            .call(json!({ "what": "moon" }), context(Language::En))
            .await;
        assert!(matches!(wrong, Err(ToolError::Arguments(_))));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_comes_late_is_asked_for_again() {
        let (_folder, memory) = memory(&["меня зовут Алекс"]).await;
        let tool = ForgetTool::new(memory.clone());
        forget(&tool, json!({})).await;
        tokio::time::advance(PATIENCE + Duration::from_secs(1)).await;
        let said = forget(&tool, json!({ "confirmed": "yes" })).await;
        assert!(said.starts_with("Точно забыть всё"), "{said}");
        assert_eq!(memory.known(&alex()).await.unwrap().len(), 1);
    }
}
