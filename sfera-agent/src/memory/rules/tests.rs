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
fn only_who_speaks_of_themselves_or_answers_corrects() {
    let corrects = |said: &str| {
        let is = |it: &Statement| matches!(it, Statement::Correction { .. });
        found(said).iter().any(is)
    };
    for said in [
        "торгую не золотом, а серебром",
        "я сейчас в основном торгую не золотом, а серебром",
        "меня зовут не Алекс, а Александр",
        "не Алекс, а Александр",
        "привет сфера я не алекс а александр",
        "Нет! Не золото, а серебро.",
        "нет, ты не поняла, не золото, а серебро",
        "Я живу в Казани, и я не Алекс, а Александр",
        "Я не золото, а серебро купила",
        "Мой город не Казань, а Тверь",
        "no, not Alex but Sasha",
        "I trade not gold but silver",
    ] {
        assert!(corrects(said), "{said}");
    }
    for said in [
        "Сегодня упало не золото, а серебро",
        "сегодня упало не золото а серебро",
        "Не золото, а серебро сегодня сильно подорожало",
        "Не биткоин, а эфир вырос",
        "Дорого стоит не золото, а серебро",
        "я думаю упало не золото, а серебро",
        "Лидер дня — не золото, а серебро",
        "Его зовут не Алекс, а Александр",
        "What fell today is not gold but silver",
        "Not gold but silver fell today",
    ] {
        assert!(!corrects(said), "{said}");
    }
}

#[test]
fn the_words_of_a_statement_stand_in_the_text_and_say_nothing_else() {
    let text = "Привет! Меня зовут Алекс, я живу в Казани, я торгую акциями.";
    let words: Vec<_> = statements(text).into_iter().map(|(_, w)| w).collect();
    let expected = [
        "Меня зовут Алекс",
        "я живу в Казани",
        "я торгую акциями",
        "я торгую акциями",
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
        // Asked, with a question mark or without.
        "Какая моя цель на год?",
        "какая моя цель на год",
        "Чем я торгую на бирже?",
        "Чем я торгую, нефтью?",
        "чем я торгую обычно",
        "Где я живу на самом деле?",
        "Какой мой город, ты запомнила?",
        "Как меня зовут по паспорту",
        "Я живу в Казани?",
        "Почему растёт не золото, а серебро?",
        "Where do I live in London?",
        // Words that are close to those of a request or a name.
        "Как запомнить правила входа",
        "Мне надо запомнить главное правило",
        "Ты запомнил мой город",
        "I remember that feeling of panic",
        "Можно просто пересидеть",
        "А можно просто держать позицию",
        "Меня зовут на работу в банк",
        "Не надо, а то я устал",
        "Я не понимаю, а ты",
        "I am not sure, but maybe",
    ] {
        assert_eq!(found(said), [], "{said}");
    }
}

#[test]
fn a_state_of_mind_is_no_city_and_a_place_that_is_not_listed_wants_a_capital() {
    for said in [
        "Я нахожусь в просадке",
        "Я нахожусь в тильте",
        "Нахожусь в глубоком минусе третий месяц",
        "Я живу в постоянном стрессе",
        "я живу на одну зарплату и боюсь",
        "я переехала на новую стратегию",
        "Я переехал в новый дом",
        "я из последних сил держусь",
        "я из-за страха закрываю сделки",
        "Я из Простоквашино",
        "Я не живу в постоянном стрессе",
        "Я работаю над дисциплиной но ничего не выходит",
        "Я работаю и торгую одновременно и очень устаю",
        "Я перестал торговать после большого убытка",
        "I live in constant fear of losing",
        "I'm from a poor family",
    ] {
        assert_eq!(found(said), [], "{said}");
    }
    for (said, city) in [
        ("Я из Казани", "Казань"),
        ("я переехала в питер", "Санкт-Петербург"),
        ("сейчас нахожусь в Москве", "Москва"),
        ("Мой город Урюпинск", "Урюпинск"),
        ("I'm from London", "London"),
    ] {
        assert_eq!(found(said), [is("city", city)], "{said}");
    }
}

#[test]
fn the_words_of_a_city_end_with_it() {
    for (said, words) in [
        ("я живу в Казани тильт замучил", "я живу в Казани"),
        (
            "я живу в  Нижнем Новгороде давно",
            "я живу в  Нижнем Новгороде",
        ),
        ("Я живу в Урюпинске и боюсь", "Я живу в Урюпинске"),
    ] {
        assert_eq!(statements(said)[0].1, words);
    }
}

#[test]
fn hesitation_is_no_name() {
    for said in [
        "Меня зовут, ну, Алекс",
        "меня зовут э-э Алекс",
        "Меня зовут э-э-э, Алекс",
        "Меня зовут эм Алекс",
        "меня зовут вот алекс",
        "Меня зовут... ну... Алекс",
        "Меня, кстати, зовут Алекс",
        "Меня зовут Александр, можно просто алекс",
        "Меня зовут Александр. Можно просто Алекс",
        "Можно просто Алекс",
    ] {
        assert_eq!(found(said), [is("name", "Алекс")], "{said}");
    }
    let named = found("My name is, um, well, Alex");
    assert_eq!(named, [is("name", "Alex")]);
    assert_eq!(found("Меня зовут Эмма"), [is("name", "Эмма")]);
    assert_eq!(found("Меня зовут Нурлан"), [is("name", "Нурлан")]);
}

