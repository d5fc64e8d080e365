//! Pictures in chat.

use crate::{
    double::text,
    world::{ALEX, Around, World},
};
use serde_json::{Value, json};
use sfera_agent::{
    chat::Chat,
    llm::{Llm, LlmError, LlmRequest, LlmStream},
    testing::{LlmStep, ScriptedLlm},
};
use std::sync::Arc;

/// A scripted model that sees.
struct Seeing(ScriptedLlm);

#[async_trait::async_trait]
impl Llm for Seeing {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn sees_images(&self) -> bool {
        true
    }

    async fn generate(&self, request: LlmRequest) -> Result<LlmStream, LlmError> {
        self.0.generate(request).await
    }
}

async fn seeing(llm: &ScriptedLlm) -> World {
    let chat = Chat::new(Arc::new(Seeing(llm.clone())));
    World::of(&[], Around::chat(chat)).await
}

fn photo(sizes: &[(&str, u32, u32)]) -> Value {
    let sizes: Vec<_> = sizes
        .iter()
        .map(|(id, width, bytes)| {
            json!({
                "file_id": id, "file_unique_id": id, "width": width, "height": width,
                "file_size": bytes,
            })
        })
        .collect();
    json!({"photo": sizes})
}

#[tokio::test]
async fn the_largest_that_fits_is_looked_at() {
    let answers = ["Это кот.", "Сиамский.", "Это чек.", "Всё ещё чек."];
    let llm = ScriptedLlm::new(answers.map(|words| vec![LlmStep::Text(words.into())]));
    let world = seeing(&llm).await;
    let telegram = &world.telegram;
    let seen = async |words: &str| {
        telegram
            .until("EditMessageText", |body| text(body) == words)
            .await
    };
    telegram.holds("small", b"small");
    telegram.holds("middle", b"middle");
    let sizes = [
        ("small", 90, 5),
        ("middle", 1_280, 6),
        ("large", 4_000, 9 << 20),
    ];
    telegram.sends(ALEX, photo(&sizes));
    seen("Это кот.").await;
    let request = &llm.requests()[0];
    assert_eq!(request.last_user_text(), "Что на этой картинке?");
    assert_eq!(&*request.images[0].bytes, b"middle");
    assert_eq!(&*request.images[0].media_type, "image/jpeg");

    let mut captioned = photo(&[("small", 90, 5)]);
    captioned["caption"] = "Какой породы?".into();
    telegram.sends(ALEX, captioned);
    seen("Сиамский.").await;
    let file = json!({
        "file_id": "middle", "file_unique_id": "m", "file_size": 6, "mime_type": "image/png",
    });
    telegram.sends(ALEX, json!({"document": file}));
    seen("Это чек.").await;
    world.settles().await;
    telegram.writes(ALEX, "/retry");
    seen("Всё ещё чек.").await;
    let requests = llm.requests();
    assert_eq!(requests[1].last_user_text(), "Какой породы?");
    assert_eq!(requests[1].messages.len(), 3);
    assert_eq!(&*requests[2].images[0].media_type, "image/png");
    assert_eq!(
        requests[3].images, requests[2].images,
        "the picture is asked about again"
    );
    world.end().await;
}

#[tokio::test]
async fn what_does_not_fit_or_is_not_given_is_told() {
    let llm = ScriptedLlm::new([vec![LlmStep::Text("Это кот.".into())]]);
    let world = seeing(&llm).await;
    let telegram = &world.telegram;
    telegram.sends(ALEX, photo(&[("large", 4_000, 9 << 20)]));
    telegram.says("возьму до 5 МБ").await;
    telegram.sends(ALEX, photo(&[("gone", 90, 5)]));
    telegram
        .until("EditMessageText", |body| {
            text(body).contains("не отдал файл")
        })
        .await;
    telegram.holds("liar", &vec![0; 6 << 20]);
    telegram.sends(ALEX, photo(&[("liar", 90, 5)]));
    telegram
        .until("EditMessageText", |body| text(body).contains("до 5 МБ"))
        .await;
    assert!(llm.requests().is_empty());
    world.end().await;
}

#[tokio::test]
async fn a_model_that_does_not_see_says_so_and_fetches_nothing() {
    let world = World::new().await;
    world.telegram.sends(ALEX, photo(&[("small", 90, 5)]));
    world.telegram.says("не видит картинок").await;
    let made = world.telegram.made();
    assert!(made.iter().all(|made| made.method != "GetFile"));
    world.end().await;
}
