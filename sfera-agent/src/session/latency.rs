//! How long the stages of a turn took.

use super::TurnMetrics;
use crate::turn::{Effect, Event, Input, ReplyId, SegmentId, Time};

/// Watches what goes into and comes out of the machine.
#[derive(Debug, Default)]
pub(super) struct Latencies {
    speech_ended: Option<Time>,
    transcribed: Option<Time>,
    first_tokens: Option<(ReplyId, Time)>,
    turn: Option<Turn>,
}

#[derive(Debug)]
struct Turn {
    committed: Time,
    speech_ended: Option<Time>,
    transcribed: Option<Time>,
    reply: Option<ReplyId>,
    spoken: Option<(SegmentId, Time)>,
    first_sound: Option<Time>,
}

impl Latencies {
    pub(super) fn input(&mut self, now: Time, input: &Input) -> Option<TurnMetrics> {
        match input {
            Input::SpeechEnded { since } => self.speech_ended = Some(*since),
            Input::Final { .. } => self.transcribed = Some(now),
            Input::Typed { .. } => (self.speech_ended, self.transcribed) = (None, None),
            Input::LlmText { reply, .. }
                if self.first_tokens.is_none_or(|(known, _)| known != *reply) =>
            {
                self.first_tokens = Some((*reply, now));
            }
            Input::SegmentStarted { segment } => return self.first_audio(now, *segment),
            _ => {}
        }
        None
    }

    pub(super) fn effect(&mut self, now: Time, effect: &Effect) {
        match effect {
            Effect::Emit(Event::TurnCommitted { .. }) => {
                self.turn = Some(Turn {
                    committed: now,
                    speech_ended: self.speech_ended.take(),
                    transcribed: self.transcribed.take(),
                    reply: None,
                    spoken: None,
                    first_sound: None,
                });
            }
            Effect::Emit(Event::ReplyStarted {
                reply,
                turn: Some(_),
            }) => {
                if let Some(turn) = &mut self.turn {
                    turn.reply = Some(*reply);
                }
            }
            Effect::Speak { reply, segment, .. } => {
                if let Some(turn) = self.turn.as_mut().filter(|turn| turn.reply == Some(*reply)) {
                    turn.spoken.get_or_insert((*segment, now));
                }
            }
            _ => {}
        }
    }

    pub(super) fn first_sound(&mut self, now: Time, segment: SegmentId) {
        let waits = |turn: &&mut Turn| turn.spoken.is_some_and(|(first, _)| first == segment);
        if let Some(turn) = self.turn.as_mut().filter(waits) {
            turn.first_sound = Some(now);
        }
    }

    fn first_audio(&mut self, now: Time, segment: SegmentId) -> Option<TurnMetrics> {
        let starts = |turn: &mut Turn| turn.spoken.is_some_and(|(first, _)| first == segment);
        let turn = self.turn.take_if(starts)?;
        let (reply, (_, spoken)) = (turn.reply?, turn.spoken?);
        let token = self
            .first_tokens
            .filter(|(id, _)| *id == reply)
            .map(|(_, at)| at);
        let after_speech = |at: Time| turn.speech_ended.map(|ended| at.since(ended));
        Some(TurnMetrics {
            reply,
            end_of_turn: after_speech(turn.committed),
            transcription: turn.transcribed.and_then(after_speech),
            llm_first_token: token.map(|at| at.since(turn.committed)),
            tts_first_byte: turn.first_sound.map(|at| at.since(spoken)),
            first_audio: now.since(turn.speech_ended.unwrap_or(turn.committed)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::turn::TurnId;
    use std::time::Duration;

    const REPLY: ReplyId = ReplyId(1);
    const SEGMENT: SegmentId = SegmentId(1);

    #[test]
    fn a_speculative_token_costs_the_turn_nothing() {
        let ms = Time::from_millis;
        let mut latencies = Latencies::default();
        latencies.input(ms(1_250), &Input::SpeechEnded { since: ms(1_000) });
        latencies.input(
            ms(1_300),
            &Input::Final {
                text: "да".into()
            },
        );
        latencies.input(
            ms(1_400),
            &Input::LlmText {
                reply: REPLY,
                step: 1,
                text: "о".into(),
            },
        );
        let turn = TurnId(1);
        let committed = Event::TurnCommitted {
            turn,
            text: "да".into(),
        };
        latencies.effect(ms(1_500), &Effect::Emit(committed));
        let started = Event::ReplyStarted {
            reply: REPLY,
            turn: Some(turn),
        };
        latencies.effect(ms(1_500), &Effect::Emit(started));
        let speak = Effect::Speak {
            reply: REPLY,
            segment: SEGMENT,
            text: "о".into(),
        };
        latencies.effect(ms(1_500), &speak);
        latencies.first_sound(ms(1_580), SEGMENT);
        let metrics = latencies.input(ms(1_600), &Input::SegmentStarted { segment: SEGMENT });
        let ms = |ms| Some(Duration::from_millis(ms));
        let expected = TurnMetrics {
            reply: REPLY,
            end_of_turn: ms(500),
            transcription: ms(300),
            llm_first_token: ms(0),
            tts_first_byte: ms(80),
            first_audio: Duration::from_millis(600),
        };
        assert_eq!(metrics, Some(expected));
    }
}
