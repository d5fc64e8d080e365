//! A bot in this process, with a double of Telegram and a state of its own.

use crate::double::{BotApi, TOKEN};
use sfera_agent::{
    Language,
    assembly::{Hands, Parts},
    chat::Chat,
    session::Providers,
    testing::{ScriptedLlm, ScriptedStt, ScriptedTts, ScriptedVad},
    worker::LoadMeter,
};
use sfera_bot::{
    app::App,
    clock::Clock,
    config::{Database, Settings},
    errands::Sources,
    speech::Speech,
    state::Store,
    telegram::Pace,
    text::Text,
    voice::{Loader, Voice},
};
use sqlx::{AnyConnection, Connection};
use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Duration};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

/// Somebody who writes.
pub const ALEX: i64 = 7001;

/// With these the Mini App can be opened, though nobody answers there.
pub const MINI_APP: [(&str, &str); 4] = [
    ("WEBHOOK_URL", "https://sfera.example/"),
    ("LIVEKIT_URL", "ws://127.0.0.1:1"),
    ("LIVEKIT_API_KEY", "key"),
    ("LIVEKIT_API_SECRET", "a secret"),
];

/// What a bot has to do with, other than Telegram.
pub struct Around {
    pub chat: Chat,
    pub hands: Hands,
    pub speech: Speech,
    pub sources: Sources,
    pub clock: Clock,
    /// The double of Telegram minds no pace, and tests do not wait for one.
    pub pace: Pace,
    pub voice: Option<Loader>,
}

impl Around {
    /// This LLM answers.
    pub fn llm(llm: &ScriptedLlm) -> Self {
        Self::chat(Chat::new(Arc::new(llm.clone())))
    }

    /// This one does.
    pub fn chat(chat: Chat) -> Self {
        Self {
            chat,
            hands: Hands::default(),
            speech: Speech::default(),
            sources: Sources::default(),
            clock: Clock::default(),
            pace: Pace::none(),
            voice: None,
        }
    }
}

impl Default for Around {
    fn default() -> Self {
        Self::llm(&ScriptedLlm::saying("Да."))
    }
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
        Self::of(more, Around::llm(llm)).await
    }

    /// With all that is around a bot.
    pub async fn of(more: &[(&str, &str)], around: Around) -> Self {
        let left = (BotApi::start().await, tempfile::tempdir().unwrap());
        Self::again(left, more, around).await
    }

    /// Another run over what a former one left.
    pub async fn again(
        (telegram, folder): (BotApi, TempDir),
        more: &[(&str, &str)],
        around: Around,
    ) -> Self {
        let (web, stop, tasks) = run(&telegram, &folder, around, more).await;
        Self {
            telegram,
            web,
            folder,
            stop,
            tasks,
        }
    }

    /// Ends the bot in the middle of whatever it does.
    pub async fn die(mut self) -> (BotApi, TempDir) {
        self.tasks.shutdown().await;
        (self.telegram, self.folder)
    }

    /// Waits until every answer is kept, which is a moment after its last words are seen.
    pub async fn settles(&self) {
        let open = "SELECT COUNT(*) FROM turns WHERE state IN ('waiting', 'answering')";
        loop {
            let mut database = self.database().await;
            let row = sqlx::query_scalar::<_, i64>(open);
            let left = row.fetch_one(&mut database).await.unwrap();
            database.close().await.unwrap();
            if left == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn database(&self) -> AnyConnection {
        let file = self.folder.path().join("bot.db");
        let url = format!("sqlite:{}", file.display());
        AnyConnection::connect(&url).await.unwrap()
    }

    /// Changes the state behind the bot's back.
    pub async fn sql(&self, statement: &'static str) {
        let mut database = self.database().await;
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
    around: Around,
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
    let settings = Settings::of(&values).unwrap();
    let store = match &settings.database {
        Database::Address(url) => Store::open(url.expose()).await,
        Database::File(_) => Store::open_file(&folder.path().join("bot.db")).await,
    };
    let app = App {
        settings,
        store: store.unwrap(),
        chat: around.chat,
        hands: around.hands,
        speech: around.speech,
        sources: around.sources,
        clock: around.clock,
        pace: around.pace,
        listener,
        voice: around.voice,
    };
    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    let until = stop.clone();
    tasks.spawn(async move { app.run(Text(Language::Ru), until).await.unwrap() });
    (web, stop, tasks)
}

/// Calls by scripted providers: this LLM answers what is typed.
pub fn scripted_voice(llm: &ScriptedLlm) -> Loader {
    let llm = llm.clone();
    Box::new(move || {
        let voice = Voice::new(scripted_parts(&llm));
        // The machine builds and tests: its load is not what is tested.
        let load = LoadMeter::Own(Arc::new(|| 0.0));
        Box::pin(async move { Ok(voice.measured(load)) })
    })
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
