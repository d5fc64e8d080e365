//! From what tools answered to what is said.

use super::{
    answer::{Answer, Respondent},
    found,
    pattern::Slots,
    recent::Reading,
    script::ToolIntent,
};
use crate::{
    llm::Message,
    tools::{ToolCall, ToolError, ToolOutcome, consents, without_marks},
};

/// A call that the user was asked about before it ran.
pub(super) struct AskedAbout<'a> {
    call: &'a ToolCall,
    pub(super) outcome: &'a ToolOutcome,
    question: &'a str,
}

impl Respondent<'_> {
    /// What the tools called in this turn answered; nothing if none was called.
    pub(super) fn tool_results(&self) -> Option<Answer> {
        let turn = self
            .request
            .messages
            .rsplit(|m| matches!(m, Message::User { .. }))
            .next()?;
        let calls = turn.iter().filter_map(|message| match message {
            Message::ToolCall(call) => Some(call),
            _ => None,
        });
        let calls: Vec<_> = calls.collect();
        if let Some(found) = calls.iter().rev().find_map(|call| self.found(call)) {
            return Some(found);
        }
        let said = calls.iter().map(|call| self.tool_result(call));
        let said = said.collect::<Vec<_>>().join(" ");
        (!calls.is_empty()).then_some(Answer::Say(said))
    }

    /// What came of a call that the user said yes to: it was made in the turn before.
    pub(super) fn consented(&self) -> Option<Answer> {
        let asked = self.asked_about()?;
        let yes = consents(self.request.last_user_text(), asked.question);
        yes.then(|| Answer::Say(self.tool_result(asked.call)))
    }

    /// The call that the agent's last words asked about, if they asked about one.
    pub(super) fn asked_about(&self) -> Option<AskedAbout<'_>> {
        let is_user = |m: &Message| matches!(m, Message::User { .. });
        let messages = &self.request.messages;
        let before = &messages[..messages.iter().rposition(is_user)?];
        let turn = before.rsplit(is_user).next()?;
        let question = match turn.last()? {
            Message::Assistant { text, .. } if text.trim_end().ends_with('?') => text,
            _ => return None,
        };
        let call = turn.iter().rev().find_map(|message| match message {
            Message::ToolCall(call) => Some(call),
            _ => None,
        })?;
        let outcome = self.outcome(call)?;
        // Words that tell a result ask for nothing.
        let told =
            matches!(outcome, ToolOutcome::Ok(text) if without_marks(text).contains(&**question));
        (!told).then_some(AskedAbout {
            call,
            outcome,
            question,
        })
    }

    /// What a search found, to be read out with its source.
    fn found(&self, call: &ToolCall) -> Option<Answer> {
        let ToolOutcome::Ok(results) = self.outcome(call)? else {
            return None;
        };
        self.intent_of(call).filter(|tool| tool.finds)?;
        let found = found::first(without_marks(results), self.request.last_user_text())?;
        Some(Answer::Read(Reading {
            text: found.text,
            title: found.title,
            section: None,
            url: Some(found.url),
        }))
    }

    pub(super) fn outcome(&self, call: &ToolCall) -> Option<&ToolOutcome> {
        self.request.messages.iter().find_map(|m| match m {
            Message::ToolResult { id, outcome } if *id == call.id => Some(outcome),
            _ => None,
        })
    }

    fn intent_of(&self, call: &ToolCall) -> Option<&ToolIntent> {
        let mut intents = self.script.intent.iter().filter_map(|i| i.tool.as_ref());
        intents.find(|tool| tool.name == call.name)
    }

    fn tool_result(&self, call: &ToolCall) -> String {
        let tool = self.intent_of(call);
        let general = &self.script.tool_failed;
        let or_general = |texts: Option<&Vec<String>>| {
            let texts = texts.filter(|texts| !texts.is_empty());
            self.pick(texts.unwrap_or(general), &Slots::new())
        };
        match self.outcome(call) {
            None | Some(ToolOutcome::Duplicate) => self.pick(&self.script.working, &Slots::new()),
            Some(ToolOutcome::Declined) => self.pick(&self.script.declined, &Slots::new()),
            Some(ToolOutcome::Ok(text)) => without_marks(text).to_owned(),
            Some(ToolOutcome::Failed(why))
                if [ToolError::Unreachable, ToolError::TooOften]
                    .iter()
                    .any(|error| *why == error.to_string()) =>
            {
                or_general(tool.map(|t| &t.unreachable))
            }
            Some(ToolOutcome::Failed(why)) if *why == ToolError::NotFound.to_string() => {
                or_general(tool.map(|t| &t.not_found))
            }
            Some(ToolOutcome::TimedOut) => or_general(tool.map(|t| &t.unreachable)),
            Some(ToolOutcome::Unknown) => or_general(tool.map(|t| &t.missing)),
            Some(ToolOutcome::Failed(_) | ToolOutcome::Cancelled) => {
                or_general(tool.map(|t| &t.failed))
            }
        }
    }
}
