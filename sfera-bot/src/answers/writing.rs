use super::{Shared, drafting::Drafting, place::Place};
use crate::{
    calls::identity,
    clock, crisis,
    render::{LONGEST, markdown, split},
    state::{Dialogue, Ended, Outcome, StateError, Turn, Work},
    telegram::{Call, Keyboard, attempt},
    text::Text,
};
use sfera_agent::{
    chat::{Answering, Chat, ChatEvent, ChatTurn},
    llm::{Image, LlmError, Message, Usage},
    memory::{Exchange, UserId},
};
use std::time::Duration;
use tokio::{sync::mpsc, time::sleep};
use tokio_util::sync::CancellationToken;

/// Pieces that may wait to be shown.
const PIECES: usize = 64;
/// How often the draft is looked at.
const BEAT: Duration = Duration::from_millis(250);
/// How often an answer is begun, at most: one that breaks the process is left alone then.
const ATTEMPTS: i64 = 5;

/// One answer.
pub(super) struct Writing<'a> {
    pub(super) shared: &'a Shared,
    pub(super) chat: i64,
    pub(super) turn: Turn,
    cancel: CancellationToken,
    /// Where the message is that becomes the answer.
    place: Place,
    text: String,
    drafting: Drafting,
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
            place: Place::Coming,
            text: String::new(),
            drafting: Drafting::new(is_group(chat)),
        }
    }

    /// Writes it. Dropping the future leaves the question open.
    pub(super) async fn run(mut self) -> Result<(), StateError> {
        let text = self.language().await?;
        if self.turn.attempts > ATTEMPTS {
            tracing::error!(turn = self.turn.id, "an answer breaks off again and again");
            return self.refuse(text.unanswerable()).await;
        }
        let cancel = self.cancel.clone();
        let understood = cancel.run_until_cancelled(self.understand(text)).await;
        let images = match understood.transpose()? {
            Some(Ok(images)) => images,
            Some(Err(said)) => return self.refuse(&said).await,
            None => return self.refuse(text.cancelled()).await,
        };
        if self.turn.kind == Dialogue::Psychologist && crisis::is_told(&self.turn.question) {
            return self.comfort(text).await;
        }
        let asked = self.asked(text, images);
        let mut answer = self.mind().answer(asked);
        let (pieces, shown) = mpsc::channel(PIECES);
        let mut cost = Usage::default();
        let (written, followed) =
            tokio::join!(pump(&mut answer, pieces, &mut cost), self.follow(shown));
        followed?;
        let said = answer.turn().to_vec();
        self.finish(text, written, &said, cost).await
    }

    async fn language(&self) -> Result<Text, StateError> {
        let mut work = self.shared.store.begin(clock::now()).await?;
        let usual = self.shared.house.settings.language;
        let language = work.language_of(self.turn.user).await?;
        Ok(Text(language.unwrap_or(usual)))
    }

    fn asked(&mut self, text: Text, images: Vec<Image>) -> ChatTurn {
        let instructions = match self.turn.kind {
            Dialogue::Chat => text.chat_instructions(),
            Dialogue::Psychologist => text.psychologist_instructions(),
        };
        ChatTurn {
            instructions: instructions.into(),
            history: std::mem::take(&mut self.turn.history),
            text: self.turn.question.as_str().into(),
            images,
            language: text.0,
            user: self.person(),
            cancel: self.cancel.clone(),
        }
    }

    /// Who answers. What is told to the psychologist is nothing to memory, the knowledge base and tools.
    fn mind(&self) -> Chat {
        match self.turn.kind {
            Dialogue::Chat => self.shared.chat.clone(),
            Dialogue::Psychologist => self.shared.chat.alone(),
        }
    }

    /// Whom memory knows. In a group others read along: there it is nobody.
    fn person(&self) -> Option<UserId> {
        let remembered = self.turn.kind == Dialogue::Chat && !is_group(self.chat);
        remembered.then(|| identity(self.turn.user))
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
            if !self.drafting.is_due(length, clock::now()) {
                continue;
            }
            if self.place == Place::Coming {
                self.place = Place::of(&self.shared.store, &self.turn.placeholder).await?;
            }
            self.show(length).await;
        }
    }

    async fn show(&mut self, length: usize) {
        let (Some(message), Some(page)) = (self.place.message(), self.pages().into_iter().next())
        else {
            return;
        };
        let draft = Call::Edit {
            chat: self.chat,
            message,
            text: page,
            keyboard: Keyboard::None,
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
        cost: Usage,
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
        let (mut work, is_known) = self.end(ended, said).await?;
        work.count_tokens(self.turn.user, cost).await?;
        self.promise(work, &pages).await?;
        if is_known && ended == Ended::Answered {
            self.remember(said).await;
        }
        Ok(())
    }

    /// There is no answer, and this is why.
    async fn refuse(&mut self, said: &str) -> Result<(), StateError> {
        self.unheard().await?;
        let (work, _) = self.end(Ended::Failed, &[]).await?;
        self.promise(work, &[said.to_owned()]).await
    }

    /// Somebody told by voice what nobody should be alone with.
    async fn comfort(&mut self, text: Text) -> Result<(), StateError> {
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
        let mut work = self.shared.store.begin(clock::now()).await?;
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

    async fn remember(&self, said: &[Message]) {
        let Some(user) = self.person() else { return };
        let agent = said.iter().rev().find_map(|message| match message {
            Message::Assistant { text, .. } => Some(text.to_string()),
            _ => None,
        });
        let exchange = Exchange {
            user: self.turn.question.clone(),
            agent: agent.unwrap_or_default(),
        };
        if let Err(error) = self.shared.chat.remember(&user, &exchange).await {
            tracing::warn!(%error, "an exchange in chat was not remembered");
        }
    }
}

/// Telegram numbers groups below zero.
const fn is_group(chat: i64) -> bool {
    chat < 0
}

/// Takes the answer piece by piece, and adds up what it costs.
async fn pump(
    answer: &mut Answering,
    pieces: mpsc::Sender<String>,
    cost: &mut Usage,
) -> Result<(), LlmError> {
    while let Some(event) = answer.next().await? {
        match event {
            ChatEvent::Text(text) => {
                // Nobody shows it any more only where nobody waits for it.
                let _gone = pieces.send(text).await;
            }
            ChatEvent::Usage(step) => {
                cost.prompt_tokens = cost.prompt_tokens.saturating_add(step.prompt_tokens);
                let written = step.completion_tokens;
                cost.completion_tokens = cost.completion_tokens.saturating_add(written);
            }
            ChatEvent::ToolStarted(_) | ChatEvent::ToolEnded { .. } | ChatEvent::Citation(_) => {}
        }
    }
    Ok(())
}
