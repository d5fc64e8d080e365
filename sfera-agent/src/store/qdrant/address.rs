/// Where Qdrant answers gRPC. Its HTTP port, which everybody knows, is not that one.
const GRPC: u16 = 6334;
const HTTP: u16 = 6333;
/// Qdrant's cloud, which speaks TLS only.
const CLOUD: &str = ".qdrant.io";

/// The address of the gRPC interface of what somebody called `QDRANT_HOST`: a host, `host:port` or a URL.
/// Without a scheme only Qdrant's cloud is asked over TLS. None if it is no address.
pub(super) fn address(host: &str) -> Option<String> {
    let (scheme, rest) = match host.trim().split_once("://") {
        Some((scheme @ ("http" | "https"), rest)) => (Some(scheme), rest),
        Some(_) => return None,
        None => (None, host.trim()),
    };
    let rest = rest.trim_end_matches('/');
    if rest.contains(|c: char| c.is_whitespace() || c.is_control() || "/?#@\\".contains(c)) {
        return None;
    }
    let (name, port) = match rest.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, Some(port.parse().ok()?)),
        _ => (rest, None),
    };
    let bracketed = name.starts_with('[') && name.ends_with(']');
    if name.is_empty() || (name.contains(':') && !bracketed) {
        return None;
    }
    let scheme = scheme.unwrap_or(if name.ends_with(CLOUD) {
        "https"
    } else {
        "http"
    });
    let port = match port {
        None | Some(HTTP) => GRPC,
        Some(port) => port,
    };
    Some(format!("{scheme}://{name}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_form_leads_to_the_grpc_port() {
        for (host, expected) in [
            ("localhost", "http://localhost:6334"),
            (" qdrant:6333\n", "http://qdrant:6334"),
            ("qdrant:7777", "http://qdrant:7777"),
            ("http://10.0.0.5:6333/", "http://10.0.0.5:6334"),
            ("https://db.example.org", "https://db.example.org:6334"),
            ("https://db.example.org:443", "https://db.example.org:443"),
            (
                "x-y.eu-central.aws.cloud.qdrant.io",
                "https://x-y.eu-central.aws.cloud.qdrant.io:6334",
            ),
            (
                "https://x.cloud.qdrant.io:6333",
                "https://x.cloud.qdrant.io:6334",
            ),
            ("[::1]:6334", "http://[::1]:6334"),
            ("[::1]", "http://[::1]:6334"),
        ] {
            assert_eq!(address(host).as_deref(), Some(expected), "{host}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for host in [
            "",
            "http://",
            "ftp://x",
            "a b",
            "user:secret@host",
            "host/path",
            "::1",
            "host:port",
            "host:",
        ] {
            assert_eq!(address(host), None, "{host}");
        }
    }
}
