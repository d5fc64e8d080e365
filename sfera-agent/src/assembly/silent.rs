//! Ears that hear nothing and a voice that makes no sound, for typed conversations.

use crate::{
    audio::{Frame, SampleRate},
    stt::{Stt, SttError, SttEventStream, SttInputStream, SttOptions},
    tts::{Tts, TtsError, TtsRequest, TtsStream},
};
use async_trait::async_trait;
use futures::{StreamExt, stream};
use std::{sync::Arc, time::Duration};

/// Hears nothing.
#[must_use]
pub fn deaf() -> Arc<dyn Stt> {
    Arc::new(Deaf)
}

/// Says nothing, and quickly.
#[must_use]
pub fn mute() -> Arc<dyn Tts> {
    Arc::new(Mute)
}

struct Deaf;

struct Mute;

/// How long a sentence takes on the screen.
const SENTENCE: Duration = Duration::from_millis(20);

#[async_trait]
impl Stt for Deaf {
    fn name(&self) -> &str {
        "–"
    }

    async fn listen(
        &self,
        input: SttInputStream,
        _options: SttOptions,
    ) -> Result<SttEventStream, SttError> {
        Ok(input.filter_map(async |_| None).boxed())
    }
}

#[async_trait]
impl Tts for Mute {
    fn name(&self) -> &str {
        "–"
    }

    async fn synthesize(&self, _request: TtsRequest) -> Result<TtsStream, TtsError> {
        let silence = Frame::silence(SampleRate::HZ_24000, SENTENCE);
        Ok(stream::iter([Ok(silence)]).boxed())
    }
}
