//! Tools that tell somebody what is remembered about them, and forget it.

use super::{Tool, ToolContext, ToolError, ToolSpec};
use crate::{
    Language,
    memory::{Memory, Recollection, UserId},
};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::sync::Arc;

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

/// `forget_me`: forgets all about the user, or one topic. The user is asked before it runs.
///
/// Takes `what` (`all`, `name`, `city`, `trades`, `goal`, `preference`, `work`, `age`, `note`; `all`
/// without it).
pub struct ForgetTool {
    memory: Arc<dyn Memory>,
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
        Self { memory }
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
             forgotten; they are asked whether they mean it before it runs.",
        );
        let spec = spec.with_parameters(json!({
            "type": "object",
            "properties": {
                "what": {
                    "type": "string",
                    "enum": topics,
                    "description": "What to forget; everything without it.",
                },
            },
        }));
        // What is forgotten twice is only forgotten.
        spec.confirmed().uncancellable().repeatable_by_key()
    }

    async fn call(&self, arguments: Value, context: ToolContext) -> Result<String, ToolError> {
        let unknown = || ToolError::Arguments("`what` is none of the listed".to_owned());
        let topic = topic(&arguments).ok_or_else(unknown)?;
        let Some(user) = &context.user else {
            return Ok(match context.language {
                Language::Ru => "Здесь ничего не запоминается.".to_owned(),
                Language::En => "Nothing is remembered here.".to_owned(),
            });
        };
        self.forget(user, topic).await?;
        Ok(done(topic, context.language))
    }

    fn action(&self, arguments: &Value, language: Language) -> Option<String> {
        let (_, _, ru, en) = topic(arguments)?;
        Some(match language {
            Language::Ru => format!("точно забыть навсегда {ru}"),
            Language::En => format!("forget {en} for good"),
        })
    }
}

fn topic(arguments: &Value) -> Option<Topic> {
    match arguments.get("what") {
        None | Some(Value::Null) => TOPICS.first(),
        Some(what) => TOPICS.iter().find(|topic| what.as_str() == Some(topic.0)),
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
        memory::{Exchange, FileMemory, MemoryError},
        testing::tool_conformance,
        tools::{ToolCall, ToolOutcome, ToolRegistry},
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

    /// A memory that cannot be reached.
    struct Away;

    #[async_trait]
    impl Memory for Away {
        async fn recall(
            &self,
            _: &UserId,
            _: &str,
            _: usize,
        ) -> Result<Vec<Recollection>, MemoryError> {
            Err(MemoryError::Unavailable)
        }

        async fn remember(&self, _: &UserId, _: &Exchange) -> Result<(), MemoryError> {
            Err(MemoryError::Unavailable)
        }

        async fn forget_kind(&self, _: &UserId, _: &str) -> Result<(), MemoryError> {
            Err(MemoryError::Unavailable)
        }

        async fn forget(&self, _: &UserId) -> Result<(), MemoryError> {
            Err(MemoryError::Unavailable)
        }
    }

    #[tokio::test]
    async fn a_memory_that_is_away_is_not_told_as_an_empty_one() {
        let away: Arc<dyn Memory> = Arc::new(Away);
        let told = RecallTool::new(away.clone());
        let told = told.call(json!({}), context(Language::Ru)).await;
        assert_eq!(told, Err(ToolError::Unreachable));
        let forgotten = ForgetTool::new(away);
        let forgotten = forgotten.call(json!({}), context(Language::Ru)).await;
        assert_eq!(forgotten, Err(ToolError::Unreachable));
    }

    #[tokio::test]
    async fn what_is_asked_about_is_forgotten() {
        let (_folder, memory) = memory(&["меня зовут Алекс", "я живу в Казани"]).await;
        let mut registry = ToolRegistry::new();
        let tool = Arc::new(ForgetTool::new(memory.clone()));
        registry.add(tool).unwrap();
        for (arguments, question, told, left) in [
            (
                r#"{"what":"city"}"#,
                "Точно забыть навсегда город?",
                "Готово, город я больше не помню.",
                1,
            ),
            (
                "{}",
                "Точно забыть навсегда всё, что я помню?",
                "Готово. Больше я ничего не помню.",
                0,
            ),
        ] {
            let call = ToolCall {
                id: "1".into(),
                name: "forget_me".into(),
                arguments: arguments.into(),
            };
            let treatment = registry.treatment(&call, Language::Ru, Some(&alex()));
            assert!(treatment.confirm, "{arguments}");
            let asked = treatment.question("forget_me", false, Language::Ru);
            assert_eq!(asked, question);
            let outcome = registry.run(&call, context(Language::Ru), true).await;
            assert_eq!(outcome, ToolOutcome::Ok(told.into()));
            assert_eq!(memory.known(&alex()).await.unwrap().len(), left);
        }
    }

    #[tokio::test]
    async fn what_is_no_topic_and_whose_nobody_is_are_told() {
        let (_folder, memory) = memory(&["меня зовут Алекс"]).await;
        let tool = ForgetTool::new(memory.clone());
        let moon = json!({ "what": "moon" });
        assert_eq!(tool.action(&moon, Language::Ru), None);
        let wrong = tool.call(moon, context(Language::En)).await;
        assert!(matches!(wrong, Err(ToolError::Arguments(_))));
        let nobody = tool.call(json!({}), ToolContext::default()).await;
        assert_eq!(nobody.as_deref(), Ok("Здесь ничего не запоминается."));
        let asked = tool.action(&json!({}), Language::En).unwrap();
        assert_eq!(asked, "forget everything I remember for good");
        assert_eq!(memory.known(&alex()).await.unwrap().len(), 1);
    }
}
