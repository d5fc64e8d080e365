//! Reminders: made here, sent by `reminding`.

mod came;
mod list;
mod zone;

pub use came::keyboard;
pub use list::list;
pub use zone::{hear_zone, timezone};

use super::toolbox::{ask, leave, tapped, to_tools, way_out};
use crate::{
    handling::{Desk, Incoming},
    state::{Form, New, Reminder, StateError, User},
    telegram::{Button, Call, Keyboard},
    when::{self, When, Zone},
};
use came::{put_off, replace};
use jiff::Timestamp;
use list::show;
use zone::{ask_zone, choose_zone, chosen_zone};

/// The form in which a reminder is written.
pub const FORM: &str = "remind";
/// The form in which a time zone is named; it keeps what waits for that.
pub const ZONE_FORM: &str = "zone";

/// Reminders of one person, at most.
const MOST: i64 = 50;
/// Characters of one, at most.
const LONGEST: usize = 500;

/// `/remind`, and what is written where a reminder is asked for.
pub async fn remind(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
    said: &str,
) -> Result<(), StateError> {
    let text = desk.text(user);
    if said.trim().is_empty() {
        return begin(desk, user, incoming).await;
    }
    let chosen = chosen_zone(desk, user).await?;
    let zone = chosen.as_ref().unwrap_or(&desk.house.settings.zone).clone();
    let now = moment(desk.work.now);
    let asked = match when::parse(said, now, &zone) {
        Ok(asked) if asked.text.chars().count() > LONGEST => {
            let refused = text.reminder_too_long(LONGEST);
            return desk.say(incoming.chat, refused).await.map(drop);
        }
        Ok(asked) => asked,
        Err(problem) => {
            return desk
                .say(incoming.chat, text.no_moment(problem))
                .await
                .map(drop);
        }
    };
    if asked.is_local && chosen.is_none() {
        return ask_zone(desk, user, incoming, vec![said.to_owned()]).await;
    }
    let (due, rule) = match asked.when {
        When::At(at) => (Some(at), None),
        When::Every(rule) => (rule.next(now, &zone), Some(rule)),
    };
    let Some(due) = due else {
        let refused = text.no_moment(when::Problem::TooFar);
        return desk.say(incoming.chat, refused).await.map(drop);
    };
    let stored = rule.map(when::Rule::stored);
    let new = New {
        user: user.id,
        chat: incoming.chat,
        text: asked.text,
        rule: stored.as_deref(),
        zone: zone.name(),
        due: due.as_millisecond(),
        source: &format!(
            "made:{}:{}",
            incoming.chat,
            incoming.message.unwrap_or_default()
        ),
    };
    leave(desk, user).await?;
    if !make(desk, &new).await? {
        return desk
            .say(incoming.chat, text.too_many_reminders(MOST))
            .await
            .map(drop);
    }
    let said = text.reminder_made(asked.text, due, rule, &zone);
    let keyboard = Keyboard::Buttons(vec![vec![
        Button::tap(text.all_reminders(), "remind:list"),
        to_tools(text),
    ]]);
    desk.say_with(incoming.chat, said, keyboard).await.map(drop)
}

/// A button of a reminder or of their list.
pub async fn tap(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
    what: &str,
) -> Result<(), StateError> {
    let mut parts = what.splitn(3, ':');
    let verb = parts.next().unwrap_or_default();
    let (first, second) = (parts.next().unwrap_or_default(), parts.next());
    let id = first.parse().unwrap_or_default();
    match verb {
        "new" => begin(desk, user, incoming).await,
        "zone" if first == "usual" => {
            let form = desk.work.form(user.id).await?;
            let form = form.filter(|form| form.name == ZONE_FORM);
            let waiting = form.and_then(|form| form.answers.first().cloned());
            let usual = desk.house.settings.zone.clone();
            choose_zone(desk, user, incoming, Some(usual), waiting).await
        }
        "zone" => ask_zone(desk, user, incoming, Vec::new()).await,
        "drop" => {
            desk.work.delete_reminder(user.id, id).await?;
            let page = second.and_then(|page| page.parse().ok());
            show(desk, user, incoming, page.unwrap_or_default()).await
        }
        "later" => put_off(desk, user, incoming, id, second.unwrap_or_default()).await,
        "done" => match desk.work.reminder_of(user.id, id).await? {
            Some(reminder) => {
                let said = desk.text(user).reminder_done(&reminder.text);
                replace(desk, incoming, said).await
            }
            None => Ok(()),
        },
        _ => show(desk, user, incoming, first.parse().unwrap_or_default()).await,
    }
}

async fn begin(desk: &mut Desk<'_>, user: &User, incoming: &Incoming) -> Result<(), StateError> {
    let form = Form {
        name: FORM.to_owned(),
        answers: Vec::new(),
    };
    ask(desk, user, &form).await?;
    let text = desk.text(user);
    let keyboard = Keyboard::Buttons(vec![way_out(text)]);
    let page = Call::page(
        incoming.chat,
        tapped(incoming),
        text.what_and_when(),
        keyboard,
    );
    desk.send(incoming.chat, &page).await.map(drop)
}

async fn make(desk: &mut Desk<'_>, new: &New<'_>) -> Result<bool, StateError> {
    let made = desk.work.make_reminder(new, MOST).await?;
    let reminders = desk.house.reminders.clone();
    desk.wakes(&reminders);
    Ok(made)
}

fn zone_of(desk: &Desk<'_>, reminder: &Reminder) -> Zone {
    Zone::of(&reminder.zone).unwrap_or_else(|| desk.house.settings.zone.clone())
}

fn moment(at: i64) -> Timestamp {
    Timestamp::from_millisecond(at).unwrap_or_default()
}
