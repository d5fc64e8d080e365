use backon::{ExponentialBuilder, Retryable};
use futures::StreamExt;
use std::time::Duration;
use teloxide::{
    Bot, RequestError,
    net::Download,
    requests::{Request as _, Requester as _},
    types::FileId,
};

/// How long Telegram is obeyed at most when it wants to be left alone.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why there is no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfetched {
    /// It is larger than was said.
    TooLarge,
    /// Telegram does not give it, now or ever.
    NotGiven,
}

/// How an attempt failed. What Telegram's client says may hold the token, so nothing of it is kept.
#[derive(Clone, Copy, Debug)]
enum Failure {
    Never(Unfetched),
    /// Again, perhaps only after this time.
    Again(Option<Duration>),
}

/// Fetches a file of so many bytes at most. Dropping the future stops it.
pub(super) async fn fetch(bot: &Bot, file: &str, most: u32) -> Result<Vec<u8>, Unfetched> {
    let policy = ExponentialBuilder::default().with_min_delay(Duration::from_millis(500));
    let attempt = || attempt(bot, file, most as usize);
    let fetched = attempt
        .retry(policy.with_max_times(4))
        .when(|failure| matches!(failure, Failure::Again(_)))
        .adjust(|failure, pause| match failure {
            Failure::Again(Some(wanted)) => pause.map(|_| (*wanted).min(PATIENCE)),
            Failure::Again(None) | Failure::Never(_) => pause,
        })
        .await;
    fetched.map_err(|failure| match failure {
        Failure::Never(why) => why,
        Failure::Again(_) => Unfetched::NotGiven,
    })
}

async fn attempt(bot: &Bot, file: &str, most: usize) -> Result<Vec<u8>, Failure> {
    let given = bot.get_file(FileId(file.to_owned())).send().await;
    let given = given.map_err(|error| failure(&error))?;
    let mut stream = bot.download_file_stream(&given.path);
    let mut bytes = Vec::new();
    while let Some(part) = stream.next().await {
        bytes.extend_from_slice(&part.map_err(|_| Failure::Again(None))?);
        if bytes.len() > most {
            return Err(Failure::Never(Unfetched::TooLarge));
        }
    }
    Ok(bytes)
}

const fn failure(error: &RequestError) -> Failure {
    match error {
        RequestError::RetryAfter(seconds) => {
            Failure::Again(Some(Duration::from_secs(seconds.seconds() as u64)))
        }
        RequestError::Network(_) | RequestError::InvalidJson { .. } | RequestError::Io(_) => {
            Failure::Again(None)
        }
        RequestError::Api(_) | RequestError::MigrateToChatId(_) => {
            Failure::Never(Unfetched::NotGiven)
        }
    }
}
