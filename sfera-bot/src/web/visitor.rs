use super::{
    Web,
    init_data::{InitData, Refused},
    refusal::{Refusal, Why},
};
use crate::state::Newcomer;
use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use std::sync::Arc;

/// Whoever opened the page, as Telegram signed it: `Authorization: tma <initData>`.
pub(super) struct Visitor {
    /// Who.
    pub who: Newcomer,
}

impl FromRequestParts<Arc<Web>> for Visitor {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Refusal> {
        let settings = &web.house.settings;
        let refuse = |why| Refusal::new(why, settings.language);
        let shown = parts.headers.get(header::AUTHORIZATION);
        let shown = shown.and_then(|shown| shown.to_str().ok());
        let shown = shown.and_then(|shown| shown.split_once(' '));
        let (_, data) = shown
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("tma"))
            .ok_or(refuse(Why::Unsigned))?;
        let oldest = settings.voice.init_data_age;
        let verified = InitData::verify(data, &settings.token, oldest, web.house.clock.now());
        let user = match verified {
            Ok(data) => data.user,
            Err(Refused::Forged) => return Err(refuse(Why::Unsigned)),
            Err(Refused::Expired) => return Err(refuse(Why::Expired)),
        };
        let language = user.language_code.as_deref().unwrap_or_default();
        let who = Newcomer {
            id: user.id,
            name: user.name(),
            language: language.parse().unwrap_or(settings.language),
            username: user.username,
        };
        Ok(Self { who })
    }
}
