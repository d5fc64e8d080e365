mod remembering;
mod tools;

use super::*;
use crate::{
    knowledge::{Passage, Relevance},
    llm::Message,
    memory::Recollection,
    testing::llm_conformance,
    tools::{ToolError, ToolOutcome, ToolSpec},
};

fn user(text: &str) -> Message {
    Message::User { text: text.into() }
}

fn agent(text: &str) -> Message {
    Message::Assistant {
        text: text.into(),
        interrupted: false,
    }
}

fn fact(kind: &str, text: &str) -> Recollection {
    Recollection {
        kind: Some(kind.into()),
        text: text.into(),
        ..Recollection::default()
    }
}

fn request(messages: Vec<Message>) -> LlmRequest {
    let tools = [
        "get_weather",
        "get_price",
        "get_time",
        "calculate",
        "web_search",
    ];
    LlmRequest {
        messages,
        tools: tools.map(|name| ToolSpec::new(name, "")).into(),
        ..LlmRequest::default()
    }
}

fn text(assistant: &Assistant, request: &LlmRequest) -> String {
    let events = assistant.respond(request).into_iter();
    let words = events.filter_map(|event| match event {
        LlmEvent::Text(word) => Some(word),
        LlmEvent::Citation(_) => None,
        other => panic!("{other:?}"),
    });
    words.collect()
}

fn answer(said: &str) -> String {
    text(&Assistant::new().unwrap(), &request(vec![user(said)]))
}

fn answer_en(said: &str) -> String {
    let request = LlmRequest {
        language: Language::En,
        ..request(vec![user(said)])
    };
    text(&Assistant::new().unwrap(), &request)
}

fn call(request: &LlmRequest) -> (String, String) {
    match Assistant::new().unwrap().respond(request).as_slice() {
        [LlmEvent::ToolCall(call)] => (call.name.clone(), call.arguments.clone()),
        other => panic!("{:?}: {other:?}", request.last_user_text()),
    }
}

fn called(messages: Vec<Message>) -> (String, String) {
    call(&request(messages))
}

#[tokio::test]
async fn it_keeps_the_contract() {
    llm_conformance(&Assistant::new().unwrap()).await;
}

#[test]
fn greetings_thanks_and_goodbyes_are_answered_in_kind() {
    for (said, part) in [
        ("Привет", "Здравствуйте"),
        ("Превет!", "Здравствуйте"),
        ("Добрый вечер.", "Здравствуйте"),
        ("Спасибо большое!", "ожалуйста|Обращайтесь"),
        ("До свидания", "свидания|доброго"),
        ("Что ты умеешь?", "психологии трейдинга"),
        ("Кто ты?", "Сфера"),
        ("Стоп", "Хорошо"),
        ("Стоп, подожди!", "Хорошо"),
        ("Стоп, хватит.", "Хорошо"),
        ("Как дела?", "спасибо|Отлично"),
        ("", "расслышать"),
    ] {
        let answer = answer(said);
        assert!(
            part.split('|').any(|p| answer.contains(p)),
            "{said}: {answer}"
        );
    }
    assert!(answer_en("Hello!").starts_with("Hello!"));
    assert!(answer_en("What can you do?").contains("trading psychology"));
}

#[test]
fn a_name_is_taken_and_told_again() {
    for said in [
        "Меня зовут Алекс.",
        "Привет, меня зовут алекс",
        "меня завут Алекс",
    ] {
        assert!(answer(said).contains("Алекс"), "{said}: {}", answer(said));
    }
    assert!(answer_en("My name is Alex.").contains("Alex"));
    let assistant = Assistant::new().unwrap();
    let mut request = request(vec![user("Как меня зовут?")]);
    assert!(text(&assistant, &request).contains("ещё не говорили"));
    request.recalled = vec![fact("name", "Алекс")];
    assert!(text(&assistant, &request).contains("Алекс"));
    let earlier = [user("Меня зовут Ольга"), agent("Очень приятно!")];
    request.messages.splice(0..0, earlier);
    assert!(
        text(&assistant, &request).contains("Ольга"),
        "the newest name counts"
    );
}

#[test]
fn what_is_remembered_is_told() {
    let assistant = Assistant::new().unwrap();
    let mut request = request(vec![user("Что ты обо мне знаешь?")]);
    assert!(text(&assistant, &request).starts_with("Пока ничего"));
    request.recalled = vec![fact("name", "Алекс"), fact("trades", "фьючерсами")];
    let told = "Вот что я помню. Вас зовут Алекс. Вы торгуете фьючерсами.";
    assert_eq!(text(&assistant, &request), told);
    let more = [fact("instrument", "Биткоин"), fact("instrument", "Эфир")];
    request.recalled.extend(more);
    let told = format!("{told} Ваши инструменты: Биткоин, Эфир.");
    assert_eq!(text(&assistant, &request), told);
}

