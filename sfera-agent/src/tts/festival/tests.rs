use super::*;
use crate::testing::tts_conformance;
use futures::{StreamExt, TryStreamExt};

const INSTALL: &str = "install the Debian packages festival and festvox-ru";

fn russian(text: &str) -> TtsRequest {
    TtsRequest {
        text: text.into(),
        language: Language::Ru,
    }
}

async fn millis(tts: &Festival, text: &str) -> u128 {
    let stream = tts.synthesize(russian(text)).await.unwrap();
    let frames: Vec<_> = stream.try_collect().await.unwrap();
    frames.iter().map(|f| f.duration().as_millis()).sum()
}

#[test]
fn only_what_cannot_leave_a_scheme_string_passes() {
    assert_eq!(scheme_text("\") (system \"rm\") \\"), "system rm");
    assert_eq!(scheme_text("Сфе\u{301}ра — это; да…"), "Сф+ера , это, да.");
    assert_eq!(scheme_text("\u{301}б\u{301}"), "б");
}

#[test]
fn answers_are_read_from_a_stream_cut_anywhere() {
    let mut bytes = b"noise\nfail 3\nwave 4\nRIFF\x04\0\0\0WAVEready 0\n".to_vec();
    let mut answers = Vec::new();
    while let Some((answer, length)) = Answer::parse(&bytes) {
        bytes.drain(..length);
        answers.push(answer);
    }
    assert_eq!(
        answers,
        [
            Answer::Noise,
            Answer::Failed(3),
            Answer::Sound(4, b"RIFF\x04\0\0\0WAVE".to_vec()),
            Answer::Ready
        ]
    );
    assert_eq!(Answer::parse(b"wave 4\nRIFF\x04\0\0\0WAV"), None);
}

#[tokio::test]
async fn it_keeps_the_contract() {
    let tts = Festival::start(FestivalVoice::RUSSIAN)
        .await
        .expect(INSTALL);
    tts_conformance(&tts, Language::Ru).await;
}

#[tokio::test]
async fn the_english_voice_keeps_the_contract() {
    let tts = Festival::start(FestivalVoice::ENGLISH).await;
    let tts = tts.expect("install the Debian packages festival and festvox-us-slt-hts");
    tts_conformance(&tts, Language::En).await;
}

#[tokio::test]
async fn it_says_whatever_comes_and_nothing_where_nothing_is_to_say() {
    let tts = Festival::start(FestivalVoice::RUSSIAN)
        .await
        .expect(INSTALL);
    assert_eq!(millis(&tts, "... — !?").await, 0);
    assert!(millis(&tts, "Bitcoin стоит 60 000 $, т. е. на 5 % больше!").await > 3_000);
    assert!(millis(&tts, "\") (quit) (\"").await > 0);
    assert!(millis(&tts, "Привет").await > 300);
}

#[tokio::test]
async fn a_cancelled_sentence_does_not_confuse_the_next() {
    let tts = Festival::start(FestivalVoice::RUSSIAN)
        .await
        .expect(INSTALL);
    let expected = millis(&tts, "Да.").await;
    let long = "Психология трейдинга учит управлять риском и не поддаваться страху. ".repeat(3);
    for polls in 1..4 {
        let speaking = tts.synthesize(russian(&long));
        tokio::pin!(speaking);
        for _ in 0..polls {
            assert!(futures::poll!(&mut speaking).is_pending());
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(millis(&tts, "Да.").await, expected);
}

#[tokio::test]
async fn a_process_that_died_is_started_anew() {
    let tts = Festival::start(FestivalVoice::RUSSIAN)
        .await
        .expect(INSTALL);
    if let Some(running) = tts.process.running.lock().await.as_mut() {
        running._child.kill().await.unwrap();
    }
    let failed = tts.synthesize(russian("Да.")).await.err();
    assert_eq!(failed, Some(TtsError::Unavailable));
    assert!(millis(&tts, "Да.").await > 100);
}

#[tokio::test]
async fn what_is_not_installed_is_named() {
    let missing = Festival::start_program("festival-is-not-here", FestivalVoice::RUSSIAN).await;
    assert_eq!(missing.err(), Some(LocalTtsError::Program("festival")));
    let voice = FestivalVoice {
        name: "nobody",
        ..FestivalVoice::RUSSIAN
    };
    let missing = Festival::start(voice).await;
    assert_eq!(missing.err(), Some(LocalTtsError::Voice("festvox-ru")));
}

#[tokio::test]
async fn another_language_is_refused() {
    let tts = Festival::start(FestivalVoice::RUSSIAN)
        .await
        .expect(INSTALL);
    let request = TtsRequest {
        language: Language::En,
        ..russian("Hello")
    };
    let refused = tts.synthesize(request).await.err();
    assert_eq!(refused, Some(TtsError::UnsupportedLanguage(Language::En)));
}

#[tokio::test]
async fn a_long_text_starts_before_it_is_said_to_its_end() {
    let tts = Festival::start(FestivalVoice::RUSSIAN)
        .await
        .expect(INSTALL);
    let text = "Первое предложение этого длинного текста. ".repeat(20);
    let mut stream = tts.synthesize(russian(&text)).await.unwrap();
    assert!(stream.next().await.unwrap().is_ok());
    assert!(tts.process.running.lock().await.as_ref().unwrap().asked == 1);
}
