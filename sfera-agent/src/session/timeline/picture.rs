use super::{
    labels::Labels,
    layout::{LEFT, RIGHT, WIDTH, Window},
    model::Conversation,
    row,
    svg::{Anchor, Svg},
    table,
};

const STYLE: &str = "
text{font-family:Inter,'Segoe UI',Roboto,'Helvetica Neue',Arial,'DejaVu Sans',sans-serif;fill:#1f2933}
.bg{fill:#fdfcf9;stroke:#d9d5cb}
.title{font-size:18px;font-weight:600}
.lane{font-size:13px;font-weight:600}
.user-name{fill:#2456b3}.agent-name{fill:#14724c}.soft{fill:#667085}
.words{font-size:13px}.small{font-size:12px}.note{font-size:12px;fill:#667085}
.time{font-size:12px;fill:#667085}
.grid{stroke:#e7e3da;stroke-width:1}
.row{stroke:#d9d5cb;stroke-width:1}
.rail{fill:#f1eee6}
.user{fill:#3b76e1}.agent{fill:#23a06c}.pause{fill:url(#hatch)}
.leader-user{stroke:#9dbcf0;stroke-width:1}.leader-agent{stroke:#93d0b4;stroke-width:1}
.eot{fill:#f0a92e}.llm{fill:#9061d6}.tts{fill:#2aa7b8}
.tool{fill:#efe3fb;stroke:#9061d6}.tool-failed{fill:#fde8e6;stroke:#c8372d}
.tool-name{font-size:12px;fill:#5b3a94}.tool-name-failed{font-size:12px;fill:#a3261d}
.cut{stroke:#c8372d;stroke-width:2}.cut-dot{fill:#c8372d}.cut-name{font-size:12px;fill:#a3261d;font-weight:600}
.resume{stroke:#14724c;stroke-width:2;stroke-dasharray:3 2}.resume-dot{fill:#14724c}.resume-name{font-size:12px;fill:#14724c;font-weight:600}
.s-listening{fill:#cfd9ea}.s-thinking{fill:#f5cf85}.s-speaking{fill:#8fd3b4}.s-idle{fill:#e3e0d8}
.head{font-size:12px;fill:#667085}.num{font-size:13px;font-variant-numeric:tabular-nums}
.warn{font-size:13px;fill:#a3261d}
";

pub(super) fn draw(conversation: &Conversation, labels: &Labels) -> String {
    let mut content = Svg::default();
    let mut y = 34.0;
    content.text("title", 20.0, y, Anchor::Start, labels.title);
    legend(&mut content, y, labels);
    y += 18.0;
    if conversation.voice.is_empty()
        && conversation.sound.is_empty()
        && conversation.utterances.is_empty()
    {
        y += 16.0;
        content.text("words", 20.0, y, Anchor::Start, labels.empty);
    }
    if conversation.dropped {
        y += 18.0;
        content.text("warn", 20.0, y, Anchor::Start, labels.dropped);
    }
    for (n, window) in Window::rows(conversation.end).into_iter().enumerate() {
        if n > 0 {
            content.line("row", (20.0, y + 4.0), (RIGHT, y + 4.0));
        }
        y = row::draw(&mut content, conversation, window, y + 8.0, labels);
    }
    y = table::draw(&mut content, conversation, y, labels);
    finish(content, y + 16.0, labels)
}

/// The background goes below everything else, but its height is known only now.
fn finish(content: Svg, height: f64, labels: &Labels) -> String {
    let mut svg = Svg::default();
    svg.rect("bg", 0.5, 0.5, WIDTH - 1.0, height - 1.0);
    svg.append(content);
    svg.finish(WIDTH, height, labels.title, STYLE)
}

fn legend(svg: &mut Svg, y: f64, labels: &Labels) {
    let entries = [
        ("user", labels.user),
        ("agent", labels.agent),
        ("pause", labels.paused),
        ("eot", labels.end_of_turn),
        ("llm", labels.first_token),
        ("tts", labels.voice),
    ];
    let width = |text: &str| text.chars().count() as f64 * 6.9 + 36.0;
    let total: f64 = entries.iter().map(|(_, text)| width(text)).sum();
    let mut x = (RIGHT - total).max(LEFT + 40.0);
    for (class, text) in entries {
        svg.rect(class, x, y - 10.0, 14.0, 10.0);
        svg.text("note", x + 20.0, y, Anchor::Start, text);
        x += width(text);
    }
}
