//! Words that tell of suicide, self-harm or violence, in Russian and English.
//!
//! Who writes such words is shown at once where people help, whatever a language model would say. The
//! signs are in `signs.txt`; they are looked for in a text that is made plain before: lower case,
//! no punctuation, letters that only look alike or are repeated brought back to what is meant.

use regex::RegexSet;
use std::sync::LazyLock;

const LIST: &str = include_str!("signs.txt");

static SIGNS: LazyLock<Option<RegexSet>> = LazyLock::new(|| signs(LIST));

/// Whether a text tells of it. Rather yes than no.
pub fn is_told(text: &str) -> bool {
    let plain = plain(text);
    let told = |signs: &RegexSet| signs.is_match(&plain);
    SIGNS.as_ref().is_none_or(told)
}

fn signs(list: &str) -> Option<RegexSet> {
    let lines = list.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    RegexSet::new(lines.map(pattern)).ok()
}

/// A sign as a regular expression over a plain text.
fn pattern(sign: &str) -> String {
    let mut pattern = sign.replace('~', "[a-zа-я0-9]*");
    for most in 1..=4 {
        let gap = format!("(?:[a-zа-я0-9]+ ){{0,{most}}}");
        pattern = pattern.replace(&format!("<{most}>"), &gap);
    }
    format!(" (?:{pattern}) ")
}

/// A text with nothing in it but lower-case words between single spaces, one before and one after all.
fn plain(text: &str) -> String {
    let mut plain = String::from(" ");
    for word in joined(&words(text)) {
        plain.push_str(&word);
        plain.push(' ');
    }
    plain
}

fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'ё' => push(&mut words, 'е'),
            c if c.is_alphanumeric() || c == '@' => push(&mut words, c),
            // They are within words: "don't"; a soft hyphen, a stress mark, a space without width.
            '\'' | '’' | 'ʼ' | '`' | '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200d}' =>
                {}
            _ => words.push(String::new()),
        }
    }
    words.retain(|word| !word.is_empty());
    words.iter().map(|word| calm(&meant(word))).collect()
}

fn push(words: &mut [String], c: char) {
    if let Some(word) = words.last_mut() {
        word.push(c);
    }
}

/// A Russian word with Latin letters or digits that look like its own.
fn meant(word: &str) -> String {
    if !word.chars().any(|c| matches!(c, 'а'..='я')) {
        return word.to_owned();
    }
    let meant = |c| match c {
        'a' | '@' => 'а',
        'b' => 'в',
        'c' => 'с',
        'e' => 'е',
        'h' => 'н',
        'i' | 'u' | '1' => 'и',
        'k' => 'к',
        'm' => 'м',
        'o' | '0' => 'о',
        'p' => 'р',
        't' => 'т',
        'x' => 'х',
        'y' => 'у',
        '3' => 'з',
        '4' => 'ч',
        '6' => 'б',
        c => c,
    };
    word.chars().map(meant).collect()
}

/// Three and more of a letter are one: somebody cries.
fn calm(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    let runs = letters.chunk_by(|a, b| a == b);
    let runs = runs.flat_map(|run| match run.len() {
        0..3 => run,
        _ => &run[..1],
    });
    runs.collect()
}

