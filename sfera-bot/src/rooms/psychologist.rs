//! "ИИ-психолог": a conversation about what troubles somebody, with a prompt and a history of its own.
//!
//! Who tells of suicide, self-harm or violence is answered here and at once; no language model has a say
//! in it.

use super::{
    asking::{self, Asked, question},
    menu,
};
use crate::{
    crisis,
    handling::{Desk, Incoming, What},
    state::{Dialogue, Part, StateError, User},
};
use sfera_agent::llm::Message;

/// Where people are who talk about what troubles them.
pub const ROOM: &str = "psychologist";

/// `/psychologist` and the entry of the menu.
pub async fn begin(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
) -> Result<(), StateError> {
    let text = desk.text(user);
    if !is_open(desk).await? {
        let closed = text.psychologist_closed();
        return desk.answer(incoming, closed).await.map(drop);
    }
    if !desk.house.senses.converses {
        let closed = text.psychologist_needs_model();
        return desk.answer(incoming, closed).await.map(drop);
    }
    desk.work.enter(user.id, ROOM).await?;
    let begins = text.psychologist_begins();
    desk.answer(incoming, begins).await.map(drop)
}

/// What somebody tells, in whatever it is put.
pub async fn listen(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
) -> Result<(), StateError> {
    let words = match &incoming.what {
        What::Text(text) => text,
        What::Picture { caption, .. } => caption,
        _ => "",
    };
    if crisis::is_told(words) {
        return comfort(desk, user, incoming, words).await;
    }
    if !is_open(desk).await? {
        desk.work.enter(user.id, menu::ROOM).await?;
        let closed = desk.text(user).psychologist_closed();
        return desk.answer(incoming, closed).await.map(drop);
    }
    asking::take(desk, user, incoming, Dialogue::Psychologist).await
}

/// Warm words, and where people help.
async fn comfort(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
    words: &str,
) -> Result<(), StateError> {
    let text = desk.text(user);
    let letter = desk.answer(incoming, text.crisis()).await?;
    let asked = Asked {
        kind: Dialogue::Psychologist,
        text: words,
        attachment: None,
    };
    let said = [
        Message::User { text: words.into() },
        Message::Assistant {
            text: text.crisis_answered().into(),
            interrupted: false,
        },
    ];
    let question = question(user, incoming, asked, &letter);
    desk.work.answered_at_once(&question, &said).await
}

/// Whether it is switched on.
async fn is_open(desk: &mut Desk<'_>) -> Result<bool, StateError> {
    desk.work.is_on(Part::Psychologist.name()).await
}
