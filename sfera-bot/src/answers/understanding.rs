//! What came with a question: a voice message becomes words, a picture is fetched.

use super::{
    fetching::{Unfetched, fetch},
    hearing::hear,
    place::Place,
    writing::Writing,
};
use crate::{
    handling::LARGEST,
    render::{LONGEST, split},
    state::{Attachment, StateError},
    telegram::Call,
    text::Text,
};
use sfera_agent::llm::Image;

impl Writing<'_> {
    /// The pictures; or what is told instead of an answer.
    pub(super) async fn understand(
        &mut self,
        text: Text,
    ) -> Result<Result<Vec<Image>, String>, StateError> {
        let Some(attachment) = self.turn.attachment.clone() else {
            return Ok(Ok(Vec::new()));
        };
        let (Attachment::Voice { file } | Attachment::Picture { file, .. }) = &attachment;
        let bytes = match fetch(&self.shared.bot, file, LARGEST).await {
            Ok(bytes) => bytes,
            Err(Unfetched::TooLarge) => return Ok(Err(text.file_too_large(LARGEST >> 20))),
            Err(Unfetched::NotGiven) => return Ok(Err(text.file_not_given().to_owned())),
        };
        match attachment {
            Attachment::Picture { media_type, .. } => Ok(Ok(vec![Image {
                media_type: media_type.into(),
                bytes: bytes.into(),
            }])),
            Attachment::Voice { .. } => match hear(self.shared, bytes, text.0).await {
                Err(_) => Ok(Err(text.not_heard().to_owned())),
                Ok(words) if words.is_empty() => Ok(Err(text.heard_nothing().to_owned())),
                Ok(words) => self.heard(text, words).await.map(Ok),
            },
        }
    }

    /// The words are shown, and are the question from now on: both or neither.
    async fn heard(&mut self, text: Text, words: String) -> Result<Vec<Image>, StateError> {
        let shown = split(&text.heard(&words), LONGEST).into_iter().next();
        let letter = self.turn.heard.clone();
        let place = match &letter {
            Some(letter) => Place::settled(&self.shared.store, letter).await?,
            None => Place::Nowhere,
        };
        let mut work = self.shared.work().await?;
        work.understood(self.turn.id, &words).await?;
        if let (Some(letter), Some(shown)) = (letter, shown) {
            let call = self.in_place(place, shown);
            let key = format!("{letter}:heard");
            work.send(&key, self.chat, &call).await?;
        }
        work.commit().await?;
        self.shared.house.outgoing.notify_one();
        self.turn.question = words;
        self.turn.attachment = None;
        Ok(Vec::new())
    }

    /// Takes "🎤 …" away again, where there will be no words in its place.
    pub(super) async fn unheard(&self) -> Result<(), StateError> {
        let is_voice = matches!(self.turn.attachment, Some(Attachment::Voice { .. }));
        let Some(letter) = self.turn.heard.as_ref().filter(|_| is_voice) else {
            return Ok(());
        };
        let place = Place::settled(&self.shared.store, letter).await?;
        let Some(message) = place.message() else {
            return Ok(());
        };
        let call = Call::Delete {
            chat: self.chat,
            message,
        };
        let mut work = self.shared.work().await?;
        let key = format!("{letter}:unheard");
        work.send(&key, self.chat, &call).await?;
        work.commit().await
    }
}
