use crate::{config::Unusable, mind::Broken, state::StateError, text::Text};
use std::net::SocketAddr;

/// Why the program stopped.
#[derive(Debug)]
pub enum Stopped {
    /// A setting cannot be used.
    Setting(Unusable),
    /// The state cannot be.
    State(StateError),
    /// Who answers cannot be set up.
    Mind(Broken),
    /// Telegram does not know the token.
    Token,
    /// The web server cannot listen there.
    Listen(SocketAddr),
    /// Figures cannot be served there.
    Metrics(SocketAddr),
}

impl Stopped {
    /// In words.
    #[must_use]
    pub fn said(&self, text: Text) -> String {
        match self {
            Self::Setting(unusable) => text.unusable(*unusable),
            Self::State(error) => text.state_problem(*error).to_owned(),
            Self::Mind(broken) => text.broken(broken),
            Self::Token => text.token_refused().to_owned(),
            Self::Listen(address) => text.cannot_listen(*address, "SFERA_BOT_LISTEN"),
            Self::Metrics(address) => text.cannot_listen(*address, "SFERA_METRICS_LISTEN"),
        }
    }

    /// The program's exit code: 2 where settings are to be changed, 4 otherwise.
    #[must_use]
    pub const fn code(&self) -> u8 {
        match self {
            Self::Setting(_) | Self::Token | Self::Listen(_) | Self::Metrics(_) => 2,
            Self::State(_) | Self::Mind(_) => 4,
        }
    }
}

impl From<StateError> for Stopped {
    fn from(error: StateError) -> Self {
        Self::State(error)
    }
}
