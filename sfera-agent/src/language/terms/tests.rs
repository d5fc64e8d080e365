use super::*;
use proptest::prelude::*;

/// Whether a question's every want is among a text's terms, exactly.
fn exactly(text: &str, question: &str) -> bool {
    let terms = terms(text, None);
    let wanted = wanted(question, None);
    !wanted.is_empty()
        && wanted
            .iter()
            .all(|w| w.exact.iter().any(|e| terms.contains(e)))
}

fn roughly(text: &str, question: &str) -> bool {
    let terms = terms(text, None);
    let wanted = wanted(question, None);
    !wanted.is_empty() && wanted.iter().all(|w| w.forms().any(|f| terms.contains(f)))
}

#[test]
fn numbers_meet_however_they_are_put() {
    for (text, question) in [
        ("за 2023 год", "за две тысячи двадцать третий год"),
        ("за 2023 год", "за двадцать третий год"),
        ("в 1998 году", "девяносто восьмой год"),
        ("двенадцать компаний", "12 компаний"),
        ("лимит 300 000 рублей", "триста тысяч рублей"),
        ("лимит 300 тысяч рублей", "триста тысяч рублей"),
        ("на 33,30 рубля", "33.30 рубля"),
        ("33,30 рубля", "тридцать три рубля тридцать"),
        ("ОФЗ 26238", "офз двадцать шесть двести тридцать восемь"),
        ("18 декабря", "восемнадцатого декабря"),
    ] {
        assert!(exactly(text, question), "{text}: {question}");
    }
    assert!(!exactly("в 2024 году", "двадцать четвёртого февраля"));
    assert!(!exactly("за 2022 год", "за две тысячи двадцать третий"));
}

#[test]
fn tickers_and_names_meet_however_they_are_put() {
    for (text, question) in [
        ("индекс S&P 500", "индекс эс пэ пятьсот"),
        ("индекс S&P 500", "индекс s&p 500"),
        ("фонд LQDT", "фонд эл кью дэ тэ"),
        ("ИИС-3", "и и эс три"),
        ("режим T+1", "режим T+1"),
        ("SFERA_VOICE_MINUTES=30", "SFERA_VOICE_MINUTES"),
        ("вышел ETF", "etf"),
    ] {
        assert!(exactly(text, question), "{text}: {question}");
    }
    for (text, question) in [
        ("фонды SPY и VOO", "спай или воо"),
        ("акции GameStop", "акция гейм стоп"),
        ("сервер LiveKit", "лайв кит"),
        ("маржин-колл", "маржин колл"),
        ("ИИС-3", "иис 3"),
    ] {
        assert!(roughly(text, question), "{text}: {question}");
    }
}

#[test]
fn a_language_stems_its_own_words_only() {
    assert_eq!(
        terms("losses сделки", Some(Language::En)),
        ["loss", "сделки"]
    );
    assert_eq!(
        terms("losses сделки", Some(Language::Ru)),
        ["losses", "~лсс", "сделк"]
    );
    assert_eq!(terms("Losses, сделки!", None), ["loss", "~лсс", "сделк"]);
}

#[test]
fn talk_around_a_question_asks_for_nothing() {
    for text in ["", "и в на", "расскажи мне, пожалуйста", "?!"] {
        assert_eq!(wanted(text, None), [], "{text}");
    }
}

#[test]
fn a_question_with_digits_reads_as_it_is_written() {
    assert_eq!(
        with_digits("сбер за две тысячи двадцать второй год, эс пэ пятьсот"),
        "сбер за 2022 год, эс пэ 500"
    );
    assert_eq!(with_digits("Страх"), "Страх");
    assert_eq!(with_digits(""), "");
}

proptest! {
    #[test]
    fn terms_hold_letters_and_digits_only(text in "\\PC{0,60}") {
        let wanted = wanted(&text, None);
        let forms = wanted.iter().flat_map(Wanted::forms).cloned();
        for term in terms(&text, None).into_iter().chain(forms) {
            let fine = |c: char| c.is_alphanumeric() || c == '.' || c == '~';
            prop_assert!(!term.is_empty() && term.chars().all(fine), "{:?}", term);
        }
        let _ = with_digits(&text);
    }

    #[test]
    fn a_text_has_all_that_it_asks_for(text in "[а-яa-z0-9 .,&-]{0,60}") {
        let terms = terms(&text, None);
        for wanted in wanted(&text, None) {
            prop_assert!(wanted.forms().any(|f| terms.contains(f)) || wanted.literal, "{:?}", wanted);
        }
    }
}
