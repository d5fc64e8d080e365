//! How updates come in.

use super::PAUSE;
use crate::{
    handling::House,
    receive::{KINDS, Polling, WEBHOOK_PATH, Webhook},
    state::Store,
};
use axum::Router;
use std::sync::Arc;
use teloxide::{
    Bot,
    payloads::SetWebhookSetters as _,
    requests::{Request as _, Requester as _},
};
use tokio::{sync::Notify, task::JoinSet, time::sleep};
use tokio_util::sync::CancellationToken;

/// By webhook where there is an address and a secret for it, by polling otherwise.
pub(super) fn receive(
    bot: &Bot,
    store: &Store,
    house: &House,
    news: &Arc<Notify>,
    tasks: &mut JoinSet<()>,
    stop: &CancellationToken,
) -> Router {
    if let (Some(public), Some(secret)) = (&house.settings.public, &house.settings.webhook_secret)
        && let Ok(url) = public.join(WEBHOOK_PATH)
    {
        let webhook = Webhook {
            store: store.clone(),
            news: news.clone(),
            secret: secret.clone(),
        };
        tasks.spawn(announce(
            bot.clone(),
            url,
            secret.expose().to_owned(),
            stop.clone(),
        ));
        return webhook.router();
    }
    let polling = Polling {
        bot: bot.clone(),
        store: store.clone(),
        news: news.clone(),
    };
    let (bot, stop) = (bot.clone(), stop.clone());
    tasks.spawn(async move {
        // Telegram answers no polls while it knows a webhook.
        if bot.delete_webhook().send().await.is_err() {
            tracing::warn!("an old webhook could not be taken back");
        }
        polling.run(stop).await;
    });
    Router::new()
}

/// Tells Telegram where updates are taken, until it hears.
async fn announce(bot: Bot, url: reqwest::Url, secret: String, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let request = bot.set_webhook(url.clone()).secret_token(secret.clone());
        match request.allowed_updates(KINDS).send().await {
            Ok(_) => return,
            Err(_) => {
                tracing::warn!("Telegram did not take the webhook: trying again");
                stop.run_until_cancelled(sleep(PAUSE)).await;
            }
        }
    }
}
