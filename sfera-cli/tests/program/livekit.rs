//! Worker, calls and tokens with a real LiveKit server, as an operator runs them.

use super::{
    Home, Ran,
    worker::{Worker, api, command},
};
use crate::livekit_server::{KEY, LiveKitServer, SECRET};
use livekit_api::services::agent_dispatch::AgentDispatchClient;
use sfera_agent::{
    audio::Level,
    io::{
        WavReader,
        room::{Address, Caller, CallerEvent, CallerOptions},
    },
    models::Models,
    turn::AgentState,
};
use std::{net::TcpListener, path::Path, process::Command, time::Duration};
use tokio::{sync::broadcast, time::timeout};

const LIMIT: Duration = Duration::from_secs(60);
const HELLO: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../examples/conversation/ru/hello.wav"
);

async fn caller(server: &LiveKitServer, room: &str) -> (Caller, broadcast::Receiver<CallerEvent>) {
    let address = Address::new(server.url(), server.token(room, "alex"));
    let mut caller = Caller::join(&address, CallerOptions::default())
        .await
        .unwrap();
    let events = caller.events();
    (caller, events)
}

async fn until(
    events: &mut broadcast::Receiver<CallerEvent>,
    what: &str,
    wanted: impl Fn(&CallerEvent) -> bool,
) {
    let search = async { while !wanted(&events.recv().await.unwrap()) {} };
    timeout(LIMIT, search)
        .await
        .unwrap_or_else(|_| panic!("{what}: never"));
}

