//! "Бесплатный ChatGPT": questions in writing, by voice and with pictures. The answers are written by
//! `answers`.

use super::{asking, psychologist};
use crate::{
    handling::{Desk, Incoming},
    state::{Dialogue, StateError, User},
};

/// Where people are who chat.
pub const ROOM: &str = "chat";

/// `/chat` and the entry of the menu.
pub async fn begin(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
) -> Result<(), StateError> {
    desk.work.enter(user.id, ROOM).await?;
    let text = desk.text(user).chat_begins();
    desk.answer(incoming, text).await.map(drop)
}

/// A question, in whatever it is put.
pub async fn ask(desk: &mut Desk<'_>, user: &User, incoming: &Incoming) -> Result<(), StateError> {
    asking::take(desk, user, incoming, Dialogue::Chat).await
}

/// `/new`
pub async fn renew(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
) -> Result<(), StateError> {
    desk.work.stop_answers(incoming.chat).await?;
    let kind = kind(user, incoming);
    let text = desk.text(user);
    let said = match kind {
        Dialogue::Psychologist => {
            desk.work.forget_dialogues(incoming.chat, kind).await?;
            text.psychologist_forgot()
        }
        Dialogue::Chat => {
            desk.work.begin_dialogue(incoming.chat, kind).await?;
            text.new_chat()
        }
    };
    if incoming.is_private && kind == Dialogue::Chat {
        desk.work.enter(user.id, ROOM).await?;
    }
    desk.answer(incoming, said).await.map(drop)
}

/// `/retry`
pub async fn retry(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
) -> Result<(), StateError> {
    asking::again(desk, user, incoming, kind(user, incoming)).await
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
    desk.answer(incoming, said).await.map(drop)
}

/// The dialogue that somebody is in. In a group there is only one.
fn kind(user: &User, incoming: &Incoming) -> Dialogue {
    match user.room.as_str() {
        psychologist::ROOM if incoming.is_private => Dialogue::Psychologist,
        _ => Dialogue::Chat,
    }
}
