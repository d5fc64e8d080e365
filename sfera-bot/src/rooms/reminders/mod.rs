//! Reminders: made here, sent by `reminding`.

mod zone;

pub use zone::{hear_zone, timezone};

use super::toolbox::{ask, leave, tapped, to_tools, way_out};
use crate::{
    handling::{Desk, Incoming},
    state::{Form, New, Reminder, StateError, User},
    telegram::{Button, Call, Keyboard},
    text::Text,
    when::{self, When, Zone},
};
use jiff::{Timestamp, ToSpan as _};
use zone::{ask_zone, choose_zone, chosen_zone};

/// The form in which a reminder is written.
pub const FORM: &str = "remind";
/// The form in which a time zone is named; it keeps what waits for that.
pub const ZONE_FORM: &str = "zone";

/// Reminders of one person, at most.
const MOST: i64 = 50;
/// Characters of one, at most.
const LONGEST: usize = 500;
/// How many are shown at a time, and how much of each.
const PAGE: usize = 8;
const EXCERPT: usize = 120;

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

/// `/reminders`
pub async fn list(desk: &mut Desk<'_>, user: &User, incoming: &Incoming) -> Result<(), StateError> {
    show(desk, user, incoming, 0).await
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

async fn show(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
    page: usize,
) -> Result<(), StateError> {
    let text = desk.text(user);
    let all = desk.work.reminders_of(user.id).await?;
    // The last page may have lost its last one.
    let page = page.min(all.len().saturating_sub(1) / PAGE);
    let (mut lines, mut rows) = (vec![text.reminders(all.len(), MOST)], Vec::new());
    let mut drops = Vec::new();
    for (at, reminder) in all.iter().enumerate().skip(page * PAGE).take(PAGE) {
        let zone = zone_of(desk, reminder);
        let rule = reminder.rule.as_deref().and_then(when::Rule::read);
        let excerpt = excerpt(&reminder.text);
        lines.push(text.reminder_line(at + 1, &excerpt, moment(reminder.due), rule, &zone));
        let data = format!("remind:drop:{}:{page}", reminder.id);
        drops.push(Button::tap(format!("✖️ {}", at + 1), data));
    }
    rows.extend(drops.chunks(4).map(<[Button]>::to_vec));
    let mut walk = Vec::new();
    if page > 0 {
        walk.push(Button::tap("◀️", format!("remind:list:{}", page - 1)));
    }
    if (page + 1) * PAGE < all.len() {
        walk.push(Button::tap("▶️", format!("remind:list:{}", page + 1)));
    }
    rows.extend(Some(walk).filter(|walk| !walk.is_empty()));
    rows.push(vec![
        Button::tap(text.new_reminder(), "remind:new"),
        Button::tap(text.zone_entry(), "remind:zone"),
    ]);
    rows.push(vec![to_tools(text)]);
    let keyboard = Keyboard::Buttons(rows);
    let call = Call::page(
        incoming.chat,
        tapped(incoming),
        lines.join("\n\n"),
        keyboard,
    );
    desk.send(incoming.chat, &call).await.map(drop)
}

/// A reminder comes again later; tapped twice, once.
async fn put_off(
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

async fn make(desk: &mut Desk<'_>, new: &New<'_>) -> Result<bool, StateError> {
    let made = desk.work.make_reminder(new, MOST).await?;
    let reminders = desk.house.reminders.clone();
    desk.wakes(&reminders);
    Ok(made)
}

/// The message whose button was tapped says something else, and has no buttons any more.
async fn replace(desk: &mut Desk<'_>, incoming: &Incoming, said: String) -> Result<(), StateError> {
    let call = Call::page(incoming.chat, tapped(incoming), said, Keyboard::None);
    desk.send(incoming.chat, &call).await.map(drop)
}

fn zone_of(desk: &Desk<'_>, reminder: &Reminder) -> Zone {
    Zone::of(&reminder.zone).unwrap_or_else(|| desk.house.settings.zone.clone())
}

fn moment(at: i64) -> Timestamp {
    Timestamp::from_millisecond(at).unwrap_or_default()
}

fn excerpt(text: &str) -> String {
    match text.char_indices().nth(EXCERPT) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
