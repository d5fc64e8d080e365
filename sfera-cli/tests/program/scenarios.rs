//! The four scenarios that the agent is accepted by, as people meet them: by voice, in a room of a real
//! server, with the real program; only the services of the internet are doubles.

use super::{
    Home,
    hearing::{Listener, loudness, share_of},
    likeness::Voice,
    person::{Answer, LIMIT, Person},
    remembering,
    services::Service,
    worker::{Worker, api, command},
};
use crate::livekit_server::LiveKitServer;
use sfera_agent::models::Models;
use std::path::Path;

/// What the doubles answer; the figures are nobody's guess.
const MOSCOW: &str = r#"{"results":[{"id":524901,"name":"Москва","latitude":55.75222,
    "longitude":37.61556,"elevation":144.0,"feature_code":"PPLC","country_code":"RU",
    "timezone":"Europe/Moscow","population":10381222,"country":"Россия"}],
    "generationtime_ms":0.6}"#;
const SKY: &str = r#"{"latitude":55.75,"longitude":37.625,"generationtime_ms":0.1,
    "utc_offset_seconds":10800,"timezone":"Europe/Moscow","timezone_abbreviation":"GMT+3",
    "current_units":{"time":"iso8601","interval":"seconds","temperature_2m":"°C"},
    "current":{"time":"2026-11-22T14:00","interval":900,"temperature_2m":-41.3,
    "apparent_temperature":-57.1,"weather_code":99,"wind_speed_10m":23.2},
    "daily":{"time":["2026-11-22","2026-11-23"],"weather_code":[99,3],
    "temperature_2m_max":[-40.0,1.2],"temperature_2m_min":[-46.0,-4.6]}}"#;
const BITCOIN: &str = r#"{"bitcoin":{"usd":271833.4,"usd_24h_change":-6.6345}}"#;

/// An article whose words are nobody else's.
const PSYCHOLOGY: &str = "# Записки старого трейдера\n\n## Психология трейдинга\n\nПсихология трейдинга похожа \
    на погоду в горах. Утром на вершине солнце, а вечером все ищут фонарь и тёплые носки.\n";

/// As loud as speech is, in dB of full scale.
const ALOUD: f32 = -35.0;
/// Whisper is no better on festival's voice; other words have hardly any of these.
const ENOUGH: f64 = 0.5;
/// Of a sentence's sound: the codec and a busy machine may spoil a piece of it.
const ALMOST_ALL: f64 = 0.8;
/// How often something is said at most.
const TRIES: usize = 3;

/// Everything that a worker needs, and who listens.
struct Stage {
    home: Home,
    server: LiveKitServer,
    models: Models,
    listener: Listener,
    voice: Voice,
    places: Service,
    sky: Service,
    coins: Service,
}

impl Stage {
    async fn open() -> Self {
        let models = tokio::task::spawn_blocking(remembering::models).await;
        let models = models.unwrap();
        Self {
            home: home_with_knowledge(),
            server: LiveKitServer::start(),
            listener: Listener::load(&models),
            voice: Voice::start().await,
            models,
            places: Service::start(MOSCOW).await,
            sky: Service::start(SKY).await,
            coins: Service::start(BITCOIN).await,
        }
    }

    fn worker(&self) -> Worker {
        let arguments = ["worker", "start", "--max-load", "100"];
        let mut command = command(&self.home, &self.server, &arguments);
        command
            .env("SFERA_MODELS", self.models.dir())
            .env("OPEN_METEO_GEOCODING_URL", self.places.url())
            .env("OPEN_METEO_URL", self.sky.url())
            .env("COINGECKO_URL", self.coins.url());
        Worker::ready(&mut command)
    }

    /// Somebody in a room with the agent, who was greeted.
    async fn call(&self, room: &str) -> Person {
        let mut alex = Person::join(&self.server, room, "alex").await;
        sfera_agent::worker::dispatch(&api(&self.server), "sfera", room, "", LIMIT)
            .await
            .unwrap();
        let greeting = alex.hears_answer().await;
        assert!(greeting.words.contains("Сфера"), "{}", greeting.words);
        alex
    }

