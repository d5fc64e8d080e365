use super::{stt_input, utterance};
use crate::{
    audio::{Frame, SampleRate},
    stt::{Recognizer, Stt, SttEvent, SttEventStream, SttInput, SttOptions},
};
use futures::{FutureExt, SinkExt, StreamExt, channel::mpsc, future};
use std::time::Duration;
use tokio::time::timeout;

/// Nothing that is asked here takes this long, with a service far away neither.
const LIMIT: Duration = Duration::from_secs(60);
const SECOND: Duration = Duration::from_secs(1);

/// What every [`Stt`] must do. `speech` is a short utterance at 16 kHz in the language of `options`
/// with words in it; a fake may be given any sound.
///
/// # Panics
/// With the first rule that is broken.
#[expect(clippy::panic, reason = "that is how a suite speaks")]
pub async fn stt_conformance(stt: &dyn Stt, speech: &Frame, options: &SttOptions) {
    assert!(!stt.name().is_empty(), "the provider has a name");
    let silence = Frame::silence(SampleRate::HZ_16000, SECOND);
    let finals = |inputs: Vec<SttInput>| async {
        let stream = stt.listen(stt_input(inputs), options.clone()).await;
        count_finals(stream.unwrap_or_else(|error| panic!("listening starts: {error}"))).await
    };
    assert_eq!(finals(Vec::new()).await, 0, "no input, no final text");
    let quiet = vec![SttInput::Audio(silence.clone())];
    assert_eq!(finals(quiet).await, 0, "no speech, no final text");
    assert_eq!(
        finals(utterance(speech)).await,
        1,
        "one utterance, one final text"
    );
    let three = [
        &utterance(speech)[..],
        &utterance(&silence),
        &utterance(speech),
    ]
    .concat();
    assert_eq!(finals(three).await, 3, "silence too has its final text");
    let (one, two) = future::join(
        finals(utterance(speech)),
        finals([utterance(speech), utterance(speech)].concat()),
    )
    .await;
    assert_eq!((one, two), (1, 2), "streams side by side do not mix");
    drops_cleanly(stt, speech, options).await;
    reads_on_without_a_reader(stt, &silence, options).await;
    assert_eq!(
        finals(utterance(speech)).await,
        1,
        "it listens again after all that"
    );
}

#[expect(clippy::panic, reason = "that is how a suite speaks")]
async fn count_finals(mut events: SttEventStream) -> usize {
    let mut finals = 0;
    while let Some(event) = timeout(LIMIT, events.next()).await.unwrap_or_else(|_| {
        panic!("the events end after the input does, {finals} final texts were there")
    }) {
        match event {
            Ok(SttEvent::Final(transcript)) => {
                finals += 1;
                assert_eq!(transcript.text, transcript.text.trim(), "texts are trimmed");
                let confidence = transcript.confidence.unwrap_or_default();
                assert!((0.0..=1.0).contains(&confidence), "confidence is 0 to 1");
            }
            Ok(SttEvent::Interim(_)) => {}
            Err(error) => panic!("nothing fails: {error}"),
        }
    }
    assert!(
        events
            .next()
            .now_or_never()
            .is_some_and(|event| event.is_none()),
        "the stream stays ended"
    );
    finals
}

