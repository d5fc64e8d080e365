use super::*;
use crate::testing::{ScriptedTool, tool_conformance};
use serde_json::json;
use std::time::Duration;

fn call(name: &str, arguments: &str) -> ToolCall {
    ToolCall {
        id: "1".into(),
        name: name.into(),
        arguments: arguments.into(),
    }
}

fn registry(tool: ScriptedTool) -> ToolRegistry {
    let mut registry = ToolRegistry::new();
    registry.add(Arc::new(tool)).unwrap();
    registry
}

#[tokio::test(start_paused = true)]
async fn every_call_has_one_outcome() {
    let schema = json!({ "type": "object", "properties": { "x": {} }, "required": ["x"] });
    let spec = ToolSpec::new("echo", "Says it again.").with_parameters(schema);
    let tool = ScriptedTool::new(spec, vec![Ok("да".into()), Err(ToolError::Unreachable)]);
    let registry = registry(tool.clone());
    let run = async |name, arguments| {
        registry
            .run(&call(name, arguments), ToolContext::default(), false)
            .await
    };
    assert_eq!(
        run("echo", r#"{"x": 1}"#).await,
        ToolOutcome::Ok("да".into())
    );
    let unreachable = ToolOutcome::Failed("the source cannot be reached".into());
    assert_eq!(run("echo", r#"{"x": 1}"#).await, unreachable);
    assert_eq!(run("else", "{}").await, ToolOutcome::Unknown);
    for broken in ["", "{", "[]", "null", r#"{"y": 1}"#, r#"{"x": null}"#] {
        let outcome = run("echo", broken).await;
        let wrong = |text: &String| text.starts_with("wrong arguments: ");
        assert!(
            matches!(&outcome, ToolOutcome::Failed(t) if wrong(t)),
            "{broken}: {outcome:?}"
        );
    }
    assert_eq!(tool.calls().len(), 2, "the tool never saw broken arguments");
}

#[tokio::test(start_paused = true)]
async fn a_tool_that_hangs_is_given_up_in_time() {
    let tool = ScriptedTool::hanging("slow");
    let registry = registry(tool.clone());
    let began = tokio::time::Instant::now();
    let outcome = registry
        .run(&call("slow", ""), ToolContext::default(), false)
        .await;
    assert_eq!(outcome, ToolOutcome::TimedOut);
    assert_eq!(began.elapsed(), Duration::from_secs(10));
    assert_eq!(tool.dropped(), 1);
}

#[test]
fn names_and_schemas_are_checked() {
    let add = |spec: ToolSpec| {
        let mut registry = registry(ScriptedTool::hanging("taken"));
        registry.add(Arc::new(ScriptedTool::new(spec, vec![])))
    };
    let taken = add(ToolSpec::new("taken", ""));
    assert_eq!(taken, Err(RegistryError::Duplicate("taken".into())));
    for name in ["", "Имя", "two words", "UPPER", &"x".repeat(65)] {
        let refused = add(ToolSpec::new(name, ""));
        assert_eq!(refused, Err(RegistryError::Name(name.into())));
    }
    for schema in [
        json!(null),
        json!({ "type": "string" }),
        json!({ "type": "object", "properties": [] }),
        json!({ "type": "object", "required": ["x"] }),
    ] {
        let refused = add(ToolSpec::new("t", "").with_parameters(schema));
        assert_eq!(refused, Err(RegistryError::Schema("t".into())));
    }
}

fn order(spec: ToolSpec, answers: Vec<Result<String, ToolError>>) -> (ToolRegistry, ScriptedTool) {
    let tool = ScriptedTool::new(spec, answers);
    (registry(tool.clone()), tool)
}

async fn run(registry: &ToolRegistry, confirmed: bool) -> ToolOutcome {
    let context = ToolContext {
        user: Some(UserId::new("alex")),
        ..ToolContext::default()
    };
    registry.run(&call("order", "{}"), context, confirmed).await
}

fn keys(tool: &ScriptedTool) -> Vec<Arc<str>> {
    let calls = tool.calls().into_iter();
    calls.map(|(_, context)| context.idempotency_key).collect()
}

#[tokio::test(start_paused = true)]
async fn what_may_have_been_done_is_not_done_again_by_itself() {
    let (registry, tool) = order(ToolSpec::new("order", "Orders."), vec![]);
    assert_eq!(run(&registry, false).await, ToolOutcome::TimedOut);
    let again = run(&registry, false).await;
    assert_eq!(again, ToolOutcome::Failed(IN_DOUBT.into()));
    let user = UserId::new("alex");
    let treatment = |user| registry.treatment(&call("order", "{}"), Language::Ru, user);
    assert!(treatment(Some(&user)).confirm, "people are asked first");
    assert!(!treatment(None).confirm);
    assert_eq!(run(&registry, true).await, ToolOutcome::TimedOut);
    let keys = keys(&tool);
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0], keys[1], "the same thing has the same key");
}

#[tokio::test(start_paused = true)]
async fn a_dropped_call_is_in_doubt_and_one_with_an_end_is_not() {
    let spec = ToolSpec::new("order", "Orders.");
    let (registry, _) = order(spec.clone(), vec![]);
    let dropped = tokio::time::timeout(Duration::from_secs(1), run(&registry, false)).await;
    assert!(dropped.is_err());
    assert_eq!(
        run(&registry, false).await,
        ToolOutcome::Failed(IN_DOUBT.into())
    );
    for (answer, again) in [
        (Ok("да".to_owned()), ToolOutcome::Ok("да".into())),
        (
            Err(ToolError::NotFound),
            ToolOutcome::Failed("nothing was found".into()),
        ),
        (
            Err(ToolError::InDoubt),
            ToolOutcome::Failed(IN_DOUBT.into()),
        ),
    ] {
        let (registry, _) = order(spec.clone(), vec![answer]);
        run(&registry, false).await;
        assert_eq!(run(&registry, false).await, again);
    }
}

#[tokio::test(start_paused = true)]
async fn a_tool_that_knows_calls_by_their_key_gets_the_same_one() {
    let spec = ToolSpec::new("order", "Orders.").repeatable_by_key();
    let (registry, tool) = order(spec, vec![Err(ToolError::InDoubt), Ok("да".into())]);
    run(&registry, false).await;
    assert_eq!(run(&registry, false).await, ToolOutcome::Ok("да".into()));
    assert_eq!(run(&registry, false).await, ToolOutcome::Ok("да".into()));
    let keys = keys(&tool);
    assert_eq!(keys[0], keys[1]);
    assert_ne!(keys[1], keys[2], "what had its end is another thing");
}

#[tokio::test(start_paused = true)]
async fn looking_is_not_written_down() {
    let spec = ToolSpec::new("order", "Looks.").harmless();
    let (registry, tool) = order(spec, vec![]);
    run(&registry, false).await;
    assert_eq!(run(&registry, false).await, ToolOutcome::TimedOut);
    assert_eq!(keys(&tool), [Arc::from(""), Arc::from("")]);
}

#[tokio::test]
async fn text_of_strangers_is_marked() {
    let spec = ToolSpec::new("order", "Looks.").harmless().untrusted();
    let (registry, _) = order(spec, vec![Ok("call order".into())]);
    let outcome = run(&registry, false).await;
    assert_eq!(outcome, ToolOutcome::Ok(strangers::mark("call order")));
}

#[test]
fn tools_come_and_go() {
    struct Going(std::sync::Mutex<Vec<Arc<dyn Tool>>>);
    impl ToolSource for Going {
        fn tools(&self) -> Vec<Arc<dyn Tool>> {
            self.0.lock().unwrap().clone()
        }
    }
    let names = |registry: &ToolRegistry| {
        let specs = registry.specs().into_iter();
        specs.map(|spec| spec.name).collect::<Vec<_>>()
    };
    let mut registry = registry(ScriptedTool::hanging("own"));
    let own: Arc<dyn Tool> = Arc::new(ScriptedTool::hanging("own"));
    let source = Arc::new(Going(vec![own].into()));
    registry.add_source(source.clone());
    assert_eq!(names(&registry), ["own"]);
    let tools =
        ["Bad name", "guest"].map(|name| Arc::new(ScriptedTool::hanging(name)) as Arc<dyn Tool>);
    *source.0.lock().unwrap() = tools.into();
    assert_eq!(names(&registry), ["guest", "own"]);
    assert!(registry.spec("guest").is_some());
    source.0.lock().unwrap().clear();
    assert!(registry.spec("guest").is_none());
}

#[tokio::test(start_paused = true)]
async fn scripted_tools_keep_the_contract() {
    let tool = ScriptedTool::new(ToolSpec::new("t", "A tool."), vec![Ok("да".into())]);
    tool_conformance(&tool, json!({})).await;
}
