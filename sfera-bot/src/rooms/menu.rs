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
    desk.say_with(incoming.chat, welcome, keyboard(text))
        .await?;
    Ok(())
}

/// `/help`, and any command that is none.
pub async fn help(desk: &mut Desk<'_>, user: &User, incoming: &Incoming) -> Result<(), StateError> {
    let text = desk.text(user);
    desk.say_with(incoming.chat, text.help(), keyboard(text))
        .await?;
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

/// The keyboard of the main menu.
pub fn keyboard(text: Text) -> Keyboard {
    let label = |entry: &Entry| text.entry(*entry).to_owned();
    let rows = Entry::ROWS.iter();
    Keyboard::Reply(rows.map(|row| row.iter().map(label).collect()).collect())
}
