//! The screen of a session: captions, state, input level, the line being typed. Pure: draws what it
//! is given, at any size.

use crate::{
    talk::{Conversation, Line, LineKind, summary::minutes},
    text::Text,
};
use ratatui::{
    Frame,
    layout::{Constraint, Layout, Position, Rect},
    style::{Color, Modifier, Style},
    text::{Line as Row, Span},
    widgets::{Paragraph, Wrap},
};
use sfera_agent::turn::AgentState;
use std::time::Duration;
use unicode_width::UnicodeWidthStr;

/// What the screen shows besides the conversation.
#[derive(Clone, Debug)]
pub struct Screen {
    /// The catalogue.
    pub text: Text,
    /// Who listens and answers, for the first row.
    pub title: String,
    /// How long the session has lasted.
    pub elapsed: Duration,
    /// The line being typed; `None` while the user speaks.
    pub typing: Option<String>,
    /// Whether there is a microphone at all.
    pub microphone: bool,
    /// Rows scrolled back from the end.
    pub scrolled: u16,
}

impl Screen {
    /// Draws everything. Parts for which there is no room are left out, the captions last.
    pub fn draw(&mut self, frame: &mut Frame<'_>, conversation: &Conversation) {
        let area = frame.area();
        let extra = |least| u16::from(area.height >= least);
        let [head, captions, input, keys] = Layout::vertical([
            Constraint::Length(extra(3)),
            Constraint::Min(0),
            Constraint::Length(extra(2)),
            Constraint::Length(extra(5)),
        ])
        .areas(area);
        frame.render_widget(self.head(conversation, head.width), head);
        self.draw_captions(frame, captions, conversation);
        self.draw_input(frame, input, conversation);
        frame.render_widget(Row::styled(self.keys(), DIM), keys);
    }

    fn head(&self, conversation: &Conversation, width: u16) -> Row<'_> {
        let state = self.text.state(conversation.agent);
        let time = minutes(self.elapsed);
        let left = format!("● {state}");
        let middle = format!("  {}", self.title);
        let used = left.width() + middle.width() + time.width();
        let gap = usize::from(width).saturating_sub(used);
        let middle = if gap == 0 { "  ".to_owned() } else { middle };
        Row::from(vec![
            Span::styled(left, state_style(conversation.agent)),
            Span::styled(middle, DIM),
            Span::raw(" ".repeat(gap)),
            Span::styled(time, DIM),
        ])
    }

    fn draw_captions(&mut self, frame: &mut Frame<'_>, area: Rect, conversation: &Conversation) {
        let rows: Vec<Row<'_>> = match conversation.lines.as_slice() {
            [] => vec![Row::styled(self.invitation(), DIM)],
            lines => lines.iter().map(|line| caption(line, self.text)).collect(),
        };
        let paragraph = Paragraph::new(rows).wrap(Wrap { trim: false });
        let all = paragraph.line_count(area.width);
        let hidden = u16::try_from(all)
            .unwrap_or(u16::MAX)
            .saturating_sub(area.height);
        self.scrolled = self.scrolled.min(hidden);
        frame.render_widget(paragraph.scroll((hidden - self.scrolled, 0)), area);
    }

    fn draw_input(&self, frame: &mut Frame<'_>, area: Rect, conversation: &Conversation) {
        match &self.typing {
            Some(typed) => self.draw_typed(frame, area, typed),
            None => {
                let label = format!("{} ", self.text.microphone());
                let room = usize::from(area.width).saturating_sub(label.width() + 2);
                let row = Row::from(vec![
                    Span::styled(label, DIM),
                    Span::styled(
                        meter(conversation.level, room.min(40)),
                        meter_style(conversation.level),
                    ),
                ]);
                frame.render_widget(row, area);
            }
        }
    }

    fn draw_typed(&self, frame: &mut Frame<'_>, area: Rect, typed: &str) {
        if area.is_empty() {
            return;
        }
        let room = usize::from(area.width).saturating_sub(3);
        let shown = tail(typed, room);
        let row = Row::from(vec![
            Span::styled("> ", Style::new().fg(Color::Cyan)),
            Span::raw(shown),
        ]);
        frame.render_widget(row, area);
        let column = u16::try_from(shown.width()).unwrap_or(0).saturating_add(2);
        let column = column.min(area.width.saturating_sub(1));
        frame.set_cursor_position(Position::new(area.x + column, area.y));
    }

    fn invitation(&self) -> String {
        match self.typing {
            Some(_) => self.text.type_here(),
            None => self.text.speak_now(),
        }
    }

    fn keys(&self) -> String {
        match (&self.typing, self.microphone) {
            (_, false) => self.text.keys_text_only(),
            (Some(_), true) => self.text.keys_typing(),
            (None, true) => self.text.keys_speaking(),
        }
    }
}

const DIM: Style = Style::new().add_modifier(Modifier::DIM);

fn caption(line: &Line, text: Text) -> Row<'static> {
    let (who, words) = text.line(line);
    let style = match line.kind {
        LineKind::User(_) => Style::new().fg(Color::Cyan),
        LineKind::Agent(..) => Style::new().fg(Color::Green),
        LineKind::Failed(..) => Style::new().fg(Color::Red),
        _ => DIM,
    };
    let unfinished = matches!(line.kind, LineKind::User(None)) && !line.done;
    let words = match unfinished {
        true => Span::styled(format!("{words}…"), DIM),
        false if who.is_some() => Span::raw(words),
        false => Span::styled(words, style),
    };
    let who = who.map(|who| Span::styled(format!("{who}: "), style.add_modifier(Modifier::BOLD)));
    Row::from_iter(who.into_iter().chain([words]))
}

const fn state_style(state: AgentState) -> Style {
    let colour = match state {
        AgentState::Initializing | AgentState::Idle => Color::DarkGray,
        AgentState::Listening => Color::Cyan,
        AgentState::Thinking => Color::Yellow,
        AgentState::Speaking => Color::Green,
    };
    Style::new().fg(colour).add_modifier(Modifier::BOLD)
}

/// The quietest level the meter shows, dBFS.
const METER_FLOOR: f32 = -60.0;

fn meter(dbfs: f32, width: usize) -> String {
    let share = ((dbfs - METER_FLOOR) / -METER_FLOOR).clamp(0.0, 1.0);
    let filled = (share * width as f32).round() as usize;
    format!("{}{}", "█".repeat(filled), "░".repeat(width - filled))
}

fn meter_style(dbfs: f32) -> Style {
    Style::new().fg(match dbfs {
        loud if loud > -3.0 => Color::Red,
        fine if fine > -45.0 => Color::Green,
        _ => Color::DarkGray,
    })
}

/// The end of a text that fits into so many columns.
fn tail(text: &str, columns: usize) -> &str {
    let mut starts = text.char_indices().map(|(at, _)| at);
    let fits = |at: &usize| text[*at..].width() <= columns;
    starts.find(fits).map_or("", |at| &text[at..])
}

#[cfg(test)]
#[path = "view_tests.rs"]
mod tests;
