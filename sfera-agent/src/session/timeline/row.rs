use super::{
    labels::Labels,
    layout::{self, FONT, LEFT, LINE, RIGHT, TextBox, Window, clip},
    model::{Conversation, Latency, Mark, Span},
    svg::{Anchor, Svg},
};
use crate::turn::{AgentState, Time};
use std::time::Duration;

const BAR: f64 = 18.0;
const MIDDLE: f64 = 50.0;
const STATES: f64 = 8.0;

/// Where things are in a row, from top to bottom.
struct Places {
    top: f64,
    user: f64,
    middle: f64,
    agent: f64,
    states: f64,
    bottom: f64,
}

/// Draws a row that begins at `top`. Answers where it ends.
pub(super) fn draw(
    svg: &mut Svg,
    conversation: &Conversation,
    window: Window,
    top: f64,
    labels: &Labels,
) -> f64 {
    let above = layout::place(&user_texts(conversation, window, labels));
    let below = layout::place(&agent_texts(conversation, window, labels));
    let user = top + 24.0 + layout::height(&above) + 6.0;
    let agent = user + BAR + MIDDLE;
    let states = agent + BAR + 8.0 + layout::height(&below) + 8.0;
    let places = Places {
        top,
        user,
        middle: user + BAR,
        agent,
        states,
        bottom: states + STATES + 12.0,
    };
    axis(svg, window, &places);
    names(svg, &places, labels);
    bars(svg, conversation, window, &places);
    texts(svg, &above, &below, &places);
    latencies(svg, conversation, window, &places, labels);
    calls(svg, conversation, window, &places, labels);
    marks(svg, conversation, window, &places, labels);
    strip(svg, conversation, window, &places, labels);
    places.bottom
}

fn user_texts(conversation: &Conversation, window: Window, labels: &Labels) -> Vec<(f64, String)> {
    let inside = conversation
        .utterances
        .iter()
        .filter(|u| window.holds(u.at));
    inside
        .map(|utterance| {
            let text = match utterance.typed {
                true => format!("⌨ {} ({})", utterance.text, labels.typed),
                false => utterance.text.to_string(),
            };
            (window.x(utterance.at), text)
        })
        .collect()
}

fn agent_texts(
    conversation: &Conversation,
    window: Window,
    _labels: &Labels,
) -> Vec<(f64, String)> {
    let inside = conversation.spoken.iter().filter(|s| window.holds(s.at));
    inside
        .map(|spoken| {
            let text = match spoken.cut {
                true => format!("{} —", spoken.text),
                false => spoken.text.to_string(),
            };
            (window.x(spoken.at), text)
        })
        .collect()
}

fn axis(svg: &mut Svg, window: Window, places: &Places) {
    let length = window.span.to.since(window.span.from);
    let step = if length > Duration::from_secs(15) {
        5
    } else {
        1
    };
    let first = window
        .span
        .from
        .as_micros()
        .div_ceil(1_000_000)
        .next_multiple_of(step);
    let last = window.span.to.as_micros() / 1_000_000;
    for second in (first..=last).step_by(step as usize) {
        let x = window.x(Time::from_millis(second * 1_000));
        svg.line("grid", (x, places.top + 18.0), (x, places.states + STATES));
        let text = format!("{}:{:02}", second / 60, second % 60);
        svg.text("time", x, places.top + 12.0, Anchor::Middle, &text);
    }
}

fn names(svg: &mut Svg, places: &Places, labels: &Labels) {
    let name = |svg: &mut Svg, class: &str, y: f64, text: &str| {
        svg.text(class, LEFT - 12.0, y, Anchor::End, text);
    };
    name(svg, "lane user-name", places.user + 13.5, labels.user);
    name(svg, "lane agent-name", places.agent + 13.5, labels.agent);
    name(svg, "note", places.states + STATES, labels.state);
}

fn bars(svg: &mut Svg, conversation: &Conversation, window: Window, places: &Places) {
    svg.rect("rail", LEFT, places.user, RIGHT - LEFT, BAR);
    svg.rect("rail", LEFT, places.agent, RIGHT - LEFT, BAR);
    let mut all = |class: &str, spans: &[Span], y: f64| {
        for (x, width) in spans.iter().filter_map(|span| window.part(*span)) {
            svg.rect(class, x, y, width.max(2.0), BAR);
        }
    };
    all("user", &conversation.voice, places.user);
    all("pause", &conversation.pauses, places.agent);
    all("agent", &conversation.sound, places.agent);
    let typed = conversation
        .utterances
        .iter()
        .filter(|u| u.typed && window.holds(u.at));
    for utterance in typed {
        svg.rect("user", window.x(utterance.at) - 2.0, places.user, 4.0, BAR);
    }
}

