//! What the page asks for. Each request shows who opened the page (`Authorization: tma <initData>`).

mod call;
mod developer;
mod session;
mod token;

use super::{Web, refusal::Problem};
use axum::{Json, routing::get};
use std::{future::ready, sync::Arc};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        Components,
        security::{ApiKey, ApiKeyValue, SecurityScheme},
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Sfera",
        description = "What the Mini App asks of the bot's web server.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    components(schemas(Problem)),
    modifiers(&Signed)
)]
struct Description;

/// Telegram's signature is how a page says who opened it.
struct Signed;

impl Modify for Signed {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let header = ApiKeyValue::with_description(
            "Authorization",
            "`tma ` and the initData with which Telegram opened the page.",
        );
        let scheme = SecurityScheme::ApiKey(ApiKey::Header(header));
        let components = api.components.get_or_insert_with(Components::new);
        components.add_security_scheme("initData", scheme);
    }
}

fn described() -> OpenApiRouter<Arc<Web>> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(token::token))
        .routes(routes!(call::call))
        .routes(routes!(developer::developer))
        .routes(routes!(session::session, session::forget))
}

/// The routes, and what describes them.
pub(super) fn router() -> OpenApiRouter<Arc<Web>> {
    let description = Json(openapi());
    described().route("/api/openapi.json", get(move || ready(description.clone())))
}

/// What describes the routes, for programs.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    described().into_openapi()
}
