//! The program: what runs, in which order it starts, and how it ends.

mod pages;

use crate::{
    answers::Answers,
    broadcasts::Broadcasts,
    clock::{self, Clock},
    config::{Database, Settings, Unusable},
    errands::{Errands, Sources},
    handling::{Handling, House, Rights, Senses},
    mind::{self, Broken},
    receive::{KINDS, Polling, WEBHOOK_PATH, Webhook},
    reminding::Reminding,
    rooms::course::{self, Shelf},
    speech::Speech,
    state::{StateError, Store},
    telegram::Courier,
    text::Text,
    voice,
};
use axum::Router;
use sfera_agent::{Language, chat::Chat};
use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Duration};
use teloxide::{
    ApiError, Bot, RequestError,
    payloads::{SetChatMenuButtonSetters as _, SetMyCommandsSetters as _, SetWebhookSetters as _},
    requests::{Request as _, Requester as _},
    types::{BotCommand, BotCommandScope, ChatId, MenuButton, Recipient, WebAppInfo},
};
use tokio::{net::TcpListener, sync::Notify, task::JoinSet, time::sleep};
use tokio_util::sync::CancellationToken;

/// How long handled updates and sent letters are kept, to know them again.
const KEPT: i64 = 7 * 24 * 3_600 * 1_000;
/// How long the words of a sent letter are kept.
const SPOKEN: i64 = 3_600 * 1_000;
/// How often they are cleared away.
const CLEARING: Duration = Duration::from_secs(3_600);
/// Between attempts to reach Telegram at the start.
const PAUSE: Duration = Duration::from_secs(5);
/// How long the parts may take to end.
const FAREWELL: Duration = Duration::from_secs(20);

/// Why the program stopped.
#[derive(Debug)]
pub enum Stopped {
    /// A setting cannot be used.
    Setting(Unusable),
    /// The state cannot be.
    State(StateError),
    /// Who answers cannot be set up.
    Mind(Broken),
    /// Telegram does not know the token.
    Token,
    /// The web server cannot listen there.
    Listen(SocketAddr),
    /// Figures cannot be served there.
    Metrics(SocketAddr),
}

impl Stopped {
    /// In words.
    #[must_use]
    pub fn said(&self, text: Text) -> String {
        match self {
            Self::Setting(unusable) => text.unusable(*unusable),
            Self::State(error) => text.state_problem(*error).to_owned(),
            Self::Mind(Broken(part)) => text.cannot_start(part),
            Self::Token => text.token_refused().to_owned(),
            Self::Listen(address) => text.cannot_listen(*address, "SFERA_BOT_LISTEN"),
            Self::Metrics(address) => text.cannot_listen(*address, "SFERA_METRICS_LISTEN"),
        }
    }

    /// The program's exit code: 2 where settings are to be changed, 4 otherwise.
    #[must_use]
    pub const fn code(&self) -> u8 {
        match self {
            Self::Setting(_) | Self::Token | Self::Listen(_) | Self::Metrics(_) => 2,
            Self::State(_) | Self::Mind(_) => 4,
        }
    }
}

impl From<StateError> for Stopped {
    fn from(error: StateError) -> Self {
        Self::State(error)
    }
}

/// Everything the bot consists of, before it starts.
pub struct App {
    /// The settings.
    pub settings: Settings,
    /// The state.
    pub store: Store,
    /// Who answers in chat.
    pub chat: Chat,
    /// Who understands voice messages and who speaks.
    pub speech: Speech,
    /// Where prices, weather and times are looked up.
    pub sources: Sources,
    /// What time it is.
    pub clock: Clock,
    /// Where the web server listens.
    pub listener: TcpListener,
    /// What holds voice calls in this process, if anything does; it needs LiveKit.
    pub voice: Option<voice::Loading>,
}

