//! Speech by Debian's `festival`, in one process that all sessions share.
//!
//! The process is started once (0.75 CPU-seconds) and then spoken to in Scheme over its standard
//! input; sounds come back over its standard output, so there is neither a port nor a file that
//! somebody else could reach. The Russian voice holds its recordings in memory: 480 MB at first,
//! 830 MB after 500 sentences, as measured. At some 40 ms of CPU a sentence one
//! process is enough for dozens of talking sessions, so there is no pool.

use super::{
    LocalTtsError, Tts, TtsError, TtsRequest, TtsStream,
    normalize::speakable,
    program::{Program, Sound, parse_riff, speak},
};
use crate::Language;
use async_trait::async_trait;
use std::{io, process::Stdio, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::Mutex,
    time::timeout,
};

/// Longest wait for one sentence; then the process is killed and started anew. Sentences take some
/// 0.1 s, so this is for a process that hangs.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Longest wait for the voice to be loaded: a second, ten from a cold and busy disk.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// More than this is no sound of one sentence: 16 MB are over eight minutes.
const MAX_ANSWER: usize = 16 << 20;

/// A voice of festival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FestivalVoice {
    /// Festival's name for it.
    pub name: &'static str,
    /// The Debian package that has it.
    pub package: &'static str,
    /// What it speaks.
    pub language: Language,
}

impl FestivalVoice {
    /// A man from Moscow, 16 kHz, joined from recordings.
    pub const RUSSIAN: Self = Self {
        name: "msu_ru_nsh_clunits",
        package: "festvox-ru",
        language: Language::Ru,
    };
    /// A woman from the United States, 32 kHz, a statistical model.
    pub const ENGLISH: Self = Self {
        name: "cmu_us_slt_arctic_hts",
        package: "festvox-us-slt-hts",
        language: Language::En,
    };
}

/// Speech by festival. Cheap to clone; clones share the process.
///
/// A process that dies or hangs is started anew for the next sentence.
#[derive(Clone, Debug)]
pub struct Festival {
    process: Arc<Process>,
}

impl Festival {
    /// Starts festival and loads the voice, about a second.
    ///
    /// # Errors
    /// [`LocalTtsError`], which names what to install.
    pub async fn start(voice: FestivalVoice) -> Result<Self, LocalTtsError> {
        Self::start_program("festival", voice).await
    }

    async fn start_program(
        program: &'static str,
        voice: FestivalVoice,
    ) -> Result<Self, LocalTtsError> {
        let running = match timeout(START_TIMEOUT, Running::start(program, voice)).await {
            Ok(Ok(running)) => running,
            Ok(Err(Broken::Missing)) => return Err(LocalTtsError::Program("festival")),
            Ok(Err(Broken::Refused)) => return Err(LocalTtsError::Voice(voice.package)),
            Ok(Err(Broken::Died)) | Err(_) => return Err(LocalTtsError::Silent("festival")),
        };
        Ok(Self {
            process: Arc::new(Process {
                program,
                voice,
                running: Mutex::new(Some(running)),
            }),
        })
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Tts for Festival {
    fn name(&self) -> &str {
        self.process.voice.name
    }

    async fn synthesize(&self, request: TtsRequest) -> Result<TtsStream, TtsError> {
        let language = self.process.voice.language;
        if request.language != language {
            return Err(TtsError::UnsupportedLanguage(request.language));
        }
        let words = |sentence: &str| scheme_text(&speakable(sentence, language));
        speak(Arc::clone(&self.process), &request.text, words).await
    }
}

#[derive(Debug)]
struct Process {
    program: &'static str,
    voice: FestivalVoice,
    running: Mutex<Option<Running>>,
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Program for Process {
    async fn say(&self, words: &str) -> Result<Sound, TtsError> {
        match self.ask(words).await? {
            Some(sound) => Ok(sound),
            // Punctuation in odd places is what the voice stumbles over.
            None => self
                .ask(&letters_only(words))
                .await?
                .ok_or(TtsError::Protocol),
        }
    }
}

impl Process {
    /// The sound, or `None` if festival could not make any.
    async fn ask(&self, words: &str) -> Result<Option<Sound>, TtsError> {
        let mut slot = self.running.lock().await;
        if slot.as_ref().is_none_or(|running| running.half_written) {
            *slot = None;
            let start = timeout(START_TIMEOUT, Running::start(self.program, self.voice)).await;
            let start = start.map_err(|_| TtsError::Timeout(START_TIMEOUT))?;
            *slot = Some(start.map_err(|_| TtsError::Unavailable)?);
        }
        let Some(running) = slot.as_mut() else {
            return Err(TtsError::Unavailable);
        };
        match timeout(TIMEOUT, running.ask(words)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) => {
                tracing::warn!("festival died; it is started anew for the next sentence");
                *slot = None;
                Err(TtsError::Unavailable)
            }
            Err(_) => {
                tracing::warn!("festival hangs; it is started anew for the next sentence");
                *slot = None;
                Err(TtsError::Timeout(TIMEOUT))
            }
        }
    }
}

/// Why there is no process to talk to.
enum Broken {
    /// The program is not installed.
    Missing,
    /// The voice is not.
    Refused,
    /// It ended or its pipes broke.
    Died,
}

/// The process and what was said over its pipes.
///
/// Asking may be cancelled at any point: the answer to a cancelled question is skipped by its number
/// when the next question is answered.
#[derive(Debug)]
struct Running {
    /// Killed when dropped.
    _child: Child,
    stdin: ChildStdin,
    stdout: ChildStdout,
    /// Bytes read and not yet understood.
    buffer: Vec<u8>,
    /// Number of the last question.
    asked: u64,
    /// A question was cancelled while being written.
    half_written: bool,
}

impl Running {
    async fn start(program: &str, voice: FestivalVoice) -> Result<Self, Broken> {
        let mut child = Command::new(program)
            .arg("--pipe")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => Broken::Missing,
                _ => Broken::Died,
            })?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (stdin, stdout) = pipes.ok_or(Broken::Died)?;
        let mut running = Self {
            _child: child,
            stdin,
            stdout,
            buffer: Vec::new(),
            asked: 0,
            half_written: false,
        };
        running.write(&prelude(voice.name)).await?;
        loop {
            match running.answer().await? {
                Answer::Ready => return Ok(running),
                Answer::Noise => {}
                Answer::Failed(_) | Answer::Sound(..) => return Err(Broken::Refused),
            }
        }
    }

