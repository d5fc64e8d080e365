//! What a question and its answer are.

use serde::{Deserialize, Serialize};
use sfera_agent::llm::Message;

/// What a dialogue is. Those of one kind know nothing of those of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialogue {
    /// Anything.
    Chat,
    /// What troubles somebody.
    Psychologist,
}

/// What came with a question, or in place of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Attachment {
    /// A voice message.
    Voice {
        /// Telegram's id of the file.
        file: String,
    },
    /// A picture.
    Picture {
        /// Telegram's id of the file.
        file: String,
        /// `image/jpeg`, …
        media_type: String,
    },
}

/// A question to be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question<'a> {
    /// Who asks.
    pub user: i64,
    /// Where.
    pub chat: i64,
    /// In which kind of dialogue.
    pub kind: Dialogue,
    /// What; nothing where it is still to be heard.
    pub text: &'a str,
    /// What came with it.
    pub attachment: Option<&'a Attachment>,
    /// The letter whose message becomes the answer.
    pub placeholder: &'a str,
    /// The letter whose message becomes what was heard.
    pub heard: Option<&'a str>,
    /// The question's message, where the answer is a reply.
    pub reply_to: Option<i64>,
    /// The topic of a forum.
    pub thread: Option<i64>,
}

/// A question that is being answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// Its number.
    pub id: i64,
    /// Who asks.
    pub user: i64,
    /// In which kind of dialogue.
    pub kind: Dialogue,
    /// What; nothing where it is still to be heard.
    pub question: String,
    /// What came with it.
    pub attachment: Option<Attachment>,
    /// The letter whose message becomes the answer.
    pub placeholder: String,
    /// The letter whose message becomes what was heard.
    pub heard: Option<String>,
    /// The question's message, where the answer is a reply.
    pub reply_to: Option<i64>,
    /// The topic of a forum.
    pub thread: Option<i64>,
    /// How often its answer was begun.
    pub attempts: i64,
    /// Whether nobody waits for an answer any more.
    pub is_stopping: bool,
    /// What was said before in this dialogue.
    pub history: Vec<Message>,
}

/// A question that is asked again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// What; nothing where it is still to be heard.
    pub text: String,
    /// What came with it.
    pub attachment: Option<Attachment>,
}

/// How a turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Answered, or stopped by the user: it is part of the dialogue.
    Answered,
    /// There is no answer: the dialogue goes on as if nothing had been asked.
    Failed,
}

impl Dialogue {
    /// As it is stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Psychologist => "psychologist",
        }
    }

    pub(super) fn of(name: &str) -> Self {
        match name {
            "psychologist" => Self::Psychologist,
            _ => Self::Chat,
        }
    }
}
