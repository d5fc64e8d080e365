//! [`ScriptedLlm`], and what every [`Llm`] must do.

use crate::{
    knowledge::Citation,
    llm::{Llm, LlmError, LlmEvent, LlmRequest, LlmStream, Message, Usage},
    tools::ToolCall,
};
use async_trait::async_trait;
use futures::{StreamExt, stream};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// One step of a scripted answer.
#[derive(Clone, Debug, PartialEq)]
pub enum LlmStep {
    /// Time passes on tokio's clock.
    Wait(Duration),
    /// More text.
    Text(String),
    /// A tool call; ids are made up, unique per [`ScriptedLlm`].
    Call {
        /// The tool.
        name: String,
        /// JSON text, or something broken.
        arguments: String,
    },
    /// What it stands on.
    Citation(Citation),
    /// What it cost.
    Usage(Usage),
    /// The answer breaks off. As the first step of a script, [`Llm::generate`] itself fails.
    Fail(LlmError),
    /// Nothing comes any more, and no end either. As the first step, [`Llm::generate`] hangs.
    Hang,
    /// The same words without an end, each after a pause.
    Babble {
        /// The words.
        text: String,
        /// The pause before each.
        every: Duration,
    },
}

impl LlmStep {
    /// Words of a text one by one, each after a pause.
    pub fn words(text: &str, every: Duration) -> impl Iterator<Item = Self> + '_ {
        let words = text.split_inclusive(' ');
        words.flat_map(move |word| [Self::Wait(every), Self::Text(word.to_owned())])
    }
}

/// Answers as its scripts say, one script for each request in order; the last one again and again.
/// Clones share scripts and records.
///
/// ```
/// # use sfera_agent::{llm::*, testing::*};
/// # use futures::StreamExt;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), LlmError> {
/// let llm = ScriptedLlm::new([vec![LlmStep::Text("Hello.".into())]]);
/// let answer: Vec<_> = llm.generate(LlmRequest::default()).await?.collect().await;
/// assert_eq!(answer, [Ok(LlmEvent::Text("Hello.".into()))]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct ScriptedLlm {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    scripts: VecDeque<Vec<LlmStep>>,
    requests: Vec<LlmRequest>,
    calls: u32,
    dropped: usize,
}

impl ScriptedLlm {
    /// An LLM with these scripts; without any it answers nothing.
    #[must_use]
    pub fn new(scripts: impl IntoIterator<Item = Vec<LlmStep>>) -> Self {
        let llm = Self::default();
        llm.lock().scripts = scripts.into_iter().collect();
        llm
    }

    /// An LLM that always answers this, at once.
    #[must_use]
    pub fn saying(text: &str) -> Self {
        Self::new([vec![LlmStep::Text(text.to_owned())]])
    }

    /// All requests so far.
    #[must_use]
    pub fn requests(&self) -> Vec<LlmRequest> {
        self.lock().requests.clone()
    }

    /// How many answers were dropped before their end.
    #[must_use]
    pub fn dropped(&self) -> usize {
        self.lock().dropped
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next_script(&self, request: LlmRequest) -> VecDeque<LlmStep> {
        let mut state = self.lock();
        state.requests.push(request);
        let script = if state.scripts.len() > 1 {
            state.scripts.pop_front()
        } else {
            state.scripts.front().cloned()
        };
        script.unwrap_or_default().into()
    }

    fn call(&self, name: String, arguments: String) -> ToolCall {
        let mut state = self.lock();
        state.calls += 1;
        ToolCall {
            id: format!("scripted-{}", state.calls).into(),
            name,
            arguments,
        }
    }
}

/// An answer under way. Counts itself when it is dropped too early.
struct Answer {
    llm: ScriptedLlm,
    steps: VecDeque<LlmStep>,
    ended: bool,
}

impl Drop for Answer {
    fn drop(&mut self) {
        if !self.ended {
            self.llm.lock().dropped += 1;
        }
    }
}

impl Answer {
    async fn next(&mut self) -> Option<Result<LlmEvent, LlmError>> {
        loop {
            let event = match self.steps.pop_front() {
                None => {
                    self.ended = true;
                    return None;
                }
                Some(LlmStep::Wait(pause)) => {
                    tokio::time::sleep(pause).await;
                    continue;
                }
                Some(LlmStep::Text(text)) => LlmEvent::Text(text),
                Some(LlmStep::Call { name, arguments }) => {
                    LlmEvent::ToolCall(self.llm.call(name, arguments))
                }
                Some(LlmStep::Citation(citation)) => LlmEvent::Citation(citation),
                Some(LlmStep::Usage(usage)) => LlmEvent::Usage(usage),
                Some(LlmStep::Fail(error)) => {
                    self.steps.clear();
                    self.ended = true;
                    return Some(Err(error));
                }
                Some(LlmStep::Hang) => std::future::pending().await,
                Some(LlmStep::Babble { text, every }) => {
                    tokio::time::sleep(every).await;
                    let again = text.clone();
                    self.steps.push_front(LlmStep::Babble { text, every });
                    LlmEvent::Text(again)
                }
            };
            return Some(Ok(event));
        }
    }
}

#[async_trait]
impl Llm for ScriptedLlm {
    fn name(&self) -> &str {
        "scripted"
    }

