//! Against a server on the loopback that answers as Jina and llama.cpp do.

use super::*;
use crate::{
    http::double::{Double, Part, json},
    testing::reranker_conformance,
};
use serde_json::{Value, json};

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn answer(scores: &[(usize, f32)]) -> Vec<Part> {
    let results = scores
        .iter()
        .map(|(index, score)| json!({ "index": index, "relevance_score": score }));
    let results: Vec<Value> = results.collect();
    let body = json!({ "model": "bge", "usage": { "total_tokens": 9 }, "results": results });
    json("200 OK", "", &body.to_string())
}

async fn reranked(script: Vec<Part>) -> (Result<Vec<f32>, RerankError>, Double) {
    let double = Double::start(vec![script]).await;
    let reranker = RerankServer::new(RerankServerOptions {
        base_url: format!("{}/v1/", double.url),
        model: "bge".into(),
        key: Some("sk-very-secret".into()),
    });
    let reranked = reranker.unwrap().rerank("риск?", &texts(&["а", "б"])).await;
    (reranked, double)
}

#[tokio::test]
async fn it_keeps_the_contract() {
    let double = Double::start(vec![answer(&[(2, 0.1), (0, 0.9), (1, 0.5)])]).await;
    let reranker = RerankServer::new(RerankServerOptions {
        base_url: double.url.clone(),
        model: "bge".into(),
        key: None,
    });
    reranker_conformance(&reranker.unwrap()).await;
}

#[tokio::test]
async fn scores_come_in_the_order_of_the_texts_and_as_likelihoods() {
    let (scores, double) = reranked(answer(&[(1, 0.9), (0, 0.25)])).await;
    assert_eq!(scores, Ok(vec![0.25, 0.9]));
    let asked = &double.asked()[0];
    assert_eq!(asked.path, "/v1/rerank");
    assert!(
        asked
            .head
            .contains("authorization: Bearer sk-very-secret\r\n")
    );
    let wanted = json!({
        "model": "bge", "query": "риск?", "documents": ["а", "б"], "top_n": 2,
        "return_documents": false,
    });
    assert_eq!(serde_json::from_str::<Value>(&asked.body).unwrap(), wanted);
    // llama.cpp's log odds.
    let (scores, _) = reranked(answer(&[(0, 0.0), (1, -40.0)])).await;
    let scores = scores.unwrap();
    assert!(
        (scores[0] - 0.5).abs() < 1e-6 && scores[1] < 1e-6,
        "{scores:?}"
    );
}

#[tokio::test]
async fn what_goes_wrong_is_told_without_a_secret() {
    let broken = [
        (json("401 Unauthorized", "", "{}"), RerankError::Refused),
        (
            json("503 Service Unavailable", "", "{}"),
            RerankError::Unavailable,
        ),
        (json("404 Not Found", "", "{}"), RerankError::Unavailable),
        (json("200 OK", "", "{\"results\":"), RerankError::Protocol),
        (answer(&[(0, 0.5)]), RerankError::Protocol),
        (answer(&[(0, 0.5), (7, 0.5)]), RerankError::Protocol),
    ];
    for (script, wanted) in broken {
        let error = reranked(script).await.0.unwrap_err();
        assert!(!error.to_string().contains("secret"));
        assert_eq!(error, wanted);
    }
}

#[test]
fn the_environment_names_a_server_or_none() {
    let of = |values: &[(&str, &'static str)]| {
        RerankServerOptions::of_environment(|name| {
            let found = values.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| *value)
        })
    };
    assert!(of(&[]).unwrap().is_none());
    let url = ("RERANK_BASE_URL", "http://localhost:1/v1");
    let options = of(&[url, ("RERANK_MODEL", "bge")]).unwrap().unwrap();
    assert_eq!((options.model.as_str(), options.key), ("bge", None));
    let missing = of(&[url]).unwrap_err();
    assert_eq!(missing.to_string(), "RERANK_MODEL is not set");
    let nonsense = RerankServerOptions {
        base_url: "somewhere".into(),
        model: "bge".into(),
        key: None,
    };
    let error = RerankServer::new(nonsense).unwrap_err();
    assert_eq!(error.to_string(), "RERANK_BASE_URL is no URL");
}
