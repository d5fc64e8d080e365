use crate::world::{PER_CHAR, World, is_whole, options, providers};
use async_trait::async_trait;
use serde_json::{Value, json};
use sfera_agent::{
    Language,
    knowledge::{Citation, Knowledge, KnowledgeError, Passage, Relevance},
    llm::Message,
    memory::{Exchange, Memory, MemoryError, Recollection, UserId},
    session::{Session, SessionEventKind, SessionOptions},
    testing::{LlmStep, ScriptedLlm, ScriptedTool},
    tools::{MemoryJournal, Tool, ToolContext, ToolError, ToolOutcome, ToolSpec},
    turn::{Event, ReplyEnd},
};
use std::{sync::Arc, sync::Mutex, time::Duration};

#[tokio::test(start_paused = true)]
async fn a_spoken_question_is_answered_aloud() {
    let llm = ScriptedLlm::saying("Здравствуйте, Алекс.");
    let mut world = World::talk(llm.clone(), &[(1_000..1_800, "Привет")]);
    world.until(6_000).await;

    assert_eq!(world.caption(), "Здравствуйте, Алекс.");
    let voice = world.voice();
    assert_eq!(
        voice.len(),
        "Здравствуйте, Алекс.".chars().count() * PER_CHAR
    );
    assert!(is_whole(&voice));
    assert_eq!(llm.requests()[0].last_user_text(), "Привет");
    let ended = world.events().find_map(|event| match event {
        Event::ReplyEnded {
            end, user, heard, ..
        } => Some((*end, user.clone(), heard.clone())),
        _ => None,
    });
    let expected = (
        ReplyEnd::Completed,
        "Привет".into(),
        "Здравствуйте, Алекс.".into(),
    );
    assert_eq!(ended, Some(expected));
}

#[tokio::test(start_paused = true)]
async fn the_answer_begins_soon_after_the_silence_and_its_stages_are_told() {
    let llm = ScriptedLlm::saying("Здравствуйте, Алекс.");
    let mut world = World::talk(llm, &[(1_000..1_800, "Привет")]);
    world.until(6_000).await;
    let metrics = world.seen.iter().find_map(|event| match &event.kind {
        SessionEventKind::Metrics { metrics } => Some(metrics.clone()),
        _ => None,
    });
    let metrics = metrics.expect("an answered turn has metrics");
    // 500 ms of endpointing and up to two frames of the loudspeaker.
    assert!(metrics.first_audio >= Duration::from_millis(500));
    assert!(
        metrics.first_audio <= Duration::from_millis(560),
        "{metrics:?}"
    );
    assert_eq!(
        metrics.llm_first_token,
        Some(Duration::ZERO),
        "speculation had it"
    );
}

#[tokio::test(start_paused = true)]
async fn a_tool_is_called_and_its_result_told() {
    let llm = ScriptedLlm::new([
        vec![LlmStep::Call {
            name: "get_time".into(),
            arguments: "{}".into(),
        }],
        vec![LlmStep::Text("Сейчас полдень, если верить часам.".into())],
    ]);
    let spec = ToolSpec::new("get_time", "Tells the time.")
        .with_parameters(json!({ "type": "object", "properties": {} }));
    let tool = ScriptedTool::new(spec, vec![Ok("12:00".into())]);
    let builder = Session::builder(providers(llm.clone(), &["Который час?"]))
        .options(options())
        .tool(Arc::new(tool.clone()))
        .unwrap();
    let mut world = World::new(builder, &[1_000..1_800]);
    world.until(8_000).await;

    assert_eq!(tool.calls().len(), 1);
    assert_eq!(world.caption(), "Сейчас полдень, если верить часам.");
    let last = &llm.requests()[1];
    let result = last.messages.iter().find_map(|message| match message {
        Message::ToolResult { outcome, .. } => Some(outcome.clone()),
        _ => None,
    });
    assert_eq!(result, Some(ToolOutcome::Ok("12:00".into())));
}

#[tokio::test(start_paused = true)]
async fn a_typed_line_is_answered_like_a_spoken_one() {
    let llm = ScriptedLlm::saying("Понимаю и на письме.");
    let mut world = World::talk(llm, &[]);
    world.control.type_text("Привет").await.unwrap();
    world.until(3_000).await;
    assert_eq!(world.caption(), "Понимаю и на письме.");
}

/// Remembers what it was asked and told; takes its time to recall.
#[derive(Default)]
struct SlowMemory(Mutex<Vec<Exchange>>);

