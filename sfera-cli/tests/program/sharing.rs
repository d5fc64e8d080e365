//! Memory on a Qdrant server: machines that name it know the same people.

use super::{Home, Ran};
use crate::qdrant::{Double, Served};
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
