//! Makes a streaming [`Stt`] of a [`Recognizer`]: the VAD cuts, the recogniser hears the pieces.

mod listener;
mod outbox;
mod speech;
mod utterance;

use super::{Recognizer, Stt, SttError, SttEventStream, SttInputStream, SttOptions};
use async_trait::async_trait;
use futures::StreamExt;
use listener::Listener;
use std::sync::Arc;
use tokio::{sync::mpsc, task::JoinSet};
use tokio_stream::wrappers::ReceiverStream;

/// Events on their way to a reader; what does not fit waits in the outbox.
const EVENTS: usize = 16;

/// Listens with a recogniser of whole utterances.
///
/// While the user speaks, what was said so far is recognised about every 0.7 s of new audio, and once
/// more as soon as it gets quiet: the text is shown as interim, and if nothing but silence came after
/// it, it is the final text too, ready the moment speech ends. Otherwise that guess is abandoned and
/// the whole utterance recognised. A final text always goes first: guesses are only made while the
/// recogniser has nothing better to do for this session.
///
/// Speech that begins again within 0.2 s after it ended goes on with the same utterance: a breath
/// between two words does not tear them apart. The final text of the first part is then empty, and
/// that of the last holds all. Until it is certain, the text is interim.
///
/// Utterances over 28 s are cut at their quietest spot and recognised in pieces. At most eight pieces
/// wait; with more, audio is read no further until one is done. The recogniser's failures of a final
/// text end the stream, those of a guess do not. Put a [`super::Retry`] around a recogniser that may
/// fail or hang.
pub struct VadCut<R: ?Sized> {
    recognizer: Arc<R>,
}

impl<R: Recognizer + ?Sized + 'static> VadCut<R> {
    /// Listens with this recogniser.
    #[must_use]
    pub fn new(recognizer: Arc<R>) -> Self {
        Self { recognizer }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<R: Recognizer + ?Sized + 'static> Stt for VadCut<R> {
    fn name(&self) -> &str {
        self.recognizer.name()
    }

    async fn listen(
        &self,
        input: SttInputStream,
        options: SttOptions,
    ) -> Result<SttEventStream, SttError> {
        let (events, receiver) = mpsc::channel(EVENTS);
        let listener = Listener::new(self.recognizer.clone(), options);
        let mut task = JoinSet::new();
        task.spawn(listener.run(input, events));
        // The stream owns the task: dropping it stops listening and computing.
        let stream = ReceiverStream::new(receiver).map(move |event| {
            let _owned = &task;
            event
        });
        Ok(stream.boxed())
    }
}

#[cfg(test)]
mod tests;
