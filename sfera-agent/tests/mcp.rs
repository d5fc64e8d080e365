//! Tools of the protocol's reference server (npm), over its standard input and output and over HTTP.
#![cfg(feature = "mcp")]
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod mcp_server;

use mcp_server::script;
use sfera_agent::{
    Language,
    tools::{
        Progress, Repeat, ToolCall, ToolContext, ToolError, ToolOutcome, ToolRegistry, ToolSource,
        mcp::{McpConfig, McpServers, McpState},
    },
};
use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};
use tokio::net::TcpSocket;

/// Waits for what a server tells by itself; nobody says when that was heard.
async fn until(happens: impl Fn() -> bool) {
    let patience = Duration::from_secs(30);
    let happened = async {
        while !happens() {
            tokio::task::yield_now().await;
        }
    };
    let happened = tokio::time::timeout(patience, happened).await;
    happened.expect("the server's news was not heard");
}

fn config(json: serde_json::Value) -> McpConfig {
    let file = serde_json::json!({ "mcpServers": json }).to_string();
    let variable = |name: &str| (name == "SECRET").then(|| "hidden".to_owned());
    McpConfig::parse(&file, variable).unwrap()
}

async fn started(config: McpConfig) -> Arc<McpServers> {
    let servers = McpServers::start(config);
    servers.settled(Duration::from_secs(30)).await;
    Arc::new(servers)
}

async fn run(servers: &Arc<McpServers>, name: &str, arguments: &str) -> ToolOutcome {
    run_with(servers, name, arguments, ToolContext::default()).await
}

async fn run_with(
    servers: &Arc<McpServers>,
    name: &str,
    arguments: &str,
    context: ToolContext,
) -> ToolOutcome {
    let mut registry = ToolRegistry::new();
    registry.add_source(servers.clone());
    let call = ToolCall {
        id: "1".into(),
        name: name.into(),
        arguments: arguments.into(),
    };
    registry.run(&call, context, false).await
}

#[track_caller]
fn said(outcome: &ToolOutcome, part: &str) {
    assert!(
        matches!(outcome, ToolOutcome::Ok(text) if text.contains(part)),
        "{outcome:?}"
    );
}

