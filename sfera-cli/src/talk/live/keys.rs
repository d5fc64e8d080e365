use super::view::Screen;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// What a key asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Only the screen changed, if that.
    Redraw,
    /// Send this line.
    Send(String),
    /// End the session.
    End,
}

/// The longest line that can be typed, in characters.
const LONGEST_LINE: usize = 2_000;

/// Rows per PgUp and PgDn.
const PAGE: u16 = 5;

/// Carries out what concerns the screen only, and says what else is asked for.
pub fn press(screen: &mut Screen, event: &Event) -> Wish {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => press_key(screen, *key),
        Event::Paste(text) => {
            let one_line = text.replace(['\r', '\n'], " ");
            one_line.chars().for_each(|c| write(screen, c));
            Wish::Redraw
        }
        _ => Wish::Redraw,
    }
}

fn press_key(screen: &mut Screen, key: KeyEvent) -> Wish {
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return press_control(screen, key.code);
    }
    match key.code {
        KeyCode::PageUp => screen.scrolled = screen.scrolled.saturating_add(PAGE),
        KeyCode::PageDown => screen.scrolled = screen.scrolled.saturating_sub(PAGE),
        KeyCode::Esc => {
            if let Some(typed) = &mut screen.typing {
                typed.clear();
            }
        }
        KeyCode::Backspace => {
            if let Some(typed) = &mut screen.typing {
                typed.pop();
            }
        }
        KeyCode::Enter => {
            if let Some(typed) = &mut screen.typing
                && !typed.trim().is_empty()
            {
                screen.scrolled = 0;
                return Wish::Send(std::mem::take(typed).trim().to_owned());
            }
        }
        KeyCode::Char(c) => write(screen, c),
        _ => {}
    }
    Wish::Redraw
}

/// With a Russian layout a terminal reports the letters of that layout: с is the key of c, е of t,
/// г of u, ц of w, в of d.
fn press_control(screen: &mut Screen, code: KeyCode) -> Wish {
    match code {
        KeyCode::Char('c' | 'C' | 'с' | 'С') => return Wish::End,
        KeyCode::Char('d' | 'D' | 'в' | 'В')
            if screen.typing.as_ref().is_none_or(String::is_empty) =>
        {
            return Wish::End;
        }
        KeyCode::Char('t' | 'T' | 'е' | 'Е') if screen.microphone => {
            screen.typing = match screen.typing {
                Some(_) => None,
                None => Some(String::new()),
            };
        }
        KeyCode::Char('u' | 'U' | 'г' | 'Г') => {
            if let Some(typed) = &mut screen.typing {
                typed.clear();
            }
        }
        KeyCode::Char('w' | 'W' | 'ц' | 'Ц') => {
            if let Some(typed) = &mut screen.typing {
                let kept = typed.trim_end().rfind(' ').map_or(0, |at| at + 1);
                typed.truncate(kept);
            }
        }
        _ => {}
    }
    Wish::Redraw
}

fn write(screen: &mut Screen, c: char) {
    if let Some(typed) = &mut screen.typing
        && !c.is_control()
        && typed.chars().count() < LONGEST_LINE
    {
        typed.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Text;
    use sfera_agent::Language;
    use std::time::Duration;

    fn screen(typing: Option<&str>) -> Screen {
        Screen {
            text: Text(Language::Ru),
            title: String::new(),
            elapsed: Duration::ZERO,
            typing: typing.map(str::to_owned),
            microphone: true,
            scrolled: 0,
        }
    }

    fn key(code: KeyCode, modifiers: KeyModifiers) -> Event {
        Event::Key(KeyEvent::new(code, modifiers))
    }

    fn control(c: char) -> Event {
        key(KeyCode::Char(c), KeyModifiers::CONTROL)
    }

    #[test]
    fn control_t_toggles_typing_in_both_keyboard_layouts() {
        let mut screen = screen(None);
        assert_eq!(press(&mut screen, &control('t')), Wish::Redraw);
        assert_eq!(screen.typing.as_deref(), Some(""));
        assert_eq!(press(&mut screen, &control('е')), Wish::Redraw);
        assert_eq!(screen.typing, None);
    }

    #[test]
    fn letters_are_written_only_while_typing_and_enter_sends_the_line() {
        let mut speaking = screen(None);
        press(&mut speaking, &key(KeyCode::Char('я'), KeyModifiers::NONE));
        assert_eq!(speaking.typing, None);
        let mut typing = screen(Some(" Приве"));
        press(&mut typing, &key(KeyCode::Char('т'), KeyModifiers::NONE));
        let sent = press(&mut typing, &key(KeyCode::Enter, KeyModifiers::NONE));
        assert_eq!(sent, Wish::Send("Привет".into()));
        assert_eq!(typing.typing.as_deref(), Some(""));
        let nothing = press(&mut typing, &key(KeyCode::Enter, KeyModifiers::NONE));
        assert_eq!(nothing, Wish::Redraw);
    }

    #[test]
    fn a_line_is_edited_by_letter_word_and_whole() {
        let mut screen = screen(Some("Который сейчас час"));
        press(&mut screen, &key(KeyCode::Backspace, KeyModifiers::NONE));
        assert_eq!(screen.typing.as_deref(), Some("Который сейчас ча"));
        press(&mut screen, &control('w'));
        assert_eq!(screen.typing.as_deref(), Some("Который сейчас "));
        press(&mut screen, &control('г'));
        assert_eq!(screen.typing.as_deref(), Some(""));
        press(&mut screen, &Event::Paste("две\nстроки\u{1b}".into()));
        assert_eq!(screen.typing.as_deref(), Some("две строки"));
    }

    #[test]
    fn control_c_ends_at_any_moment_and_control_d_where_nothing_is_typed() {
        assert_eq!(press(&mut screen(Some("x")), &control('c')), Wish::End);
        assert_eq!(press(&mut screen(None), &control('с')), Wish::End);
        assert_eq!(press(&mut screen(Some("x")), &control('d')), Wish::Redraw);
        assert_eq!(press(&mut screen(Some("")), &control('d')), Wish::End);
    }
}
