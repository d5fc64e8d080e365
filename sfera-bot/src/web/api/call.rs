use crate::{
    state::CallState,
    text::Text,
    web::{
        Web,
        refusal::{Problem, Refusal, Why},
        visitor::Visitor,
    },
};
use axum::{Json, extract::State};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// How the user's call goes. A page that waits for the agent asks once a second: within 5 s of joining it
/// knows whether one came.
#[derive(Serialize, ToSchema)]
pub(super) struct CallNow {
    /// How it goes.
    state: Progress,
    /// For people, in the user's language, where there is something to say.
    message: Option<String>,
}

/// How a call goes.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Progress {
    /// There was none yet.
    None,
    /// The user is not in the room yet, or the agent is on its way.
    Waiting,
    /// Both are there.
    Talking,
    /// The user waits, and no agent came. One may still come; a new token asks for one again.
    NoAgent,
    /// The day's minutes are used up, and the room was closed.
    Spent,
    /// It is over.
    Over,
}

/// How the user's newest call goes.
#[utoipa::path(
    get,
    path = "/api/sfera/call",
    responses(
        (status = OK, body = CallNow),
        (status = UNAUTHORIZED, description = "`unsigned` or `expired`", body = Problem),
        (status = TOO_MANY_REQUESTS, description = "`too_often`", body = Problem),
        (status = SERVICE_UNAVAILABLE, description = "`storage`", body = Problem),
    ),
    security(("initData" = []))
)]
pub(super) async fn call(
    State(web): State<Arc<Web>>,
    Visitor { who }: Visitor,
) -> Result<Json<CallNow>, Refusal> {
    let newest = web.store.newest_call(who.id).await;
    let newest = newest.map_err(Refusal::storage(who.language))?;
    let newest = match (newest, &web.calls) {
        // Minutes are counted before the room is closed, and the page may ask in between.
        (Some(call), Some(calls)) if !call.state.is_ended() => {
            let spent = calls.is_spent(who.id, web.house.clock.now()).await;
            let state = match spent.map_err(Refusal::storage(who.language))? {
                true => CallState::Spent,
                false => call.state,
            };
            Some(state)
        }
        (newest, _) => newest.map(|call| call.state),
    };
    let text = Text(who.language);
    let (state, message) = match newest {
        None => (Progress::None, None),
        Some(CallState::Waiting) => (Progress::Waiting, None),
        Some(CallState::Talking) => (Progress::Talking, None),
        Some(CallState::NoAgent) => (Progress::NoAgent, Some(text.no_agent().to_owned())),
        Some(CallState::Spent) => (Progress::Spent, Some(text.refusal(Why::Spent))),
        Some(CallState::Over) => (Progress::Over, None),
    };
    Ok(Json(CallNow { state, message }))
}
