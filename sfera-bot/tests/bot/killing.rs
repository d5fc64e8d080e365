//! The real program, killed again and again: nothing that was accepted is lost, nothing is sent twice.

use crate::double::{BotApi, TOKEN, text};
use proptest::{
    strategy::{Strategy as _, ValueTree as _},
    test_runner::TestRunner,
};
use serde_json::Value;
use sfera_agent::Language;
use sfera_bot::state::{Newcomer, Store};
use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};
use tokio::time::timeout;

/// People who ask once each.
const PEOPLE: i64 = 60;
/// Those who look for help: all of it goes to one chat, which takes a message a second.
const SEEKERS: i64 = 15;
const LIMIT: Duration = Duration::from_secs(120);
/// Between two looks at the state.
const BEAT: Duration = Duration::from_millis(100);

pub fn start(telegram: &BotApi, folder: &Path) -> Child {
    start_with(telegram, folder, &[])
}

fn start_with(telegram: &BotApi, folder: &Path, more: &[(&str, &str)]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_sfera-bot"))
        .current_dir(folder)
        .env_clear()
        .envs([
            ("TELEGRAM_TOKEN", TOKEN),
            ("TELEGRAM_API_URL", &telegram.url()),
            ("SFERA_BOT_LISTEN", "127.0.0.1:0"),
            ("XDG_DATA_HOME", &folder.display().to_string()),
        ])
        .envs(more.iter().copied())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

pub fn kill(mut process: Child) {
    process.kill().unwrap();
    process.wait().unwrap();
}

/// How often each person was told what there is, and whether they know that something may be missing.
fn told(telegram: &BotApi, person: i64) -> (usize, bool) {
    let made = telegram.made();
    let to = made
        .iter()
        .filter(|made| made.method == "SendMessage" && made.body["chat_id"] == person && made.done);
    let (doubts, helps): (Vec<_>, Vec<_>) =
        to.partition(|made| text(&made.body).contains("могло не дойти"));
    (helps.len(), !doubts.is_empty())
}

/// Kills the bot so often, each time after at least so many more calls; every third time with a message
/// whose answer it never gets.
pub async fn kill_again_and_again(telegram: &BotApi, folder: &Path, rounds: usize, calls: usize) {
    let mut made = 0;
    for round in 0..rounds {
        made += calls + round % 5;
        let swallows = round % 3 == 0;
        if swallows {
            telegram.swallow_answer_after(made);
        }
        let process = start(telegram, folder);
        let work = async {
            telegram.until_made(made).await;
            if swallows {
                telegram.until_message_swallowed().await;
            }
        };
        timeout(LIMIT, work).await.expect("it works");
        kill(process);
        telegram.answer_again();
        made = telegram.made().len();
    }
}

/// Looks after each call whether everybody has got theirs.
pub async fn until_all(telegram: &BotApi, have: impl Fn() -> bool) {
    let everybody = async {
        // Counted before it is looked: what comes meanwhile is not waited for.
        let mut known = telegram.made().len();
        while !have() {
            telegram.until_made(known + 1).await;
            known = telegram.made().len();
        }
    };
    timeout(LIMIT, everybody)
        .await
        .expect("everybody gets theirs");
}

#[tokio::test]
async fn nothing_is_lost_and_nothing_is_said_twice() {
    let folder = tempfile::tempdir().unwrap();
    let telegram = BotApi::start().await;
    for person in 1..=PEOPLE {
        telegram.writes(person, "/help");
    }
    kill_again_and_again(&telegram, folder.path(), 12, 4).await;
    let process = start(&telegram, folder.path());
    until_all(&telegram, || {
        let told: Vec<_> = (1..=PEOPLE).map(|person| told(&telegram, person)).collect();
        // That something may be missing is often said last.
        !told.contains(&(0, false)) && told.iter().any(|(_, doubt)| *doubt)
    })
    .await;
    kill(process);
    let mut doubts = 0;
    for person in 1..=PEOPLE {
        let (helps, doubt) = told(&telegram, person);
        assert!(helps <= 1, "{person} was told {helps} times");
        assert!(helps == 1 || doubt, "{person} was forgotten");
        doubts += usize::from(doubt);
    }
    assert!(doubts > 0, "some kill hit a message on its way");
    println!("{PEOPLE} people, 12 kills, {doubts} told that something may be missing");
}

/// Who administers, and where support goes.
const BOSS: i64 = 9_000;
/// Kills of the longer test, at most.
const KILLS: usize = 40;
const ADMIN: [(&str, &str); 1] = [("ADMIN_CHAT_ID", "9000")];

/// With everything at once (answers, support, a broadcast) and kills at random points, this holds:
///
/// - whatever was accepted is handled, and each message that follows from it is sent or *in doubt*: it
///   was on its way when the process died. Whoever should have got it is told so, and the administrators
///   by the report of a broadcast;
/// - no message and no copy is sent twice, but for those that say that something may be missing.
///
/// It is not promised that each message arrives exactly once: Telegram has no such call.
#[tokio::test]
async fn with_everything_at_once_nothing_is_lost_and_nothing_is_said_twice() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sfera-bot.db");
    let store = Store::open_file(&file).await.unwrap();
    let telegram = BotApi::start().await;
    know_everybody(&store).await;
    telegram.taps(BOSS, BOSS, 1, "admin:broadcast");
    telegram.writes(BOSS, "Всем привет");
    telegram.taps(BOSS, BOSS, 2, "admin:broadcast-go:1");
    for (words, people) in [
        ("Который час?", PEOPLE),
        ("/support", SEEKERS),
        ("Помогите", SEEKERS),
    ] {
        for person in 1..=people {
            telegram.writes(person, words);
        }
    }
    let mut random = TestRunner::deterministic();
    let mut any = |most: usize| (0..most).new_tree(&mut random).unwrap().current();
    let mut kills = 0;
    while kills < KILLS && !is_done(&store).await {
        let made = telegram.made().len() + 3 + any(30);
        if any(3) == 0 {
            telegram.swallow_answer_after(made);
        }
        let process = start_with(&telegram, folder.path(), &ADMIN);
        let work = async {
            while telegram.made().len() < made && !is_done(&store).await {
                let _more = timeout(BEAT, telegram.until_made(made)).await;
            }
        };
        timeout(LIMIT, work).await.expect("it works");
        kill(process);
        telegram.answer_again();
        kills += 1;
    }
    let process = start_with(&telegram, folder.path(), &ADMIN);
    let rest = async {
        while !is_done(&store).await {
            let next = telegram.until_made(telegram.made().len() + 1);
            let _more = timeout(BEAT, next).await;
        }
    };
    timeout(LIMIT, rest).await.expect("everything is done");
    kill(process);
    let mut doubts = 0;
    for person in (1..=PEOPLE).chain([BOSS]) {
        let letters = letters_of(&store, person).await;
        doubts += check(&telegram, person, &letters);
    }
    assert!(doubts > 0, "some kill hit a message on its way");
    println!("{PEOPLE} people, {kills} kills, {doubts} messages in doubt");
}

