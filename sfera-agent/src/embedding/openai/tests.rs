//! Against a server on the loopback that answers as OpenAI and others do.

use super::*;
use crate::{
    http::double::{Double, Part, json},
    testing::embedder_conformance,
};
use serde_json::{Value, json};

const DIMENSION: usize = 4;

fn options(url: &str) -> OpenAiEmbedderOptions {
    let mut options =
        OpenAiEmbedderOptions::new(format!("{url}/v1/"), "text-embedding-3-small", DIMENSION);
    options.retry.first_pause = Duration::from_millis(1);
    options.retry.pause = Duration::from_millis(1);
    options.with_key("sk-very-secret")
}

fn item(index: usize, embedding: &[f32]) -> Value {
    json!({ "object": "embedding", "index": index, "embedding": embedding })
}

fn answer(items: &[Value]) -> Vec<Part> {
    let body = json!({
        "object": "list", "data": items, "model": "text-embedding-3-small",
        "usage": { "prompt_tokens": 5, "total_tokens": 5 },
    });
    json("200 OK", "", &body.to_string())
}

fn refusal(status: &str, headers: &str, code: &str) -> Vec<Part> {
    let body = json!({ "error": {
        "message": "Incorrect API key provided: sk-very-****cret.",
        "type": "invalid_request_error", "param": null, "code": code,
    } });
    json(status, headers, &body.to_string())
}

fn good() -> Vec<Part> {
    answer(&[item(0, &[3.0, 0.0, 4.0, 0.0])])
}

async fn embed(
    script: Vec<Vec<Part>>,
    change: impl FnOnce(&mut OpenAiEmbedderOptions),
) -> (Result<Vec<Vec<f32>>, EmbedError>, Double) {
    let double = Double::start(script).await;
    let mut options = options(&double.url);
    change(&mut options);
    let embedder = OpenAiEmbedder::new(options).unwrap();
    let vectors = embedder.embed(TextKind::Query, &["риск".to_owned()]).await;
    (vectors, double)
}

#[tokio::test]
async fn a_text_becomes_a_vector_of_unit_length() {
    let (vectors, double) = embed(vec![good()], |_| {}).await;
    assert_eq!(vectors, Ok(vec![vec![0.6, 0.0, 0.8, 0.0]]));
    let asked = &double.asked()[0];
    assert_eq!(asked.path, "/v1/embeddings");
    assert!(
        asked
            .head
            .contains("authorization: Bearer sk-very-secret\r\n"),
        "{}",
        asked.head
    );
    let body: Value = serde_json::from_str(&asked.body).unwrap();
    let wanted = json!({
        "model": "text-embedding-3-small", "input": ["риск"], "encoding_format": "float",
    });
    assert_eq!(body, wanted);
}

#[tokio::test]
async fn vectors_come_in_the_order_of_the_texts() {
    let script = answer(&[
        item(1, &[0.0, 1.0, 0.0, 0.0]),
        item(0, &[1.0, 0.0, 0.0, 0.0]),
    ]);
    let double = Double::start(vec![script]).await;
    let embedder = OpenAiEmbedder::new(options(&double.url)).unwrap();
    let texts = ["a".to_owned(), "b".to_owned()];
    let vectors = embedder.embed(TextKind::Passage, &texts).await.unwrap();
    assert_eq!(vectors, [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]]);
}

