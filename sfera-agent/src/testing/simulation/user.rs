//! The simulated user: sounds and what VAD and STT make of them.

use super::{
    plan::{Content, Finals, Hearing, Speech},
    words::{self, Words},
};
use crate::{
    Language,
    turn::{Input, Time},
};
use std::time::Duration;

/// How long the VAD needs to be sure of speech and of silence.
const VAD_START: u64 = 60;
const VAD_END: u64 = 250;
/// The pause in the middle of speech heard in halves.
const PAUSE: u64 = 400;

/// What the machine is told because of a sound, each after a delay from its beginning, and how long
/// the sound keeps the user busy.
pub(super) fn hear(
    speech: &Speech,
    now: Time,
    language: Language,
    words: &mut Words,
) -> (Vec<(Duration, Input)>, Duration) {
    let text = text(speech.content, language, words);
    let length = u64::from(speech.length);
    let mut told = Vec::new();
    let mut tell = |ms: u64, input: Input| told.push((Duration::from_millis(ms), input));
    let since = |ms: u64| now + Duration::from_millis(ms);
    let start = |ms: u64| (ms + VAD_START, Input::SpeechStarted { since: since(ms) });
    let end = |ms: u64| (ms + VAD_END, Input::SpeechEnded { since: since(ms) });

    let spans: &[(u64, u64)] = match speech.vad {
        Hearing::Halves => &[(0, length / 2), (length / 2 + PAUSE, length + PAUSE)],
        _ => &[(0, length)],
    };
    let over = spans[spans.len() - 1].1 + VAD_END;
    for &(from, to) in spans {
        let ((starts, started), (ends, ended)) = (start(from), end(to));
        match speech.vad {
            Hearing::Deaf => {}
            Hearing::OnlyEnd => tell(ends, ended),
            Hearing::NoEnd => tell(starts, started),
            Hearing::TwoStarts => {
                tell(starts, started.clone());
                tell(starts + 30, started);
                tell(ends, ended);
            }
            Hearing::Whole | Hearing::Halves => {
                tell(starts, started);
                tell(ends, ended);
            }
        }
    }
    interims(speech, &text, over - VAD_END, &mut tell);
    finals(speech, text, over, &mut tell);
    (told, Duration::from_millis(over))
}

fn interims(speech: &Speech, text: &str, length: u64, tell: &mut impl FnMut(u64, Input)) {
    let words: Vec<&str> = text.split_whitespace().collect();
    let count = usize::from(speech.interims).min(words.len());
    for n in 1..=count {
        let text = words[..words.len() * n / count].join(" ");
        tell(
            length * n as u64 / count as u64 + 120,
            Input::Interim { text },
        );
    }
}

fn finals(speech: &Speech, text: String, over: u64, tell: &mut impl FnMut(u64, Input)) {
    let at = over + u64::from(speech.delay);
    let finals = match (speech.finals, speech.vad) {
        // A recogniser owes one final text for every end of speech.
        (Finals::One, Hearing::Halves) => Finals::Pieces,
        (finals, _) => finals,
    };
    match finals {
        Finals::Never => {}
        Finals::One => tell(at, Input::Final { text }),
        Finals::Twice => {
            tell(at, Input::Final { text: text.clone() });
            tell(at + 20, Input::Final { text });
        }
        Finals::Pieces => {
            let (head, tail) = words::half(&text);
            tell(over / 2 + VAD_START, Input::Final { text: head });
            tell(at, Input::Final { text: tail });
        }
        Finals::Early => tell(over - VAD_END / 2, Input::Final { text }),
        Finals::Corrected => {
            let text = words::half(&text).0;
            tell(at, Input::Final { text });
        }
    }
}

fn text(content: Content, language: Language, words: &mut Words) -> String {
    match (content, language) {
        (Content::Words(count), _) => words.take(count),
        (Content::Backchannel, Language::Ru) => "Угу.".into(),
        (Content::Backchannel, Language::En) => "Mm-hm.".into(),
        (Content::Decision(yes), language) => words::decision(yes, language).into(),
        (Content::Cough, _) => String::new(),
        (Content::Garbage(kind), _) => words::garbage(kind),
    }
}