async fn know_everybody(store: &Store) {
    let mut work = store.begin(1).await.unwrap();
    for id in (1..=PEOPLE).chain([BOSS]) {
        let who = Newcomer {
            id,
            name: format!("Человек {id}"),
            username: None,
            language: Language::Ru,
        };
        work.meet(&who).await.unwrap();
    }
    work.commit().await.unwrap();
}

/// Whether the updates were taken and nothing waits any more.
async fn is_done(store: &Store) -> bool {
    let mut work = store.begin(2).await.unwrap();
    let all = PEOPLE + 2 * SEEKERS + 3;
    let taken = work.updates_taken().await.unwrap() >= all;
    let numbers = work.statistics().await.unwrap();
    taken && numbers.queues == (0, 0, 0) && numbers.broadcasts == 0
}

/// What was promised to a person: calls, and what became of them.
async fn letters_of(store: &Store, person: i64) -> Vec<(Value, String)> {
    let mut work = store.begin(2).await.unwrap();
    let all = work.all_about(person).await.unwrap();
    let letters = all["outbox"].as_array().unwrap().iter();
    letters
        .map(|letter| {
            let state = letter["state"].as_str().unwrap();
            (letter["call"].clone(), state.to_owned())
        })
        .collect()
}

/// Looks whether a person got what was promised, and once; how many messages are in doubt.
fn check(telegram: &BotApi, person: i64, letters: &[(Value, String)]) -> usize {
    let is_notice = |call: &Value| text(call).contains("могло не дойти");
    let is_broadcast = |call: &Value| call["call"] == "copy" && call["from"] == BOSS;
    let (mut doubts, mut announced, mut owed) = (0, 0, 0);
    for (call, state) in letters {
        assert!(
            matches!(state.as_str(), "sent" | "in doubt"),
            "{person}: {state} {call}"
        );
        announced += usize::from(is_notice(call));
        if state == "in doubt" {
            assert!(
                call["call"] == "message" || call["call"] == "copy",
                "{call}"
            );
            doubts += 1;
            owed += usize::from(!is_notice(call) && !is_broadcast(call));
        }
        let same = letters.iter().filter(|(other, _)| other == call);
        let sent = same.clone().filter(|(_, state)| state == "sent").count();
        let arrived = arrived(telegram, call);
        if !is_notice(call) && (call["call"] == "message" || call["call"] == "copy") {
            assert!(arrived <= same.count(), "{person}: {arrived} times {call}");
        }
        assert!(arrived >= sent.min(1), "{person} never got {call}");
    }
    // A preview that is in doubt looks like a broadcast, and is announced.
    assert!(
        announced >= owed,
        "{person}: {owed} in doubt, {announced} were announced"
    );
    let messages = letters
        .iter()
        .filter(|(call, _)| call["call"] == "message" && !is_notice(call));
    let least = if person > SEEKERS { 1 } else { 3 };
    assert!(
        messages.count() >= least,
        "{person}: an answer, and two from support"
    );
    doubts
}

/// How often a call was done.
fn arrived(telegram: &BotApi, call: &Value) -> usize {
    match call["call"].as_str().unwrap() {
        "message" => telegram.count("SendMessage", |body| {
            body["chat_id"] == call["chat"] && body["text"] == call["text"]
        }),
        "copy" => telegram.count("CopyMessage", |body| {
            body["chat_id"] == call["chat"]
                && body["from_chat_id"] == call["from"]
                && body["message_id"] == call["message"]
        }),
        // Repeatable: it may have been done often.
        _ => 1,
    }
}
