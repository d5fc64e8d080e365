//! A bot in this process, with a double of Telegram and a state of its own.

use crate::double::{BotApi, TOKEN};
use sfera_agent::{Language, chat::Chat, testing::ScriptedLlm};
use sfera_bot::{
    app::App, clock::Clock, config::Settings, errands::Sources, state::Store, text::Text,
};
use std::{collections::HashMap, net::SocketAddr, sync::Arc};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

/// Somebody who writes.
pub const ALEX: i64 = 7001;

/// What a bot learns from elsewhere.
#[derive(Default)]
pub struct Outside {
    pub sources: Sources,
    pub clock: Clock,
}

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
        Self::around(more, llm, Outside::default()).await
    }

    /// With a clock and sources of its own.
    pub async fn around(more: &[(&str, &str)], llm: &ScriptedLlm, outside: Outside) -> Self {
        let (telegram, folder) = (BotApi::start().await, tempfile::tempdir().unwrap());
        Self::again((telegram, folder), more, llm, outside).await
    }

    /// In a place where a bot was before.
    pub async fn again(
        (telegram, folder): (BotApi, TempDir),
        more: &[(&str, &str)],
        llm: &ScriptedLlm,
        outside: Outside,
    ) -> Self {
        let chat = Chat::new(Arc::new(llm.clone()));
        let (web, stop, tasks) = run(&telegram, &folder, chat, more, outside).await;
        Self {
            telegram,
            web,
            folder,
            stop,
            tasks,
        }
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
    more: &[(&str, &str)],
    outside: Outside,
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
        sources: outside.sources,
        clock: outside.clock,
        listener,
    };
    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    let until = stop.clone();
    tasks.spawn(async move { app.run(Text(Language::Ru), until).await.unwrap() });
    (web, stop, tasks)
}
