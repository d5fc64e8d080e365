//! "🤖 Sfera AI": the way to the Mini App.

use crate::{
    handling::{Desk, Incoming},
    state::{StateError, User},
    telegram::{Button, Keyboard},
};

/// `/sfera` and the entry of the menu. A button below a message opens the app with the user's data; one
/// of the reply keyboard would open it without.
pub async fn show(desk: &mut Desk<'_>, user: &User, incoming: &Incoming) -> Result<(), StateError> {
    let text = desk.text(user);
    let Some(address) = &desk.house.settings.public else {
        return desk.say(incoming.chat, text.no_mini_app()).await.map(drop);
    };
    if desk.house.settings.voice.livekit.is_none() {
        return desk.say(incoming.chat, text.no_livekit()).await.map(drop);
    }
    let button = Button::App {
        text: text.launch().to_owned(),
        url: address.to_string(),
    };
    let keyboard = Keyboard::Buttons(vec![vec![button]]);
    desk.say_with(incoming.chat, text.sfera(), keyboard)
        .await
        .map(drop)
}