    /// Says it and gives the answer, which has these words. Whoever is misunderstood says it again, as
    /// people do: Whisper takes one name for another now and then.
    async fn ask(&self, person: &mut Person, recording: &str, words: &[&str]) -> Answer {
        for _ in 0..TRIES {
            // Nobody is to wait in silence for the sky: it answers only when the agent was heard.
            self.sky.answers(false);
            person.say(recording).await;
            let seconds = person.hears_something().await;
            self.sky.answers(true);
            let answer = person.hears_answer().await;
            let level = loudness(&answer.sound);
            eprintln!(
                "{recording}: {} ({seconds:.1} s after the question, {level:.0} dB)",
                answer.words
            );
            assert!(level > ALOUD);
            if words.iter().all(|words| answer.words.contains(words)) {
                return answer;
            }
        }
        panic!("{recording}: {TRIES} times another answer than {words:?}");
    }

    /// The same, until what is heard is what was shown, with this word in both.
    async fn ask_and_listen(&self, person: &mut Person, recording: &str, word: &str) {
        for _ in 0..TRIES {
            let answer = self.ask(person, recording, &[word]).await;
            let heard = self.listener.words(&answer.sound).await;
            let share = share_of(&answer.words, &heard);
            eprintln!("  {share:.2} of it were heard: {heard}");
            if share >= ENOUGH && heard.contains(word) {
                return;
            }
        }
        panic!("{recording}: {TRIES} times something else was heard than was shown");
    }

    /// The same for an answer too short for Whisper: it is this sentence as the agent's voice says it,
    /// and not the sentence with another word in this one's place. Once more where a busy machine spoilt it.
    async fn ask_and_compare(&self, person: &mut Person, recording: &str, word: &str, other: &str) {
        for _ in 0..TRIES {
            let answer = self.ask(person, recording, &[word]).await;
            let other = answer.words.replace(word, other);
            let share = self.voice.share_in(&answer.sound, &answer.words).await;
            let share_of_other = self.voice.share_in(&answer.sound, &other).await;
            eprintln!("  {share:.2} of it were heard, {share_of_other:.2} of: {other}");
            assert!(share_of_other < ALMOST_ALL, "{recording}: {other} is heard");
            if share >= ALMOST_ALL {
                return;
            }
        }
        panic!("{recording}: {TRIES} times something else was heard than was shown");
    }
}

/// A home with a knowledge base of three files.
fn home_with_knowledge() -> Home {
    let home = Home::new();
    home.write("library/psychology.md", PSYCHOLOGY);
    let articles = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/knowledge");
    for file in ["05-risk.md", "07-tilt.md"] {
        let article = std::fs::read(articles.join(file)).unwrap();
        home.write(&format!("library/{file}"), article);
    }
    for arguments in [&["kb", "setup"][..], &["kb", "ingest", "library"]] {
        let ran = home.run(arguments);
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
    home
}

/// Asks a worker to end, and waits for it.
async fn end(worker: Worker) {
    worker.signal("-TERM");
    let (code, _) = worker.ends(LIMIT).await;
    assert_eq!(code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn greeting_knowledge_memory_and_tools_pass_by_voice() {
    let stage = Stage::open().await;
    let worker = stage.worker();
    let mut alex = stage.call("first").await;

    stage.ask_and_listen(&mut alex, "hello", "помочь").await;

    let told = stage.ask(&mut alex, "trading", &["тёплые носки"]).await;
    let titles: Vec<_> = told.sources.iter().map(|source| &source.title).collect();
    assert_eq!(titles, ["Записки старого трейдера"]);

    stage.ask(&mut alex, "name", &["Алекс"]).await;
    alex.leave().await;
    end(worker).await;

    let _successor = stage.worker();
    let mut alex = stage.call("second").await;
    stage
        .ask_and_compare(&mut alex, "whoami", "Алекс", "Борис")
        .await;

    let weather = ["минус 41 градус", "ветер 23 метра"];
    stage.ask(&mut alex, "weather", &weather).await;
    let moscow = "name=%D0%9C%D0%BE%D1%81%D0%BA%D0%B2%D0%B0&";
    assert!(stage.places.was_asked(moscow));
    assert!(stage.sky.was_asked("latitude=55.75222&"));

    stage.ask(&mut alex, "bitcoin", &["271833 доллара"]).await;
    assert!(stage.coins.was_asked("ids=bitcoin&"));
    alex.leave().await;
}
