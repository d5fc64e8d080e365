use super::{Desk, Incoming, What};
use crate::{
    rooms::{chat, course, language, menu, reminders, sfera, support, toolbox},
    state::{StateError, User},
    telegram::Call,
    text::Entry,
};
use teloxide::types::Update;

/// Hands an update to its room.
pub async fn handle(desk: &mut Desk<'_>, update: &Update) -> Result<(), StateError> {
    let usual = desk.usual_language();
    let Some(incoming) = Incoming::of(update, &desk.house.username, usual) else {
        return Ok(());
    };
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
    // The administrators' chat is for support; everywhere else groups are left alone.
    if desk.house.settings.admin == Some(incoming.chat) && incoming.answered.is_some() {
        return support::answer(desk, &incoming).await;
    }
    if !incoming.is_private {
        return Ok(());
    }
    match &incoming.what {
        What::Command(name, argument) => command(desk, &user, &incoming, name, argument).await,
        What::Text(text) => match Entry::labelled(text) {
            Some(entry) => enter(desk, &user, &incoming, entry).await,
            None => words(desk, &user, &incoming, text).await,
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
                Some(("course", what)) => course::tap(desk, &user, &incoming, what).await,
                Some(("tool", what)) => toolbox::tap(desk, &user, &incoming, what).await,
                Some(("remind", what)) => reminders::tap(desk, &user, &incoming, what).await,
                _ => Ok(()),
            }
        }
        What::Other => other(desk, &user, &incoming).await,
        What::Blocked(_) => Ok(()),
    }
}

async fn command(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
    name: &str,
    argument: &str,
) -> Result<(), StateError> {
    match name {
        "start" => menu::start(desk, user, incoming).await,
        "sfera" => sfera::show(desk, user, incoming).await,
        "chat" => chat::begin(desk, user, incoming).await,
        "new" => chat::renew(desk, user, incoming).await,
        "retry" => chat::retry(desk, user, incoming).await,
        "course" => course::open(desk, user, incoming).await,
        "tools" => toolbox::open(desk, user, incoming).await,
        "remind" => reminders::remind(desk, user, incoming, argument).await,
        "reminders" => reminders::list(desk, user, incoming).await,
        "timezone" => reminders::timezone(desk, user, incoming, argument).await,
        "cancel" if user.room == toolbox::ROOM => toolbox::cancel(desk, user, incoming).await,
        "cancel" => chat::cancel(desk, user, incoming).await,
        "support" => support::begin(desk, user, incoming).await,
        "close" => support::close(desk, user, incoming).await,
        "language" => language::ask(desk, incoming).await,
        _ => menu::help(desk, user, incoming).await,
    }
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
        Entry::Course => course::open(desk, user, incoming).await,
        Entry::Toolbox => toolbox::open(desk, user, incoming).await,
        Entry::Psychologist => menu::not_here(desk, user, incoming).await,
    }
}

/// What somebody writes goes to the room they are in; the menu passes questions on to the chat.
async fn words(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
    text: &str,
) -> Result<(), StateError> {
    match user.room.as_str() {
        support::ROOM => support::pass_on(desk, user, incoming).await,
        toolbox::ROOM => toolbox::hear(desk, user, incoming, text).await,
        _ => chat::ask(desk, user, incoming, text).await,
    }
}

async fn other(desk: &mut Desk<'_>, user: &User, incoming: &Incoming) -> Result<(), StateError> {
    match user.room.as_str() {
        support::ROOM => support::pass_on(desk, user, incoming).await,
        _ => {
            let text = desk.text(user).only_text();
            desk.say(incoming.chat, text).await.map(drop)
        }
    }
}
