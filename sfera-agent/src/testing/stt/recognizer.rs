use crate::{
    audio::Frame,
    stt::{Recognizer, SttError, SttOptions, Transcript},
};
use async_trait::async_trait;
use std::{
    collections::VecDeque,
    future,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// What a [`ScriptedRecognizer`] does with one call.
#[derive(Clone, Debug, PartialEq)]
pub enum Recognition {
    /// This text, after this time.
    Text(Duration, String),
    /// This error, after this time.
    Error(Duration, SttError),
    /// No answer, ever.
    Hang,
}

impl Recognition {
    /// This text at once.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Text(Duration::ZERO, text.to_owned())
    }
}

/// A recogniser that follows a script instead of its ears: one step a call, and after the last one
/// empty texts. It notes what it was asked.
#[derive(Debug, Default)]
pub struct ScriptedRecognizer {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    script: VecDeque<Recognition>,
    heard: Vec<Frame>,
    answered: usize,
    cancelled: usize,
}

impl ScriptedRecognizer {
    /// Answers as scripted, in the order of the calls.
    #[must_use]
    pub fn new(script: impl IntoIterator<Item = Recognition>) -> Self {
        let inner = Inner {
            script: script.into_iter().collect(),
            ..Inner::default()
        };
        Self {
            inner: Mutex::new(inner),
        }
    }

    /// What it was given to recognise, call after call.
    #[must_use]
    pub fn heard(&self) -> Vec<Frame> {
        self.lock().heard.clone()
    }

    /// Calls that were answered, with a text or an error.
    #[must_use]
    pub fn answered(&self) -> usize {
        self.lock().answered
    }

    /// Calls that were dropped before an answer.
    #[must_use]
    pub fn cancelled(&self) -> usize {
        self.lock().cancelled
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Notes how a call ended.
struct Call<'a> {
    recognizer: &'a ScriptedRecognizer,
    answered: bool,
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        let mut inner = self.recognizer.lock();
        if self.answered {
            inner.answered += 1;
        } else {
            inner.cancelled += 1;
        }
    }
}

#[async_trait]
impl Recognizer for ScriptedRecognizer {
    fn name(&self) -> &str {
        "scripted"
    }

    async fn recognize(&self, audio: Frame, _: &SttOptions) -> Result<Transcript, SttError> {
        let step = {
            let mut inner = self.lock();
            inner.heard.push(audio);
            inner.script.pop_front()
        };
        let mut call = Call {
            recognizer: self,
            answered: false,
        };
        let (after, answer) = match step.unwrap_or(Recognition::text("")) {
            Recognition::Text(after, text) => (after, Ok(text)),
            Recognition::Error(after, error) => (after, Err(error)),
            Recognition::Hang => future::pending().await,
        };
        tokio::time::sleep(after).await;
        call.answered = true;
        answer.map(|text| Transcript {
            text,
            confidence: None,
        })
    }
}
