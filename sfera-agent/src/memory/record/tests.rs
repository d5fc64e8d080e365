use super::*;
use crate::memory::{Digest, Finding, Limits, Origin, Statement};
use jiff::SignedDuration;
use proptest::prelude::*;

/// So many seconds after the beginning of a test.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn said(user: &str, seconds: i64) -> Exchange {
    Exchange {
        user: user.into(),
        agent: "Хорошо.".into(),
        origin: Origin {
            host: Some("voice".into()),
            conversation: Some("one".into()),
            at: Some(at(seconds)),
        },
    }
}

fn record(said_in_turn: &[&str]) -> Record {
    let mut record = Record::default();
    for (user, seconds) in said_in_turn.iter().zip(0..) {
        record.remember(&said(user, seconds), at(seconds));
    }
    record
}

fn recalled(record: &Record, query: &str) -> Vec<String> {
    let found = record.recall(query, 100, &Limits::default());
    found.into_iter().map(|it| it.text).collect()
}

fn facts(record: &Record) -> Vec<(String, String)> {
    let facts = record.facts().into_iter();
    facts.map(|fact| (fact.kind, fact.value)).collect()
}

fn values(record: &Record, kind: &str) -> Vec<String> {
    let facts = facts(record).into_iter().filter(|(k, _)| k == kind);
    facts.map(|(_, value)| value).collect()
}

#[test]
fn a_newer_fact_and_a_correction_replace_the_older_one() {
    let mut record = record(&["меня зовут Алекс", "я живу в Москве", "я живу в Питере"]);
    assert_eq!(recalled(&record, ""), ["Алекс", "Санкт-Петербург"]);
    record.remember(&said("я не Алекс, а Александр", 9), at(9));
    assert_eq!(recalled(&record, ""), ["Александр", "Санкт-Петербург"]);
    record.remember(&said("Меня зовут не Александр, а Саша", 10), at(10));
    assert_eq!(values(&record, "name"), ["Саша"]);
    record.remember(&said("я больше не живу в Питере", 11), at(11));
    assert_eq!(values(&record, "city"), [""; 0]);
}

#[test]
fn recalling_needs_no_rules_which_take_long_to_compile() {
    let corrected = record(&["меня зовут Алекс", "я не Алекс, а Александр"]);
    let goals = record(&["Моя цель купить дом", "Ещё одна цель: бросить курить"]);
    let opinions = record(&[
        "я люблю кофе",
        "я не люблю кофе",
        "я больше не торгую нефтью",
    ]);
    let before = rules::asked();
    assert_eq!(recalled(&corrected, ""), ["Александр"]);
    assert_eq!(values(&goals, "goal"), ["купить дом", "бросить курить"]);
    assert_eq!(recalled(&goals, "дом")[0], "купить дом");
    assert_eq!(values(&opinions, "preference"), ["не люблю кофе"]);
    assert_eq!(goals.known().len(), 2);
    assert_eq!(rules::asked(), before);
}

#[test]
fn what_there_is_one_of_is_recalled_before_what_may_be_many() {
    let record = record(&[
        "я живу в Казани",
        "меня зовут Алекс",
        "держу акции Сбербанка",
        "я люблю кофе",
    ]);
    let found = recalled(&record, "Сбербанк или кофе");
    assert_eq!(found[..2], ["Алекс", "Казань"]);
    assert!(found.contains(&"люблю кофе".to_owned()), "{found:?}");
}

#[test]
fn instruments_come_and_go() {
    let mut record = record(&["я торгую биткоином и эфиром", "я торгую нефтью"]);
    assert_eq!(values(&record, "instrument"), ["Биткоин", "Эфир", "Нефть"]);
    record.remember(&said("я больше не торгую биткоином", 5), at(5));
    assert_eq!(values(&record, "instrument"), ["Эфир", "Нефть"]);
    assert_eq!(values(&record, "trades"), ["нефтью"]);
    record.remember(&said("я больше не торгую.", 6), at(6));
    assert_eq!(facts(&record), []);
}

