use crate::state::Newcomer;
use sfera_agent::Language;
use teloxide::types::{
    CallbackQuery, Chat, Message, MessageId, Update, UpdateKind, User as Person,
};

/// What somebody did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// Where.
    pub chat: i64,
    /// Whether only this person and the bot are there.
    pub is_private: bool,
    /// Who.
    pub from: Newcomer,
    /// The message, where it is one.
    pub message: Option<i64>,
    /// The message that was answered, and whether the bot wrote it.
    pub answered: Option<(i64, bool)>,
    /// The album it is a part of: pictures that were sent together.
    pub album: Option<String>,
    /// What.
    pub what: What,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// `/name argument`
    Command(String, String),
    /// Words.
    Text(String),
    /// A button below a message.
    Tap {
        /// The tap.
        callback: String,
        /// What the button says to the bot.
        data: String,
    },
    /// The person blocked the bot, or does not any more.
    Blocked(bool),
    /// Another text or picture in place of one that was sent before.
    Edited,
    /// Something else: a picture, a voice message, a place.
    Other,
}

impl Incoming {
    /// None for what is nobody's, or nothing the bot looks at.
    pub fn of(update: &Update, username: &str, usual: Language) -> Option<Self> {
        match &update.kind {
            UpdateKind::Message(message) => Self::message(message, username, usual),
            UpdateKind::EditedMessage(message) => {
                let edited = Self::message(message, username, usual)?;
                Some(Self {
                    what: What::Edited,
                    ..edited
                })
            }
            UpdateKind::CallbackQuery(tap) => Self::tap(tap, usual),
            UpdateKind::MyChatMember(change) => {
                let what = What::Blocked(change.new_chat_member.is_banned());
                Some(Self::without_message(
                    &change.chat,
                    &change.from,
                    what,
                    usual,
                ))
            }
            _ => None,
        }
    }

    fn message(message: &Message, username: &str, usual: Language) -> Option<Self> {
        let from = message.from.as_ref().filter(|from| !from.is_bot)?;
        let what = match message.text() {
            Some(text) => words(text, username)?,
            None => What::Other,
        };
        let answered = message.reply_to_message().map(|other| {
            let by_bot = other.from.as_ref().is_some_and(|from| from.is_bot);
            (number(other.id), by_bot)
        });
        Some(Self {
            message: Some(number(message.id)),
            answered,
            album: message.media_group_id().map(|album| album.0.clone()),
            ..Self::without_message(&message.chat, from, what, usual)
        })
    }

    fn tap(tap: &CallbackQuery, usual: Language) -> Option<Self> {
        let message = tap.message.as_ref()?;
        let what = What::Tap {
            callback: tap.id.0.clone(),
            data: tap.data.clone().unwrap_or_default(),
        };
        Some(Self {
            message: Some(number(message.id())),
            ..Self::without_message(message.chat(), &tap.from, what, usual)
        })
    }

    fn without_message(chat: &Chat, from: &Person, what: What, usual: Language) -> Self {
        let language = from.language_code.as_deref().unwrap_or_default();
        Self {
            chat: chat.id.0,
            is_private: chat.is_private(),
            from: Newcomer {
                id: from.id.0 as i64,
                name: from.full_name(),
                username: from.username.clone(),
                language: language.parse().unwrap_or(usual),
            },
            message: None,
            answered: None,
            album: None,
            what,
        }
    }
}

const fn number(id: MessageId) -> i64 {
    id.0 as i64
}

/// A command may be for another bot: then it is nothing.
fn words(text: &str, username: &str) -> Option<What> {
    let Some(command) = text.strip_prefix('/') else {
        return Some(What::Text(text.to_owned()));
    };
    let (name, argument) = command
        .split_once(char::is_whitespace)
        .unwrap_or((command, ""));
    let (name, whom) = name.split_once('@').unwrap_or((name, username));
    whom.eq_ignore_ascii_case(username)
        .then(|| What::Command(name.to_lowercase(), argument.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_told_from_words() {
        let said = |text| words(text, "SferaBot");
        let command =
            |name: &str, argument: &str| Some(What::Command(name.to_owned(), argument.to_owned()));
        assert_eq!(said("/start"), command("start", ""));
        assert_eq!(said("/Start@sferabot  x y"), command("start", "x y"));
        assert_eq!(said("/start@other"), None);
        assert_eq!(
            said("привет /start"),
            Some(What::Text("привет /start".into()))
        );
    }
}
