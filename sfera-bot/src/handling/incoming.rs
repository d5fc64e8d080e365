use super::{addressed, attached::attached};
use crate::state::{Attachment, Newcomer};
use sfera_agent::Language;
use teloxide::types::{
    CallbackQuery, Chat, Message, MessageId, Update, UpdateKind, User as Person,
};

/// Who the bot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Me<'a> {
    /// Telegram's number.
    pub id: u64,
    /// Without the @.
    pub username: &'a str,
}

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
    /// Whether the bot is mentioned, named in a command or answered.
    pub is_addressed: bool,
    /// The topic of a forum.
    pub thread: Option<i64>,
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
    /// A voice message.
    Voice {
        /// The file; none where it is too large.
        attachment: Option<Attachment>,
        /// How long it is, as its sender says.
        seconds: u32,
    },
    /// A picture.
    Picture {
        /// The file; none where it is too large.
        attachment: Option<Attachment>,
        /// The words below it.
        caption: String,
    },
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
    /// The person brought the bot into a group.
    Added,
    /// Something else: a sticker, a place.
    Other,
}

impl Incoming {
    /// None for what is nobody's, or nothing the bot looks at.
    pub fn of(update: &Update, me: Me<'_>, usual: Language) -> Option<Self> {
        match &update.kind {
            UpdateKind::EditedMessage(message) => {
                let edited = Self::message(message, me, usual)?;
                Some(Self {
                    what: What::Edited,
                    ..edited
                })
            }
            UpdateKind::Message(message) => Self::message(message, me, usual),
            UpdateKind::CallbackQuery(tap) => Self::tap(tap, usual),
            UpdateKind::MyChatMember(change) => {
                let (before, now) = (&change.old_chat_member, &change.new_chat_member);
                let what = match change.chat.is_private() {
                    true => What::Blocked(now.is_banned()),
                    false if change.chat.is_channel() => return None,
                    false if now.is_present() && !before.is_present() => What::Added,
                    false => return None,
                };
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

    fn message(message: &Message, me: Me<'_>, usual: Language) -> Option<Self> {
        let from = message.from.as_ref().filter(|from| !from.is_bot)?;
        let (text, mentioned) = addressed::words(message, me).unwrap_or_default();
        let (what, named) = match attached(message, &text) {
            Some(what) => (what, false),
            None if message.text().is_some() => words(&text, me.username)?,
            None => (What::Other, false),
        };
        let answered = message.reply_to_message().map(|other| {
            let by_bot = other.from.as_ref().is_some_and(|from| from.id.0 == me.id);
            (number(other.id), by_bot)
        });
        let topic = message.thread_id.filter(|_| message.is_topic_message);
        Some(Self {
            message: Some(number(message.id)),
            answered,
            album: message.media_group_id().map(|album| album.0.clone()),
            is_addressed: mentioned || named || matches!(answered, Some((_, true))),
            thread: topic.map(|topic| number(topic.0)),
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
            is_addressed: false,
            thread: None,
            what,
        }
    }
}

const fn number(id: MessageId) -> i64 {
    id.0 as i64
}

/// What words are, and whether they name the bot. A command may be for another bot: then it is nothing.
fn words(text: &str, username: &str) -> Option<(What, bool)> {
    let Some(command) = text.strip_prefix('/') else {
        return Some((What::Text(text.to_owned()), false));
    };
    let (name, argument) = command
        .split_once(char::is_whitespace)
        .unwrap_or((command, ""));
    let (name, whom) = match name.split_once('@') {
        Some((name, whom)) => (name, Some(whom)),
        None => (name, None),
    };
    let is_me = whom.is_none_or(|whom| whom.eq_ignore_ascii_case(username));
    let command = What::Command(name.to_lowercase(), argument.trim().to_owned());
    is_me.then_some((command, whom.is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[test]
    fn commands_are_told_from_words() {
        let said = |text| words(text, "SferaBot");
        let command = |name: &str, argument: &str, named: bool| {
            let command = What::Command(name.to_owned(), argument.to_owned());
            Some((command, named))
        };
        assert_eq!(said("/start"), command("start", "", false));
        assert_eq!(said("/Start@sferabot  x y"), command("start", "x y", true));
        assert_eq!(said("/start@other"), None);
        let text = What::Text("привет /start".into());
        assert_eq!(said("привет /start"), Some((text, false)));
    }

    const ME: Me<'static> = Me {
        id: 5,
        username: "sfera_bot",
    };

    /// JSON as a stranger may send it: here and there what Telegram sends, and anything in it.
    fn anything() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "[a-zа-я/@ 🇷🇺]{0,12}".prop_map(Value::from),
            Just(json!({"id": 7, "is_bot": false, "first_name": "Алекс"})),
            Just(json!({"id": -5, "type": "supergroup", "title": "Группа"})),
            Just(json!([{"type": "mention", "offset": 3, "length": 10}])),
        ];
        let name = prop::sample::select(vec![
            "update_id",
            "message",
            "callback_query",
            "my_chat_member",
            "message_id",
            "date",
            "chat",
            "from",
            "text",
            "entities",
            "photo",
            "voice",
            "document",
            "caption",
            "file_id",
            "reply_to_message",
            "message_thread_id",
            "is_topic_message",
            "data",
            "id",
            "type",
        ]);
        leaf.prop_recursive(5, 60, 8, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec((name.clone(), inner), 0..8).prop_map(|pairs| {
                    let pairs = pairs
                        .into_iter()
                        .map(|(name, value)| (name.to_owned(), value));
                    Value::Object(pairs.collect())
                }),
            ]
        })
    }

    /// A message with some of its parts replaced by anything.
    fn message() -> impl Strategy<Value = Value> {
        prop::collection::vec((0..9_usize, anything()), 0..4).prop_map(|changes| {
            let names = [
                "text",
                "entities",
                "photo",
                "voice",
                "from",
                "chat",
                "reply_to_message",
                "message_thread_id",
                "caption",
            ];
            let mut message = json!({
                "message_id": 1, "date": 0, "text": "@sfera_bot привет",
                "chat": {"id": -5, "type": "supergroup", "title": "Группа"},
                "from": {"id": 7, "is_bot": false, "first_name": "Алекс"},
                "entities": [{"type": "mention", "offset": 0, "length": 10}],
            });
            for (at, value) in changes {
                message[names[at]] = value;
            }
            json!({"update_id": 1, "message": message})
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1024))]
        #[test]
        fn whatever_comes_is_survived(update in prop_oneof![anything(), message()]) {
            if let Ok(update) = serde_json::from_value::<Update>(update) {
                let _ = Incoming::of(&update, ME, Language::Ru);
            }
        }
    }
}
