//! Recorded speech and the Whisper that hears it.

use sfera_agent::{
    audio::{Frame, SampleRate},
    models::Models,
    stt::{Whisper, WhisperOptions},
};
use std::{num::NonZeroUsize, process::Command};

/// Whisper base with one worker of so many threads, pulled if it is not there. Threads of one worker
/// wait for each other all the time: with two, on a busy machine, a test takes minutes.
pub async fn whisper(threads: usize) -> Whisper {
    let models = Models::open(None).unwrap();
    let path = models.pull("whisper-base", &|_| {}).await;
    let path = path.unwrap_or_else(|error| panic!("{error}"));
    let options = WhisperOptions {
        workers: NonZeroUsize::MIN,
        threads: NonZeroUsize::new(threads).unwrap(),
    };
    Whisper::load(&path, options).unwrap()
}

/// Every recorded prompt with its words: Debian's Russian telephone prompts, one studio voice.
pub fn prompts() -> Vec<(&'static str, &'static str)> {
    include_str!("../data/asterisk_ru.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_once('\t').unwrap())
        .collect()
}

/// The sound of a prompt at 16 kHz.
pub fn prompt(name: &str) -> Frame {
    let file = format!("/usr/share/asterisk/sounds/ru_RU_f_IvrvoiceRU/{name}.g722");
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "g722", "-i", &file])
        .args(["-f", "s16le", "-ar", "16000", "-ac", "1", "-"])
        .output()
        .expect("ffmpeg is missing: apt install ffmpeg");
    assert!(
        output.status.success(),
        "{file} is missing: apt install asterisk-core-sounds-ru-g722"
    );
    let (samples, _) = output.stdout.as_chunks();
    let samples: Vec<i16> = samples.iter().map(|&s| i16::from_le_bytes(s)).collect();
    Frame::new(SampleRate::HZ_16000, samples)
}
