//! Whisper's two vices: it repeats itself, and it hears subtitles in silence.

use crate::Language;
use serde::Deserialize;
use std::sync::LazyLock;
use unicode_segmentation::UnicodeSegmentation;

/// How sure the model was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Evidence {
    /// Mean natural logarithm of the tokens' probabilities.
    pub(super) log_probability: f32,
    /// Probability that nothing was said.
    pub(super) no_speech: f32,
}

impl Evidence {
    /// Thresholds on the cautious side of whisper.cpp's own (−1.0 and 0.6): they only decide about
    /// texts that are known phantoms.
    const fn is_weak(self) -> bool {
        self.log_probability < -0.5 || self.no_speech > 0.3
    }

    /// whisper.cpp's own threshold.
    const fn is_hardly_any(self) -> bool {
        self.no_speech > 0.6
    }

    /// Nothing that came of this can be trusted, whatever it says: −1.0 is whisper.cpp's own bound.
    const fn is_worthless(self) -> bool {
        self.log_probability < -1.0 || self.no_speech > 0.85 && self.log_probability < -0.6
    }
}

/// The longest phrase, in words, whose repetition is looked for.
const PHRASE: usize = 12;
/// Rounds that make a loop. Of one or two words it takes more: people do say «да-да-да». A sentence
/// that is the whole utterance twice over is one, too: with a short context Whisper does that.
const ROUNDS: usize = 3;
const ROUNDS_OF_SHORT: usize = 4;

#[derive(Deserialize)]
struct Phantoms {
    whole: Vec<String>,
    starts: Vec<String>,
    common: Vec<String>,
}

#[derive(Default, Deserialize)]
struct AllPhantoms {
    ru: Option<Phantoms>,
    en: Option<Phantoms>,
}

static PHANTOMS: LazyLock<AllPhantoms> =
    LazyLock::new(|| toml::from_str(include_str!("phantoms.toml")).unwrap_or_default());

/// What of the text can be believed: nothing of a phantom, one round of a loop.
pub(super) fn believe(text: &str, evidence: Evidence, language: Language) -> String {
    let text = text.trim();
    let phantom = evidence.is_weak() && is_phantom(text, evidence, language);
    if phantom || evidence.is_worthless() || !text.chars().any(char::is_alphanumeric) {
        tracing::debug!(?evidence, "an utterance without words");
        return String::new();
    }
    unloop(text)
}

fn is_phantom(text: &str, evidence: Evidence, language: Language) -> bool {
    // «ТРЕВОЖНАЯ МУЗЫКА»: subtitles tell of sounds in capitals, nobody speaks in them.
    let mut letters = text.chars().filter(|c| c.is_alphabetic());
    if letters.clone().nth(3).is_some() && letters.all(char::is_uppercase) {
        return true;
    }
    let said = text.to_lowercase().replace('ё', "е").replace('\'', "");
    let said = said.unicode_words().collect::<Vec<_>>().join(" ");
    let phantoms = match language {
        Language::Ru => &PHANTOMS.ru,
        Language::En => &PHANTOMS.en,
    };
    phantoms.as_ref().is_some_and(|phantoms| {
        phantoms.whole.contains(&said)
            || phantoms.starts.iter().any(|start| said.starts_with(start))
            || evidence.is_hardly_any() && phantoms.common.contains(&said)
    })
}

/// The text up to the end of the first round, if a phrase goes round in it.
fn unloop(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let plain: Vec<String> = words.iter().map(|word| plain(word)).collect();
    for start in 0..words.len() {
        for length in 1..=PHRASE {
            let Some(phrase) = plain.get(start..start + length) else {
                break;
            };
            let rounds = plain[start..].chunks(length).take_while(|c| *c == phrase);
            let rounds = rounds.count();
            let enough = if length < 3 { ROUNDS_OF_SHORT } else { ROUNDS };
            let doubled = length >= 3 && rounds == 2 && words.len() == 2 * length;
            if rounds >= enough || doubled {
                tracing::debug!(length, "the recogniser went round in circles");
                return words[..start + length].join(" ");
            }
        }
    }
    text.to_owned()
}

fn plain(word: &str) -> String {
    let letters = word.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRONG: Evidence = Evidence {
        log_probability: -0.2,
        no_speech: 0.01,
    };
    const WEAK: Evidence = Evidence {
        log_probability: -0.7,
        no_speech: 0.4,
    };

    #[test]
    fn a_phantom_is_dropped_only_on_weak_evidence() {
        for phantom in [
            "Продолжение следует...",
            "Субтитры сделал DimaTorzok",
            "ТРЕВОЖНАЯ МУЗЫКА",
        ] {
            assert_eq!(believe(phantom, WEAK, Language::Ru), "");
            assert_eq!(believe(phantom, STRONG, Language::Ru), phantom);
        }
        assert_eq!(believe(" Thanks for watching!", WEAK, Language::En), "");
        assert_eq!(
            believe("Какая погода?", WEAK, Language::Ru),
            "Какая погода?"
        );
    }

    #[test]
    fn what_the_model_itself_does_not_believe_is_dropped() {
        let lost = Evidence {
            log_probability: -1.5,
            no_speech: 0.1,
        };
        assert_eq!(believe("Какая погода?", lost, Language::Ru), "");
        assert_eq!(believe("...", STRONG, Language::Ru), "");
    }

    #[test]
    fn a_loop_is_cut_after_its_first_round() {
        let looped = "Мне нужно узнать, я не знаю, я не знаю, я не знаю, я не знаю, я не";
        assert_eq!(
            believe(looped, STRONG, Language::Ru),
            "Мне нужно узнать, я не знаю,"
        );
        assert_eq!(
            believe("Да, да, да, конечно", STRONG, Language::Ru),
            "Да, да, да, конечно"
        );
        assert_eq!(believe(&"ля ".repeat(50), STRONG, Language::Ru), "ля");
        assert_eq!(
            believe("Как меня зовут? Как меня зовут?", STRONG, Language::Ru),
            "Как меня зовут?"
        );
    }

    #[test]
    fn a_loop_that_was_cut_off_in_its_last_round_is_one_too() {
        let looped = "Для справки нажмите 0. ".repeat(3) + "Для справки нажмите";
        let once = believe(&looped, STRONG, Language::Ru);
        assert_eq!(once, "Для справки нажмите 0.");
    }

    #[test]
    fn thanks_are_believed_unless_there_is_hardly_any_evidence() {
        assert_eq!(believe("Спасибо.", WEAK, Language::Ru), "Спасибо.");
        let hardly_any = Evidence {
            no_speech: 0.7,
            ..WEAK
        };
        assert_eq!(believe("Спасибо.", hardly_any, Language::Ru), "");
    }

    #[test]
    fn the_phantoms_can_be_read() {
        assert!(PHANTOMS.ru.is_some() && PHANTOMS.en.is_some());
    }
}
