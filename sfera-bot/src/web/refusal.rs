use crate::{calls::Denied, state::StateError, text::Text};
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use sfera_agent::Language;
use utoipa::ToSchema;

/// Why a page does not get what it asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It does not show what Telegram signed.
    Unsigned,
    /// Telegram signed it too long ago.
    Expired,
    /// The user is banned.
    Banned,
    /// Calls are switched off.
    Closed,
    /// It asks too often; seconds until it may again.
    TooOften(u64),
    /// The day's minutes are used up.
    Spent,
    /// There is no LiveKit.
    NoLiveKit,
    /// LiveKit does not answer.
    LiveKit,
    /// The database or the memory does not.
    Storage,
    /// It asks to be opened outside of Telegram, which is not allowed here.
    NoDeveloper,
}

impl Why {
    const fn status(self) -> StatusCode {
        match self {
            Self::Unsigned | Self::Expired => StatusCode::UNAUTHORIZED,
            Self::Banned | Self::NoDeveloper => StatusCode::FORBIDDEN,
            Self::TooOften(_) | Self::Spent => StatusCode::TOO_MANY_REQUESTS,
            Self::Closed | Self::NoLiveKit | Self::LiveKit | Self::Storage => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::Unsigned => "unsigned",
            Self::Expired => "expired",
            Self::Banned => "banned",
            Self::Closed => "closed",
            Self::TooOften(_) => "too_often",
            Self::Spent => "minutes_spent",
            Self::NoLiveKit => "no_livekit",
            Self::LiveKit => "livekit_unreachable",
            Self::Storage => "storage",
            Self::NoDeveloper => "no_developer",
        }
    }
}

/// What a page is told instead of what it asked for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// For programs: `unsigned`, `expired`, `banned`, `too_often`, `minutes_spent`, `closed`, `no_livekit`,
    /// `livekit_unreachable`, `storage` or `no_developer`.
    #[schema(example = "expired")]
    pub error: &'static str,
    /// For people, in the user's language.
    pub message: String,
}

/// A [`Why`] and the language to say it in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub why: Why,
    /// The language.
    pub language: Language,
}

impl Refusal {
    pub(super) const fn new(why: Why, language: Language) -> Self {
        Self { why, language }
    }

    /// What the state's failure means for a page.
    pub(super) fn storage(language: Language) -> impl Fn(StateError) -> Self {
        move |error| {
            tracing::error!(%error, "a page cannot be answered");
            Self::new(Why::Storage, language)
        }
    }

    pub(super) fn denied(denied: &Denied, language: Language) -> Self {
        let why = match denied {
            Denied::Banned => Why::Banned,
            Denied::Closed => Why::Closed,
            Denied::TooOften(ms) => {
                Why::TooOften(u64::try_from(*ms).unwrap_or_default().div_ceil(1_000))
            }
            Denied::Spent => Why::Spent,
            Denied::LiveKit => Why::LiveKit,
            Denied::State(error) => return Self::storage(language)(*error),
        };
        Self::new(why, language)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let said = Problem {
            error: self.why.code(),
            message: Text(self.language).refusal(self.why),
        };
        let mut response = (self.why.status(), Json(said)).into_response();
        if let Why::TooOften(seconds) = self.why {
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
