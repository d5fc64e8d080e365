//! Says what is said in WAV files, a line each: the recogniser alone.
//!
//! `cargo run -p sfera-examples --example transcribe -- examples/conversation/ru/name.wav`

#![allow(clippy::print_stdout, reason = "the examples talk to the terminal")]

use sfera_agent::{
    assembly,
    audio::{Resampler, SampleRate},
    io::WavReader,
    models::Models,
    stt::SttOptions,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (recognizer, _) = assembly::whisper(&Models::open(None)?, "whisper-base").await?;
    for file in std::env::args().skip(1) {
        let recorded = WavReader::open(file)?.read_all()?;
        let sound = Resampler::convert(&recorded, SampleRate::HZ_16000);
        let said = recognizer.recognize(sound, &SttOptions::default()).await?;
        println!("{}", said.text.trim());
    }
    Ok(())
}
