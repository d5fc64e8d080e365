use super::{Rule, Violation, keep};
use crate::turn::{Effect, Event, ReplyEnd, ReplyId, SegmentId, Time, TurnId, TurnOptions};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What becomes of replies and turns.
#[derive(Debug)]
pub(super) struct Replies {
    max_steps: u32,
    replies: BTreeMap<ReplyId, Reply>,
    turns: BTreeMap<TurnId, Fate>,
    segments: BTreeSet<SegmentId>,
    /// The words of each ended reply, in the order they ended.
    pub(super) heard: Vec<Arc<str>>,
    audible: Option<ReplyId>,
    suspected: bool,
    /// An interruption was confirmed in this step: the audible reply must end in it.
    confirmed: Option<ReplyId>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Reply {
    started: bool,
    ended: bool,
    step: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Waiting,
    Answering(ReplyId),
    Answered,
    Superseded,
}

impl Replies {
    pub(super) const fn new(options: &TurnOptions) -> Self {
        Self {
            max_steps: options.max_tool_steps,
            replies: BTreeMap::new(),
            turns: BTreeMap::new(),
            segments: BTreeSet::new(),
            heard: Vec::new(),
            audible: None,
            suspected: false,
            confirmed: None,
        }
    }

    pub(super) fn effect(&mut self, now: Time, effect: &Effect) -> Result<(), Violation> {
        match effect {
            Effect::Generate {
                reply, step, tools, ..
            } => self.generate(now, *reply, *step, *tools),
            Effect::Speak {
                reply,
                segment,
                text,
            } => self.speak(now, *reply, *segment, text),
            Effect::Emit(event) => self.event(now, event),
            _ => Ok(()),
        }
    }

    fn generate(
        &mut self,
        now: Time,
        name: ReplyId,
        step: u32,
        tools: bool,
    ) -> Result<(), Violation> {
        let max = self.max_steps;
        let reply = self.replies.entry(name).or_default();
        keep(!reply.ended, now, Rule::Current, || {
            format!("the LLM is asked for {name:?}, which is over")
        })?;
        keep(step == reply.step + 1, now, Rule::Current, || {
            format!("step {step} of {name:?} comes after step {}", reply.step)
        })?;
        keep(
            step <= max + 1 && (step <= max || !tools),
            now,
            Rule::Bounded,
            || {
                format!(
                    "step {step} of {name:?}, tools {tools}, where {max} tool steps are allowed"
                )
            },
        )?;
        reply.step = step;
        Ok(())
    }

    fn speak(
        &mut self,
        now: Time,
        name: ReplyId,
        segment: SegmentId,
        text: &str,
    ) -> Result<(), Violation> {
        let reply = self.replies.get(&name).copied().unwrap_or_default();
        keep(reply.started && !reply.ended, now, Rule::Current, || {
            format!("{segment:?} is to be spoken for {name:?}, which is {reply:?}")
        })?;
        keep(self.segments.insert(segment), now, Rule::Current, || {
            format!("{segment:?} is spoken twice")
        })?;
        keep(!text.trim().is_empty(), now, Rule::Current, || {
            format!("{segment:?} has no words")
        })
    }

