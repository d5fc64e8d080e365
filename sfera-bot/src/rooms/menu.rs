//! The main menu.

use crate::{
    handling::{Desk, Incoming},
    state::{StateError, User},
    telegram::Keyboard,
    text::{Entry, Text},
};

/// Where people are who went nowhere yet.
pub const ROOM: &str = "menu";

/// `/start`
pub async fn start(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
) -> Result<(), StateError> {
    desk.work.enter(user.id, ROOM).await?;
    let text = desk.text(user);
    let welcome = text.welcome(&user.name);
    let keyboard = keyboard_for(desk, text);
    desk.say_with(incoming.chat, welcome, keyboard).await?;
    Ok(())
}

/// `/help`, and any command that is none.
pub async fn help(desk: &mut Desk<'_>, user: &User, incoming: &Incoming) -> Result<(), StateError> {
    let text = desk.text(user);
    let keyboard = keyboard_for(desk, text);
    desk.say_with(incoming.chat, text.help(), keyboard).await?;
    Ok(())
}

/// An entry that this version does not have.
pub async fn not_here(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
) -> Result<(), StateError> {
    let text = desk.text(user).not_here();
    desk.say(incoming.chat, text).await.map(drop)
}

/// Says so where a part is switched off.
pub async fn is_closed(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
    part: &str,
) -> Result<bool, StateError> {
    if desk.work.is_on(part).await? {
        return Ok(false);
    }
    let text = desk.text(user).switched_off();
    desk.say(incoming.chat, text).await?;
    Ok(true)
}

/// The keyboard of the main menu as whoever asked sees it: administrators have one button more.
pub fn keyboard_for(desk: &Desk<'_>, text: Text) -> Keyboard {
    let mut keyboard = keyboard(text);
    if let Keyboard::Reply(rows) = &mut keyboard
        && desk.is_admin()
    {
        rows.push(vec![text.admin_entry().to_owned()]);
    }
    keyboard
}

/// The keyboard of the main menu.
pub fn keyboard(text: Text) -> Keyboard {
    let label = |entry: &Entry| text.entry(*entry).to_owned();
    let rows = Entry::ROWS.iter();
    Keyboard::Reply(rows.map(|row| row.iter().map(label).collect()).collect())
}