    async fn generate(&self, request: LlmRequest) -> Result<LlmStream, LlmError> {
        let mut answer = Answer {
            llm: self.clone(),
            steps: self.next_script(request),
            ended: false,
        };
        while let Some(LlmStep::Wait(_) | LlmStep::Fail(_) | LlmStep::Hang) = answer.steps.front() {
            match answer.steps.pop_front() {
                Some(LlmStep::Wait(pause)) => tokio::time::sleep(pause).await,
                Some(LlmStep::Fail(error)) => {
                    answer.ended = true;
                    return Err(error);
                }
                _ => std::future::pending().await,
            }
        }
        let events = stream::unfold(answer, |mut answer| async {
            let event = answer.next().await?;
            Some((event, answer))
        });
        Ok(events.boxed())
    }
}

/// Checks an LLM that answers a greeting with text.
///
/// # Panics
/// Where the contract is broken.
#[expect(
    clippy::unwrap_used,
    reason = "a failed check is what the caller wants to see"
)]
pub async fn llm_conformance(llm: &dyn Llm) {
    assert!(!llm.name().is_empty(), "a provider has a name");
    let greeting = || LlmRequest {
        messages: vec![Message::User {
            text: "Привет!".into(),
        }],
        ..LlmRequest::default()
    };

    let mut answer = llm.generate(greeting()).await.unwrap();
    let mut text = String::new();
    while let Some(event) = answer.next().await {
        match event.unwrap() {
            LlmEvent::Text(more) => text.push_str(&more),
            LlmEvent::ToolCall(call) => assert_eq!(call.name, "", "no tool was offered"),
            LlmEvent::Citation(_) | LlmEvent::Usage(_) => {}
        }
    }
    assert!(!text.trim().is_empty(), "a greeting is answered with text");

    let mut dropped = llm.generate(greeting()).await.unwrap();
    dropped.next().await;
    drop(dropped);
    drop(llm.generate(greeting()));

    let (one, other) = tokio::join!(llm.generate(greeting()), llm.generate(greeting()));
    let (one, other) = (one.unwrap(), other.unwrap());
    let (one, other) = tokio::join!(one.count(), other.count());
    assert!(one > 0 && other > 0, "answers side by side");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Result<LlmEvent, LlmError> {
        Ok(LlmEvent::Text(text.into()))
    }

    #[tokio::test]
    async fn it_keeps_the_contract() {
        llm_conformance(&ScriptedLlm::saying("Привет!")).await;
    }

    #[tokio::test(start_paused = true)]
    async fn scripts_follow_one_another_in_their_time() {
        let second = Duration::from_secs(1);
        let words = LlmStep::words("раз два", second).collect();
        let broken = vec![LlmStep::Text("э".into()), LlmStep::Fail(LlmError::Protocol)];
        let llm = ScriptedLlm::new([words, broken, vec![LlmStep::Fail(LlmError::Unavailable)]]);
        let began = tokio::time::Instant::now();
        let answer = llm.generate(LlmRequest::default()).await.unwrap();
        let events: Vec<_> = answer.collect().await;
        assert_eq!(events, [text("раз "), text("два")]);
        assert_eq!(began.elapsed(), 2 * second);
        let answer = llm.generate(LlmRequest::default()).await.unwrap();
        let events: Vec<_> = answer.collect().await;
        assert_eq!(events, [text("э"), Err(LlmError::Protocol)]);
        for _ in 0..2 {
            let failed = llm.generate(LlmRequest::default()).await;
            assert_eq!(failed.err(), Some(LlmError::Unavailable));
        }
        assert_eq!((llm.requests().len(), llm.dropped()), (4, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn an_endless_answer_ends_when_it_is_dropped() {
        let (every, hour) = (Duration::from_millis(10), Duration::from_secs(3_600));
        let babble = vec![LlmStep::Babble {
            text: "бла ".into(),
            every,
        }];
        let llm = ScriptedLlm::new([babble, vec![LlmStep::Hang]]);
        let answer = llm.generate(LlmRequest::default()).await.unwrap();
        assert_eq!(answer.take(100).count().await, 100);
        let hanging = tokio::time::timeout(hour, llm.generate(LlmRequest::default()));
        assert!(hanging.await.is_err());
        assert_eq!(llm.dropped(), 2);
    }
}
