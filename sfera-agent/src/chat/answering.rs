use super::{Chat, ChatEvent};
use crate::{
    knowledge::Passage,
    llm::{LlmError, LlmEvent, LlmRequest, LlmStream, Message},
    tools::{ToolCall, ToolContext, ToolOutcome, ToolRegistry},
};
use futures::StreamExt;
use std::{collections::VecDeque, sync::Arc};
use tokio_util::sync::CancellationToken;

/// An answer on its way.
///
/// Dropping it stops everything at once, tools included; [`ChatTurn::cancel`](super::ChatTurn::cancel)
/// stops it in order.
pub struct Answering {
    chat: Chat,
    request: LlmRequest,
    /// Where in the messages this turn begins.
    new_from: usize,
    cancel: CancellationToken,
    step: u32,
    stream: Option<LlmStream>,
    text: String,
    /// Calls of this step without a result, in their order.
    calls: VecDeque<ToolCall>,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Fresh,
    Reading,
    Acting,
    Over,
}

impl Answering {
    pub(super) fn new(
        chat: Chat,
        request: LlmRequest,
        new_from: usize,
        cancel: CancellationToken,
    ) -> Self {
        Self {
            chat,
            request,
            new_from,
            cancel,
            step: 0,
            stream: None,
            text: String::new(),
            calls: VecDeque::new(),
            phase: Phase::Fresh,
        }
    }

    /// The next piece; none when the answer is complete or was cancelled. A call that was begun must be
    /// awaited to its end: dropping the future may drop a tool that runs.
    ///
    /// # Errors
    /// [`LlmError`] if the LLM fails; what came before stays in the history.
    pub async fn next(&mut self) -> Result<Option<ChatEvent>, LlmError> {
        loop {
            let event = match self.phase {
                Phase::Fresh => self.begin().await.map(|()| None),
                Phase::Reading => self.read().await,
                Phase::Acting => Ok(self.act().await),
                Phase::Over => return Ok(None),
            };
            match event {
                Ok(None) => {}
                Ok(Some(event)) => return Ok(Some(event)),
                Err(error) => {
                    self.finish_step(true);
                    self.phase = Phase::Over;
                    return Err(error);
                }
            }
        }
    }

    /// The conversation with this turn in it: what came so far, if it is not over.
    #[must_use]
    pub fn into_history(mut self) -> Vec<Message> {
        if self.phase == Phase::Reading {
            self.finish_step(true);
        }
        for call in std::mem::take(&mut self.calls) {
            self.close(call.id, ToolOutcome::Cancelled);
        }
        self.request.messages
    }

    /// This turn's part of the conversation: the user's words, calls with their results, the answer.
    #[must_use]
    pub fn turn(&self) -> &[Message] {
        &self.request.messages[self.new_from..]
    }

    /// What the knowledge base said, best first.
    #[must_use]
    pub fn passages(&self) -> &[Passage] {
        &self.request.passages
    }

    /// Asks the LLM for a step.
    async fn begin(&mut self) -> Result<(), LlmError> {
        if self.step == 0 {
            let grounding = self.chat.grounding.clone();
            grounding.ground(&mut self.request).await;
        }
        self.step += 1;
        self.request.tools = match self.step < self.chat.max_steps {
            true => self.chat.tools.specs(),
            false => Vec::new(),
        };
        let generating = self.chat.llm.generate(self.request.clone());
        let stream = self.cancel.run_until_cancelled(generating).await;
        match stream {
            Some(stream) => {
                self.stream = Some(stream?);
                self.phase = Phase::Reading;
            }
            None => self.phase = Phase::Over,
        }
        Ok(())
    }

    /// Reads a piece of the step.
    async fn read(&mut self) -> Result<Option<ChatEvent>, LlmError> {
        let Some(stream) = &mut self.stream else {
            self.phase = Phase::Over;
            return Ok(None);
        };
        let Some(event) = self.cancel.run_until_cancelled(stream.next()).await else {
            self.finish_step(true);
            self.phase = Phase::Over;
            return Ok(None);
        };
        match event.transpose()? {
            Some(LlmEvent::Text(text)) => {
                self.text.push_str(&text);
                Ok(Some(ChatEvent::Text(text)))
            }
            Some(LlmEvent::ToolCall(call)) if self.request.tools.is_empty() => {
                tracing::warn!(tool = call.name, "called where no tool was offered");
                Ok(None)
            }
            Some(LlmEvent::ToolCall(call)) => {
                self.calls.push_back(call.clone());
                Ok(Some(ChatEvent::ToolStarted(call)))
            }
            Some(LlmEvent::Citation(citation)) => Ok(Some(ChatEvent::Citation(citation))),
            Some(LlmEvent::Usage(usage)) => Ok(Some(ChatEvent::Usage(usage))),
            None => {
                self.finish_step(false);
                Ok(None)
            }
        }
    }

    /// What the step said goes into the history; then its calls run, or all is over.
    fn finish_step(&mut self, interrupted: bool) {
        self.stream = None;
        if !self.text.is_empty() {
            let text = std::mem::take(&mut self.text).into();
            self.request
                .messages
                .push(Message::Assistant { text, interrupted });
        }
        if interrupted {
            // Nobody ran them: they were not yet made.
            self.calls.clear();
        }
        let calls = self.calls.iter().cloned().map(Message::ToolCall);
        self.request.messages.extend(calls);
        self.phase = match self.calls.is_empty() {
            true => Phase::Over,
            false => Phase::Acting,
        };
    }

    /// Runs a call of the step. Each has exactly one result.
    async fn act(&mut self) -> Option<ChatEvent> {
        let Some(call) = self.calls.front().cloned() else {
            self.phase = match self.cancel.is_cancelled() {
                true => Phase::Over,
                false => Phase::Fresh,
            };
            return None;
        };
        let context = ToolContext {
            call_id: call.id.clone(),
            language: self.request.language,
            user: self.request.user.clone(),
        };
        let (tools, cancel) = (self.chat.tools.clone(), self.cancel.clone());
        let outcome = run(tools, &call, context, cancel).await;
        self.calls.pop_front();
        self.close(call.id.clone(), outcome.clone());
        Some(ChatEvent::ToolEnded {
            id: call.id,
            outcome,
        })
    }

    /// Gives a call its result.
    fn close(&mut self, id: Arc<str>, outcome: ToolOutcome) {
        let result = Message::ToolResult { id, outcome };
        self.request.messages.push(result);
    }
}

async fn run(
    tools: Arc<ToolRegistry>,
    call: &ToolCall,
    context: ToolContext,
    cancel: CancellationToken,
) -> ToolOutcome {
    if cancel.is_cancelled() {
        return ToolOutcome::Cancelled;
    }
    let running = tools.run(call, context);
    let spec = tools.spec(&call.name);
    if spec.is_some_and(|spec| !spec.cancellable) {
        return running.await;
    }
    let outcome = cancel.run_until_cancelled(running).await;
    outcome.unwrap_or(ToolOutcome::Cancelled)
}
