use super::{Desk, Incoming, What};
use crate::{
    rooms::{
        admin, chat, course, groups, language, links, menu, psychologist, reminders, sfera,
        support, toolbox,
    },
    state::{Part, StateError, User},
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
        // In a group it says something about the group, not about whoever did it.
        return match incoming.is_private {
            true => desk.work.set_blocked(user.id, blocked).await,
            false => Ok(()),
        };
    }
    if user.banned.is_some() {
        let text = desk.text(&user).banned();
        return match incoming.is_private && incoming.what != What::Edited {
            true => desk.say(incoming.chat, text).await.map(drop),
            false => Ok(()),
        };
    }
    // In the administrators' chat replies are for support.
    if admin::handle(desk, &user, &incoming).await?
        || support::administer(desk, &user, &incoming).await?
    {
        return Ok(());
    }
    if !incoming.is_private {
        return groups::take(desk, &user, &incoming).await;
    }
    if is_reply_to_support(desk, &incoming).await? {
        return support::pass_on(desk, &user, &incoming).await;
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
                Some(("course", what)) => course::tap(desk, &user, &incoming, what).await,
                Some(("tool", what)) => toolbox::tap(desk, &user, &incoming, what).await,
                Some(("remind", what)) => reminders::tap(desk, &user, &incoming, what).await,
                _ => Ok(()),
            }
        }
        What::Edited => support::edited(desk, &user, &incoming).await,
        What::Voice { .. } | What::Picture { .. } | What::Other => {
            in_room(desk, &user, &incoming).await
        }
        What::Blocked(_) | What::Added => Ok(()),
    }
}

/// Wherever people are, they can reply to what the administrators answered them.
async fn is_reply_to_support(desk: &mut Desk<'_>, incoming: &Incoming) -> Result<bool, StateError> {
    match (&incoming.what, incoming.answered) {
        (
            What::Text(_) | What::Voice { .. } | What::Picture { .. } | What::Other,
            Some((replied, true)),
        ) => desk.work.is_answer(incoming.chat, replied).await,
        _ => Ok(false),
    }
}

async fn command(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
    (name, argument): (&str, &str),
) -> Result<(), StateError> {
    let part = match name {
        "sfera" => Some(Part::Voice),
        "chat" | "retry" => Some(Part::Chat),
        "course" => Some(Part::Course),
        "tools" | "remind" => Some(Part::Toolbox),
        "support" => Some(Part::Support),
        _ => None,
    };
    if let Some(part) = part
        && menu::is_closed(desk, user, incoming, part.name()).await?
    {
        return Ok(());
    }
    match name {
        "start" => start(desk, user, incoming, argument).await,
        "sfera" => sfera::show(desk, user, incoming).await,
        "chat" => chat::begin(desk, user, incoming).await,
        "psychologist" => psychologist::begin(desk, user, incoming).await,
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
    let part = match entry {
        Entry::Sfera => Some(Part::Voice),
        Entry::Chat => Some(Part::Chat),
        Entry::Support => Some(Part::Support),
        Entry::Course => Some(Part::Course),
        Entry::Toolbox => Some(Part::Toolbox),
        // It says itself that it is closed, and where help is.
        Entry::Psychologist => None,
    };
    if let Some(part) = part
        && menu::is_closed(desk, user, incoming, part.name()).await?
    {
        return Ok(());
    }
    match entry {
        Entry::Sfera => sfera::show(desk, user, incoming).await,
        Entry::Chat => chat::begin(desk, user, incoming).await,
        Entry::Support => support::begin(desk, user, incoming).await,
        Entry::Psychologist => psychologist::begin(desk, user, incoming).await,
        Entry::Course => course::open(desk, user, incoming).await,
        Entry::Toolbox => toolbox::open(desk, user, incoming).await,
    }
}

/// What somebody says goes to the room they are in; the menu passes questions on to the chat.
async fn in_room(desk: &mut Desk<'_>, user: &User, incoming: &Incoming) -> Result<(), StateError> {
    let part = match user.room.as_str() {
        menu::ROOM => chat::ROOM,
        room => room,
    };
    // The psychologist looks after words of crisis first, switched off or not.
    if part != psychologist::ROOM && menu::is_closed(desk, user, incoming, part).await? {
        return Ok(());
    }
    match user.room.as_str() {
        support::ROOM => support::pass_on(desk, user, incoming).await,
        psychologist::ROOM => psychologist::listen(desk, user, incoming).await,
        toolbox::ROOM if let What::Text(said) = &incoming.what => {
            toolbox::hear(desk, user, incoming, said).await
        }
        _ => chat::ask(desk, user, incoming).await,
    }
}