/// Letters that stand alone, four and more in a row, are a word: "с у и ц и д".
fn joined(words: &[String]) -> Vec<String> {
    let alone = |word: &String| word.chars().count() == 1;
    let mut joined = Vec::new();
    for run in words.chunk_by(|a, b| alone(a) && alone(b)) {
        match run.len() {
            0..4 => joined.extend_from_slice(run),
            _ => joined.push(run.concat()),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_sign_can_be_read() {
        assert!(SIGNS.is_some());
        let lines = LIST.lines().filter(|line| !line.starts_with('#'));
        for line in lines.filter(|line| !line.is_empty()) {
            let pattern = pattern(line);
            assert!(!pattern.contains(['~', '<']), "{line}");
            assert!(regex::Regex::new(&pattern).is_ok(), "{line}");
        }
    }

    #[test]
    fn words_that_tell_of_it_are_recognised_in_many_forms() {
        for text in [
            "Я думаю о самоубийстве",
            "у меня суицидальные мысли",
            "Хочу покончить с собой",
            "покончу с этой жизнью",
            "Закончить свою жизнь",
            "Хочется сводить счёты с жизнью",
            "я убью себя",
            "Сегодня я себя убью!!!",
            "Не хочу жить",
            "Я больше не хочу так жить",
            "жить совсем не хочется",
            "Жить незачем",
            "нет смысла жить дальше",
            "нет сил больше жить",
            "Я устала жить",
            "хочу умереть",
            "Хочу просто исчезнуть",
            "Лучше бы я умерла",
            "лучше бы меня не было",
            "Умереть хочу",
            "постоянно думаю о смерти",
            "уйду из жизни",
            "Спрыгну с крыши",
            "выброшусь из окна",
            "брошусь под поезд",
            "Я повешусь",
            "наглотаюсь таблеток",
            "выпила всю пачку таблеток",
            "Я режу себе руки",
            "опять порезала вены",
            "снова режусь",
            "Хочу причинить себе боль",
            "Хочу его убить",
            "Я зарежу мужа",
            "Муж меня бьёт",
            "Отчим избивает маму",
            "Меня изнасиловали",
            "домашнее насилие",
            "всем будет лучше без меня",
            "как безболезненно умереть?",
            "Скорей бы сдохнуть",
            "не вижу смысла в жизни",
            "хочу, чтобы меня не было",
            "я решил свести счёты",
            "Муж поднял на меня руку",
            "ya ne hochu zhit",
            "I want to kill myself",
            "I'm suicidal",
            "i want to die",
            "I don't want to live anymore",
            "I can’t go on",
            "I wish I was dead",
            "There is no reason to live",
            "I'm going to end it all",
            "i want to end my life",
            "They'd be better off without me",
            "I keep cutting myself",
            "I took an overdose",
            "thinking about suicide",
            "My husband beats me",
            "I was raped",
            "I'm going to kill him",
            "life is not worth living",
            "thinking of ending it",
            "Nobody would miss me",
            "I took too many pills",
        ] {
            assert!(is_told(text), "{text} → {}", plain(text));
        }
    }

    #[test]
    fn disguised_words_are_recognised() {
        for text in [
            "ХОЧУ УМЕРЕЕЕЕТЬ",
            "не\nхочу…жить",
            "с у и ц и д",
            "суиц1д",
            "сyицид",
            "само\u{ad}убийство",
            "су\u{200b}ицид",
            "I want to diiiie",
            "s u i c i d e",
            "k.i.l.l myself, suicide!",
        ] {
            assert!(is_told(text), "{text} → {}", plain(text));
        }
    }

    #[test]
    fn everyday_words_are_not_taken_for_it() {
        for text in [
            "",
            "Привет! Как дела?",
            "Мне грустно и одиноко",
            "Я устал на работе, ничего не хочется",
            "Не хочу идти на работу",
            "Как перестать бояться экзамена?",
            "Выпил кофе и лёг спать",
            "Приняла таблетку от головы",
            "В чём смысл жизни?",
            "Поссорилась с мужем",
            "Хочу жить лучше",
            "Закончил университет",
            "Режу салат",
            "Бросил курить",
            "Мы расстались, и я скучаю",
            "Боюсь летать",
            "У меня умерла бабушка",
            "Мой кот умер",
            "Я умираю со смеху",
            "Как жить дальше после развода?",
            "Хочу спать",
            "How can I sleep better?",
            "I am tired of my job",
            "I want to live in another city",
            "I can't sleep",
            "My boss shouts at people",
            "I cut my hair yesterday",
            "I'm dying to see that film",
            "My grandmother died",
            "He hurt my feelings",
        ] {
            assert!(!is_told(text), "{text} → {}", plain(text));
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC{0,200}") {
            let plain = plain(&text);
            prop_assert!(plain.starts_with(' ') && plain.ends_with(' '));
            prop_assert!(!plain.contains("  "));
        }

        #[test]
        fn what_stands_around_it_hides_nothing(
            before in "[а-яa-z .,!?]{0,40}",
            after in "[а-яa-z .,!?]{0,40}",
        ) {
            let text = format!("{before} хочу умереть {after}");
            prop_assert!(is_told(&text));
        }
    }
}
