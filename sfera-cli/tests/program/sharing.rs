//! Memory on a Qdrant server: machines that name it know the same people.

use super::{Home, Ran};
use crate::qdrant::{Double, Served};
use serde_json::Value;
use std::{io::Write, process::Stdio};

const KEY: &str = "a-key";

/// Types lines to a process of a machine of its own.
fn write(host: &str, lines: &str) -> Ran {
    let home = Home::new();
    let mut command = home.command(&["talk", "--text"]);
    command
        .env("QDRANT_HOST", host)
        .env("QDRANT_API_KEY", KEY)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A process that does not start reads nothing.
    let _ = child.stdin.take().unwrap().write_all(lines.as_bytes());
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert!(!home.path(".local/share/sfera/memory").exists(), "{ran:?}");
    ran
}

async fn serve() -> Served {
    Double::with_key(KEY).serve().await
}

async fn say(server: &Served, lines: &'static str) -> Ran {
    let host = server.host.clone();
    let ran = tokio::task::spawn_blocking(move || write(&host, lines)).await;
    let ran = ran.unwrap();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    ran
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_told_on_one_machine_is_known_on_another_until_it_is_forgotten() {
    let server = serve().await;
    say(&server, "Меня зовут Алекс\n").await;
    let known = say(&server, "Как меня зовут?\nЧто ты обо мне знаешь?\n").await;
    assert!(known.out.contains("Вас зовут Алекс"), "{known:?}");
    let forgotten = say(&server, "Забудь меня\nДа, забудь\n").await;
    assert!(
        forgotten.out.contains("Больше я ничего не помню"),
        "{forgotten:?}"
    );
    let after = say(&server, "Что ты обо мне знаешь?\n").await;
    assert!(after.out.contains("Пока ничего"), "{after:?}");
    let json = server.double.look("memory", |memory| {
        let points = memory.points.values();
        format!(
            "{:?}",
            points.map(|point| &point.payload).collect::<Vec<_>>()
        )
    });
    assert!(!json.contains("Алекс"), "{json}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_be_used_is_said_at_the_start() {
    let server = serve().await;
    server.double.make_foreign("memory");
    let refuse = |host: String, code, said: &'static str| async move {
        let ran = tokio::task::spawn_blocking(move || write(&host, "Привет\n")).await;
        let ran = ran.unwrap();
        assert_eq!(ran.code, Some(code), "{ran:?}");
        assert!(ran.err.starts_with(said), "{ran:?}");
    };
    let foreign = "Ошибка: Память о людях («memory» в Qdrant) сделала другая программа";
    refuse(server.host.clone(), 2, foreign).await;
    let away = "Ошибка: Qdrant (127.0.0.1:9) не отвечает";
    refuse("127.0.0.1:9".to_owned(), 4, away).await;
}

/// What the doctor says of memory, with these settings.
async fn examined(host: &str, key: &'static str, settings: &'static str) -> Option<Value> {
    let host = host.to_owned();
    let examine = move || {
        let home = Home::new();
        home.write("sfera.toml", settings);
        let mut command = home.command(&["doctor", "--json", "--lang", "en"]);
        command.env("QDRANT_HOST", host).env("QDRANT_API_KEY", key);
        Ran::of(command.output().unwrap())
    };
    let ran = tokio::task::spawn_blocking(examine).await.unwrap();
    let json: Value = serde_json::from_str(&ran.out).unwrap();
    let mut findings = json["findings"].as_array().unwrap().iter();
    findings
        .find(|finding| finding["part"] == "memory")
        .cloned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_tries_the_server_that_remembers() {
    let server = serve().await;
    let host = server.host.as_str();
    let fine = examined(host, KEY, "").await.unwrap();
    let said = format!("memory of people: the Qdrant server {host} answers");
    assert_eq!(fine["level"], "ok", "{fine}");
    assert_eq!(fine["what"], said, "{fine}");
    for elsewhere in [
        "[memory]\nenabled = false\n",
        "[memory]\nfolder = \"people\"\n",
    ] {
        assert_eq!(examined(host, KEY, elsewhere).await, None);
    }
    let fails = async |host: &str, key, said: &str| {
        let finding = examined(host, key, "").await.unwrap();
        assert_eq!(finding["level"], "fail", "{finding}");
        let what = finding["what"].as_str().unwrap();
        assert!(what.starts_with(said), "{finding}");
        assert_eq!(
            finding["advice"], "or memory.enabled = false in sfera.toml",
            "{finding}"
        );
    };
    fails(host, "another", "The store refuses the key").await;
    fails("127.0.0.1:9", KEY, "The memory of people cannot be reached").await;
    server.double.make_foreign("memory");
    let foreign = "The memory of people (\"memory\" in Qdrant) was made by another program";
    fails(host, KEY, foreign).await;
}
