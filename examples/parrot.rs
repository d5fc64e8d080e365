//! An LLM of your own: a parrot. Everything else is Sfera's.

use async_trait::async_trait;
use futures::{StreamExt, stream};
use sfera_agent::llm::{Llm, LlmError, LlmEvent, LlmRequest, LlmStream};

struct Parrot;

#[async_trait]
impl Llm for Parrot {
    fn name(&self) -> &str {
        "parrot"
    }

    async fn generate(&self, request: LlmRequest) -> Result<LlmStream, LlmError> {
        let words: Vec<_> = request
            .last_user_text()
            .split_inclusive(' ')
            .map(str::to_owned)
            .collect();
        Ok(stream::iter(words.into_iter().map(|word| Ok(LlmEvent::Text(word)))).boxed())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let session = sfera_examples::session(Parrot);
    sfera_examples::converse(session, &["Привет, попугай!", "Попка дурак."]).await
}
