//! What a server's refusals mean.

use crate::{http, llm::LlmError};
use reqwest::{Response, StatusCode};
use std::time::Duration;

/// A connection that could not be made, or broke.
pub(super) fn of_transport(error: &reqwest::Error, limit: Duration) -> LlmError {
    if error.is_timeout() && !error.is_connect() {
        LlmError::Timeout(limit)
    } else {
        LlmError::Unavailable
    }
}

/// A status other than success. What the server says about it may hold the user's words or a part of
/// the key, so only the status is logged.
pub(super) async fn of_response(response: Response) -> LlmError {
    let status = response.status();
    tracing::debug!(%status, "the LLM server refused");
    let wait = http::retry_after(response.headers());
    of_status(status, wait)
}

pub(super) fn of_status(status: StatusCode, wait: Option<Duration>) -> LlmError {
    match status.as_u16() {
        401 | 403 => LlmError::Unauthorized,
        // No money left: not better in a moment, but the same for who chooses another provider.
        402 | 429 => LlmError::RateLimited(wait),
        408 | 409 | 425 | 500..=599 => LlmError::Unavailable,
        400..=499 => LlmError::Refused,
        _ => LlmError::Protocol,
    }
}
