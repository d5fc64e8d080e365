use crate::state::{Delivery, StateError, Store};
use std::time::Duration;
use tokio::time::sleep;

/// How often it is looked whether a message was sent.
const BEAT: Duration = Duration::from_millis(250);

/// Where the message of a letter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It is still to be sent.
    Coming,
    /// Its number.
    At(i64),
    /// There is none, or nobody knows.
    Nowhere,
}

impl Place {
    /// Where it is now.
    pub(super) async fn of(store: &Store, letter: &str) -> Result<Self, StateError> {
        Ok(match store.delivery(letter).await? {
            Some(Delivery::Waiting) => Self::Coming,
            Some(Delivery::Sent(Some(message))) => Self::At(message),
            Some(Delivery::Sent(None) | Delivery::InDoubt | Delivery::Refused) | None => {
                Self::Nowhere
            }
        })
    }

    /// Where it is in the end.
    pub(super) async fn settled(store: &Store, letter: &str) -> Result<Self, StateError> {
        loop {
            match Self::of(store, letter).await? {
                Self::Coming => sleep(BEAT).await,
                place => return Ok(place),
            }
        }
    }

    /// The message's number.
    pub(super) const fn message(self) -> Option<i64> {
        match self {
            Self::At(message) => Some(message),
            Self::Coming | Self::Nowhere => None,
        }
    }
}
