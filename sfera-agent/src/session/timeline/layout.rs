use super::model::Span;
use crate::turn::Time;
use std::time::Duration;

/// Width of the picture.
pub(super) const WIDTH: f64 = 1_000.0;
/// Where the lanes begin; the names of the lanes stand before.
pub(super) const LEFT: f64 = 96.0;
/// Where the lanes end.
pub(super) const RIGHT: f64 = WIDTH - 24.0;
/// A row shows so much at most.
const ROW: Duration = Duration::from_secs(30);
/// And at least so much, so that short conversations are not blown up.
const LEAST: Duration = Duration::from_secs(10);

/// Size of the words, and about how wide one of their characters is.
pub(super) const FONT: f64 = 13.0;
const CHAR: f64 = 7.4;
pub(super) const LINE: f64 = 17.0;
const MAX_LINES: usize = 6;
const MIN_BOX: f64 = 130.0;
const MAX_BOX: f64 = 330.0;
const NARROW: f64 = 220.0;

/// The piece of time that one row shows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) span: Span,
}

impl Window {
    /// The rows of a conversation that ends at `end`, all equally long.
    pub(super) fn rows(end: Time) -> Vec<Self> {
        let total = end.since_start().max(LEAST);
        let rows = total.as_micros().div_ceil(ROW.as_micros()).max(1) as u32;
        // Whole seconds, so that the axis begins with a round number.
        let row = Duration::from_secs(total.div_f64(f64::from(rows)).as_secs() + 1).min(ROW);
        (0..rows)
            .map(|n| {
                let from = Time::ZERO + row * n;
                let to = from + row;
                Self {
                    span: Span { from, to },
                }
            })
            .collect()
    }

    fn length(&self) -> f64 {
        self.span.to.since(self.span.from).as_secs_f64()
    }

    /// Where a moment is; moments outside are at the edges.
    pub(super) fn x(&self, at: Time) -> f64 {
        let part = at.since(self.span.from).as_secs_f64() / self.length();
        LEFT + part.min(1.0) * (RIGHT - LEFT)
    }

    pub(super) fn holds(&self, at: Time) -> bool {
        self.span.from <= at && at < self.span.to
    }

    /// The part of a span that the row shows, as x and width.
    pub(super) fn part(&self, span: Span) -> Option<(f64, f64)> {
        let inside = span.from < self.span.to && span.to >= self.span.from;
        inside.then(|| {
            let x = self.x(span.from);
            (x, self.x(span.to) - x)
        })
    }
}

/// Words in a box beside a lane.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TextBox {
    /// Where what was said begins.
    pub(super) tip: f64,
    pub(super) x: f64,
    pub(super) width: f64,
    /// Distance from the lane.
    pub(super) offset: f64,
    pub(super) lines: Vec<String>,
}

impl TextBox {
    pub(super) fn height(&self) -> f64 {
        self.lines.len() as f64 * LINE
    }

    /// How far a line from its tip runs along it: not at all where it had to move left, because the
    /// line would strike it through.
    pub(super) fn leader(&self) -> f64 {
        if self.x < self.tip {
            0.0
        } else {
            self.height()
        }
    }
}

/// Places texts that begin at the given places, so that none covers another.
pub(super) fn place(texts: &[(f64, String)]) -> Vec<TextBox> {
    let mut boxes: Vec<TextBox> = Vec::new();
    for (n, (tip, text)) in texts.iter().enumerate() {
        let next = texts.get(n + 1).map_or(RIGHT, |(x, _)| *x - 12.0);
        let before = boxes.last().map_or(LEFT, |b| b.x + b.width + 20.0);
        let room = match next - tip {
            // At the end of a row the words stand before their beginning rather than on many lines.
            room if room < NARROW && n + 1 == texts.len() => {
                (RIGHT - before).clamp(MIN_BOX, MAX_BOX)
            }
            room => room.clamp(MIN_BOX, MAX_BOX),
        };
        let lines = wrap(text, (room / CHAR) as usize);
        let longest = lines.iter().map(|l| l.chars().count()).max();
        let width = longest.unwrap_or_default() as f64 * CHAR;
        let x = tip.min(RIGHT - width - 8.0).max(LEFT);
        let beside = |b: &&TextBox| b.x < x + width + 10.0 && x < b.x + b.width + 10.0;
        let below = boxes
            .iter()
            .filter(beside)
            .map(|b| b.offset + b.height() + 4.0);
        let offset = below.fold(0.0, f64::max);
        boxes.push(TextBox {
            tip: *tip,
            x,
            width,
            offset,
            lines,
        });
    }
    boxes
}

/// How much height the boxes need.
pub(super) fn height(boxes: &[TextBox]) -> f64 {
    let ends = boxes.iter().map(|b| b.offset + b.height());
    ends.fold(0.0, f64::max)
}

/// Breaks a text into lines of at most `width` characters; what does not fit ends in «…».
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let word = clip(word, width);
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    if lines.len() > MAX_LINES {
        lines.truncate(MAX_LINES);
        if let Some(last) = lines.last_mut() {
            *last = clip(&format!("{last} …"), width);
        }
    }
    lines
}

/// The text, or its beginning and «…».
pub(super) fn clip(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let head: String = text.chars().take(width.saturating_sub(1)).collect();
    head.trim_end().to_owned() + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_begin_close_together_stand_below_each_other() {
        let texts = [(100.0, "один два три".to_owned()), (130.0, "четыре".into())];
        let boxes = place(&texts);
        assert_eq!(boxes[0].offset, 0.0);
        assert!(boxes[1].offset >= boxes[0].height());
    }

    #[test]
    fn a_long_session_wraps_into_rows_of_thirty_seconds() {
        let rows = Window::rows(Time::from_millis(95_000));
        assert_eq!(rows.len(), 4);
        assert!(rows.iter().all(|r| r.length() <= 30.0));
        assert!(rows[3].span.to >= Time::from_millis(95_000));
    }

    #[test]
    fn a_word_longer_than_a_line_is_clipped() {
        assert_eq!(wrap(&"ы".repeat(90), 10), ["ыыыыыыыыы…"]);
    }
}
