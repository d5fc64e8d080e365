use super::*;
use crate::{
    Language,
    http::double::{Double, Part, json},
    knowledge::Passage,
    llm::{Message, Unread, Usage},
    memory::{Provenance, Recollection},
    testing::llm_conformance,
    tools::{ToolCall, ToolOutcome, ToolSpec},
};
use serde_json::{Value, json};

/// The head of a streamed answer; the body follows in HTTP chunks, so that a cut can be told from
/// an end.
fn sse_head() -> Part {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n\
                cache-control: no-cache\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n";
    Part::Bytes(head.into())
}

fn http_chunk(bytes: &[u8]) -> Part {
    let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
    chunk.extend_from_slice(bytes);
    chunk.extend_from_slice(b"\r\n");
    Part::Bytes(chunk)
}

fn data(text: &str) -> Part {
    http_chunk(format!("data: {text}\n\n").as_bytes())
}

fn delta(delta: Value, finish: Option<&str>) -> Part {
    let chunk = json!({
        "id": "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT", "object": "chat.completion.chunk",
        "created": 1_741_569_952, "model": "gpt-4.1-2025-04-14", "service_tier": "default",
        "system_fingerprint": null, "obfuscation": "Xz",
        "choices": [{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish }],
        "usage": null,
    });
    data(&chunk.to_string())
}

pub(super) fn words(text: &str) -> Part {
    delta(json!({ "content": text }), None)
}

pub(super) fn stop() -> Part {
    delta(json!({}), Some("stop"))
}

fn done() -> Vec<Part> {
    vec![data("[DONE]"), Part::Bytes(b"0\r\n\r\n".into())]
}

pub(super) fn stream_of(parts: Vec<Part>) -> Vec<Part> {
    std::iter::once(sse_head())
        .chain(parts)
        .chain(done())
        .collect()
}

pub(super) fn options(url: &str) -> OpenAiOptions {
    OpenAiOptions::new(format!("{url}/v1/"), "test-model").with_key("sk-very-secret")
}

pub(super) fn request() -> LlmRequest {
    LlmRequest {
        messages: vec![Message::User {
            text: "Привет".into(),
        }],
        tools: vec![ToolSpec::new("get_weather", "Weather.")],
        ..LlmRequest::default()
    }
}

pub(super) async fn answer_to(
    request: LlmRequest,
    options: impl FnOnce(&str) -> OpenAiOptions,
    script: Vec<Part>,
) -> (Vec<Result<LlmEvent, LlmError>>, Double) {
    let double = Double::start(vec![script]).await;
    let llm = OpenAiLlm::new(options(&double.url)).unwrap();
    let events = match llm.generate(request).await {
        Ok(answer) => answer.collect().await,
        Err(error) => vec![Err(error)],
    };
    (events, double)
}

async fn answer(script: Vec<Part>) -> Vec<Result<LlmEvent, LlmError>> {
    answer_to(request(), options, script).await.0
}

pub(super) fn text(text: &str) -> Result<LlmEvent, LlmError> {
    Ok(LlmEvent::Text(text.into()))
}

fn called(id: &str, name: &str, arguments: &str) -> Result<LlmEvent, LlmError> {
    Ok(LlmEvent::ToolCall(ToolCall {
        id: id.into(),
        name: name.into(),
        arguments: arguments.into(),
    }))
}

#[tokio::test]
async fn it_keeps_the_contract() {
    let script = stream_of(vec![words("Здравствуйте!"), stop()]);
    let double = Double::start(vec![script]).await;
    llm_conformance(&OpenAiLlm::new(options(&double.url)).unwrap()).await;
}

