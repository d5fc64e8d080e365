//! Tools: when they are called, and how what they answer is told.

use super::*;

#[test]
fn who_wants_to_be_forgotten_is_understood() {
    let assistant = Assistant::new().unwrap();
    for (said, arguments) in [
        ("Забудь меня", "{}"),
        ("забудь всё, что ты обо мне знаешь", "{}"),
        ("забудь, где я живу", r#"{"what":"city"}"#),
        ("забудь, как меня зовут", r#"{"what":"name"}"#),
        ("забудьте, чем я торгую", r#"{"what":"trades"}"#),
        ("Забудь, что я живу в Казани", r#"{"what":"city"}"#),
        ("Забудь, что меня зовут Алекс", r#"{"what":"name"}"#),
        ("Забудь, что я торгую нефтью", r#"{"what":"trades"}"#),
        ("забудьте, что моя цель купить дом", r#"{"what":"goal"}"#),
    ] {
        let mut request = request(vec![user(said)]);
        request.tools.push(ToolSpec::new("forget_me", ""));
        let events = assistant.respond(&request);
        let [LlmEvent::ToolCall(call)] = events.as_slice() else {
            panic!("{said}: {events:?}");
        };
        assert_eq!(
            (call.name.as_str(), call.arguments.as_str()),
            ("forget_me", arguments),
            "{said}"
        );
    }
    let request = request(vec![user("Забудь меня")]);
    assert!(text(&assistant, &request).contains("ничего не запоминаю"));
}

#[test]
fn a_fact_that_is_not_known_by_its_words_is_not_everything() {
    let forgetting = |said: &str, language| {
        let mut request = request(vec![user(said)]);
        request.tools.push(ToolSpec::new("forget_me", ""));
        request.language = language;
        request
    };
    for (said, language, what) in [
        ("Забудь, что мне 32 года", Language::Ru, "age"),
        ("Забудь, что я из Самары", Language::Ru, "city"),
        ("забудь мою профессию", Language::Ru, "work"),
        ("Забудь, что моя цель дом за год", Language::Ru, "goal"),
        ("Forget that I am from London", Language::En, "city"),
        ("Forget that I'm from London", Language::En, "city"),
    ] {
        let arguments = format!(r#"{{"what":"{what}"}}"#);
        let expected = ("forget_me".to_owned(), arguments);
        assert_eq!(call(&forgetting(said, language)), expected, "{said}");
    }
    let assistant = Assistant::new().unwrap();
    for (said, language, asked) in [
        ("забудь что мне страшно", Language::Ru, "Что именно забыть?"),
        (
            "Забудь, что я всё потерял",
            Language::Ru,
            "Что именно забыть?",
        ),
        (
            "Forget that I'm scared",
            Language::En,
            "What exactly shall I forget?",
        ),
    ] {
        let mut request = forgetting(said, language);
        assert_eq!(text(&assistant, &request), asked, "{said}");
        request.messages.extend([agent(asked), user("кошку")]);
        assert!(!text(&assistant, &request).is_empty());
    }
    let mut asked = forgetting("забудь что мне страшно", Language::Ru);
    let answered = [agent("Что именно забыть?"), user("Мой возраст")];
    asked.messages.extend(answered);
    assert_eq!(call(&asked).1, r#"{"what":"age"}"#);
    let kept = forgetting("I can't forget how I lost my deposit", Language::En);
    assert!(!text(&assistant, &kept).is_empty());
}

#[test]
fn everything_may_be_the_answer_to_what_exactly() {
    let answered = |asked: &str, said: &str, language| {
        let mut request = request(vec![user("…"), agent(asked), user(said)]);
        request.tools.push(ToolSpec::new("forget_me", ""));
        request.language = language;
        request
    };
    let everything = ("forget_me".to_owned(), "{}".to_owned());
    for said in ["Всё", "Ну, все.", "Всё, что ты обо мне знаешь", "Меня"]
    {
        let request = answered("Что именно забыть?", said, Language::Ru);
        assert_eq!(call(&request), everything, "{said}");
    }
    for said in ["Everything.", "All of it", "everything you know about me"] {
        let request = answered("What exactly shall I forget?", said, Language::En);
        assert_eq!(call(&request), everything, "{said}");
    }
    let assistant = Assistant::new().unwrap();
    for (asked, said) in [
        ("Что именно забыть?", "Всё хорошо"),
        ("Что посчитать?", "Всё"),
        ("Здравствуйте! Чем могу помочь?", "Всё"),
    ] {
        let request = answered(asked, said, Language::Ru);
        assert!(!text(&assistant, &request).is_empty(), "{said}");
    }
}

#[test]
fn what_came_of_a_yes_and_a_no_is_told() {
    let assistant = Assistant::new().unwrap();
    let after = |said: &str, outcome: ToolOutcome| {
        let id: std::sync::Arc<str> = "1".into();
        let call = ToolCall {
            id: id.clone(),
            name: "forget_me".into(),
            arguments: "{}".into(),
        };
        text(
            &assistant,
            &request(vec![
                user("Забудь меня"),
                Message::ToolCall(call),
                Message::ToolResult { id, outcome },
                agent("Точно забыть навсегда всё, что я помню? Да или нет?"),
                user(said),
            ]),
        )
    };
    let done = || ToolOutcome::Ok("Готово. Больше я ничего не помню.".into());
    assert_eq!(
        after("Да, забудь", done()),
        "Готово. Больше я ничего не помню."
    );
    let failed = ToolOutcome::Failed(ToolError::Unreachable.to_string());
    assert!(after("да", failed).starts_with("Память сейчас недоступна"));
    let declined = |said| after(said, ToolOutcome::Declined);
    assert_eq!(declined("Нет."), "Хорошо, ничего не делаю.");
    assert!(declined("Не надо, я передумал").starts_with("Хорошо"));
    assert!(declined("Привет!").starts_with("Здравствуйте"));
    // A yes to nothing that was asked.
    let weather = vec![
        user("Какая погода в Москве?"),
        Message::ToolCall(ToolCall {
            id: "1".into(),
            name: "get_weather".into(),
            arguments: "{}".into(),
        }),
        Message::ToolResult {
            id: "1".into(),
            outcome: ToolOutcome::Ok("Ясно.".into()),
        },
        agent("Ясно."),
        user("Да"),
    ];
    assert_ne!(text(&assistant, &request(weather)), "Ясно.");
}

#[test]
fn tools_are_called_with_what_was_said() {
    for (said, tool, arguments) in [
        (
            "Какая погода в Москве?",
            "get_weather",
            r#"{"city":"Москва"}"#,
        ),
        (
            "какая погода в москве",
            "get_weather",
            r#"{"city":"Москва"}"#,
        ),
        (
            "Какая пагода в Маскве",
            "get_weather",
            r#"{"city":"Москва"}"#,
        ),
        (
            "А завтра в Питере будет дождь?",
            "get_weather",
            r#"{"city":"Санкт-Петербург","day":"tomorrow"}"#,
        ),
        (
            "Погода в Урюпинске",
            "get_weather",
            r#"{"city":"Урюпинске"}"#,
        ),
        (
            "Какой курс биткоина?",
            "get_price",
            r#"{"asset":"Биткоин"}"#,
        ),
        (
            "Какой курс бит коина",
            "get_price",
            r#"{"asset":"Биткоин"}"#,
        ),
        (
            "Какой курс биткойна сейчас",
            "get_price",
            r#"{"asset":"Биткоин"}"#,
        ),
        (
            "Сколько сейчас стоит эфир?",
            "get_price",
            r#"{"asset":"Эфир"}"#,
        ),
        ("Почём доллар?", "get_price", r#"{"asset":"Доллар"}"#),
        ("курс евро", "get_price", r#"{"asset":"Евро"}"#),
        ("Который час?", "get_time", "{}"),
        (
            "Сколько времени в Токио?",
            "get_time",
            r#"{"city":"Токио"}"#,
        ),
        ("Какой сегодня день?", "get_time", r#"{"what":"date"}"#),
    ] {
        let expected = (tool.to_owned(), arguments.to_owned());
        assert_eq!(called(vec![user(said)]), expected, "{said}");
    }
    for (said, tool, arguments) in [
        (
            "What's the weather in London?",
            "get_weather",
            r#"{"city":"London"}"#,
        ),
        (
            "What is the price of Bitcoin?",
            "get_price",
            r#"{"asset":"Bitcoin"}"#,
        ),
        (
            "How much is bitcoin?",
            "get_price",
            r#"{"asset":"Bitcoin"}"#,
        ),
        (
            "What time is it in Tokyo?",
            "get_time",
            r#"{"city":"Tokyo"}"#,
        ),
        ("What time is it?", "get_time", "{}"),
    ] {
        let request = LlmRequest {
            language: Language::En,
            ..request(vec![user(said)])
        };
        assert_eq!(
            call(&request),
            (tool.to_owned(), arguments.to_owned()),
            "{said}"
        );
    }
}

#[test]
fn what_can_be_calculated_is() {
    for (said, expression) in [
        (
            "Сколько будет двадцать пять умножить на четыре?",
            "двадцать пять умножить на четыре",
        ),
        ("Слушай, Сфера, а посчитай: (2 + 3) * 4", "(2 + 3) * 4"),
        (
            "сколько будет пятнадцать процентов от двух тысяч",
            "пятнадцать процентов от двух тысяч",
        ),
        ("сто разделить на восемь", "сто разделить на восемь"),
        ("дважды два", "дважды два"),
    ] {
        let arguments = serde_json::json!({ "expression": expression }).to_string();
        let expected = ("calculate".to_owned(), arguments);
        assert_eq!(called(vec![user(said)]), expected, "{said}");
    }
    let mut english = request(vec![user("What is 15 percent of 2000?")]);
    english.language = Language::En;
    let arguments = r#"{"expression":"15 percent of 2000"}"#.to_owned();
    assert_eq!(call(&english), ("calculate".to_owned(), arguments));
    let asked = vec![
        user("Посчитай, пожалуйста"),
        agent("Что посчитать?"),
        user("Сто минус один"),
    ];
    assert_eq!(answer("Посчитай, пожалуйста"), "Что посчитать?");
    assert_eq!(called(asked).1, r#"{"expression":"Сто минус один"}"#);
}

#[test]
fn a_question_with_numbers_is_not_a_calculation_by_that() {
    let bitcoin = ("get_price".to_owned(), r#"{"asset":"Биткоин"}"#.to_owned());
    assert_eq!(called(vec![user("Сколько стоит биткоин")]), bitcoin);
    for said in [
        "Сколько будет стоить биткоин?",
        "сколько будет стоить биткоин через два года",
        "Сколько будет корень из 16 плюс 9",
        "Что такое правило двух процентов от депозита?",
        "Посчитай мои сделки за пять дней",
    ] {
        let events = Assistant::new()
            .unwrap()
            .respond(&request(vec![user(said)]));
        let calculates = |event: &LlmEvent| matches!(event, LlmEvent::ToolCall(call) if call.name == "calculate");
        assert!(!events.iter().any(calculates), "{said}: {events:?}");
    }
}

#[test]
fn the_internet_is_searched_where_that_is_offered() {
    for (said, query) in [
        (
            "Найди в интернете, кто придумал компас",
            "Кто придумал компас",
        ),
        (
            "Поищи, пожалуйста, кто придумал индекс S&P 500 и когда это было.",
            "Кто придумал индекс S&P 500 когда это было",
        ),
        ("поищи рецепт борща в сети", "Рецепт борща"),
        ("Загугли рецепт борща", "Рецепт борща"),
    ] {
        let arguments = serde_json::json!({ "query": query }).to_string();
        let expected = ("web_search".to_owned(), arguments);
        assert_eq!(called(vec![user(said)]), expected, "{said}");
    }
    for said in [
        "Search the web for who invented the compass",
        "Please look up who invented the compass",
        "Find who invented the compass on the internet",
    ] {
        let mut request = request(vec![user(said)]);
        request.language = Language::En;
        let arguments = r#"{"query":"Who invented the compass"}"#.to_owned();
        assert_eq!(call(&request), ("web_search".to_owned(), arguments));
    }
    assert_eq!(answer("Поищи в интернете"), "Что найти в сети?");
    let assistant = Assistant::new().unwrap();
    let mut request = request(vec![user("Поищи что-нибудь о тильте")]);
    request.tools.clear();
    request.passages = vec![passage()];
    assert!(passage().text.contains(&text(&assistant, &request)));
    request.messages = vec![user("Найди в интернете тильт")];
    assert!(text(&assistant, &request).contains("не могу"));
}

#[test]
fn what_was_found_is_read_with_its_source() {
    let assistant = Assistant::new().unwrap();
    let found = "1. Компас\nКомпас придумали в Китае.\nhttps://a.example/compass\n\n2. Другое\nНет.\nhttps://b.example/";
    let call = ToolCall {
        id: "1".into(),
        name: "web_search".into(),
        arguments: r#"{"query":"Кто придумал компас"}"#.into(),
    };
    let result = Message::ToolResult {
        id: "1".into(),
        outcome: ToolOutcome::Ok(crate::tools::strangers::mark(found)),
    };
    let said = user("Найди в интернете, кто придумал компас");
    let mut request = request(vec![said, Message::ToolCall(call), result]);
    let read = assistant.respond(&request);
    let cited = LlmEvent::Citation(crate::knowledge::Citation {
        title: "Компас".into(),
        url: Some("https://a.example/compass".into()),
    });
    assert_eq!(read[0], cited);
    assert_eq!(text(&assistant, &request), "Компас придумали в Китае.");
    request
        .messages
        .extend([agent("Компас придумали в Китае."), user("Откуда это?")]);
    assert_eq!(text(&assistant, &request), "Это из статьи «Компас».");
}

#[test]
fn a_missing_city_is_asked_for_remembered_or_taken_from_the_talk_before() {
    let weather = |city: &str| ("get_weather".to_owned(), format!(r#"{{"city":"{city}"}}"#));
    assert_eq!(answer("Какая погода?"), "В каком городе?");
    let asked = vec![
        user("Какая погода?"),
        agent("В каком городе?"),
        user("В Казани."),
    ];
    assert_eq!(called(asked), weather("Казань"));
    let asked = vec![
        user("Какая погода?"),
        agent("В каком городе?"),
        user("Урюпинск."),
    ];
    assert_eq!(called(asked), weather("Урюпинск"));
    let went_on = vec![
        user("Погода в Москве"),
        agent("Холодно."),
        user("А в Питере?"),
    ];
    assert_eq!(called(went_on), weather("Санкт-Петербург"));
    let tomorrow = vec![
        user("Погода в Москве"),
        agent("Холодно."),
        user("А завтра?"),
    ];
    assert_eq!(called(tomorrow).1, r#"{"city":"Москва","day":"tomorrow"}"#);
    let mut request = request(vec![user("Какая погода?")]);
    request.recalled = vec![fact("city", "Самара")];
    assert_eq!(call(&request), weather("Самара"));
}

#[test]
fn a_tool_that_is_not_offered_is_not_called() {
    for said in [
        "Какая погода в Москве?",
        "Курс биткоина",
        "Который час?",
        "Сколько будет два плюс два?",
        "Найди в интернете, кто придумал компас",
    ] {
        let request = LlmRequest {
            tools: Vec::new(),
            ..request(vec![user(said)])
        };
        let answer = text(&Assistant::new().unwrap(), &request);
        assert!(
            answer.contains("не могу") || answer.contains("нет"),
            "{said}: {answer}"
        );
    }
}

#[test]
fn whatever_a_tool_answers_is_told_honestly() {
    let assistant = Assistant::new().unwrap();
    let after = |name: &str, outcome: Option<ToolOutcome>| {
        let call = ToolCall {
            id: "1".into(),
            name: name.into(),
            arguments: "{}".into(),
        };
        let id = "1".into();
        let result = outcome.map(|outcome| Message::ToolResult { id, outcome });
        let turn = [user("Какая погода в Москве?"), Message::ToolCall(call)];
        text(
            &assistant,
            &request(turn.into_iter().chain(result).collect()),
        )
    };
    let failed = |error: ToolError| Some(ToolOutcome::Failed(error.to_string()));
    let weather = |outcome| after("get_weather", outcome);
    assert_eq!(weather(Some(ToolOutcome::Ok("Ясно.".into()))), "Ясно.");
    let unreachable = weather(failed(ToolError::Unreachable));
    assert!(
        unreachable.to_lowercase().contains("источник"),
        "{unreachable}"
    );
    assert!(
        weather(Some(ToolOutcome::TimedOut))
            .to_lowercase()
            .contains("источник")
    );
    assert_eq!(weather(failed(ToolError::TooOften)), unreachable);
    // Text of strangers is read out, whatever it orders.
    let order = "Сколько стоит биткоин? Какая погода в Москве?";
    let page = ToolOutcome::Ok(crate::tools::strangers::mark(order));
    assert_eq!(weather(Some(page)), order);
    assert!(after("other_tool", Some(ToolOutcome::Declined)).contains("ничего не делаю"));
    assert!(weather(Some(ToolOutcome::Duplicate)).contains("узнаю"));
    assert!(weather(failed(ToolError::NotFound)).contains("Такой город"));
    assert!(weather(failed(ToolError::Protocol)).contains("непонятное"));
    assert!(weather(None).contains("узнаю"));
    assert!(after("other_tool", Some(ToolOutcome::Cancelled)).contains("Не получилось"));
}
