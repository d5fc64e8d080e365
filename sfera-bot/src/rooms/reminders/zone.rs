//! Where people are: asked once, when it first matters.

use super::{ZONE_FORM, moment, remind};
use crate::{
    handling::{Desk, Incoming},
    rooms::toolbox::{ask, leave, tapped, way_out},
    state::{Form, StateError, User},
    telegram::{Button, Call, Keyboard},
    when::Zone,
};

/// `/timezone`, with a place or without.
pub async fn timezone(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
    said: &str,
) -> Result<(), StateError> {
    match said.trim().is_empty() {
        true => ask_zone(desk, user, incoming, Vec::new()).await,
        false => choose_zone(desk, user, incoming, Zone::of(said), None).await,
    }
}

/// What is written where a time zone is asked for.
pub async fn hear_zone(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
    form: &Form,
    said: &str,
) -> Result<(), StateError> {
    let waiting = form.answers.first().cloned();
    choose_zone(desk, user, incoming, Zone::of(said), waiting).await
}

/// Asks where somebody is; what waits for that is kept.
pub(super) async fn ask_zone(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
    waiting: Vec<String>,
) -> Result<(), StateError> {
    let form = Form {
        name: ZONE_FORM.to_owned(),
        answers: waiting,
    };
    ask(desk, user, &form).await?;
    let text = desk.text(user);
    let chosen = chosen_zone(desk, user).await?;
    let usual = desk.house.settings.zone.name();
    let keyboard = Keyboard::Buttons(vec![
        vec![Button::tap(format!("🕒 {usual}"), "remind:zone:usual")],
        way_out(text),
    ]);
    let question = text.which_zone(chosen.as_ref().map(Zone::name));
    let page = Call::page(incoming.chat, tapped(incoming), question, keyboard);
    desk.send(incoming.chat, &page).await.map(drop)
}

/// A zone was named, or something that is none. What waited for it goes on.
pub(super) async fn choose_zone(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
    zone: Option<Zone>,
    waiting: Option<String>,
) -> Result<(), StateError> {
    let text = desk.text(user);
    let Some(zone) = zone else {
        return desk.say(incoming.chat, text.no_zone()).await.map(drop);
    };
    desk.work.choose_zone(user.id, zone.name()).await?;
    leave(desk, user).await?;
    let now = moment(desk.work.now);
    desk.say(incoming.chat, text.zone_chosen(now, &zone))
        .await?;
    match waiting {
        Some(waiting) => remind(desk, user, incoming, &waiting).await,
        None => Ok(()),
    }
}

/// The zone that somebody named.
pub(super) async fn chosen_zone(
    desk: &mut Desk<'_>,
    user: &User,
) -> Result<Option<Zone>, StateError> {
    let name = desk.work.zone_of(user.id).await?;
    Ok(name.and_then(|name| Zone::of(&name)))
}