#[tokio::test]
async fn text_comes_as_it_is_written_and_the_cost_at_the_end() {
    let usage = json!({
        "choices": [], "usage": { "prompt_tokens": 19, "completion_tokens": 10, "total_tokens": 29 },
    });
    let role = delta(
        json!({ "role": "assistant", "content": "", "refusal": null }),
        None,
    );
    let parts = vec![
        role,
        words("Здрав"),
        words("ствуйте!"),
        stop(),
        data(&usage.to_string()),
    ];
    let events = answer(stream_of(parts)).await;
    let cost = Usage {
        prompt_tokens: 19,
        completion_tokens: 10,
    };
    assert_eq!(
        events,
        [text("Здрав"), text("ствуйте!"), Ok(LlmEvent::Usage(cost))]
    );
}

#[tokio::test]
async fn letters_and_events_split_between_tcp_segments_arrive_whole() {
    let event = format!(
        "data: {}\r\n\r\n",
        json!({ "choices": [{ "delta": { "content": "Ёж" } }] })
    );
    let bytes = event.as_bytes().chunks(1).map(http_chunk);
    let comments = http_chunk(b": OPENROUTER PROCESSING\n\n");
    let parts = std::iter::once(comments)
        .chain(bytes)
        .chain([stop()])
        .collect();
    assert_eq!(answer(stream_of(parts)).await, [text("Ёж")]);
}

