//! Against llama.cpp itself: `make test-full` only, because it fetches some 280 MB once.

use super::*;
use crate::{llm::Message, testing::llm_conformance, tools::ToolSpec};
use std::process::Stdio;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// The server and its address; it ends when it is dropped.
async fn server() -> (Child, String) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../.ci/llama-server");
    let mut command = Command::new("python3");
    command
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    let mut child = command
        .spawn()
        .expect("python3 must be installed: apt-get install python3-pip");
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address = lines.next_line().await.unwrap();
    let address = address.expect("the server said why it did not start; it needs python3-pip");
    (child, address)
}

fn request(text: &str) -> LlmRequest {
    LlmRequest {
        instructions: "You are a friendly assistant.".into(),
        messages: vec![Message::User { text: text.into() }],
        language: crate::Language::En,
        ..LlmRequest::default()
    }
}

#[tokio::test]
async fn full_a_real_llama_server_answers() {
    let (_server, address) = server().await;
    let options = OpenAiOptions {
        temperature: Some(0.0),
        max_tokens: Some(16),
        timeout: Duration::from_secs(120),
        ..OpenAiOptions::new(format!("{address}/v1"), "gemma")
    };
    let llm = OpenAiLlm::new(options).unwrap();
    llm_conformance(&llm).await;

    let answer = llm.generate(request("Name a colour.")).await.unwrap();
    let events: Vec<_> = answer.map(Result::unwrap).collect().await;
    let texts = events
        .iter()
        .filter(|event| matches!(event, LlmEvent::Text(_)));
    assert!(texts.count() > 1, "the answer is streamed: {events:?}");
    let cost = events.iter().find_map(|event| match event {
        LlmEvent::Usage(usage) => Some(*usage),
        _ => None,
    });
    let cost = cost.expect("the server tells the cost");
    assert!(
        cost.prompt_tokens > 5 && (1..=16).contains(&cost.completion_tokens),
        "{cost:?}"
    );

    let with_tools = LlmRequest {
        tools: vec![ToolSpec::new("get_weather", "Tells the weather.")],
        ..request("What is the weather?")
    };
    let answer = llm.generate(with_tools).await.unwrap();
    let events: Vec<_> = answer.collect().await;
    assert!(
        events.iter().all(Result::is_ok),
        "tools are taken: {events:?}"
    );

    let too_long = request(&"word ".repeat(20_000));
    assert_eq!(llm.generate(too_long).await.err(), Some(LlmError::Refused));
}
