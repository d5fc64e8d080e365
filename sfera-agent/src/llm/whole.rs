//! An answer that is read as a whole, by who makes something of it.

use super::{Llm, LlmError, LlmEvent, LlmRequest};
use futures::StreamExt;

/// The words of an answer; nothing if they are more than so many bytes.
pub(super) async fn whole(
    llm: &dyn Llm,
    request: LlmRequest,
    bytes: usize,
) -> Result<Option<String>, LlmError> {
    let mut events = llm.generate(request).await?;
    let mut answer = String::new();
    while let Some(event) = events.next().await {
        if let LlmEvent::Text(text) = event? {
            answer.push_str(&text);
        }
        if answer.len() > bytes {
            return Ok(None);
        }
    }
    Ok(Some(answer))
}
