use super::{KINDS, accepted};
use crate::{clock, state::Store};
use std::{sync::Arc, time::Duration};
use teloxide::{
    Bot, RequestError,
    payloads::GetUpdatesSetters as _,
    requests::{Request as _, Requester as _},
    types::Update,
};
use tokio::{sync::Notify, time::sleep};
use tokio_util::sync::CancellationToken;

/// How long Telegram may hold a question for updates open, in seconds. teloxide's client gives up
/// after 17.
const HOLD: u32 = 10;
/// After a failure.
const PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Asks for updates again and again.
pub struct Polling {
    /// The bot.
    pub bot: Bot,
    /// Where updates are stored.
    pub store: Store,
    /// Told when there are some.
    pub news: Arc<Notify>,
}

impl Polling {
    /// Works until told to stop. Telegram keeps what was not confirmed, so nothing is lost between two
    /// runs.
    pub async fn run(self, stop: CancellationToken) {
        let (mut offset, mut pause) = (0, PAUSE);
        while !stop.is_cancelled() {
            let asked = stop.run_until_cancelled(self.ask(offset)).await;
            let Some(asked) = asked else { return };
            match asked {
                Ok(updates) => {
                    pause = PAUSE;
                    offset = self.keep(&updates).await.unwrap_or(offset);
                }
                Err(error) => {
                    let wait = match &error {
                        RequestError::RetryAfter(seconds) => {
                            Duration::from_secs(u64::from(seconds.seconds()))
                        }
                        _ => pause,
                    };
                    // The error may hold the address with the token in it.
                    tracing::warn!(kind = kind(&error), ?wait, "Telegram gives no updates");
                    stop.run_until_cancelled(sleep(wait)).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    async fn ask(&self, offset: i32) -> Result<Vec<Update>, RequestError> {
        let request = self.bot.get_updates().offset(offset).timeout(HOLD);
        request.allowed_updates(KINDS).send().await
    }

    /// Stores updates; where to go on from. None if they could not be stored: they will come again.
    async fn keep(&self, updates: &[Update]) -> Option<i32> {
        let last = updates.last()?;
        let stored: Vec<_> = updates
            .iter()
            .filter_map(|update| Some(accepted(update, serde_json::to_string(update).ok()?)))
            .collect();
        match self.store.accept(&stored, clock::now()).await {
            Ok(new) => {
                if new > 0 {
                    self.news.notify_one();
                }
                i32::try_from(last.id.0).ok()?.checked_add(1)
            }
            Err(error) => {
                tracing::error!(%error, "updates cannot be stored");
                sleep(PAUSE).await;
                None
            }
        }
    }
}

/// What kind of failure it is, in words that hold no secret.
pub fn kind(error: &RequestError) -> &'static str {
    match error {
        RequestError::Api(teloxide::ApiError::InvalidToken) => "the token is refused",
        RequestError::Api(teloxide::ApiError::TerminatedByOtherGetUpdates) => {
            "another program polls with the same token"
        }
        RequestError::Api(_) => "refused",
        RequestError::RetryAfter(_) => "too many requests",
        RequestError::Network(_) => "not reached",
        _ => "not understood",
    }
}
