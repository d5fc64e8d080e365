//! `stun:` and `turn:` URLs (RFC 7064, RFC 7065).

/// What a server is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Stun,
    Turn,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ServerUrl {
    pub(super) text: String,
    pub(super) kind: Kind,
    pub(super) host: String,
    pub(super) port: u16,
}

/// STUN's and TURN's port.
const PORT: u16 = 3478;

impl ServerUrl {
    /// # Errors
    /// What is wrong with it, or that it names a way (TCP, TLS) that this engine does not go.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (scheme, rest) = text
            .split_once(':')
            .ok_or("not a URL of a STUN or TURN server")?;
        let kind = match scheme {
            "stun" => Kind::Stun,
            "turn" => Kind::Turn,
            "stuns" | "turns" => {
                return Err(format!(
                    "{scheme} (TLS) is not supported by this media engine"
                ));
            }
            other => return Err(format!("{other:?} is neither stun nor turn")),
        };
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        if let Some(transport) = query
            .strip_prefix("transport=")
            .filter(|transport| *transport != "udp")
        {
            return Err(format!(
                "TURN over {transport} is not supported by this media engine, only over UDP"
            ));
        }
        let (host, port) = split(place.trim_start_matches("//"))?;
        Ok(Self {
            text: text.to_owned(),
            kind,
            host: host.to_owned(),
            port,
        })
    }
}

fn split(place: &str) -> Result<(&str, u16), String> {
    let number = |port: &str| port.parse().map_err(|_| format!("{port:?} is no port"));
    let bracketed = place
        .strip_prefix('[')
        .and_then(|place| place.split_once(']'));
    let (host, port) = match (bracketed, place.split_once(':')) {
        (Some((host, rest)), _) => (host, rest.strip_prefix(':').map_or(Ok(PORT), number)?),
        (None, Some((host, port))) => (host, number(port)?),
        (None, None) => (place, PORT),
    };
    if host.is_empty() {
        Err("the host is missing".to_owned())
    } else {
        Ok((host, port))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<(Kind, String, u16), String> {
        ServerUrl::parse(text).map(|url| (url.kind, url.host, url.port))
    }

    proptest::proptest! {
        #[test]
        fn no_url_is_too_strange(text in "(stun|turn|turns)?:?[\\PC]{0,60}") {
            if let Ok(url) = ServerUrl::parse(&text) {
                proptest::prop_assert!(!url.host.is_empty());
            }
        }
    }

    #[test]
    fn what_servers_are_named_by() {
        assert_eq!(
            parsed("stun:stun.example.org"),
            Ok((Kind::Stun, "stun.example.org".to_owned(), 3478))
        );
        assert_eq!(
            parsed("turn:10.0.0.1:443?transport=udp"),
            Ok((Kind::Turn, "10.0.0.1".to_owned(), 443))
        );
        assert_eq!(
            parsed("turn:[2001:db8::1]:5000"),
            Ok((Kind::Turn, "2001:db8::1".to_owned(), 5000))
        );
        assert_eq!(
            parsed("stun:[::1]"),
            Ok((Kind::Stun, "::1".to_owned(), 3478))
        );
    }

    #[test]
    fn what_is_not_spoken_is_refused_with_its_name() {
        for (url, name) in [
            ("turns:t.example.org:443", "TLS"),
            ("turn:t.example.org?transport=tcp", "tcp"),
            ("http://example.org", "http"),
            ("stun:", "host"),
            ("stun:host:port", "port"),
            ("nonsense", "URL"),
        ] {
            let error = parsed(url).expect_err(url);
            assert!(error.contains(name), "{url}: {error}");
        }
    }
}
