//! Groups: the bot answers there when it is called, and looks at nothing else.

use super::{chat, links, sfera};
use crate::{
    handling::{Desk, House, Incoming, What},
    state::{StateError, User},
    telegram::{Button, Call, Keyboard},
    text::Text,
};

/// Whether something in a group is anything to the bot.
pub fn concerns(house: &House, incoming: &Incoming) -> bool {
    let by_admin = house.settings.admin == Some(incoming.chat);
    by_admin || incoming.is_addressed || incoming.what == What::Added
}

/// Whether whoever this is may use the bot; if not, they are told, and the bot leaves a group.
pub async fn admits(desk: &mut Desk<'_>, incoming: &Incoming) -> Result<bool, StateError> {
    if desk.house.settings.allows(incoming.chat) {
        return Ok(true);
    }
    let text = Text(incoming.from.language);
    if !incoming.is_private {
        desk.answer(incoming, text.group_not_allowed()).await?;
        let leave = Call::Leave {
            chat: incoming.chat,
        };
        desk.send(incoming.chat, &leave).await?;
    } else if !matches!(incoming.what, What::Blocked(_)) {
        desk.answer(incoming, text.not_allowed()).await?;
    }
    Ok(false)
}

/// What somebody says to the bot in a group.
pub async fn take(desk: &mut Desk<'_>, user: &User, incoming: &Incoming) -> Result<(), StateError> {
    if !incoming.is_addressed && incoming.what != What::Added {
        return Ok(());
    }
    match &incoming.what {
        What::Command(name, _) => command(desk, user, incoming, name).await,
        What::Text(text) if text.is_empty() => hello(desk, user, incoming).await,
        What::Text(_) | What::Voice { .. } | What::Picture { .. } => {
            chat::ask(desk, user, incoming).await
        }
        What::Added => hello(desk, user, incoming).await,
        What::Tap { .. } | What::Edited | What::Blocked(_) | What::Other => Ok(()),
    }
}

async fn command(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
    name: &str,
) -> Result<(), StateError> {
    match name {
        "sfera" => sfera::show(desk, user, incoming).await,
        "new" => chat::renew(desk, user, incoming).await,
        "retry" => chat::retry(desk, user, incoming).await,
        "cancel" => chat::cancel(desk, user, incoming).await,
        "start" | "help" | "chat" => hello(desk, user, incoming).await,
        _ => {
            let text = desk.text(user);
            let payload = links::payload(name);
            let button = Button::Link {
                text: text.to_private().to_owned(),
                url: links::to_bot(&desk.house.username, payload),
            };
            let keyboard = Keyboard::Buttons(vec![vec![button]]);
            let said = text.only_in_private();
            desk.answer_with(incoming, said, keyboard).await.map(drop)
        }
    }
}

async fn hello(desk: &mut Desk<'_>, user: &User, incoming: &Incoming) -> Result<(), StateError> {
    let hello = desk.text(user).group_hello(&desk.house.username);
    desk.answer(incoming, hello).await.map(drop)
}
