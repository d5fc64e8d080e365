//! What Telegram is told of the bot before anything else runs.

use super::{PAUSE, Stopped};
use crate::{config::Settings, text::Text};
use sfera_agent::Language;
use teloxide::{
    ApiError, Bot, RequestError,
    payloads::{SetChatMenuButtonSetters as _, SetMyCommandsSetters as _},
    requests::{Request as _, Requester as _},
    types::{BotCommand, BotCommandScope, ChatId, MenuButton, Recipient, WebAppInfo},
};
use tokio::time::sleep;

/// Asks Telegram who the bot is, and tells it what the bot offers.
pub(super) async fn introduce(settings: &Settings, text: Text) -> Result<(Bot, String), Stopped> {
    let bot = Bot::new(settings.token.expose());
    let bot = match &settings.api {
        Some(url) => bot.set_api_url(url.clone()),
        None => bot,
    };
    let me = loop {
        match bot.get_me().send().await {
            Ok(me) => break me,
            Err(RequestError::Api(ApiError::InvalidToken)) => return Err(Stopped::Token),
            Err(_) => {
                eprintln!("{}", text.telegram_unreachable());
                sleep(PAUSE).await;
            }
        }
    };
    if offer(&bot, settings).await.is_err() {
        tracing::warn!("Telegram did not take the list of commands");
    }
    Ok((bot, me.username().to_owned()))
}

async fn offer(bot: &Bot, settings: &Settings) -> Result<(), RequestError> {
    let commands = |language: Language| {
        let commands = Text(language).commands().iter();
        commands.map(|(name, what)| BotCommand::new(*name, *what))
    };
    bot.set_my_commands(commands(settings.language))
        .send()
        .await?;
    for language in Language::ALL {
        let request = bot.set_my_commands(commands(language));
        request.language_code(language.code()).send().await?;
    }
    offer_to_admins(bot, settings).await;
    let button = match &settings.public {
        Some(url) => MenuButton::WebApp {
            text: "Sfera AI".to_owned(),
            web_app: WebAppInfo { url: url.clone() },
        },
        None => MenuButton::Commands,
    };
    bot.set_chat_menu_button()
        .menu_button(button)
        .send()
        .await?;
    Ok(())
}

/// Administrators have more commands. Telegram takes none for whoever never wrote to the bot.
async fn offer_to_admins(bot: &Bot, settings: &Settings) {
    let text = Text(settings.language);
    for chat in settings.admin.into_iter().chain(settings.admins.clone()) {
        let usual = text.commands().iter().filter(|_| chat > 0);
        let commands = usual.chain(text.admin_commands());
        let commands = commands.map(|(name, what)| BotCommand::new(*name, *what));
        let chat_id = Recipient::Id(ChatId(chat));
        let request = bot.set_my_commands(commands);
        let asked = request
            .scope(BotCommandScope::Chat { chat_id })
            .send()
            .await;
        if asked.is_err() {
            tracing::debug!(chat, "no commands for an administrator");
        }
    }
}
