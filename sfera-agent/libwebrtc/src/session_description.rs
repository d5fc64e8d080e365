//! Offers and answers.

use std::{
    fmt::{self, Debug, Display},
    str::FromStr,
};

use thiserror::Error;

/// What a description is for.
#[derive(Debug, Copy, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of W3C WebRTC")]
pub enum SdpType {
    Offer,
    PrAnswer,
    Answer,
    Rollback,
}

impl FromStr for SdpType {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Ok(match name {
            "offer" => Self::Offer,
            "pranswer" => Self::PrAnswer,
            "answer" => Self::Answer,
            "rollback" => Self::Rollback,
            _ => return Err("not an SDP type: offer, pranswer, answer or rollback"),
        })
    }
}

impl Display for SdpType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Offer => "offer",
            Self::PrAnswer => "pranswer",
            Self::Answer => "answer",
            Self::Rollback => "rollback",
        })
    }
}

/// An SDP with its type. The text is kept as it came, changes of it (munging) included.
#[derive(Clone)]
pub struct SessionDescription {
    sdp: String,
    sdp_type: SdpType,
}

/// The text is no SDP.
#[derive(Clone, Error, Debug)]
#[error("not a session description: {description}, at {line:?}")]
pub struct SdpParseError {
    /// The line that is wrong.
    pub line: String,
    /// What is wrong with it.
    pub description: String,
}

impl SessionDescription {
    /// Takes a text for a description. Only its form is looked at here (every line is `x=…`); what
    /// it says is judged where it is applied.
    ///
    /// # Errors
    /// The first line that is not SDP.
    pub fn parse(sdp: &str, sdp_type: SdpType) -> Result<Self, SdpParseError> {
        let wrong = |line: &str, description: &str| SdpParseError {
            line: line.to_owned(),
            description: description.to_owned(),
        };
        let mut lines = sdp.lines().filter(|line| !line.trim().is_empty());
        match lines.next() {
            Some(line) if line.trim_end() == "v=0" => {}
            other => {
                return Err(wrong(
                    other.unwrap_or_default(),
                    "the first line must be v=0",
                ));
            }
        }
        if let Some(line) = lines.find(|line| line.as_bytes().get(1) != Some(&b'=')) {
            return Err(wrong(line, "a line must begin with a letter and `=`"));
        }
        Ok(Self::new(sdp.to_owned(), sdp_type))
    }

    pub(crate) fn new(sdp: String, sdp_type: SdpType) -> Self {
        Self { sdp, sdp_type }
    }

    /// Offer or answer.
    pub fn sdp_type(&self) -> SdpType {
        self.sdp_type
    }

    pub(crate) fn sdp(&self) -> &str {
        &self.sdp
    }
}

impl Display for SessionDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sdp)
    }
}

impl Debug for SessionDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionDescription")
            .field("sdp_type", &self.sdp_type)
            .finish_non_exhaustive()
    }
}
