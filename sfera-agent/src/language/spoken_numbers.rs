//! Numbers that were said or written in words, as digits: the way back from what voices read out.

use std::{collections::HashMap, ops::Range, sync::LazyLock};

/// A number among words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    /// Its value.
    pub(crate) value: u64,
    /// Which words it is.
    pub(crate) words: Range<usize>,
    /// «двадцать третий», not «двадцать три».
    pub(crate) ordinal: bool,
}

/// A word of a number.
#[derive(Clone, Copy)]
struct Atom {
    value: u64,
    ordinal: bool,
}

const SCALES: [u64; 4] = [1_000, 1_000_000, 1_000_000_000, 1_000_000_000_000];

/// Value, then its forms as whole words; `е` for `ё`.
const CARDINALS: &str = "
0 ноль нуль ноля нуля нолю нулю нолем нулем ноле нуле zero
1 один одна одно одну одного одной одному одним одном one
2 два две двух двум двумя two
3 три трех трем тремя three
4 четыре четырех четырем четырьмя four
5 пять пяти пятью five
6 шесть шести шестью six
7 семь семи семью seven
8 восемь восьми восемью восьмью eight
9 девять девяти девятью nine
10 десять десяти десятью ten
11 одиннадцать одиннадцати одиннадцатью eleven
12 двенадцать двенадцати двенадцатью twelve
13 тринадцать тринадцати тринадцатью thirteen
14 четырнадцать четырнадцати четырнадцатью fourteen
15 пятнадцать пятнадцати пятнадцатью fifteen
16 шестнадцать шестнадцати шестнадцатью sixteen
17 семнадцать семнадцати семнадцатью seventeen
18 восемнадцать восемнадцати восемнадцатью eighteen
19 девятнадцать девятнадцати девятнадцатью nineteen
20 двадцать двадцати двадцатью twenty
30 тридцать тридцати тридцатью thirty
40 сорок сорока forty
50 пятьдесят пятидесяти пятьюдесятью fifty
60 шестьдесят шестидесяти шестьюдесятью sixty
70 семьдесят семидесяти семьюдесятью seventy
80 восемьдесят восьмидесяти восемьюдесятью eighty
90 девяносто девяноста ninety
100 сто ста hundred
200 двести двухсот двумстам двумястами двухстах
300 триста трехсот тремстам тремястами трехстах
400 четыреста четырехсот четыремстам четырьмястами четырехстах
500 пятьсот пятисот пятистам пятьюстами пятистах
600 шестьсот шестисот шестистам шестьюстами шестистах
700 семьсот семисот семистам семьюстами семистах
800 восемьсот восьмисот восьмистам восемьюстами восьмистах
900 девятьсот девятисот девятистам девятьюстами девятистах
1000 тысяча тысячи тысяче тысячу тысячей тысяч тысячам тысячами тысячах thousand
1000000 миллион миллиона миллиону миллионом миллионе миллионы миллионов миллионам миллионами миллионах million
1000000000 миллиард миллиарда миллиарду миллиардом миллиарде миллиарды миллиардов миллиардам миллиардами миллиардах billion
1000000000000 триллион триллиона триллиону триллионом триллионе триллионы триллионов триллионам триллионами триллионах trillion
";

/// Value and stem of «первый», «второй» and so on.
const ORDINALS: &str = "
1 перв 2 втор 4 четверт 5 пят 6 шест 7 седьм 8 восьм 9 девят 10 десят 11 одиннадцат 12 двенадцат
13 тринадцат 14 четырнадцат 15 пятнадцат 16 шестнадцат 17 семнадцат 18 восемнадцат 19 девятнадцат
20 двадцат 30 тридцат 40 сороков 50 пятидесят 60 шестидесят 70 семидесят 80 восьмидесят 90 девяност
100 сот 200 двухсот 300 трехсот 400 четырехсот 500 пятисот 600 шестисот 700 семисот 800 восьмисот
900 девятисот 1000 тысячн 2000 двухтысячн 3000 трехтысячн 4000 четырехтысячн 5000 пятитысячн
6000 шеститысячн 7000 семитысячн 8000 восьмитысячн 9000 девятитысячн 10000 десятитысячн
100000 стотысячн 1000000 миллионн
";
const ENDINGS: [&str; 12] = [
    "ый", "ой", "ая", "ое", "ого", "ому", "ым", "ом", "ую", "ые", "ых", "ыми",
];
const THIRD: [&str; 12] = [
    "ий", "ья", "ье", "ьего", "ьей", "ьему", "ьим", "ьем", "ью", "ьи", "ьих", "ьими",
];