/// Dropping the stream in the middle of an utterance lets go of the input at once.
async fn drops_cleanly(stt: &dyn Stt, speech: &Frame, options: &SttOptions) {
    let (mut sender, receiver) = mpsc::channel(0);
    let listening = stt.listen(receiver.boxed(), options.clone());
    let Ok(Ok(events)) = timeout(LIMIT, listening).await else {
        return;
    };
    let mut inputs = utterance(speech);
    inputs.pop();
    for input in inputs.into_iter().take(3) {
        let _ = timeout(SECOND, sender.send(input)).await;
    }
    drop(events);
    let let_go = timeout(LIMIT, async {
        while sender.send(SttInput::SpeechEnded).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    assert!(let_go.await.is_ok(), "dropping the events drops the input");
}

/// The input is read although nobody reads the events.
async fn reads_on_without_a_reader(stt: &dyn Stt, silence: &Frame, options: &SttOptions) {
    let (mut sender, receiver) = mpsc::channel(0);
    let listening = stt.listen(receiver.boxed(), options.clone());
    let Ok(Ok(events)) = timeout(LIMIT, listening).await else {
        return;
    };
    let sending = timeout(LIMIT, async {
        for input in (0..3).flat_map(|_| utterance(silence)) {
            if sender.send(input).await.is_err() {
                return;
            }
        }
    });
    assert!(
        sending.await.is_ok(),
        "input is read although nobody reads the events"
    );
    drop(events);
}

/// What every [`Recognizer`] must do. `speech` is a short utterance at 16 kHz in the language of
/// `options` with words in it.
///
/// # Panics
/// With the first rule that is broken.
#[expect(clippy::panic, reason = "that is how a suite speaks")]
pub async fn recognizer_conformance(
    recognizer: &dyn Recognizer,
    speech: &Frame,
    options: &SttOptions,
) {
    assert!(!recognizer.name().is_empty(), "the provider has a name");
    let recognize = |frame: Frame| async {
        match timeout(LIMIT, recognizer.recognize(frame, options)).await {
            Ok(Ok(transcript)) => transcript,
            Ok(Err(error)) => panic!("nothing fails: {error}"),
            Err(_) => panic!("an answer comes within {LIMIT:?}"),
        }
    };
    let heard = recognize(speech.clone()).await;
    assert!(!heard.text.is_empty(), "speech has words");
    assert_eq!(heard.text, heard.text.trim(), "texts are trimmed");
    let confidence = heard.confidence.unwrap_or_default();
    assert!((0.0..=1.0).contains(&confidence), "confidence is 0 to 1");
    let silence = |length| Frame::silence(SampleRate::HZ_16000, length);
    for length in [Duration::ZERO, Duration::from_millis(30), 2 * SECOND] {
        assert_eq!(
            recognize(silence(length)).await.text,
            "",
            "{length:?} of silence has no words"
        );
    }
    drop(recognizer.recognize(speech.clone(), options).now_or_never());
    let again = future::join(recognize(speech.clone()), recognize(silence(SECOND))).await;
    assert!(
        !again.0.text.is_empty(),
        "a dropped call leaves nothing behind"
    );
    assert_eq!(again.1.text, "", "calls side by side do not mix");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Recognition, ScriptedRecognizer, ScriptedStt, ScriptedUtterance};

    fn speech() -> Frame {
        Frame::new(SampleRate::HZ_16000, vec![3_000; 4_800])
    }

    #[tokio::test(start_paused = true)]
    async fn the_scripted_ones_keep_the_contracts() {
        let options = SttOptions::default();
        stt_conformance(&ScriptedStt::default(), &speech(), &options).await;
        let hears = |text| Recognition::text(text);
        let script = [
            hears("да"),
            hears(""),
            hears(""),
            hears(""),
            hears(""),
            hears("да"),
        ];
        recognizer_conformance(&ScriptedRecognizer::new(script), &speech(), &options).await;
    }

    #[tokio::test(start_paused = true)]
    #[should_panic(expected = "silence has no words")]
    async fn a_recogniser_that_hears_words_in_silence_is_caught() {
        let script = [Recognition::text("да"), Recognition::text("субтитры")];
        let dreamer = ScriptedRecognizer::new(script);
        recognizer_conformance(&dreamer, &speech(), &SttOptions::default()).await;
    }

    #[tokio::test(start_paused = true)]
    #[should_panic(expected = "the events end after the input does")]
    async fn a_stream_that_never_ends_is_caught() {
        let stt = ScriptedStt::new([ScriptedUtterance::Hangs]);
        stt_conformance(&stt, &speech(), &SttOptions::default()).await;
    }

    #[tokio::test(start_paused = true)]
    #[should_panic(expected = "texts are trimmed")]
    async fn an_untrimmed_text_is_caught() {
        let stt = ScriptedStt::new([ScriptedUtterance::text(" да ")]);
        stt_conformance(&stt, &speech(), &SttOptions::default()).await;
    }
}
