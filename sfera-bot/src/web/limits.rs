use super::{
    Web,
    refusal::{Refusal, Why},
};
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Request},
    response::IntoResponse,
};
use governor::middleware::NoOpMiddleware;
use sfera_agent::Language;
use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tower_governor::{
    GovernorError, GovernorLayer,
    governor::{GovernorConfig, GovernorConfigBuilder},
    key_extractor::KeyExtractor,
};

/// What an address may ask at once: several people may be behind it, each of whom asks every second.
const BURST: u32 = 60;
/// How often it may ask once more.
const EVERY: Duration = Duration::from_millis(200);
/// How often addresses that ask no more are forgotten.
const TIDYING: Duration = Duration::from_secs(60);

type Config = GovernorConfig<Address, NoOpMiddleware>;

/// How often an address may ask.
#[derive(Clone)]
pub struct Limits {
    /// There is none only for limits of zero.
    config: Option<Arc<Config>>,
    language: Language,
}

impl Limits {
    /// `behind_proxy`: the address is what the proxy tells, otherwise whoever is connected.
    #[must_use]
    pub fn new(behind_proxy: bool, language: Language) -> Self {
        let mut builder = GovernorConfigBuilder::default().key_extractor(Address { behind_proxy });
        let config = builder.period(EVERY).burst_size(BURST).finish();
        Self {
            config: config.map(Arc::new),
            language,
        }
    }

    /// Limits all routes.
    pub(super) fn around(&self, routes: Router<Arc<Web>>) -> Router<Arc<Web>> {
        let language = self.language;
        let Some(config) = self.config.clone() else {
            return routes;
        };
        let layer = GovernorLayer::new(config).error_handler(move |error| {
            let seconds = match error {
                GovernorError::TooManyRequests { wait_time, .. } => wait_time.max(1),
                _ => 1,
            };
            Refusal::new(Why::TooOften(seconds), language).into_response()
        });
        routes.layer::<GovernorLayer<Address, NoOpMiddleware, Body>>(layer)
    }

    /// Forgets addresses that ask no more, until told to stop.
    pub async fn tidy(self, stop: CancellationToken) {
        while stop.run_until_cancelled(sleep(TIDYING)).await.is_some() {
            if let Some(config) = &self.config {
                config.limiter().retain_recent();
            }
        }
    }
}

/// Who asks.
#[derive(Clone, Copy, Debug)]
struct Address {
    behind_proxy: bool,
}

impl KeyExtractor for Address {
    type Key = IpAddr;

    fn extract<T>(&self, request: &Request<T>) -> Result<IpAddr, GovernorError> {
        let told = || forwarded(request.headers());
        let told = self.behind_proxy.then(told).flatten();
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        told.or_else(|| peer.map(|peer| peer.ip()))
            .map(network)
            .ok_or(GovernorError::UnableToExtractKey)
    }
}

/// The last address is what our own proxy saw; those before it anybody may have written.
fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

/// One customer has 64 bits of IPv6 addresses.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => mapped.into(),
            None => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        },
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(behind_proxy: bool, told: &[&str]) -> String {
        let mut request =
            Request::builder().extension(ConnectInfo(SocketAddr::from(([10, 0, 0, 1], 5))));
        for told in told {
            request = request.header("x-forwarded-for", *told);
        }
        let key = Address { behind_proxy }.extract(&request.body(()).unwrap());
        key.unwrap().to_string()
    }

    #[test]
    fn only_the_own_proxy_is_believed() {
        assert_eq!(key(false, &["1.2.3.4"]), "10.0.0.1");
        assert_eq!(key(true, &["9.9.9.9, 1.2.3.4"]), "1.2.3.4");
        assert_eq!(key(true, &["9.9.9.9", "1.2.3.4"]), "1.2.3.4");
        assert_eq!(key(true, &[]), "10.0.0.1");
        assert_eq!(key(true, &["nonsense"]), "10.0.0.1");
        assert_eq!(key(true, &["2001:db8:1:2:3::4"]), "2001:db8:1:2::");
        assert_eq!(key(true, &["::ffff:1.2.3.4"]), "1.2.3.4");
    }
}