async fn is_greeted(
    server: &LiveKitServer,
    room: &str,
    events: &mut broadcast::Receiver<CallerEvent>,
) {
    sfera_agent::worker::dispatch(&api(server), "sfera", room, "", LIMIT)
        .await
        .unwrap();
    until(
        events,
        "the greeting",
        |event| matches!(event, CallerEvent::Caption(caption) if caption.is_final),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_was_killed_is_noticed_and_its_successor_takes_the_call() {
    let (home, server) = (Home::new(), LiveKitServer::start());
    let mut worker = Worker::start(&home, &server);
    let (caller, mut events) = caller(&server, "room").await;
    is_greeted(&server, "room", &mut events).await;
    worker.process.kill().unwrap();
    until(&mut events, "the agent's end", |event| {
        *event == CallerEvent::AgentLeft
    })
    .await;
    let _successor = Worker::start(&home, &server);
    is_greeted(&server, "room", &mut events).await;
    caller.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_asked_to_end_lets_its_conversation_finish() {
    let (home, server) = (Home::new(), LiveKitServer::start());
    let mut worker = Worker::start(&home, &server);
    let (caller, mut events) = caller(&server, "room").await;
    is_greeted(&server, "room", &mut events).await;
    worker.signal("-TERM");
    worker.until("Новых разговоров не беру");
    assert!(worker.process.try_wait().unwrap().is_none(), "it talks on");
    caller.type_text("Ещё вопрос").await.unwrap();
    until(
        &mut events,
        "an answer",
        |event| matches!(event, CallerEvent::Caption(caption) if caption.is_final),
    )
    .await;
    caller.leave().await;
    let (code, mut worker) = worker.ends(LIMIT).await;
    assert_eq!(code, Some(0));
    let log = worker.log();
    let first = log.lines().next().expect("it tells what it does");
    assert!(
        serde_json::from_str::<serde_json::Value>(first).is_ok(),
        "its log is for programs: {first}"
    );
}

/// What an end at once may take: the program gives an orderly farewell several seconds, and a busy machine
/// takes them. A worker that does not end at once goes on for as long as its caller stays.
const AT_ONCE: Duration = Duration::from_secs(20);

fn is_leaving(event: &CallerEvent) -> bool {
    *event == CallerEvent::AgentLeft
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_asked_twice_ends_at_once() {
    let (home, server) = (Home::new(), LiveKitServer::start());
    let mut worker = Worker::start(&home, &server);
    let (caller, mut events) = caller(&server, "room").await;
    is_greeted(&server, "room", &mut events).await;
    // The answer is three seconds of a tone: the agent is at it when it is cut off.
    caller.type_text("Вопрос").await.unwrap();
    until(&mut events, "an answer", is_speaking).await;
    worker.signal("-TERM");
    worker.until("Новых разговоров не беру");
    worker.signal("-TERM");
    let (code, _) = worker.ends(AT_ONCE).await;
    assert_eq!(code, Some(0));
    until(&mut events, "the agent's farewell", is_leaving).await;
    caller.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_developers_worker_is_readable_and_ends_at_the_first_signal() {
    let (home, server) = (Home::new(), LiveKitServer::start());
    let worker = Worker::running(&home, &server, "dev");
    let (caller, mut events) = caller(&server, "room").await;
    is_greeted(&server, "room", &mut events).await;
    worker.signal("-INT");
    let (code, mut worker) = worker.ends(AT_ONCE).await;
    assert_eq!(code, Some(0));
    until(&mut events, "the agent's farewell", is_leaving).await;
    let log = worker.log();
    assert!(
        log.contains("registered") && !log.contains('{'),
        "its log is for people: {log}"
    );
    caller.leave().await;
}

fn is_speaking(event: &CallerEvent) -> bool {
    *event == CallerEvent::AgentState(AgentState::Speaking)
}

/// An agent with its real parts, which `make setup` has put where they belong.
fn agent_in(home: &Home, server: &LiveKitServer, room: &str) -> Worker {
    let mut command = command(home, server, &["room", "join", room]);
    let models = Models::open(None).unwrap();
    command.env("SFERA_MODELS", models.dir());
    Worker::of(command.env("SFERA_LOG", "warn,sfera_agent=debug"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_nobody_called_greets_who_comes_and_finishes_its_sentence() {
    let (home, server) = (Home::new(), LiveKitServer::start());
    let mut agent = agent_in(&home, &server, "room");
    agent.until("Агент в комнате «room»");
    let (caller, mut events) = caller(&server, "room").await;
    until(&mut events, "the greeting", is_speaking).await;
    agent.signal("-INT");
    agent.until("Договариваю и ухожу");
    until(
        &mut events,
        "all of the greeting",
        |event| matches!(event, CallerEvent::Caption(caption) if caption.is_final && caption.text.contains("Слушаю вас")),
    )
    .await;
    let (code, _) = agent.ends(LIMIT).await;
    assert_eq!(code, Some(0));
    until(&mut events, "the agent's farewell", is_leaving).await;
    caller.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_is_asked_twice_to_leave_leaves_at_once() {
    let (home, server) = (Home::new(), LiveKitServer::start());
    let mut agent = agent_in(&home, &server, "room");
    agent.until("Агент в комнате «room»");
    let (caller, mut events) = caller(&server, "room").await;
    until(&mut events, "the greeting", is_speaking).await;
    agent.signal("-INT");
    agent.until("Договариваю и ухожу");
    agent.signal("-INT");
    let (code, _) = agent.ends(AT_ONCE).await;
    assert_eq!(code, Some(0));
    until(&mut events, "the agent's farewell", is_leaving).await;
    caller.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn control_c_is_obeyed_while_a_server_does_not_answer() {
    let home = Home::new();
    for arguments in [
        &["worker", "start", "--bench"][..],
        &["room", "call", "demo", "--wav", HELLO],
    ] {
        // One for each: a second attempt of the first would pass for the second's.
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("ws://{}", silent.local_addr().unwrap());
        let mut command = home.command(arguments);
        command
            .env("LIVEKIT_URL", &url)
            .env("LIVEKIT_API_KEY", KEY)
            .env("LIVEKIT_API_SECRET", SECRET);
        let connecting = Worker::of(&mut command);
        let _asked = silent.accept().unwrap();
        connecting.signal("-INT");
        let (code, mut connecting) = connecting.ends(AT_ONCE).await;
        assert_eq!(code, Some(130), "{arguments:?}");
        assert!(connecting.log().contains("Прервано."), "{arguments:?}");
    }
}

/// The dispatches of a room that somebody asked for.
async fn dispatches(server: &LiveKitServer, room: &str) -> usize {
    let client = AgentDispatchClient::with_api_key(&server.url(), KEY, SECRET);
    let listed = client.list_dispatch(room).await.unwrap_or_default();
    let asked = listed.iter().filter(|one| !one.agent_name.is_empty());
    asked.count()
}

async fn until_dispatched(server: &LiveKitServer, room: &str) {
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    let asked = async {
        while dispatches(server, room).await == 0 {
            ticks.tick().await;
        }
    };
    timeout(LIMIT, asked).await.expect("the agent is asked for");
}

/// A call to an agent that nobody runs.
fn vain_call(home: &Home, server: &LiveKitServer) -> Worker {
    let call = [
        "room",
        "call",
        "demo",
        "--dispatch",
        "nobody",
        "--wav",
        HELLO,
    ];
    Worker::of(&mut command(home, server, &call))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_given_up_takes_its_dispatch_back() {
    let (home, server) = (Home::new(), LiveKitServer::start());
    // Somebody stays in the room, so that it does not end with the call.
    let (other, _events) = caller(&server, "demo").await;
    let call = vain_call(&home, &server);
    until_dispatched(&server, "demo").await;
    call.signal("-INT");
    let (code, _) = call.ends(AT_ONCE).await;
    assert_eq!(code, Some(130));
    assert_eq!(dispatches(&server, "demo").await, 0);
    other.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_that_is_closed_while_an_agent_is_awaited_ends_the_call() {
    let (home, server) = (Home::new(), LiveKitServer::start());
    let call = vain_call(&home, &server);
    until_dispatched(&server, "demo").await;
    sfera_agent::worker::delete_room(&api(&server), "demo")
        .await
        .unwrap();
    let (code, mut call) = call.ends(AT_ONCE).await;
    assert_eq!(code, Some(4));
    let said = call.log();
    assert!(
        said.contains("Комнату закрыли раньше")
            || said.contains("Агент не пришёл: комнату закрыли"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_with_an_agent_calls_it_when_it_opens_the_room() {
    let (home, server) = (Home::new(), LiveKitServer::start());
    let _worker = Worker::start(&home, &server);
    let token = [
        "token",
        "--room",
        "demo",
        "--identity",
        "alex",
        "--agent",
        "sfera",
        "--json",
    ];
    let ran = Ran::of(command(&home, &server, &token).output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let said: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(said["url"], server.url());
    let address = Address::new(server.url(), said["token"].as_str().unwrap());
    let mut caller = Caller::join(&address, CallerOptions::default())
        .await
        .unwrap();
    until(
        &mut caller.events(),
        "the greeting",
        |event| matches!(event, CallerEvent::Caption(caption) if caption.is_final),
    )
    .await;
    caller.leave().await;
}

#[test]
fn a_call_from_a_file_is_answered_into_a_file() {
    let (home, server) = (Home::new(), LiveKitServer::start());
    let _worker = Worker::start(&home, &server);
    let out = home.path("answer.wav");
    let call = [
        "room",
        "call",
        "demo",
        "--dispatch",
        "sfera",
        "--wav",
        HELLO,
        "--out",
    ];
    let arguments = [&call[..], &[out.to_str().unwrap()]].concat();
    let ran = Ran::of(command(&home, &server, &arguments).output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for words in [
        "Агент здесь: agent-AJ_",
        "Вы: Какой сегодня день?",
        "Агент: Beep",
    ] {
        assert!(ran.out.contains(words), "{words}: {ran:?}");
    }
    assert!(loud_seconds(&out) > 4.0, "greeting and answer, 3 s each");
}

/// How long a file is loud.
fn loud_seconds(path: &Path) -> f64 {
    let mut file = WavReader::open(path).unwrap();
    let mut loud = 0.0;
    while let Some(frame) = file.next_frame().unwrap() {
        if Level::of(frame.samples()).rms_dbfs > -30.0 {
            loud += frame.duration().as_secs_f64();
        }
    }
    loud
}

#[test]
fn a_token_lets_its_owner_in() {
    let (home, server) = (Home::new(), LiveKitServer::start());
    let ran = Ran::of(
        command(
            &home,
            &server,
            &["token", "--room", "demo", "--identity", "alex"],
        )
        .output()
        .unwrap(),
    );
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let address = Address::new(server.url(), ran.out.trim());
        let caller = Caller::join(&address, CallerOptions::default())
            .await
            .unwrap();
        caller.leave().await;
    });
}

#[test]
fn what_is_wrong_with_livekit_is_said_in_a_sentence() {
    let (home, server) = (Home::new(), LiveKitServer::start());
    let worker = ["worker", "start", "--bench"];
    home.run(&worker).refused(
        2,
        "Ошибка: Не задано LIVEKIT_URL: впишите его в .env (пример – .env.example).",
    );
    let wrong = |name: &str, value: &str| {
        let mut command = command(&home, &server, &worker);
        let output = command.env(name, value).env("SFERA_LOG", "off").output();
        Ran::of(output.unwrap())
    };
    let cases = [
        (
            "LIVEKIT_API_KEY",
            "nobody",
            "не знает такого LIVEKIT_API_KEY",
        ),
        ("LIVEKIT_API_SECRET", "x", "не подходит к LIVEKIT_API_KEY"),
        ("LIVEKIT_URL", "livekit.example.org", "не адрес LiveKit"),
    ];
    for (name, value, words) in cases {
        let ran = wrong(name, value);
        assert!(ran.code.is_some_and(|code| code != 0), "{ran:?}");
        assert!(ran.err.contains(words), "{words}: {ran:?}");
        assert!(!ran.err.contains(SECRET), "{ran:?}");
    }
    let call = [
        "room",
        "call",
        "demo",
        "--dispatch",
        "nobody",
        "--wav",
        HELLO,
    ];
    let ran = Ran::of(command(&home, &server, &call).output().unwrap());
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert!(ran.err.contains("Агент «nobody» не пришёл"), "{ran:?}");
}

#[test]
fn the_doctor_knows_the_server() {
    let (home, server) = (Home::new(), LiveKitServer::start());
    let doctor = |change: &dyn Fn(&mut Command)| {
        let mut command = command(&home, &server, &["doctor", "--lang", "en"]);
        change(&mut command);
        let ran = Ran::of(command.output().unwrap());
        let line = ran.out.lines().find(|line| line.contains("LiveKit"));
        line.unwrap_or_default().to_owned()
    };
    let url = server.url();
    assert_eq!(doctor(&|_| ()), format!("✓ LiveKit: {url} takes the key"));
    let refused = doctor(&|command| {
        command.env("LIVEKIT_API_SECRET", "x");
    });
    assert!(
        refused.contains("does not let in → LIVEKIT_API_SECRET does not fit"),
        "{refused}"
    );
    let partly = doctor(&|command| {
        command.env_remove("LIVEKIT_API_KEY");
    });
    assert!(
        partly.contains("! LiveKit: LIVEKIT_API_KEY not set"),
        "{partly}"
    );
    let unset = doctor(&|command| {
        for name in ["LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"] {
            command.env_remove(name);
        }
    });
    assert_eq!(unset, "");
}
