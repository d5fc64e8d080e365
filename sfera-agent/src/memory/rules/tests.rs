use super::{
    topics::topics,
    values::{ends, mentions, same},
    *,
};

fn is(kind: &str, value: &str) -> Statement {
    Statement::Is {
        kind: kind.into(),
        value: value.into(),
    }
}

fn also(kind: &str, value: &str) -> Statement {
    Statement::Also {
        kind: kind.into(),
        value: value.into(),
    }
}

fn not(kind: &str, value: Option<&str>) -> Statement {
    Statement::Not {
        kind: kind.into(),
        value: value.map(str::to_owned),
    }
}

fn found(text: &str) -> Vec<Statement> {
    statements(text).into_iter().map(|(it, _)| it).collect()
}

#[test]
fn the_rules_of_every_language_can_be_read() {
    let languages: Vec<_> = RULES.iter().map(|rules| rules.language).collect();
    assert_eq!(languages, Language::ALL);
}

#[test]
fn facts_are_found_and_written_properly() {
    for (said, kind, value) in [
        ("Меня зовут Алекс.", "name", "Алекс"),
        ("меня завут Алекс", "name", "Алекс"),
        ("зови меня просто Саша", "name", "Саша"),
        ("привет, меня зовут алекс, а тебя?", "name", "Алекс"),
        ("Меня зовут Алекс и я торгую фьючерсами", "name", "Алекс"),
        ("меня зовут Анна-Мария", "name", "Анна-Мария"),
        ("Меня зовут Пётр Иванов", "name", "Пётр Иванов"),
        ("зови меня саша пожалуйста", "name", "Саша"),
        ("Нет, меня зовут Олег", "name", "Олег"),
        ("Меня зовут не Алекс, а Александр", "name", "Александр"),
        ("Я живу в Питере.", "city", "Санкт-Петербург"),
        ("я живу в нижнем новгороде", "city", "Нижний Новгород"),
        ("я живу в Урюпинске", "city", "Урюпинске"),
        ("Я живу не в Москве, а в Казани", "city", "Казань"),
        ("Я торгую криптой и живу в Москве", "trades", "криптой"),
        (
            "Моя цель — заработать на квартиру.",
            "goal",
            "заработать на квартиру",
        ),
        ("мне уже 30 лет", "age", "30 лет"),
        ("My name is alex", "name", "Alex"),
        ("Actually, my name is Alexander", "name", "Alexander"),
        ("My name is not Alex, it's Sasha", "name", "Sasha"),
        ("I live in new york", "city", "New York"),
        (
            "I trade oil futures, and I live in Paris",
            "trades",
            "oil futures",
        ),
        ("My goal is to buy a house", "goal", "to buy a house"),
    ] {
        let found = found(said);
        assert!(found.contains(&is(kind, value)), "{said}: {found:?}");
    }
}

#[test]
fn what_may_be_several_is_added() {
    for (said, kind, value) in [
        ("Я торгую биткоином и эфиром", "instrument", "Биткоин"),
        ("Я торгую биткоином и эфиром", "instrument", "Эфир"),
        ("держу акции Сбербанка", "instrument", "Сбербанк"),
        ("I trade SBER and gold", "instrument", "Gold"),
        (
            "Я хочу научиться держать стоп",
            "goal",
            "научиться держать стоп",
        ),
        (
            "Ещё одна цель: меньше пить кофе",
            "goal",
            "меньше пить кофе",
        ),
        (
            "Я предпочитаю короткие ответы",
            "preference",
            "предпочитаю короткие ответы",
        ),
        (
            "мне не нравятся длинные ответы",
            "preference",
            "мне не нравятся длинные ответы",
        ),
        (
            "I prefer short answers",
            "preference",
            "I prefer short answers",
        ),
        (
            "Запомни, что я не торгую по пятницам",
            "note",
            "я не торгую по пятницам",
        ),
    ] {
        let found = found(said);
        assert!(found.contains(&also(kind, value)), "{said}: {found:?}");
    }
}

#[test]
fn what_is_no_longer_so_is_heard() {
    for (said, kind, value) in [
        (
            "Я больше не торгую биткоином",
            "instrument",
            Some("Биткоин"),
        ),
        ("я перестал торговать нефтью", "instrument", Some("Нефть")),
        ("я больше не торгую", "instrument", None),
        ("Я больше не живу в Москве", "city", Some("Москва")),
        ("I no longer trade bitcoin", "instrument", Some("Bitcoin")),
        ("I don't live in Paris anymore", "city", Some("Paris")),
    ] {
        let found = found(said);
        assert!(found.contains(&not(kind, value)), "{said}: {found:?}");
        let holds = |it: &Statement| !matches!(it, Statement::Not { .. });
        assert!(!found.iter().any(holds), "{said}: {found:?}");
    }
}

