//! The conversation as both sides heard it.

use crate::{
    llm::Message,
    tools::{ToolOutcome, is_untrusted},
};
use std::sync::Arc;

/// What was said and done, oldest first; bounded.
#[derive(Debug, Default)]
pub(super) struct History {
    messages: Vec<Message>,
    max: usize,
}

impl History {
    pub(super) const fn new(max: usize) -> Self {
        Self {
            messages: Vec::new(),
            max,
        }
    }

    pub(super) fn messages(&self) -> &[Message] {
        &self.messages
    }

    pub(super) fn push(&mut self, message: Message) {
        self.messages.push(message);
    }

    /// Puts a late result right behind its call, so that the order an LLM expects is kept. One that is
    /// there already stays the only one.
    pub(super) fn insert_result(&mut self, id: &Arc<str>, outcome: ToolOutcome) {
        let is_result =
            |m: &Message| matches!(m, Message::ToolResult { id: other, .. } if other == id);
        if self.messages.iter().any(is_result) {
            return;
        }
        let is_call = |m: &Message| matches!(m, Message::ToolCall(call) if call.id == *id);
        let Some(call) = self.messages.iter().position(is_call) else {
            return;
        };
        let follows = |m: &Message| matches!(m, Message::ToolCall(_) | Message::ToolResult { .. });
        let after = self.messages[call + 1..]
            .iter()
            .take_while(|m| follows(m))
            .count();
        let result = Message::ToolResult {
            id: id.clone(),
            outcome,
        };
        self.messages.insert(call + 1 + after, result);
    }

    /// Whether strangers have spoken to the LLM.
    pub(super) fn is_tainted(&self) -> bool {
        let tainted = |message: &Message| match message {
            Message::ToolResult {
                outcome: ToolOutcome::Ok(text),
                ..
            } => is_untrusted(text),
            _ => false,
        };
        self.messages.iter().any(tainted)
    }

    pub(super) fn has_call(&self, id: &str) -> bool {
        self.messages
            .iter()
            .any(|m| matches!(m, Message::ToolCall(call) if &*call.id == id))
    }

    /// Drops the oldest messages beyond the bound, up to a user's words: a history never begins in
    /// the middle of an exchange.
    pub(super) fn trim(&mut self) {
        if self.messages.len() <= self.max {
            return;
        }
        let from = self.messages.len() - self.max;
        let is_user = |m: &Message| matches!(m, Message::User { .. });
        let cut = self.messages[from..]
            .iter()
            .position(is_user)
            .map_or(from, |n| from + n);
        self.messages.drain(..cut);
        self.drop_orphans();
    }

    /// A result whose call was dropped makes no sense to an LLM; some servers refuse it.
    fn drop_orphans(&mut self) {
        let mut calls: Vec<Arc<str>> = Vec::new();
        self.messages.retain(|message| match message {
            Message::ToolCall(call) => {
                calls.push(call.id.clone());
                true
            }
            Message::ToolResult { id, .. } => calls.contains(id),
            Message::User { .. } | Message::Assistant { .. } => true,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::ToolCall;

    fn user(text: &str) -> Message {
        Message::User { text: text.into() }
    }

    #[test]
    fn trimming_starts_at_the_users_words() {
        let mut history = History::new(2);
        history.push(user("a"));
        history.push(Message::Assistant {
            text: "b".into(),
            interrupted: false,
        });
        history.push(user("c"));
        history.push(Message::Assistant {
            text: "d".into(),
            interrupted: false,
        });
        history.push(user("e"));
        history.trim();
        assert_eq!(history.messages(), [user("e")]);
    }

    #[test]
    fn a_late_result_stands_behind_its_call() {
        let call = ToolCall {
            id: "1".into(),
            name: "t".into(),
            arguments: "{}".into(),
        };
        let mut history = History::new(10);
        history.push(Message::ToolCall(call.clone()));
        history.push(user("later"));
        history.insert_result(&call.id, ToolOutcome::Cancelled);
        assert!(matches!(history.messages()[1], Message::ToolResult { .. }));
    }
}
