//! Tries again what failed for a moment.

use super::{
    Recognizer, Stt, SttError, SttEventStream, SttInputStream, SttOptions, Transcript,
    reopen::{Attempt, reopen},
};
use crate::{audio::Frame, retry::RetryPolicy};
use async_trait::async_trait;
use backon::{Backoff, BackoffBuilder, Retryable};
use std::sync::Arc;
use tokio::time::timeout;

/// Tries a provider again after a transient error, as its [`RetryPolicy`] says.
///
/// Around a [`Recognizer`], each call is tried again, and given up after the policy's time-out. Around
/// an [`Stt`], a stream that cannot be opened, breaks, or owes a final text for longer than the
/// time-out is opened again, and hears the unfinished utterance once more; a final text starts the
/// count of retries anew. Errors that trying again does not help with are passed on at once.
pub struct Retry<P: ?Sized> {
    provider: Arc<P>,
    policy: RetryPolicy,
}

impl<P: ?Sized> Retry<P> {
    /// Tries `provider` again as `policy` says.
    #[must_use]
    pub fn new(provider: Arc<P>, policy: RetryPolicy) -> Self {
        Self { provider, policy }
    }
}

/// The policy's pauses in backon's terms.
#[derive(Clone, Copy, Debug)]
struct Pauses(RetryPolicy);

impl BackoffBuilder for Pauses {
    type Backoff = Box<dyn Backoff>;

    fn build(self) -> Self::Backoff {
        Box::new(self.0.pauses())
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<R: Recognizer + ?Sized> Recognizer for Retry<R> {
    fn name(&self) -> &str {
        self.provider.name()
    }

    async fn recognize(&self, audio: Frame, options: &SttOptions) -> Result<Transcript, SttError> {
        let limit = self.policy.timeout;
        let attempt = || async {
            let answer = self.provider.recognize(audio.clone(), options);
            timeout(limit, answer)
                .await
                .unwrap_or(Err(SttError::Timeout(limit)))
        };
        attempt
            .retry(Pauses(self.policy))
            .when(SttError::is_transient)
            .notify(|error, pause| tracing::debug!(%error, ?pause, "recognition is tried again"))
            .await
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<S: Stt + ?Sized + 'static> Stt for Retry<S> {
    fn name(&self) -> &str {
        self.provider.name()
    }

    async fn listen(
        &self,
        input: SttInputStream,
        options: SttOptions,
    ) -> Result<SttEventStream, SttError> {
        let (provider, policy) = (self.provider.clone(), self.policy);
        let next = move |failures: usize, error: Option<&SttError>| {
            if error.is_some_and(|error| !error.is_transient()) {
                return None;
            }
            let pause = match failures {
                0 => Default::default(),
                _ => policy.pauses().nth(failures - 1)?,
            };
            Some(Attempt {
                provider: provider.clone(),
                pause,
            })
        };
        reopen(input, options, policy.timeout, Box::new(next)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        audio::SampleRate,
        stt::{SttEvent, SttInput},
        testing::{
            Recognition, ScriptedRecognizer, ScriptedStt, ScriptedUtterance, stt_conformance,
            stt_input, utterance,
        },
    };
    use futures::StreamExt;
    use std::time::Duration;
    use tokio::time::Instant;

    fn sound() -> Frame {
        Frame::new(SampleRate::HZ_16000, vec![3_000; 4_800])
    }

    fn fails(error: SttError) -> Recognition {
        Recognition::Error(Duration::ZERO, error)
    }

    async fn recognize(script: Vec<Recognition>) -> (Result<String, SttError>, u128, usize) {
        let ears = Arc::new(ScriptedRecognizer::new(script));
        let retry = Retry::new(ears.clone(), RetryPolicy::default());
        let started = Instant::now();
        let heard = retry.recognize(sound(), &SttOptions::default()).await;
        let took = started.elapsed().as_millis();
        (heard.map(|t| t.text), took, ears.heard().len())
    }

    #[tokio::test(start_paused = true)]
    async fn a_moment_of_failure_is_tried_over() {
        let script = vec![fails(SttError::Unavailable), Recognition::text("привет")];
        assert_eq!(recognize(script).await, (Ok("привет".into()), 100, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_recogniser_that_hangs_is_given_up_and_tried_over() {
        let script = vec![Recognition::Hang, Recognition::text("привет")];
        assert_eq!(recognize(script).await, (Ok("привет".into()), 10_100, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn three_retries_are_all() {
        let script = vec![fails(SttError::Unavailable); 9];
        assert_eq!(
            recognize(script).await,
            (Err(SttError::Unavailable), 4_100, 4)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_key_is_not_tried_again() {
        let script = vec![fails(SttError::Unauthorized); 9];
        assert_eq!(recognize(script).await, (Err(SttError::Unauthorized), 0, 1));
    }

    async fn listen(stt: ScriptedStt, utterances: usize) -> (Vec<String>, Arc<ScriptedStt>) {
        let stt = Arc::new(stt);
        let retry = Retry::new(stt.clone(), RetryPolicy::default());
        let input = stt_input(vec![utterance(&sound()); utterances].concat());
        let heard = match retry.listen(input, SttOptions::default()).await {
            Err(error) => vec![error.to_string()],
            Ok(events) => {
                let line = |event| match event {
                    Ok(SttEvent::Interim(text)) => format!("…{text}"),
                    Ok(SttEvent::Final(transcript)) => transcript.text,
                    Err(error) => SttError::to_string(&error),
                };
                events.map(line).collect().await
            }
        };
        (heard, stt)
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_breaks_is_opened_again_and_hears_the_utterance_once_more() {
        let script = [
            ScriptedUtterance::text("раз"),
            ScriptedUtterance::Fails(SttError::Unavailable),
            ScriptedUtterance::text("два"),
        ];
        let (heard, stt) = listen(ScriptedStt::new(script), 2).await;
        assert_eq!(heard, ["раз", "два"]);
        assert_eq!(stt.streams(), 2);
        let starts = stt
            .inputs()
            .into_iter()
            .filter(|i| *i == SttInput::SpeechStarted);
        assert_eq!(starts.count(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_owes_a_final_text_too_long_is_opened_again() {
        let script = [ScriptedUtterance::Hangs, ScriptedUtterance::text("раз")];
        let (heard, stt) = listen(ScriptedStt::new(script), 1).await;
        assert_eq!((heard, stt.streams()), (vec!["раз".to_owned()], 2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_cannot_be_opened_is_tried_as_often_as_the_policy_says() {
        let refusals = |n| vec![SttError::Unavailable; n];
        let stt = ScriptedStt::new([ScriptedUtterance::text("раз")]).refusing(refusals(3));
        assert_eq!(listen(stt, 1).await.0, ["раз"]);
        let (heard, stt) = listen(ScriptedStt::default().refusing(refusals(9)), 1).await;
        assert_eq!(heard, ["speech recognition is not available"]);
        assert_eq!(stt.streams(), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn it_keeps_the_contract() {
        let retry = Retry::new(Arc::new(ScriptedStt::default()), RetryPolicy::default());
        stt_conformance(&retry, &sound(), &SttOptions::default()).await;
    }
}