#[tokio::test]
async fn tool_calls_are_put_together_from_their_pieces() {
    let call = |index: usize, id: &str, name: &str| {
        let function = json!({ "name": name, "arguments": "" });
        let call = json!({ "index": index, "id": id, "type": "function", "function": function });
        delta(
            json!({ "role": "assistant", "content": null, "tool_calls": [call] }),
            None,
        )
    };
    let arguments = |index: usize, text: &str| {
        let call = json!({ "index": index, "function": { "arguments": text } });
        delta(json!({ "tool_calls": [call] }), None)
    };
    let parts = vec![
        call(0, "call_a", "get_weather"),
        arguments(0, r#"{"ci"#),
        call(1, "call_b", "get_time"),
        arguments(0, r#"ty":"Москва"}"#),
        arguments(1, "{}"),
        delta(json!({}), Some("tool_calls")),
    ];
    let expected = [
        called("call_a", "get_weather", r#"{"city":"Москва"}"#),
        called("call_b", "get_time", "{}"),
    ];
    assert_eq!(answer(stream_of(parts)).await, expected);
}

#[tokio::test]
async fn chunks_of_compatible_servers_are_understood() {
    // Gemini and Ollama: whole calls at once, without an index, sometimes without an id.
    let whole = json!({ "choices": [{ "delta": { "role": "assistant", "tool_calls": [
        { "id": "x", "type": "function", "function": { "name": "get_weather", "arguments": "{}" } },
        { "id": "y", "type": "function", "function": { "name": "get_time", "arguments": "{}" } },
    ] }, "finish_reason": "tool_calls" }] });
    let events = answer(stream_of(vec![data(&whole.to_string())])).await;
    assert_eq!(
        events,
        [
            called("x", "get_weather", "{}"),
            called("y", "get_time", "{}")
        ]
    );
    // Some never say how they finished, only that they are done.
    assert_eq!(answer(stream_of(vec![words("да")])).await, [text("да")]);
    // And some just close after a finish.
    let closed = vec![
        sse_head(),
        words("да"),
        stop(),
        Part::Bytes(b"0\r\n\r\n".into()),
    ];
    assert_eq!(answer(closed).await, [text("да")]);
}

#[tokio::test]
async fn no_call_comes_where_no_tool_was_offered() {
    let call = json!({ "index": 0, "id": "x", "function": { "name": "f", "arguments": "{}" } });
    let parts = vec![
        words("да"),
        delta(json!({ "tool_calls": [call] }), Some("tool_calls")),
    ];
    let request = LlmRequest {
        tools: Vec::new(),
        ..request()
    };
    let (events, _) = answer_to(request, options, stream_of(parts)).await;
    assert_eq!(events, [text("да")]);
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let error = |message: &str, code: &str| {
        let error = json!({ "message": message, "type": "x", "param": null, "code": code });
        json!({ "error": error }).to_string()
    };
    let wait = |seconds| LlmError::RateLimited(Some(Duration::from_millis(seconds)));
    for (status, headers, code, expected) in [
        (
            "401 Unauthorized",
            "",
            "invalid_api_key",
            LlmError::Unauthorized,
        ),
        (
            "429 Too Many Requests",
            "retry-after: 20\r\n",
            "rate_limit_exceeded",
            wait(20_000),
        ),
        (
            "429 Too Many Requests",
            "retry-after-ms: 1500\r\nretry-after: 2\r\n",
            "x",
            wait(1_500),
        ),
        (
            "429 Too Many Requests",
            "retry-after: soon\r\n",
            "x",
            LlmError::RateLimited(None),
        ),
        (
            "402 Payment Required",
            "",
            "insufficient_credits",
            LlmError::RateLimited(None),
        ),
        ("400 Bad Request", "", "content_filter", LlmError::Refused),
        (
            "400 Bad Request",
            "",
            "context_length_exceeded",
            LlmError::Refused,
        ),
        ("404 Not Found", "", "model_not_found", LlmError::Refused),
        (
            "500 Internal Server Error",
            "",
            "server_error",
            LlmError::Unavailable,
        ),
        ("503 Service Unavailable", "", "", LlmError::Unavailable),
    ] {
        let script = json(
            status,
            headers,
            &error("Incorrect API key provided: sk-very", code),
        );
        assert_eq!(answer(script).await, [Err(expected)], "{status} {code}");
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_keeps_its_text_and_ends_with_an_error() {
    let cut = vec![sse_head(), words("Здрав")];
    assert_eq!(
        answer(cut).await,
        [text("Здрав"), Err(LlmError::Unavailable)]
    );
    let failed = json!({ "error": { "message": "overloaded", "code": 503 } }).to_string();
    let events = answer(stream_of(vec![words("Здрав"), data(&failed)])).await;
    assert_eq!(events, [text("Здрав"), Err(LlmError::Unavailable)]);
    let events = answer(stream_of(vec![words("Здрав"), data("{broken")])).await;
    assert_eq!(events, [text("Здрав"), Err(LlmError::Protocol)]);
    let filtered = vec![delta(json!({}), Some("content_filter"))];
    assert_eq!(answer(stream_of(filtered)).await, [Err(LlmError::Refused)]);
}

#[tokio::test]
async fn a_server_that_is_silent_is_given_up() {
    // Much more than a busy machine makes of the pauses below.
    let limit = Duration::from_secs(2);
    let impatient = |url: &str| OpenAiOptions {
        timeout: limit,
        ..options(url)
    };
    let (events, _) = answer_to(request(), impatient, vec![Part::Hang]).await;
    assert_eq!(events, [Err(LlmError::Timeout(limit))]);
    let silent = vec![sse_head(), words("Здрав"), Part::Hang];
    let (events, _) = answer_to(request(), impatient, silent).await;
    assert_eq!(events, [text("Здрав"), Err(LlmError::Timeout(limit))]);
    // Slow is not silent.
    let pause = || Part::Pause(limit / 4);
    let slow = vec![
        pause(),
        words("раз"),
        pause(),
        words("два"),
        pause(),
        pause(),
        stop(),
    ];
    let (events, _) = answer_to(request(), impatient, stream_of(slow)).await;
    assert_eq!(events, [text("раз"), text("два")]);
}

#[tokio::test]
async fn nobody_there_and_bad_settings_are_told_at_once() {
    let nobody = Double::nobody().await;
    let llm = OpenAiLlm::new(options(&nobody)).unwrap();
    assert_eq!(
        llm.generate(request()).await.err(),
        Some(LlmError::Unavailable)
    );
    let no_address = OpenAiLlm::new(options("localhost"));
    assert_eq!(no_address.err(), Some(LlmError::Unavailable));
    let bad_key = options("http://localhost").with_key("line\nbreak");
    assert_eq!(OpenAiLlm::new(bad_key).err(), Some(LlmError::Unauthorized));
}

#[tokio::test]
async fn the_key_is_sent_and_never_shown() {
    let script = stream_of(vec![words("да"), stop()]);
    let (_, double) = answer_to(request(), options, script).await;
    let asked = &double.asked()[0];
    assert_eq!(asked.path, "/v1/chat/completions");
    assert!(asked.head.contains("authorization: Bearer sk-very-secret"));
    let llm = OpenAiLlm::new(options(&double.url)).unwrap();
    let shown = format!("{llm:?} {:?} {}", llm.options, llm.name());
    assert!(!shown.contains("sk-very"), "{shown}");
}

#[tokio::test]
async fn the_whole_request_is_rendered() {
    let call = |id: &str| {
        Message::ToolCall(ToolCall {
            id: id.into(),
            name: "get_weather".into(),
            arguments: "{}".into(),
        })
    };
    let user = |text: &str| Message::User { text: text.into() };
    let full = LlmRequest {
        instructions: "Ты Сфера.".into(),
        recalled: vec![
            Recollection {
                kind: Some("name".into()),
                text: "Алекс".into(),
                ..Recollection::default()
            },
            Recollection {
                kind: Some(Recollection::SUMMARY.into()),
                text: "О тильте.".into(),
                provenance: Some(Provenance {
                    at: "2026-11-22T11:05:00Z".parse().unwrap(),
                    host: None,
                    conversation: None,
                    words: None,
                }),
            },
        ],
        passages: vec![Passage {
            title: "Тильт".into(),
            section: None,
            text: "Тильт опасен.".into(),
            score: 1.0,
            relevance: crate::knowledge::Relevance::Answers,
        }],
        messages: vec![
            user("Погода?"),
            call("a"),
            call("b"),
            Message::ToolResult {
                id: "a".into(),
                outcome: ToolOutcome::Ok("Ясно.".into()),
            },
            Message::Assistant {
                text: "Сейчас".into(),
                interrupted: true,
            },
            user("Ну?"),
        ],
        ..request()
    };
    let script = stream_of(vec![words("да"), stop()]);
    let limited = |url: &str| OpenAiOptions {
        temperature: Some(0.5),
        ..options(url)
    };
    let (_, double) = answer_to(full, limited, script).await;
    let body: Value = serde_json::from_str(&double.asked()[0].body).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&body).unwrap());
}

#[test]
fn what_was_not_read_is_told_in_a_sentence_each() {
    let system = |language, unread| {
        let request = LlmRequest {
            language,
            unread,
            ..request()
        };
        let body = serde_json::to_value(prompt::body(&options(""), &request)).unwrap();
        body["messages"][0]["content"].as_str().unwrap().to_owned()
    };
    for (language, claim, sentences) in [
        (
            Language::Ru,
            "не утверждай",
            ["Память о пользователе", "Базу знаний"],
        ),
        (
            Language::En,
            "do not claim",
            ["The memory of the user", "The knowledge base"],
        ),
    ] {
        for (memory, knowledge) in [(false, false), (true, false), (false, true), (true, true)] {
            let system = system(language, Unread { memory, knowledge });
            let told = sentences.map(|sentence| system.contains(sentence));
            assert_eq!(told, [memory, knowledge], "{system}");
            let claims = system.matches(claim).count();
            assert_eq!(claims, usize::from(memory) + usize::from(knowledge));
        }
    }
}

#[test]
fn openai_itself_gets_the_new_name_of_the_limit() {
    let options = OpenAiOptions::new("https://api.openai.com/v1", "m");
    let body = serde_json::to_value(prompt::body(&options, &request())).unwrap();
    assert_eq!(body["max_completion_tokens"], 400);
    assert_eq!(body.get("max_tokens"), None);
}

/// Against llama.cpp itself: `make test-full` only, because it fetches some 280 MB once.
mod real_server {
    use super::*;
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
            language: Language::En,
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
}
