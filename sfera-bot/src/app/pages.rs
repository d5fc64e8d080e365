//! What runs for the Mini App: its page, its calls, its voice.

use super::Stopped;
use crate::{
    calls::{self, Calls, Watch},
    handling::House,
    state::Store,
    text::Text,
    voice,
    web::{self, Limits, Page, Web},
};
use axum::Router;
use sfera_agent::chat::Chat;
use std::sync::Arc;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

/// The page and what it asks for, and who looks after calls.
pub(super) fn serve(
    store: &Store,
    house: &Arc<House>,
    chat: &Chat,
    more: Router,
    text: Text,
    tasks: &mut JoinSet<()>,
    stop: &CancellationToken,
) -> Router {
    let settings = &house.settings.voice;
    let livekit = settings.livekit.as_ref();
    let page = Page::read(
        &settings.mini_app,
        livekit.map(|livekit| livekit.url.as_str()),
    );
    if house.settings.public.is_some() {
        if livekit.is_none() {
            eprintln!("{}", text.livekit_missing());
        }
        if !page.is_built() {
            eprintln!("{}", text.mini_app_missing(&settings.mini_app));
        }
    }
    let calls = livekit.map(|livekit| Calls::new(store.clone(), livekit, house.clone()));
    if let Some(calls) = &calls {
        tasks.spawn(Watch::new(calls, stop.clone()).run());
    }
    let limits = Limits::new(settings.behind_proxy, house.settings.language);
    tasks.spawn(limits.clone().tidy(stop.clone()));
    let web = Web {
        store: store.clone(),
        house: house.clone(),
        calls,
        memory: chat.memory().cloned(),
    };
    web::router(web, &page, &limits, more)
}

/// Takes calls in this process, where LiveKit is set.
pub(super) fn begin_voice(
    loader: Option<voice::Loader>,
    store: &Store,
    house: &Arc<House>,
    tasks: &mut JoinSet<()>,
    stop: &CancellationToken,
) {
    if let (Some(loader), Some(livekit)) = (loader, &house.settings.voice.livekit) {
        let host = voice::Host {
            loader,
            server: calls::server(livekit),
            store: store.clone(),
            house: house.clone(),
            stop: stop.clone(),
        };
        tasks.spawn(host.run());
    }
}

/// Serves figures, where somebody says where.
pub(super) async fn begin_metrics(
    store: &Store,
    house: &House,
    tasks: &mut JoinSet<()>,
    stop: &CancellationToken,
) -> Result<(), Stopped> {
    if let Some(address) = house.settings.voice.metrics {
        let listener = TcpListener::bind(address).await;
        let listener = listener.map_err(|_| Stopped::Metrics(address))?;
        tasks.spawn(web::metrics::serve(listener, store.clone(), stop.clone()));
    }
    Ok(())
}
