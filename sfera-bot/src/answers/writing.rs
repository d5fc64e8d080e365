use super::{Shared, drafting::Drafting, place::Place};
use crate::{
    calls::identity,
    crisis,
    render::{LONGEST, markdown, split},
    state::{Dialogue, Outcome, StateError, Turn},
    telegram::{Call, Keyboard, Urgency, Weight, attempt},
    text::Text,
};
use sfera_agent::{
    chat::{Answering, Chat, ChatEvent, ChatTurn},
    llm::{Image, LlmError, Usage},
    memory::UserId,
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
    pub(super) cancel: CancellationToken,
    /// Where the message is that becomes the answer.
    pub(super) place: Place,
    pub(super) text: String,
    /// How often the user was forgotten before it began.
    forgettings: u64,
    drafting: Drafting,
}

impl<'a> Writing<'a> {
    pub(super) fn new(
        shared: &'a Shared,
        chat: i64,
        turn: Turn,
        cancel: CancellationToken,
    ) -> Self {
        let forgettings = shared.house.forgettings.of(&identity(turn.user));
        Self {
            shared,
            chat,
            turn,
            cancel,
            place: Place::Coming,
            text: String::new(),
            forgettings,
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
        let mut work = self.shared.work().await?;
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
            Dialogue::Chat if is_group(self.chat) => self.shared.mind.group.clone(),
            Dialogue::Chat => self.shared.mind.private.clone(),
            Dialogue::Psychologist => self.shared.mind.private.alone(),
        }
    }

    /// Whom memory knows. In a group others read along: there it is nobody.
    pub(super) fn person(&self) -> Option<UserId> {
        let remembered = self.turn.kind == Dialogue::Chat && !is_group(self.chat);
        remembered.then(|| identity(self.turn.user))
    }

    /// Whether the user was forgotten since it began.
    pub(super) fn is_forgotten(&self) -> bool {
        let forgettings = &self.shared.house.forgettings;
        forgettings.of(&identity(self.turn.user)) != self.forgettings
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
            if !self.drafting.is_due(length, self.shared.house.clock.now()) {
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
        let (pace, now) = (&self.shared.house.pace, self.shared.house.clock.now());
        // What is not shown now is shown with more of it at the next beat.
        if pace
            .admit(self.chat, Weight::Edit, Urgency::Draft, now)
            .is_err()
        {
            return;
        }
        let draft = Call::Edit {
            chat: self.chat,
            message,
            text: page,
            keyboard: Keyboard::None,
        };
        let outcome = attempt(&self.shared.bot, &draft, self.shared.house.clock.now()).await;
        self.drafting.shown(length, self.shared.house.clock.now());
        if let Outcome::Later(at) = outcome {
            self.drafting.rest(at);
        }
    }

    pub(super) fn pages(&self) -> Vec<String> {
        split(&markdown(&self.text), LONGEST)
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
