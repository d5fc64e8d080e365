//! What every [`Memory`] must do.

use crate::memory::{Exchange, Memory, Origin, Recollection, UserId};
use jiff::Timestamp;

/// Ids that a careless store takes for each other: parts of each other, with separators and wildcards,
/// in forms of Unicode that look the same.
const ALIKE: [&str; 14] = [
    "conformance",
    "conformance/alex",
    "conformance/alex/",
    "conformance/alex/2",
    "conformance/Alex",
    "conformance/ale%",
    "conformance/ale_",
    "conformance/*",
    "conformance/алёна",
    "conformance/але\u{308}на",
    "conformance/ａlex",
    "conformance/alex\0",
    "conformance/alex' OR '1'='1",
    " conformance/alex",
];

/// Checks an empty memory that understands «Меня зовут …» and "My name is …". The users it makes are
/// forgotten again.
///
/// # Panics
/// Where the contract is broken.
pub async fn memory_conformance(memory: &dyn Memory) {
    facts_are_remembered_and_replaced(memory).await;
    what_was_said_later_holds(memory).await;
    nobody_sees_another(memory).await;
    sessions_side_by_side_lose_nothing(memory).await;
    a_kind_can_be_forgotten(memory).await;
    conversations_are_concluded(memory).await;
    odd_words_do_no_harm(memory).await;
}

#[expect(
    clippy::unwrap_used,
    reason = "a failed check is what the caller wants to see"
)]
async fn facts_are_remembered_and_replaced(memory: &dyn Memory) {
    let (alex, olga) = (user("conformance/alex"), user("conformance/olga"));
    assert!(memory.recall(&alex, "имя", 5).await.unwrap().is_empty());
    assert!(memory.known(&alex).await.unwrap().is_empty());
    memory.forget(&alex).await.unwrap();

    tell(memory, &alex, "Меня зовут Алекс.").await;
    tell(memory, &olga, "My name is Olga.").await;
    assert_eq!(name(memory, &alex).await.as_deref(), Some("Алекс"));
    assert_eq!(name(memory, &olga).await.as_deref(), Some("Olga"));

    tell(memory, &alex, "Теперь меня зовут Александр.").await;
    assert_eq!(name(memory, &alex).await.as_deref(), Some("Александр"));
    let known = memory.known(&alex).await.unwrap();
    assert_eq!(
        known.iter().filter(|it| is_name(it)).count(),
        1,
        "{known:?}"
    );

    tell(memory, &alex, "Вчера поймал тильт на нефти.").await;
    let found = memory.recall(&alex, "что за тильт это был", 10).await;
    let found = found.unwrap();
    assert!(found.iter().any(|r| r.text.contains("тильт")), "{found:?}");
    assert!(memory.recall(&alex, "тильт", 1).await.unwrap().len() <= 1);
    assert!(memory.recall(&alex, "тильт", 0).await.unwrap().is_empty());
    let others = memory.recall(&olga, "нефти тильт", 10).await.unwrap();
    assert!(
        !others.iter().any(|r| r.text.contains("тильт")),
        "another's memory"
    );

    memory.forget(&alex).await.unwrap();
    let left = memory.recall(&alex, "имя нефти тильт", 10).await.unwrap();
    assert!(left.is_empty(), "{left:?}");
    assert!(memory.known(&alex).await.unwrap().is_empty());
    assert_eq!(name(memory, &olga).await.as_deref(), Some("Olga"));
    memory.forget(&olga).await.unwrap();
}

#[expect(
    clippy::unwrap_used,
    reason = "a failed check is what the caller wants to see"
)]
async fn what_was_said_later_holds(memory: &dyn Memory) {
    let alex = user("conformance/alex");
    for (words, second) in [("Меня зовут Олег.", 20), ("Меня зовут Алекс.", 10)]
    {
        let at = Timestamp::from_second(1_700_000_000 + second).ok();
        let mut exchange = said(words);
        exchange.origin.at = at;
        memory.remember(&alex, &exchange).await.unwrap();
    }
    assert_eq!(name(memory, &alex).await.as_deref(), Some("Олег"));
    memory.forget(&alex).await.unwrap();
}

#[expect(
    clippy::unwrap_used,
    reason = "a failed check is what the caller wants to see"
)]
async fn nobody_sees_another(memory: &dyn Memory) {
    for (id, n) in ALIKE.iter().zip(0..) {
        let words = format!("Запомни, что тайна это слово{n}.");
        tell(memory, &user(id), &words).await;
    }
    for (id, n) in ALIKE.iter().zip(0..) {
        let found = memory.recall(&user(id), "тайна слово", 1_000).await;
        let known = memory.known(&user(id)).await.unwrap();
        let all = found.unwrap().into_iter().chain(known);
        let all: Vec<_> = all.map(|it| it.text).collect();
        assert!(!all.is_empty(), "{id:?} is forgotten");
        let own = format!("слово{n}");
        for text in all {
            let secrets = text.split(|c: char| !c.is_alphanumeric());
            let mut secrets = secrets.filter(|word| word.starts_with("слово"));
            assert!(secrets.all(|word| word == own), "{id:?} sees {text:?}");
        }
    }
    let (first, others) = (ALIKE[0], &ALIKE[1..]);
    memory.forget(&user(first)).await.unwrap();
    for id in others {
        let known = memory.known(&user(id)).await.unwrap();
        assert!(!known.is_empty(), "{id:?} was forgotten with {first:?}");
        memory.forget(&user(id)).await.unwrap();
    }
}