#[tokio::test]
async fn many_texts_go_in_batches_with_their_prefix_and_cut() {
    let full: Vec<Value> = (0..BATCH).map(|n| item(n, &[1.0, 0.0, 0.0, 0.0])).collect();
    let double = Double::start(vec![answer(&full), answer(&full[..2])]).await;
    let mut options = options(&double.url);
    options.passage_prefix = "passage: ".into();
    options.max_chars = 5;
    let embedder = OpenAiEmbedder::new(options).unwrap();
    let mut texts = vec!["длинный текст".to_owned(); BATCH + 1];
    texts.push(" \n".into());
    let vectors = embedder.embed(TextKind::Passage, &texts).await.unwrap();
    assert_eq!(vectors.len(), BATCH + 2);
    let bodies: Vec<Value> = double
        .asked()
        .iter()
        .map(|asked| serde_json::from_str(&asked.body).unwrap())
        .collect();
    assert_eq!(bodies[0]["input"].as_array().unwrap().len(), BATCH);
    assert_eq!(bodies[1]["input"], json!(["passage: длинн", "passage: ."]));
    assert!(
        embedder
            .embed(TextKind::Passage, &[])
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn what_passes_is_tried_again() {
    let busy = refusal(
        "429 Too Many Requests",
        "retry-after-ms: 3\r\n",
        "rate_limit_exceeded",
    );
    let broken = json("500 Internal Server Error", "", "oops");
    let (vectors, double) = embed(vec![busy, broken, good()], |_| {}).await;
    assert!(vectors.is_ok());
    assert_eq!(double.asked().len(), 3);
}

#[tokio::test]
async fn what_lasts_is_not() {
    for (script, error) in [
        (
            refusal("401 Unauthorized", "", "invalid_api_key"),
            EmbedError::Refused,
        ),
        (
            refusal("403 Forbidden", "", "unsupported_country"),
            EmbedError::Refused,
        ),
        (
            refusal("404 Not Found", "", "model_not_found"),
            EmbedError::Model("text-embedding-3-small".into()),
        ),
        (
            refusal(
                "429 Too Many Requests",
                "retry-after: 3600\r\n",
                "insufficient_quota",
            ),
            EmbedError::Unavailable,
        ),
        (json("200 OK", "", "<html>"), EmbedError::Protocol),
        (json("200 OK", "", r#"{"data":[]}"#), EmbedError::Protocol),
        (answer(&[item(0, &[1.0; 3])]), EmbedError::Protocol),
        (answer(&[item(7, &[1.0; 4])]), EmbedError::Protocol),
        (answer(&[item(0, &[0.0; 4])]), EmbedError::Protocol),
        (
            answer(&[item(0, &[1.0; 4]), item(0, &[1.0; 4]), item(1, &[1.0; 4])]),
            EmbedError::Protocol,
        ),
    ] {
        let (vectors, double) = embed(vec![script], |_| {}).await;
        assert_eq!(vectors, Err(error));
        assert_eq!(double.asked().len(), 1);
    }
}

#[tokio::test]
async fn a_server_that_never_gets_better_is_given_up() {
    let broken = json("503 Service Unavailable", "", "");
    let (vectors, double) = embed(vec![broken], |_| {}).await;
    assert_eq!(vectors, Err(EmbedError::Unavailable));
    assert_eq!(double.asked().len(), 4);
    let address = Double::nobody().await;
    let embedder = OpenAiEmbedder::new(options(&address)).unwrap();
    let vectors = embedder.embed(TextKind::Query, &["риск".to_owned()]).await;
    assert_eq!(vectors, Err(EmbedError::Unavailable));
}

#[tokio::test]
async fn a_server_that_is_slow_or_breaks_off_is_asked_again() {
    let cut = vec![Part::Bytes(
        b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"data\":[".into(),
    )];
    let (vectors, double) = embed(vec![vec![Part::Hang], cut, good()], |options| {
        // The answers that are given at once must not be too slow on a busy machine.
        options.retry.timeout = Duration::from_secs(2);
    })
    .await;
    assert!(vectors.is_ok());
    assert_eq!(double.asked().len(), 3);
}

#[tokio::test]
async fn it_keeps_the_contract() {
    let double = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", double.local_addr().unwrap());
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(serve(double));
    embedder_conformance(&OpenAiEmbedder::new(options(&url)).unwrap()).await;
}

/// Answers every request with vectors that only depend on the texts.
async fn serve(listener: tokio::net::TcpListener) {
    use axum::{Json, Router, routing::post};
    let route = post(async |Json(body): Json<Value>| {
        let input = body["input"].as_array().unwrap().clone();
        let items = input.iter().enumerate().map(|(n, text)| {
            let text = text.as_str().unwrap();
            let letters = text.chars().map(|c| c as u32 as f32).sum::<f32>() % 97.0;
            item(n, &[1.0, letters, text.len() as f32, 0.5])
        });
        let items: Vec<Value> = items.collect();
        Json(json!({ "object": "list", "data": items, "model": body["model"] }))
    });
    axum::serve(listener, Router::new().route("/v1/embeddings", route))
        .await
        .unwrap();
}

#[test]
fn a_key_is_never_shown() {
    let options = options("http://127.0.0.1:1");
    assert!(!format!("{options:?}").contains("secret"));
    assert!(!format!("{:?}", OpenAiEmbedder::new(options.clone()).unwrap()).contains("secret"));
    let broken = options.clone().with_key("a\nb");
    assert_eq!(
        OpenAiEmbedder::new(broken).map(|_| ()),
        Err(EmbedError::Refused)
    );
    let mut nowhere = options;
    nowhere.base_url = "ftp://localhost".into();
    assert_eq!(
        OpenAiEmbedder::new(nowhere).map(|_| ()),
        Err(EmbedError::Unavailable)
    );
}
