//! Letters that were said by their names: «эл кью дэ тэ» is LQDT, «о эф зэ» is ОФЗ.

use std::{collections::HashMap, ops::Range, sync::LazyLock};

/// Readings of one run that are given at most.
const MAX_READINGS: usize = 16;
/// A run is no longer: tickers and abbreviations are not.
const MAX_LETTERS: usize = 8;

/// A letter's name, then what it may stand for: Cyrillic, Latin or both. `&` is said but not written.
const NAMES: &str = "
а а a
бэ б b
би b
вэ в v w
ви v
гэ г g
джи g
дэ д d
ди d
е е e
и и i e
жэ ж g j
зэ з z
зет z
зэд z
ай i
йот j
джей j
ка к k
кей k
эл л l
эль л l
эм м m
эн н n
о о o
пэ п p
пи p
эр р r
ар r
эс с s c
тэ т t
ти t
у у u
ю ю u
эф ф f
ха х h
аш h
эйч h
цэ ц c
це ц c
си c
че ч
ша ш
ща щ
э э e
эй a
я я
кью q
ку q
икс x
игрек y
уай y
дабл w
энд &
";

static READINGS: LazyLock<HashMap<&str, Vec<char>>> = LazyLock::new(|| {
    let mut readings = HashMap::new();
    for line in NAMES.lines() {
        let mut words = line.split_whitespace();
        if let Some(name) = words.next() {
            readings.insert(name, words.flat_map(str::chars).collect());
        }
    }
    readings
});

/// Letters among words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spelled {
    /// What they may spell, lower case; all of one script.
    pub(crate) readings: Vec<String>,
    /// Which words they are.
    pub(crate) words: Range<usize>,
}

/// The runs of letters' names among words as [`super::words::words`] gives them. Names that are words
/// too («и», «о», «а») count only beside others: where a run has them at its ends or within, it is
/// given with and without.
pub(crate) fn spelled<S: AsRef<str>>(words: &[S]) -> Vec<Spelled> {
    let is_name = |word: &S| READINGS.contains_key(word.as_ref());
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let run = words[at..].iter().take_while(|w| is_name(w)).count();
        found.extend(in_run(words, at..at + run));
        at += run.max(1);
    }
    found
}

fn in_run<S: AsRef<str>>(words: &[S], run: Range<usize>) -> Vec<Spelled> {
    let doubtful = |at: usize| words[at].as_ref().chars().nth(1).is_none();
    let mut found = Vec::new();
    // From every place where a word may begin to every place where one may end.
    for start in run.clone() {
        if start != run.start && !doubtful(start) && !doubtful(start - 1) {
            continue;
        }
        for end in start + 2..=run.end.min(start + MAX_LETTERS) {
            if end != run.end && !doubtful(end) && !doubtful(end - 1) {
                continue;
            }
            let certain = (start..end).filter(|at| !doubtful(*at)).count();
            if certain == 0 || certain + (end - start) / 3 < 2 {
                continue;
            }
            let readings = readings(&words[start..end]);
            if !readings.is_empty() {
                let words = start..end;
                found.push(Spelled { readings, words });
            }
        }
    }
    found
}

fn readings<S: AsRef<str>>(names: &[S]) -> Vec<String> {
    let of_script = |is: fn(char) -> bool| {
        let mut all = vec![String::new()];
        for name in names {
            let letters = READINGS.get(name.as_ref()).into_iter().flatten();
            let letters: Vec<char> = letters.copied().filter(|c| is(*c) || *c == '&').collect();
            let longer = all.iter().flat_map(|begun| {
                letters.iter().map(move |letter| match letter {
                    '&' => begun.clone(),
                    letter => format!("{begun}{letter}"),
                })
            });
            all = longer.take(MAX_READINGS).collect();
        }
        all
    };
    let mut all = of_script(|c| !c.is_ascii());
    all.extend(of_script(|c| c.is_ascii_alphabetic()));
    all.retain(|reading| reading.chars().nth(1).is_some());
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Language, language::words::words, tts::normalize::speakable};
    use proptest::prelude::*;

    fn spells(text: &str, what: &str) -> bool {
        let words: Vec<_> = words(text).collect();
        let mut found = spelled(&words).into_iter();
        found.any(|s| s.readings.iter().any(|r| r == what))
    }

    #[test]
    fn letters_are_read_in_both_scripts() {
        for (said, what) in [
            ("эс пэ пятьсот", "sp"),
            ("эс энд пи пятьсот", "sp"),
            ("эл кью дэ тэ это фонд", "lqdt"),
            ("о эф зэ двадцать", "офз"),
            ("чем ай эм о и икс лучше", "imoex"),
            ("и и эс три", "иис"),
            ("эн дэ эф эл", "ндфл"),
            ("бэ тэ цэ и вэ ай икс", "btc"),
            ("бэ тэ цэ и вэ ай икс", "vix"),
            ("эр тэ эс или эл кью дэ тэ", "ртс"),
        ] {
            assert!(spells(said, what), "{said}: {what}");
        }
    }

    #[test]
    fn small_words_alone_spell_nothing() {
        for text in ["и а", "страх и жадность", "о себе", "у меня и я", ""]
        {
            let words: Vec<_> = words(text).collect();
            assert_eq!(spelled(&words), [], "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_the_voice_spells_is_read_back(ticker in "[BCDFGHJKLMNPQRSTVXZ]{3,5}") {
            let said = speakable(&ticker, Language::Ru).replace('\u{301}', "");
            // Known words are read as words, and «дабл-ю» is two.
            let spelt = said.matches('-').count() + 1 == ticker.len();
            prop_assume!(spelt);
            prop_assert!(spells(&said, &ticker.to_lowercase()), "{} from {}", ticker, said);
        }

        #[test]
        fn readings_are_bounded(words in prop::collection::vec(prop::sample::select(READINGS.keys().copied().collect::<Vec<_>>()), 0..40)) {
            for spelled in spelled(&words) {
                prop_assert!(spelled.readings.len() <= 2 * MAX_READINGS);
                prop_assert!(spelled.words.len() <= MAX_LETTERS);
                prop_assert!(spelled.words.end <= words.len());
            }
        }
    }
}
