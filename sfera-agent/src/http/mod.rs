//! The one way to the network over HTTP.

use reqwest::ClientBuilder;
use rustls::crypto::{CryptoProvider, ring};

/// A client with TLS by ring. A crypto provider that the host has installed stays.
pub(crate) fn client() -> ClientBuilder {
    if CryptoProvider::get_default().is_none() {
        // Fails only if another thread was faster, which is as good.
        let _ = ring::default_provider().install_default();
    }
    reqwest::Client::builder().user_agent(concat!("sfera/", env!("CARGO_PKG_VERSION")))
}

#[cfg(all(
    test,
    any(feature = "openai", feature = "web-tools", feature = "web-search")
))]
pub(crate) mod double;
