use super::{Rule, Violation, keep};
use crate::{
    tools::{ToolCall, ToolOutcome, consents, is_untrusted},
    turn::{Effect, Event, ReplyId, Time},
};
use std::{collections::BTreeMap, sync::Arc};

/// What may run, judged by what was asked, heard and answered. A tool's name says what it needs.
#[derive(Debug)]
pub(super) struct Consent {
    /// Whether the history keeps everything that strangers have said.
    untrimmed: bool,
    tainted: bool,
    /// What was heard of the reply that is heard.
    caption: (ReplyId, String),
    asked: Option<(Arc<str>, Arc<str>)>,
    /// Whether the question was heard.
    heard: bool,
    /// The call that the user has just said yes to.
    yes: Option<Arc<str>>,
    running: BTreeMap<Arc<str>, Running>,
}

#[derive(Debug)]
struct Running {
    name: String,
    cancelled: bool,
}

impl Consent {
    pub(super) const fn new(untrimmed: bool) -> Self {
        Self {
            untrimmed,
            tainted: false,
            caption: (ReplyId(0), String::new()),
            asked: None,
            heard: false,
            yes: None,
            running: BTreeMap::new(),
        }
    }

    pub(super) fn effect(&mut self, now: Time, effect: &Effect) -> Result<(), Violation> {
        match effect {
            Effect::RunTool { call, confirmed } => return self.runs(now, call, *confirmed),
            Effect::CancelTool { id } => {
                if let Some(running) = self.running.get_mut(id) {
                    running.cancelled = true;
                }
            }
            Effect::Emit(event) => self.event(event),
            _ => {}
        }
        Ok(())
    }

    fn event(&mut self, event: &Event) {
        match event {
            Event::ToolAsked { id, question } => {
                self.asked = Some((Arc::clone(id), Arc::clone(question)));
                self.heard = false;
            }
            Event::AgentTranscript { reply, delta } => {
                if self.caption.0 != *reply {
                    self.caption = (*reply, String::new());
                }
                self.caption.1.push_str(delta);
                let asked = self.asked.as_ref();
                self.heard |= asked.is_some_and(|(_, q)| self.caption.1.contains(&**q));
            }
            Event::TurnCommitted { text, .. } => {
                let asked = self.asked.as_ref().filter(|_| self.heard);
                let yes = asked.filter(|(_, question)| consents(text, question));
                self.yes = yes.map(|(id, _)| Arc::clone(id));
            }
            Event::ToolEnded { id, outcome } => {
                self.running.remove(id);
                let strangers = matches!(outcome, ToolOutcome::Ok(text) if is_untrusted(text));
                self.tainted |= strangers && self.untrimmed;
            }
            _ => {}
        }
    }

    fn runs(&mut self, now: Time, call: &ToolCall, confirmed: bool) -> Result<(), Violation> {
        let yes = self.yes.take_if(|id| *id == call.id).is_some();
        keep(!confirmed || yes, now, Rule::Consent, || {
            format!("{} runs as confirmed, but nobody said yes to it", call.id)
        })?;
        let harmful = matches!(call.name.as_str(), "order" | "transfer" | "route" | "alarm");
        let needs_yes = call.name == "order" || (harmful && self.tainted);
        keep(confirmed || !needs_yes, now, Rule::Consent, || {
            format!("{call:?} runs without a yes")
        })?;
        let beside = |running: &&Running| running.name == call.name && !running.cancelled;
        let beside = self.running.values().find(beside);
        let alone = match call.name.as_str() {
            "transfer" | "route" => true,
            "alarm" => !confirmed,
            _ => false,
        };
        keep(beside.is_none() || !alone, now, Rule::Consent, || {
            format!("{call:?} runs beside {beside:?}")
        })?;
        let running = Running {
            name: call.name.clone(),
            cancelled: false,
        };
        self.running.insert(Arc::clone(&call.id), running);
        Ok(())
    }
}
