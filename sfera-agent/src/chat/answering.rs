use super::{Chat, ChatEvent};
use crate::{
    Language,
    knowledge::Passage,
    llm::{LlmError, LlmEvent, LlmRequest, LlmStream, Message},
    tools::{
        ToolCall, ToolContext, ToolOutcome, ToolRegistry, consents, is_untrusted, journal::in_doubt,
    },
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
    /// A call that needs a yes, and what is asked.
    held: Option<(Arc<str>, String)>,
    /// The call that the user has just said yes to.
    confirmed: Option<Arc<str>>,
    /// Whether what was left in doubt was looked for.
    doubts_told: bool,
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
            held: None,
            confirmed: None,
            doubts_told: false,
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
                Phase::Fresh => self.begin().await,
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
        if let Some((id, _)) = self.held.take() {
            self.close(id, ToolOutcome::Cancelled);
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

    /// Asks the LLM for a step, after what the user was asked or has to know.
    async fn begin(&mut self) -> Result<Option<ChatEvent>, LlmError> {
        if let Some(doubts) = self.tell_doubts().await {
            return Ok(Some(doubts));
        }
        if let Some(call) = self.answered_call() {
            return Ok(Some(ChatEvent::ToolStarted(call)));
        }
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
        Ok(None)
    }

    /// What an earlier answer began and nobody saw the end of, once.
    async fn tell_doubts(&mut self) -> Option<ChatEvent> {
        if std::mem::replace(&mut self.doubts_told, true) {
            return None;
        }
        let user = self.request.user.clone()?;
        let journal = self.chat.tools.journal().clone();
        let (text, keys) = in_doubt(&*journal, &user, self.request.language).await?;
        if let Err(error) = journal.told(&keys).await {
            tracing::warn!(%error, "what was left in doubt may be told again");
        }
        let text = format!("{text}\n\n");
        self.text.push_str(&text);
        Some(ChatEvent::Text(text))
    }

    /// The call that the turn before asked about, if this turn says yes; it gets its result otherwise.
    fn answered_call(&mut self) -> Option<ToolCall> {
        let (before, turn) = self.request.messages.split_at(self.new_from);
        let question = match before.last()? {
            Message::Assistant { text, .. } => {
                text.strip_suffix(yes_or_no(self.request.language))?
            }
            _ => return None,
        };
        let is_user = |message: &Message| matches!(message, Message::User { .. });
        let asked = before.rsplit(is_user).next().unwrap_or_default();
        let ended = |call: &ToolCall| {
            let mut all = self.request.messages.iter();
            all.any(|m| matches!(m, Message::ToolResult { id, .. } if *id == call.id))
        };
        let call = asked.iter().rev().find_map(|message| match message {
            Message::ToolCall(call) if !ended(call) => Some(call.clone()),
            _ => None,
        })?;
        let yes = matches!(turn.first(), Some(Message::User { text }) if consents(text, question));
        if !yes {
            self.close(call.id, ToolOutcome::Declined);
            return None;
        }
        self.confirmed = Some(call.id.clone());
        self.calls.push_back(call.clone());
        self.phase = Phase::Acting;
        Some(call)
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
            if let Some((_, question)) = self.held.take() {
                self.phase = Phase::Over;
                return Some(self.ask_user(question));
            }
            self.phase = match self.cancel.is_cancelled() {
                true => Phase::Over,
                false => Phase::Fresh,
            };
            return None;
        };
        let confirmed = self.confirmed.as_ref() == Some(&call.id);
        let (language, user) = (self.request.language, self.request.user.clone());
        let treatment = self.chat.tools.treatment(&call, language, user.as_ref());
        let needs_yes = treatment.confirm || (treatment.harmful && self.is_tainted());
        let outcome = if needs_yes && !confirmed && !self.cancel.is_cancelled() {
            if self.held.is_none() {
                let question = treatment.question(&call.name, false, language);
                self.held = Some((call.id, question));
                self.calls.pop_front();
                return None;
            }
            let why = "the user is being asked about another call; make this one after it";
            ToolOutcome::Failed(why.to_owned())
        } else {
            let context = ToolContext {
                call_id: call.id.clone(),
                language,
                user,
                ..ToolContext::default()
            };
            let (tools, cancel) = (self.chat.tools.clone(), self.cancel.clone());
            run(tools, &call, context, (cancel, confirmed)).await
        };
        self.calls.pop_front();
        self.close(call.id.clone(), outcome.clone());
        Some(ChatEvent::ToolEnded {
            id: call.id,
            outcome,
        })
    }

    /// The answer ends with a question; the next turn answers it.
    fn ask_user(&mut self, question: String) -> ChatEvent {
        let text = format!("{question} {}", yes_or_no(self.request.language));
        let message = Message::Assistant {
            text: text.as_str().into(),
            interrupted: false,
        };
        self.request.messages.push(message);
        ChatEvent::Text(format!("\n\n{text}"))
    }

    /// Whether strangers have spoken to the LLM.
    fn is_tainted(&self) -> bool {
        let tainted = |message: &Message| match message {
            Message::ToolResult {
                outcome: ToolOutcome::Ok(text),
                ..
            } => is_untrusted(text),
            _ => false,
        };
        self.request.messages.iter().any(tainted)
    }

    /// Gives a call its result.
    fn close(&mut self, id: Arc<str>, outcome: ToolOutcome) {
        let result = Message::ToolResult { id, outcome };
        self.request.messages.push(result);
    }
}

/// What ends a question about a call.
const fn yes_or_no(language: Language) -> &'static str {
    match language {
        Language::Ru => "Да или нет?",
        Language::En => "Yes or no?",
    }
}

async fn run(
    tools: Arc<ToolRegistry>,
    call: &ToolCall,
    context: ToolContext,
    (cancel, confirmed): (CancellationToken, bool),
) -> ToolOutcome {
    if cancel.is_cancelled() {
        return ToolOutcome::Cancelled;
    }
    let running = tools.run(call, context, confirmed);
    let spec = tools.spec(&call.name);
    if spec.is_some_and(|spec| !spec.cancellable) {
        return running.await;
    }
    let outcome = cancel.run_until_cancelled(running).await;
    outcome.unwrap_or(ToolOutcome::Cancelled)
}
