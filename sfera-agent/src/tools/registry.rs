use super::{Tool, ToolCall, ToolContext, ToolError, ToolOutcome, ToolSpec};
use crate::{Language, knowledge::Citation};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc};

/// Bytes of a call's arguments; an LLM that writes more is babbling.
const MAX_ARGUMENTS: usize = 64 << 10;

/// The tools of a session, by name.
#[derive(Clone, Default)]
pub struct ToolRegistry {
    tools: BTreeMap<String, Registered>,
}

#[derive(Clone)]
struct Registered {
    spec: ToolSpec,
    tool: Arc<dyn Tool>,
}

/// Why a tool cannot be registered; a mistake in the program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// The name is empty, too long or has other characters than `a-z`, `0-9` and `_`.
    #[error("{0:?} is no name for a tool: use a-z, 0-9 and _, at most 64 characters")]
    Name(String),
    /// Another tool has the name.
    #[error("there are two tools named {0}")]
    Duplicate(String),
    /// The arguments' JSON Schema is not that of an object.
    #[error("the parameters of the tool {0} are no JSON Schema of an object")]
    Schema(String),
}

impl std::fmt::Debug for ToolRegistry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.tools.keys()).finish()
    }
}

impl ToolRegistry {
    /// No tools yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a tool.
    ///
    /// # Errors
    /// [`RegistryError`] if its name or its parameters cannot be used; nothing is added then.
    pub fn add(&mut self, tool: Arc<dyn Tool>) -> Result<(), RegistryError> {
        let spec = tool.spec();
        let letters = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_');
        if !(1..=64).contains(&spec.name.len()) || !spec.name.bytes().all(letters) {
            return Err(RegistryError::Name(spec.name));
        }
        if self.tools.contains_key(&spec.name) {
            return Err(RegistryError::Duplicate(spec.name));
        }
        if !is_object_schema(&spec.parameters) {
            return Err(RegistryError::Schema(spec.name));
        }
        self.tools
            .insert(spec.name.clone(), Registered { spec, tool });
        Ok(())
    }

    /// What the LLM is told, sorted by name.
    #[must_use]
    pub fn specs(&self) -> Vec<ToolSpec> {
        self.tools.values().map(|t| t.spec.clone()).collect()
    }

    /// What is known about a tool.
    #[must_use]
    pub fn spec(&self, name: &str) -> Option<&ToolSpec> {
        self.tools.get(name).map(|t| &t.spec)
    }

    /// Where the result of a call comes from, if its tool says so.
    #[must_use]
    pub fn citation(&self, call: &ToolCall, language: Language) -> Option<Citation> {
        let Registered { spec, tool } = self.tools.get(&call.name)?;
        let arguments = arguments(&call.arguments, &spec.parameters).ok()?;
        tool.citation(&arguments, language)
    }

    /// Whether there is no tool.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tools.is_empty()
    }

    /// Runs a call and answers how it ended: an unknown tool, broken arguments, an error and a
    /// time-out are outcomes like any other. Dropping the future drops that of [`Tool::call`].
    pub async fn run(&self, call: &ToolCall, context: ToolContext) -> ToolOutcome {
        let Some(Registered { spec, tool }) = self.tools.get(&call.name) else {
            return ToolOutcome::Unknown;
        };
        let arguments = match arguments(&call.arguments, &spec.parameters) {
            Ok(arguments) => arguments,
            Err(error) => return ToolOutcome::Failed(error.to_string()),
        };
        match tokio::time::timeout(spec.timeout, tool.call(arguments, context)).await {
            Ok(Ok(text)) => ToolOutcome::Ok(text),
            Ok(Err(error)) => ToolOutcome::Failed(error.to_string()),
            Err(_) => ToolOutcome::TimedOut,
        }
    }
}

fn is_object_schema(schema: &Value) -> bool {
    let properties = schema.get("properties");
    schema.get("type").and_then(Value::as_str) == Some("object")
        && properties.is_none_or(|p| {
            p.as_object()
                .is_some_and(|p| p.values().all(Value::is_object))
        })
        && required(schema).all(|name| properties.is_some_and(|p| p.get(name).is_some()))
}

fn required(schema: &Value) -> impl Iterator<Item = &str> {
    let names = schema.get("required").and_then(Value::as_array);
    names.into_iter().flatten().filter_map(Value::as_str)
}

/// The arguments as an object that has what the schema requires.
fn arguments(text: &str, schema: &Value) -> Result<Value, ToolError> {
    let wrong = |why: String| Err(ToolError::Arguments(why));
    if text.len() > MAX_ARGUMENTS {
        return wrong(format!("more than {MAX_ARGUMENTS} bytes"));
    }
    // Models write nothing at all for a tool without arguments.
    let text = if text.trim().is_empty() { "{}" } else { text };
    let value = match serde_json::from_str::<Value>(text) {
        Ok(value @ Value::Object(_)) => value,
        Ok(_) => return wrong("not a JSON object".into()),
        Err(error) => return wrong(format!("not JSON: {error}")),
    };
    match required(schema).find(|name| value.get(name).is_none_or(Value::is_null)) {
        Some(name) => wrong(format!("`{name}` is missing")),
        None => Ok(value),
    }
}

#[cfg(all(test, feature = "test-util"))]
mod tests {
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
                .run(&call(name, arguments), ToolContext::default())
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
            .run(&call("slow", ""), ToolContext::default())
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

    #[tokio::test(start_paused = true)]
    async fn scripted_tools_keep_the_contract() {
        let tool = ScriptedTool::new(ToolSpec::new("t", "A tool."), vec![Ok("да".into())]);
        tool_conformance(&tool, json!({})).await;
    }
}