/// Runs until a signal, or until something is wrong that does not pass.
///
/// # Errors
/// [`Stopped`].
pub async fn run(values: &HashMap<String, String>, text: Text) -> Result<(), Stopped> {
    let settings = Settings::of(values).map_err(Stopped::Setting)?;
    let store = match &settings.database {
        Database::Address(url) => Store::open(url.expose()).await?,
        Database::File(path) => Store::open_file(path).await?,
    };
    let listener = TcpListener::bind(settings.listen).await;
    let chat = mind::chat(values).await.map_err(Stopped::Mind)?;
    let speech = Speech::load(values.get("SFERA_MODELS").map(Into::into)).await;
    let voice = || -> voice::Loading {
        let (memory, speech) = (chat.memory().cloned(), speech.clone());
        let max_load = settings.voice.max_load;
        let loading = voice::load(values.clone(), settings.language, memory, speech);
        Box::pin(async move { Ok(loading.await?.up_to(max_load)) })
    };
    let app = App {
        voice: settings.voice.in_process.then(voice),
        chat,
        speech,
        listener: listener.map_err(|_| Stopped::Listen(settings.listen))?,
        sources: Sources::default(),
        clock: Clock::default(),
        settings,
        store,
    };
    let stop = CancellationToken::new();
    // Aborted with this function: nobody waits for signals then.
    let mut watching = JoinSet::new();
    watching.spawn(signals(stop.clone(), text));
    app.run(text, stop).await
}

impl App {
    /// Runs until told to stop.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn run(self, text: Text, stop: CancellationToken) -> Result<(), Stopped> {
        let introduced = stop.run_until_cancelled(introduce(&self.settings, text));
        let Some(introduced) = introduced.await else {
            return Ok(());
        };
        let (bot, username) = introduced?;
        let address = self.listener.local_addr().unwrap_or(self.settings.listen);
        let house = Arc::new(House {
            rights: Rights::new(bot.clone(), &self.settings),
            shelf: Shelf::new(self.settings.course.clone()),
            clock: self.clock,
            errands: Arc::new(Notify::new()),
            reminders: Arc::new(Notify::new()),
            settings: self.settings,
            username,
            senses: Senses {
                hears: self.speech.ears.is_some(),
                sees: self.chat.sees_images(),
                converses: self.chat.name() != mind::ASSISTANT,
            },
            outgoing: Arc::new(Notify::new()),
            answers: Arc::new(Notify::new()),
            broadcasts: Arc::new(Notify::new()),
        });
        let (store, inbox) = (self.store, Arc::new(Notify::new()));
        let mut tasks = JoinSet::new();
        let routes = receive(&bot, &store, &house, &inbox, &mut tasks, &stop);
        let routes = pages::serve(&store, &house, &self.chat, routes, text, &mut tasks, &stop);
        tasks.spawn(serve(self.listener, routes, stop.clone()));
        pages::begin_voice(self.voice, &store, &house, &mut tasks, &stop);
        pages::begin_metrics(&store, &house, &mut tasks, &stop).await?;
        tasks.spawn(Handling::new(store.clone(), house.clone(), inbox, stop.clone()).run());
        let (own, chat, speech) = (bot.clone(), self.chat, self.speech);
        let answers = Answers::new(
            own,
            store.clone(),
            chat,
            speech,
            house.clone(),
            stop.clone(),
        );
        tasks.spawn(answers.run());
        let broadcasts = Broadcasts::new(store.clone(), house.clone(), stop.clone());
        tasks.spawn(broadcasts.run());
        course::report(&store, &house).await?;
        let errands = Errands::new(store.clone(), self.sources, house.clone(), stop.clone());
        tasks.spawn(errands.run());
        tasks.spawn(Reminding::new(store.clone(), house.clone(), stop.clone()).run());
        let language = house.settings.language;
        let outgoing = house.outgoing.clone();
        tasks.spawn(Courier::new(bot, store.clone(), outgoing, stop.clone(), language).run());
        tasks.spawn(clear_away(store.clone(), stop.clone()));
        eprintln!(
            "{}",
            text.ready(&house.username, address, house.settings.has_webhook())
        );

        stop.cancelled().await;
        let ended = async { while tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(FAREWELL, ended).await.is_err() {
            tracing::warn!("some parts did not end in time");
        }
        store.close().await;
        Ok(())
    }
}

/// The first signal ends everything in order, the second at once.
async fn signals(stop: CancellationToken, text: Text) {
    signal().await;
    eprintln!("{}", text.ending());
    stop.cancel();
    signal().await;
    std::process::exit(130)
}

async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        // Ctrl+C is left.
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

/// Asks Telegram who the bot is, and tells it what the bot offers.
async fn introduce(settings: &Settings, text: Text) -> Result<(Bot, String), Stopped> {
    let bot = Bot::new(settings.token.expose());
    let bot = match &settings.api {
        Some(url) => bot.set_api_url(url.clone()),
        None => bot,
    };
    let me = loop {
        match bot.get_me().send().await {
            Ok(me) => break me,
            Err(RequestError::Api(ApiError::InvalidToken)) => return Err(Stopped::Token),
            Err(_) => {
                eprintln!("{}", text.telegram_unreachable());
                sleep(PAUSE).await;
            }
        }
    };
    if offer(&bot, settings).await.is_err() {
        tracing::warn!("Telegram did not take the list of commands");
    }
    Ok((bot, me.username().to_owned()))
}

