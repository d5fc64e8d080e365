//! One try of an LLM, bounded in time: what retry and fallback share.

use super::{Llm, LlmError, LlmRequest, LlmStream};
use futures::{StreamExt, stream};
use std::time::Duration;

/// An answer whose first event is there. Waits at most `limit` for that, and later at most `limit`
/// from event to event; a try that takes longer is dropped.
pub(super) async fn begun(
    llm: &dyn Llm,
    request: LlmRequest,
    limit: Duration,
) -> Result<LlmStream, LlmError> {
    let first = async {
        let mut answer = llm.generate(request).await?;
        match answer.next().await {
            Some(Err(error)) => Err(error),
            first => Ok((first, answer)),
        }
    };
    let begun = tokio::time::timeout(limit, first).await;
    let (first, answer) = begun.unwrap_or(Err(LlmError::Timeout(limit)))?;
    Ok(stream::iter(first).chain(punctual(answer, limit)).boxed())
}

/// The same answer, ended by an error where it stops coming.
fn punctual(answer: LlmStream, limit: Duration) -> LlmStream {
    let events = stream::unfold(Some(answer), move |answer| async move {
        let mut answer = answer?;
        match tokio::time::timeout(limit, answer.next()).await {
            Ok(Some(Ok(event))) => Some((Ok(event), Some(answer))),
            Ok(Some(Err(error))) => Some((Err(error), None)),
            Ok(None) => None,
            Err(_) => Some((Err(LlmError::Timeout(limit)), None)),
        }
    });
    events.boxed()
}
