//! Two sessions of one person: the second remembers what the first was told.

use sfera_agent::{
    llm::Assistant,
    memory::{FileMemory, Memory, UserId},
    session::SessionOptions,
};
use std::sync::Arc;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::temp_dir().join("sfera-example-memory");
    let memory = Arc::new(FileMemory::open(folder).await?);
    let user = UserId::new("alex");
    for lines in [
        ["Меня зовут Алекс", "Я торгую фьючерсами"],
        ["Как меня зовут?", "Что ты обо мне знаешь?"],
    ] {
        let options = SessionOptions {
            user: Some(user.clone()),
            ..SessionOptions::default()
        };
        let session = sfera_examples::session(Assistant::new()?)
            .options(options)
            .memory(memory.clone());
        sfera_examples::converse(session, &lines).await?;
    }
    memory.forget(&user).await?;
    Ok(())
}
