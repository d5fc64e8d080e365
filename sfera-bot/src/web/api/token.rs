use crate::web::{
    Web,
    refusal::{Problem, Refusal, Why},
    visitor::Visitor,
};
use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// What lets the page into the user's room.
#[derive(Serialize, ToSchema)]
pub(super) struct Connection {
    /// Where LiveKit is.
    #[schema(example = "wss://livekit.example")]
    server_url: String,
    /// The token, for two minutes.
    participant_token: String,
}

/// Lets the user into their room. The page chooses nothing, and what it sends is not read; the user's
/// living room is found again after a reload.
#[utoipa::path(
    post,
    path = "/api/sfera/token",
    responses(
        (status = CREATED, body = Connection),
        (status = UNAUTHORIZED, description = "`unsigned` or `expired`", body = Problem),
        (status = FORBIDDEN, description = "`banned`", body = Problem),
        (status = TOO_MANY_REQUESTS, description = "`too_often` or `minutes_spent`", body = Problem),
        (status = SERVICE_UNAVAILABLE, description = "`closed`, `no_livekit`, `livekit_unreachable` or `storage`", body = Problem),
    ),
    security(("initData" = []))
)]
pub(super) async fn token(
    State(web): State<Arc<Web>>,
    Visitor { who }: Visitor,
) -> Result<(StatusCode, Json<Connection>), Refusal> {
    if !web.house.settings.allows(who.id) {
        return Err(Refusal::new(Why::Banned, who.language));
    }
    let Some(calls) = &web.calls else {
        return Err(Refusal::new(Why::NoLiveKit, who.language));
    };
    let pass = calls.let_in(&who, web.house.clock.now()).await;
    let pass = pass.map_err(|denied| Refusal::denied(&denied, who.language))?;
    let connection = Connection {
        server_url: pass.server_url,
        participant_token: pass.token.expose().to_owned(),
    };
    Ok((StatusCode::CREATED, Json(connection)))
}
