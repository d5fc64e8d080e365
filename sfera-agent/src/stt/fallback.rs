//! Goes to the next provider when one fails.

use super::{
    Stt, SttError, SttEventStream, SttInputStream, SttOptions,
    reopen::{Attempt, reopen},
};
use async_trait::async_trait;
use std::{sync::Arc, time::Duration};

/// How long a provider may take to open a stream or to give a final text after speech ended.
const PER_TRY: Duration = Duration::from_secs(10);

/// Providers in order of preference: when one fails, the next one goes on.
///
/// A provider has failed when it cannot be opened, breaks, or takes longer than 10 s to open or to
/// give a final text it owes. The next one hears the unfinished utterance from its beginning, so no
/// words are lost. After the last one its error is passed on; a new stream begins with the first
/// again.
pub struct Fallback {
    providers: Vec<Arc<dyn Stt>>,
    name: String,
    per_try: Duration,
}

impl Fallback {
    /// Tries these in order; with none, nothing is available.
    #[must_use]
    pub fn new(providers: impl IntoIterator<Item = Arc<dyn Stt>>) -> Self {
        let providers: Vec<_> = providers.into_iter().collect();
        let names: Vec<&str> = providers.iter().map(|provider| provider.name()).collect();
        Self {
            name: names.join(", then "),
            providers,
            per_try: PER_TRY,
        }
    }

    /// Gives each provider this long instead of 10 s.
    #[must_use]
    pub const fn per_try(mut self, limit: Duration) -> Self {
        self.per_try = limit;
        self
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Stt for Fallback {
    fn name(&self) -> &str {
        &self.name
    }

    async fn listen(
        &self,
        input: SttInputStream,
        options: SttOptions,
    ) -> Result<SttEventStream, SttError> {
        let mut providers = self.providers.clone().into_iter();
        let next = move |_: usize, error: Option<&SttError>| {
            let provider = providers.next()?;
            if let Some(error) = error {
                tracing::warn!(%error, next = provider.name(), "speech recognition falls back");
            }
            Some(Attempt {
                provider,
                pause: Duration::ZERO,
            })
        };
        reopen(input, options, self.per_try, Box::new(next)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        audio::{Frame, SampleRate},
        stt::{SttEvent, SttInput},
        testing::{ScriptedStt, ScriptedUtterance, stt_conformance, stt_input, utterance},
    };
    use futures::StreamExt;

    fn sound(samples: usize) -> Frame {
        Frame::new(SampleRate::HZ_16000, vec![3_000; samples])
    }

    fn named(name: &'static str, script: Vec<ScriptedUtterance>) -> Arc<ScriptedStt> {
        Arc::new(ScriptedStt::new(script).named(name))
    }

    async fn listen(providers: &[&Arc<ScriptedStt>], inputs: Vec<SttInput>) -> Vec<String> {
        let providers = providers.iter().map(|&p| p.clone() as Arc<dyn Stt>);
        let fallback = Fallback::new(providers);
        let line = |event| match event {
            Ok(SttEvent::Interim(text)) => format!("…{text}"),
            Ok(SttEvent::Final(transcript)) => transcript.text,
            Err(error) => SttError::to_string(&error),
        };
        match fallback
            .listen(stt_input(inputs), SttOptions::default())
            .await
        {
            Ok(events) => events.map(line).collect().await,
            Err(error) => vec![error.to_string()],
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_next_provider_hears_the_unfinished_utterance_and_only_that() {
        let broken = ScriptedUtterance::Fails(SttError::Unauthorized);
        let first = named("first", vec![ScriptedUtterance::text("раз"), broken]);
        let second = named("second", vec![ScriptedUtterance::text("два")]);
        let inputs = [utterance(&sound(16_000)), utterance(&sound(4_800))].concat();
        assert_eq!(listen(&[&first, &second], inputs).await, ["раз", "два"]);
        assert_eq!(second.inputs(), utterance(&sound(4_800)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_provider_that_hangs_loses_its_turn_after_ten_seconds() {
        let first = named("first", vec![ScriptedUtterance::Hangs]);
        let second = named("second", vec![ScriptedUtterance::text("раз")]);
        let started = tokio::time::Instant::now();
        let heard = listen(&[&first, &second], utterance(&sound(4_800))).await;
        assert_eq!(
            (heard, started.elapsed()),
            (vec!["раз".to_owned()], PER_TRY)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn with_nobody_left_the_last_error_is_told() {
        let refusing = |error| Arc::new(ScriptedStt::default().refusing([error]));
        let (first, second) = (
            refusing(SttError::Unavailable),
            refusing(SttError::Unauthorized),
        );
        let heard = listen(&[&first, &second], utterance(&sound(4_800))).await;
        assert_eq!(heard, ["speech recognition refused the key"]);
        assert_eq!(
            listen(&[], Vec::new()).await,
            ["speech recognition is not available"]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_utterance_is_replayed_from_a_bounded_buffer() {
        let broken = ScriptedUtterance::Fails(SttError::Unavailable);
        let first = named("first", vec![broken]);
        let second = named("second", vec![ScriptedUtterance::text("конец")]);
        let inputs = utterance(&sound(16_000 * 120));
        assert_eq!(listen(&[&first, &second], inputs).await, ["конец"]);
        let replayed = second.inputs();
        assert_eq!(replayed.first(), Some(&SttInput::SpeechStarted));
        assert_eq!(replayed.last(), Some(&SttInput::SpeechEnded));
        assert_eq!(replayed.len(), 60 * 50 + 2, "the last minute");
    }

    #[tokio::test(start_paused = true)]
    async fn babble_passes_through() {
        let first = named("first", vec![ScriptedUtterance::Babble(1_000)]);
        let heard = listen(&[&first], utterance(&sound(4_800))).await;
        assert_eq!(heard.last().map(String::as_str), Some(""));
        assert!(heard.len() > 1);
    }

    #[tokio::test(start_paused = true)]
    async fn it_keeps_the_contract() {
        let fallback = Fallback::new([Arc::new(ScriptedStt::default()) as Arc<dyn Stt>]);
        stt_conformance(&fallback, &sound(4_800), &SttOptions::default()).await;
    }
}
