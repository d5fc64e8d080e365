use super::*;
use crate::{
    audio::{Frame, SampleRate},
    stt::{SttEvent, SttInput},
    testing::{Recognition, ScriptedRecognizer, stt_conformance, utterance},
};
use futures::stream;
use std::time::Duration;
use tokio::time::sleep;

const RATE: SampleRate = SampleRate::HZ_16000;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn text(after: u64, text: &str) -> Recognition {
    Recognition::Text(ms(after), text.to_owned())
}

/// A moment of a script of what the microphone and the VAD say.
#[derive(Clone, Copy)]
enum Step {
    Talk(u64),
    Quiet(u64),
    Start,
    End,
}
use Step::{End, Quiet, Start, Talk};

/// The script in real time (of the virtual clock): 20 ms of sound take 20 ms.
fn live(steps: &[Step]) -> SttInputStream {
    let inputs = steps.iter().flat_map(|step| match *step {
        Talk(ms) => vec![SttInput::Audio(sound(8_000)); ms as usize / 20],
        Quiet(ms) => vec![SttInput::Audio(sound(10)); ms as usize / 20],
        Start => vec![SttInput::SpeechStarted],
        End => vec![SttInput::SpeechEnded],
    });
    let inputs = stream::iter(inputs.collect::<Vec<_>>());
    let paced = inputs.then(|input| async {
        if matches!(input, SttInput::Audio(_)) {
            sleep(ms(20)).await;
        }
        input
    });
    paced.boxed()
}

fn sound(loud: i16) -> Frame {
    let samples: Vec<i16> = (0..320)
        .map(|n| if n % 40 < 20 { loud } else { -loud })
        .collect();
    Frame::new(RATE, samples)
}

/// Events with the milliseconds at which they came, read as they come.
async fn events(recognizer: &Arc<ScriptedRecognizer>, input: SttInputStream) -> Vec<String> {
    let started = tokio::time::Instant::now();
    let cut = VadCut::new(recognizer.clone());
    let stream = cut.listen(input, SttOptions::default()).await.unwrap();
    let line = |event| {
        let at = started.elapsed().as_millis();
        match event {
            Ok(SttEvent::Interim(text)) => format!("{at} …{text}"),
            Ok(SttEvent::Final(transcript)) => format!("{at} {}.", transcript.text),
            Err(error) => format!("{at} {error}"),
        }
    };
    stream.map(line).collect().await
}

fn recognizer(script: impl IntoIterator<Item = Recognition>) -> Arc<ScriptedRecognizer> {
    Arc::new(ScriptedRecognizer::new(script))
}

