//! What people say of themselves, and how it is told again.

use super::*;

/// A conversation.
struct Talk {
    assistant: Assistant,
    request: LlmRequest,
}

impl Talk {
    fn new(language: Language, formality: Formality, passages: Vec<Passage>) -> Self {
        Self {
            assistant: Assistant::addressing(formality).unwrap(),
            request: LlmRequest {
                language,
                passages,
                ..request(Vec::new())
            },
        }
    }

    fn formal(language: Language) -> Self {
        Self::new(language, Formality::Formal, vec![passage()])
    }

    /// Where an article is near, and does not answer.
    fn beside(language: Language) -> Self {
        Self::new(language, Formality::Formal, vec![near()])
    }

    fn say(&mut self, said: &str) -> String {
        self.request.messages.push(user(said));
        let answer = text(&self.assistant, &self.request);
        self.request.messages.push(agent(&answer));
        answer
    }
}

fn near() -> Passage {
    Passage {
        relevance: Relevance::Near,
        ..passage()
    }
}

#[track_caller]
fn is_noted(answer: &str) {
    let noted = ["Поняла.", "Ясно.", "Хорошо, поняла."];
    let noted_en = ["I see.", "Understood.", "All right, I understand."];
    let mut noted = noted.iter().chain(&noted_en);
    assert!(noted.any(|text| *text == answer), "{answer}");
}

#[test]
fn a_corrected_name_is_understood_and_told_from_then_on() {
    for (formality, whose) in [
        (Formality::Formal, "Вас зовут"),
        (Formality::Informal, "Тебя зовут"),
    ] {
        for passages in [Vec::new(), vec![passage()]] {
            let mut talk = Talk::new(Language::Ru, formality, passages);
            assert!(talk.say("Меня зовут Алекс").contains("Алекс!"));
            let corrected = talk.say("меня зовут не Алекс, а Александр");
            assert!(
                corrected.ends_with(&format!("оняла. {whose} Александр.")),
                "{corrected}"
            );
            assert!(talk.say("Как меня зовут?").contains("Александр"));
            let known = talk.say("Что ты обо мне знаешь?");
            assert_eq!(known, format!("Вот что я помню. {whose} Александр."));
            let corrected = talk.say("Нет, я не Александр, а Саша");
            assert!(
                corrected.ends_with(&format!("{whose} Саша.")),
                "{corrected}"
            );
            assert!(talk.say("Как меня зовут?").contains("Саша"));
        }
    }
}

#[test]
fn a_name_is_corrected_in_english_too() {
    for passages in [Vec::new(), vec![passage()]] {
        let mut talk = Talk::new(Language::En, Formality::Formal, passages);
        assert!(talk.say("My name is Alex").contains("Alex!"));
        let corrected = talk.say("My name is not Alex, it's Alexander");
        assert!(
            corrected.ends_with("Your name is Alexander."),
            "{corrected}"
        );
        assert!(talk.say("What is my name?").contains("Alexander"));
        let known = talk.say("What do you know about me?");
        assert_eq!(known, "Here is what I remember. Your name is Alexander.");
    }
}

#[test]
fn a_remembered_name_is_corrected_and_what_is_no_fact_is_not() {
    let mut talk = Talk::formal(Language::Ru);
    talk.request.recalled = vec![fact("name", "Алекс")];
    let corrected = talk.say("Я не Алекс, а Александр");
    assert!(corrected.ends_with("Вас зовут Александр."), "{corrected}");
    let read = talk.say("Это не страх, а жадность");
    assert!(passage().text.starts_with(&read), "{read}");
    assert!(talk.say("Как меня зовут?").contains("Александр"));
}

#[test]
fn a_name_of_several_parts_is_told_whole() {
    for (said, name) in [
        ("меня зовут Анна-Мария", "Анна-Мария"),
        ("Меня зовут Пётр Иванов", "Пётр Иванов"),
        ("зови меня просто Саша", "Саша"),
    ] {
        let mut talk = Talk::formal(Language::Ru);
        let met = talk.say(said);
        assert!(met.contains(&format!(", {name}!")), "{met}");
        assert!(talk.say("Как меня зовут?").contains(name), "{name}");
    }
    let mut talk = Talk::formal(Language::En);
    assert!(talk.say("My name is Mary-Ann").contains("Mary-Ann!"));
    assert!(talk.say("What is my name?").contains("Mary-Ann"));
}

