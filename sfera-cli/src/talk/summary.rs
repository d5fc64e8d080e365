//! What is said at the end of a session: turns, and how long each stage took.

use super::conversation::Conversation;
use crate::text::Text;
use sfera_agent::session::TurnMetrics;
use std::time::Duration;

/// The middle and the worst of some latencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    /// Half of them are at most this.
    pub median: Duration,
    /// None is longer.
    pub max: Duration,
}

impl Spread {
    /// Of some durations; `None` if there are none.
    pub fn of(durations: impl IntoIterator<Item = Duration>) -> Option<Self> {
        let mut sorted: Vec<Duration> = durations.into_iter().collect();
        sorted.sort_unstable();
        Some(Self {
            median: *sorted.get((sorted.len().checked_sub(1)?) / 2)?,
            max: *sorted.last()?,
        })
    }
}

/// The summary, a line each.
pub fn summary(conversation: &Conversation, length: Duration, text: Text) -> Vec<String> {
    let mut lines = vec![text.summary_turns(
        conversation.turns(),
        conversation.interruptions,
        minutes(length),
    )];
    if conversation.metrics.is_empty() {
        return lines;
    }
    lines.push(text.summary_latencies());
    for (name, spread) in stages(&conversation.metrics, text) {
        let (median, max) = (spread.median.as_millis(), spread.max.as_millis());
        lines.push(text.summary_stage(
            format!("{name:<26}"),
            format!("{median:>5}"),
            format!("{max:>5}"),
        ));
    }
    lines
}

fn stages(metrics: &[TurnMetrics], text: Text) -> Vec<(String, Spread)> {
    let stage = |name: String, of: fn(&TurnMetrics) -> Option<Duration>| {
        Spread::of(metrics.iter().filter_map(of)).map(|spread| (name, spread))
    };
    [
        stage(text.stage_transcription(), |m| m.transcription),
        stage(text.stage_end_of_turn(), |m| m.end_of_turn),
        stage(text.stage_llm(), |m| m.llm_first_token),
        // A silent voice, as in a typed conversation, takes no time.
        stage(text.stage_tts(), |m| {
            m.tts_first_byte.filter(|t| t.as_millis() > 0)
        }),
        stage(text.stage_first_audio(), |m| Some(m.first_audio)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A length as minutes and seconds.
pub fn minutes(length: Duration) -> String {
    format!("{}:{:02}", length.as_secs() / 60, length.as_secs() % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_the_worst_of_no_latencies_are_nothing() {
        assert_eq!(Spread::of([]), None);
        let ms = Duration::from_millis;
        let spread = Spread::of([ms(30), ms(10), ms(20), ms(90)]);
        assert_eq!(
            spread,
            Some(Spread {
                median: ms(20),
                max: ms(90)
            })
        );
    }
}