async fn offer(bot: &Bot, settings: &Settings) -> Result<(), RequestError> {
    let commands = |language: Language| {
        let commands = Text(language).commands().iter();
        commands.map(|(name, what)| BotCommand::new(*name, *what))
    };
    bot.set_my_commands(commands(settings.language))
        .send()
        .await?;
    for language in Language::ALL {
        let request = bot.set_my_commands(commands(language));
        request.language_code(language.code()).send().await?;
    }
    offer_to_admins(bot, settings).await;
    let button = match &settings.public {
        Some(url) => MenuButton::WebApp {
            text: "Sfera AI".to_owned(),
            web_app: WebAppInfo { url: url.clone() },
        },
        None => MenuButton::Commands,
    };
    bot.set_chat_menu_button()
        .menu_button(button)
        .send()
        .await?;
    Ok(())
}

/// Administrators have more commands. Telegram takes none for whoever never wrote to the bot.
async fn offer_to_admins(bot: &Bot, settings: &Settings) {
    let text = Text(settings.language);
    for chat in settings.admin.into_iter().chain(settings.admins.clone()) {
        let usual = text.commands().iter().filter(|_| chat > 0);
        let commands = usual.chain(text.admin_commands());
        let commands = commands.map(|(name, what)| BotCommand::new(*name, *what));
        let chat_id = Recipient::Id(ChatId(chat));
        let request = bot.set_my_commands(commands);
        let asked = request
            .scope(BotCommandScope::Chat { chat_id })
            .send()
            .await;
        if asked.is_err() {
            tracing::debug!(chat, "no commands for an administrator");
        }
    }
}

/// By webhook where there is an address and a secret for it, by polling otherwise.
fn receive(
    bot: &Bot,
    store: &Store,
    house: &House,
    news: &Arc<Notify>,
    tasks: &mut JoinSet<()>,
    stop: &CancellationToken,
) -> Router {
    if let (Some(public), Some(secret)) = (&house.settings.public, &house.settings.webhook_secret)
        && let Ok(url) = public.join(WEBHOOK_PATH)
    {
        let webhook = Webhook {
            store: store.clone(),
            news: news.clone(),
            secret: secret.clone(),
        };
        tasks.spawn(announce(
            bot.clone(),
            url,
            secret.expose().to_owned(),
            stop.clone(),
        ));
        return webhook.router();
    }
    let polling = Polling {
        bot: bot.clone(),
        store: store.clone(),
        news: news.clone(),
    };
    let (bot, stop) = (bot.clone(), stop.clone());
    tasks.spawn(async move {
        // Telegram answers no polls while it knows a webhook.
        if bot.delete_webhook().send().await.is_err() {
            tracing::warn!("an old webhook could not be taken back");
        }
        polling.run(stop).await;
    });
    Router::new()
}

/// Tells Telegram where updates are taken, until it hears.
async fn announce(bot: Bot, url: reqwest::Url, secret: String, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let request = bot.set_webhook(url.clone()).secret_token(secret.clone());
        match request.allowed_updates(KINDS).send().await {
            Ok(_) => return,
            Err(_) => {
                tracing::warn!("Telegram did not take the webhook: trying again");
                stop.run_until_cancelled(sleep(PAUSE)).await;
            }
        }
    }
}

async fn serve(listener: TcpListener, routes: Router, stop: CancellationToken) {
    let routes = routes.into_make_service_with_connect_info::<SocketAddr>();
    let ended = axum::serve(listener, routes)
        .with_graceful_shutdown(stop.cancelled_owned())
        .await;
    if let Err(error) = ended {
        tracing::error!(%error, "the web server broke");
    }
}

async fn clear_away(store: Store, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let before = clock::now() - KEPT;
        let cleared = async {
            store.forget_words(clock::now() - SPOKEN).await?;
            store.forget_handled(before).await?;
            store.forget_sent(before).await?;
            store.forget_files(before).await
        };
        if let Err(error) = cleared.await {
            tracing::warn!(%error, "old updates could not be cleared away");
        }
        stop.run_until_cancelled(sleep(CLEARING)).await;
    }
}
