//! Calls as teloxide makes them, and what Telegram's answers mean.

use super::{Button, Call, Keyboard, Media};
use crate::state::{Letter, Millis, Outcome};
use teloxide::{
    ApiError, Bot, RequestError,
    payloads::{
        AnswerCallbackQuerySetters as _, EditMessageTextSetters as _, SendAudioSetters as _,
        SendDocumentSetters as _, SendMessageSetters as _, SendPhotoSetters as _,
        SendVideoSetters as _,
    },
    requests::{Request as _, Requester as _},
    types::{
        CallbackQueryId, ChatId, FileId, InlineKeyboardButton, InlineKeyboardMarkup, InputFile,
        KeyboardButton, KeyboardMarkup, LinkPreviewOptions, Message, MessageId, ParseMode,
        ReplyMarkup, ReplyParameters, ThreadId, WebAppInfo,
    },
};

/// Makes a call that needs no file, once.
pub async fn attempt(bot: &Bot, call: &Call, now: Millis) -> Outcome {
    match make(bot, call, None).await {
        Ok(message) => Outcome::Sent(message),
        Err(error) => judge_call(&error, call.is_repeatable(), 0, now),
    }
}

/// How long a call that Telegram's servers failed is left alone, for each attempt before it.
const PAUSE: Millis = 2_000;
const LONGEST_PAUSE: Millis = 60_000;

/// Makes a call; files it needs were fetched before.
pub async fn make(
    bot: &Bot,
    call: &Call,
    file: Option<Vec<u8>>,
) -> Result<Option<i64>, RequestError> {
    let number = |message: Message| Some(i64::from(message.id.0));
    match call {
        Call::Message {
            chat,
            text,
            keyboard,
            reply_to,
            thread,
        } => {
            let mut request = bot
                .send_message(ChatId(*chat), text)
                .parse_mode(ParseMode::Html)
                .link_preview_options(no_preview());
            request.reply_markup = markup(keyboard);
            request.reply_parameters = reply_to.map(answered);
            request.message_thread_id = thread.map(|id| ThreadId(MessageId(id as i32)));
            request.send().await.map(number)
        }
        Call::Edit {
            chat,
            message,
            text,
            keyboard,
        } => {
            let mut request = bot
                .edit_message_text(ChatId(*chat), MessageId(*message as i32), text)
                .parse_mode(ParseMode::Html)
                .link_preview_options(no_preview());
            request.reply_markup = buttons(keyboard);
            match request.send().await {
                Err(RequestError::Api(ApiError::MessageNotModified)) => Ok(Some(*message)),
                other => other.map(number),
            }
        }
        Call::Copy {
            chat,
            from,
            message,
            reply_to,
        } => {
            let from = ChatId(*from);
            let mut request = bot.copy_message(ChatId(*chat), from, MessageId(*message as i32));
            request.reply_parameters = reply_to.map(answered);
            let copied = request.send().await?;
            Ok(Some(i64::from(copied.0)))
        }
        Call::Media {
            chat,
            kind,
            file,
            caption,
            keyboard,
        } => media(bot, *chat, *kind, file, caption, keyboard)
            .await
            .map(number),
        Call::Voice { chat, reply_to, .. } => {
            let sound = InputFile::memory(file.unwrap_or_default()).file_name("answer.ogg");
            let mut request = bot.send_voice(ChatId(*chat), sound);
            request.reply_parameters = reply_to.map(answered);
            request.send().await.map(number)
        }
        Call::Document { chat, name, .. } => {
            let file = InputFile::memory(file.unwrap_or_default()).file_name(name.clone());
            bot.send_document(ChatId(*chat), file)
                .send()
                .await
                .map(number)
        }
        Call::Tap {
            callback,
            text,
            alert,
        } => {
            let mut request = bot
                .answer_callback_query(CallbackQueryId(callback.clone()))
                .show_alert(*alert);
            request.text.clone_from(text);
            request.send().await.map(|_| None)
        }
        Call::Delete { chat, message } => {
            let message = MessageId(*message as i32);
            let deleted = bot.delete_message(ChatId(*chat), message).send().await;
            match deleted {
                Err(RequestError::Api(ApiError::MessageToDeleteNotFound)) => Ok(None),
                other => other.map(|_| None),
            }
        }
        Call::Leave { chat } => bot.leave_chat(ChatId(*chat)).send().await.map(|_| None),
    }
}

