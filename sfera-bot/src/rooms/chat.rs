//! "Бесплатный ChatGPT": questions in writing. The answers are written by `answers`.

use crate::{
    handling::{Desk, Incoming},
    state::{Question, StateError, User},
};

/// Where people are who chat.
pub const ROOM: &str = "chat";

/// Characters of a question, at most: two of Telegram's messages.
const LONGEST: usize = 8_000;

/// `/chat` and the entry of the menu.
pub async fn begin(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
) -> Result<(), StateError> {
    desk.work.enter(user.id, ROOM).await?;
    let text = desk.text(user).chat_begins();
    desk.say(incoming.chat, text).await.map(drop)
}

/// A question.
pub async fn ask(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
    question: &str,
) -> Result<(), StateError> {
    let text = desk.text(user);
    if question.chars().count() > LONGEST {
        return desk
            .say(incoming.chat, text.too_long(LONGEST))
            .await
            .map(drop);
    }
    let placeholder = desk.say(incoming.chat, text.thinking()).await?;
    let question = Question {
        user: user.id,
        chat: incoming.chat,
        text: question,
        placeholder: &placeholder,
    };
    desk.work.ask(&question).await
}

/// `/new`
pub async fn renew(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
) -> Result<(), StateError> {
    desk.work.stop_answers(incoming.chat).await?;
    desk.work.begin_dialogue(user.id).await?;
    desk.work.enter(user.id, ROOM).await?;
    let text = desk.text(user).new_chat();
    desk.say(incoming.chat, text).await.map(drop)
}

/// `/retry`
pub async fn retry(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
) -> Result<(), StateError> {
    match desk.work.take_back_question(user.id).await? {
        Some(question) => ask(desk, user, incoming, &question).await,
        None => {
            let text = desk.text(user).nothing_to_retry();
            desk.say(incoming.chat, text).await.map(drop)
        }
    }
}

/// `/cancel`
pub async fn cancel(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
) -> Result<(), StateError> {
    let text = desk.text(user);
    let said = match desk.work.stop_answers(incoming.chat).await? {
        0 => text.nothing_to_cancel(),
        _ => text.cancelled(),
    };
    desk.say(incoming.chat, said).await.map(drop)
}