#[async_trait]
impl Memory for SlowMemory {
    async fn recall(
        &self,
        _: &UserId,
        _: &str,
        _: usize,
    ) -> Result<Vec<Recollection>, MemoryError> {
        std::future::pending().await
    }
    async fn remember(&self, _: &UserId, exchange: &Exchange) -> Result<(), MemoryError> {
        self.0.lock().unwrap().push(exchange.clone());
        Ok(())
    }
    async fn forget_kind(&self, _: &UserId, _: &str) -> Result<(), MemoryError> {
        Ok(())
    }
    async fn forget(&self, _: &UserId) -> Result<(), MemoryError> {
        Ok(())
    }
}

/// Finds something after this long, and counts how often it was asked.
#[derive(Default)]
struct Library {
    takes: Duration,
    asked: Mutex<Vec<String>>,
}

#[async_trait]
impl Knowledge for Library {
    async fn search(&self, query: &str, _: usize) -> Result<Vec<Passage>, KnowledgeError> {
        self.asked.lock().unwrap().push(query.to_owned());
        tokio::time::sleep(self.takes).await;
        OnePassage.search(query, 1).await
    }
}

#[tokio::test(start_paused = true)]
async fn looking_things_up_costs_no_time_beside_endpointing() {
    // Found within the budget, found too late, and never found.
    for (takes, found) in [(140, true), (160, false), (60_000, false)] {
        let llm = ScriptedLlm::saying("Вот что об этом сказано.");
        let library = Arc::new(Library {
            takes: Duration::from_millis(takes),
            ..Library::default()
        });
        let builder = Session::builder(providers(llm.clone(), &["дисциплина"]))
            .options(options())
            .knowledge(library.clone());
        let mut world = World::new(builder, &[1_000..1_800]);
        world.until(6_000).await;
        let first_audio = world.seen.iter().find_map(|event| match &event.kind {
            SessionEventKind::Metrics { metrics } => Some(metrics.first_audio),
            _ => None,
        });
        // 500 ms of endpointing and up to two frames of the loudspeaker, as without any knowledge.
        let first_audio = first_audio.expect("an answered turn has metrics");
        assert!(
            first_audio <= Duration::from_millis(560),
            "{takes}: {first_audio:?}"
        );
        let request = &llm.requests()[0];
        assert_eq!(!request.passages.is_empty(), found, "{takes}");
        assert_eq!(request.unread.knowledge, !found, "{takes}");
        assert_eq!(*library.asked.lock().unwrap(), ["дисциплина"]);
        assert_eq!(world.caption(), "Вот что об этом сказано.");
    }
}

struct OnePassage;

#[async_trait]
impl Knowledge for OnePassage {
    async fn search(&self, query: &str, _: usize) -> Result<Vec<Passage>, KnowledgeError> {
        let text = format!("О том, что «{query}».");
        Ok(vec![Passage {
            title: "Книга".into(),
            section: None,
            text,
            score: 1.0,
            relevance: Relevance::Answers,
        }])
    }
}

/// Prices by an exchange.
struct Bourse(ScriptedTool);

#[async_trait]
impl Tool for Bourse {
    fn spec(&self) -> ToolSpec {
        self.0.spec()
    }

    async fn call(&self, arguments: Value, context: ToolContext) -> Result<String, ToolError> {
        self.0.call(arguments, context).await
    }

    fn citation(&self, _: &Value, _: Language) -> Option<Citation> {
        Some(cited("Биржа"))
    }
}

fn cited(title: &str) -> Citation {
    Citation {
        title: title.into(),
        url: None,
    }
}