#[tokio::test(start_paused = true)]
async fn a_guess_that_heard_everything_is_final_once_speech_does_not_go_on() {
    let ears = recognizer([text(100, "привет"), text(100, "привет как дела")]);
    let input = live(&[Start, Talk(1_000), Quiet(300), End, Quiet(1_000)]);
    let heard = events(&ears, input).await;
    // Guessed at 700 ms, and again after 100 ms of silence; speech ended at 1300 ms, and for good
    // 200 ms later.
    assert_eq!(
        heard,
        [
            "800 …привет",
            "1200 …привет как дела",
            "1500 привет как дела."
        ]
    );
    assert_eq!(ears.heard().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_guess_still_on_its_way_that_heard_everything_becomes_the_final() {
    let ears = recognizer([text(400, "привет"), text(500, "привет как дела")]);
    let input = live(&[Start, Talk(1_000), Quiet(300), End, Quiet(1_000)]);
    let heard = events(&ears, input).await;
    assert_eq!(heard, ["1100 …привет", "1600 привет как дела."]);
    assert_eq!((ears.heard().len(), ears.cancelled()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn a_guess_that_misses_the_end_is_dropped_and_all_is_recognised() {
    let ears = recognizer([Recognition::Hang, text(300, "привет как дела")]);
    let input = live(&[Start, Talk(1_000), End, Quiet(1_000)]);
    let heard = events(&ears, input).await;
    assert_eq!(heard, ["1300 привет как дела."]);
    assert_eq!(ears.cancelled(), 1);
    assert_eq!(ears.heard()[1].duration(), ms(1_000));
}

#[tokio::test(start_paused = true)]
async fn the_padding_before_speech_is_heard_and_no_more() {
    let ears = recognizer([text(50, "да")]);
    let input = live(&[Quiet(5_000), Start, Talk(400), End]);
    assert_eq!(events(&ears, input).await, ["5450 да."]);
    assert_eq!(ears.heard()[0].duration(), ms(1_000));
}

#[tokio::test(start_paused = true)]
async fn every_end_of_speech_has_one_final_in_order_however_slow_the_recogniser() {
    let ears = recognizer([text(3_000, "раз"), text(0, "два"), text(0, "три")]);
    let short = [Start, Talk(300), End, Quiet(200)];
    let input = live(&[&short[..], &short, &[End], &short].concat());
    let heard = events(&ears, input).await;
    assert_eq!(heard, ["3300 раз.", "3300 два.", "3300 .", "3300 три."]);
}

#[tokio::test(start_paused = true)]
async fn speech_that_soon_goes_on_is_one_utterance() {
    let ears = recognizer(
        ["какой курс", "какой курс бит", "какой курс биткоина"].map(|said| text(100, said)),
    );
    let parts = [Start, Talk(500), Quiet(260), End, Quiet(180), Start];
    let rest = [Talk(500), Quiet(260), End, Quiet(1_000)];
    let heard = events(&ears, live(&[&parts[..], &rest].concat())).await;
    assert_eq!(
        heard,
        [
            "700 …какой курс",
            "940 .",
            "1400 …какой курс бит",
            "1640 …какой курс биткоина",
            "1900 какой курс биткоина."
        ]
    );
    assert_eq!(ears.heard()[2].duration(), ms(1_540), "from the first word");
}

#[tokio::test(start_paused = true)]
async fn a_longer_pause_parts_two_utterances_that_share_no_sound() {
    let ears = recognizer([text(0, "раз"), text(0, "два")]);
    let parts = [Start, Talk(400), Quiet(260), End, Quiet(220), Start];
    let rest = [Talk(400), Quiet(260), End, Quiet(1_000)];
    let heard = events(&ears, live(&[&parts[..], &rest].concat())).await;
    assert_eq!(heard, ["500 …раз", "860 раз.", "1380 …два", "1740 два."]);
    assert_eq!(ears.heard()[1].duration(), ms(220 + 500));
}

#[tokio::test(start_paused = true)]
async fn a_long_utterance_is_not_made_longer() {
    let ears = recognizer([]);
    let all_at_once = |ms: usize| vec![SttInput::Audio(sound(8_000)); ms / 20];
    let inputs = [
        vec![SttInput::SpeechStarted],
        all_at_once(7_000),
        vec![SttInput::SpeechEnded, SttInput::SpeechStarted],
        all_at_once(400),
        vec![SttInput::SpeechEnded],
    ];
    let input = stream::iter(inputs.concat()).boxed();
    assert_eq!(events(&ears, input).await, ["0 .", "0 ."]);
    let longest = ears.heard().iter().map(Frame::duration).max();
    assert_eq!(longest, Some(ms(7_000)));
}

#[tokio::test(start_paused = true)]
async fn a_microphone_that_falls_silent_altogether_does_not_hold_the_text_back() {
    let ears = recognizer([text(0, "привет")]);
    let off = stream::once(sleep(ms(60_000))).filter_map(|()| async { None });
    let input = live(&[Start, Talk(400), End]).chain(off).boxed();
    let heard = events(&ears, input).await;
    assert_eq!(heard, ["400 …привет", "700 привет."]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_guess_is_only_a_missing_interim_but_a_failed_final_ends_the_stream() {
    let fails = || Recognition::Error(Duration::ZERO, SttError::Unavailable);
    let ears = recognizer([fails(), text(0, "привет"), fails(), fails(), text(0, "нет")]);
    let word = [Start, Talk(800), End, Quiet(200)];
    let input = live(&[&word[..], &[Start, Talk(200), End, Quiet(200)], &word].concat());
    let heard = events(&ears, input).await;
    assert_eq!(
        heard,
        [
            "800 …привет",
            "1000 привет.",
            "1400 speech recognition is not available"
        ]
    );
    assert_eq!(ears.heard().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_long_speech_is_recognised_in_pieces_and_told_as_one() {
    let ears = recognizer([text(0, "первая часть"), text(0, "вторая")]);
    // All at once, so that there is no time for guesses.
    let loud = |ms: usize, loud| vec![SttInput::Audio(sound(loud)); ms / 20];
    let inputs = [
        vec![SttInput::SpeechStarted],
        loud(24_000, 8_000),
        loud(200, 10),
        loud(5_000, 8_000),
        vec![SttInput::SpeechEnded],
    ];
    let cut = VadCut::new(ears.clone());
    let input = stream::iter(inputs.concat()).boxed();
    let stream = cut.listen(input, SttOptions::default()).await.unwrap();
    let finals: Vec<_> = stream
        .filter_map(|event| async {
            match event {
                Ok(SttEvent::Final(transcript)) => Some(transcript.text),
                _ => None,
            }
        })
        .collect()
        .await;
    assert_eq!(finals.len(), 1);
    let longest = ears.heard().iter().map(Frame::duration).max().unwrap();
    assert!(longest < ms(28_500), "{longest:?}");
}

#[tokio::test(start_paused = true)]
async fn dropping_the_stream_stops_the_recogniser() {
    let ears = recognizer([Recognition::Hang]);
    let cut = VadCut::new(ears.clone());
    let input = live(&[Start, Talk(400), End, Quiet(60_000)]);
    let mut stream = cut.listen(input, SttOptions::default()).await.unwrap();
    assert!(
        tokio::time::timeout(ms(1_000), stream.next())
            .await
            .is_err()
    );
    assert_eq!((ears.heard().len(), ears.cancelled()), (1, 0));
    drop(stream);
    sleep(ms(1)).await;
    assert_eq!(ears.cancelled(), 1);
}

#[tokio::test(start_paused = true)]
async fn sound_of_another_rate_is_refused() {
    let input = vec![SttInput::Audio(Frame::silence(
        SampleRate::HZ_48000,
        ms(20),
    ))];
    let heard = events(&recognizer([]), stream::iter(input).boxed()).await;
    assert_eq!(heard, ["0 speech recognition answered nonsense"]);
}

#[tokio::test(start_paused = true)]
async fn it_keeps_the_contract() {
    let cut = VadCut::new(recognizer([]));
    let speech = Frame::new(RATE, vec![3_000; 8_000]);
    assert_eq!(utterance(&speech).len(), 27);
    stt_conformance(&cut, &speech, &SttOptions::default()).await;
}
