//! Whisper with its real model.

#![cfg(all(feature = "whisper", feature = "models", feature = "test-util"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod whisper_ears;

use futures::FutureExt;
use sfera_agent::{
    Language,
    audio::{Frame, SampleRate},
    stt::{Recognizer, SttError, SttOptions, Transcript, VadCut, Whisper},
    testing::{recognizer_conformance, stt_conformance, wer},
};
use std::{fs, path::Path, sync::Arc, time::Duration};
use whisper_ears::{prompt, prompts, whisper};

const RATE: SampleRate = SampleRate::HZ_16000;

/// Steady noise of this many samples, always the same.
fn noise(samples: usize, loudness: i32) -> Frame {
    let mut seed = 1_u32;
    let sample = |_| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((seed >> 16) as i32 % (2 * loudness) - loudness) as i16
    };
    Frame::new(RATE, (0..samples).map(sample).collect::<Vec<_>>())
}

#[tokio::test]
async fn whisper_hears_what_is_said() {
    let (whisper, options) = (whisper(1).await, SttOptions::default());
    for (name, said) in prompts()
        .into_iter()
        .filter(|(n, _)| ["conf-locked", "hello-world"].contains(n))
    {
        let heard = whisper.recognize(prompt(name), &options).await.unwrap();
        assert!(wer(said, &heard.text).rate() <= 0.34, "{said}: {heard:?}");
        assert!(
            (0.3..=1.0).contains(&heard.confidence.unwrap()),
            "{heard:?}"
        );
    }
}

#[tokio::test]
async fn silence_and_quiet_noise_have_no_words() {
    let whisper = whisper(1).await;
    let mut phantoms = Vec::new();
    for language in Language::ALL {
        let options = SttOptions {
            language,
            ..SttOptions::default()
        };
        let sounds = [
            Frame::new(RATE, Vec::new()),
            Frame::silence(RATE, Duration::from_secs(2)),
            noise(8_000, 30),
            noise(16_000, 300),
        ];
        for sound in sounds {
            let length = sound.duration();
            let heard = whisper.recognize(sound, &options).await.unwrap();
            if heard != Transcript::default() {
                phantoms.push((language, length, heard));
            }
        }
    }
    assert!(phantoms.is_empty(), "{phantoms:#?}");
}

#[tokio::test]
async fn the_shortest_and_the_longest_sounds_are_survived() {
    let (whisper, options) = (whisper(1).await, SttOptions::default());
    for samples in [1, 150, 400, 1_700] {
        whisper
            .recognize(noise(samples, 3_000), &options)
            .await
            .unwrap();
    }
    let hello = prompt("hello-world");
    let long: Vec<i16> = hello
        .samples()
        .iter()
        .copied()
        .cycle()
        .take(40 * 16_000)
        .collect();
    let heard = whisper
        .recognize(Frame::new(RATE, long), &options)
        .await
        .unwrap();
    assert!(heard.text.len() < 1_500, "it did not run away: {heard:?}");
}

#[tokio::test]
async fn a_dropped_call_stops_and_the_next_one_is_right() {
    let (whisper, options) = (whisper(1).await, SttOptions::default());
    let before = whisper
        .recognize(prompt("conf-locked"), &options)
        .await
        .unwrap();
    for _ in 0..3 {
        let call = whisper.recognize(prompt("demo-abouttotry"), &options);
        assert!(call.now_or_never().is_none());
    }
    let after = whisper
        .recognize(prompt("conf-locked"), &options)
        .await
        .unwrap();
    assert_eq!(before, after);
}

#[tokio::test]
async fn sessions_share_one_model_and_get_their_own_words() {
    let (whisper, options) = (whisper(1).await, SttOptions::default());
    let (locked, hello) = tokio::join!(
        whisper.recognize(prompt("conf-locked"), &options),
        whisper.recognize(prompt("hello-world"), &options),
    );
    assert!(locked.unwrap().text.to_lowercase().contains("конференция"));
    assert!(hello.unwrap().text.to_lowercase().contains("мир"));
}

#[tokio::test]
async fn hints_are_taken_and_other_rates_refused() {
    let whisper = whisper(1).await;
    let options = SttOptions {
        hints: vec![
            "конференция".into(),
            "zero\0byte".into(),
            "слово".repeat(500),
        ],
        ..SttOptions::default()
    };
    let heard = whisper
        .recognize(prompt("conf-locked"), &options)
        .await
        .unwrap();
    assert!(
        heard.text.to_lowercase().contains("конференция"),
        "{heard:?}"
    );
    let wrong = Frame::silence(SampleRate::HZ_48000, Duration::from_secs(1));
    assert_eq!(
        whisper.recognize(wrong, &options).await,
        Err(SttError::Protocol)
    );
}

#[tokio::test]
async fn a_file_that_is_no_model_is_refused() {
    let model = sfera_agent::models::Models::open(None).unwrap();
    let model = fs::read(model.pull("whisper-base", &|_| {}).await.unwrap()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("model.bin");
    for bytes in [
        &[][..],
        b"not a model at all",
        &model[..20],
        &model[..1_000_000],
        &model[..140_000_000],
    ] {
        fs::write(&file, bytes).unwrap();
        let error = Whisper::load(&file, Default::default()).err().unwrap();
        assert!(error.to_string().contains("sfera models pull"));
    }
    assert!(Whisper::load(Path::new("/nowhere"), Default::default()).is_err());
}

#[tokio::test]
async fn whisper_keeps_the_contracts() {
    let (whisper, options) = (Arc::new(whisper(1).await), SttOptions::default());
    let speech = prompt("hello-world");
    recognizer_conformance(&*whisper, &speech, &options).await;
    stt_conformance(&VadCut::new(whisper), &speech, &options).await;
}