async fn close(servers: Arc<McpServers>) {
    let servers = Arc::try_unwrap(servers).expect("nobody else holds it");
    servers.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_offers_its_tools() {
    let servers = started(config(serde_json::json!({
        "every": { "command": "node", "args": [script()], "env": { "TOKEN": "${SECRET}" } }
    })))
    .await;
    let states = servers.states();
    assert!(
        matches!(states[0].1, McpState::Ready(n) if n > 3),
        "{states:?}"
    );
    let mut registry = ToolRegistry::new();
    registry.add_source(servers.clone());
    let specs = registry.specs();
    let echo = specs.iter().find(|spec| spec.name == "every_echo").unwrap();
    assert!(
        echo.untrusted && echo.parameters.get("$schema").is_none(),
        "{echo:?}"
    );
    assert!(
        !specs
            .iter()
            .any(|s| s.parameters.to_string().contains("$ref"))
    );
    drop(registry);

    let outcome = run(&servers, "every_echo", r#"{"message":"привет"}"#).await;
    said(&outcome, "привет");
    let ToolOutcome::Ok(text) = &outcome else {
        panic!("{outcome:?}");
    };
    assert!(sfera_agent::tools::is_untrusted(text));
    said(
        &run(&servers, "every_get_sum", r#"{"a":2,"b":3}"#).await,
        "5",
    );
    let wrong = run(&servers, "every_get_sum", r#"{"a":"two","b":3}"#).await;
    assert!(matches!(wrong, ToolOutcome::Failed(_)), "{wrong:?}");
    // It has the variables of its entry, and none of this process.
    let env = run(&servers, "every_get_env", "{}").await;
    said(&env, "hidden");
    assert!(!format!("{env:?}").contains("CARGO_"), "{env:?}");
    close(servers).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_told_and_a_call_that_is_given_up_leaves_the_server_well() {
    let servers = started(config(serde_json::json!({
        "every": { "command": "node", "args": [script()] }
    })))
    .await;
    let (progress, heard) = Progress::new();
    let context = ToolContext {
        progress,
        ..ToolContext::default()
    };
    let name = "every_trigger_long_running_operation";
    let long = run_with(&servers, name, r#"{"duration":1,"steps":4}"#, context).await;
    assert!(matches!(long, ToolOutcome::Ok(_)), "{long:?}");
    let heard = heard.borrow().clone();
    assert!(heard.contains("/ 4"), "{heard}");
    let cut = run(&servers, name, r#"{"duration":20,"steps":4}"#);
    let cut = tokio::time::timeout(Duration::from_millis(300), cut).await;
    assert!(cut.is_err());
    said(
        &run(&servers, "every_echo", r#"{"message":"ещё здесь"}"#).await,
        "ещё здесь",
    );
    close(servers).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_something_is_asked_about_unless_the_operator_says_no() {
    let every = |confirm: bool| {
        config(serde_json::json!({
            "every": { "command": "node", "args": [script()], "confirm": confirm }
        }))
    };
    for confirm in [true, false] {
        let servers = started(every(confirm)).await;
        let specs: Vec<_> = servers.tools().iter().map(|tool| tool.spec()).collect();
        for spec in &specs {
            let asks = confirm && spec.repeat != Repeat::Harmless;
            assert_eq!(spec.confirm, asks, "{}", spec.name);
        }
        let long = servers.tools();
        let long = long.iter().find(|t| t.spec().name == "every_echo").unwrap();
        let action = long.action(&serde_json::json!({ "message": "да" }), Language::Ru);
        assert!(action.unwrap().ends_with(": да"));
        drop(specs);
        close(servers).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tools_that_come_and_go_are_offered_while_they_are_there() {
    let home = script();
    let home = home.ancestors().nth(5).expect("the folder of its packages");
    let servers = started(config(serde_json::json!({
        "host": {
            "command": "node",
            "args": ["--input-type=module", "-e", include_str!("data/mcp-changing.mjs")],
            "cwd": home,
        }
    })))
    .await;
    let mut registry = ToolRegistry::new();
    registry.add_source(servers.clone());
    // Each request of a session or a chat offers these.
    let offered = |name: &str| registry.specs().iter().any(|spec| spec.name == name);
    assert!(offered("host_invite") && !offered("host_guest"));

    said(&run(&servers, "host_invite", "{}").await, "invited");
    until(|| offered("host_guest")).await;
    said(&run(&servers, "host_guest", "{}").await, "здесь");
    let tools = servers.tools();
    let guest = tools.iter().find(|tool| tool.spec().name == "host_guest");
    let guest = guest.expect("it is offered").clone();

    said(&run(&servers, "host_dismiss", "{}").await, "dismissed");
    until(|| !offered("host_guest")).await;
    let gone = run(&servers, "host_guest", "{}").await;
    assert_eq!(gone, ToolOutcome::Unknown);
    // A call that was on its way meanwhile.
    let late = guest.call(serde_json::json!({}), ToolContext::default());
    let late = late.await.unwrap_err();
    assert!(
        matches!(&late, ToolError::Refused(why) if why.contains("guest")),
        "{late:?}"
    );
    assert!(offered("host_invite"));
    drop((registry, tools, guest));
    close(servers).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_over_http_offers_the_same_tools() {
    // Bound here until the end, so that nobody else is given the port; who asks for it may listen on it.
    let held = TcpSocket::new_v4().unwrap();
    held.set_reuseaddr(true).unwrap();
    held.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let port = held.local_addr().unwrap().port();
    let mut server = Command::new("node")
        .arg(script())
        .arg("streamableHttp")
        .env("PORT", port.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(server.stderr.take().unwrap()).lines();
    let ready = lines
        .map_while(Result::ok)
        .any(|line| line.contains(&port.to_string()));
    assert!(ready, "the server did not start");
    let servers = started(config(serde_json::json!({
        "web": { "url": format!("http://127.0.0.1:{port}/mcp"), "headers": { "x-key": "${SECRET}" } }
    })))
    .await;
    said(
        &run(&servers, "web_echo", r#"{"message":"по сети"}"#).await,
        "по сети",
    );
    close(servers).await;
    server.kill().unwrap();
    server.wait().unwrap();
    drop(held);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_offers_nothing_and_says_why() {
    let servers = started(config(serde_json::json!({
        "gone": { "command": "/nowhere/at/all" },
        "mute": { "command": "true" },
        "away": { "url": "http://127.0.0.1:9/mcp" },
    })))
    .await;
    let states = servers.states();
    assert_eq!(states.len(), 3);
    for (name, state) in states {
        assert!(matches!(state, McpState::Away(_)), "{name}: {state:?}");
    }
    assert!(servers.tools().is_empty());
    close(servers).await;
}
