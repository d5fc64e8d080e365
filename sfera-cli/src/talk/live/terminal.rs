//! The terminal while a session is on its screen: raw, on a screen of its own, and with stderr kept
//! away from it. Dropping puts everything back, whatever happened.

use crate::{
    error::{Error, Runtime},
    quiet::Quiet,
};
use crossterm::{
    event::{DisableBracketedPaste, EnableBracketedPaste},
    execute,
};
use ratatui::DefaultTerminal;
use std::io::{self, IsTerminal};

/// A terminal that is put back when dropped.
pub struct Terminal {
    /// What is drawn on.
    pub screen: DefaultTerminal,
    _quiet: Option<Quiet>,
}

impl Terminal {
    /// Takes the terminal over. A panic puts it back, too.
    pub fn take() -> Result<Self, Error> {
        // A stderr that goes elsewhere does no harm and may be wanted.
        let quiet = io::stderr().is_terminal().then(Quiet::begin).flatten();
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