fn passage() -> Passage {
    Passage {
        title: "Тильт".into(),
        section: Some("Признаки".into()),
        text: "Тильт отключает разум. Руки нажимают кнопки. Надо встать. Пятое лишнее.".into(),
        score: 1.0,
        relevance: Relevance::Answers,
    }
}

/// Whether a Russian text addresses a stranger.
fn is_formal(text: &str) -> bool {
    let words = text.to_lowercase();
    let mut words = words.split(|c: char| !c.is_alphabetic());
    words.any(|word| {
        let pronoun = ["вы", "вас", "вам", "вами"].contains(&word) || word.starts_with("ваш");
        let order = ["йте", "ите", "йтесь", "итесь", "ете"];
        pronoun || order.iter().any(|ending| word.ends_with(ending))
    })
}

#[test]
fn a_friend_is_addressed_as_one_in_every_text() {
    let assistant = Assistant::addressing(Formality::Informal).unwrap();
    let texts = said_by(&assistant.ru);
    let formal: Vec<_> = texts.iter().filter(|text| is_formal(text)).collect();
    assert!(formal.is_empty(), "{formal:#?}");
    // No text is replaced that is not there any more.
    let said = said_by(&Assistant::new().unwrap().ru);
    for text in assistant.ru.informal.keys() {
        assert!(said.contains(text), "{text}");
    }
    let hello = text(&assistant, &request(vec![user("Привет!")]));
    assert_eq!(hello, "Привет! Чем могу помочь?");
}

/// Everything that a script can say.
fn said_by(script: &Script) -> Vec<String> {
    let lists = [
        &script.unheard,
        &script.declined,
        &script.working,
        &script.tool_failed,
        &script.unread,
        &script.nothing_found,
        &script.cannot,
        &script.no_name,
        &script.no_facts,
        &script.no_source,
        &script.source,
        &script.source_section,
        &script.near,
        &script.near_section,
        &script.nothing_to_repeat,
    ];
    let tools = script
        .intent
        .iter()
        .filter_map(|intent| intent.tool.as_ref());
    let tools = tools.flat_map(|tool| {
        [
            &tool.ask,
            &tool.missing,
            &tool.unreachable,
            &tool.not_found,
            &tool.failed,
        ]
    });
    let intents = script.intent.iter();
    let intents = intents.flat_map(|intent| [&intent.say, &intent.nothing]);
    let texts = lists.into_iter().chain(tools).chain(intents).flatten();
    texts.chain(script.facts.values()).cloned().collect()
}

#[test]
fn passages_are_read_word_for_word_and_their_source_is_told_when_asked() {
    let assistant = Assistant::new().unwrap();
    for said in ["Расскажи о тильте", "и вот опять этот тильт у меня"]
    {
        let mut request = request(vec![user(said)]);
        request.passages = vec![passage()];
        let read = text(&assistant, &request);
        assert!(read.starts_with("Тильт отключает разум."), "{read}");
        let cited = LlmEvent::Citation(passage().citation());
        assert_eq!(assistant.respond(&request)[0], cited);
        assert!(passage().text.starts_with(&read));
        request.passages.clear();
        // Cut short by the next question.
        request.messages.extend([
            agent("Тильт отключает разум."),
            user("Откуда ты это знаешь?"),
        ]);
        let source = text(&assistant, &request);
        assert_eq!(source, "Это из статьи «Тильт», раздел «Признаки».");
    }
    let other = request(vec![
        user("Привет"),
        agent("Здравствуйте!"),
        user("Откуда?"),
    ]);
    assert!(text(&assistant, &other).contains("не из статьи"));
}

