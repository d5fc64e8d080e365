//! The real program, killed again and again: nothing that was accepted is lost, nothing is sent twice.

use crate::double::{BotApi, TOKEN, text};
use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};
use tokio::time::timeout;

/// People who ask once each.
const PEOPLE: i64 = 60;
const LIMIT: Duration = Duration::from_secs(120);

pub fn start(telegram: &BotApi, folder: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_sfera-bot"))
        .current_dir(folder)
        .env_clear()
        .envs([
            ("TELEGRAM_TOKEN", TOKEN),
            ("TELEGRAM_API_URL", &telegram.url()),
            ("SFERA_BOT_LISTEN", "127.0.0.1:0"),
            ("XDG_DATA_HOME", &folder.display().to_string()),
        ])
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

#[tokio::test]
async fn nothing_is_lost_and_nothing_is_said_twice() {
    let folder = tempfile::tempdir().unwrap();
    let telegram = BotApi::start().await;
    for person in 1..=PEOPLE {
        telegram.writes(person, "/help");
    }
    // Killed when so many calls were made; every third time with one whose answer it never gets.
    let mut made = 0;
    for round in 0..12 {
        made += 4 + round % 5;
        if round % 3 == 0 {
            telegram.swallow_answer_after(made);
        }
        let process = start(&telegram, folder.path());
        timeout(LIMIT, telegram.until_made(made))
            .await
            .expect("it works");
        kill(process);
        telegram.answer_again();
        made = telegram.made().len();
    }
    let process = start(&telegram, folder.path());
    let everybody = async {
        while (1..=PEOPLE).any(|person| told(&telegram, person) == (0, false)) {
            telegram.until_made(telegram.made().len() + 1).await;
        }
    };
    timeout(LIMIT, everybody)
        .await
        .expect("everybody is answered");
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
