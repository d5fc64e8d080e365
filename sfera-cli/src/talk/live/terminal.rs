//! The terminal while a session is on its screen: raw, on a screen of its own, and with stderr kept
//! away from it. Dropping puts everything back, whatever happened.

use crate::error::{Error, Runtime};
use crossterm::{
    event::{DisableBracketedPaste, EnableBracketedPaste},
    execute,
};
use ratatui::DefaultTerminal;
use std::io;

/// A terminal that is put back when dropped.
pub struct Terminal {
    /// What is drawn on.
    pub screen: DefaultTerminal,
    _quiet: Option<QuietStderr>,
}

impl Terminal {
    /// Takes the terminal over. A panic puts it back, too.
    pub fn take() -> Result<Self, Error> {
        let quiet = QuietStderr::begin();
        let screen = ratatui::try_init().map_err(|_| Error::Runtime(Runtime::Terminal))?;
        let _ = execute!(io::stdout(), EnableBracketedPaste);
        Ok(Self {
            screen,
            _quiet: quiet,
        })
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = execute!(io::stdout(), DisableBracketedPaste);
        ratatui::restore();
    }
}

/// Sound libraries written in C print warnings to stderr, across the screen. While this lives, stderr
/// goes nowhere if it is the terminal.
struct QuietStderr {
    #[cfg(unix)]
    original: std::os::fd::OwnedFd,
}

impl QuietStderr {
    #[cfg(unix)]
    fn begin() -> Option<Self> {
        use std::io::IsTerminal;
        if !io::stderr().is_terminal() {
            return None;
        }
        let original = rustix::io::dup(rustix::stdio::stderr()).ok()?;
        let nowhere = std::fs::File::options()
            .write(true)
            .open("/dev/null")
            .ok()?;
        rustix::stdio::dup2_stderr(&nowhere).ok()?;
        Some(Self { original })
    }

    #[cfg(not(unix))]
    fn begin() -> Option<Self> {
        None
    }
}

#[cfg(unix)]
impl Drop for QuietStderr {
    fn drop(&mut self) {
        let _ = rustix::stdio::dup2_stderr(&self.original);
    }
}
