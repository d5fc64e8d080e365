//! What is still to come.

use super::{MOST, moment, zone_of};
use crate::{
    handling::{Desk, Incoming},
    rooms::toolbox::{tapped, to_tools},
    state::{StateError, User},
    telegram::{Button, Call, Keyboard},
    when,
};

/// How many are shown at a time, and how much of each.
const PAGE: usize = 8;
const EXCERPT: usize = 120;

/// `/reminders`
pub async fn list(desk: &mut Desk<'_>, user: &User, incoming: &Incoming) -> Result<(), StateError> {
    show(desk, user, incoming, 0).await
}

/// A page of the list.
pub(super) async fn show(
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

fn excerpt(text: &str) -> String {
    match text.char_indices().nth(EXCERPT) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
