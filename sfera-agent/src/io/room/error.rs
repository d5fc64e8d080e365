//! Why a room could not be joined: what the `livekit` crate returns, in sentences that help.

use livekit::{RoomError, rtc_engine::EngineError};
use livekit_signaling::SignalError;

/// HTTP's "too many requests".
const TOO_MANY: u16 = 429;

/// Why a room could not be joined, and what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    /// The address cannot be one.
    #[error("this is no LiveKit address: it begins with wss:// or ws://")]
    Url,
    /// Nothing listens there, or its name is unknown.
    #[error("nothing answers at the LiveKit address: check it, and that the server runs")]
    Unreachable,
    /// Something else listens there.
    #[error("what answers at the LiveKit address is no LiveKit server: check the address")]
    NotLiveKit,
    /// No token at all, or one with impossible characters.
    #[error("the access token is malformed: make a new one")]
    TokenMalformed,
    /// Too old.
    #[error("the access token has expired: make a new one")]
    TokenExpired,
    /// The server's clock and that of the token's maker differ.
    #[error(
        "by the LiveKit server's clock the access token is not valid now: set the clocks of this machine, of the server and of the one that made the token"
    )]
    ClockSkew,
    /// The server has other keys.
    #[error("the LiveKit server does not know the API key: check it")]
    UnknownKey,
    /// The key is right, the secret is not.
    #[error("the API secret does not fit the API key: check it")]
    WrongSecret,
    /// The token is good for something else.
    #[error("the access token does not allow to join this room")]
    Forbidden,
    /// An agent that may not speak, or a caller who may not.
    #[error("the access token does not allow to publish sound: it needs the grant canPublish")]
    MayNotPublish,
    /// The server refuses for another reason.
    #[error("the LiveKit server refuses: HTTP {0}")]
    Refused(u16),
    /// The server is in trouble.
    #[error("the LiveKit server is in trouble: HTTP {0}; try again later")]
    Trouble(u16),
    /// Signalling works, sound finds no way.
    #[error(
        "the LiveKit server answers, but no way for sound was found: open its UDP and TCP ports in the firewall, or set up TURN"
    )]
    NoMedia,
    /// The server says nothing, or what is no answer: nonsense is passed over and waited out.
    #[error(
        "the LiveKit server did not answer in time, or not in its protocol: try again, and check its version"
    )]
    Timeout,
    /// The track was not accepted.
    #[error("the LiveKit server did not accept the track: try again")]
    Publish,
    /// What the server says is not understood.
    #[error("the LiveKit server speaks another protocol: use version 1.8.0 or newer")]
    Protocol,
    /// A LiveKit server, but not one that gives jobs to a worker of today.
    #[error(
        "a worker needs LiveKit server 1.7.2 or newer: this one is older, or a proxy before it does not pass /agent on"
    )]
    NoWorkers,
}

impl JoinError {
    /// What a refusal of the server means. `said` may hold the token: it is looked at and never kept.
    pub(crate) fn refused(status: u16, said: &str) -> Self {
        client(status, said)
    }

    /// Whether the same attempt may succeed later.
    #[must_use]
    pub const fn is_passing(self) -> bool {
        matches!(
            self,
            Self::Unreachable
                | Self::Trouble(_)
                | Self::Refused(TOO_MANY)
                | Self::NoMedia
                | Self::Timeout
                | Self::Publish
        )
    }
}

impl From<&RoomError> for JoinError {
    fn from(error: &RoomError) -> Self {
        match error {
            RoomError::Engine(EngineError::Signal(error)) => signal(error),
            RoomError::Engine(EngineError::Connection(_) | EngineError::Rtc(_))
            | RoomError::Rtc(_) => Self::NoMedia,
            RoomError::Request { .. } => Self::Forbidden,
            RoomError::Engine(EngineError::Internal(_))
            | RoomError::Internal(_)
            | RoomError::TrackAlreadyPublished
            | RoomError::AlreadyClosed => Self::Protocol,
        }
    }
}

fn signal(error: &SignalError) -> JoinError {
    match error {
        SignalError::UrlParse(_) => JoinError::Url,
        SignalError::TokenFormat => JoinError::TokenMalformed,
        SignalError::Client(status, said) => client(status.as_u16(), said),
        SignalError::Handshake { status } => client(status.as_u16(), ""),
        SignalError::Server(status, _) => JoinError::Trouble(status.as_u16()),
        SignalError::Timeout(_) => JoinError::Timeout,
        SignalError::ProtoParse(_) | SignalError::InvalidState(_) => JoinError::Protocol,
        // No connection, or one that broke before anything was said.
        _ => JoinError::Unreachable,
    }
}

/// What a refusal means. `said` may hold the token: it is looked at and never passed on.
fn client(status: u16, said: &str) -> JoinError {
    let says = |words: &str| said.contains(words);
    match status {
        404 => JoinError::NotLiveKit,
        401 if says("(exp)") => JoinError::TokenExpired,
        401 if says("(nbf)") || says("(iat)") => JoinError::ClockSkew,
        401 if says("invalid API key") => JoinError::UnknownKey,
        401 if says("cryptographic") => JoinError::WrongSecret,
        401 if says("invalid authorization") || says("invalid token") => JoinError::TokenMalformed,
        401 | 403 => JoinError::Forbidden,
        500.. => JoinError::Trouble(status),
        _ => JoinError::Refused(status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_apart_by_what_the_server_says() {
        let cases = [
            (
                401,
                "invalid token: x, error: token is expired (exp)",
                JoinError::TokenExpired,
            ),
            (
                401,
                "error: token not valid yet (nbf)",
                JoinError::ClockSkew,
            ),
            (401, "invalid API key: other", JoinError::UnknownKey),
            (
                401,
                "error in cryptographic primitive",
                JoinError::WrongSecret,
            ),
            (401, "permissions denied", JoinError::Forbidden),
            (403, "", JoinError::Forbidden),
            (404, "", JoinError::NotLiveKit),
            (429, "", JoinError::Refused(429)),
            (503, "", JoinError::Trouble(503)),
        ];
        for (status, said, expected) in cases {
            assert_eq!(client(status, said), expected, "{status} {said}");
        }
    }

    #[test]
    fn only_what_may_pass_is_worth_another_try() {
        assert!(JoinError::Unreachable.is_passing());
        assert!(
            client(429, "").is_passing(),
            "whoever asks less often is answered"
        );
        assert!(!client(400, "").is_passing());
        assert!(!JoinError::TokenExpired.is_passing());
    }
}
