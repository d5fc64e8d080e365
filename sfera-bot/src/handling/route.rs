use super::{Desk, Incoming, What};
use crate::{
    rooms::{chat, groups, language, links, menu, psychologist, sfera, support},
    state::{StateError, User},
    telegram::Call,
    text::Entry,
};
use teloxide::types::Update;

/// Hands an update to its room.
pub async fn handle(desk: &mut Desk<'_>, update: &Update) -> Result<(), StateError> {
    let usual = desk.usual_language();
    let Some(incoming) = Incoming::of(update, desk.house.me(), usual) else {
        return Ok(());
    };
    if !incoming.is_private && !groups::concerns(desk.house, &incoming) {
        return Ok(());
    }
    if !groups::admits(desk, &incoming).await? {
        return Ok(());
    }
    let user = desk.work.meet(&incoming.from).await?;
    if let What::Blocked(blocked) = incoming.what {
        return desk.work.set_blocked(user.id, blocked).await;
    }
    if user.banned.is_some() {
        let text = desk.text(&user).banned();
        return match incoming.is_private {
            true => desk.say(incoming.chat, text).await.map(drop),
            false => Ok(()),
        };
    }
    // In the administrators' chat replies are for support.
    if desk.house.settings.admin == Some(incoming.chat) && incoming.answered.is_some() {
        return support::answer(desk, &incoming).await;
    }
    if !incoming.is_private {
        return groups::take(desk, &user, &incoming).await;
    }
    match &incoming.what {
        What::Command(name, argument) => command(desk, &user, &incoming, (name, argument)).await,
        What::Text(text) => match Entry::labelled(text) {
            Some(entry) => enter(desk, &user, &incoming, entry).await,
            None => in_room(desk, &user, &incoming).await,
        },
        What::Tap { callback, data } => {
            let answer = Call::Tap {
                callback: callback.clone(),
                text: None,
                alert: false,
            };
            desk.send(incoming.chat, &answer).await?;
            match data.split_once(':') {
                Some(("language", code)) => language::choose(desk, &user, &incoming, code).await,
                _ => Ok(()),
            }
        }
        What::Voice { .. } | What::Picture { .. } | What::Other => {
            in_room(desk, &user, &incoming).await
        }
        What::Blocked(_) | What::Added => Ok(()),
    }
}

async fn command(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
    (name, argument): (&str, &str),
) -> Result<(), StateError> {
    match name {
        "start" => start(desk, user, incoming, argument).await,
        "sfera" => sfera::show(desk, user, incoming).await,
        "chat" => chat::begin(desk, user, incoming).await,
        "psychologist" => psychologist::begin(desk, user, incoming).await,
        "new" => chat::renew(desk, user, incoming).await,
        "retry" => chat::retry(desk, user, incoming).await,
        "cancel" => chat::cancel(desk, user, incoming).await,
        "support" => support::begin(desk, user, incoming).await,
        "close" => support::close(desk, user, incoming).await,
        "language" => language::ask(desk, incoming).await,
        _ => menu::help(desk, user, incoming).await,
    }
}

/// `/start`, which a link may have sent: then it leads further.
async fn start(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
    payload: &str,
) -> Result<(), StateError> {
    let Some(entry) = links::entry(payload) else {
        return menu::start(desk, user, incoming).await;
    };
    if user.is_new {
        menu::start(desk, user, incoming).await?;
    }
    enter(desk, user, incoming, entry).await
}

async fn enter(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
    entry: Entry,
) -> Result<(), StateError> {
    match entry {
        Entry::Sfera => sfera::show(desk, user, incoming).await,
        Entry::Chat => chat::begin(desk, user, incoming).await,
        Entry::Support => support::begin(desk, user, incoming).await,
        Entry::Psychologist => psychologist::begin(desk, user, incoming).await,
        Entry::Course | Entry::Toolbox => menu::not_here(desk, user, incoming).await,
    }
}

/// What somebody says goes to the room they are in; the menu passes questions on to the chat.
async fn in_room(desk: &mut Desk<'_>, user: &User, incoming: &Incoming) -> Result<(), StateError> {
    match user.room.as_str() {
        support::ROOM => support::pass_on(desk, user, incoming).await,
        psychologist::ROOM => psychologist::listen(desk, user, incoming).await,
        _ => chat::ask(desk, user, incoming).await,
    }
}
