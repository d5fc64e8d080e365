//! "Полезные инструменты": calculators, things that are looked up, and the way to the reminders.
//!
//! A tool that asks is a form: while it is open, what the person writes is an answer. A wrong answer
//! loses nothing, and the way out is always there.

mod calculating;
mod calculator;
mod looking;
mod number;
mod outcome;

pub use calculator::{Calculator, Field, Refusal};
pub use looking::Kind;
pub use number::{exact, parse, shown};
pub use outcome::Outcome;

use super::{chat, menu, reminders};
use crate::{
    handling::{Desk, Incoming},
    state::{Form, StateError, User},
    telegram::{Button, Call, Keyboard},
    text::Text,
};

/// Where people are who are asked something.
pub const ROOM: &str = "toolbox";

/// `/tools` and the entry of the menu.
pub async fn open(desk: &mut Desk<'_>, user: &User, incoming: &Incoming) -> Result<(), StateError> {
    let text = desk.text(user);
    leave(desk, user).await?;
    desk.say_with(incoming.chat, text.toolbox(), keyboard(text))
        .await
        .map(drop)
}

/// `/cancel` while something is asked.
pub async fn cancel(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
) -> Result<(), StateError> {
    let text = desk.text(user);
    leave(desk, user).await?;
    desk.say_with(incoming.chat, text.tool_cancelled(), keyboard(text))
        .await
        .map(drop)
}

/// A button.
pub async fn tap(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
    what: &str,
) -> Result<(), StateError> {
    let (verb, argument) = what.split_once(':').unwrap_or((what, ""));
    match verb {
        "calc" => match Calculator::named(argument) {
            Some(calculator) => calculating::begin(desk, user, incoming, calculator).await,
            None => back_to_menu(desk, user, incoming).await,
        },
        "ask" => match Kind::named(argument) {
            Some(kind) => looking::begin(desk, user, incoming, kind).await,
            None => back_to_menu(desk, user, incoming).await,
        },
        "find" => match argument.split_once(':') {
            Some((kind, subject)) => looking::find(desk, user, incoming.chat, kind, subject).await,
            None => Ok(()),
        },
        "back" => back(desk, user, incoming).await,
        _ => back_to_menu(desk, user, incoming).await,
    }
}

/// What somebody writes while something is asked.
pub async fn hear(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
    said: &str,
) -> Result<(), StateError> {
    let Some(form) = desk.work.form(user.id).await? else {
        desk.work.enter(user.id, menu::ROOM).await?;
        return chat::ask(desk, user, incoming).await;
    };
    match said.trim().to_lowercase().as_str() {
        "назад" | "back" => return back(desk, user, incoming).await,
        "отмена" | "cancel" => return cancel(desk, user, incoming).await,
        _ => {}
    }
    match Calculator::named(&form.name) {
        Some(calculator) => calculating::answer(desk, user, incoming, calculator, form, said).await,
        None => match form.name.as_str() {
            reminders::FORM => reminders::remind(desk, user, incoming, said).await,
            reminders::ZONE_FORM => reminders::hear_zone(desk, user, incoming, &form, said).await,
            kind => looking::find(desk, user, incoming.chat, kind, said).await,
        },
    }
}

/// One question back, or out of the tool.
async fn back(desk: &mut Desk<'_>, user: &User, incoming: &Incoming) -> Result<(), StateError> {
    let form = desk.work.form(user.id).await?;
    let known = form.and_then(|form| Some((Calculator::named(&form.name)?, form)));
    match known {
        Some((calculator, form)) if !form.answers.is_empty() => {
            calculating::take_back(desk, user, incoming, calculator, form).await
        }
        _ => back_to_menu(desk, user, incoming).await,
    }
}

async fn back_to_menu(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
) -> Result<(), StateError> {
    let text = desk.text(user);
    leave(desk, user).await?;
    let page = Call::page(
        incoming.chat,
        tapped(incoming),
        text.toolbox(),
        keyboard(text),
    );
    desk.send(incoming.chat, &page).await.map(drop)
}

/// Asks: what is written from now on is the answer.
pub(super) async fn ask(desk: &mut Desk<'_>, user: &User, form: &Form) -> Result<(), StateError> {
    desk.work.fill_in(user.id, form).await?;
    desk.work.enter(user.id, ROOM).await
}

/// Nothing is asked any more.
pub(super) async fn leave(desk: &mut Desk<'_>, user: &User) -> Result<(), StateError> {
    desk.work.drop_form(user.id).await?;
    // Who went elsewhere meanwhile stays there.
    match user.room == ROOM {
        true => desk.work.enter(user.id, menu::ROOM).await,
        false => Ok(()),
    }
}

/// The message whose button was tapped: it becomes what follows.
pub(super) const fn tapped(incoming: &Incoming) -> Option<i64> {
    match incoming.what {
        crate::handling::What::Tap { .. } => incoming.message,
        _ => None,
    }
}

/// The way out of a tool.
pub(super) fn way_out(text: Text) -> Vec<Button> {
    vec![
        Button::tap(text.go_back(), "tool:back"),
        Button::tap(text.leave_tool(), "tool:menu"),
    ]
}

/// The way back to all tools.
pub(super) fn to_tools(text: Text) -> Button {
    Button::tap(text.to_tools(), "tool:menu")
}

fn keyboard(text: Text) -> Keyboard {
    let calculator =
        |one: Calculator| Button::tap(text.calculator(one), format!("tool:calc:{}", one.name()));
    let mut rows: Vec<Vec<Button>> = Calculator::ALL
        .chunks(2)
        .map(|row| row.iter().copied().map(calculator).collect())
        .collect();
    let kind = |kind: Kind| Button::tap(text.lookup(kind), format!("tool:ask:{}", kind.name()));
    rows.push(Kind::ALL.map(kind).to_vec());
    rows.push(vec![Button::tap(text.reminders_entry(), "remind:list")]);
    Keyboard::Buttons(rows)
}
