//! Human speech: the Russian prompts of Debian's asterisk-core-sounds-ru-g722, decoded with ffmpeg.

use sfera_agent::{audio::Frame, vad::RATE};
use std::{io::Write, path::PathBuf, process::Command, time::Duration};

const PROMPTS: &str = "/usr/share/asterisk/sounds/ru_RU_f_IvrvoiceRU";

/// Every `step`-th spoken prompt, 16 kHz.
pub fn russian(step: usize) -> Vec<Frame> {
    let entries = std::fs::read_dir(PROMPTS)
        .unwrap_or_else(|e| panic!("{e}: apt-get install asterisk-core-sounds-ru-g722"));
    let mut paths: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).collect();
    paths.sort();
    paths.retain(|path| path.extension().is_some_and(|e| e == "g722"));
    paths.retain(|path| {
        let name = path.file_name().unwrap().to_string_lossy();
        !["beep", "tone", "silence", "music"]
            .iter()
            .any(|sound| name.contains(sound))
    });
    let coded: Vec<Vec<u8>> = paths
        .iter()
        .step_by(step)
        .map(|path| std::fs::read(path).unwrap())
        .collect();
    let sound = decode(&coded.concat());
    let mut left = sound.as_slice();
    coded
        .iter()
        .map(|bytes| {
            // G.722 has two samples in a byte.
            let (prompt, rest) = left.split_at(bytes.len() * 2);
            left = rest;
            Frame::new(RATE, prompt)
        })
        .filter(|frame| frame.duration() > Duration::from_millis(400))
        .collect()
}

fn decode(g722: &[u8]) -> Vec<i16> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(g722).unwrap();
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "g722", "-i"])
        .arg(file.path())
        .args(["-f", "s16le", "-ar", "16000", "-ac", "1", "-"])
        .output()
        .unwrap_or_else(|e| panic!("{e}: apt-get install ffmpeg"));
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output
        .stdout
        .chunks_exact(2)
        .map(|b| i16::from_le_bytes([b[0], b[1]]))
        .collect()
}