fn texts(svg: &mut Svg, above: &[TextBox], below: &[TextBox], places: &Places) {
    for text in above {
        let bottom = places.user - 6.0 - text.offset;
        let end = (text.tip, bottom - text.leader());
        svg.line("leader-user", (text.tip, places.user), end);
        let first = bottom - text.height() + FONT - 1.0;
        lines(svg, text, first);
    }
    for text in below {
        let top = places.agent + BAR + 6.0 + text.offset;
        let end = (text.tip, top + text.leader());
        svg.line("leader-agent", (text.tip, places.agent + BAR), end);
        lines(svg, text, top + FONT - 1.0);
    }
}

fn lines(svg: &mut Svg, text: &TextBox, first: f64) {
    for (n, line) in text.lines.iter().enumerate() {
        let y = first + n as f64 * LINE;
        svg.text("words", text.x + 5.0, y, Anchor::Start, line);
    }
}

/// The way from the end of speech to the first sound, stage by stage.
fn latencies(
    svg: &mut Svg,
    conversation: &Conversation,
    window: Window,
    places: &Places,
    labels: &Labels,
) {
    let y = places.middle + 5.0;
    for latency in &conversation.latencies {
        for (class, span) in stages(latency) {
            if let Some((x, width)) = window.part(span) {
                svg.rect(class, x, y, width, 7.0);
            }
        }
        if window.holds(latency.from) {
            let text = labels.duration(latency.sound.since(latency.from));
            let x = window.x(latency.from).min(RIGHT - 50.0);
            svg.text("small", x, y + 20.0, Anchor::Start, &text);
        }
    }
}

/// The stages before an answer with their colours.
pub(super) fn stages(latency: &Latency) -> [(&'static str, Span); 3] {
    let token = latency
        .token
        .unwrap_or(latency.committed)
        .min(latency.sound);
    let span = |from: Time, to: Time| Span { from, to };
    [
        ("eot", span(latency.from, latency.committed)),
        ("llm", span(latency.committed, token)),
        ("tts", span(token, latency.sound)),
    ]
}

fn calls(
    svg: &mut Svg,
    conversation: &Conversation,
    window: Window,
    places: &Places,
    labels: &Labels,
) {
    let y = places.middle + 29.0;
    let mut free = LEFT;
    for call in &conversation.calls {
        let Some((x, width)) = window.part(call.span) else {
            continue;
        };
        let (class, name_class) = match call.ok {
            true => ("tool", "tool-name"),
            false => ("tool-failed", "tool-name-failed"),
        };
        svg.rect(class, x, y, width.max(3.0), 16.0);
        let name = clip(&format!("{} {}", labels.tool, call.name), 34);
        let needs = name.chars().count() as f64 * 6.9;
        let fits_inside = width > needs + 8.0;
        let at = if fits_inside {
            x + 5.0
        } else {
            x + width.max(3.0) + 4.0
        };
        if at >= free && at + needs < RIGHT {
            svg.text(name_class, at, y + 12.0, Anchor::Start, &name);
            free = at + needs + 6.0;
        }
    }
}

fn marks(
    svg: &mut Svg,
    conversation: &Conversation,
    window: Window,
    places: &Places,
    labels: &Labels,
) {
    let inside = conversation
        .marks
        .iter()
        .filter(|(at, _)| window.holds(*at));
    for (at, mark) in inside {
        let x = window.x(*at);
        let (class, dot, name_class, name) = match mark {
            Mark::Interrupted => ("cut", "cut-dot", "cut-name", labels.interrupted),
            Mark::Resumed => ("resume", "resume-dot", "resume-name", labels.resumed),
        };
        svg.line(class, (x, places.user), (x, places.agent + BAR + 3.0));
        svg.dot(dot, x, places.user, 3.5);
        let y = places.agent - 5.0;
        let end = x + 6.0 + name.chars().count() as f64 * 7.0 > RIGHT;
        let (x, anchor) = if end {
            (x - 6.0, Anchor::End)
        } else {
            (x + 6.0, Anchor::Start)
        };
        svg.text(name_class, x, y, anchor, name);
    }
}

fn strip(
    svg: &mut Svg,
    conversation: &Conversation,
    window: Window,
    places: &Places,
    labels: &Labels,
) {
    for (span, state) in &conversation.states {
        let Some((x, width)) = window.part(*span) else {
            continue;
        };
        let (class, name) = match state {
            AgentState::Listening => ("s-listening", labels.listening),
            AgentState::Thinking => ("s-thinking", labels.thinking),
            AgentState::Speaking => ("s-speaking", labels.speaking),
            AgentState::Idle => ("s-idle", labels.away),
            AgentState::Initializing => continue,
        };
        let tall = STATES + 8.0;
        svg.rect(class, x, places.states - 3.0, width, tall);
        if width > name.chars().count() as f64 * 7.0 + 8.0 {
            svg.text("small", x + 5.0, places.states + 9.0, Anchor::Start, name);
        }
    }
}