#[test]
fn of_two_opinions_about_one_thing_the_newer_holds() {
    let record = record(&[
        "я люблю короткие ответы",
        "я люблю кофе",
        "я не люблю короткие ответы",
    ]);
    let held = values(&record, "preference");
    assert_eq!(held, ["люблю кофе", "не люблю короткие ответы"]);
}

#[test]
fn a_fact_tells_where_it_is_from() {
    let record = record(&["Привет! Меня зовут Алекс, я живу в Казани"]);
    let found = record.recall("", 10, &Limits::default());
    let name = found[0].provenance.as_ref().unwrap();
    assert_eq!(name.at, at(0));
    assert_eq!(name.host.as_deref(), Some("voice"));
    assert_eq!(name.conversation.as_deref(), Some("one"));
    assert_eq!(name.words.as_deref(), Some("Меня зовут Алекс"));
}

#[test]
fn what_was_said_comes_after_the_facts_and_only_if_it_is_about_the_query() {
    let record = record(&["меня зовут Алекс", "вчера поймал тильт", "купил собаку"]);
    let found = recalled(&record, "помнишь мой тильт?");
    assert_eq!(found, ["Алекс", "вчера поймал тильт — Хорошо."]);
    let limits = Limits::default();
    assert_eq!(record.recall("тильт", 1, &limits).len(), 1);
    assert!(record.recall("тильт", 0, &limits).is_empty());
}

#[test]
fn who_asks_to_be_forgotten_is_not_kept_saying_so() {
    let record = record(&["забудь меня", "да", "да, забудь", "?!"]);
    assert_eq!(record.entries(), []);
}

#[test]
fn a_clock_that_is_ahead_has_not_the_last_word() {
    let mut record = Record::default();
    record.remember(&said("меня зовут Алекс", 1_000_000), at(0));
    record.remember(&said("меня зовут Олег", 1), at(1));
    assert_eq!(values(&record, "name"), ["Олег"]);
}

#[test]
fn old_words_go_and_facts_stay() {
    let mut record = record(&["меня зовут Алекс", "вчера поймал тильт"]);
    let year = 366 * 24 * 3_600;
    record.remember(&said("купил собаку", year), at(year));
    record.keep(&Limits::default(), at(year));
    assert_eq!(
        recalled(&record, "тильт собаку"),
        ["Алекс", "купил собаку — Хорошо."]
    );
    let limits = Limits {
        facts_age: Some(SignedDuration::from_hours(24)),
        ..Limits::default()
    };
    record.keep(&limits, at(year));
    assert_eq!(facts(&record), []);
}

#[test]
fn forgetting_a_kind_takes_the_words_with_it() {
    let mut record = record(&[
        "Меня зовут Алекс и я живу в Москве",
        "я живу в Казани",
        "какая погода в Казани?",
        "купил собаку",
    ]);
    let conversation = record.ended(&said("", 0).origin).remove(0);
    let digest = Digest {
        summary: Some("Говорили о Казани.".into()),
        ..Digest::default()
    };
    record.keep_digest(&conversation, digest, false);
    record.forget_kind("city");
    assert_eq!(facts(&record), [("name".into(), "Алекс".into())]);
    let json = serde_json::to_string(record.entries()).unwrap();
    for gone in ["Казан", "Москв"] {
        assert!(!json.contains(gone), "{json}");
    }
    assert!(json.contains("собаку") && json.contains("Алекс"), "{json}");
}

#[test]
fn a_conversation_is_summed_up_once_and_anew_if_it_goes_on() {
    let mut record = record(&["вчера поймал тильт", "на нефти"]);
    assert_eq!(record.over(at(60)), []);
    let over = record.over(at(3_600));
    assert_eq!(over.len(), 1);
    assert_eq!(over[0].said(), ["вчера поймал тильт", "на нефти"]);
    let digest = |text: &str| Digest {
        summary: Some(text.into()),
        ..Digest::default()
    };
    record.keep_digest(&over[0], digest("О тильте."), false);
    assert_eq!(record.over(at(3_600)), []);
    assert_eq!(recalled(&record, ""), ["О тильте."]);
    record.remember(&said("и на золоте", 600), at(600));
    let over = record.over(at(7_200));
    assert_eq!(over[0].said().len(), 3);
    record.keep_digest(&over[0], digest("О тильте и золоте."), false);
    assert_eq!(recalled(&record, ""), ["О тильте и золоте."]);
    record.remember(&said("другой разговор", 90_000), at(90_000));
    let over = record.over(at(99_000));
    assert_eq!(over.len(), 1);
    assert_eq!(over[0].said(), ["другой разговор"]);
}

