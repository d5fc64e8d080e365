use super::{Tts, TtsError, TtsRequest, TtsStream};
use crate::audio::Frame;
use async_trait::async_trait;
use futures::{StreamExt, stream};
use std::sync::{Arc, Mutex, PoisonError};

/// Sentences kept, at most.
const MAX_SENTENCES: usize = 64;
/// Samples of one sentence kept, at most: ten seconds at 16 kHz. Greetings and apologies are short;
/// long answers are rarely said twice.
const MAX_SAMPLES: usize = 160_000;

/// Remembers what a voice said last, so that greetings and apologies come at once.
///
/// Keeps up to 64 sentences of up to 160,000 samples (20 MB), shared by all sessions that share the
/// value. What was cut short or failed is not kept.
pub struct CacheTts {
    inner: Arc<dyn Tts>,
    sentences: Arc<Mutex<Sentences>>,
}

impl CacheTts {
    /// Puts an empty cache before a voice.
    #[must_use]
    pub fn new(inner: Arc<dyn Tts>) -> Self {
        Self {
            inner,
            sentences: Arc::default(),
        }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Tts for CacheTts {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn synthesize(&self, request: TtsRequest) -> Result<TtsStream, TtsError> {
        if let Some(frames) = with(&self.sentences, |sentences| sentences.get(&request)) {
            return Ok(stream::iter(frames).map(Ok).boxed());
        }
        let stream = self.inner.synthesize(request.clone()).await?;
        let recording = Recording {
            request,
            frames: Vec::new(),
            samples: 0,
        };
        let sentences = Arc::clone(&self.sentences);
        let state = (stream, Some(recording), sentences);
        Ok(
            stream::unfold(state, |(mut stream, mut recording, sentences)| async move {
                let item = stream.next().await;
                match &item {
                    Some(Ok(frame)) => recording = recording.and_then(|r| r.with(frame)),
                    Some(Err(_)) => recording = None,
                    None => {
                        if let Some(recording) = recording.take() {
                            with(&sentences, |sentences| sentences.put(recording));
                        }
                    }
                }
                item.map(|item| (item, (stream, recording, sentences)))
            })
            .boxed(),
        )
    }
}

struct Recording {
    request: TtsRequest,
    frames: Vec<Frame>,
    samples: usize,
}

impl Recording {
    fn with(mut self, frame: &Frame) -> Option<Self> {
        self.samples += frame.samples().len();
        self.frames.push(frame.clone());
        (self.samples <= MAX_SAMPLES).then_some(self)
    }
}

/// Newest last.
#[derive(Default)]
struct Sentences(Vec<(TtsRequest, Vec<Frame>)>);

impl Sentences {
    fn get(&mut self, request: &TtsRequest) -> Option<Vec<Frame>> {
        let at = self.0.iter().position(|(known, _)| known == request)?;
        let entry = self.0.remove(at);
        let frames = entry.1.clone();
        self.0.push(entry);
        Some(frames)
    }

    fn put(&mut self, recording: Recording) {
        self.0.retain(|(known, _)| *known != recording.request);
        if self.0.len() >= MAX_SENTENCES {
            self.0.remove(0);
        }
        self.0.push((recording.request, recording.frames));
    }
}

fn with<T>(sentences: &Mutex<Sentences>, act: impl FnOnce(&mut Sentences) -> T) -> T {
    act(&mut sentences.lock().unwrap_or_else(PoisonError::into_inner))
}

#[cfg(all(test, feature = "test-util"))]
mod tests {
    use super::*;
    use crate::testing::{ScriptedTts, TtsStep};
    use futures::TryStreamExt;
    use std::time::Duration;

    async fn say(tts: &CacheTts, text: &str) -> Result<Vec<Frame>, TtsError> {
        let request = TtsRequest {
            text: text.into(),
            ..TtsRequest::default()
        };
        tts.synthesize(request).await?.try_collect().await
    }

    #[tokio::test(start_paused = true)]
    async fn a_sentence_said_before_is_not_said_by_the_voice_again() {
        let voice = Arc::new(ScriptedTts::default());
        let tts = CacheTts::new(Arc::clone(&voice) as Arc<dyn Tts>);
        let first = say(&tts, "Привет").await.unwrap();
        assert_eq!(say(&tts, "Привет").await.unwrap(), first);
        assert_eq!(voice.requests().len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn failures_and_cut_and_long_sentences_are_not_kept() {
        let voice = Arc::new(ScriptedTts::default().then(TtsStep::FailAfter(
            Duration::from_millis(20),
            TtsError::Protocol,
        )));
        let tts = CacheTts::new(Arc::clone(&voice) as Arc<dyn Tts>);
        assert_eq!(say(&tts, "Привет").await, Err(TtsError::Protocol));
        assert!(say(&tts, "Привет").await.is_ok());
        let long = "а".repeat(1_000);
        for _ in 0..2 {
            assert!(say(&tts, &long).await.is_ok());
        }
        assert_eq!(voice.requests().len(), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn the_oldest_sentence_is_forgotten_first() {
        let voice = Arc::new(ScriptedTts::default());
        let tts = CacheTts::new(Arc::clone(&voice) as Arc<dyn Tts>);
        for number in 0..=MAX_SENTENCES {
            say(&tts, &number.to_string()).await.unwrap();
        }
        say(&tts, &MAX_SENTENCES.to_string()).await.unwrap();
        assert_eq!(voice.requests().len(), MAX_SENTENCES + 1);
        say(&tts, "0").await.unwrap();
        assert_eq!(voice.requests().len(), MAX_SENTENCES + 2);
    }
}
