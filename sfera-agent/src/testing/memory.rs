//! What every [`Memory`] must do.

use crate::memory::{Exchange, Memory, UserId};

/// Checks an empty memory that understands «Меня зовут …» and "My name is …". The users it makes are
/// forgotten again.
///
/// # Panics
/// Where the contract is broken.
#[expect(
    clippy::unwrap_used,
    reason = "a failed check is what the caller wants to see"
)]
pub async fn memory_conformance(memory: &dyn Memory) {
    let (alex, olga) = (
        UserId::new("conformance/alex"),
        UserId::new("conformance/olga"),
    );
    let said = |user: &str| Exchange {
        user: user.to_owned(),
        agent: "Хорошо.".to_owned(),
    };
    assert!(memory.recall(&alex, "имя", 5).await.unwrap().is_empty());
    memory.forget(&alex).await.unwrap();

    memory
        .remember(&alex, &said("Меня зовут Алекс."))
        .await
        .unwrap();
    memory
        .remember(&olga, &said("My name is Olga."))
        .await
        .unwrap();
    assert_eq!(name(memory, &alex).await.as_deref(), Some("Алекс"));
    assert_eq!(name(memory, &olga).await.as_deref(), Some("Olga"));

    memory
        .remember(&alex, &said("Теперь меня зовут Александр."))
        .await
        .unwrap();
    assert_eq!(name(memory, &alex).await.as_deref(), Some("Александр"));

    memory
        .remember(&alex, &said("Вчера поймал тильт на нефти."))
        .await
        .unwrap();
    let found = memory.recall(&alex, "что было с нефтью", 10).await.unwrap();
    assert!(found.iter().any(|r| r.text.contains("тильт")), "{found:?}");
    assert!(memory.recall(&alex, "нефть", 1).await.unwrap().len() <= 1);
    assert!(memory.recall(&alex, "нефть", 0).await.unwrap().is_empty());
    let others = memory.recall(&olga, "нефть тильт", 10).await.unwrap();
    assert!(
        !others.iter().any(|r| r.text.contains("тильт")),
        "another's memory"
    );

    let odd = Exchange {
        user: "\0\u{202e}\"}{".repeat(5_000),
        agent: String::new(),
    };
    memory.remember(&olga, &odd).await.unwrap();
    assert_eq!(name(memory, &olga).await.as_deref(), Some("Olga"));

    memory.forget(&alex).await.unwrap();
    assert!(
        memory
            .recall(&alex, "имя нефть", 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(name(memory, &olga).await.as_deref(), Some("Olga"));
    memory.forget(&olga).await.unwrap();
}

#[expect(
    clippy::unwrap_used,
    reason = "a failed check is what the caller wants to see"
)]
async fn name(memory: &dyn Memory, user: &UserId) -> Option<String> {
    let found = memory.recall(user, "как меня зовут", 10).await.unwrap();
    let name = |r: &crate::memory::Recollection| r.kind.as_deref() == Some("name");
    found.into_iter().find(name).map(|r| r.text)
}
