//! A session as lines: for pipes, files, scenarios and programs.

use super::{
    call::Call,
    conversation::{Conversation, Line, LineKind},
};
use crate::{error::Error, output, signal, text::Text};
use sfera_agent::{
    session::{SessionEvent, SessionEventKind},
    turn::Time,
};

/// Prints a session as it goes.
pub struct Printer {
    text: Text,
    form: Form,
    printed: usize,
}

/// What is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// What both sides said, each line once it is complete.
    Lines,
    /// Every event as a line of JSON, but for input levels.
    Json,
}

impl Printer {
    /// A printer of a session that begins.
    pub const fn new(text: Text, form: Form) -> Self {
        Self {
            text,
            form,
            printed: 0,
        }
    }

    /// Prints what an event completed. `conversation` has observed it already.
    pub fn event(&mut self, event: &SessionEvent, seen: &Conversation) -> Result<(), Error> {
        match self.form {
            Form::Lines => self.lines(seen),
            Form::Json => json(event),
        }
    }

    /// A line for people; programs do not get it.
    pub fn note(&self, note: impl AsRef<str>) -> Result<(), Error> {
        match self.form {
            Form::Lines => output::line(note),
            Form::Json => Ok(()),
        }
    }

    /// Lines come in the order in which they began, so one that is not complete holds up those after
    /// it.
    fn lines(&mut self, seen: &Conversation) -> Result<(), Error> {
        self.printed = self.printed.min(seen.lines.len());
        while let Some(line) = seen.lines.get(self.printed)
            && line.done
        {
            if line.kind != LineKind::BargeIn {
                output::line(printed(line, self.text))?;
            }
            self.printed += 1;
        }
        Ok(())
    }
}

/// Prints a session until it ends or Ctrl+C; what was seen stays in `seen`.
pub async fn follow(
    call: &mut Call,
    mut printer: Printer,
    seen: &mut Conversation,
) -> Result<(), Error> {
    loop {
        tokio::select! {
            event = call.event() => match event {
                Some(event) => {
                    seen.observe(&event);
                    printer.event(&event, seen)?;
                }
                None => return Ok(()),
            },
            () = signal::interrupted() => return Ok(()),
        }
    }
}

fn json(event: &SessionEvent) -> Result<(), Error> {
    if matches!(event.kind, SessionEventKind::InputLevel { .. }) {
        return Ok(());
    }
    match serde_json::to_string(event) {
        Ok(line) => output::line(line),
        Err(_) => Ok(()),
    }
}

/// Prints what was said on a screen that is gone by now.
pub fn transcript(seen: &Conversation, text: Text) -> Result<(), Error> {
    for line in seen
        .lines
        .iter()
        .filter(|line| line.kind != LineKind::BargeIn)
    {
        output::line(printed(line, text))?;
    }
    Ok(())
}

/// A line with its time.
fn printed(line: &Line, text: Text) -> String {
    let (who, words) = text.line(line);
    let who = who.map(|who| format!("{who}: ")).unwrap_or_default();
    format!("[{}] {who}{words}", short(line.at))
}

/// Minutes, seconds and tenths.
fn short(time: Time) -> String {
    let tenths = time.since_start().as_millis() / 100;
    format!(
        "{:02}:{:02}.{}",
        tenths / 600,
        tenths / 10 % 60,
        tenths % 10
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use sfera_agent::{
        Language,
        turn::{ReplyEnd, ReplyId},
    };

    #[test]
    fn a_line_tells_when_who_what_and_how_it_ended() {
        let line = Line {
            at: Time::from_millis(63_280),
            kind: LineKind::Agent(ReplyId(1), Some(ReplyEnd::Interrupted)),
            text: "Главный враг трейдера".into(),
            done: true,
        };
        assert_eq!(
            printed(&line, Text(Language::Ru)),
            "[01:03.2] Сфера: Главный враг трейдера [перебили]"
        );
    }
}