#[test]
fn a_correction_names_what_it_corrects() {
    let value = "Александр".to_owned();
    let old = "Алекс".to_owned();
    let correction = Statement::Correction { old, value };
    assert!(found("Нет, я не Алекс, а александр").contains(&correction));
    let isnt = found("My name isn't Alex, it's Sasha");
    assert!(
        isnt.iter()
            .any(|it| matches!(it, Statement::Correction { old, .. } if old == "Alex"))
    );
    assert!(same("алекс", "Алекс"));
    assert!(!same("рубль", "Алекс"));
    assert!(same("люблю короткие ответы", "не люблю коротких ответов"));
}

#[test]
fn the_words_of_a_statement_stand_in_the_text_and_say_nothing_else() {
    let text = "Привет! Меня зовут Алекс, я живу в Казани, я торгую акциями.";
    let words: Vec<_> = statements(text).into_iter().map(|(_, w)| w).collect();
    let expected = [
        "Меня зовут Алекс",
        "я живу в Казани",
        "я торгую акциями",
        "торгую акциями",
    ];
    assert_eq!(words, expected);
    let statements = found(text);
    let facts = [
        is("name", "Алекс"),
        is("city", "Казань"),
        is("trades", "акциями"),
        also("instrument", "Акции"),
    ];
    assert_eq!(statements, facts);
}

#[test]
fn questions_and_talk_hold_no_facts() {
    for said in [
        "Как меня зовут?",
        "меня зовут как?",
        "А ты помнишь, как меня зовут",
        "Как меня зовут, помнишь?",
        "Tell me what my name is please",
        "call me later",
        "Расскажи о психологии трейдинга",
        "я торгую",
        "What is my name?",
        "Where do I live?",
        "",
    ] {
        assert_eq!(found(said), [], "{said}");
    }
}

#[test]
fn who_asks_to_forget_is_not_reminded() {
    for said in [
        "забудь меня",
        "Да, забудь всё, что ты обо мне знаешь",
        "забудь, где я живу",
        "удали всё",
        "да, забудь",
        "да",
        "Forget everything about me",
        "forget where I live",
        "",
        "?!",
    ] {
        assert!(is_unkept(said), "{said}");
    }
    for said in [
        "не могу забыть вчерашний тильт",
        "купил собаку",
        "I bought a dog",
    ] {
        assert!(!is_unkept(said), "{said}");
    }
}

#[test]
fn topics_are_what_was_said_most() {
    let said = |texts: &[&str]| topics(&texts.iter().map(|&t| t.to_owned()).collect::<Vec<_>>());
    let about = said(&[
        "Вчера поймал тильт",
        "Тильт после нефти",
        "и опять нефть, тильт",
    ]);
    let about = about.unwrap();
    assert!(
        about.starts_with("Темы: ") && about.contains("тильт"),
        "{about}"
    );
    assert!(about.contains("нефти"), "{about}");
    assert_eq!(
        said(&["Oil and gold"]).as_deref(),
        Some("Topics: oil, gold.")
    );
    assert_eq!(said(&["да", "и что"]), None);
}

#[test]
fn a_text_mentions_a_value_in_any_form() {
    assert!(mentions("вчера в Казани шёл снег", "Казань"));
    assert!(!mentions("вчера шёл снег", "Казань"));
    assert!(!mentions("", ""));
}

#[test]
fn what_is_said_later_ends_what_held_before() {
    assert!(ends(&is("city", "Казань"), "city", "Москва"));
    assert!(!ends(&is("city", "Казань"), "name", "Москва"));
    assert!(ends(&also("goal", "купить дом"), "goal", "купить дом"));
    assert!(!ends(&also("goal", "купить дом"), "goal", "бросить курить"));
    assert!(ends(&not("goal", None), "goal", "купить дом"));
    let bitcoin = not("trades", Some("биткоином"));
    assert!(ends(&bitcoin, "trades", "биткоином и эфиром"));
    assert!(!ends(&bitcoin, "trades", "нефтью"));
}

#[test]
fn a_value_has_an_end() {
    let long = "а".repeat(LONGEST + 1);
    assert_eq!(found(&format!("меня зовут {long}")), []);
}
