use super::{
    Duplicates, Journal, MemoryJournal, Repeat, Tool, ToolCall, ToolContext, ToolError,
    ToolOutcome, ToolSpec, Treatment,
    journal::{Begun, Intent},
    strangers,
};
use crate::{Language, knowledge::Citation, memory::UserId};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc};

/// Bytes of a call's arguments; an LLM that writes more is babbling.
const MAX_ARGUMENTS: usize = 64 << 10;

/// The tools of a session, by name.
#[derive(Clone)]
pub struct ToolRegistry {
    tools: BTreeMap<String, Registered>,
    sources: Vec<Arc<dyn ToolSource>>,
    journal: Arc<dyn Journal>,
}

impl Default for ToolRegistry {
    fn default() -> Self {
        Self {
            tools: BTreeMap::new(),
            sources: Vec::new(),
            journal: Arc::new(MemoryJournal::new()),
        }
    }
}

/// Tools that come and go while sessions use them, such as those of other programs.
pub trait ToolSource: Send + Sync {
    /// Those there are now. It is asked with every call: answer at once, from what is known.
    fn tools(&self) -> Vec<Arc<dyn Tool>>;
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
    /// No tools yet; calls are written down in memory.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a tool.
    ///
    /// # Errors
    /// [`RegistryError`] if its name or its parameters cannot be used; nothing is added then.
    pub fn add(&mut self, tool: Arc<dyn Tool>) -> Result<(), RegistryError> {
        let spec = checked(tool.spec())?;
        if self.tools.contains_key(&spec.name) {
            return Err(RegistryError::Duplicate(spec.name));
        }
        self.tools
            .insert(spec.name.clone(), Registered { spec, tool });
        Ok(())
    }

    /// Adds tools that come and go. One that has the name of another, or cannot be used, is left out.
    pub fn add_source(&mut self, source: Arc<dyn ToolSource>) {
        self.sources.push(source);
    }

    /// Where calls that change something are written down, in place of the memory.
    pub fn set_journal(&mut self, journal: Arc<dyn Journal>) {
        self.journal = journal;
    }

    /// Where calls that change something are written down.
    #[must_use]
    pub fn journal(&self) -> &Arc<dyn Journal> {
        &self.journal
    }

    /// What the LLM is told, sorted by name.
    #[must_use]
    pub fn specs(&self) -> Vec<ToolSpec> {
        let mut all = self.tools.clone();
        for source in &self.sources {
            for tool in source.tools() {
                match checked(tool.spec()) {
                    Ok(spec) => {
                        let registered = || Registered {
                            spec: spec.clone(),
                            tool,
                        };
                        all.entry(spec.name.clone()).or_insert_with(registered);
                    }
                    Err(error) => tracing::warn!(%error, "a tool is left out"),
                }
            }
        }
        all.into_values().map(|t| t.spec).collect()
    }

    /// What is known about a tool.
    #[must_use]
    pub fn spec(&self, name: &str) -> Option<ToolSpec> {
        self.find(name).map(|t| t.spec)
    }

    fn find(&self, name: &str) -> Option<Registered> {
        if let Some(registered) = self.tools.get(name) {
            return Some(registered.clone());
        }
        let mut tools = self.sources.iter().flat_map(|source| source.tools());
        tools.find_map(|tool| {
            let spec = checked(tool.spec()).ok().filter(|spec| spec.name == name)?;
            Some(Registered { spec, tool })
        })
    }

    /// Where the result of a call comes from, if its tool says so.
    #[must_use]
    pub fn citation(&self, call: &ToolCall, language: Language) -> Option<Citation> {
        let Registered { spec, tool } = self.find(&call.name)?;
        let arguments = arguments(&call.arguments, &spec.parameters).ok()?;
        tool.citation(&arguments, language)
    }

