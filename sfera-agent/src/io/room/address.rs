use std::fmt;

/// Where a server is, and the token that lets a participant in. The token says which room, which
/// identity and what is allowed there; it never shows in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    pub(super) url: String,
    pub(super) token: String,
}

impl Address {
    /// A server's address (`wss://…`, `ws://…`, or the same with http) and an access token.
    #[must_use]
    pub fn new(url: impl Into<String>, token: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            token: token.into(),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_not_shown() {
        let shown = format!("{:?}", Address::new("ws://here", "secret"));
        assert!(
            shown.contains("ws://here") && !shown.contains("secret"),
            "{shown}"
        );
    }
}
