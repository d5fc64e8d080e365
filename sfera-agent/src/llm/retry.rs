use super::{Llm, LlmError, LlmRequest, LlmStream, attempt::begun};
use crate::retry::RetryPolicy;
use async_trait::async_trait;
use backon::Retryable;

/// Tries an LLM again when it fails before its first event.
///
/// Each try has [`RetryPolicy::timeout`] until its first event, and as long from event to event. Once
/// something was delivered nothing is tried again: a failure then ends the stream with its error. A
/// limit that lasts longer than [`RetryPolicy::timeout`] is not waited for.
///
/// ```
/// use sfera_agent::{llm::RetryLlm, retry::RetryPolicy};
/// # use sfera_agent::llm::Llm;
/// # fn wrap(llm: impl Llm) -> impl Llm {
/// RetryLlm::new(llm, RetryPolicy::default())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RetryLlm<L> {
    inner: L,
    policy: RetryPolicy,
}

impl<L: Llm> RetryLlm<L> {
    /// Wraps an LLM.
    pub const fn new(inner: L, policy: RetryPolicy) -> Self {
        Self { inner, policy }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<L: Llm> Llm for RetryLlm<L> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn sees_images(&self) -> bool {
        self.inner.sees_images()
    }

    async fn generate(&self, request: LlmRequest) -> Result<LlmStream, LlmError> {
        let limit = self.policy.timeout;
        let attempt = || begun(&self.inner, request.clone(), limit);
        attempt
            .retry(self.policy.pauses())
            .when(LlmError::is_transient)
            .adjust(|error, pause| match error {
                LlmError::RateLimited(Some(wait)) if *wait > limit => None,
                LlmError::RateLimited(Some(wait)) => pause.map(|pause| pause.max(*wait)),
                _ => pause,
            })
            .notify(|error, pause| {
                tracing::debug!(llm = self.inner.name(), %error, ?pause, "the LLM is tried again");
            })
            .await
    }
}

#[cfg(all(test, feature = "test-util"))]
mod tests {
    use super::*;
    use crate::{
        llm::LlmEvent,
        testing::{LlmStep, ScriptedLlm, llm_conformance},
    };
    use futures::StreamExt;
    use std::time::Duration;
    use tokio::time::Instant;

    const SECOND: Duration = Duration::from_secs(1);

    fn text(text: &str) -> LlmStep {
        LlmStep::Text(text.into())
    }

    async fn answer(llm: &ScriptedLlm) -> Vec<Result<LlmEvent, LlmError>> {
        let retry = RetryLlm::new(llm.clone(), RetryPolicy::default());
        match retry.generate(LlmRequest::default()).await {
            Ok(answer) => answer.collect().await,
            Err(error) => vec![Err(error)],
        }
    }

    #[tokio::test]
    async fn it_keeps_the_contract() {
        let llm = ScriptedLlm::saying("Привет!");
        llm_conformance(&RetryLlm::new(llm, RetryPolicy::default())).await;
    }

    #[tokio::test(start_paused = true)]
    async fn failures_before_the_first_word_are_tried_again_in_their_time() {
        let llm = ScriptedLlm::new([
            vec![LlmStep::Fail(LlmError::Unavailable)],
            vec![LlmStep::Hang],
            vec![text("да")],
        ]);
        let began = Instant::now();
        assert_eq!(answer(&llm).await, [Ok(LlmEvent::Text("да".into()))]);
        let waits = Duration::from_millis(100) + 10 * SECOND + 2 * SECOND;
        assert_eq!(began.elapsed(), waits);
        assert_eq!(llm.requests().len(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn three_retries_are_all() {
        let llm = ScriptedLlm::new([vec![LlmStep::Fail(LlmError::Protocol)]]);
        assert_eq!(answer(&llm).await, [Err(LlmError::Protocol)]);
        assert_eq!(llm.requests().len(), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_get_better_is_not_tried_again() {
        for error in [LlmError::Unauthorized, LlmError::Refused] {
            let llm = ScriptedLlm::new([vec![LlmStep::Fail(error.clone())]]);
            assert_eq!(answer(&llm).await, [Err(error)]);
            assert_eq!(llm.requests().len(), 1);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_is_waited_for_unless_it_lasts() {
        let limited = |wait| vec![LlmStep::Fail(LlmError::RateLimited(Some(wait)))];
        let llm = ScriptedLlm::new([limited(3 * SECOND), vec![text("да")]]);
        let began = Instant::now();
        assert_eq!(answer(&llm).await.len(), 1);
        assert_eq!(began.elapsed(), 3 * SECOND);
        let llm = ScriptedLlm::new([limited(60 * SECOND)]);
        let error = LlmError::RateLimited(Some(60 * SECOND));
        assert_eq!(answer(&llm).await, [Err(error)]);
        assert_eq!(llm.requests().len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_tried_again_once_a_word_was_delivered() {
        for (end, error) in [
            (LlmStep::Fail(LlmError::Unavailable), LlmError::Unavailable),
            (LlmStep::Hang, LlmError::Timeout(10 * SECOND)),
        ] {
            let llm = ScriptedLlm::new([vec![text("на"), end]]);
            let expected = [Ok(LlmEvent::Text("на".into())), Err(error)];
            assert_eq!(answer(&llm).await, expected);
            assert_eq!(llm.requests().len(), 1);
        }
    }
}
