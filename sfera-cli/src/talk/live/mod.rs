//! A session on the terminal's screen.

mod keys;
mod terminal;
mod view;

use super::{Conversation, call::Call};
use crate::{
    error::{Error, Runtime},
    signal,
    text::Text,
};
use crossterm::event::EventStream;
use futures::StreamExt;
use keys::{Wish, press};
use std::time::Duration;
use terminal::Terminal;
use tokio::time::{Instant, MissedTickBehavior, interval};
use view::Screen;

/// How often the screen is drawn at most: the clock, the level and the captions move.
const FRAME: Duration = Duration::from_millis(100);

/// How a session is shown.
pub struct Setup {
    /// The catalogue.
    pub text: Text,
    /// Who listens, answers and speaks.
    pub title: String,
    /// Whether there is a microphone; otherwise the user types.
    pub microphone: bool,
}

/// Shows a session until the user ends it or it ends by itself. Dropping the future puts the terminal
/// back; what was seen stays in `seen`.
pub async fn show(call: &mut Call, setup: Setup, seen: &mut Conversation) -> Result<(), Error> {
    let mut terminal = Terminal::take()?;
    let mut keys = EventStream::new();
    let mut ticks = interval(FRAME);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let began = Instant::now();
    let mut screen = Screen {
        text: setup.text,
        title: setup.title,
        elapsed: Duration::ZERO,
        typing: (!setup.microphone).then(String::new),
        microphone: setup.microphone,
        scrolled: 0,
    };
    loop {
        tokio::select! {
            event = call.event() => match event {
                Some(event) => seen.observe(&event),
                None => return Ok(()),
            },
            key = keys.next() => match key {
                Some(Ok(key)) => {
                    match press(&mut screen, &key) {
                        Wish::Redraw => {}
                        Wish::Send(line) => {
                            // A session that has just ended says so by its events.
                            let _ = call.control().type_text(line).await;
                        }
                        Wish::End => return Ok(()),
                    }
                    draw(&mut terminal, &mut screen, seen)?;
                }
                // The terminal is gone; so is the user.
                Some(Err(_)) | None => return Ok(()),
            },
            _ = ticks.tick() => {
                screen.elapsed = began.elapsed();
                draw(&mut terminal, &mut screen, seen)?;
            },
            () = signal::interrupted() => return Ok(()),
        }
    }
}

fn draw(terminal: &mut Terminal, screen: &mut Screen, seen: &Conversation) -> Result<(), Error> {
    let drawn = terminal.screen.draw(|frame| screen.draw(frame, seen));
    drawn.map_err(|_| Error::Runtime(Runtime::Terminal))?;
    Ok(())
}