#[tokio::test(start_paused = true)]
async fn what_an_answer_stands_on_is_told_with_its_reply() {
    let call = LlmStep::Call {
        name: "price".into(),
        arguments: "{}".into(),
    };
    let text = |text: &str| LlmStep::Text(text.into());
    let llm = ScriptedLlm::new([
        vec![LlmStep::Citation(cited("Книга")), text("Так в книге.")],
        vec![call.clone()],
        vec![text("Сто рублей.")],
        vec![call],
        vec![text("Не знаю.")],
    ]);
    let broken = Err(ToolError::Unreachable);
    let tool = ScriptedTool::new(
        ToolSpec::new("price", "Tells the price."),
        vec![Ok("100".into()), broken],
    );
    let builder = Session::builder(providers(llm, &["Раз", "Два", "Три"]))
        .options(options())
        .tool(Arc::new(Bourse(tool)))
        .unwrap();
    let mut world = World::new(builder, &[1_000..1_800, 6_000..6_800, 12_000..12_800]);
    world.until(18_000).await;

    let told = world.seen.iter().filter_map(|event| match &event.kind {
        SessionEventKind::Citation { reply, citation } => Some((*reply, citation.clone())),
        _ => None,
    });
    let replies: Vec<_> = world
        .events()
        .filter_map(|event| match event {
            Event::ReplyEnded { reply, heard, .. } => Some((*reply, heard.to_string())),
            _ => None,
        })
        .collect();
    let named = |reply| {
        let heard = replies.iter().find(|(known, _)| *known == reply);
        heard.map(|(_, heard)| heard.clone()).unwrap_or_default()
    };
    let told: Vec<_> = told
        .map(|(reply, citation)| (named(reply), citation.title))
        .collect();
    let expected = [("Так в книге.", "Книга"), ("Сто рублей.", "Биржа")];
    assert_eq!(
        told,
        expected.map(|(heard, title)| (heard.to_owned(), title.to_owned()))
    );
}

#[tokio::test(start_paused = true)]
async fn knowledge_is_given_in_time_and_slow_memory_is_not_waited_for() {
    let llm = ScriptedLlm::saying("Вот что об этом сказано.");
    let memory = Arc::new(SlowMemory::default());
    let options = SessionOptions {
        user: Some(UserId::new("alex")),
        ..options()
    };
    let builder = Session::builder(providers(llm.clone(), &["дисциплина"]))
        .options(options)
        .memory(memory.clone())
        .knowledge(Arc::new(OnePassage));
    let mut world = World::new(builder, &[1_000..1_800]);
    world.until(6_000).await;

    let request = &llm.requests()[0];
    assert_eq!(request.passages[0].text, "О том, что «дисциплина».");
    assert!(request.recalled.is_empty());
    assert!(request.unread.memory && !request.unread.knowledge);
    assert_eq!(world.caption(), "Вот что об этом сказано.");
    let kept = memory.0.lock().unwrap().clone();
    let origin = kept[0].origin.clone();
    assert_eq!(origin.host.as_deref(), Some("voice"));
    assert!(origin.conversation.is_some());
    let expected = Exchange {
        user: "дисциплина".into(),
        agent: "Вот что об этом сказано.".into(),
        origin,
    };
    assert_eq!(kept, [expected]);
}

/// Orders something, tells how far it is, and never says how it ended.
struct Order;

#[async_trait]
impl Tool for Order {
    fn spec(&self) -> ToolSpec {
        ToolSpec::new("order", "Orders.")
    }

    async fn call(&self, _: Value, context: ToolContext) -> Result<String, ToolError> {
        assert!(!context.idempotency_key.is_empty());
        context.progress.tell("1 из 2");
        std::future::pending().await
    }

    fn action(&self, _: &Value, _: Language) -> Option<String> {
        Some("заказать пиццу".into())
    }
}

#[tokio::test(start_paused = true)]
async fn what_one_conversation_left_in_doubt_the_next_one_tells() {
    let journal = Arc::new(MemoryJournal::new());
    let session = |llm: ScriptedLlm| {
        let options = SessionOptions {
            user: Some(UserId::new("alex")),
            ..options()
        };
        Session::builder(providers(llm, &["Закажи"]))
            .options(options)
            .journal(journal.clone())
            .tool(Arc::new(Order))
            .unwrap()
    };
    let order = LlmStep::Call {
        name: "order".into(),
        arguments: "{}".into(),
    };
    let mut first = World::new(session(ScriptedLlm::new([vec![order]])), &[1_000..1_800]);
    first.until(5_000).await;
    let progress = first.seen.iter().find_map(|event| match &event.kind {
        SessionEventKind::ToolProgress { progress, .. } => Some(progress.clone()),
        _ => None,
    });
    assert_eq!(progress.as_deref(), Some("1 из 2"));
    assert!(
        first.caption().starts_with("Секунду, смотрю."),
        "{}",
        first.caption()
    );
    first.control.close(false).await.unwrap();
    first.until(6_000).await;

    let mut second = World::new(session(ScriptedLlm::saying("Да.")), &[]);
    second.until(8_000).await;
    let told =
        "В прошлый раз осталось неизвестным, чем кончилось: заказать пиццу. Это лучше проверить.";
    assert_eq!(second.caption(), told);
}
