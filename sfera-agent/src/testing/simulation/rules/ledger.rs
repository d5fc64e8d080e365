use super::{Rule, Violation, keep};
use crate::{
    tools::ToolOutcome,
    turn::{Effect, Event, Input, Time},
};
use std::{collections::BTreeMap, sync::Arc};

/// Every tool call and its result.
#[derive(Debug)]
pub(super) struct Ledger {
    /// Whether the history is never trimmed. A name that a model uses again is told apart from the
    /// older ones only as long as the history holds them.
    untrimmed: bool,
    calls: BTreeMap<Arc<str>, Call>,
}

#[derive(Debug, Default)]
struct Call {
    started: bool,
    runs: u32,
    /// The first result that came while the call was running.
    came: Option<ToolOutcome>,
    ended: Option<ToolOutcome>,
}

impl Ledger {
    pub(super) const fn new(untrimmed: bool) -> Self {
        Self {
            untrimmed,
            calls: BTreeMap::new(),
        }
    }

    pub(super) fn input(&mut self, input: &Input) {
        let Input::ToolResult { id, outcome } = input else {
            return;
        };
        let running = self.calls.get_mut(id).filter(|c| c.ended.is_none());
        if let Some(call) = running.filter(|c| c.came.is_none()) {
            call.came = Some(outcome.clone());
        }
    }

    pub(super) fn effect(&mut self, now: Time, effect: &Effect) -> Result<(), Violation> {
        match effect {
            Effect::RunTool { call, .. } => {
                let known = self.calls.entry(Arc::clone(&call.id)).or_default();
                known.runs += 1;
                keep(known.runs == 1, now, Rule::OneResult, || {
                    format!("{} runs twice", call.id)
                })
            }
            Effect::Emit(Event::ToolStarted { call }) => {
                let old = self.calls.get(&call.id).is_some_and(|c| c.ended.is_some());
                if old && !self.untrimmed {
                    self.calls.remove(&call.id);
                }
                let known = self.calls.entry(Arc::clone(&call.id)).or_default();
                let again = std::mem::replace(&mut known.started, true);
                keep(!again, now, Rule::OneResult, || {
                    format!("{} started twice", call.id)
                })
            }
            Effect::Emit(Event::ToolEnded { id, outcome }) => self.ended(now, id, outcome),
            _ => Ok(()),
        }
    }

    fn ended(&mut self, now: Time, id: &Arc<str>, outcome: &ToolOutcome) -> Result<(), Violation> {
        // A call that is refused ends without having started.
        let again = self.calls.get(id).is_some_and(|c| c.ended.is_some());
        if again && !self.untrimmed {
            self.calls.remove(id);
        }
        let call = self.calls.entry(Arc::clone(id)).or_default();
        let old = call.ended.replace(outcome.clone());
        keep(old.is_none(), now, Rule::OneResult, || {
            format!("{id} ended twice: {old:?}, {outcome:?}")
        })?;
        let came = call.came.as_ref();
        keep(
            came.is_none_or(|c| c == outcome),
            now,
            Rule::OneResult,
            || format!("the result of {id} was {came:?}, but {outcome:?} was kept"),
        )
    }

    pub(super) fn end(&self, now: Time) -> Result<(), Violation> {
        let open = self.calls.iter().find(|(_, call)| call.ended.is_none());
        keep(open.is_none(), now, Rule::OneResult, || {
            format!("a call has no result: {open:?}")
        })
    }

    /// How a call ended.
    pub(super) fn outcome(&self, id: &str) -> Option<&ToolOutcome> {
        self.calls.get(id).and_then(|call| call.ended.as_ref())
    }

    pub(super) fn len(&self) -> usize {
        self.calls.len()
    }
}
