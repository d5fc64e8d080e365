//! Which addresses a page may be read from: those of the public internet, and nothing else that this
//! machine can reach.

use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::{Attempt, Policy},
};
use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

/// Redirects followed, at most.
const MAX_REDIRECTS: usize = 5;

/// What may be reached. Tests let themselves in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Guard {
    pub(super) address: fn(IpAddr) -> bool,
    pub(super) port: fn(u16) -> bool,
}

impl Default for Guard {
    fn default() -> Self {
        Self {
            address: is_public,
            port: |port| matches!(port, 80 | 443),
        }
    }
}

impl Guard {
    /// Whether an address may be asked, as far as it can be told from the address alone. A name is
    /// looked at again when it is resolved; a number is never resolved, so it is looked at here.
    pub(super) fn admits(self, url: &Url) -> bool {
        let scheme = matches!(url.scheme(), "http" | "https");
        let stranger = url.username().is_empty() && url.password().is_none();
        let port = url.port_or_known_default().is_some_and(self.port);
        let host = match url.host() {
            Some(url::Host::Domain(name)) => !name.is_empty(),
            Some(url::Host::Ipv4(address)) => (self.address)(address.into()),
            Some(url::Host::Ipv6(address)) => (self.address)(address.into()),
            None => false,
        };
        scheme && stranger && port && host
    }

    /// Follows redirects to where one may go at first hand.
    pub(super) fn redirects(self) -> Policy {
        Policy::custom(move |attempt: Attempt<'_>| {
            if attempt.previous().len() > MAX_REDIRECTS {
                return attempt.error(Forbidden);
            }
            match self.admits(attempt.url()) {
                true => attempt.follow(),
                false => attempt.error(Forbidden),
            }
        })
    }
}

/// It leads where nobody may be sent.
#[derive(Debug, thiserror::Error)]
#[error("the address is not public")]
pub(super) struct Forbidden;

/// Resolves names to the addresses the connection then goes to: what was checked is what is used, so a
/// name that changes its address in between gains nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct PublicNames(pub(super) Guard);

impl Resolve for PublicNames {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let admitted: Vec<SocketAddr> = found.filter(|a| (guard.address)(a.ip())).collect();
            if admitted.is_empty() {
                return Err(io::Error::other(Forbidden).into());
            }
            let admitted: Addrs = Box::new(admitted.into_iter());
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(admitted)
        })
    }
}

/// Whether an address belongs to the public internet (the IANA registries of special addresses).
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = match (a, b, c) {
        // This network; private; loopback.
        (0 | 10 | 127, _, _) => true,
        // Carrier-grade NAT.
        (100, 64..=127, _) => true,
        // Link-local, and the clouds' metadata services in it.
        (169, 254, _) => true,
        (172, 16..=31, _) => true,
        // Protocol assignments, documentation, 6to4 relays, private.
        (192, 0, 0 | 2) | (192, 88, 99) | (192, 168, _) => true,
        // Benchmarks, documentation.
        (198, 18 | 19, _) | (198, 51, 100) | (203, 0, 113) => true,
        // Multicast, reserved, broadcast.
        (224.., _, _) => true,
        _ => false,
    };
    // Alibaba's metadata service stands in carrier-grade NAT; Azure's does not.
    !special && address != Ipv4Addr::new(168, 63, 129, 16)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match segments {
        // Mapped and translated addresses lead to the one within.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => v4(high, low),
        [0x2002, high, low, ..] => v4(high, low),
        // Teredo and other protocol assignments, documentation.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // Only 2000::/3 is given out: the rest is local, multicast or nobody's.
        [0x2000..=0x3fff, ..] => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_the_public_internet_is_public() {
        for public in [
            "1.1.1.1",
            "8.8.8.8",
            "77.88.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "223.255.255.255",
            "2a02:6b8::feed:ff",
            "2606:4700::1111",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2002:808:808::1",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for private in [
            "0.0.0.0",
            "10.1.2.3",
            "127.0.0.1",
            "127.255.255.254",
            "100.64.0.1",
            "100.100.100.200",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "192.0.0.192",
            "198.18.0.1",
            "203.0.113.7",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "168.63.129.16",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::1",
            "2001::1",
            "2001:db8::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "4000::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
    }

    #[test]
    fn addresses_are_admitted_by_what_they_say() {
        let admits = |text: &str| Guard::default().admits(&text.parse().unwrap());
        for good in [
            "https://example.org/x?y",
            "http://example.org",
            "https://8.8.8.8/",
        ] {
            assert!(admits(good), "{good}");
        }
        for bad in [
            "file:///etc/passwd",
            "ftp://example.org/",
            "http://example.org:8080/",
            "http://example.org:22/",
            "https://user:pass@example.org/",
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://169.254.169.254/latest/meta-data/",
            "data:text/plain,hello",
            "gopher://example.org/",
        ] {
            assert!(!admits(bad), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_mapped_address_is_as_public_as_the_one_within(bits: u32) {
            let v4 = Ipv4Addr::from_bits(bits);
            prop_assert_eq!(is_public(v4.to_ipv6_mapped().into()), is_public(v4.into()));
            let private = v4.is_private() || v4.is_loopback() || v4.is_link_local()
                || v4.is_multicast() || v4.is_unspecified() || v4.is_broadcast()
                || v4.is_documentation();
            prop_assert!(!private || !is_public(v4.into()));
        }
    }
}
