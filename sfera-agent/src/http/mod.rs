//! The one way to the network over HTTP.

use reqwest::{
    ClientBuilder,
    header::{HeaderMap, RETRY_AFTER},
};
use rustls::crypto::{CryptoProvider, ring};
use std::time::Duration;

/// A client with TLS by ring. A crypto provider that the host has installed stays.
pub(crate) fn client() -> ClientBuilder {
    if CryptoProvider::get_default().is_none() {
        // Fails only if another thread was faster, which is as good.
        let _ = ring::default_provider().install_default();
    }
    reqwest::Client::builder().user_agent(concat!("sfera/", env!("CARGO_PKG_VERSION")))
}

/// How long a server that refused wants to be left alone, if it says so in seconds or milliseconds.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<f64>().ok();
    let seconds = number("retry-after-ms").map(|ms| ms / 1_000.0);
    let seconds = seconds.or_else(|| number(RETRY_AFTER.as_str()))?;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(all(
    test,
    any(
        feature = "embed-openai",
        feature = "openai",
        feature = "rerank-http",
        feature = "web-tools",
        feature = "web-search"
    )
))]
pub(crate) mod double;