static ATOMS: LazyLock<HashMap<String, Atom>> = LazyLock::new(|| {
    let mut atoms = HashMap::new();
    for line in CARDINALS.lines() {
        let mut words = line.split_whitespace();
        let Some(value) = words.next().and_then(|value| value.parse().ok()) else {
            continue;
        };
        let ordinal = false;
        atoms.extend(words.map(|word| (word.to_owned(), Atom { value, ordinal })));
    }
    let ordinal = |value| Atom {
        value,
        ordinal: true,
    };
    let words: Vec<_> = ORDINALS.split_whitespace().collect();
    for pair in words.chunks_exact(2) {
        let value = pair[0].parse().unwrap_or_default();
        let forms = ENDINGS.iter().map(|ending| format!("{}{ending}", pair[1]));
        atoms.extend(forms.map(|form| (form, ordinal(value))));
    }
    atoms.extend(THIRD.map(|ending| (format!("трет{ending}"), ordinal(3))));
    atoms
});

/// The numbers among words as [`super::words::words`] gives them, in order. «двадцать шесть двести» is
/// two of them: the second cannot go on with the first.
pub(crate) fn numbers<S: AsRef<str>>(words: &[S]) -> Vec<Number> {
    read(words, false)
}

/// The same for whoever calculates: "two hundred and five" is one number too.
pub(crate) fn counted<S: AsRef<str>>(words: &[S]) -> Vec<Number> {
    read(words, true)
}

fn read<S: AsRef<str>>(words: &[S], hundreds: bool) -> Vec<Number> {
    let mut found: Vec<Number> = Vec::new();
    let mut reading = Reading::default();
    for (at, word) in words.iter().enumerate() {
        let word = word.as_ref();
        let next = words.get(at + 1).and_then(|next| ATOMS.get(next.as_ref()));
        if hundreds && (reading.take_hundred(word) || reading.take_and(word, next)) {
            continue;
        }
        let Some(atom) = ATOMS.get(word).copied() else {
            found.extend(reading.end(at));
            continue;
        };
        if !reading.take(atom) {
            found.extend(reading.end(at));
            reading.take(atom);
        }
        if atom.ordinal {
            found.extend(reading.end(at + 1));
        }
    }
    found.extend(reading.end(words.len()));
    found
}

/// A number that is being read.
#[derive(Clone, Copy, Default)]
struct Reading {
    words: usize,
    total: u64,
    /// Below the next scale.
    group: u64,
    /// What may follow is smaller than this; 0 is none yet.
    below: u64,
    scale: u64,
    ordinal: bool,
}

impl Reading {
    /// Takes a word that goes on with the number.
    fn take(&mut self, atom: Atom) -> bool {
        let value = atom.value;
        let fits = if SCALES.contains(&value) {
            (self.scale == 0 || value < self.scale)
                && (self.words == 0 || self.group > 0 || value < self.scale)
        } else {
            // «двухтысячный» is a whole by itself, and so is nothing.
            self.words == 0 || (value > 0 && value < self.below)
        };
        if !fits {
            return false;
        }
        if SCALES.contains(&value) {
            let times = self.group.max(1);
            let Some(total) = times
                .checked_mul(value)
                .and_then(|v| v.checked_add(self.total))
            else {
                return false;
            };
            (self.total, self.group) = (total, 0);
            (self.scale, self.below) = (value, value.min(1_000));
        } else {
            self.group += value;
            self.below = match value {
                100..=999 => 100,
                20..=99 => 10,
                _ => 1,
            };
        }
        self.words += 1;
        self.ordinal = atom.ordinal;
        true
    }

    /// "two hundred": the English hundred counts what was said before it.
    fn take_hundred(&mut self, word: &str) -> bool {
        let fits = word == "hundred" && (1..100).contains(&self.group);
        if fits {
            self.group *= 100;
            self.below = 100;
            self.words += 1;
        }
        fits
    }

    /// "one hundred and five"
    fn take_and(&mut self, word: &str, next: Option<&Atom>) -> bool {
        let goes_on = |next: &Atom| Self::take(&mut self.clone(), *next);
        let fits = word == "and" && self.words > 0 && next.is_some_and(goes_on);
        self.words += usize::from(fits);
        fits
    }

