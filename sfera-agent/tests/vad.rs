//! How well the shipped VADs tell human speech from silence and noise. Needs ffmpeg and the Debian
//! package asterisk-core-sounds-ru-g722 (`make test` installs both).
#![cfg(feature = "earshot")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod prompts;

use sfera_agent::{
    audio::{Frame, Level},
    vad::{RATE, Vad, VadEvent, VadOptions, VadOutput, VadStream},
};
use std::time::Duration;

/// Pink noise (Paul Kellet's filter over a seeded generator), about −33 dBFS.
fn pink_noise(seconds: usize) -> Frame {
    let mut seed = 7u64;
    let mut b = [0.0f64; 3];
    let samples: Vec<i16> = (0..RATE.hz() as usize * seconds)
        .map(|_| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let white = (seed >> 33) as f64 / f64::from(1u32 << 30) - 1.0;
            b[0] = 0.99765 * b[0] + white * 0.0990460;
            b[1] = 0.96300 * b[1] + white * 0.2965164;
            b[2] = 0.57000 * b[2] + white * 1.0526913;
            ((b.iter().sum::<f64>() + white * 0.1848) * 600.0) as i16
        })
        .collect();
    Frame::new(RATE, samples)
}

#[derive(Default)]
struct Heard {
    /// Windows judged and of these called speech: clearly voiced ones, and the rest.
    voiced: (usize, usize),
    rest: (usize, usize),
    starts: usize,
}

/// Loud against the utterance's loudest window is voiced, as nothing else sounds in a studio.
fn hear(vad: &dyn Vad, frame: &Frame) -> Heard {
    let listener = vad.open().unwrap();
    let loudest = frame
        .samples()
        .chunks(listener.window())
        .map(|w| Level::of(w).rms_dbfs)
        .fold(-96.0, f32::max);
    let mut heard = Heard::default();
    let mut stream = VadStream::new(listener, &VadOptions::default());
    let mut count = |output| match output {
        VadOutput::Audio { frame, probability } => {
            let loud = Level::of(frame.samples()).rms_dbfs > (loudest - 20.0).max(-60.0);
            let kind = if loud {
                &mut heard.voiced
            } else {
                &mut heard.rest
            };
            kind.0 += 1;
            kind.1 += usize::from(probability >= 0.5);
        }
        VadOutput::Event(VadEvent::SpeechStarted { .. }) => heard.starts += 1,
        VadOutput::Event(VadEvent::SpeechEnded { .. }) => {}
    };
    stream.push(frame, &mut count).unwrap();
    stream.finish(&mut count).unwrap();
    heard
}

fn share((all, yes): (usize, usize)) -> f64 {
    yes as f64 / all.max(1) as f64
}

fn tells_speech_from_noise(vad: &dyn Vad) {
    let prompts = prompts::russian(4);
    assert!(prompts.len() > 50, "only {} prompts", prompts.len());
    let (mut voiced, mut found) = ((0, 0), 0);
    for prompt in &prompts {
        let heard = hear(vad, prompt);
        voiced.0 += heard.voiced.0;
        voiced.1 += heard.voiced.1;
        found += usize::from(heard.starts > 0);
    }
    let silence = hear(vad, &Frame::silence(RATE, Duration::from_secs(20)));
    let noise = hear(vad, &pink_noise(20));
    let name = vad.name();
    println!(
        "{name}: {:.3} of {} voiced windows, {found} of {} utterances; {:.4} of silence, \
         {:.4} of pink noise",
        share(voiced),
        voiced.0,
        prompts.len(),
        share(silence.rest),
        share(noise.voiced),
    );
    assert!(share(voiced) > 0.85, "{name} misses speech");
    assert!(
        found * 100 >= prompts.len() * 97,
        "{name} misses utterances"
    );
    assert_eq!(silence.rest.1, 0, "{name} hears speech in silence");
    assert_eq!(silence.starts, 0, "{name} starts in silence");
    assert!(share(noise.voiced) < 0.10, "{name} hears speech in noise");
    assert!(
        noise.starts <= 4,
        "{name} starts {} times in noise",
        noise.starts
    );
}

#[test]
fn earshot_tells_human_speech_from_silence_and_noise() {
    tells_speech_from_noise(&sfera_agent::vad::Earshot);
}

/// Silero needs its model and ONNX Runtime: at the paths in `SFERA_SILERO_MODEL` and
/// `SFERA_ONNXRUNTIME`, or where `sfera models pull silero-vad onnxruntime` puts them. Therefore only
/// `make test-full` runs these.
#[cfg(all(feature = "silero", feature = "models"))]
mod silero {
    use super::tells_speech_from_noise;
    use sfera_agent::{
        models::Models,
        testing::vad_conformance,
        vad::{Silero, SileroError},
    };
    use std::path::{Path, PathBuf};

    fn path(variable: &str, name: &str) -> PathBuf {
        let set = std::env::var_os(variable).map(PathBuf::from);
        let pulled = || Models::open(None).and_then(|models| models.path(name));
        set.map_or_else(pulled, Ok)
            .unwrap_or_else(|error| panic!("{error}: sfera models pull silero-vad onnxruntime"))
    }

    fn model() -> PathBuf {
        path("SFERA_SILERO_MODEL", "silero-vad")
    }

    fn library() -> PathBuf {
        path("SFERA_ONNXRUNTIME", "onnxruntime")
    }

    fn silero() -> Silero {
        Silero::load(&model(), &library()).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn full_silero_tells_human_speech_from_silence_and_noise() {
        tells_speech_from_noise(&silero());
    }

    #[test]
    fn full_silero_keeps_the_contract() {
        vad_conformance(&silero());
    }

    #[test]
    fn full_a_missing_or_wrong_file_is_named() {
        let (model, library) = (model(), library());
        let nowhere = Path::new("/no/such/file");
        let load = |model: &Path, library: &Path| Silero::load(model, library).map(|_| ());
        assert_eq!(
            load(&model, nowhere),
            Err(SileroError::NoLibrary(nowhere.into()))
        );
        assert_eq!(
            load(nowhere, &library),
            Err(SileroError::NoModel(nowhere.into()))
        );
        // The model is no library; after that failure the right one still loads.
        assert_eq!(
            load(&model, &model),
            Err(SileroError::BadLibrary(model.clone()))
        );
        assert_eq!(
            load(&library, &library),
            Err(SileroError::BadModel(library.clone()))
        );
        assert_eq!(load(&model, &library), Ok(()));
    }
}
