//! How an answer ends: with its pages, or with why there are none.

use super::{place::Place, writing::Writing};
use crate::{
    calls::identity,
    mind::HOST,
    state::{Ended, StateError, Work},
    telegram::{Call, Keyboard},
    text::Text,
};
use sfera_agent::{
    llm::{LlmError, Message, Usage},
    memory::{Exchange, Origin},
};

impl Writing<'_> {
    /// The whole answer takes the draft's place, and becomes part of the dialogue.
    pub(super) async fn finish(
        &mut self,
        text: Text,
        written: Result<(), LlmError>,
        said: &[Message],
        cost: Usage,
    ) -> Result<(), StateError> {
        let mut pages = self.pages();
        if let Err(error) = &written {
            tracing::warn!(%error, llm = self.shared.mind.private.name(), "no whole answer in chat");
            pages.push(text.no_answer(error).to_owned());
        } else if pages.is_empty() {
            let nothing = match self.cancel.is_cancelled() {
                true => text.cancelled(),
                false => text.empty_answer(),
            };
            pages.push(nothing.to_owned());
        }
        let ended = match self.text.is_empty() && written.is_err() {
            true => Ended::Failed,
            false => Ended::Answered,
        };
        let (mut work, is_known) = self.end(ended, said).await?;
        work.count_tokens(self.turn.user, cost).await?;
        let leaves = self.leaves();
        // What was written is forgotten too.
        if leaves {
            // What was said elsewhere since the memory forgot is not kept either.
            let forgettings = &self.shared.house.forgettings;
            forgettings.begin(&identity(self.turn.user));
            work.forget_person(self.turn.user).await?;
            pages = vec![text.forgotten().to_owned()];
        } else if !is_known {
            pages = vec![text.cancelled().to_owned()];
        }
        self.promise(work, &pages).await?;
        if leaves {
            // Their other answers are stopped.
            self.shared.house.answers.notify_one();
            self.shared.store.empty_log().await?;
        } else if is_known && ended == Ended::Answered {
            self.remember(said).await;
        }
        Ok(())
    }

    /// There is no answer, and this is why.
    pub(super) async fn refuse(&mut self, said: &str) -> Result<(), StateError> {
        self.unheard().await?;
        let (work, _) = self.end(Ended::Failed, &[]).await?;
        self.promise(work, &[said.to_owned()]).await
    }

    /// Somebody told by voice what nobody should be alone with.
    pub(super) async fn comfort(&mut self, text: Text) -> Result<(), StateError> {
        let said = [
            Message::User {
                text: self.turn.question.as_str().into(),
            },
            Message::Assistant {
                text: text.crisis_answered().into(),
                interrupted: false,
            },
        ];
        let (mut work, _) = self.end(Ended::Answered, &said).await?;
        work.spoken(self.turn.id).await?;
        self.promise(work, &[text.crisis().to_owned()]).await
    }

    /// Ends the turn, once it is known where the answer goes.
    async fn end(&mut self, ended: Ended, said: &[Message]) -> Result<(Work, bool), StateError> {
        if self.place == Place::Coming {
            self.place = Place::settled(&self.shared.store, &self.turn.placeholder).await?;
        }
        let mut work = self.shared.work().await?;
        let is_known = work.end_turn(self.turn.id, ended, said).await?;
        Ok((work, is_known))
    }

    /// The first page in place of the draft where there is one, the others below it.
    async fn promise(&self, mut work: Work, pages: &[String]) -> Result<(), StateError> {
        for (number, page) in pages.iter().enumerate() {
            let call = match number {
                0 => self.in_place(self.place, page.clone()),
                _ => self.message(page.clone(), None),
            };
            let key = format!("{}:page:{number}", self.turn.placeholder);
            work.send(&key, self.chat, &call).await?;
        }
        work.commit().await?;
        self.shared.house.outgoing.notify_one();
        self.shared.unspoken.notify_one();
        Ok(())
    }

    /// A text in place of a message, or as one of its own.
    pub(super) fn in_place(&self, place: Place, text: String) -> Call {
        match place.message() {
            Some(message) => Call::Edit {
                chat: self.chat,
                message,
                text,
                keyboard: Keyboard::None,
            },
            None => self.message(text, self.turn.reply_to),
        }
    }

    fn message(&self, text: String, reply_to: Option<i64>) -> Call {
        Call::Message {
            chat: self.chat,
            text,
            keyboard: Keyboard::None,
            reply_to,
            thread: self.turn.thread,
        }
    }

    /// Whether the user was forgotten by what was done for this answer.
    fn leaves(&self) -> bool {
        let known = self.shared.mind.memory.as_ref().zip(self.person());
        known.is_some_and(|(memory, user)| memory.leaves(&user))
    }

    /// Nothing of it stays if the user is forgotten in between.
    async fn remember(&self, said: &[Message]) {
        let Some(user) = self.person().filter(|_| !self.is_forgotten()) else {
            return;
        };
        let agent = said.iter().rev().find_map(|message| match message {
            Message::Assistant { text, .. } => Some(text.to_string()),
            _ => None,
        });
        let exchange = Exchange {
            user: self.turn.question.clone(),
            agent: agent.unwrap_or_default(),
            origin: Origin {
                host: Some(HOST.into()),
                ..Origin::default()
            },
        };
        if let Err(error) = self.shared.mind.private.remember(&user, &exchange).await {
            tracing::warn!(%error, "an exchange in chat was not remembered");
        }
        if let Some(memory) = &self.shared.mind.memory
            && self.is_forgotten()
            && let Err(error) = memory.forget_again(&user).await
        {
            tracing::error!(%error, "an exchange with somebody who was forgotten may be left");
        }
    }
}