async fn media(
    bot: &Bot,
    chat: i64,
    kind: Media,
    file: &str,
    caption: &str,
    keyboard: &Keyboard,
) -> Result<Message, RequestError> {
    let chat = ChatId(chat);
    let input = match url(file) {
        Some(url) => InputFile::url(url),
        None => InputFile::file_id(FileId(file.to_owned())),
    };
    macro_rules! send {
        ($method:ident) => {{
            let mut request = bot.$method(chat, input).parse_mode(ParseMode::Html);
            request.caption = (!caption.is_empty()).then(|| caption.to_owned());
            request.reply_markup = markup(keyboard);
            request.send().await
        }};
    }
    match kind {
        Media::Photo => send!(send_photo),
        Media::Video => send!(send_video),
        Media::Audio => send!(send_audio),
        Media::Document => send!(send_document),
    }
}

fn no_preview() -> LinkPreviewOptions {
    LinkPreviewOptions {
        is_disabled: true,
        url: None,
        prefer_small_media: false,
        prefer_large_media: false,
        show_above_text: false,
    }
}

/// The message may be gone by now.
fn answered(message: i64) -> ReplyParameters {
    ReplyParameters::new(MessageId(message as i32)).allow_sending_without_reply()
}

fn markup(keyboard: &Keyboard) -> Option<ReplyMarkup> {
    match keyboard {
        Keyboard::None => None,
        Keyboard::Reply(rows) => {
            let rows = rows
                .iter()
                .map(|row| row.iter().map(KeyboardButton::new).collect::<Vec<_>>());
            Some(ReplyMarkup::Keyboard(
                KeyboardMarkup::new(rows).resize_keyboard(),
            ))
        }
        Keyboard::Buttons(_) => buttons(keyboard).map(ReplyMarkup::InlineKeyboard),
    }
}

fn buttons(keyboard: &Keyboard) -> Option<InlineKeyboardMarkup> {
    let Keyboard::Buttons(rows) = keyboard else {
        return None;
    };
    let rows = rows
        .iter()
        .map(|row| row.iter().filter_map(button).collect::<Vec<_>>());
    Some(InlineKeyboardMarkup::new(rows))
}

/// None for an address that is none: the rest of the message is still worth sending.
fn button(button: &Button) -> Option<InlineKeyboardButton> {
    match button {
        Button::Tap { text, data } => Some(InlineKeyboardButton::callback(text, data)),
        Button::Link { text, url: to } => Some(InlineKeyboardButton::url(text, url(to)?)),
        Button::App { text, url: to } => {
            let info = WebAppInfo { url: url(to)? };
            Some(InlineKeyboardButton::web_app(text, info))
        }
    }
}

fn url(text: &str) -> Option<reqwest::Url> {
    let url = reqwest::Url::parse(text).ok()?;
    matches!(url.scheme(), "http" | "https" | "tg").then_some(url)
}

/// What follows from a letter's failure.
pub fn judge(error: &RequestError, letter: &Letter, now: Millis) -> Outcome {
    judge_call(error, letter.is_repeatable(), letter.attempts, now)
}

fn judge_call(error: &RequestError, repeatable: bool, attempts: i64, now: Millis) -> Outcome {
    let doubled = PAUSE.saturating_mul(1 << attempts.clamp(0, 10));
    let later = Outcome::Later(now + doubled.min(LONGEST_PAUSE));
    match error {
        RequestError::RetryAfter(seconds) => {
            Outcome::Later(now + i64::from(seconds.seconds()) * 1_000)
        }
        // Nothing left this machine.
        RequestError::Network(error) if error.is_connect() || error.is_builder() => later,
        RequestError::Network(_) | RequestError::InvalidJson { .. } | RequestError::Io(_) => {
            match repeatable {
                true => later,
                false => Outcome::InDoubt,
            }
        }
        // Telegram is in trouble, and says that it did nothing.
        RequestError::Api(ApiError::Unknown(said)) if is_trouble(said) => later,
        RequestError::Api(error) => Outcome::Refused(error.to_string()),
        RequestError::MigrateToChatId(_) => {
            Outcome::Refused("the group has become another one".to_owned())
        }
    }
}

fn is_trouble(said: &str) -> bool {
    [
        "Internal Server Error",
        "Bad Gateway",
        "Service Unavailable",
        "Gateway Time",
    ]
    .iter()
    .any(|trouble| said.contains(trouble))
}

/// Whether the reader does not want to hear from the bot any more.
pub fn is_blocked(error: &RequestError) -> bool {
    matches!(
        error,
        RequestError::Api(
            ApiError::BotBlocked
                | ApiError::UserDeactivated
                | ApiError::ChatNotFound
                | ApiError::CantInitiateConversation
                | ApiError::BotKicked
        )
    )
}
