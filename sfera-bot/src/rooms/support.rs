//! "Поддержка": what people write goes to the administrators' chat, and replies there go back.

use super::menu;
use crate::{
    handling::{Desk, Incoming, What},
    state::{StateError, User},
    telegram::{Button, Call, Keyboard},
    text::Text,
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
    if desk.work.close_request(user.id).await?
        && let Some(admin) = desk.house.settings.admin
    {
        let told = desk.admin_text().support_closed_by(&user.name, user.id);
        desk.say(admin, told).await?;
    }
    let keyboard = menu::keyboard_for(desk, text);
    desk.say_with(incoming.chat, text.support_closed(), keyboard)
        .await
        .map(drop)
}

/// An administrator closes a person's request; what the tap is answered with.
pub async fn close_for(
    desk: &mut Desk<'_>,
    admin: &User,
    person: &str,
) -> Result<Option<&'static str>, StateError> {
    let Ok(id) = person.parse() else {
        return Ok(None);
    };
    let Some(person) = desk.work.person(id).await? else {
        return Ok(None);
    };
    if !desk.work.close_request(id).await? {
        return Ok(Some(desk.text(admin).support_was_closed()));
    }
    let detail = format!("{id} {}", person.name);
    desk.work.write_down(admin.id, "close", &detail).await?;
    if desk.work.leave(id, ROOM, menu::ROOM).await? {
        let language = desk.work.language_of(id).await?;
        let text = Text(language.unwrap_or(desk.usual_language()));
        desk.say(id, text.support_closed_for_you()).await?;
    }
    if let Some(chat) = desk.house.settings.admin {
        let told = desk.admin_text().support_closed_by(&person.name, id);
        desk.say(chat, told).await?;
    }
    Ok(None)
}

/// A person's message, whatever it is. Of an album each picture is one; it is announced once.
pub async fn pass_on(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
) -> Result<(), StateError> {
    let (Some(admin), Some(message)) = (desk.house.settings.admin, incoming.message) else {
        return Ok(());
    };
    desk.work.open_request(user.id).await?;
    let text = desk.admin_text();
    let who = text.support_from(&user.name, user.username.as_deref(), user.id);
    let close = Button::tap(text.support_close(), format!("admin:close:{}", user.id));
    let header = Call::message(admin, who).with_keyboard(Keyboard::Buttons(vec![vec![close]]));
    let header = announce(desk, incoming, "head", admin, &header).await?;
    desk.work.carries(&header, user.id, message).await?;
    carry(desk, user, incoming, admin, message, None).await?;
    let said = Call::message(incoming.chat, desk.text(user).support_passed_on());
    announce(desk, incoming, "said", incoming.chat, &said)
        .await
        .map(drop)
}

/// Says something once for a message, or for the album it belongs to.
async fn announce(
    desk: &mut Desk<'_>,
    incoming: &Incoming,
    what: &str,
    chat: i64,
    call: &Call,
) -> Result<String, StateError> {
    match &incoming.album {
        Some(album) => {
            let key = format!("album:{}:{album}:{what}", incoming.chat);
            desk.send_once(key, chat, call).await
        }
        None => desk.send(chat, call).await,
    }
}

async fn carry(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
    admin: i64,
    message: i64,
    reply_to: Option<i64>,
) -> Result<(), StateError> {
    let copy = Call::Copy {
        chat: admin,
        from: incoming.chat,
        message,
        reply_to,
    };
    let copy = desk.send(admin, &copy).await?;
    desk.work.carries(&copy, user.id, message).await
}

/// A person changed a message; if the administrators have it, they get the new one too.
pub async fn edited(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
) -> Result<(), StateError> {
    let (Some(admin), Some(message)) = (desk.house.settings.admin, incoming.message) else {
        return Ok(());
    };
    let Some(copied) = desk.work.copy_of(user.id, message).await? else {
        return Ok(());
    };
    let who = desk.admin_text().support_edited(&user.name, user.id);
    let header = match copied {
        Some(copied) => Call::reply(admin, copied, who),
        None => Call::message(admin, who),
    };
    let header = desk.send(admin, &header).await?;
    desk.work.carries(&header, user.id, message).await?;
    carry(desk, user, incoming, admin, message, copied).await?;
    let text = desk.text(user).support_edit_passed_on();
    desk.say(incoming.chat, text).await.map(drop)
}

/// What happens in the administrators' chat; false if it is not about anybody's request.
pub async fn administer(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
) -> Result<bool, StateError> {
    let Some(message) = incoming.message else {
        return Ok(false);
    };
    if desk.house.settings.admin != Some(incoming.chat) {
        return Ok(false);
    }
    match (&incoming.what, incoming.answered) {
        (What::Tap { .. } | What::Blocked(_), _) => Ok(false),
        (What::Edited, _) => correct(desk, incoming, message).await,
        (What::Command(name, _), Some((replied, true))) if name == "close" => {
            let behind = desk.work.behind(incoming.chat, replied).await?;
            if let Some((person, _)) = behind {
                close_for(desk, user, &person.to_string()).await?;
            }
            Ok(behind.is_some())
        }
        (_, Some((replied, true))) => answer(desk, incoming, message, replied).await,
        _ => Ok(false),
    }
}

/// A reply. In a private chat with the bot most replies are nobody's answer.
async fn answer(
    desk: &mut Desk<'_>,
    incoming: &Incoming,
    message: i64,
    replied: i64,
) -> Result<bool, StateError> {
    let Some((person, theirs)) = desk.work.behind(incoming.chat, replied).await? else {
        if !incoming.is_private {
            let text = desk.admin_text().support_unknown();
            desk.say(incoming.chat, text).await?;
        }
        return Ok(!incoming.is_private);
    };
    send_back(desk, incoming, message, (person, Some(theirs))).await?;
    let room = desk.work.room_of(person).await?;
    if room.is_some_and(|room| room != ROOM) {
        let language = desk.work.language_of(person).await?;
        let text = Text(language.unwrap_or(desk.usual_language()));
        desk.say(person, text.support_how_to_reply()).await?;
    }
    Ok(true)
}

/// An answer that was changed is sent once more, and said to be so.
async fn correct(
    desk: &mut Desk<'_>,
    incoming: &Incoming,
    message: i64,
) -> Result<bool, StateError> {
    let Some(person) = desk.work.answered_with(incoming.chat, message).await? else {
        return Ok(false);
    };
    let language = desk.work.language_of(person).await?;
    let text = Text(language.unwrap_or(desk.usual_language()));
    desk.say(person, text.support_answer_edited()).await?;
    send_back(desk, incoming, message, (person, None)).await?;
    Ok(true)
}

async fn send_back(
    desk: &mut Desk<'_>,
    incoming: &Incoming,
    message: i64,
    (person, reply_to): (i64, Option<i64>),
) -> Result<(), StateError> {
    let copy = Call::Copy {
        chat: person,
        from: incoming.chat,
        message,
        reply_to,
    };
    let letter = desk.send(person, &copy).await?;
    let answer = (incoming.chat, message);
    desk.work.answers(&letter, person, answer).await
}
