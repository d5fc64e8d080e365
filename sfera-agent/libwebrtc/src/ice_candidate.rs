//! Addresses at which a peer may be reached.

use std::fmt::{self, Debug, Display};

use crate::session_description::SdpParseError;

/// One candidate, as it is signalled.
pub struct IceCandidate {
    mid: String,
    index: i32,
    candidate: String,
}

impl IceCandidate {
    /// A candidate that came by signalling. An empty one says that there are no more.
    ///
    /// # Errors
    /// A text that is no candidate line.
    pub fn parse(
        sdp_mid: &str,
        sdp_mline_index: i32,
        sdp: &str,
    ) -> Result<IceCandidate, SdpParseError> {
        let candidate = sdp.trim().trim_start_matches("a=");
        if !candidate.is_empty() && !candidate.starts_with("candidate:") {
            return Err(SdpParseError {
                line: sdp.to_owned(),
                description: "a candidate must begin with `candidate:`".to_owned(),
            });
        }
        Ok(Self::new(
            sdp_mid.to_owned(),
            sdp_mline_index,
            candidate.to_owned(),
        ))
    }

    pub(crate) fn new(mid: String, index: i32, candidate: String) -> Self {
        Self {
            mid,
            index,
            candidate,
        }
    }

    /// The media section it belongs to.
    pub fn sdp_mid(&self) -> String {
        self.mid.clone()
    }

    /// The number of that section.
    pub fn sdp_mline_index(&self) -> i32 {
        self.index
    }

    /// `candidate:…`, without `a=`.
    pub fn candidate(&self) -> String {
        self.candidate.clone()
    }
}

impl Display for IceCandidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.candidate)
    }
}

impl Debug for IceCandidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IceCandidate")
            .field("candidate", &self.candidate)
            .finish()
    }
}