#[expect(
    clippy::unwrap_used,
    reason = "a failed check is what the caller wants to see"
)]
async fn sessions_side_by_side_lose_nothing(memory: &dyn Memory) {
    let alex = user("conformance/alex");
    let session = async |session: u32| {
        for n in 0..5 {
            tell(
                memory,
                &alex,
                &format!("Запомни, что пароль{session}x{n} мой."),
            )
            .await;
        }
    };
    tokio::join!(session(0), session(1), session(2));
    let known = memory.known(&alex).await.unwrap();
    for n in 0..15 {
        let secret = format!("пароль{}x{}", n / 5, n % 5);
        assert!(
            known.iter().any(|it| it.text.contains(&secret)),
            "{secret} is lost"
        );
    }
    memory.forget(&alex).await.unwrap();
    assert!(memory.known(&alex).await.unwrap().is_empty());
}

#[expect(
    clippy::unwrap_used,
    reason = "a failed check is what the caller wants to see"
)]
async fn a_kind_can_be_forgotten(memory: &dyn Memory) {
    let alex = user("conformance/alex");
    tell(memory, &alex, "Меня зовут Алекс.").await;
    tell(memory, &alex, "Вчера поймал тильт.").await;
    memory.forget_kind(&alex, "no such kind").await.unwrap();
    assert_eq!(name(memory, &alex).await.as_deref(), Some("Алекс"));
    memory.forget_kind(&alex, "name").await.unwrap();
    let found = memory.recall(&alex, "алекс тильт", 10).await.unwrap();
    assert!(
        !found.iter().any(|it| it.text.contains("Алекс")),
        "{found:?}"
    );
    assert!(
        found.iter().any(|it| it.text.contains("тильт")),
        "{found:?}"
    );
    memory.forget(&alex).await.unwrap();
}

#[expect(
    clippy::unwrap_used,
    reason = "a failed check is what the caller wants to see"
)]
async fn conversations_are_concluded(memory: &dyn Memory) {
    let alex = user("conformance/alex");
    let origin = Origin {
        host: Some("voice".into()),
        conversation: Some("1".into()),
        at: None,
    };
    memory.conclude(&alex, &origin).await.unwrap();
    assert!(memory.known(&alex).await.unwrap().is_empty());
    let exchange = Exchange {
        origin: origin.clone(),
        ..said("Вчера поймал тильт.")
    };
    memory.remember(&alex, &exchange).await.unwrap();
    memory.conclude(&alex, &origin).await.unwrap();
    memory.conclude(&alex, &origin).await.unwrap();
    let known = memory.known(&alex).await.unwrap();
    let summaries = known.iter().filter(|it| it.is_summary()).count();
    assert!(summaries <= 1, "summed up twice: {known:?}");
    memory.forget(&alex).await.unwrap();
    assert!(memory.known(&alex).await.unwrap().is_empty());
}

#[expect(
    clippy::unwrap_used,
    reason = "a failed check is what the caller wants to see"
)]
async fn odd_words_do_no_harm(memory: &dyn Memory) {
    let olga = user("conformance/olga");
    tell(memory, &olga, "My name is Olga.").await;
    tell(memory, &olga, &"\0\u{202e}\"}{".repeat(5_000)).await;
    tell(memory, &olga, &"ой \0\u{202e}\"}{".repeat(5_000)).await;
    assert_eq!(name(memory, &olga).await.as_deref(), Some("Olga"));
    memory.forget(&olga).await.unwrap();
}

fn user(id: &str) -> UserId {
    UserId::new(id)
}

fn said(user: &str) -> Exchange {
    Exchange {
        user: user.to_owned(),
        agent: "Хорошо.".to_owned(),
        ..Exchange::default()
    }
}

#[expect(
    clippy::unwrap_used,
    reason = "a failed check is what the caller wants to see"
)]
async fn tell(memory: &dyn Memory, user: &UserId, words: &str) {
    memory.remember(user, &said(words)).await.unwrap();
}

#[expect(
    clippy::unwrap_used,
    reason = "a failed check is what the caller wants to see"
)]
async fn name(memory: &dyn Memory, user: &UserId) -> Option<String> {
    let found = memory.recall(user, "как меня зовут", 10).await.unwrap();
    found.into_iter().find(is_name).map(|it| it.text)
}

fn is_name(it: &Recollection) -> bool {
    it.kind.as_deref() == Some("name")
}