    /// The number before the word at `end`, if there is one, and a fresh start.
    fn end(&mut self, end: usize) -> Option<Number> {
        let done = std::mem::take(self);
        (done.words > 0).then(|| Number {
            value: done.total.saturating_add(done.group),
            words: end - done.words..end,
            ordinal: done.ordinal,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Language, language::words::words, tts::normalize::speakable};
    use proptest::prelude::*;

    fn read(text: &str) -> Vec<(u64, bool)> {
        let words: Vec<_> = words(text).collect();
        let numbers = numbers(&words).into_iter();
        numbers.map(|n| (n.value, n.ordinal)).collect()
    }

    #[test]
    fn numbers_are_read_in_any_form() {
        for (said, value, ordinal) in [
            ("двадцать третий", 23, true),
            ("две тысячи двадцать третьего", 2_023, true),
            ("две тысячи двадцать третий", 2_023, true),
            ("двухтысячный", 2_000, true),
            ("девятитысячного", 9_000, true),
            ("тысяча девятьсот девяносто восьмом", 1_998, true),
            ("пятьсот", 500, false),
            ("тысяча", 1_000, false),
            ("пятьюдесятью тремя", 53, false),
            ("два миллиона сорок тысяч один", 2_040_001, false),
            ("миллион сто", 1_000_100, false),
            ("ноль", 0, false),
            ("seventy two thousand eleven", 72_011, false),
        ] {
            assert_eq!(read(said), [(value, ordinal)], "{said}");
        }
    }

    #[test]
    fn numbers_that_do_not_go_on_are_two() {
        assert_eq!(
            read("двадцать шесть двести тридцать восемь"),
            [(26, false), (238, false)]
        );
        assert_eq!(
            read("четыре семь восемь"),
            [(4, false), (7, false), (8, false)]
        );
        assert_eq!(
            read("двадцать восьмого февраля двадцать второго"),
            [(28, true), (22, true)]
        );
        assert_eq!(read("ноль ноль семь"), [(0, false), (0, false), (7, false)]);
        assert_eq!(
            read("тысяча тысяч, миллион миллионов"),
            [
                (1_000, false),
                (1_000, false),
                (1_000_000, false),
                (1_000_000, false)
            ]
        );
        assert_eq!(read("страх и жадность"), []);
        assert_eq!(read(""), []);
    }

    #[test]
    fn english_hundreds_are_counted_for_whoever_calculates() {
        for (said, values) in [
            ("two hundred and five", vec![205]),
            ("three hundred twelve thousand", vec![312_000]),
            ("one thousand and nine hundred", vec![1_900]),
            ("two and five", vec![2, 5]),
            ("hundred", vec![100]),
            ("двести пять", vec![205]),
        ] {
            let words: Vec<_> = words(said).collect();
            let counted: Vec<_> = counted(&words).into_iter().map(|n| n.value).collect();
            assert_eq!(counted, values, "{said}");
        }
    }

    #[test]
    fn a_number_knows_its_words() {
        let words: Vec<_> = words("за две тысячи двадцать второй год").collect();
        let number = numbers(&words).remove(0);
        assert_eq!(
            &words[number.words],
            ["две", "тысячи", "двадцать", "второй"]
        );
    }

    proptest! {
        #[test]
        fn what_the_voice_reads_out_is_read_back(n in prop_oneof![0..3_000_u64, 0..1_000_000_000_000_000_u64]) {
            let said = speakable(&n.to_string(), Language::Ru);
            prop_assert_eq!(read(&said), [(n, false)], "{}", said);
        }

        #[test]
        fn ordinals_are_read_back(n in 1..10_000_u64, ending in prop::sample::select(vec!["й", "го", "му", "м", "я", "ю"])) {
            let said = speakable(&format!("{n}-{ending}"), Language::Ru);
            let read = read(&said);
            prop_assert_eq!(read.last().map(|r| r.1), Some(true), "{}", said);
            prop_assert_eq!(read.iter().map(|r| r.0).collect::<Vec<_>>(), [n], "{}", said);
        }

        #[test]
        fn no_words_are_too_odd(words in prop::collection::vec(prop::sample::select(ATOMS.keys().cloned().collect::<Vec<_>>()), 0..30)) {
            let numbers = numbers(&words);
            let covered: usize = numbers.iter().map(|n| n.words.len()).sum();
            prop_assert_eq!(covered, words.len());
            prop_assert!(numbers.is_sorted_by(|a, b| a.words.end <= b.words.start));
        }
    }
}
