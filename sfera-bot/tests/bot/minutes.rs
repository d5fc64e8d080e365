//! A day's minutes of voice run out in the middle of a call, by a clock that the test holds. LiveKit is a
//! real server: who is in a room does not depend on that clock.

use crate::{
    calling::{Person, another_worker, world_of},
    double::text,
    livekit_server::LiveKitServer,
    page::Page,
    world::{ALEX, Around, World, scripted_voice},
};
use reqwest::StatusCode;
use serde_json::Value;
use sfera_agent::{io::room::CallerEvent, testing::ScriptedLlm};
use sfera_bot::clock::{self, Clock, Hands};
use std::time::Duration;
use tokio::time::{interval, timeout};

/// Two minutes a day.
const SETTINGS: [(&str, &str); 1] = [("SFERA_VOICE_MINUTES", "2")];
/// How far the clock is turned at a time: less than what nobody looked at is forgiven.
const STEP: i64 = 2_000;
/// How long the bot has to look into the rooms meanwhile.
const LOOKING: Duration = Duration::from_millis(150);
/// What a loaded machine needs at most.
const LIMIT: Duration = Duration::from_secs(60);

/// A clock that goes as the test wants.
struct Time {
    now: i64,
    hands: Hands,
}

impl Time {
    /// Goes on until the answer at a path is the wanted one.
    async fn until(&mut self, page: &Page, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut beats = interval(LOOKING);
        let passing = async {
            loop {
                beats.tick().await;
                let (_, said) = page.get(path).await;
                if wanted(&said) {
                    return said;
                }
                self.now += STEP;
                self.hands.turn(self.now);
            }
        };
        let passed = timeout(LIMIT, passing).await;
        passed.unwrap_or_else(|_| panic!("{path} never says so"))
    }
}

async fn world(server: &LiveKitServer, around: Around) -> (World, Time) {
    let now = clock::now();
    let (clock, hands) = Clock::standing(now);
    let around = Around { clock, ..around };
    let world = world_of(server, around, &SETTINGS).await;
    (world, Time { now, hands })
}

async fn is_called(page: &Page) -> Person {
    let (status, said) = page.post("/api/sfera/token", "").await;
    assert_eq!(status, StatusCode::CREATED, "{said}");
    Person::join(&said).await
}

async fn ends(person: &mut Person) {
    let ended = |event: &CallerEvent| matches!(event, CallerEvent::Ended(_));
    person.until("an end", ended).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_cut_when_the_minutes_are_spent_and_the_agent_says_so_before() {
    for (person, language, warning, refusal) in [
        (ALEX, "ru", "Осталось меньше минуты", "минуты закончились"),
        (
            7002,
            "en",
            "Less than a minute is left",
            "minutes are used up",
        ),
    ] {
        let server = LiveKitServer::start();
        let voice = Some(scripted_voice(&ScriptedLlm::saying("Да.")));
        let around = Around {
            voice,
            ..Around::default()
        };
        let (world, mut time) = world(&server, around).await;
        let page = Page::speaking(&world, person, language);
        let mut caller = is_called(&page).await;
        let is = |state: &'static str| move |said: &Value| said["state"] == state;
        time.until(&page, "/api/sfera/call", is("talking")).await;
        let used = |said: &Value| said["voice_seconds_today"].as_i64() >= Some(60);
        time.until(&page, "/api/sfera/session", used).await;
        caller.hears(warning).await;
        let (_, said) = page.get("/api/sfera/call").await;
        assert_eq!(said["state"], "talking", "it goes on for a minute");

        let said = time.until(&page, "/api/sfera/call", is("spent")).await;
        assert!(
            said["message"].as_str().unwrap().contains(refusal),
            "{said}"
        );
        ends(&mut caller).await;
        let (_, session) = page.get("/api/sfera/session").await;
        let today = session["voice_seconds_today"].as_i64().unwrap();
        assert!((120..126).contains(&today), "{today} s");
        let (status, said) = page.post("/api/sfera/token", "").await;
        assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(said["error"], "minutes_spent");
        let letters = world.telegram.count("SendMessage", |_| true);
        assert_eq!(letters, 0, "it was said");
        world.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_talks_with_another_program_is_told_by_the_bot() {
    let server = LiveKitServer::start();
    let worker = another_worker(&server).await;
    let (world, mut time) = world(&server, Around::default()).await;
    let page = Page::of(&world, ALEX);
    let mut caller = is_called(&page).await;
    caller.hears("Наконец-то.").await;
    let used = |said: &Value| said["voice_seconds_today"].as_i64() >= Some(60);
    time.until(&page, "/api/sfera/session", used).await;
    let told = world.telegram.says("Осталось меньше минуты").await;
    assert_eq!(told["chat_id"], ALEX);
    let spent = |said: &Value| said["state"] == "spent";
    time.until(&page, "/api/sfera/call", spent).await;
    ends(&mut caller).await;
    let told = |body: &Value| text(body).contains("Осталось");
    assert_eq!(world.telegram.count("SendMessage", told), 1, "once");
    worker.control().stop();
    timeout(LIMIT, worker.ended()).await.unwrap().unwrap();
    world.end().await;
}