    /// How a call is treated: what its tool says, and whether it was begun before and is in doubt.
    /// Answers at once.
    #[must_use]
    pub fn treatment(
        &self,
        call: &ToolCall,
        language: Language,
        user: Option<&UserId>,
    ) -> Treatment {
        let Some(registered) = self.find(&call.name) else {
            return Treatment::default();
        };
        let spec = &registered.spec;
        // A call with broken arguments does not run: nobody need be asked.
        let Ok(arguments) = arguments(&call.arguments, &spec.parameters) else {
            return Treatment::default();
        };
        let action = registered.tool.action(&arguments, language);
        let harmful = spec.repeat != Repeat::Harmless;
        let in_doubt = harmful && spec.repeat == Repeat::Never && {
            let intent = Intent::new(user, &spec.name, &arguments, "");
            self.journal.is_in_doubt(&intent)
        };
        Treatment {
            duplicates: match spec.duplicates {
                Duplicates::Replace if !spec.cancellable => Duplicates::Reject,
                other => other,
            },
            confirm: spec.confirm || in_doubt,
            harmful,
            action: action.map(Into::into),
            filler: spec.filler,
        }
    }

    /// Runs a call and answers how it ended: an unknown tool, broken arguments, an error and a
    /// time-out are outcomes like any other. Dropping the future drops that of [`Tool::call`].
    ///
    /// A call that changes something is written down first. One that is in doubt runs again only if
    /// its tool is [`Repeat::ByKey`] or people `confirmed` it, and then under the key it had.
    pub async fn run(
        &self,
        call: &ToolCall,
        mut context: ToolContext,
        confirmed: bool,
    ) -> ToolOutcome {
        let Some(Registered { spec, tool }) = self.find(&call.name) else {
            return ToolOutcome::Unknown;
        };
        let arguments = match arguments(&call.arguments, &spec.parameters) {
            Ok(arguments) => arguments,
            Err(error) => return ToolOutcome::Failed(error.to_string()),
        };
        let mut open = None;
        if spec.repeat != Repeat::Harmless {
            let action = tool.action(&arguments, context.language);
            let action = action.as_deref().unwrap_or(&spec.name);
            let intent = Intent::new(context.user.as_ref(), &spec.name, &arguments, action);
            let again = confirmed || spec.repeat == Repeat::ByKey;
            match self.journal.begin(&intent, again).await {
                Ok(Begun::Run(key)) => {
                    context.idempotency_key = key.clone();
                    open = Some(Open(self.journal.clone(), key));
                }
                Ok(Begun::InDoubt) => return ToolOutcome::Failed(IN_DOUBT.to_owned()),
                Err(error) => return ToolOutcome::Failed(format!("{error}: nothing was done")),
            }
        }
        let result = tokio::time::timeout(spec.timeout, tool.call(arguments, context)).await;
        if let (Some(open), Ok(_)) = (&open, &result)
            && !matches!(result, Ok(Err(ToolError::InDoubt)))
            && let Err(error) = self.journal.end(&open.1).await
        {
            tracing::warn!(%error, tool = spec.name, "the end of a call was not written down");
        }
        match result {
            Ok(Ok(text)) if spec.untrusted => ToolOutcome::Ok(strangers::mark(&text)),
            Ok(Ok(text)) => ToolOutcome::Ok(text),
            Ok(Err(error)) => ToolOutcome::Failed(error.to_string()),
            Err(_) => ToolOutcome::TimedOut,
        }
    }
}

/// What the LLM is told of a call that is in doubt.
const IN_DOUBT: &str = "the same call was begun before and it is not known whether it was done, so it \
                        was not made again; tell the user";

/// A call that runs. Whoever drops it leaves it in doubt, unless its end was written down.
struct Open(Arc<dyn Journal>, Arc<str>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.abandon(&self.1);
    }
}

fn checked(spec: ToolSpec) -> Result<ToolSpec, RegistryError> {
    let letters = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_');
    if !(1..=64).contains(&spec.name.len()) || !spec.name.bytes().all(letters) {
        return Err(RegistryError::Name(spec.name));
    }
    if !is_object_schema(&spec.parameters) {
        return Err(RegistryError::Schema(spec.name));
    }
    Ok(spec)
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

    fn order(
        spec: ToolSpec,
        answers: Vec<Result<String, ToolError>>,
    ) -> (ToolRegistry, ScriptedTool) {
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
        let tools = ["Bad name", "guest"]
            .map(|name| Arc::new(ScriptedTool::hanging(name)) as Arc<dyn Tool>);
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
}
