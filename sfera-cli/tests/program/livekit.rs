//! Worker, calls and tokens with a real LiveKit server, as an operator runs them.

use super::{Home, Ran};
use crate::livekit_server::{KEY, LiveKitServer, SECRET};
use sfera_agent::{
    audio::Level,
    io::{
        WavReader,
        room::{Address, Caller, CallerEvent, CallerOptions},
    },
};
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};
use tokio::{sync::broadcast, time::timeout};

const LIMIT: Duration = Duration::from_secs(60);
const HELLO: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../examples/conversation/ru/hello.wav"
);

fn command(home: &Home, server: &LiveKitServer, arguments: &[&str]) -> Command {
    let mut command = home.command(arguments);
    command
        .env("LIVEKIT_URL", server.url())
        .env("LIVEKIT_API_KEY", KEY)
        .env("LIVEKIT_API_SECRET", SECRET);
    command
}

/// A worker that takes no time to think, and is ready.
struct Worker {
    process: Child,
    said: BufReader<ChildStdout>,
}

impl Worker {
    fn start(home: &Home, server: &LiveKitServer) -> Self {
        let mut process = command(
            home,
            server,
            &["worker", "start", "--bench", "--max-load", "100"],
        )
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
        let said = BufReader::new(process.stdout.take().unwrap());
        let mut worker = Self { process, said };
        worker.until("Сфера готова");
        worker
    }

    fn until(&mut self, words: &str) {
        let mut line = String::new();
        while !line.contains(words) {
            line.clear();
            assert_ne!(self.said.read_line(&mut line).unwrap(), 0, "no {words}");
        }
    }

    fn signal(&self, signal: &str) {
        let id = self.process.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status();
        assert!(sent.unwrap().success());
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

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
    let api = sfera_agent::worker::Server {
        url: server.url(),
        key: KEY.into(),
        secret: sfera_agent::worker::Secret::new(SECRET),
    };
    sfera_agent::worker::dispatch(&api, "sfera", room, "", LIMIT)
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
    let ended = tokio::task::spawn_blocking(move || worker.process.wait().unwrap());
    let status = timeout(LIMIT, ended).await.expect("it ends").unwrap();
    assert_eq!(status.code(), Some(0));
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
