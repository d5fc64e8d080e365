//! The program: what runs, in which order it starts, and how it ends.

mod introducing;
mod pages;
mod receiving;
mod stopped;

pub use stopped::Stopped;

use crate::{
    answers::{Answers, Mind},
    broadcasts::Broadcasts,
    calls::Speakers,
    clock::{self, Clock},
    config::{Database, Settings},
    errands::{Errands, Sources},
    forgetting::{ChatMemory, Forgettings},
    handling::{Handling, House, Rights, Senses},
    mind::{self, Broken},
    reminding::Reminding,
    rooms::course::{self, Shelf},
    speech::Speech,
    state::Store,
    telegram::{Courier, Pace},
    text::Text,
    voice,
};
use axum::Router;
use introducing::introduce;
use receiving::receive;
use sfera_agent::{assembly::Hands, chat::Chat};
use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Duration};
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

/// Everything the bot consists of, before it starts.
pub struct App {
    /// The settings.
    pub settings: Settings,
    /// The state.
    pub store: Store,
    /// Who answers in chat.
    pub chat: Chat,
    /// What it can do for one person, beyond its tools.
    pub hands: Hands,
    /// Who understands voice messages and who speaks.
    pub speech: Speech,
    /// Where prices, weather and times are looked up.
    pub sources: Sources,
    /// What time it is.
    pub clock: Clock,
    /// How fast Telegram may be written to.
    pub pace: Pace,
    /// Where the web server listens.
    pub listener: TcpListener,
    /// What holds voice calls in this process, if anything does; it needs LiveKit.
    pub voice: Option<voice::Loader>,
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
    let hands = mind::hands(values).await;
    let speech = Speech::load(values.get("SFERA_MODELS").map(Into::into)).await;
    let loader = || -> voice::Loader {
        let (values, language) = (values.clone(), settings.language);
        let (memory, speech) = (chat.memory().cloned(), speech.clone());
        let (hands, max_load) = (hands.clone(), settings.voice.max_load);
        Box::new(move || {
            let (values, memory, speech) = (values.clone(), memory.clone(), speech.clone());
            let loading = voice::load(values, language, memory, speech);
            let hands = hands.clone();
            Box::pin(async move { Ok(loading.await?.with_hands(hands).up_to(max_load)) })
        })
    };
    let app = App {
        voice: settings.voice.in_process.then(loader),
        chat,
        hands,
        speech,
        listener: listener.map_err(|_| Stopped::Listen(settings.listen))?,
        sources: Sources::at(&mind::services(values)),
        clock: Clock::default(),
        pace: Pace::of_telegram(),
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
            pace: self.pace,
            voice: voice::Status::new(self.store.figures().clone()),
            speakers: Speakers::default(),
            hands: self.hands.clone(),
            forgettings: Forgettings::default(),
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
        let mind = ChatMemory::of(&self.chat, house.clone());
        let (group, memory) = mind.map_err(|_| Stopped::Mind(Broken::Part("tools")))?;
        let mind = Mind {
            private: self.hands.give_chat(group.clone()),
            group,
            memory,
        };
        let answers = Answers::new(
            bot.clone(),
            store.clone(),
            mind,
            self.speech,
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
        let (outgoing, own) = (house.outgoing.clone(), store.clone());
        let pace = (house.pace.clone(), house.clock.clone());
        tasks.spawn(Courier::new(bot, own, pace, outgoing, stop.clone(), language).run());
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
            store.forget_files(before).await?;
            store.empty_log().await
        };
        if let Err(error) = cleared.await {
            tracing::warn!(%error, "old updates could not be cleared away");
        }
        stop.run_until_cancelled(sleep(CLEARING)).await;
    }
}
