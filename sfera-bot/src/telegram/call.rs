//! What the bot can ask of Telegram, as it is stored until it is done.

use serde::{Deserialize, Serialize};

/// A call of the Bot API. Texts are Telegram's HTML.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", rename_all = "snake_case")]
pub enum Call {
    /// A new message.
    Message {
        /// Where.
        chat: i64,
        /// HTML.
        text: String,
        /// What is tapped below it.
        #[serde(default)]
        keyboard: Keyboard,
        /// The message that is answered.
        #[serde(default)]
        reply_to: Option<i64>,
        /// The topic of a forum.
        #[serde(default)]
        thread: Option<i64>,
    },
    /// Another text in place of one that was sent.
    Edit {
        /// Where.
        chat: i64,
        /// Which.
        message: i64,
        /// HTML.
        text: String,
        /// What is tapped below it: buttons only.
        #[serde(default)]
        keyboard: Keyboard,
    },
    /// A copy of somebody's message, whatever it is.
    Copy {
        /// To where.
        chat: i64,
        /// From where.
        from: i64,
        /// Which.
        message: i64,
        /// The message that is answered there.
        #[serde(default)]
        reply_to: Option<i64>,
    },
    /// A picture, a film or a file that Telegram has, or an address it fetches.
    Media {
        /// Where.
        chat: i64,
        /// What it is.
        kind: Media,
        /// Telegram's id of the file, or an https address.
        file: String,
        /// HTML below it.
        #[serde(default)]
        caption: String,
        /// What is tapped below it.
        #[serde(default)]
        keyboard: Keyboard,
    },
    /// A voice message that this bot made.
    Voice {
        /// Where.
        chat: i64,
        /// Under which name it is stored.
        file: i64,
        /// The message that is answered.
        #[serde(default)]
        reply_to: Option<i64>,
    },
    /// A file that this bot made.
    Document {
        /// Where.
        chat: i64,
        /// Under which name it is stored.
        file: i64,
        /// What the reader sees as its name.
        name: String,
    },
    /// What a tap on a button gets: nothing, a line, or a window.
    Tap {
        /// The tap.
        callback: String,
        /// The line.
        #[serde(default)]
        text: Option<String>,
        /// Whether it is a window.
        #[serde(default)]
        alert: bool,
    },
    /// Takes a message away.
    Delete {
        /// Where.
        chat: i64,
        /// Which.
        message: i64,
    },
    /// Leaves a group.
    Leave {
        /// Which.
        chat: i64,
    },
}

/// What kind of file is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Media {
    /// A picture.
    Photo,
    /// A film.
    Video,
    /// Sound.
    Audio,
    /// Anything else.
    Document,
}

/// What is tapped below a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keyboard {
    /// As it was.
    #[default]
    None,
    /// In place of the keyboard; each is a text to be sent.
    Reply(Vec<Vec<String>>),
    /// Below the message.
    Buttons(Vec<Vec<Button>>),
}

/// A button below a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Button {
    /// Tells the bot that it was tapped; 64 bytes of data at most.
    Tap {
        /// What it says.
        text: String,
        /// What the bot gets.
        data: String,
    },
    /// Opens an address.
    Link {
        /// What it says.
        text: String,
        /// The address.
        url: String,
    },
    /// Opens a Mini App.
    App {
        /// What it says.
        text: String,
        /// An https address.
        url: String,
    },
}

impl Button {
    /// One that tells the bot.
    #[must_use]
    pub fn tap(text: impl Into<String>, data: impl Into<String>) -> Self {
        Self::Tap {
            text: text.into(),
            data: data.into(),
        }
    }
}

impl Call {
    /// A plain message.
    #[must_use]
    pub fn message(chat: i64, text: impl Into<String>) -> Self {
        Self::Message {
            chat,
            text: text.into(),
            keyboard: Keyboard::None,
            reply_to: None,
            thread: None,
        }
    }

    /// A message with something to tap below it, in place of another one if there is one.
    #[must_use]
    pub fn page(
        chat: i64,
        instead: Option<i64>,
        text: impl Into<String>,
        keyboard: Keyboard,
    ) -> Self {
        match instead {
            Some(message) => Self::Edit {
                chat,
                message,
                text: text.into(),
                keyboard,
            },
            None => Self::message(chat, text).with_keyboard(keyboard),
        }
    }

    /// A message with something to tap below it.
    #[must_use]
    pub fn with_keyboard(self, below: Keyboard) -> Self {
        match self {
            Self::Message {
                chat,
                text,
                reply_to,
                thread,
                ..
            } => Self::Message {
                chat,
                text,
                keyboard: below,
                reply_to,
                thread,
            },
            Self::Edit {
                chat,
                message,
                text,
                ..
            } => Self::Edit {
                chat,
                message,
                text,
                keyboard: below,
            },
            other => other,
        }
    }

    /// A plain message in answer to another one.
    #[must_use]
    pub fn reply(chat: i64, to: i64, text: impl Into<String>) -> Self {
        Self::Message {
            chat,
            text: text.into(),
            keyboard: Keyboard::None,
            reply_to: Some(to),
            thread: None,
        }
    }

    /// Whether doing it twice is the same as doing it once.
    #[must_use]
    pub const fn is_repeatable(&self) -> bool {
        matches!(
            self,
            Self::Edit { .. } | Self::Tap { .. } | Self::Delete { .. } | Self::Leave { .. }
        )
    }
}
