use crate::{
    Language,
    audio::{Frame, SampleRate},
    tts::{Tts, TtsError, TtsRequest, TtsStream},
};
use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt, stream};
use std::{
    collections::VecDeque,
    future,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::sleep;

const FRAME: Duration = Duration::from_millis(20);

/// What a [`ScriptedTts`] does with one request. Times are of sound, not of the clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TtsStep {
    /// Says all.
    Speak,
    /// Refuses.
    Fail(TtsError),
    /// Fails once so much sound came.
    FailAfter(Duration, TtsError),
    /// Gives no more once so much sound came.
    HangAfter(Duration),
}

/// A voice for tests: a quiet tone of a given length for each character.
///
/// Latency passes on tokio's clock, so with `start_paused` no test waits.
#[derive(Debug)]
pub struct ScriptedTts {
    per_char: Duration,
    latency: Duration,
    steps: Mutex<VecDeque<TtsStep>>,
    requests: Mutex<Vec<TtsRequest>>,
}

impl Default for ScriptedTts {
    /// 60 ms a character (as people speak) and no latency.
    fn default() -> Self {
        Self::new(Duration::from_millis(60), Duration::ZERO)
    }
}

impl ScriptedTts {
    /// So much sound for each character, the first of it after `latency`.
    #[must_use]
    pub fn new(per_char: Duration, latency: Duration) -> Self {
        Self {
            per_char,
            latency,
            steps: Mutex::default(),
            requests: Mutex::default(),
        }
    }

    /// Appends what to do with the next request; when the script is over it speaks.
    #[must_use]
    pub fn then(self, step: TtsStep) -> Self {
        lock(&self.steps).push_back(step);
        self
    }

    /// Every request so far, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<TtsRequest> {
        lock(&self.requests).clone()
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Tts for ScriptedTts {
    fn name(&self) -> &str {
        "scripted"
    }

    async fn synthesize(&self, request: TtsRequest) -> Result<TtsStream, TtsError> {
        let step = lock(&self.steps).pop_front().unwrap_or(TtsStep::Speak);
        let spoken = request.text.chars().any(char::is_alphanumeric);
        let length = self.per_char * request.text.chars().count() as u32;
        lock(&self.requests).push(request);
        // Even a sleep of nothing lasts until the next tick of the clock.
        if !self.latency.is_zero() {
            sleep(self.latency).await;
        }
        let whole = if spoken { length } else { Duration::ZERO };
        match step {
            TtsStep::Speak => Ok(sound(whole).boxed()),
            TtsStep::Fail(error) => Err(error),
            TtsStep::FailAfter(part, error) => {
                let failure = stream::once(future::ready(Err(error)));
                Ok(sound(part.min(whole)).chain(failure).boxed())
            }
            TtsStep::HangAfter(part) => Ok(sound(part.min(whole)).chain(stream::pending()).boxed()),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Frames of 20 ms; the last may be shorter.
fn sound(length: Duration) -> impl futures::Stream<Item = Result<Frame, TtsError>> + Send {
    let rate = SampleRate::HZ_16000;
    let tone = |n: u64| {
        if (n / 40).is_multiple_of(2) {
            1_000
        } else {
            -1_000
        }
    };
    let total = rate.samples(length);
    let block = rate.samples(FRAME);
    let starts = (0..total).step_by(block as usize);
    stream::iter(starts.map(move |start| {
        let samples = (start..(start + block).min(total)).map(tone);
        Ok(Frame::new(rate, samples.collect::<Vec<i16>>()))
    }))
}

/// Checks that a voice keeps the contract of [`Tts`]; panics if it does not.
///
/// Speaks a few short sentences, so a paid service costs a few cents.
///
/// # Panics
/// If the voice breaks the contract.
#[expect(
    clippy::panic,
    reason = "a failed check is what the caller wants to see"
)]
pub async fn tts_conformance(tts: &dyn Tts, language: Language) {
    let (short, long) = match language {
        Language::Ru => (
            "Да.",
            "Это предложение заметно длиннее и звучит дольше первого.",
        ),
        Language::En => (
            "Yes.",
            "This sentence is a good deal longer and takes more time to say.",
        ),
    };
    assert!(!tts.name().is_empty(), "a voice has a name");
    let first = said(tts, short, language).await;
    assert!(
        first > Duration::from_millis(50),
        "{short:?} lasts only {first:?}"
    );
    let longer = said(tts, long, language).await;
    assert!(
        longer > first,
        "{long:?} lasts {longer:?}, {short:?} {first:?}"
    );
    for nothing in ["", " \n", "…", "🙂", "— !?"] {
        let silence = said(tts, nothing, language).await;
        assert_eq!(
            silence,
            Duration::ZERO,
            "{nothing:?} has nothing to pronounce"
        );
    }

    let at_once = tokio::join!(said(tts, short, language), said(tts, long, language));
    assert!(
        at_once.1 > at_once.0,
        "two sentences at once are not mixed up"
    );

    let stream = tts.synthesize(request(long, language)).await;
    let mut stream = stream.unwrap_or_else(|error| panic!("{long:?}: {error}"));
    assert!(stream.next().await.is_some_and(|item| item.is_ok()));
    drop(stream);
    let again = said(tts, short, language).await;
    assert!(
        !again.is_zero(),
        "a stream dropped half-way does not hurt the next"
    );
}

fn request(text: &str, language: Language) -> TtsRequest {
    TtsRequest {
        text: text.into(),
        language,
    }
}

#[expect(
    clippy::panic,
    reason = "a failed check is what the caller wants to see"
)]
async fn said(tts: &dyn Tts, text: &str, language: Language) -> Duration {
    let stream = tts.synthesize(request(text, language)).await;
    let stream = stream.unwrap_or_else(|error| panic!("{text:?}: {error}"));
    let frames: Vec<Frame> = stream
        .try_collect()
        .await
        .unwrap_or_else(|error| panic!("{text:?} half-way: {error}"));
    let rates: Vec<SampleRate> = frames.iter().map(Frame::rate).collect();
    assert!(
        rates.windows(2).all(|pair| pair[0] == pair[1]),
        "one rate a stream"
    );
    assert!(
        frames.iter().all(|frame| !frame.samples().is_empty()),
        "no empty frames"
    );
    frames.iter().map(Frame::duration).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_scripted_voice_keeps_the_contract() {
        tts_conformance(&ScriptedTts::new(FRAME, FRAME * 10), Language::Ru).await;
    }

    #[tokio::test(start_paused = true)]
    async fn it_follows_its_script() {
        let tts = ScriptedTts::default()
            .then(TtsStep::FailAfter(FRAME * 2, TtsError::Protocol))
            .then(TtsStep::HangAfter(FRAME));
        let stream = tts
            .synthesize(request("Привет", Language::Ru))
            .await
            .unwrap();
        let items: Vec<_> = stream.map(|item| item.is_ok()).collect().await;
        assert_eq!(items, [true, true, false]);
        let mut stream = tts
            .synthesize(request("Привет", Language::Ru))
            .await
            .unwrap();
        assert!(stream.next().await.is_some());
        assert!(futures::poll!(stream.next()).is_pending());
    }
}
