use super::{Tts, TtsError, TtsRequest, TtsStream};
use crate::retry::RetryPolicy;
use async_trait::async_trait;
use backon::Retryable;
use futures::{StreamExt, stream};
use std::sync::Arc;
use tokio::time::timeout;

/// Tries a voice again when it fails before its first sound.
///
/// Once there was sound a failure goes through: the sentence would be heard twice.
pub struct RetryTts {
    inner: Arc<dyn Tts>,
    policy: RetryPolicy,
}

impl RetryTts {
    /// Two retries; pauses and time-out as for every provider.
    #[must_use]
    pub fn new(inner: Arc<dyn Tts>) -> Self {
        let policy = RetryPolicy {
            retries: 2,
            ..RetryPolicy::default()
        };
        Self::with_policy(inner, policy)
    }

    /// With a policy of one's own.
    #[must_use]
    pub fn with_policy(inner: Arc<dyn Tts>, policy: RetryPolicy) -> Self {
        Self { inner, policy }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Tts for RetryTts {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn synthesize(&self, request: TtsRequest) -> Result<TtsStream, TtsError> {
        let limit = self.policy.timeout;
        let attempt = || async {
            let first = first_sound(self.inner.as_ref(), request.clone());
            timeout(limit, first)
                .await
                .unwrap_or(Err(TtsError::Timeout(limit)))
        };
        attempt
            .retry(self.policy.pauses())
            .when(TtsError::is_transient)
            .notify(|error, pause| {
                tracing::warn!(voice = self.name(), %error, ?pause, "the voice is tried again");
            })
            .await
    }
}

/// Starts speaking and waits for the first frame, which stays in the stream.
pub(super) async fn first_sound(tts: &dyn Tts, request: TtsRequest) -> Result<TtsStream, TtsError> {
    let mut stream = tts.synthesize(request).await?;
    match stream.next().await {
        None => Ok(stream::empty().boxed()),
        Some(Err(error)) => Err(error),
        Some(Ok(frame)) => Ok(stream::iter([Ok(frame)]).chain(stream).boxed()),
    }
}

#[cfg(all(test, feature = "test-util"))]
mod tests {
    use super::*;
    use crate::testing::{ScriptedTts, TtsStep};
    use futures::TryStreamExt;
    use std::time::Duration;
    use tokio::time::Instant;

    async fn try_with(
        steps: impl IntoIterator<Item = TtsStep>,
    ) -> (Result<usize, TtsError>, usize) {
        let voice = steps
            .into_iter()
            .fold(ScriptedTts::default(), ScriptedTts::then);
        let voice = Arc::new(voice);
        let tts = RetryTts::new(Arc::clone(&voice) as Arc<dyn Tts>);
        let request = TtsRequest {
            text: "Привет".into(),
            ..TtsRequest::default()
        };
        let heard = async { tts.synthesize(request).await?.try_collect::<Vec<_>>().await };
        (
            heard.await.map(|frames| frames.len()),
            voice.requests().len(),
        )
    }

    #[tokio::test(start_paused = true)]
    async fn a_voice_that_fails_twice_is_heard_at_the_third_try() {
        let start = Instant::now();
        let fail = || TtsStep::Fail(TtsError::Unavailable);
        let (heard, tries) = try_with([fail(), fail()]).await;
        assert!(heard.unwrap() > 0);
        assert_eq!(tries, 3);
        assert_eq!(start.elapsed(), Duration::from_millis(2_100));
    }

    #[tokio::test(start_paused = true)]
    async fn after_two_retries_the_error_comes_through() {
        let fails = [(); 3].map(|()| TtsStep::Fail(TtsError::Unavailable));
        assert_eq!(try_with(fails).await, (Err(TtsError::Unavailable), 3));
    }

    #[tokio::test(start_paused = true)]
    async fn a_hang_before_the_first_sound_is_given_up_and_tried_again() {
        let (heard, tries) = try_with([TtsStep::HangAfter(Duration::ZERO)]).await;
        assert!(heard.unwrap() > 0);
        assert_eq!(tries, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_succeed_is_not_tried_again() {
        let (heard, tries) = try_with([TtsStep::Fail(TtsError::Unauthorized)]).await;
        assert_eq!((heard, tries), (Err(TtsError::Unauthorized), 1));
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_said_twice() {
        let broken = TtsStep::FailAfter(Duration::from_millis(40), TtsError::Protocol);
        assert_eq!(try_with([broken]).await, (Err(TtsError::Protocol), 1));
    }
}