#[test]
fn a_fact_is_noted_and_told_when_it_is_asked_for() {
    for (said, asked, told) in [
        ("Я живу в Казани", "Где я живу?", "Ваш город: Казань."),
        (
            "Моя цель купить дом",
            "Какая у меня цель?",
            "Ваша цель: купить дом.",
        ),
        ("Мне 35 лет", "Сколько мне лет?", "Вам 35 лет."),
        (
            "Ну, я работаю врачом",
            "Кем я работаю?",
            "Вы работаете врачом.",
        ),
        (
            "Я торгую нефтью",
            "Чем я торгую?",
            "Вы торгуете нефтью. Ваши инструменты: Нефть.",
        ),
    ] {
        let mut talk = Talk::beside(Language::Ru);
        assert_eq!(talk.say(asked), "Об этом вы мне ещё не говорили.");
        is_noted(&talk.say(said));
        assert_eq!(talk.say(asked), told);
    }
    for (said, asked, told) in [
        (
            "I live in London",
            "Where do I live?",
            "Your city is London.",
        ),
        (
            "My goal is to buy a house",
            "What is my goal?",
            "Your goal is to buy a house.",
        ),
        (
            "I am 35 years old",
            "How old am I?",
            "You are 35 years old.",
        ),
        (
            "I work as a doctor",
            "Where do I work?",
            "You work as a doctor.",
        ),
    ] {
        let mut talk = Talk::beside(Language::En);
        assert_eq!(talk.say(asked), "You haven't told me about that yet.");
        is_noted(&talk.say(said));
        assert_eq!(talk.say(asked), told);
    }
}

#[test]
fn what_is_remembered_is_told_by_its_kind() {
    let mut talk = Talk::beside(Language::Ru);
    talk.request.recalled = vec![fact("name", "Алекс"), fact("goal", "купить дом")];
    assert_eq!(talk.say("Какие у меня цели?"), "Ваша цель: купить дом.");
    assert_eq!(talk.say("Где я живу?"), "Об этом вы мне ещё не говорили.");
    is_noted(&talk.say("Моя цель теперь бросить курить"));
    assert_eq!(talk.say("Какая моя цель?"), "Ваша цель: бросить курить.");
}

#[test]
fn who_asks_something_is_answered_and_not_only_heard() {
    let asks = [
        "Я торгую нефтью, что делать с тильтом",
        "Я хочу научиться не бояться рынка",
        "Я торгую на эмоциях и не могу остановиться",
        "Я торгую нефтью и не знаю как перестать бояться",
        "я торгую нефтью что делать с тильтом",
        "Я работаю над дисциплиной но ничего не выходит",
        "Моя цель миллион в месяц это реально",
        "Я перестал торговать после большого убытка",
        "я живу в Казани тильт замучил",
        "Сколько мне понадобится лет, чтобы научиться?",
        "Сколько мне лет до пенсии копить",
        "Какая должна быть моя цель на месяц?",
        "Какая моя цель на год?",
        "Как запомнить правила входа",
    ];
    for said in asks {
        let read = Talk::formal(Language::Ru).say(said);
        assert!(passage().text.starts_with(&read), "{said}: {read}");
    }
    is_noted(&answer("Я хочу научиться не бояться рынка"));
    let unknown = answer("Как мне успокоиться, если я работаю врачом?");
    assert!(unknown.contains("языков"), "{unknown}");
}

