use crate::{
    clock,
    web::{
        Web,
        init_data::{self, WebUser},
        refusal::{Problem, Refusal, Why},
    },
};
use axum::{
    Json,
    extract::{ConnectInfo, State},
    http::{HeaderMap, header},
};
use serde::Serialize;
use std::{net::SocketAddr, sync::Arc};
use utoipa::ToSchema;

/// What Telegram would have given the page.
#[derive(Serialize, ToSchema)]
pub(super) struct Developer {
    /// To be shown with every request.
    init_data: String,
}

/// Lets whoever develops the page open it outside of Telegram, where the settings allow it: from the
/// machine itself only, and by no proxy.
#[utoipa::path(
    get,
    path = "/api/sfera/developer",
    responses(
        (status = OK, body = Developer),
        (status = FORBIDDEN, description = "`no_developer`", body = Problem),
        (status = TOO_MANY_REQUESTS, description = "`too_often`", body = Problem),
    ),
)]
pub(super) async fn developer(
    State(web): State<Arc<Web>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Result<Json<Developer>, Refusal> {
    let settings = &web.house.settings;
    let refusal = Refusal::new(Why::NoDeveloper, settings.language);
    let by_proxy = headers.contains_key(header::FORWARDED) || headers.contains_key(FORWARDED_FOR);
    let here = peer.ip().is_loopback() && is_local(&headers) && !by_proxy;
    let id = settings.voice.developer.filter(|_| here).ok_or(refusal)?;
    let user = WebUser {
        id,
        first_name: "Developer".to_owned(),
        last_name: None,
        username: None,
        language_code: None,
    };
    let init_data = init_data::sign(&user, &settings.token, clock::now()).ok_or(refusal)?;
    Ok(Json(Developer { init_data }))
}

const FORWARDED_FOR: &str = "x-forwarded-for";

/// Whether the page was asked for by a name of this machine: a stranger's name may be made to lead here.
fn is_local(headers: &HeaderMap) -> bool {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let host = host.map(|host| host.rsplit_once(':').map_or(host, |(name, _)| name));
    matches!(host, Some("localhost" | "127.0.0.1" | "[::1]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_local() {
        for (host, local) in [
            ("localhost:8000", true),
            ("127.0.0.1:8000", true),
            ("[::1]:8000", true),
            ("localhost", true),
            ("evil.example:8000", false),
            ("127.0.0.1.evil.example", false),
        ] {
            let headers = HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
            assert_eq!(is_local(&headers), local, "{host}");
        }
        assert!(!is_local(&HeaderMap::new()));
    }
}
