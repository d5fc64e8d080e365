//! "🤖 Sfera AI": the way to the Mini App.

use super::links;
use crate::{
    handling::{Desk, Incoming},
    state::{StateError, User},
    telegram::{Button, Keyboard},
};

/// `/sfera` and the entry of the menu. A button below a message opens the app with the user's data; one
/// of the reply keyboard would open it without. In groups Telegram refuses such buttons: there it is a
/// link.
pub async fn show(desk: &mut Desk<'_>, user: &User, incoming: &Incoming) -> Result<(), StateError> {
    let text = desk.text(user);
    let house = desk.house;
    let Some(address) = &house.settings.public else {
        return desk.answer(incoming, text.no_mini_app()).await.map(drop);
    };
    if house.settings.voice.livekit.is_none() {
        return desk.answer(incoming, text.no_livekit()).await.map(drop);
    }
    let label = text.launch().to_owned();
    let button = match incoming.is_private {
        true => Button::App {
            text: label,
            url: address.to_string(),
        },
        false => Button::Link {
            text: label,
            url: match &house.settings.mini_app {
                Some(app) => links::to_app(&house.username, app, "group"),
                None => links::to_bot(&house.username, "sfera"),
            },
        },
    };
    let keyboard = Keyboard::Buttons(vec![vec![button]]);
    let said = text.sfera();
    desk.answer_with(incoming, said, keyboard).await.map(drop)
}
