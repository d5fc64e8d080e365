use super::{Shared, drafting::Drafting};
use crate::{
    clock,
    render::{LONGEST, markdown, split},
    state::{Delivery, Ended, Outcome, StateError, Turn, Work},
    telegram::{Call, attempt},
    text::Text,
};
use sfera_agent::{
    chat::{Answering, ChatEvent, ChatTurn},
    llm::{LlmError, Message},
    memory::{Exchange, UserId},
};
use std::{sync::Arc, time::Duration};
use tokio::{sync::mpsc, time::sleep};
use tokio_util::sync::CancellationToken;

/// Pieces that may wait to be shown.
const PIECES: usize = 64;
/// How often the draft is looked at.
const BEAT: Duration = Duration::from_millis(250);

/// One answer.
pub(super) struct Writing<'a> {
    shared: &'a Shared,
    chat: i64,
    turn: Turn,
    cancel: CancellationToken,
    /// The message that becomes the answer, once it is there.
    message: Option<i64>,
    text: String,
    drafting: Drafting,
}

/// Who a Telegram user is for memory, by voice and in chat.
pub(super) fn user_id(user: i64) -> UserId {
    UserId::new(format!("tg-{user}"))
}

impl<'a> Writing<'a> {
    pub(super) fn new(
        shared: &'a Shared,
        chat: i64,
        turn: Turn,
        cancel: CancellationToken,
    ) -> Self {
        Self {
            shared,
            chat,
            turn,
            cancel,
            message: None,
            text: String::new(),
            drafting: Drafting::default(),
        }
    }

    /// Writes it. Dropping the future leaves the question open.
    pub(super) async fn run(mut self) -> Result<(), StateError> {
        let mut work = self.shared.store.begin(clock::now()).await?;
        let usual = self.shared.house.settings.language;
        let language = work.language_of(self.turn.user).await?.unwrap_or(usual);
        drop(work);
        let text = Text(language);
        let question: Arc<str> = self.turn.question.as_str().into();
        let mut answer = self.shared.chat.answer(ChatTurn {
            instructions: text.chat_instructions().into(),
            history: std::mem::take(&mut self.turn.history),
            text: question,
            language,
            user: Some(user_id(self.turn.user)),
            cancel: self.cancel.clone(),
            ..ChatTurn::default()
        });
        let (pieces, shown) = mpsc::channel(PIECES);
        let (written, followed) = tokio::join!(pump(&mut answer, pieces), self.follow(shown));
        followed?;
        let said = answer.turn().to_vec();
        self.finish(text, written, &said).await
    }

    /// Shows the draft as it grows, until there is nothing more to come.
    async fn follow(&mut self, mut pieces: mpsc::Receiver<String>) -> Result<(), StateError> {
        loop {
            tokio::select! {
                piece = pieces.recv() => match piece {
                    Some(piece) => self.text.push_str(&piece),
                    None => return Ok(()),
                },
                () = sleep(BEAT) => {}
            }
            let length = self.text.chars().count();
            if self.drafting.is_due(length, clock::now()) && self.place().await?.is_some() {
                self.show(length).await;
            }
        }
    }

    /// The message that becomes the answer, if it is there by now.
    async fn place(&mut self) -> Result<Option<i64>, StateError> {
        if self.message.is_none()
            && let Some(Delivery::Sent(message)) =
                self.shared.store.delivery(&self.turn.placeholder).await?
        {
            self.message = message;
        }
        Ok(self.message)
    }

    async fn show(&mut self, length: usize) {
        let (Some(message), Some(page)) = (self.message, self.pages().into_iter().next()) else {
            return;
        };
        let draft = Call::Edit {
            chat: self.chat,
            message,
            text: page,
            keyboard: crate::telegram::Keyboard::None,
        };
        let outcome = attempt(&self.shared.bot, &draft, clock::now()).await;
        self.drafting.shown(length, clock::now());
        if let Outcome::Later(at) = outcome {
            self.drafting.rest(at);
        }
    }

    fn pages(&self) -> Vec<String> {
        split(&markdown(&self.text), LONGEST)
    }

    /// The whole answer takes the draft's place, and becomes part of the dialogue.
    async fn finish(
        &mut self,
        text: Text,
        written: Result<(), LlmError>,
        said: &[Message],
    ) -> Result<(), StateError> {
        let mut pages = self.pages();
        if let Err(error) = &written {
            tracing::warn!(%error, llm = self.shared.chat.name(), "no whole answer in chat");
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
        self.wait_for_place().await?;
        let mut work = self.shared.store.begin(clock::now()).await?;
        let is_known = work.end_turn(self.turn.id, ended, said).await?;
        self.promise(&mut work, &pages).await?;
        work.commit().await?;
        self.shared.house.outgoing.notify_one();
        if is_known && ended == Ended::Answered {
            self.remember(said).await;
        }
        Ok(())
    }

    /// Until it is known whether there is a message to edit.
    async fn wait_for_place(&mut self) -> Result<(), StateError> {
        while self.message.is_none() {
            match self.shared.store.delivery(&self.turn.placeholder).await? {
                Some(Delivery::Waiting) => sleep(BEAT).await,
                Some(Delivery::Sent(message)) => {
                    self.message = message;
                    break;
                }
                Some(Delivery::InDoubt | Delivery::Refused) | None => break,
            }
        }
        Ok(())
    }

    /// The first page in place of the draft where there is one, the others below it.
    async fn promise(&self, work: &mut Work, pages: &[String]) -> Result<(), StateError> {
        for (number, page) in pages.iter().enumerate() {
            let call = match self.message.filter(|_| number == 0) {
                Some(message) => Call::Edit {
                    chat: self.chat,
                    message,
                    text: page.clone(),
                    keyboard: crate::telegram::Keyboard::None,
                },
                None => Call::message(self.chat, page),
            };
            let key = format!("{}:page:{number}", self.turn.placeholder);
            work.send(&key, self.chat, &call).await?;
        }
        Ok(())
    }

    async fn remember(&self, said: &[Message]) {
        let agent = said.iter().rev().find_map(|message| match message {
            Message::Assistant { text, .. } => Some(text.to_string()),
            _ => None,
        });
        let exchange = Exchange {
            user: self.turn.question.clone(),
            agent: agent.unwrap_or_default(),
        };
        let user = user_id(self.turn.user);
        if let Err(error) = self.shared.chat.remember(&user, &exchange).await {
            tracing::warn!(%error, "an exchange in chat was not remembered");
        }
    }
}

/// Takes the answer piece by piece.
async fn pump(answer: &mut Answering, pieces: mpsc::Sender<String>) -> Result<(), LlmError> {
    while let Some(event) = answer.next().await? {
        if let ChatEvent::Text(text) = event {
            // Nobody shows it any more only where nobody waits for it.
            let _gone = pieces.send(text).await;
        }
    }
    Ok(())
}
