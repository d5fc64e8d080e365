use super::splitter::{CONTEXT_CHARS, MAX_CHARS, SentenceSplitter};
use proptest::prelude::*;

fn split(text: &str) -> Vec<String> {
    split_in_deltas(std::iter::once(text))
}

fn split_in_deltas<'a>(deltas: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut splitter = SentenceSplitter::default();
    let mut out = Vec::new();
    for delta in deltas {
        splitter.push(delta, &mut out);
    }
    splitter.finish(&mut out);
    out
}

fn check(sentences: &[&str]) {
    let text = sentences.concat();
    assert_eq!(split(&text), sentences, "from {text:?}");
}

#[test]
fn sentences_end_where_a_reader_would_end_them() {
    check(&[
        "Психология трейдинга важна. ",
        "Она помогает держать себя в руках.",
    ]);
    check(&[
        "Вы уверены, что хотите этого? ",
        "Тогда давайте начнём сейчас!",
    ]);
    check(&[
        "Он сказал: «Я приду завтра утром.» ",
        "Потом он ушёл домой и уснул.",
    ]);
    check(&[
        "Это первое предложение (и не последнее!) ",
        "Второе уже совсем другое.",
    ]);
    check(&[
        "Подождите минуту, я думаю… ",
        "Кажется, я нашёл ответ на вопрос.",
    ]);
    check(&[
        "The price of bitcoin rose today. ",
        "It was a quiet session otherwise.",
    ]);
}

#[test]
fn abbreviations_numbers_and_initials_do_not_end_a_sentence() {
    check(&["Это волатильность, т. е. размах колебаний цены за день."]);
    check(&["Роман написал А. С. Пушкин в прошлом веке, кажется."]);
    check(&["Число пи примерно равно 3.14 и никогда не кончается."]);
    check(&["Please ask for Mr. Smith or Dr. Jones at the front desk."]);
    check(&["Use a limit order, e.g. Buy at the price you have chosen."]);
    check(&["Он живёт в старом доме в г. Москве на ул. Ленина давно."]);
    check(&[
        "Акции, облигации, фонды и т. д. ",
        "Потом идут сложные вещи.",
    ]);
    check(&["Компания основана в 2019 г. ", "Сейчас в ней сто человек."]);
    check(&["Ну что же... наверное, вы правы, и так будет лучше."]);
    check(&["— Привет, как твои дела? — спросил он у неё вчера."]);
}

#[test]
fn short_sentences_go_together_with_the_next() {
    check(&[
        "Да. Нет. Не знаю. Решать вам самим. ",
        "Я только советую вам подумать.",
    ]);
    check(&["Привет!"]);
}

#[test]
fn lines_end_a_sentence_and_numbers_of_a_list_do_not() {
    check(&[
        "Вот что стоит помнить:\n",
        "1. Риск на сделку один процент.\n",
        "2. Стоп ставится сразу после входа.",
    ]);
}

#[test]
fn markdown_and_emoji_are_dropped() {
    assert_eq!(
        split(
            "## Правила 🎯\n\n- **Риск** на сделку: 1% 👍.\n- [Читать](https://example.com) дальше 👨‍👩‍👧 всем"
        ),
        ["Правила\nРиск на сделку: 1%.\n", "Читать дальше всем"]
    );
    assert!(split("🙂 --- *** 👋").is_empty());
}

#[test]
fn long_text_without_full_stops_is_cut_at_a_clause_or_a_space() {
    let clauses = "слово за словом, ".repeat(40);
    for sentence in split(&clauses) {
        assert!(sentence.chars().count() <= MAX_CHARS);
        assert!(sentence.trim_end().ends_with(','), "{sentence:?}");
    }
    let words = "слово ".repeat(200);
    assert!(split(&words).iter().all(|s| s.starts_with("слово")));
    assert_eq!(split(&"ы".repeat(600)).len(), 3);
}

#[test]
fn a_grapheme_is_never_cut() {
    let text = "й\u{0301}\u{0302}".repeat(300);
    assert!(split(&text).iter().all(|s| s.starts_with('й')));
}

#[test]
fn a_sentence_is_given_out_once_ten_characters_of_the_next_came() {
    let mut splitter = SentenceSplitter::default();
    let mut out = Vec::new();
    splitter.push("Это предложение закончено. Следующ", &mut out);
    assert!(out.is_empty());
    splitter.push("ее п", &mut out);
    assert_eq!(out, ["Это предложение закончено. "]);
}

#[test]
fn it_holds_little_whatever_comes() {
    for text in ["[", "a", "\u{0301}", "[a](", "```", " ", "-", "*", "\\"] {
        let mut splitter = SentenceSplitter::default();
        let mut out = Vec::new();
        for _ in 0..20_000 {
            splitter.push(text, &mut out);
        }
        let given: usize = out.iter().map(|s| s.chars().count()).sum();
        out.clear();
        splitter.finish(&mut out);
        let held: usize = out.iter().map(|s| s.chars().count()).sum();
        assert!(held < 2_000, "{held} held of {text:?}, {given} given");
    }
}

/// Words, marks and spaces as an LLM may write them, without Markdown.
fn plain_text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "[а-яА-Яa-zA-Z]{1,12}",
        Just("т.".to_owned()),
        Just("3.14".to_owned()),
        Just("А.".to_owned()),
        Just("руб.".to_owned()),
        "[0-9]{1,6}",
    ];
    let mark = prop_oneof![
        4 => Just(" "), 2 => Just(". "), 1 => Just("! "), 1 => Just("…\n"), 1 => Just("», "),
        1 => Just("\n\n"), 1 => Just("? "), 1 => Just(", ")
    ];
    prop::collection::vec((word, mark), 0..120).prop_map(|parts| {
        parts
            .iter()
            .map(|(word, mark)| format!("{word}{mark}"))
            .collect()
    })
}

fn cut(text: &str, cuts: &[prop::sample::Index]) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(chars.len() + 1)).collect();
    at.extend([0, chars.len()]);
    at.sort_unstable();
    at.windows(2)
        .map(|w| chars[w[0]..w[1]].iter().collect())
        .collect()
}

proptest! {
    #[test]
    fn no_word_is_lost_or_invented(text in plain_text()) {
        let out = split(&text);
        let caption = out.concat();
        prop_assert_eq!(
            caption.split_whitespace().collect::<Vec<_>>(),
            text.split_whitespace().collect::<Vec<_>>()
        );
        for sentence in &out {
            prop_assert!(sentence.chars().count() <= MAX_CHARS + CONTEXT_CHARS);
        }
    }

    #[test]
    fn the_deltas_do_not_matter(
        text in prop_oneof![plain_text(), any::<String>(), "[\\[\\]()!*_`~#> \n.а-вА-В\\\\-]{0,300}"],
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..40),
    ) {
        let deltas = cut(&text, &cuts);
        prop_assert_eq!(split_in_deltas(deltas.iter().map(String::as_str)), split(&text));
    }

    #[test]
    fn letters_survive_any_markdown(text in "[*_`~#> \n.а-вА-В\\\\-]{0,300}") {
        let letters = |s: &str| s.chars().filter(|c| c.is_alphabetic()).collect::<String>();
        prop_assert_eq!(letters(&split(&text).concat()), letters(&text));
    }
}
