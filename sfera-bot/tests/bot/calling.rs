//! Voice calls: from the page's token to a conversation in a room of a real LiveKit server.

use crate::{
    livekit_server::{KEY, LiveKitServer, SECRET},
    page::{Page, init_data},
    world::{ALEX, Around, World, scripted_parts, scripted_voice},
};
use livekit_api::access_token::{Claims, TokenVerifier};
use reqwest::StatusCode;
use serde_json::{Value, json};
use sfera_agent::{
    io::room::{Address, Caller, CallerEvent, CallerInfo, CallerOptions, RoomOptions},
    session::SessionOptions,
    testing::ScriptedLlm,
    worker::{
        Conversation, Job, JobFailed, LoadMeter, RoomJobs, Secret, Server, Worker, WorkerOptions,
    },
};
use sfera_bot::{state::Store, voice::Loader};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::broadcast,
    time::{Instant, interval, timeout},
};

/// What a loaded machine needs at most.
const LIMIT: Duration = Duration::from_secs(40);
/// How often a page asks.
const ASKING: Duration = Duration::from_millis(200);

async fn world(server: &LiveKitServer, voice: Option<Loader>, more: &[(&str, &str)]) -> World {
    let around = Around {
        voice,
        ..Around::default()
    };
    world_of(server, around, more).await
}

/// A bot with this LiveKit server.
pub async fn world_of(server: &LiveKitServer, around: Around, more: &[(&str, &str)]) -> World {
    let url = server.url();
    let mut settings = vec![
        ("LIVEKIT_URL", url.as_str()),
        ("LIVEKIT_API_KEY", KEY),
        ("LIVEKIT_API_SECRET", SECRET),
    ];
    settings.extend(more);
    World::of(&settings, around).await
}

fn claims(said: &Value) -> Claims {
    let token = said["participant_token"].as_str().unwrap();
    TokenVerifier::with_api_key(KEY, SECRET)
        .verify(token)
        .unwrap()
}

fn room(said: &Value) -> String {
    claims(said).video.room
}

/// Somebody in a room.
pub struct Person {
    pub caller: Caller,
    events: broadcast::Receiver<CallerEvent>,
}

impl Person {
    /// Joins with what the page got.
    pub async fn join(said: &Value) -> Self {
        let text = |name: &str| said[name].as_str().unwrap().to_owned();
        let address = Address::new(text("server_url"), text("participant_token"));
        let joined = timeout(LIMIT, Caller::join(&address, CallerOptions::default())).await;
        let mut caller = joined.expect("in time").expect("joined");
        let events = caller.events();
        Self { caller, events }
    }

    pub async fn until(&mut self, what: &str, wanted: impl Fn(&CallerEvent) -> bool) {
        let search =
            async { while !wanted(&self.events.recv().await.expect("the call goes on")) {} };
        timeout(LIMIT, search)
            .await
            .unwrap_or_else(|_| panic!("{what} did not come"));
    }

    /// Waits until the agent has said these words to their end.
    pub async fn hears(&mut self, words: &str) {
        self.until(words, |event| {
            matches!(event, CallerEvent::Caption(caption)
                if caption.is_final && caption.text.contains(words))
        })
        .await;
    }
}

/// Asks until the answer is the wanted one.
pub async fn until(page: &Page, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let mut ticks = interval(ASKING);
    let asking = async {
        loop {
            ticks.tick().await;
            let (_, said) = page.get(path).await;
            if wanted(&said) {
                return said;
            }
        }
    };
    timeout(LIMIT, asking)
        .await
        .unwrap_or_else(|_| panic!("{path} never says so"))
}

