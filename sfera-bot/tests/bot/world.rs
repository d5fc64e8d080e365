//! A bot in this process, with a double of Telegram and a state of its own.

use crate::double::{BotApi, TOKEN};
use sfera_agent::{
    Language,
    assembly::Parts,
    chat::Chat,
    session::Providers,
    testing::{ScriptedLlm, ScriptedStt, ScriptedTts, ScriptedVad},
    worker::LoadMeter,
};
use sfera_bot::{
    app::App,
    config::Settings,
    state::Store,
    text::Text,
    voice::{Loading, Voice},
};
use sqlx::{AnyConnection, Connection};
use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Duration};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

/// Somebody who writes.
pub const ALEX: i64 = 7001;

pub struct World {
    pub telegram: BotApi,
    pub web: SocketAddr,
    pub folder: TempDir,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl World {
    pub async fn new() -> Self {
        Self::with(&[], &ScriptedLlm::saying("Да.")).await
    }

    /// With more settings, and with somebody who answers.
    pub async fn with(more: &[(&str, &str)], llm: &ScriptedLlm) -> Self {
        Self::calling(more, llm, None).await
    }

    /// The same with somebody who holds calls.
    pub async fn calling(more: &[(&str, &str)], llm: &ScriptedLlm, voice: Option<Loading>) -> Self {
        let telegram = BotApi::start().await;
        let folder = tempfile::tempdir().unwrap();
        let chat = Chat::new(Arc::new(llm.clone()));
        let (web, stop, tasks) = run(&telegram, &folder, chat, voice, more).await;
        Self {
            telegram,
            web,
            folder,
            stop,
            tasks,
        }
    }

    /// Changes the state behind the bot's back.
    pub async fn sql(&self, statement: &'static str) {
        let file = self.folder.path().join("bot.db");
        let url = format!("sqlite:{}", file.display());
        let mut database = AnyConnection::connect(&url).await.unwrap();
        sqlx::query(statement).execute(&mut database).await.unwrap();
        database.close().await.unwrap();
    }

    /// Ends the bot in order.
    pub async fn end(mut self) -> (BotApi, TempDir) {
        self.stop.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            ended.unwrap();
        }
        (self.telegram, self.folder)
    }
}

async fn run(
    telegram: &BotApi,
    folder: &TempDir,
    chat: Chat,
    voice: Option<Loading>,
    more: &[(&str, &str)],
) -> (SocketAddr, CancellationToken, JoinSet<()>) {
    let url = telegram.url();
    let basic = [
        ("TELEGRAM_TOKEN", TOKEN),
        ("TELEGRAM_API_URL", url.as_str()),
    ];
    let values: HashMap<String, String> = basic
        .iter()
        .chain(more)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let web = listener.local_addr().unwrap();
    let app = App {
        settings: Settings::of(&values).unwrap(),
        store: Store::open_file(&folder.path().join("bot.db"))
            .await
            .unwrap(),
        chat,
        listener,
        voice,
    };
    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    let until = stop.clone();
    tasks.spawn(async move { app.run(Text(Language::Ru), until).await.unwrap() });
    (web, stop, tasks)
}

/// Calls by scripted providers: this LLM answers what is typed.
pub fn scripted_voice(llm: &ScriptedLlm) -> Loading {
    let parts = scripted_parts(llm);
    // The machine builds and tests: its load is not what is tested.
    let load = LoadMeter::Own(Arc::new(|| 0.0));
    Box::pin(async move { Ok(Voice::new(parts).measured(load)) })
}

pub fn scripted_parts(llm: &ScriptedLlm) -> Parts {
    let per_char = Duration::from_millis(10);
    Parts {
        providers: Providers {
            vad: Arc::new(ScriptedVad::by_loudness()),
            stt: Arc::new(ScriptedStt::new([])),
            llm: Arc::new(llm.clone()),
            tts: Arc::new(ScriptedTts::new(per_char, Duration::ZERO)),
        },
        memory: None,
        knowledge: None,
        tools: Vec::new(),
    }
}
