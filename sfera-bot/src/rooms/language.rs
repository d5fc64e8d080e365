//! The bot's language.

use super::menu;
use crate::{
    handling::{Desk, Incoming},
    state::{StateError, User},
    telegram::{Button, Keyboard},
    text::Text,
};
use sfera_agent::Language;

/// `/language`
pub async fn ask(desk: &mut Desk<'_>, incoming: &Incoming) -> Result<(), StateError> {
    let button = |language: Language| {
        let name = match language {
            Language::Ru => "Русский",
            Language::En => "English",
        };
        Button::tap(name, format!("language:{language}"))
    };
    let keyboard = Keyboard::Buttons(vec![Language::ALL.map(button).to_vec()]);
    let question = Text(Language::Ru).which_language();
    desk.say_with(incoming.chat, question, keyboard)
        .await
        .map(drop)
}

/// A language was tapped.
pub async fn choose(
    desk: &mut Desk<'_>,
    user: &User,
    incoming: &Incoming,
    code: &str,
) -> Result<(), StateError> {
    let Ok(language) = code.parse::<Language>() else {
        return Ok(());
    };
    desk.work.choose_language(user.id, language).await?;
    let text = Text(language);
    let keyboard = menu::keyboard_for(desk, text);
    desk.say_with(incoming.chat, text.language_chosen(), keyboard)
        .await
        .map(drop)
}