    fn event(&mut self, now: Time, event: &Event) -> Result<(), Violation> {
        match event {
            Event::TurnCommitted { turn, .. } => {
                let old = self.turns.insert(*turn, Fate::Waiting);
                keep(old.is_none(), now, Rule::Answered, || {
                    format!("{turn:?} was committed twice")
                })
            }
            Event::TurnSuperseded { turn, by } => {
                keep(turn < by, now, Rule::Answered, || {
                    format!("{turn:?} was superseded by the older {by:?}")
                })?;
                self.decide(now, *turn, Fate::Superseded)
            }
            Event::ReplyStarted { reply, turn } => {
                let known = self.replies.entry(*reply).or_default();
                keep(!known.started && !known.ended, now, Rule::Answered, || {
                    format!("{reply:?} started twice")
                })?;
                known.started = true;
                turn.map_or(Ok(()), |turn| {
                    self.decide(now, turn, Fate::Answering(*reply))
                })
            }
            Event::ReplyEnded {
                reply,
                turn,
                heard,
                end,
                ..
            } => self.ended(now, *reply, *turn, *end, heard),
            Event::InterruptionSuspected => {
                self.suspected = true;
                Ok(())
            }
            Event::InterruptionDismissed => {
                self.suspected = false;
                Ok(())
            }
            Event::InterruptionConfirmed => {
                self.suspected = false;
                self.confirmed = self.audible;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn ended(
        &mut self,
        now: Time,
        name: ReplyId,
        turn: Option<TurnId>,
        end: ReplyEnd,
        heard: &Arc<str>,
    ) -> Result<(), Violation> {
        let reply = self.replies.entry(name).or_default();
        keep(reply.started && !reply.ended, now, Rule::Answered, || {
            format!("{name:?} ended ({end:?}) as {reply:?}")
        })?;
        reply.ended = true;
        self.suspected = false;
        self.heard.push(Arc::clone(heard));
        let Some(turn) = turn else { return Ok(()) };
        let fate = self.turns.get(&turn).copied();
        keep(
            fate == Some(Fate::Answering(name)),
            now,
            Rule::Answered,
            || format!("{name:?} ended for {turn:?}, which is {fate:?}"),
        )?;
        self.turns.insert(turn, Fate::Answered);
        Ok(())
    }

    fn decide(&mut self, now: Time, turn: TurnId, fate: Fate) -> Result<(), Violation> {
        let old = self.turns.insert(turn, fate);
        keep(old == Some(Fate::Waiting), now, Rule::Answered, || {
            format!("{turn:?} becomes {fate:?} but was {old:?}")
        })
    }

    /// A reply's samples were heard just now.
    pub(super) fn audible(&mut self, now: Time, name: ReplyId) -> Result<(), Violation> {
        let reply = self.replies.get(&name).copied().unwrap_or_default();
        keep(reply.started && !reply.ended, now, Rule::OneVoice, || {
            format!("{name:?} was heard as {reply:?}")
        })?;
        keep(!self.suspected, now, Rule::OneVoice, || {
            format!("{name:?} was heard while an interruption was suspected")
        })?;
        let before = self.audible.replace(name).filter(|before| *before != name);
        let open = before.filter(|b| self.replies.get(b).is_some_and(|r| !r.ended));
        keep(open.is_none(), now, Rule::OneVoice, || {
            format!("{name:?} was heard while {open:?} had not ended")
        })
    }

    pub(super) fn settled(&mut self, now: Time) -> Result<(), Violation> {
        let confirmed = self.confirmed.take();
        let open = confirmed.filter(|name| self.replies.get(name).is_some_and(|r| !r.ended));
        keep(open.is_none(), now, Rule::OneVoice, || {
            format!("{open:?} was interrupted but did not end")
        })
    }

    pub(super) fn end(&self, now: Time, shut_down: bool) -> Result<(), Violation> {
        let open = |reply: &Reply| reply.started && !reply.ended;
        let reply = self.replies.iter().find(|(_, reply)| open(reply));
        keep(reply.is_none(), now, Rule::Answered, || {
            format!("a reply is left over: {reply:?}")
        })?;
        // Those that were waiting when the session closed get no answer any more.
        let decided = |fate: &Fate| match fate {
            Fate::Answered | Fate::Superseded => true,
            Fate::Waiting => shut_down,
            Fate::Answering(_) => false,
        };
        let turn = self.turns.iter().find(|(_, fate)| !decided(fate));
        keep(turn.is_none(), now, Rule::Answered, || {
            format!("a turn is left over: {turn:?}")
        })
    }

    pub(super) fn superseded(&self) -> u64 {
        let superseded = |fate: &&Fate| **fate == Fate::Superseded;
        self.turns.values().filter(superseded).count() as u64
    }
}
