use super::{Incoming, Me, Rights, Standing};
use crate::{
    calls::Speakers,
    clock::Clock,
    config::Settings,
    forgetting::Forgettings,
    rooms::course::Shelf,
    state::{Millis, StateError, Store, User, Work},
    telegram::{Call, Keyboard, Pace},
    text::Text,
    voice,
};
use sfera_agent::{Language, assembly::Hands};
use std::sync::Arc;
use tokio::sync::Notify;

/// What whoever answers can do, beside reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Senses {
    /// Voice messages are understood.
    pub hears: bool,
    /// Pictures are looked at.
    pub sees: bool,
    /// It is a language model, and not the embedded assistant, that holds conversations.
    pub converses: bool,
}

/// What is the same for everybody.
#[derive(Debug)]
pub struct House {
    /// The settings.
    pub settings: Settings,
    /// The bot's own name, without the @.
    pub username: String,
    /// What whoever answers can do.
    pub senses: Senses,
    /// Told when something was promised to be sent.
    pub outgoing: Arc<Notify>,
    /// Told when an answer was promised, or is to be stopped.
    pub answers: Arc<Notify>,
    /// Told when a broadcast was begun or is to be stopped.
    pub broadcasts: Arc<Notify>,
    /// Who administers.
    pub rights: Rights,
    /// Told when something is to be looked up.
    pub errands: Arc<Notify>,
    /// Told when a reminder was made or moved.
    pub reminders: Arc<Notify>,
    /// The course.
    pub shelf: Shelf,
    /// What time it is.
    pub clock: Clock,
    /// How fast Telegram may be written to.
    pub pace: Pace,
    /// How it is with calls in this process.
    pub voice: voice::Status,
    /// The agents that speak in this process.
    pub speakers: Speakers,
    /// What they can do beyond their tools.
    pub hands: Hands,
    /// Who was forgotten.
    pub forgettings: Forgettings,
}

impl House {
    /// Who the bot is.
    pub fn me(&self) -> Me<'_> {
        Me {
            id: self.settings.bot_id(),
            username: &self.username,
        }
    }
}

/// One update on its way: what is said here becomes true all at once.
pub struct Desk<'a> {
    /// The transaction.
    pub work: Work,
    /// What is the same for everybody.
    pub house: &'a House,
    /// What whoever did this may do.
    pub standing: Standing,
    update_id: i64,
    said: usize,
    woken: Vec<Arc<Notify>>,
}

impl<'a> Desk<'a> {
    /// Begins.
    pub async fn open(
        store: &Store,
        house: &'a House,
        update_id: i64,
        now: Millis,
    ) -> Result<Self, StateError> {
        Ok(Self {
            work: store.begin(now).await?,
            house,
            standing: Standing::Nobody,
            update_id,
            said: 0,
            woken: Vec::new(),
        })
    }

    /// Makes it true, and tells those who carry it out.
    pub async fn close(self) -> Result<(), StateError> {
        self.work.commit().await?;
        if self.said > 0 {
            self.house.outgoing.notify_one();
        }
        self.house.answers.notify_one();
        for whom in self.woken {
            whom.notify_one();
        }
        Ok(())
    }

    /// Whether this update is an administrator's.
    pub fn is_admin(&self) -> bool {
        self.standing == Standing::Admin
    }

    /// Those who send broadcasts are told when this becomes true.
    pub fn tell_broadcasts(&mut self) {
        self.woken.push(self.house.broadcasts.clone());
    }

    /// Tells somebody once what is said here has become true.
    pub fn wakes(&mut self, whom: &Arc<Notify>) {
        self.woken.push(whom.clone());
    }

    /// What is said in the language of whoever asked.
    pub fn text(&self, user: &User) -> Text {
        Text(user.language)
    }

    /// What is said to administrators.
    pub fn admin_text(&self) -> Text {
        Text(self.house.settings.language)
    }

    /// Promises a call; which name it has from now on.
    pub async fn send(&mut self, lane: i64, call: &Call) -> Result<String, StateError> {
        let key = format!("{}:{}", self.update_id, self.said);
        self.said += 1;
        self.work.send(&key, lane, call).await?;
        Ok(key)
    }

    /// Promises a call under a name of its own: whatever is called so is promised once only.
    pub async fn send_once(
        &mut self,
        key: String,
        lane: i64,
        call: &Call,
    ) -> Result<String, StateError> {
        self.said += 1;
        self.work.send(&key, lane, call).await?;
        Ok(key)
    }

    /// Promises a message.
    pub async fn say(&mut self, chat: i64, text: impl Into<String>) -> Result<String, StateError> {
        self.send(chat, &Call::message(chat, text)).await
    }

    /// Promises a message in answer to another: a reply in a group, in its topic.
    pub async fn answer(
        &mut self,
        incoming: &Incoming,
        text: impl Into<String>,
    ) -> Result<String, StateError> {
        self.answer_with(incoming, text, Keyboard::None).await
    }

    /// The same with something to tap below it.
    pub async fn answer_with(
        &mut self,
        incoming: &Incoming,
        text: impl Into<String>,
        keyboard: Keyboard,
    ) -> Result<String, StateError> {
        let call = Call::Message {
            chat: incoming.chat,
            text: text.into(),
            keyboard,
            reply_to: incoming.message.filter(|_| !incoming.is_private),
            thread: incoming.thread,
        };
        self.send(incoming.chat, &call).await
    }

    /// Promises a message with something to tap below it.
    pub async fn say_with(
        &mut self,
        chat: i64,
        text: impl Into<String>,
        keyboard: Keyboard,
    ) -> Result<String, StateError> {
        let call = Call::message(chat, text).with_keyboard(keyboard);
        self.send(chat, &call).await
    }

    /// The language of those whose own the bot does not speak.
    pub fn usual_language(&self) -> Language {
        self.house.settings.language
    }
}
