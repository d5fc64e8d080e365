//! Calls in the bot's own process whose parts are not there yet, by a clock that the test holds.

use crate::{
    calling::{Person, world_of},
    double::text,
    livekit_server::LiveKitServer,
    page::Page,
    world::{ALEX, Around, World, scripted_voice},
};
use sfera_agent::{
    assembly::AssemblyError, models::ModelError, testing::ScriptedLlm, tts::LocalTtsError,
};
use sfera_bot::{
    clock::{self, Clock},
    voice::Loader,
};
use std::{
    net::TcpListener,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};
use tokio::time::{interval, timeout};

const BOSS: i64 = 1;
/// What a loaded machine needs at most.
const LIMIT: Duration = Duration::from_secs(40);

/// What is missing goes away bit by bit.
fn voice_that_comes() -> Loader {
    let (scripted, attempts) = (
        scripted_voice(&ScriptedLlm::saying("Да.")),
        AtomicUsize::new(0),
    );
    Box::new(move || match attempts.fetch_add(1, Ordering::SeqCst) {
        0 => Box::pin(async {
            Err(AssemblyError::Model(ModelError::Missing(
                "whisper-base".to_owned(),
            )))
        }),
        1 => Box::pin(async { Err(AssemblyError::Voice(LocalTtsError::Program("festival"))) }),
        _ => scripted(),
    })
}

async fn said(address: &str) -> String {
    reqwest::get(address).await.unwrap().text().await.unwrap()
}

async fn until_ready_says(world: &World, words: &str) {
    let address = format!("http://{}/ready", world.web);
    let mut ticks = interval(Duration::from_millis(50));
    let asking = async {
        while said(&address).await != format!("OK\nvoice: {words}") {
            ticks.tick().await;
        }
    };
    let asked = timeout(LIMIT, asking).await;
    asked.unwrap_or_else(|_| panic!("it is never said: {words}"));
}

async fn statistics_say(world: &World, words: &str) {
    let telegram = &world.telegram;
    telegram.taps(BOSS, BOSS, 50, "admin:statistics");
    let page = telegram.until("EditMessageText", |_| true).await;
    assert!(text(&page).contains(words), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_taken_as_soon_as_what_was_missing_is_there() {
    // Somebody else may have done so before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let server = LiveKitServer::start();
    let began = clock::now();
    let (clock, hands) = Clock::standing(began);
    let around = Around {
        clock,
        voice: Some(voice_that_comes()),
        ..Around::default()
    };
    let metrics = TcpListener::bind("127.0.0.1:0").unwrap().local_addr();
    let metrics = metrics.unwrap().to_string();
    let more = [("SFERA_ADMINS", "1"), ("SFERA_METRICS_LISTEN", &metrics)];
    let world = world_of(&server, around, &more).await;
    let figures = format!("http://{metrics}/metrics");

    until_ready_says(&world, "no speech model").await;
    statistics_say(&world, "sfera models pull").await;
    let counted = said(&figures).await;
    let line = "sfera_bot_voice{state=\"no speech model\"} 1";
    assert!(counted.contains(line), "{counted}");

    hands.turn(began + 10_000);
    until_ready_says(&world, "no speech program").await;
    statistics_say(&world, "festival").await;
    hands.turn(began + 29_999);
    statistics_say(&world, "festival").await;

    hands.turn(began + 30_000);
    until_ready_says(&world, "ready").await;
    statistics_say(&world, "Голос: готов").await;
    let counted = said(&figures).await;
    assert!(counted.contains("sfera_bot_voice{state=\"ready\"} 1"));
    assert!(!counted.contains("no speech"), "{counted}");
    let page = Page::of(&world, ALEX);
    let (_, pass) = page.post("/api/sfera/token", "").await;
    let alex = &mut Person::join(&pass).await;
    alex.hears("Слушаю тебя.").await;
    world.end().await;
}

#[tokio::test]
async fn a_bot_whose_calls_are_elsewhere_says_so() {
    let world = World::with(&[("SFERA_ADMINS", "1")], &ScriptedLlm::saying("Да.")).await;
    until_ready_says(&world, "elsewhere").await;
    statistics_say(&world, "не в этой программе").await;
    world.end().await;
}
