//! Answers by voice, one after another: a voice message follows the words.

use super::{Shared, TROUBLE};
use crate::{
    state::{StateError, Unspoken},
    telegram::Call,
};
use futures::TryStreamExt;
use sfera_agent::{
    Language,
    audio::{Frame, Resampler, SampleRate, opus},
    tts::{SentenceSplitter, Tts, TtsRequest},
};
use std::time::Duration;
use tokio::{
    task::spawn_blocking,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// Where nothing was announced, it is looked all the same.
const IDLE: Duration = Duration::from_secs(30);
/// Characters that are spoken, at most; the rest is read.
const LONGEST: usize = 900;
/// How long a voice may take for a sentence.
const PATIENCE: Duration = Duration::from_secs(60);
/// The rate of all sentences.
const RATE: SampleRate = SampleRate::HZ_24000;

/// There will be no voice message.
struct Silent;

/// Works until told to stop. What is being spoken then is spoken anew the next time.
pub(super) async fn run(shared: &Shared, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        let pause = match stop.run_until_cancelled(speak_next(shared)).await {
            None => return,
            Some(Ok(true)) => continue,
            Some(Ok(false)) => IDLE,
            Some(Err(error)) => {
                tracing::error!(%error, "answers that are to be spoken cannot be read");
                TROUBLE
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = shared.unspoken.notified() => {}
            () = sleep(pause) => {}
        }
    }
}

/// Whether there was something to speak.
async fn speak_next(shared: &Shared) -> Result<bool, StateError> {
    let Some(unspoken) = shared.store.unspoken().await? else {
        return Ok(false);
    };
    let mut work = shared.work().await?;
    let usual = shared.house.settings.language;
    let language = work.language_of(unspoken.user).await?.unwrap_or(usual);
    drop(work);
    let sound = spoken(shared, &unspoken, language).await;
    let mut work = shared.work().await?;
    let is_known = work.spoken(unspoken.turn).await?;
    if let Ok(bytes) = sound
        && is_known
    {
        let file = work.keep_file(bytes).await?;
        let call = Call::Voice {
            chat: unspoken.chat,
            file,
            reply_to: unspoken.reply_to,
        };
        let key = format!("{}:voice", unspoken.placeholder);
        work.send(&key, unspoken.chat, &call).await?;
    }
    work.commit().await?;
    shared.house.outgoing.notify_one();
    Ok(true)
}

/// An answer as Opus in Ogg.
async fn spoken(
    shared: &Shared,
    unspoken: &Unspoken,
    language: Language,
) -> Result<Vec<u8>, Silent> {
    let voice = shared.speech.voice(language).ok_or(Silent)?;
    let mut samples = Vec::new();
    for sentence in sentences(&unspoken.answer) {
        let said = timeout(PATIENCE, say(&**voice, sentence, language)).await;
        samples.extend(said.map_err(|_| Silent)??);
    }
    if samples.is_empty() {
        return Err(Silent);
    }
    let _mine = shared.sounds.acquire().await.map_err(|_| Silent)?;
    let encoding = spawn_blocking(move || opus::encode(&Frame::new(RATE, samples)));
    let bytes = encoding.await.map_err(|_| Silent)?;
    bytes.map_err(|error| {
        tracing::warn!(%error, "an answer by voice");
        Silent
    })
}

async fn say(voice: &dyn Tts, sentence: String, language: Language) -> Result<Vec<i16>, Silent> {
    let silent = |error| {
        tracing::warn!(%error, voice = voice.name(), "an answer is not spoken");
        Silent
    };
    let request = TtsRequest {
        text: sentence.into(),
        language,
    };
    let stream = voice.synthesize(request).await.map_err(silent)?;
    let frames: Vec<Frame> = stream.try_collect().await.map_err(silent)?;
    let Some(first) = frames.first() else {
        return Ok(Vec::new());
    };
    let mut resampler = Resampler::new(first.rate(), RATE);
    let mut samples = Vec::new();
    for frame in &frames {
        resampler.push(frame.samples(), &mut samples);
    }
    resampler.flush(&mut samples);
    Ok(samples)
}

/// What is spoken of an answer: whole sentences without Markdown.
fn sentences(answer: &str) -> Vec<String> {
    let (mut splitter, mut sentences) = (SentenceSplitter::default(), Vec::new());
    splitter.push(answer, &mut sentences);
    splitter.finish(&mut sentences);
    let mut length = 0;
    let fits = |sentence: &String| {
        let is_first = length == 0;
        length += sentence.chars().count();
        is_first || length <= LONGEST
    };
    sentences.into_iter().take_while(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_answer_is_spoken_up_to_the_end_of_a_sentence() {
        let answer = "Это **важная** мысль, которую стоит повторить ещё раз. ".repeat(40);
        let said = sentences(&answer).concat();
        assert!(!said.contains('*') && said.trim_end().ends_with('.'));
        assert!((600..=LONGEST).contains(&said.chars().count()));
        assert!(sentences("").is_empty());
    }
}