#[test]
fn a_draft_is_told_until_there_is_something_better() {
    let mut record = record(&["вчера поймал тильт"]);
    let digest = |text: &str| Digest {
        summary: Some(text.into()),
        ..Digest::default()
    };
    let origin = said("", 0).origin;
    let ended = record.ended(&origin).remove(0);
    record.keep_digest(&ended, digest("Темы: тильт."), true);
    assert_eq!(recalled(&record, ""), ["Темы: тильт."]);
    assert_eq!(record.ended(&origin), []);
    let over = record.over(at(3_600)).remove(0);
    record.keep_digest(&over, digest("О том, как поймал тильт."), false);
    assert_eq!(recalled(&record, ""), ["О том, как поймал тильт."]);
    assert_eq!(record.over(at(3_600)), []);
}

#[test]
fn a_conversation_about_nothing_is_not_asked_about_again() {
    let mut record = record(&["вчера поймал тильт"]);
    let over = record.over(at(3_600)).remove(0);
    record.keep_digest(&over, Digest::default(), false);
    assert_eq!(record.over(at(3_600)), []);
    assert_eq!(recalled(&record, ""), [""; 0]);
}

#[test]
fn what_a_model_found_is_kept_with_the_users_words_or_not_at_all() {
    let mut record = record(&["вообще я Сашка, шорчу нефть"]);
    let over = record.over(at(3_600)).remove(0);
    let finding = |utterance: usize, words: &str| Finding {
        utterance,
        statement: Statement::Is {
            kind: "name".into(),
            value: "Сашка".into(),
        },
        words: words.into(),
    };
    let digest = |finding| Digest {
        findings: vec![finding],
        summary: None,
    };
    for wrong in [finding(7, "вообще я Сашка"), finding(0, "меня зовут Сашка")]
    {
        record.keep_digest(&over, digest(wrong), false);
        assert_eq!(values(&record, "name"), [""; 0]);
    }
    record.keep_digest(&over, digest(finding(0, "вообще я Сашка")), false);
    assert_eq!(values(&record, "name"), ["Сашка"]);
    // What was forgotten while the model read stays forgotten.
    let mut forgotten = Record::default();
    forgotten.keep_digest(&over, digest(finding(0, "вообще я Сашка")), false);
    assert_eq!(forgotten, Record::default());
}

#[test]
fn an_answer_gets_no_more_than_its_budget_and_something_of_each() {
    let mut record = Record::default();
    for n in 0..60 {
        let words = format!("запомни, что правило номер{n} важно для меня каждый торговый день");
        record.remember(&said(&words, n), at(n));
    }
    record.remember(&said("меня зовут Алекс", 100), at(100));
    record.remember(&said("вчера поймал тильт", 101), at(101));
    let over = record.over(at(9_000)).remove(0);
    let digest = Digest {
        summary: Some("О правилах.".into()),
        ..Digest::default()
    };
    record.keep_digest(&over, digest, false);
    let limits = Limits {
        recall_tokens: 200,
        ..Limits::default()
    };
    let found = record.recall("тильт", 100, &limits);
    assert!(
        found.iter().map(recall::cost).sum::<usize>() <= 200,
        "{found:?}"
    );
    let has = |text: &str| found.iter().any(|it| it.text.contains(text));
    assert!(
        has("Алекс") && has("О правилах") && has("тильт") && has("номер59"),
        "{found:?}"
    );
    assert!(!has("номер0 "), "the newest come first: {found:?}");
    assert_eq!(record.known().len(), 62, "who asks for all gets all");
}