    async fn ask(&mut self, words: &str) -> Result<Option<Sound>, Broken> {
        self.asked += 1;
        let question = format!("(sfera_say {} \"{words}\")\n", self.asked);
        self.write(&question).await?;
        loop {
            match self.answer().await? {
                Answer::Sound(number, bytes) if number == self.asked => {
                    return Ok(parse_riff(&bytes));
                }
                Answer::Failed(number) if number == self.asked => return Ok(None),
                _ => {}
            }
        }
    }

    async fn write(&mut self, text: &str) -> Result<(), Broken> {
        self.half_written = true;
        self.stdin
            .write_all(text.as_bytes())
            .await
            .map_err(|_| Broken::Died)?;
        self.stdin.flush().await.map_err(|_| Broken::Died)?;
        self.half_written = false;
        Ok(())
    }

    async fn answer(&mut self) -> Result<Answer, Broken> {
        loop {
            if let Some((answer, length)) = Answer::parse(&self.buffer) {
                self.buffer.drain(..length);
                return Ok(answer);
            }
            let read = self.stdout.read_buf(&mut self.buffer).await;
            if read.unwrap_or(0) == 0 || self.buffer.len() > MAX_ANSWER {
                return Err(Broken::Died);
            }
        }
    }
}

/// What festival says: a line, and the sound right after it if there is one.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    /// The voice is loaded.
    Ready,
    /// The RIFF bytes to a question.
    Sound(u64, Vec<u8>),
    /// No sound to a question; 0 for the voice itself.
    Failed(u64),
    /// A line that is no answer.
    Noise,
}

impl Answer {
    /// The first whole answer in `bytes` and its length.
    fn parse(bytes: &[u8]) -> Option<(Self, usize)> {
        let line = bytes.iter().position(|b| *b == b'\n')?;
        let text = String::from_utf8_lossy(&bytes[..line]);
        let after = line + 1;
        let answer = match text.split_once(' ') {
            Some(("ready", "0")) => Self::Ready,
            Some(("fail", number)) => number.parse().map_or(Self::Noise, Self::Failed),
            Some(("wave", number)) => {
                let length = bytes.get(after + 4..after + 8)?;
                let length = u32::from_le_bytes(length.try_into().ok()?) as usize;
                let end = after.saturating_add(8).saturating_add(length);
                let sound = bytes.get(after..end)?;
                let number = number.parse().unwrap_or(0);
                return Some((Self::Sound(number, sound.to_vec()), end));
            }
            _ => Self::Noise,
        };
        Some((answer, after))
    }
}

/// Loads the voice and teaches festival one function: say a text, send the sound.
fn prelude(voice: &str) -> String {
    format!(
        r#"(define (sfera_line word id) (format t "%s %d\n" word id) (fflush nil))
(define (sfera_say id text)
  (unwind-protect
    (let ((utt (SynthText text)))
      (if (member 'Wave (utt.relationnames utt))
        (begin (sfera_line "wave" id) (utt.save.wave utt "-" 'riff) (fflush nil))
        (sfera_line "fail" id)))
    (sfera_line "fail" id)))
(if (member '{voice} (voice.list))
  (unwind-protect (begin (voice_{voice}) (sfera_line "ready" 0)) (sfera_line "fail" 0))
  (sfera_line "fail" 0))
"#
    )
}

/// Only what cannot end a Scheme string and what the voices know: letters, digits, simple
/// punctuation. Stress (a combining acute after the vowel) becomes festvox-ru's plus before it.
fn scheme_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        match c {
            '\u{0301}' => {
                if let Some(vowel) = out.chars().last().filter(|c| is_russian_vowel(*c)) {
                    out.truncate(out.len() - vowel.len_utf8());
                    out.extend(['+', vowel]);
                }
            }
            '—' | '–' | ';' | ':' => out.push(','),
            '…' => out.push('.'),
            '.' | ',' | '!' | '?' | '-' | '\'' => out.push(c),
            _ if is_pronounced(c) => out.push(c),
            _ => out.push(' '),
        }
    }
    let words: Vec<&str> = out.split_whitespace().collect();
    words.join(" ")
}

fn letters_only(words: &str) -> String {
    let letters = words
        .chars()
        .map(|c| if is_pronounced(c) { c } else { ' ' });
    letters.collect()
}

fn is_pronounced(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, 'а'..='я' | 'А'..='Я' | 'ё' | 'Ё')
}

fn is_russian_vowel(c: char) -> bool {
    "аеиоуыэюяАЕИОУЫЭЮЯ".contains(c)
}

#[cfg(all(test, feature = "test-util"))]
mod tests;
