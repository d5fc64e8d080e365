use super::{Tts, TtsError, TtsRequest, TtsStream, retry::first_sound};
use async_trait::async_trait;
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// How long each voice may take until its first sound.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The first voice that speaks, in the given order.
///
/// A voice that fails, or gives no sound in 10 s, is followed by the next; once there was sound a
/// failure goes through, because the sentence would be heard twice. A hopeless voice (wrong key,
/// wrong language) is followed by the next too. Wrap each in [`super::RetryTts`] to try it again
/// before.
pub struct FallbackTts {
    first: Arc<dyn Tts>,
    others: Vec<Arc<dyn Tts>>,
}

impl FallbackTts {
    /// One voice and those to use when it fails, best first.
    #[must_use]
    pub fn new(first: Arc<dyn Tts>, others: Vec<Arc<dyn Tts>>) -> Self {
        Self { first, others }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Tts for FallbackTts {
    fn name(&self) -> &str {
        self.first.name()
    }

    async fn synthesize(&self, request: TtsRequest) -> Result<TtsStream, TtsError> {
        let mut failure = None;
        for voice in std::iter::once(&self.first).chain(&self.others) {
            match timeout(TIMEOUT, first_sound(voice.as_ref(), request.clone())).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => {
                    tracing::warn!(voice = voice.name(), %error, "the next voice is used");
                    failure = Some(error);
                }
                Err(_) => {
                    tracing::warn!(
                        voice = voice.name(),
                        "no sound in time; the next voice is used"
                    );
                    failure = Some(TtsError::Timeout(TIMEOUT));
                }
            }
        }
        Err(failure.unwrap_or(TtsError::Unavailable))
    }
}

#[cfg(all(test, feature = "test-util"))]
mod tests {
    use super::*;
    use crate::testing::{ScriptedTts, TtsStep};
    use futures::TryStreamExt;

    /// Frames heard, or the error; how often each voice was asked.
    async fn try_with(first: TtsStep, second: TtsStep) -> (Result<usize, TtsError>, [usize; 2]) {
        let voices = [first, second].map(|step| Arc::new(ScriptedTts::default().then(step)));
        let tts = FallbackTts::new(
            Arc::clone(&voices[0]) as Arc<dyn Tts>,
            vec![Arc::clone(&voices[1]) as Arc<dyn Tts>],
        );
        let request = TtsRequest {
            text: "Привет".into(),
            ..TtsRequest::default()
        };
        let heard = async { tts.synthesize(request).await?.try_collect::<Vec<_>>().await };
        let heard = heard.await.map(|frames| frames.len());
        (heard, voices.map(|voice| voice.requests().len()))
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_voice_that_speaks_is_used() {
        let (heard, asked) = try_with(TtsStep::Speak, TtsStep::Speak).await;
        assert!(heard.unwrap() > 0);
        assert_eq!(asked, [1, 0]);
        for step in [
            TtsStep::Fail(TtsError::Unauthorized),
            TtsStep::HangAfter(Duration::ZERO),
            TtsStep::FailAfter(Duration::ZERO, TtsError::Protocol),
        ] {
            let (heard, asked) = try_with(step, TtsStep::Speak).await;
            assert!(heard.unwrap() > 0);
            assert_eq!(asked, [1, 1]);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn when_all_fail_the_last_error_comes_through() {
        let (heard, asked) = try_with(
            TtsStep::Fail(TtsError::Unavailable),
            TtsStep::Fail(TtsError::Unauthorized),
        )
        .await;
        assert_eq!((heard, asked), (Err(TtsError::Unauthorized), [1, 1]));
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_said_twice() {
        let broken = TtsStep::FailAfter(Duration::from_millis(40), TtsError::Protocol);
        let (heard, asked) = try_with(broken, TtsStep::Speak).await;
        assert_eq!((heard, asked), (Err(TtsError::Protocol), [1, 0]));
    }
}