const LINES: [&str; 14] = [
    "меня зовут Алекс",
    "меня зовут Олег",
    "меня зовут не Алекс, а Александр",
    "я не Олег, а Ольга",
    "я живу в Москве",
    "я больше не живу в Москве",
    "я торгую биткоином и эфиром",
    "я больше не торгую биткоином",
    "я больше не торгую",
    "я люблю короткие ответы",
    "я не люблю короткие ответы",
    "моя цель — купить дом",
    "My name is Alice and I trade gold",
    "вчера поймал тильт на нефти",
];

proptest! {
    #[test]
    fn in_whichever_order_things_arrive_what_was_said_last_holds(
        lines in prop::collection::vec(0..LINES.len(), 1..30),
        seed in any::<u64>(),
    ) {
        let said: Vec<_> = lines.iter().zip(0..).map(|(n, t)| said(LINES[*n], t)).collect();
        let mut in_order = Record::default();
        for exchange in &said {
            in_order.remember(exchange, at(1_000));
        }
        let mut mixed = said.clone();
        let mut state = seed;
        for n in (1..mixed.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            mixed.swap(n, (state >> 33) as usize % (n + 1));
        }
        let mut late = Record::default();
        for exchange in mixed.iter().chain(&mixed) {
            late.remember(exchange, at(1_000));
        }
        prop_assert_eq!(&late, &in_order);
        let plain = |n: &usize| match LINES[*n] {
            "меня зовут Алекс" => Some("Алекс"),
            "меня зовут Олег" => Some("Олег"),
            "меня зовут не Алекс, а Александр" => Some("Александр"),
            "My name is Alice and I trade gold" => Some("Alice"),
            _ => None,
        };
        let corrected = lines.iter().rposition(|n| *n == 3);
        let named = lines.iter().rposition(|n| plain(n).is_some());
        if let Some(place) = named.filter(|place| corrected.is_none_or(|c| c < *place)) {
            prop_assert_eq!(values(&in_order, "name"), [plain(&lines[place]).unwrap()]);
        }
    }

    #[test]
    fn limits_hold_and_what_is_dropped_does_not_come_back(
        lines in prop::collection::vec(0..LINES.len(), 1..120),
        facts_kept in 0_usize..6,
    ) {
        let mut record = Record::default();
        let limits = Limits { facts: facts_kept, exchanges: 5, summaries: 1, ..Limits::default() };
        for (n, t) in lines.iter().zip(0..) {
            record.remember(&said(LINES[*n], t * 4_000), at(t * 4_000));
        }
        let before = facts(&record);
        for over in record.over(at(1_000_000)) {
            let summary = Some("О чём-то.".to_owned());
            record.keep_digest(&over, Digest { summary, ..Digest::default() }, false);
        }
        record.keep(&Limits::default(), at(1_000_000));
        prop_assert_eq!(&facts(&record), &before, "facts do not hang on what is dropped");
        record.keep(&limits, at(1_000_000));
        let after = facts(&record);
        prop_assert!(after.len() <= facts_kept);
        prop_assert_eq!(after.len(), before.len().min(facts_kept));
        prop_assert!(after.iter().all(|fact| before.contains(fact)), "{:?} {:?}", before, after);
        let count = |sort| record.entries().iter().filter(|e| e.sort() == sort).count();
        prop_assert!(count(Sort::Exchange) <= 5);
        prop_assert!(count(Sort::Summary) <= 1);
        prop_assert!(count(Sort::Statement) <= 64 + 2 * (facts_kept + 1));
    }

    #[test]
    fn texts_of_any_kind_stay_bounded(texts in prop::collection::vec(".{0,200}", 0..20), times in 1_usize..20) {
        let mut record = Record::default();
        for (text, t) in texts.iter().zip(0..) {
            let long = text.repeat(times);
            record.remember(&said(&long, t), at(t));
            record.keep(&Limits::default(), at(t));
            record.recall(text, 10, &Limits::default());
        }
        for entry in record.entries() {
            prop_assert!(entry.text().chars().count() <= 2 * MAX_CHARS + 1);
        }
    }
}