#[test]
fn the_city_that_was_said_is_the_one_whose_weather_is_asked_for() {
    let mut talk = Talk::formal(Language::Ru);
    talk.say("Я живу в Казани");
    talk.request.messages.push(user("Какая погода?"));
    let weather = ("get_weather".to_owned(), r#"{"city":"Казань"}"#.to_owned());
    assert_eq!(call(&talk.request), weather);
}

#[test]
fn what_was_said_before_it_was_forgotten_is_not_told() {
    let forgetting = |outcome: ToolOutcome| {
        let mut talk = Talk::formal(Language::Ru);
        talk.say("Меня зовут Алекс");
        let call = ToolCall {
            id: "1".into(),
            name: "forget_me".into(),
            arguments: "{}".into(),
        };
        talk.request.messages.extend([
            user("Забудь меня"),
            Message::ToolCall(call),
            Message::ToolResult {
                id: "1".into(),
                outcome,
            },
            agent("Точно забыть навсегда всё, что я помню? Да или нет?"),
            user("Да"),
            agent("Готово."),
        ]);
        talk.say("Как меня зовут?")
    };
    assert!(forgetting(ToolOutcome::Ok("Готово.".into())).contains("ещё не говорили"));
    assert!(forgetting(ToolOutcome::Declined).contains("Алекс"));
}

#[test]
fn what_is_near_is_not_offered_to_who_states_a_plain_fact() {
    for said in [
        "Я живу в Казани",
        "Я торгую нефтью",
        "Я больше не торгую нефтью",
        "Запомни, что я не торгую по пятницам",
    ] {
        is_noted(&Talk::beside(Language::Ru).say(said));
    }
    for said in [
        "Я торгую на эмоциях и не могу остановиться",
        "я торгую нефтью что делать с тильтом",
        "я живу в Казани тильт замучил",
        "Моя цель миллион в месяц это реально",
    ] {
        let offer = Talk::beside(Language::Ru).say(said);
        assert!(offer.ends_with("Прочитать?"), "{said}: {offer}");
    }
    let said = "I trade on emotions and can't stop";
    let read = Talk::formal(Language::En).say(said);
    assert!(passage().text.starts_with(&read), "{read}");
    let offer = Talk::beside(Language::En).say(said);
    assert!(offer.ends_with("Shall I read it?"), "{offer}");
}

#[test]
fn a_late_knowledge_base_is_not_hidden_by_what_was_noted() {
    let late = |said: &str| {
        let mut talk = Talk::new(Language::Ru, Formality::Formal, Vec::new());
        talk.request.unread.knowledge = true;
        talk.say(said)
    };
    is_noted(&late("Я живу в Казани"));
    let unread = late("Я торгую на эмоциях и не могу остановиться");
    assert!(unread.contains("не смогла посмотреть"), "{unread}");
}

#[test]
fn a_question_changes_nothing_that_is_known() {
    for asked in [
        "Какая моя цель на год?",
        "какая моя цель на год",
        "Какая у меня цель?",
    ] {
        let mut talk = Talk::formal(Language::Ru);
        talk.request.recalled = vec![fact("goal", "купить дом")];
        assert_eq!(talk.say(asked), "Ваша цель: купить дом.");
        assert_eq!(talk.say("Какая моя цель?"), "Ваша цель: купить дом.");
    }
}

#[test]
fn what_corrects_nothing_is_not_confirmed() {
    for said in [
        "Хочу не статью, а стихи",
        "Не надо, а то я устал",
        "Это не страх, а жадность",
    ] {
        for formality in [Formality::Formal, Formality::Informal] {
            let answer = Talk::new(Language::Ru, formality, Vec::new()).say(said);
            assert!(answer.contains("языков"), "{said}: {answer}");
        }
    }
    let mut talk = Talk::formal(Language::Ru);
    talk.request.recalled = vec![fact("goal", "Стихи")];
    let read = talk.say("Хочу не статью, а стихи");
    assert!(passage().text.starts_with(&read), "{read}");
}

#[test]
fn what_is_said_of_the_market_corrects_nobody() {
    let mut talk = Talk::beside(Language::Ru);
    is_noted(&talk.say("Я торгую золотом"));
    let offer = talk.say("Сегодня упало не золото, а серебро");
    assert!(offer.ends_with("Прочитать?"), "{offer}");
    let told = "Вы торгуете золотом. Ваши инструменты: Золото.";
    assert_eq!(talk.say("Чем я торгую?"), told);
    let corrected = talk.say("Нет, не золото, а серебро");
    assert!(corrected.contains("еребро"), "{corrected}");
}

#[test]
fn a_loss_is_no_dirham() {
    let mut talk = Talk::beside(Language::En);
    talk.say("I trade oil at a loss");
    assert_eq!(talk.say("What do I trade?"), "Your instruments: Oil.");
}

#[test]
fn a_note_is_kept_whole() {
    let mut talk = Talk::beside(Language::Ru);
    is_noted(&talk.say("Запомни, что завтра звонок брокеру, я боюсь опоздать"));
    let known = talk.say("Что ты обо мне знаешь?");
    let note = "Вы просили запомнить: завтра звонок брокеру, я боюсь опоздать.";
    assert_eq!(known, format!("Вот что я помню. {note}"));
}

#[test]
fn what_is_traded_instead_is_told_alone() {
    let mut talk = Talk::beside(Language::Ru);
    is_noted(&talk.say("Я торгую нефтью"));
    let corrected = talk.say("Я торгую не нефтью, а золотом");
    assert!(corrected.ends_with("Вы торгуете золотом."), "{corrected}");
    let told = "Вы торгуете золотом. Ваши инструменты: Золото.";
    assert_eq!(talk.say("Чем я торгую?"), told);
}

#[test]
fn who_hesitates_is_introduced_all_the_same() {
    for said in [
        "Меня зовут, ну, Алекс",
        "меня зовут э-э Алекс",
        "меня зовут эм Алекс",
        "меня зовут вот алекс",
        "Меня, кстати, зовут Алекс",
    ] {
        let met = answer(said);
        assert!(met.contains(", Алекс!"), "{said}: {met}");
    }
    let calmed = answer("Можно просто пересидеть");
    assert!(calmed.contains("языков"), "{calmed}");
}

#[test]
fn old_words_do_not_beat_what_the_memory_knows() {
    let mut talk = Talk::beside(Language::Ru);
    talk.request.user = Some(crate::memory::UserId::new("alex"));
    talk.request.tools.push(ToolSpec::new("forget_me", ""));
    let old = [
        user("Меня зовут Алекс, я живу в Казани"),
        agent("Очень приятно!"),
    ];
    talk.request.messages.extend(old);
    // Said and forgotten elsewhere since.
    talk.request.recalled = vec![fact("name", "Олег")];
    assert!(talk.say("Как меня зовут?").contains("Олег"));
    assert_eq!(talk.say("Где я живу?"), "Об этом вы мне ещё не говорили.");
    talk.request.recalled.clear();
    assert!(talk.say("Как меня зовут?").contains("ещё не говорили"));
    // What was not answered yet, no memory can know.
    talk.request.messages.push(user("Я живу в Москве"));
    assert_eq!(talk.say("Где я живу?"), "Ваш город: Москва.");
    // A memory that did not answer knows no better.
    talk.request.unread.memory = true;
    assert!(talk.say("Как меня зовут?").contains("Алекс"));
}

#[test]
fn who_asks_not_to_forget_is_understood() {
    for (language, said) in [
        (Language::Ru, "Не забудь, что я живу в Казани"),
        (Language::En, "Don't forget that I live in London"),
    ] {
        let mut talk = Talk::new(language, Formality::Formal, Vec::new());
        talk.request.tools.push(ToolSpec::new("forget_me", ""));
        is_noted(&talk.say(said));
    }
}

#[test]
fn who_only_says_a_name_is_introduced() {
    for (said, name) in [
        ("Привет, я Оля", "Оля"),
        ("это Марина", "Марина"),
        ("зовут меня Иван Петрович", "Иван Петрович"),
    ] {
        let met = answer(said);
        assert!(met.contains(&format!(", {name}!")), "{said}: {met}");
    }
}

#[test]
fn a_request_to_keep_something_may_be_a_question() {
    let said = "запомни, что мой брокер Тинькофф, ладно?";
    is_noted(&Talk::beside(Language::Ru).say(said));
}

#[test]
fn a_goal_in_money_asks_for_no_price() {
    is_noted(&Talk::beside(Language::Ru).say("Моя цель — сто тысяч долларов"));
}

#[test]
fn a_long_conversation_is_looked_at_in_bounds() {
    let mut talk = Talk::formal(Language::Ru);
    talk.request.messages.push(user("Меня зовут Алекс"));
    for _ in 0..20 {
        let long = "слово ".repeat(200);
        talk.request
            .messages
            .extend([user(&long), agent("Хорошо.")]);
    }
    assert!(talk.say("Как меня зовут?").contains("ещё не говорили"));
}
