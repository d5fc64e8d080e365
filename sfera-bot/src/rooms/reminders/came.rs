//! A reminder that came: what is tapped below it.

use super::{MOST, make, moment, zone_of};
use crate::{
    handling::{Desk, Incoming},
    rooms::toolbox::tapped,
    state::{New, Reminder, StateError, User},
    telegram::{Button, Call, Keyboard},
    text::Text,
};
use jiff::ToSpan as _;

/// What is tapped below a reminder that was sent.
pub fn keyboard(text: Text, reminder: &Reminder) -> Keyboard {
    let id = reminder.id;
    let button = |label: &str, what: &str| Button::tap(label, format!("remind:{what}"));
    let mut rows = vec![
        vec![
            button(text.in_ten_minutes(), &format!("later:{id}:10")),
            button(text.in_an_hour(), &format!("later:{id}:60")),
            button(text.until_tomorrow(), &format!("later:{id}:day")),
        ],
        vec![button(text.reminder_is_done(), &format!("done:{id}"))],
    ];
    if reminder.rule.is_some() {
        rows.push(vec![button(text.never_again(), &format!("drop:{id}:0"))]);
    }
    Keyboard::Buttons(rows)
}

/// A reminder comes again later; tapped twice, once.
pub(super) async fn put_off(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
    id: i64,
    how_long: &str,
) -> Result<(), StateError> {
    let text = desk.text(user);
    let Some(reminder) = desk.work.reminder_of(user.id, id).await? else {
        return desk.say(incoming.chat, text.no_reminder()).await.map(drop);
    };
    let zone = zone_of(desk, &reminder);
    let now = moment(desk.work.now);
    let span = match how_long {
        "10" => 10.minutes(),
        "60" => 1.hour(),
        _ => 1.day(),
    };
    let Ok(due) = zone.wall(now).checked_add(span) else {
        return Ok(());
    };
    let new = New {
        user: user.id,
        chat: incoming.chat,
        text: &reminder.text,
        rule: None,
        zone: &reminder.zone,
        due: due.timestamp().as_millisecond(),
        source: &format!("later:{id}:{}", incoming.message.unwrap_or_default()),
    };
    if !make(desk, &new).await? {
        return desk
            .say(incoming.chat, text.too_many_reminders(MOST))
            .await
            .map(drop);
    }
    let said = text.put_off(&reminder.text, due.timestamp(), &zone);
    replace(desk, incoming, said).await
}

/// The message whose button was tapped says something else, and has no buttons any more.
pub(super) async fn replace(
    desk: &mut Desk<'_>,
    incoming: &Incoming,
    said: String,
) -> Result<(), StateError> {
    let call = Call::page(incoming.chat, tapped(incoming), said, Keyboard::None);
    desk.send(incoming.chat, &call).await.map(drop)
}
