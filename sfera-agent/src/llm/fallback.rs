use super::{Llm, LlmError, LlmRequest, LlmStream, attempt::begun};
use async_trait::async_trait;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// How long one LLM has until its first event before the next is asked; livekit-agents' number.
const TRY: Duration = Duration::from_secs(5);
/// How long an LLM that failed is asked last.
const REST: Duration = Duration::from_secs(30);

/// Asks several LLMs in order until one answers.
///
/// Each has 5 s until its first event, and as long from event to event. One that failed is asked
/// after the others for 30 s, so that an outage costs its delay once and not each turn. Once
/// something was delivered no other LLM is asked: a failure then ends the stream with its error.
/// When all fail, the first one's error is the answer.
///
/// ```
/// use sfera_agent::llm::{FallbackLlm, Llm};
/// # use std::sync::Arc;
/// # fn wrap(cloud: Arc<dyn Llm>, assistant: Arc<dyn Llm>) -> impl Llm {
/// FallbackLlm::new(cloud, [assistant])
/// # }
/// ```
pub struct FallbackLlm {
    choices: Vec<Choice>,
    name: String,
    limit: Duration,
}

struct Choice {
    llm: Arc<dyn Llm>,
    failed: Mutex<Option<Instant>>,
}

impl FallbackLlm {
    /// Asks `first`, then the others in order.
    pub fn new(first: Arc<dyn Llm>, others: impl IntoIterator<Item = Arc<dyn Llm>>) -> Self {
        let llms: Vec<_> = std::iter::once(first).chain(others).collect();
        let names: Vec<_> = llms.iter().map(|llm| llm.name()).collect();
        let choice = |llm| Choice {
            llm,
            failed: Mutex::new(None),
        };
        Self {
            name: names.join(" or "),
            choices: llms.into_iter().map(choice).collect(),
            limit: TRY,
        }
    }

    /// Sets how long one LLM has until its first event.
    #[must_use]
    pub const fn with_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }
}

impl std::fmt::Debug for FallbackLlm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("FallbackLlm").field(&self.name).finish()
    }
}

impl Choice {
    fn rests(&self) -> bool {
        let failed = *self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.is_some_and(|failed| failed.elapsed() < REST)
    }

    fn set_failed(&self, failed: Option<Instant>) {
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = failed;
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Llm for FallbackLlm {
    fn name(&self) -> &str {
        &self.name
    }

    fn sees_images(&self) -> bool {
        self.choices.iter().any(|choice| choice.llm.sees_images())
    }

    async fn generate(&self, request: LlmRequest) -> Result<LlmStream, LlmError> {
        let mut order: Vec<_> = self.choices.iter().collect();
        order.sort_by_key(|choice| choice.rests());
        let mut errors = Vec::new();
        for choice in order {
            match begun(&*choice.llm, request.clone(), self.limit).await {
                Ok(answer) => {
                    choice.set_failed(None);
                    return Ok(answer);
                }
                Err(error) => {
                    tracing::warn!(llm = choice.llm.name(), %error, "the next LLM is asked");
                    // A refused request says nothing about the next one.
                    if error != LlmError::Refused {
                        choice.set_failed(Some(Instant::now()));
                    }
                    errors.push(error);
                }
            }
        }
        Err(errors.into_iter().next().unwrap_or(LlmError::Unavailable))
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

    fn fallback(first: &ScriptedLlm, second: &ScriptedLlm) -> FallbackLlm {
        FallbackLlm::new(Arc::new(first.clone()), [Arc::new(second.clone()) as _])
    }

    async fn answer(llm: &FallbackLlm) -> Vec<Result<LlmEvent, LlmError>> {
        match llm.generate(LlmRequest::default()).await {
            Ok(answer) => answer.collect().await,
            Err(error) => vec![Err(error)],
        }
    }

    fn failing(error: LlmError) -> ScriptedLlm {
        ScriptedLlm::new([vec![LlmStep::Fail(error)]])
    }

    fn said(text: &str) -> [Result<LlmEvent, LlmError>; 1] {
        [Ok(LlmEvent::Text(text.into()))]
    }

    #[tokio::test]
    async fn it_keeps_the_contract() {
        let failing = failing(LlmError::Unauthorized);
        llm_conformance(&fallback(&failing, &ScriptedLlm::saying("Привет!"))).await;
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_hangs_costs_five_seconds_once() {
        let hanging = ScriptedLlm::new([vec![LlmStep::Hang], vec![LlmStep::Text("один".into())]]);
        let llm = fallback(&hanging, &ScriptedLlm::saying("два"));
        let began = Instant::now();
        assert_eq!(answer(&llm).await, said("два"));
        assert_eq!(began.elapsed(), TRY);
        assert_eq!(answer(&llm).await, said("два"));
        assert_eq!(began.elapsed(), TRY);
        assert_eq!(hanging.requests().len(), 1);
        tokio::time::advance(REST).await;
        assert_eq!(answer(&llm).await, said("один"));
    }

    #[tokio::test(start_paused = true)]
    async fn when_all_fail_the_first_error_is_told_and_all_were_asked() {
        let (one, two) = (
            failing(LlmError::Unauthorized),
            failing(LlmError::Unavailable),
        );
        let llm = fallback(&one, &two);
        assert_eq!(answer(&llm).await, [Err(LlmError::Unauthorized)]);
        assert_eq!(answer(&llm).await, [Err(LlmError::Unauthorized)]);
        assert_eq!((one.requests().len(), two.requests().len()), (2, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn no_other_is_asked_once_a_word_was_delivered() {
        let cut = LlmStep::Fail(LlmError::Unavailable);
        let broken = ScriptedLlm::new([vec![LlmStep::Text("на".into()), cut]]);
        let other = ScriptedLlm::saying("два");
        let answer = answer(&fallback(&broken, &other)).await;
        assert_eq!(answer, [said("на")[0].clone(), Err(LlmError::Unavailable)]);
        assert!(other.requests().is_empty());
    }
}