#[test]
fn what_is_traded_instead_of_something_takes_its_place() {
    let found = found("Я торгую не нефтью, а золотом");
    for statement in [
        is("trades", "золотом"),
        not("instrument", Some("Нефть")),
        also("instrument", "Золото"),
    ] {
        assert!(found.contains(&statement), "{found:?}");
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
        "Забудь, что я живу в Казани",
        "Не запоминай, что я живу в Казани",
        "Please don't remember that I live in London",
        "",
        "?!",
    ] {
        assert!(is_unkept(said), "{said}");
    }
    for said in [
        "не могу забыть вчерашний тильт",
        "Не забудь, что я живу в Казани",
        "Don't forget that I live in London",
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

#[test]
fn what_is_to_be_kept_may_begin_with_any_word() {
    for (said, kind, value) in [
        (
            "запомни, что после шести я не торгую",
            "note",
            "после шести я не торгую",
        ),
        (
            "Запомни: не торговать по пятницам",
            "note",
            "не торговать по пятницам",
        ),
        (
            "Запомни, пожалуйста, что я не торгую по пятницам",
            "note",
            "я не торгую по пятницам",
        ),
        (
            "запомни, что мой брокер Тинькофф, ладно?",
            "note",
            "мой брокер Тинькофф",
        ),
        (
            "запомни, что завтра звонок брокеру, я боюсь опоздать",
            "note",
            "завтра звонок брокеру, я боюсь опоздать",
        ),
        (
            "запомни, что у меня два счёта и я плачу налог, ладно?",
            "note",
            "у меня два счёта и я плачу налог",
        ),
        (
            "Запомни, что мой брокер Тинькофф, и скажи, какая погода",
            "note",
            "мой брокер Тинькофф",
        ),
        (
            "Remember that my broker calls tomorrow, I must not be late",
            "note",
            "my broker calls tomorrow, I must not be late",
        ),
        (
            "Remember that if I lose twice I stop",
            "note",
            "if I lose twice I stop",
        ),
    ] {
        let found = found(said);
        assert!(found.contains(&also(kind, value)), "{said}: {found:?}");
    }
    for (said, value) in [
        ("моя цель не терять деньги", "не терять деньги"),
        ("My goal is not to lose money", "not to lose money"),
    ] {
        assert_eq!(found(said), [is("goal", value)], "{said}");
    }
    for said in [
        "Запомни меня",
        "Запомни меня, пожалуйста",
        "Запомни, пожалуйста",
        "Моя цель не ясна",
        "My goal is not clear",
    ] {
        assert_eq!(found(said), [], "{said}");
    }
}

#[test]
fn a_complaint_is_no_fact() {
    for said in [
        "я работаю на эмоциях",
        "я работаю в минус",
        "я работаю без плана",
        "Моя цель недостижима",
        "моя цель слишком далека",
        "I work for nothing",
    ] {
        assert_eq!(found(said), [], "{said}");
    }
    for (said, instrument) in [
        ("я торгую нефтью в убыток", "Нефть"),
        ("я торгую золотом без плана", "Золото"),
        ("I trade oil at a loss", "Oil"),
    ] {
        assert_eq!(found(said), [also("instrument", instrument)], "{said}");
    }
    for (said, work) in [
        ("работаю водителем", "водителем"),
        ("я работаю главным бухгалтером", "главным бухгалтером"),
        ("я работаю медсестрой в школе", "медсестрой в школе"),
        ("я теперь работаю на заводе", "на заводе"),
    ] {
        assert_eq!(found(said), [is("work", work)], "{said}");
    }
}

#[test]
fn what_cannot_be_forgotten_is_no_request() {
    for said in [
        "Меня зовут Оля, не могу забыть, как я слила депозит",
        "помоги забыть то, что я потерял",
        "Удали терминал, говорит мне жена",
    ] {
        assert!(!is_unkept(said), "{said}");
    }
    for said in [
        "Сфера, забудь, пожалуйста, что я живу в Казани",
        "прошу забыть, что я живу в Казани",
        "Забудь, что мне 32 года",
        "Please forget that I'm from London",
    ] {
        assert!(is_unkept(said), "{said}");
    }
}

#[test]
fn a_fact_that_is_checked_is_not_told() {
    for said in [
        "Я живу в Москве, верно?",
        "Я живу в Казани или в Твери?",
        "мне 30 лет, да?",
        "I live in London, right?",
    ] {
        assert_eq!(found(said), [], "{said}");
    }
}

#[test]
fn a_name_may_come_without_words_that_ask_for_one() {
    for (said, name) in [
        ("Привет, я Оля", "Оля"),
        ("Добрый день! Это Марина.", "Марина"),
        ("это Марина", "Марина"),
        ("Привет, я Тамара", "Тамара"),
        ("Я Анна-Мария.", "Анна-Мария"),
        ("зовут меня Иван Петрович", "Иван Петрович"),
        ("Меня зовут так: Алекс", "Алекс"),
    ] {
        assert_eq!(found(said), [is("name", name)], "{said}");
    }
    for said in [
        "Можно просто Биткоин купить и держать?",
        "Можно просто Биткоин",
        "это Москва",
        "Это Биткоин?",
        "Привет, я устал",
        "Вчера сказали, что это Марина",
    ] {
        assert_eq!(found(said), [], "{said}");
    }
}

#[test]
fn an_age_may_be_said_in_words() {
    for (said, age) in [
        ("мне тридцать два", "32 года"),
        ("Мне уже сорок один год.", "41 год"),
        ("меня, увы, не спросили: мне двадцать лет", "20 лет"),
    ] {
        assert_eq!(found(said), [is("age", age)], "{said}");
    }
    for said in [
        "мне очень грустно",
        "дай мне двадцать",
        "мне сто раз говорили",
    ] {
        assert_eq!(found(said), [], "{said}");
    }
}

#[test]
fn who_trades_may_leave_themselves_out() {
    let found = found("торгую газпромом");
    assert!(found.contains(&is("trades", "газпромом")), "{found:?}");
}
