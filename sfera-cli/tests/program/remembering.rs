//! Who somebody is outlives the program: by voice, one process after the other.

use super::{Home, Ran};
use sfera_agent::{
    memory::UserId,
    models::Models,
    tools::{
        FileJournal, Journal,
        journal::{Begun, Intent},
    },
};
use std::{io::Write, path::Path, process::Stdio};

/// Where the speech model is; it is pulled if it is not there.
pub fn models() -> Models {
    let models = Models::open(None).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let pulled = runtime
        .unwrap()
        .block_on(models.pull("whisper-base", &|_| {}));
    pulled.unwrap_or_else(|error| panic!("{error}"));
    models
}

/// Says a recording to a new process.
fn say(home: &Home, models: &Models, recording: &str) -> Ran {
    let recordings = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/conversation/ru");
    let mut command = home.command(&["talk", "--wav"]);
    command
        .arg(recordings.join(recording))
        .env("SFERA_MODELS", models.dir());
    let ran = Ran::of(command.output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    ran
}

/// Types lines to a new process.
fn write(home: &Home, lines: &str) -> Ran {
    let mut command = home.command(&["talk", "--text"]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(lines.as_bytes())
        .unwrap();
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    ran
}

#[test]
fn a_name_said_to_one_process_is_known_to_the_next_until_it_is_forgotten() {
    let (home, models) = (Home::new(), models());
    let before = say(&home, &models, "whoami.wav");
    assert!(before.out.contains("ещё не говорили"), "{before:?}");
    let told = say(&home, &models, "name.wav");
    assert!(told.out.contains("Алекс"), "{told:?}");
    let asked = say(&home, &models, "whoami.wav");
    assert!(!asked.out.contains("ещё не говорили"), "{asked:?}");
    assert!(asked.out.contains("Алекс"), "{asked:?}");

    let known = write(&home, "Что ты обо мне знаешь?\n");
    assert!(known.out.contains("Вас зовут Алекс"), "{known:?}");
    let forgotten = write(&home, "Забудь меня\nДа, забудь\nЧто ты обо мне знаешь?\n");
    assert!(forgotten.out.contains("Точно забыть"), "{forgotten:?}");
    assert!(
        forgotten.out.contains("Больше я ничего не помню"),
        "{forgotten:?}"
    );
    assert!(forgotten.out.contains("Пока ничего"), "{forgotten:?}");
    let after = say(&home, &models, "whoami.wav");
    assert!(after.out.contains("ещё не говорили"), "{after:?}");
    let memory = home.path(".local/share/sfera/memory");
    let left = std::fs::read_dir(memory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    // What was asked after the forgetting holds no name.
    for name in left.filter(|name| name != "locks") {
        let file = home.path(".local/share/sfera/memory").join(name);
        let json = std::fs::read_to_string(file).unwrap();
        assert!(!json.contains("Алекс"), "{json}");
    }
}

#[test]
fn a_corrected_name_is_known_to_the_next_process_at_its_first_question() {
    let home = Home::new();
    let told = write(
        &home,
        "Меня зовут Алекс\nменя зовут не Алекс, а Александр\n",
    );
    assert!(told.out.contains("Вас зовут Александр."), "{told:?}");
    for _ in 0..2 {
        let asked = write(&home, "Как меня зовут?\n");
        assert!(asked.out.contains("Александр"), "{asked:?}");
    }
}

/// What a process that was killed had begun for its user, who has heard of it since.
async fn leave_in_doubt(calls: &Path) {
    let journal = FileJournal::open(calls).await.unwrap();
    let user = UserId::new("local");
    let arguments = serde_json::json!({ "dish": "уха" });
    let order = Intent::new(Some(&user), "order", &arguments, "заказать уху Аристарху");
    let Ok(Begun::Run(key)) = journal.begin(&order, false).await else {
        panic!("it did not begin");
    };
    journal.told(&[key]).await.unwrap();
}

/// All that is in the journal of calls.
fn written(calls: &Path) -> String {
    let files = std::fs::read_dir(calls).unwrap();
    let files = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
    files.collect()
}

#[tokio::test]
async fn no_word_of_who_is_forgotten_stays_in_the_journal_of_calls() {
    let home = Home::new();
    let calls = home.path(".local/share/sfera/calls");
    leave_in_doubt(&calls).await;
    let kept = write(&home, "Привет\n");
    assert!(written(&calls).contains("Аристарху"), "{kept:?}");
    let forgotten = write(&home, "Забудь меня\nДа, забудь\n");
    assert!(
        forgotten.out.contains("Больше я ничего не помню"),
        "{forgotten:?}"
    );
    let left = written(&calls);
    for words in ["Аристарху", "забыть", "local"] {
        assert!(!left.contains(words), "{words}: {left}");
    }
}
