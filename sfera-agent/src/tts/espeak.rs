//! Speech by `espeak-ng`: one short process a sentence, 60 to 130 ms each.

use super::{
    LocalTtsError, Tts, TtsError, TtsRequest, TtsStream,
    normalize::speakable,
    program::{Program, Sound, parse_riff, speak},
};
use crate::Language;
use async_trait::async_trait;
use std::{io, process::Stdio, sync::Arc, time::Duration};
use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
    time::timeout,
};

/// Longest wait for one sentence; it takes some 0.1 s, so this is for a process that hangs.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Words a minute, a little slower than the program's own 175: its Russian is hard to follow.
const WORDS_PER_MINUTE: &str = "160";

/// Speech by espeak-ng, Russian and English.
#[derive(Clone, Debug)]
pub struct Espeak {
    program: &'static str,
}

impl Espeak {
    /// Checks that the program is there and speaks.
    ///
    /// # Errors
    /// [`LocalTtsError`], which names what to install.
    pub async fn start() -> Result<Self, LocalTtsError> {
        Self::start_program("espeak-ng").await
    }

    async fn start_program(program: &'static str) -> Result<Self, LocalTtsError> {
        let speaker = Speaker {
            program,
            language: Language::En,
        };
        match speaker.spawn() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(LocalTtsError::Program("espeak-ng"));
            }
            _ => {}
        }
        match speaker.say("one").await {
            Ok(_) => Ok(Self { program }),
            Err(_) => Err(LocalTtsError::Silent("espeak-ng")),
        }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Tts for Espeak {
    fn name(&self) -> &str {
        "espeak-ng"
    }

    async fn synthesize(&self, request: TtsRequest) -> Result<TtsStream, TtsError> {
        let language = request.language;
        let speaker = Speaker {
            program: self.program,
            language,
        };
        let words = |sentence: &str| plain(&speakable(sentence, language));
        speak(Arc::new(speaker), &request.text, words).await
    }
}

struct Speaker {
    program: &'static str,
    language: Language,
}

impl Speaker {
    fn spawn(&self) -> io::Result<Child> {
        let voice = match self.language {
            Language::Ru => "ru",
            Language::En => "en-us",
        };
        Command::new(self.program)
            .args([
                "-v",
                voice,
                "-s",
                WORDS_PER_MINUTE,
                "-b",
                "1",
                "--stdin",
                "--stdout",
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
    }

    async fn run(&self, words: &str) -> io::Result<Vec<u8>> {
        let mut child = self.spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // The program reads all before it speaks, so this cannot block on its output.
            stdin.write_all(words.as_bytes()).await?;
            stdin.shutdown().await?;
        }
        Ok(child.wait_with_output().await?.stdout)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Program for Speaker {
    async fn say(&self, words: &str) -> Result<Sound, TtsError> {
        match timeout(TIMEOUT, self.run(words)).await {
            Ok(Ok(bytes)) => parse_riff(&bytes).ok_or(TtsError::Protocol),
            Ok(Err(_)) => Err(TtsError::Unavailable),
            Err(_) => Err(TtsError::Timeout(TIMEOUT)),
        }
    }
}

/// The program takes `[[…]]` for phonemes and a dash before a word for an option's sign; it does not
/// know stress marks.
fn plain(text: &str) -> String {
    let keep = |c: &char| !matches!(c, '[' | ']' | '{' | '}' | '<' | '>' | '\\' | '\u{0301}');
    text.chars().filter(keep).collect()
}

#[cfg(all(test, feature = "test-util"))]
mod tests {
    use super::*;
    use crate::testing::tts_conformance;

    #[tokio::test]
    async fn it_keeps_the_contract_in_both_languages() {
        let tts = Espeak::start()
            .await
            .expect("install the Debian package espeak-ng");
        for language in Language::ALL {
            tts_conformance(&tts, language).await;
        }
    }

    #[tokio::test]
    async fn a_missing_program_is_named() {
        let missing = Espeak::start_program("espeak-is-not-here").await;
        assert_eq!(missing.err(), Some(LocalTtsError::Program("espeak-ng")));
    }

    #[test]
    fn phonemes_cannot_be_injected() {
        assert_eq!(plain("[[h@l'oU]] да\u{301}"), "h@l'oU да");
    }
}