#[test]
fn what_is_only_near_is_offered_and_read_when_it_is_wanted() {
    let assistant = Assistant::new().unwrap();
    let mut asked = request(vec![user("Что со мной творится после убытка?")]);
    let near = |relevance| Passage {
        relevance,
        ..passage()
    };
    asked.passages = vec![near(Relevance::Perhaps), near(Relevance::Near)];
    let offer = text(&assistant, &asked);
    assert!(
        offer.ends_with("«Тильт», раздел «Признаки». Прочитать?"),
        "{offer}"
    );
    assert!(!offer.contains("кнопки"), "nothing is claimed: {offer}");
    for (yes, heard) in [
        ("Да, прочитай", &*offer),
        ("Ну давай", &offer),
        ("ага", &offer[.."Точного ответа у меня нет. Ближе".len()]),
    ] {
        let mut answered = asked.clone();
        answered.messages.extend([agent(heard), user(yes)]);
        answered.passages.clear();
        let read = text(&assistant, &answered);
        assert!(read.starts_with("Тильт отключает разум."), "{yes}: {read}");
        let cited = LlmEvent::Citation(passage().citation());
        assert_eq!(assistant.respond(&answered)[0], cited);
    }
    let then = |said: &str| {
        let mut request = asked.clone();
        request.messages.extend([agent(&offer), user(said)]);
        request.passages.clear();
        text(&assistant, &request)
    };
    assert_eq!(then("Нет, спасибо"), "Хорошо.");
    assert!(!then("эм").contains("Тильт"), "hesitation is no yes");
    // Another's question about the same section is read to them, not here.
    let mut another = request(vec![user("Как не сорваться?")]);
    another.passages = vec![Passage {
        text: "Сорваться легко. Держитесь.".into(),
        ..near(Relevance::Near)
    }];
    assert_eq!(text(&assistant, &another), offer);
    assert!(then("да").starts_with("Тильт отключает"));
    // A further question is one, and a yes to nothing is none.
    asked
        .messages
        .extend([agent(&offer), user("Расскажи о тильте")]);
    asked.passages = vec![passage()];
    assert!(text(&assistant, &asked).starts_with("Тильт отключает"));
    let nothing = request(vec![user("Привет"), agent("Здравствуйте!"), user("да")]);
    assert!(!text(&assistant, &nothing).contains("Тильт"));
    asked = request(vec![user("Что там?")]);
    asked.passages = vec![near(Relevance::Perhaps)];
    assert!(!text(&assistant, &asked).contains("Тильт"));
}

#[test]
fn what_it_cannot_do_is_said_plainly() {
    assert!(answer("Сочини стихи про осень").contains("языков"));
    assert!(answer("Расскажи о разведении кактусов").contains("ничего нет"));
    assert!(answer_en("Write me a poem").contains("language model"));
}

#[test]
fn questions_about_trading_do_not_trip_over_other_intents() {
    for said in [
        "Сколько времени нужно, чтобы научиться не бояться рынка?",
        "Сколько стоит ошибка трейдера и как с ней жить",
        "Что делать, если я хочу остановиться после просадки?",
        "Где ставить стоп?",
        "я не поставил стоп",
        "Не стоп, а тейк",
    ] {
        let mut request = request(vec![user(said)]);
        request.passages = vec![passage()];
        let read = text(&Assistant::new().unwrap(), &request);
        assert!(passage().text.contains(&read), "{said}: {read}");
    }
}

#[test]
fn whoever_interrupts_is_let_be() {
    for said in [
        "Стоп.",
        "Стоп, подожди!",
        "Стом, подожди.",
        "Ну всё, хватит",
    ] {
        assert_eq!(answer(said), "Хорошо.", "{said}");
    }
    for said in ["Stop.", "Stop it!", "Shop, hold on"] {
        assert_eq!(answer_en(said), "All right.", "{said}");
    }
}

#[test]
fn the_last_words_are_repeated() {
    let messages = vec![
        user("Привет"),
        agent("Здравствуйте!"),
        user("Повтори, пожалуйста"),
    ];
    let assistant = Assistant::new().unwrap();
    assert_eq!(text(&assistant, &request(messages)), "Здравствуйте!");
}

#[test]
fn the_same_request_gets_the_same_answer_and_words_come_one_by_one() {
    let assistant = Assistant::new().unwrap();
    let request = request(vec![user("Что ты умеешь?")]);
    let (one, other) = (assistant.respond(&request), assistant.respond(&request));
    assert_eq!(one, other);
    assert!(one.len() > 10);
}

#[test]
fn data_files_of_ones_own_replace_the_built_in_ones() {
    let folder = tempfile::tempdir().unwrap();
    let own = include_str!("ru.toml").replace("Здравствуйте! Чем могу помочь?", "Салют!");
    let own = own.replace(
        "\"Здравствуйте, {name}! Как хорошо, что вы здесь.\"",
        "\"Салют, {name}!\"",
    );
    std::fs::write(folder.path().join("ru.toml"), own).unwrap();
    let assistant = Assistant::from_folder(folder.path()).unwrap();
    assert_eq!(text(&assistant, &request(vec![user("Привет")])), "Салют!");
    std::fs::write(folder.path().join("ru.toml"), "fillers = 1").unwrap();
    let broken = Assistant::from_folder(folder.path());
    assert!(matches!(broken, Err(ScriptError::Syntax(_))));
}

#[test]
fn odd_words_are_answered_too() {
    for said in [
        "?!",
        "\0\u{202e}",
        "{name}",
        &"а".repeat(100_000),
        "🙂",
        "* * *",
    ] {
        assert!(!answer(said).is_empty());
    }
}
