use super::{
    labels::Labels,
    layout::{RIGHT, clip},
    model::Conversation,
    row,
    svg::{Anchor, Svg},
};

/// Where the columns end.
const COLUMNS: [f64; 4] = [560.0, 710.0, 850.0, RIGHT];
const LINE: f64 = 21.0;

/// Draws the latencies of each answered turn in numbers. Answers where the table ends.
pub(super) fn draw(svg: &mut Svg, conversation: &Conversation, top: f64, labels: &Labels) -> f64 {
    if conversation.latencies.is_empty() {
        return top;
    }
    let mut y = top + 22.0;
    svg.line("row", (20.0, top + 4.0), (RIGHT, top + 4.0));
    svg.text("head", 20.0, y, Anchor::Start, labels.turn);
    let heads = [
        labels.end_of_turn,
        labels.first_token,
        labels.voice,
        labels.first_audio,
    ];
    for (x, head) in COLUMNS.into_iter().zip(heads) {
        svg.text("head", x, y, Anchor::End, head);
    }
    for latency in &conversation.latencies {
        y += LINE;
        let words = clip(&latency.user, 54);
        svg.text("words", 20.0, y, Anchor::Start, &words);
        let stages = row::stages(latency).map(|(_, span)| span.to.since(span.from));
        let all = stages
            .into_iter()
            .chain([latency.sound.since(latency.from)]);
        for (x, duration) in COLUMNS.into_iter().zip(all) {
            svg.text("num", x, y, Anchor::End, &labels.duration(duration));
        }
    }
    y
}
