//! What follows when a message did not arrive, or may not have: somebody is told, in the transaction
//! that says how it ended.

use super::Call;
use crate::{
    state::{BROADCAST, Letter, NOTICE, StateError, Work},
    text::Text,
};
use sfera_agent::Language;

/// Nobody knows whether it arrived. Its reader is told that something may be missing. A broadcast counts
/// such copies in its report; of the report itself whoever sent it is told.
pub async fn of_doubt(work: &mut Work, letter: &Letter, usual: Language) -> Result<(), StateError> {
    let is_copy = matches!(letter.call, Call::Copy { .. });
    if is_copy && letter.key.starts_with(BROADCAST) {
        return Ok(());
    }
    if let Some((chat, message)) = work.answer_by(&letter.key).await? {
        let text = Text(usual).support_answer_in_doubt();
        let key = format!("{NOTICE}answer:{}", letter.key);
        work.send(&key, chat, &Call::reply(chat, message, text))
            .await?;
    }
    let language = work.language_of(letter.lane).await?.unwrap_or(usual);
    let notice = Call::message(letter.lane, Text(language).in_doubt());
    let key = format!("{NOTICE}{}", letter.key);
    work.send(&key, letter.lane, &notice).await
}

/// Telegram did not take it: an answer of the administrators, or what was meant for them.
pub async fn of_refusal(
    work: &mut Work,
    letter: &Letter,
    blocked: bool,
    usual: Language,
) -> Result<(), StateError> {
    if let Some((chat, message)) = work.answer_by(&letter.key).await? {
        let text = Text(usual).support_answer_refused(blocked);
        let key = format!("refused:{}", letter.key);
        return work
            .send(&key, chat, &Call::reply(chat, message, text))
            .await;
    }
    if let Some((person, message)) = work.carried_by(&letter.key).await? {
        let language = work.language_of(person).await?.unwrap_or(usual);
        let text = Text(language).support_not_passed_on();
        let key = format!("refused:{person}:{message}");
        work.send(&key, person, &Call::reply(person, message, text))
            .await?;
    }
    Ok(())
}
