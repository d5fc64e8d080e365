//! What every [`Journal`] must do.

use crate::{
    memory::UserId,
    tools::{
        Journal,
        journal::{Begun, Intent},
    },
};
use serde_json::json;
use std::sync::Arc;

/// Checks an empty journal.
///
/// # Panics
/// Where the contract is broken.
#[expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed check is what the caller wants to see"
)]
pub async fn journal_conformance(journal: &dyn Journal) {
    let (alex, other) = (UserId::new("alex"), UserId::new("other"));
    let order = |user: Option<&UserId>, dish: &str| {
        let arguments = json!({ "dish": dish, "count": 1 });
        Intent::new(user, "order", &arguments, "заказать суп")
    };
    let run = async |intent: &Intent, again| match journal.begin(intent, again).await.unwrap() {
        Begun::Run(key) => key,
        Begun::InDoubt => panic!("{intent:?} is in doubt"),
    };
    // What ended is forgotten: the next one is another one.
    let soup = order(Some(&alex), "суп");
    let first = run(&soup, false).await;
    journal.end(&first).await.unwrap();
    assert!(!journal.is_in_doubt(&soup));
    let second = run(&soup, false).await;
    assert_ne!(first, second);
    // What runs is not in doubt: the same may run beside it.
    assert!(!journal.is_in_doubt(&soup));
    let beside = run(&soup, false).await;
    assert_ne!(second, beside);
    journal.end(&beside).await.unwrap();
    // What was given up is in doubt, for this user and these arguments alone.
    journal.abandon(&second);
    assert!(journal.is_in_doubt(&soup));
    assert_eq!(journal.begin(&soup, false).await, Ok(Begun::InDoubt));
    run(&order(Some(&other), "суп"), false).await;
    run(&order(Some(&alex), "чай"), false).await;
    let nobody = order(None, "суп");
    let unknown = run(&nobody, false).await;
    journal.abandon(&unknown);
    assert!(!journal.is_in_doubt(&nobody));
    run(&nobody, false).await;
    // It is told until it was told, to its user only.
    let doubts = journal.untold(&alex).await.unwrap();
    let keys: Vec<Arc<str>> = doubts.iter().map(|doubt| doubt.key.clone()).collect();
    assert_eq!(keys, std::slice::from_ref(&second));
    assert_eq!(&*doubts[0].action, "заказать суп");
    assert_eq!(journal.untold(&other).await, Ok(vec![]));
    journal.told(&keys).await.unwrap();
    assert_eq!(journal.untold(&alex).await, Ok(vec![]));
    assert!(
        journal.is_in_doubt(&soup),
        "who was told still has to say yes"
    );
    // Again only under the key it had.
    assert_eq!(run(&soup, true).await, second);
    assert!(!journal.is_in_doubt(&soup));
    journal.end(&second).await.unwrap();
    journal.end("a call that nobody began").await.unwrap();
    journal.abandon("a call that nobody began");
    let third = run(&soup, false).await;
    assert_ne!(third, second);
    // Who is forgotten has no doubts, not of what ran meanwhile either, and nobody else loses theirs.
    let tea = order(Some(&alex), "чёрный чай");
    let (ended, given_up) = (run(&tea, false).await, run(&tea, false).await);
    let theirs = order(Some(&other), "чай");
    journal.abandon(&run(&theirs, false).await);
    journal.abandon(&third);
    journal.forget(&alex).await.unwrap();
    journal.end(&ended).await.unwrap();
    journal.abandon(&given_up);
    assert!(!journal.is_in_doubt(&soup) && !journal.is_in_doubt(&tea));
    assert!(journal.is_in_doubt(&theirs));
    assert_eq!(journal.untold(&alex).await, Ok(vec![]));
}