pub async fn until_call(page: &Page, state: &str) -> Value {
    until(page, "/api/sfera/call", |said| said["state"] == state).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tap_leads_to_a_conversation_that_is_in_the_history() {
    let server = LiveKitServer::start();
    let voice = scripted_voice(&ScriptedLlm::saying("Я Сфера."));
    let world = world(&server, Some(voice), &[]).await;
    let page = Page::of(&world, ALEX);
    assert_eq!(page.get("/api/sfera/call").await.1["state"], "none");
    let (status, said) = page.post("/api/sfera/token", "").await;
    assert_eq!(status, StatusCode::CREATED, "{said}");
    let mut alex = Person::join(&said).await;
    alex.hears("Слушаю тебя.").await;
    until_call(&page, "talking").await;
    alex.caller.type_text("Кто ты?").await.unwrap();
    alex.hears("Я Сфера.").await;
    let kept = |said: &Value| said["conversations"][0]["lines"][0].is_object();
    let session = until(&page, "/api/sfera/session", kept).await;
    let conversation = &session["conversations"][0];
    assert_eq!(conversation["place"], "voice");
    assert_eq!(conversation["lines"][0]["question"], "Кто ты?");
    assert_eq!(conversation["lines"][0]["answer"], "Я Сфера.");

    let (_, again) = page.post("/api/sfera/token", "").await;
    assert_eq!(room(&again), room(&said), "the living room");
    let mut second = Person::join(&again).await;
    alex.until("an end", |event| matches!(event, CallerEvent::Ended(_)))
        .await;
    second.caller.type_text("А теперь?").await.unwrap();
    second.hears("Я Сфера.").await;

    assert_eq!(
        page.delete("/api/sfera/session").await,
        StatusCode::NO_CONTENT
    );
    // What was just being written down when all was deleted is deleted a moment later.
    let empty = |said: &Value| said["conversations"] == json!([]);
    until(&page, "/api/sfera/session", empty).await;
    second.caller.leave().await;
    world.end().await;
}

/// As `sfera worker` elsewhere would.
pub async fn another_worker(server: &LiveKitServer) -> Worker {
    let parts = scripted_parts(&ScriptedLlm::saying("Да."));
    let begin = move |_: &Job, _: &CallerInfo| -> Result<Conversation, JobFailed> {
        let session = parts.session(SessionOptions::default());
        Ok(Conversation {
            session: session.map_err(|error| JobFailed(error.to_string()))?,
            greeting: Some("Наконец-то.".to_owned()),
        })
    };
    let livekit = Server {
        url: server.url(),
        key: KEY.to_owned(),
        secret: Secret::new(SECRET),
    };
    let options = WorkerOptions {
        agent_name: "sfera".to_owned(),
        load: LoadMeter::Own(Arc::new(|| 0.0)),
        ..WorkerOptions::default()
    };
    let jobs = RoomJobs::new(livekit.clone(), RoomOptions::default(), begin);
    Worker::start(livekit, options, jobs)
        .await
        .expect("a worker")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_hears_within_five_seconds_that_no_agent_came_and_asks_for_another() {
    let server = LiveKitServer::start();
    let world = world(&server, None, &[]).await;
    let page = Page::of(&world, ALEX);
    let (_, said) = page.post("/api/sfera/token", "").await;
    let mut alex = Person::join(&said).await;
    let joined = Instant::now();
    let told = until_call(&page, "no_agent").await;
    let waited = joined.elapsed();
    assert!(waited < Duration::from_secs(5), "{waited:?}");
    assert!(
        told["message"].as_str().unwrap().contains("не подошёл"),
        "{told}"
    );

    let worker = another_worker(&server).await;
    let (_, again) = page.post("/api/sfera/token", "").await;
    assert_eq!(
        room(&again),
        room(&said),
        "the room lives: its agent comes by a dispatch"
    );
    alex.hears("Наконец-то.").await;
    until_call(&page, "talking").await;
    alex.caller.leave().await;
    worker.control().stop();
    timeout(LIMIT, worker.ended()).await.unwrap().unwrap();
    world.end().await;
}

#[tokio::test]
async fn a_pass_opens_one_room_to_speak_and_hear_and_write_whatever_the_page_sends() {
    let server = LiveKitServer::start();
    let world = world(&server, None, &[]).await;
    let page = Page::of(&world, ALEX);
    let wish = r#"{"identity":"admin","room":"another","ttl":999999}"#;
    let (status, said) = page.post("/api/sfera/token", wish).await;
    assert_eq!(status, StatusCode::CREATED, "{said}");
    assert_eq!(said["server_url"], server.url());
    let claims = claims(&said);
    assert_eq!(claims.sub, format!("tg-{ALEX}"));
    let grants = &claims.video;
    assert!(grants.room.starts_with(&format!("sfera-{ALEX}-")));
    assert!(claims.exp - claims.nbf <= 130, "two minutes");
    assert!(grants.room_join && grants.can_publish() && grants.can_subscribe());
    assert!(grants.can_publish_data() && grants.can_publish_sources == ["microphone"]);
    assert!(!grants.can_update_own_metadata() && !grants.room_admin && !grants.room_list);
    assert!(!grants.room_create && !grants.agent && !grants.hidden && !grants.recorder);
    let kept = claims.room_config.unwrap();
    assert_eq!(
        (
            kept.max_participants,
            kept.empty_timeout,
            kept.departure_timeout
        ),
        (3, 30, 20)
    );
    assert_eq!(
        (kept.agents.len(), kept.agents[0].agent_name.as_str()),
        (1, "sfera")
    );
    assert!(kept.agents[0].metadata.contains("\"language\":\"ru\""));
    let (_, again) = page.post("/api/sfera/token", "").await;
    assert_eq!(room(&again), grants.room, "one room a user");
    let (_, other) = Page::of(&world, ALEX + 1)
        .post("/api/sfera/token", "")
        .await;
    assert_ne!(room(&other), grants.room);
    world.end().await;
}

#[tokio::test]
async fn who_is_not_signed_or_too_old_or_banned_or_too_eager_gets_no_pass() {
    let server = LiveKitServer::start();
    let world = world(&server, None, &[]).await;
    let now = sfera_bot::clock::now() / 1_000;
    let stolen = init_data(ALEX, "ru", now).replace(&ALEX.to_string(), "7777");
    for (shown, code) in [
        (String::new(), "unsigned"),
        (stolen, "unsigned"),
        (init_data(ALEX, "ru", now - 90_000), "expired"),
        (init_data(ALEX, "ru", now + 120), "unsigned"),
    ] {
        let page = Page::showing(&world, shown);
        let (status, said) = page.post("/api/sfera/token", "").await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        assert_eq!(said["error"], code);
        assert!(!said["message"].as_str().unwrap().is_empty());
    }
    let banned = Page::of(&world, 7002);
    assert_eq!(banned.get("/api/sfera/session").await.0, StatusCode::OK);
    world
        .sql("UPDATE users SET banned = 'spam' WHERE id = 7002")
        .await;
    for (status, said) in [
        banned.post("/api/sfera/token", "").await,
        banned.get("/api/sfera/session").await,
    ] {
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert_eq!(said["error"], "banned");
    }
    let eager = Page::showing(&world, init_data(7003, "en", now));
    let mut last = (StatusCode::OK, Value::Null);
    for _ in 0..21 {
        last = eager.post("/api/sfera/token", "").await;
    }
    assert_eq!(last.0, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(last.1["error"], "too_often");
    assert!(last.1["message"].as_str().unwrap().starts_with("Too often"));
    world.end().await;
}

#[tokio::test]
async fn the_minutes_of_a_day_are_limited() {
    let server = LiveKitServer::start();
    let world = world(&server, None, &[("SFERA_VOICE_MINUTES", "1")]).await;
    let page = Page::of(&world, ALEX);
    assert_eq!(
        page.post("/api/sfera/token", "").await.0,
        StatusCode::CREATED
    );
    let store = Store::open_file(&world.folder.path().join("bot.db"))
        .await
        .unwrap();
    let mut work = store.begin(sfera_bot::clock::now()).await.unwrap();
    work.use_voice(ALEX, 60_000).await.unwrap();
    work.commit().await.unwrap();
    store.close().await;
    let (status, said) = page.post("/api/sfera/token", "").await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(said["error"], "minutes_spent");
    let (_, session) = page.get("/api/sfera/session").await;
    assert_eq!(
        (
            &session["voice_seconds_today"],
            &session["voice_seconds_daily"]
        ),
        (&60.into(), &60.into())
    );
    world.end().await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_said_and_so_is_none() {
    let settings = [
        ("LIVEKIT_URL", "ws://127.0.0.1:1"),
        ("LIVEKIT_API_KEY", KEY),
        ("LIVEKIT_API_SECRET", SECRET),
    ];
    let world = World::with(&settings, &ScriptedLlm::saying("Да.")).await;
    let page = Page::of(&world, ALEX);
    assert_eq!(
        page.post("/api/sfera/token", "").await.0,
        StatusCode::CREATED,
        "a new room"
    );
    let (status, said) = page.post("/api/sfera/token", "").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "does it live?");
    assert_eq!(said["error"], "livekit_unreachable");
    world.end().await;
    let world = World::new().await;
    let (status, said) = Page::of(&world, ALEX).post("/api/sfera/token", "").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(said["error"], "no_livekit");
    assert!(said["message"].as_str().unwrap().contains("LIVEKIT_URL"));
    world.end().await;
}

#[tokio::test]
async fn outside_of_telegram_the_page_is_the_developers_and_only_where_that_is_allowed() {
    let (path, id) = ("/api/sfera/developer", ALEX.to_string());
    let closed = World::of(&[], Around::default()).await;
    let (status, said) = Page::showing(&closed, String::new()).get(path).await;
    assert_eq!(
        (status, &said["error"]),
        (StatusCode::FORBIDDEN, &"no_developer".into())
    );

    let world = World::of(&[("SFERA_DEVELOPER", id.as_str())], Around::default()).await;
    let mut page = Page::showing(&world, String::new());
    let (status, said) = page.get(path).await;
    assert_eq!(status, StatusCode::OK);
    page.shown = said["init_data"].as_str().unwrap().to_owned();
    let (status, session) = page.get("/api/sfera/session").await;
    assert_eq!(
        (status, &session["name"]),
        (StatusCode::OK, &"Developer".into())
    );

    for (name, value) in [("X-Forwarded-For", "1.2.3.4"), ("Host", "evil.example")] {
        let asked = page.asks(reqwest::Method::GET, path).header(name, value);
        let answered = asked.send().await.unwrap();
        assert_eq!(answered.status(), StatusCode::FORBIDDEN, "{name}");
    }
}
