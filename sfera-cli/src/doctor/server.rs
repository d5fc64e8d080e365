use super::finding::Finding;
use crate::{
    config::{LlmChoice, Server, Settings},
    text::Text,
};
use std::time::Duration;

/// How long a server may take to say which models it has.
const PATIENCE: Duration = Duration::from_secs(5);

/// Who answers, and whether that server can be reached and takes the key.
pub async fn examine(settings: &Settings, text: Text) -> Finding {
    let server = match &settings.llm {
        LlmChoice::Assistant => return Finding::ok("llm", text.llm_assistant()),
        LlmChoice::OpenAi(server) => server,
    };
    match ask(server).await {
        Ok(status) if status.is_success() => {
            Finding::ok("llm", text.llm_reachable(&server.base_url, &server.model))
        }
        Ok(status) if status.as_u16() == 401 || status.as_u16() == 403 => {
            Finding::warn("llm", text.llm_refused(&server.base_url), text.fix_key())
        }
        Ok(status) => Finding::warn(
            "llm",
            text.llm_odd(&server.base_url, status.as_u16()),
            text.fix_url(),
        ),
        Err(_) => Finding::warn(
            "llm",
            text.llm_unreachable(&server.base_url),
            text.fix_server(),
        ),
    }
}

async fn ask(server: &Server) -> Result<reqwest::StatusCode, reqwest::Error> {
    // Fails only if there is one already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().timeout(PATIENCE).build()?;
    let mut request = client.get(format!("{}/models", server.base_url));
    if let Some(key) = &server.key {
        request = request.bearer_auth(key.expose());
    }
    Ok(request.send().await?.status())
}
