use super::{Rule, Violation, keep};
use crate::{
    testing::simulation::Stats,
    tools::ToolOutcome,
    turn::{AgentState, Effect, Event, Machine, ReplyEnd, Time, TurnOptions},
};

/// Effects the machine may want in answer to one input.
const MAX_EFFECTS: u32 = 400;
/// Tool calls that may run at once.
const MAX_RUNNING: usize = 64;

/// States, bounds and the end.
#[derive(Debug)]
pub(super) struct Flow {
    max_segments: usize,
    state: Option<AgentState>,
    closed: bool,
    shut_down: bool,
    effects: u32,
    stats: Stats,
}

impl Flow {
    pub(super) fn new(options: &TurnOptions) -> Self {
        Self {
            // No segment is empty; the phrases and what the host says come on top.
            max_segments: options.max_reply_chars + 100,
            state: None,
            closed: false,
            shut_down: false,
            effects: 0,
            stats: Stats::default(),
        }
    }

    pub(super) fn effect(&mut self, now: Time, effect: &Effect) -> Result<(), Violation> {
        keep(!self.shut_down, now, Rule::Shutdown, || {
            format!("after the shutdown came {effect:?}")
        })?;
        self.effects += 1;
        keep(self.effects <= MAX_EFFECTS, now, Rule::Bounded, || {
            format!("more than {MAX_EFFECTS} effects of one input")
        })?;
        match effect {
            Effect::Shutdown => {
                self.shut_down = true;
                keep(self.closed, now, Rule::Shutdown, || {
                    "nobody was told that the session closed".into()
                })
            }
            Effect::Emit(event) => self.event(now, event),
            Effect::RunTool { confirmed, .. } => {
                self.stats.confirmed += u64::from(*confirmed);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn event(&mut self, now: Time, event: &Event) -> Result<(), Violation> {
        let stats = &mut self.stats;
        match event {
            Event::AgentState { state } => {
                let old = self.state.replace(*state);
                return keep(old != Some(*state), now, Rule::State, || {
                    format!("{state:?} was told twice")
                });
            }
            Event::ReplyEnded { end, .. } => match end {
                ReplyEnd::Completed => stats.completed += 1,
                ReplyEnd::Interrupted => stats.interrupted += 1,
                ReplyEnd::Failed => stats.failed += 1,
            },
            Event::TurnCommitted { .. } => stats.turns += 1,
            Event::InterruptionDismissed => stats.resumed += 1,
            Event::ToolEnded { outcome, .. } => {
                stats.tools += 1;
                stats.duplicates += u64::from(*outcome == ToolOutcome::Duplicate);
            }
            Event::ToolAsked { .. } => stats.asked += 1,
            Event::Closed { .. } => self.closed = true,
            _ => {}
        }
        Ok(())
    }

    pub(super) fn settled(&mut self, now: Time, machine: &Machine) -> Result<(), Violation> {
        self.effects = 0;
        if let (Some(told), false) = (self.state, self.shut_down) {
            let state = machine.state();
            keep(told == state, now, Rule::State, || {
                format!("{told:?} was told, but the state is {state:?}")
            })?;
        }
        Ok(())
    }

    pub(super) fn bounds(
        &self,
        now: Time,
        queued: usize,
        voiced: usize,
        running: usize,
    ) -> Result<(), Violation> {
        let segments = queued.max(voiced);
        keep(segments <= self.max_segments, now, Rule::Bounded, || {
            format!("{segments} segments wait to be spoken")
        })?;
        keep(running <= MAX_RUNNING, now, Rule::Bounded, || {
            format!("{running} tools run at once")
        })
    }

    pub(super) fn end(&self, now: Time, machine: &Machine) -> Result<(), Violation> {
        let state = machine.state();
        let at_rest = matches!(
            state,
            AgentState::Initializing | AgentState::Listening | AgentState::Idle
        );
        keep(at_rest || self.shut_down, now, Rule::Stuck, || {
            format!("nothing more happens, but the agent is {state:?}")
        })
    }

    pub(super) const fn is_shut_down(&self) -> bool {
        self.shut_down
    }

    pub(super) const fn stats(&self) -> Stats {
        self.stats
    }
}
