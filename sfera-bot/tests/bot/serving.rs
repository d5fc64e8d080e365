//! The page, its files, figures, and what is never logged.

use crate::{
    page::Page,
    world::{ALEX, World},
};
use reqwest::{Response, StatusCode};
use sfera_agent::testing::ScriptedLlm;
use std::{
    fs,
    io::Write,
    net::TcpListener,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

async fn world(more: &[(&str, &str)]) -> World {
    // Somebody else may have done so before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    World::with(more, &ScriptedLlm::saying("Да.")).await
}

async fn get(world: &World, path: &str) -> Response {
    reqwest::get(format!("http://{}{path}", world.web))
        .await
        .unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response
        .headers()
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_built_page_is_served_with_its_scripts_and_nobody_elses() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    fs::create_dir_all(out.join("_next/static")).unwrap();
    fs::write(out.join("index.html"), "<script>alert(1)</script>").unwrap();
    fs::write(out.join("_next/static/a.js"), "1").unwrap();
    fs::write(out.join("favicon.ico"), "icon").unwrap();
    fs::write(folder.path().join("secret"), "secret").unwrap();
    let path = out.display().to_string();
    let world = world(&[
        ("SFERA_MINI_APP", &path),
        ("LIVEKIT_URL", "wss://livekit.example"),
        ("LIVEKIT_API_KEY", "key"),
        ("LIVEKIT_API_SECRET", "a secret"),
    ])
    .await;
    let page = get(&world, "/").await;
    let policy = header(&page, "content-security-policy");
    assert!(
        policy.contains("'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"),
        "{policy}"
    );
    assert!(policy.contains("connect-src 'self' wss://livekit.example https://livekit.example;"));
    assert!(
        policy.contains("frame-ancestors 'self' https://web.telegram.org"),
        "{policy}"
    );
    assert_eq!(
        header(&page, "cache-control"),
        "no-store, no-cache, must-revalidate"
    );
    assert_eq!(header(&page, "permissions-policy"), "microphone=(self)");
    assert_eq!(header(&page, "x-content-type-options"), "nosniff");
    assert_eq!(header(&page, "referrer-policy"), "no-referrer");
    assert_eq!(
        header(&page, "x-frame-options"),
        "",
        "Telegram's web client is a frame"
    );
    assert_eq!(page.text().await.unwrap(), "<script>alert(1)</script>");
    let script = get(&world, "/mini-app/static/_next/static/a.js").await;
    assert_eq!(
        header(&script, "cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert_eq!(header(&script, "content-type"), "text/javascript");
    let missing = get(&world, "/mini-app/static/_next/static/b.js").await;
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    assert_eq!(header(&missing, "cache-control"), "no-cache");
    let icon = get(&world, "/mini-app/static/favicon.ico").await;
    assert_eq!(
        (header(&icon, "cache-control"), icon.status()),
        ("no-cache", StatusCode::OK)
    );
    for path in [
        "../secret",
        "%2e%2e/secret",
        "..%2fsecret",
        "_next/../../secret",
        "/etc/passwd",
    ] {
        let said = raw(&world, &format!("/mini-app/static/{path}")).await;
        assert!(!said.starts_with("HTTP/1.1 200"), "{path}: {said}");
    }
    world.end().await;
}

/// As no client would ask, which tidies paths up.
async fn raw(world: &World, path: &str) -> String {
    let mut stream = TcpStream::connect(world.web).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).await.unwrap();
    said
}

#[tokio::test]
async fn until_it_is_built_the_page_says_what_is_missing() {
    let world = world(&[("SFERA_MINI_APP", "/nowhere")]).await;
    let page = get(&world, "/").await;
    assert!(header(&page, "content-security-policy").contains("script-src 'self';"));
    let text = page.text().await.unwrap();
    assert!(
        text.contains("npm run build") && text.contains("LIVEKIT_URL"),
        "{text}"
    );
    world.end().await;
}

#[tokio::test]
async fn an_address_that_asks_too_often_is_told_to_wait() {
    let world = world(&[]).await;
    let page = Page::showing(&world, "nonsense".to_owned());
    let mut limited = None;
    for _ in 0..200 {
        let (status, said) = page.get("/api/sfera/call").await;
        if status == StatusCode::TOO_MANY_REQUESTS {
            limited = Some(said);
            break;
        }
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(limited.expect("limited")["error"], "too_often");
    assert_eq!(get(&world, "/health").await.status(), StatusCode::OK);
    world.end().await;
}

#[tokio::test]
async fn figures_are_served_where_somebody_says_and_nowhere_else() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let world = world(&[("SFERA_METRICS_LISTEN", &port.to_string())]).await;
    world.telegram.writes(ALEX, "/help");
    world.telegram.says("/sfera").await;
    // The letter is counted when its answer has been stored.
    world.telegram.writes(ALEX, "/language");
    world.telegram.says("Which language").await;
    let figures = reqwest::get(format!("http://{port}/metrics"))
        .await
        .unwrap();
    let figures = figures.text().await.unwrap();
    for line in [
        "sfera_bot_updates_accepted_total 2",
        "sfera_bot_updates_handled_total 2",
        "sfera_bot_handling_seconds_count 2",
        "sfera_bot_letters_failed_total 0",
        "sfera_bot_passes_total 0",
    ] {
        assert!(figures.contains(line), "{line} in {figures}");
    }
    assert!(
        !figures.contains("sfera_bot_letters_sent_total 0"),
        "{figures}"
    );
    assert_eq!(
        get(&world, "/metrics").await.status(),
        StatusCode::NOT_FOUND
    );
    world.end().await;
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn neither_init_data_nor_tokens_are_logged() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_env_filter(
            "trace,reqwest=warn,hyper=warn,hyper_util=warn,teloxide_core=warn,sqlx=warn",
        )
        .with_writer(move || writer.clone())
        .init();
    let world = world(&[
        ("LIVEKIT_URL", "ws://127.0.0.1:1"),
        ("LIVEKIT_API_KEY", "key"),
        ("LIVEKIT_API_SECRET", "the-secret-of-livekit"),
    ])
    .await;
    let page = Page::of(&world, ALEX);
    let (status, said) = page.post("/api/sfera/token", "").await;
    assert_eq!(status, StatusCode::CREATED);
    page.post("/api/sfera/token", "").await;
    page.get("/api/sfera/session").await;
    let forged = Page::showing(&world, page.shown.replace("hash=", "hash=0"));
    forged.post("/api/sfera/token", "").await;
    let hash = page.shown.rsplit("hash=").next().unwrap().to_owned();
    let token = said["participant_token"].as_str().unwrap().to_owned();
    world.end().await;
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(!log.is_empty(), "something is logged");
    for secret in [
        &hash,
        &token,
        "the-secret-of-livekit",
        crate::double::TOKEN,
        "AAHdF6IQAAAAAN0XohDhrOrc",
    ] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}
