//! What programs lend the bot by MCP: to one person, after a yes; not where others read along.

use crate::{
    calling::{Person, world_of},
    double::{message_of, text},
    livekit_server::LiveKitServer,
    mcp_server::script,
    page::Page,
    world::{ALEX, Around, World, scripted_parts},
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use sfera_agent::{
    assembly::Hands,
    llm::{LlmRequest, Message},
    testing::{LlmStep, ScriptedLlm},
    tools::{
        FileJournal, ToolOutcome,
        mcp::{McpConfig, McpServers, McpState},
    },
    worker::LoadMeter,
};
use sfera_bot::voice::{Loader, Voice};
use std::{sync::Arc, time::Duration};
use tempfile::TempDir;

/// It changes something: its server does not call it read-only.
const TOOL: &str = "every_toggle_simulated_logging";
const GROUP: i64 = -500;

async fn hands(folder: &TempDir) -> Hands {
    let servers = json!({"mcpServers": {"every": {"command": "node", "args": [script()]}}});
    let config = McpConfig::parse(&servers.to_string(), |_| None).unwrap();
    let servers = McpServers::start(config);
    servers.settled(Duration::from_secs(30)).await;
    let state = &servers.states()[0].1;
    assert!(matches!(state, McpState::Ready(_)), "{state:?}");
    let journal = FileJournal::open(folder.path()).await.unwrap();
    Hands::new(Arc::new(servers), Arc::new(journal))
}

/// Whether the journal on the disk knows of the call.
fn is_written(folder: &TempDir) -> bool {
    let files = std::fs::read_dir(folder.path()).unwrap();
    let mut files = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
    files.any(|lines| lines.contains(&format!("tg-{ALEX}")))
}

/// Calls the tool first, and is content then.
fn llm() -> ScriptedLlm {
    let call = LlmStep::Call {
        name: TOOL.into(),
        arguments: "{}".into(),
    };
    ScriptedLlm::new([vec![call], vec![LlmStep::Text("Сделано.".into())]])
}

fn offered(request: &LlmRequest) -> bool {
    request.tools.iter().any(|tool| tool.name == TOOL)
}

/// Whether the tool ran.
fn has_run(request: &LlmRequest) -> bool {
    let started = |message: &Message| {
        matches!(message, Message::ToolResult { outcome: ToolOutcome::Ok(text), .. }
            if text.contains("Started"))
    };
    request.messages.iter().any(started)
}

#[tokio::test(flavor = "multi_thread")]
async fn in_chat_it_is_done_after_a_yes_and_in_a_group_it_is_not_there() {
    let (llm, journal) = (llm(), tempfile::tempdir().unwrap());
    let around = Around {
        hands: hands(&journal).await,
        ..Around::llm(&llm)
    };
    let world = World::of(&[], around).await;
    let telegram = &world.telegram;
    telegram.writes(ALEX, "Включи журнал");
    let asks = |body: &Value| text(body).contains("Да или нет?");
    telegram.until("EditMessageText", asks).await;
    assert!(offered(&llm.requests()[0]));
    assert_eq!(llm.requests().len(), 1, "it waits for a yes");
    telegram.writes(ALEX, "Да");
    let done = |body: &Value| text(body) == "Сделано.";
    telegram.until("EditMessageText", done).await;
    assert!(has_run(&llm.requests()[1]), "{:?}", llm.requests()[1]);

    let mention = json!([{"type": "mention", "offset": 0, "length": 10}]);
    let words = json!({"text": "@sfera_bot включи журнал", "entities": mention});
    let message = message_of(GROUP, ALEX, telegram.next_message(), words);
    telegram.happens(json!({ "message": message }));
    let there = |body: &Value| body["chat_id"] == GROUP && text(body) == "Сделано.";
    telegram.until("EditMessageText", there).await;
    assert!(!offered(&llm.requests()[2]), "somebody else might say yes");
    assert!(is_written(&journal));
    let page = Page::of(&world, ALEX);
    let forgotten = page.delete("/api/sfera/session").await;
    assert_eq!(forgotten, StatusCode::NO_CONTENT);
    assert!(!is_written(&journal), "the journal forgets too");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_voice_it_is_done_after_a_yes() {
    let (server, llm) = (LiveKitServer::start(), llm());
    let journal = tempfile::tempdir().unwrap();
    let hands = hands(&journal).await;
    let own = llm.clone();
    let loader: Loader = Box::new(move || {
        let voice = Voice::new(scripted_parts(&own)).with_hands(hands.clone());
        let voice = voice.measured(LoadMeter::Own(Arc::new(|| 0.0)));
        Box::pin(async move { Ok(voice) })
    });
    let around = Around {
        voice: Some(loader),
        ..Around::default()
    };
    let world = world_of(&server, around, &[]).await;
    let page = Page::of(&world, ALEX);
    let (_, said) = page.post("/api/sfera/token", "").await;
    let mut alex = Person::join(&said).await;
    alex.hears("Слушаю тебя.").await;
    alex.caller.type_text("Включи журнал").await.unwrap();
    alex.hears("?").await;
    assert!(offered(&llm.requests()[0]) && llm.requests().len() == 1);
    alex.caller.type_text("Да").await.unwrap();
    alex.hears("Сделано.").await;
    assert!(has_run(&llm.requests()[1]), "{:?}", llm.requests()[1]);
    alex.caller.leave().await;
    world.end().await;
}
