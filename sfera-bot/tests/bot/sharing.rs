//! Memory on a Qdrant server: several bots know the same people.

use crate::{
    calling::until,
    double::text,
    page::Page,
    qdrant::{Double, Served},
    world::{ALEX, Around, World},
};
use serde_json::Value;
use sfera_agent::{Language, store::StoreError};
use sfera_bot::{
    app::Stopped,
    mind::{self, Broken, Values},
    text::Text,
};

const SESSION: &str = "/api/sfera/session";

fn values(host: &str) -> Values {
    [("QDRANT_HOST", host), ("QDRANT_API_KEY", "a-key")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

/// A bot on another machine: its state is its own.
async fn bot(server: &Served) -> (World, Page) {
    let chat = mind::chat(&values(&server.host)).await.unwrap();
    let world = World::of(&[], Around::chat(chat)).await;
    let page = Page::of(&world, ALEX);
    (world, page)
}

fn names(session: &Value) -> Vec<&str> {
    let known = session["remembered"].as_array().unwrap().iter();
    let names = known.filter(|fact| fact["kind"] == "name");
    names.filter_map(|fact| fact["text"].as_str()).collect()
}

async fn asks(world: &World, words: &str, answer: &str) {
    world.telegram.writes(ALEX, words);
    let said = |body: &Value| text(body).contains(answer);
    world.telegram.until("EditMessageText", said).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_told_to_one_bot_is_known_to_another_until_it_is_forgotten() {
    let server = Double::with_key("a-key").serve().await;
    let (first, page) = bot(&server).await;
    first.telegram.writes(ALEX, "Меня зовут Аристарх");
    until(&page, SESSION, |said| names(said) == ["Аристарх"]).await;
    first.end().await;

    let (second, page) = bot(&server).await;
    assert_eq!(names(&page.get(SESSION).await.1), ["Аристарх"]);
    asks(&second, "Как меня зовут?", "Аристарх").await;
    asks(&second, "Забудь меня", "Точно забыть").await;
    asks(&second, "Да, забудь", "Больше я ничего не помню").await;
    assert_eq!(names(&page.get(SESSION).await.1), [""; 0]);
    second.end().await;
    let left = |points: &crate::points::Collection| points.points.len();
    assert_eq!(server.double.look("memory", left), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_be_used_is_said_at_the_start() {
    let server = Double::with_key("a-key").serve().await;
    server.double.make_foreign("memory");
    let foreign = mind::chat(&values(&server.host)).await.err().unwrap();
    assert!(
        matches!(foreign, Broken::Store(StoreError::Mismatch { .. })),
        "{foreign:?}"
    );
    let other = Double::with_key("another-key").serve().await;
    for (host, said) in [
        (
            server.host.as_str(),
            "Коллекцию «memory» в Qdrant сделала другая программа, другая версия Сферы или сервер старше \
             1.16: возьмите другой сервер.",
        ),
        (
            other.host.as_str(),
            "Qdrant не принимает ключ: проверьте QDRANT_API_KEY.",
        ),
        (
            "127.0.0.1:9",
            "Qdrant не отвечает: проверьте QDRANT_HOST и запущен ли он.",
        ),
        (
            "not an address",
            "По адресу QDRANT_HOST нет Qdrant 1.16 или новее: проверьте адрес и версию.",
        ),
    ] {
        let broken = mind::chat(&values(host)).await.err().unwrap();
        let sentence = Stopped::Mind(broken).said(Text(Language::Ru));
        assert_eq!(sentence, said, "{host}");
    }
}
