//! "Поддержка": what people write goes to the administrators' chat, and replies there go back.

use super::menu;
use crate::{
    handling::{Desk, Incoming},
    state::{StateError, User},
    telegram::Call,
};

/// Where people are who write to the administrators.
pub const ROOM: &str = "support";

/// `/support` and the entry of the menu.
pub async fn begin(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
) -> Result<(), StateError> {
    let text = desk.text(user);
    if desk.house.settings.admin.is_none() {
        return desk.say(incoming.chat, text.no_support()).await.map(drop);
    }
    desk.work.enter(user.id, ROOM).await?;
    desk.say(incoming.chat, text.support_begins())
        .await
        .map(drop)
}

/// `/close`
pub async fn close(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
) -> Result<(), StateError> {
    let text = desk.text(user);
    desk.work.enter(user.id, menu::ROOM).await?;
    let keyboard = menu::keyboard(text);
    desk.say_with(incoming.chat, text.support_closed(), keyboard)
        .await
        .map(drop)
}

/// A person's message, whatever it is.
pub async fn pass_on(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
) -> Result<(), StateError> {
    let (Some(admin), Some(message)) = (desk.house.settings.admin, incoming.message) else {
        return Ok(());
    };
    let text = desk.admin_text();
    let who = text.support_from(&user.name, user.username.as_deref(), user.id);
    let header = desk.say(admin, who).await?;
    desk.work.carries(&header, user.id, message).await?;
    let copy = Call::Copy {
        chat: admin,
        from: incoming.chat,
        message,
        reply_to: None,
    };
    let copy = desk.send(admin, &copy).await?;
    desk.work.carries(&copy, user.id, message).await?;
    let text = desk.text(user).support_passed_on();
    desk.say(incoming.chat, text).await.map(drop)
}

/// A reply in the administrators' chat.
pub async fn answer(desk: &mut Desk<'_>, incoming: &Incoming) -> Result<(), StateError> {
    let (Some((replied, true)), Some(message)) = (incoming.answered, incoming.message) else {
        return Ok(());
    };
    match desk.work.behind(incoming.chat, replied).await? {
        Some((person, theirs)) => {
            let copy = Call::Copy {
                chat: person,
                from: incoming.chat,
                message,
                reply_to: Some(theirs),
            };
            desk.send(person, &copy).await.map(drop)
        }
        None => {
            let text = desk.admin_text().support_unknown();
            desk.say(incoming.chat, text).await.map(drop)
        }
    }
}
