//! From streamed chunks to events.
//!
//! The types take what compatible servers send: fields that OpenAI requires and others leave out
//! (`id`, `created`, `index` of a tool call in Gemini's and Ollama's chunks) are optional here.

use crate::{
    llm::{LlmError, LlmEvent, Usage},
    tools::ToolCall,
};
use serde::Deserialize;
use std::collections::{BTreeMap, HashSet};

/// Bytes of one call's arguments; a model that writes more is babbling.
const MAX_ARGUMENTS: usize = 256 << 10;
/// Calls of one answer, at most.
const MAX_CALLS: usize = 32;

#[derive(Deserialize)]
struct Chunk {
    #[serde(default)]
    choices: Vec<Choice>,
    usage: Option<Tokens>,
    error: Option<Failure>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    delta: Delta,
    finish_reason: Option<String>,
}

#[derive(Default, Deserialize)]
struct Delta {
    content: Option<String>,
    tool_calls: Option<Vec<CallDelta>>,
}

#[derive(Deserialize)]
struct CallDelta {
    index: Option<usize>,
    id: Option<String>,
    function: Option<FunctionDelta>,
}

#[derive(Deserialize)]
struct FunctionDelta {
    name: Option<String>,
    arguments: Option<String>,
}

#[derive(Deserialize)]
struct Tokens {
    #[serde(default)]
    prompt_tokens: u32,
    #[serde(default)]
    completion_tokens: u32,
}

/// An error in the middle of a stream; `code` is a status or a word.
#[derive(Deserialize)]
struct Failure {
    code: Option<serde_json::Value>,
}

/// Puts an answer together.
pub(super) struct Assembler {
    offered: HashSet<String>,
    calls: BTreeMap<usize, ToolCallParts>,
    delivered: bool,
    finished: bool,
    done: bool,
}

#[derive(Default)]
struct ToolCallParts {
    id: String,
    name: String,
    arguments: String,
}

impl Assembler {
    /// For an answer that may call these tools.
    pub(super) fn new(offered: HashSet<String>) -> Self {
        Self {
            offered,
            calls: BTreeMap::new(),
            delivered: false,
            finished: false,
            done: false,
        }
    }

    /// Whether nothing comes any more.
    pub(super) const fn is_done(&self) -> bool {
        self.done
    }

    /// Takes the data of one server-sent event.
    pub(super) fn take(&mut self, data: &str) -> Result<Vec<LlmEvent>, LlmError> {
        if data.trim() == "[DONE]" {
            // Some servers never say how they finished.
            self.finished = true;
            return self.end();
        }
        let chunk: Chunk = serde_json::from_str(data).map_err(|_| LlmError::Protocol)?;
        if let Some(failure) = chunk.error {
            return Err(failure.error());
        }
        let mut events = Vec::new();
        if let Some(choice) = chunk.choices.into_iter().next() {
            self.choice(choice, &mut events)?;
        }
        events.extend(chunk.usage.map(|tokens| {
            LlmEvent::Usage(Usage {
                prompt_tokens: tokens.prompt_tokens,
                completion_tokens: tokens.completion_tokens,
            })
        }));
        Ok(events)
    }

    fn choice(&mut self, choice: Choice, events: &mut Vec<LlmEvent>) -> Result<(), LlmError> {
        if let Some(text) = choice.delta.content.filter(|text| !text.is_empty()) {
            self.delivered = true;
            events.push(LlmEvent::Text(text));
        }
        for call in choice.delta.tool_calls.into_iter().flatten() {
            self.call(call)?;
        }
        match choice.finish_reason.as_deref() {
            None | Some("") => {}
            Some("content_filter") if !self.delivered => return Err(LlmError::Refused),
            Some(_) => {
                self.finished = true;
                events.extend(self.complete_calls());
            }
        }
        Ok(())
    }

    fn call(&mut self, delta: CallDelta) -> Result<(), LlmError> {
        let last = self.calls.keys().next_back().copied();
        // Without an index: a new id begins a new call, anything else goes on with the last one.
        let index = delta.index.unwrap_or(match (last, &delta.id) {
            (None, _) => 0,
            (Some(last), None) => last,
            (Some(last), Some(id)) => {
                let same = self.calls.get(&last).is_some_and(|call| call.id == *id);
                if same { last } else { last + 1 }
            }
        });
        let call = self.calls.entry(index).or_default();
        if let Some(id) = delta.id.filter(|id| !id.is_empty()) {
            call.id = id;
        }
        if let Some(function) = delta.function {
            call.name.push_str(&function.name.unwrap_or_default());
            call.arguments
                .push_str(&function.arguments.unwrap_or_default());
        }
        let bounded = call.arguments.len() + call.name.len() <= MAX_ARGUMENTS;
        (bounded && self.calls.len() <= MAX_CALLS)
            .then_some(())
            .ok_or(LlmError::Protocol)
    }

    /// The answer's end: it must have been announced.
    pub(super) fn end(&mut self) -> Result<Vec<LlmEvent>, LlmError> {
        if !self.finished {
            return Err(LlmError::Unavailable);
        }
        self.done = true;
        Ok(self.complete_calls().collect())
    }

    fn complete_calls(&mut self) -> impl Iterator<Item = LlmEvent> + use<> {
        let calls = std::mem::take(&mut self.calls).into_values();
        // A model that makes calls where no tool was offered writes nonsense; it is left out.
        let offered = !self.offered.is_empty();
        calls.filter(move |_| offered).map(|call| {
            let id = if call.id.is_empty() {
                new_id()
            } else {
                call.id
            };
            LlmEvent::ToolCall(ToolCall {
                id: id.into(),
                name: call.name,
                arguments: call.arguments,
            })
        })
    }
}

/// For servers that give none.
fn new_id() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("call-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

impl Failure {
    fn error(&self) -> LlmError {
        let code = self.code.as_ref();
        let status = code.and_then(|code| match code {
            serde_json::Value::Number(number) => number.as_u64(),
            _ => code.as_str()?.parse().ok(),
        });
        let status =
            status.and_then(|status| reqwest::StatusCode::from_u16(status.try_into().ok()?).ok());
        match (status, code.and_then(serde_json::Value::as_str)) {
            (Some(status), _) => super::error::of_status(status, None),
            (None, Some("rate_limit_exceeded" | "insufficient_quota")) => {
                LlmError::RateLimited(None)
            }
            (None, Some("content_filter" | "context_length_exceeded")) => LlmError::Refused,
            (None, Some("invalid_api_key")) => LlmError::Unauthorized,
            _ => LlmError::Unavailable,
        }
    }
}
