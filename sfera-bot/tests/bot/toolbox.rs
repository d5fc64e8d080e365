//! "Полезные инструменты".

use crate::{
    buttons::{becomes, labels, tap, tap_data},
    double::text,
    world::{ALEX, Around, World},
};
use async_trait::async_trait;
use serde_json::{Value, json};
use sfera_agent::tools::{Tool, ToolContext, ToolError, ToolSpec};
use sfera_bot::errands::Sources;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

#[tokio::test]
async fn a_position_is_sized_in_a_dialogue() {
    let world = World::new().await;
    let telegram = &world.telegram;
    telegram.writes(ALEX, "Полезные инструменты");
    let menu = telegram.says("Полезные инструменты").await;
    tap(telegram, &menu, "Размер позиции");
    becomes(telegram, "Сколько на счёте?").await;
    telegram.writes(ALEX, "много");
    telegram.says("Не вижу числа").await;
    telegram.writes(ALEX, "100к");
    let asked = telegram.says("Депозит: 100\u{a0}000").await;
    assert!(text(&asked).contains("Сколько процентов"));
    telegram.writes(ALEX, "150%");
    telegram.says("Столько процентов не бывает").await;
    telegram.writes(ALEX, "2%");
    telegram.says("Цена входа?").await;
    telegram.writes(ALEX, "назад");
    telegram.says("Сколько процентов").await;
    telegram.writes(ALEX, "1");
    let asked = telegram.says("Цена входа?").await;
    assert!(
        text(&asked).contains("Депозит: 100\u{a0}000\nРиск, %: 1"),
        "what was typed is kept"
    );
    telegram.writes(ALEX, "250");
    telegram.says("Цена стопа?").await;
    telegram.writes(ALEX, "250,0");
    telegram.says("Это цена входа").await;
    telegram.writes(ALEX, "240");
    let result = telegram.says("Размер: <b>100</b>").await;
    assert!(
        text(&result).contains("Убыток на стопе: <b>1\u{a0}000</b>"),
        "{}",
        text(&result)
    );
    assert!(text(&result).contains("Стоимость позиции: 25\u{a0}000"));

    // Only the last number changes; then all of them.
    tap(telegram, &result, "Изменить последнее");
    telegram.says("Цена стопа?").await;
    telegram.writes(ALEX, "249.5");
    let result = telegram.says("Размер: <b>2\u{a0}000</b>").await;
    assert!(text(&result).contains("понадобится плечо"));
    tap(telegram, &result, "Другие числа");
    let asked = telegram.says("Сколько на счёте?").await;
    tap(telegram, &asked, "Отмена");
    becomes(telegram, "Что нужно?").await;
    telegram.writes(ALEX, "5");
    telegram.says("…").await;
    world.end().await;
}

#[tokio::test]
async fn each_calculator_answers() {
    let world = World::new().await;
    let telegram = &world.telegram;
    for (name, numbers, result) in [
        (
            "Риск и прибыль",
            &["100", "95", "90", "115"][..],
            "<b>3 R</b>",
        ),
        (
            "Прибыль сделки",
            &["1.000,50", "1 100,5", "10", "0,1"],
            "<b>978,99</b>",
        ),
        ("Просадка", &["100", "50%"], "<b>100 %</b>"),
        ("Пик и дно", &["10к", "20к", "8к"], "Просадка: <b>20 %</b>"),
    ] {
        telegram.writes(ALEX, "/tools");
        let menu = telegram.says("Что нужно?").await;
        tap(telegram, &menu, name);
        becomes(telegram, name).await;
        for number in numbers {
            telegram.writes(ALEX, number);
        }
        telegram.says(result).await;
    }
    world.end().await;
}

#[tokio::test]
async fn a_tool_can_be_left_at_any_time() {
    let world = World::new().await;
    let telegram = &world.telegram;
    for way in ["/cancel", "отмена", "/tools", "/start"] {
        telegram.writes(ALEX, "/tools");
        let menu = telegram.says("Что нужно?").await;
        tap(telegram, &menu, "Просадка");
        becomes(telegram, "На сколько процентов").await;
        telegram.writes(ALEX, way);
        telegram.until("SendMessage", |_| true).await;
        telegram.writes(ALEX, "20");
        telegram.says("…").await;
    }
    // Buttons of a tool that is gone, and some that never were.
    telegram.writes(ALEX, "/tools");
    let menu = telegram.says("Что нужно?").await;
    for data in [
        "tool:back",
        "tool:calc:nothing",
        "tool:ask:",
        "tool:",
        "tool:find:price",
    ] {
        tap_data(telegram, &menu["message_made"], data);
    }
    tap(telegram, &menu, "Просадка");
    becomes(telegram, "На сколько процентов").await;
    world.end().await;
}

/// A source that answers as it is told, and hears what it is asked.
#[derive(Clone, Default)]
struct Source {
    answers: Arc<Mutex<VecDeque<Result<String, ToolError>>>>,
    asked: Arc<Mutex<Vec<Value>>>,
}

#[async_trait]
impl Tool for Source {
    fn spec(&self) -> ToolSpec {
        ToolSpec::new("source", "A source.")
    }

    async fn call(&self, arguments: Value, _: ToolContext) -> Result<String, ToolError> {
        self.asked.lock().unwrap().push(arguments);
        let next = self.answers.lock().unwrap().pop_front();
        match next {
            Some(answer) => answer,
            None => std::future::pending().await,
        }
    }
}

async fn with_prices(answers: &[Result<&str, ToolError>]) -> (World, Source) {
    let source = Source::default();
    let answers = answers
        .iter()
        .cloned()
        .map(|answer| answer.map(str::to_owned));
    source.answers.lock().unwrap().extend(answers);
    let outside = Around {
        sources: Sources {
            price: Arc::new(source.clone()),
            ..Sources::default()
        },
        ..Around::default()
    };
    let world = World::of(&[], outside).await;
    (world, source)
}

#[tokio::test]
async fn prices_are_looked_up_and_a_silent_source_is_not_covered_up() {
    let said = "Биткоин: 97251 доллар <за штуку>.";
    let nothing = ToolError::Unreachable;
    let script = [
        Err(nothing.clone()),
        Ok(said),
        Err(nothing),
        Err(ToolError::NotFound),
    ];
    let (world, source) = with_prices(&script).await;
    let telegram = &world.telegram;
    telegram.writes(ALEX, "/tools");
    let menu = telegram.says("Что нужно?").await;
    tap(telegram, &menu, "Курсы");
    let which = becomes(telegram, "Чей курс?").await;
    assert!(labels(&which).contains(&"Биткоин".to_owned()));
    tap(telegram, &which, "Биткоин");
    let silent = telegram.says("сейчас не отвечает").await;
    assert!(text(&silent).contains("Ничего не выдумываю"));
    tap(telegram, &silent, "Обновить");
    let found = telegram
        .says("Биткоин: 97251 доллар &lt;за штуку&gt;.")
        .await;
    assert!(text(&found).contains("Узнал") && text(&found).contains("Europe/Moscow"));
    telegram.writes(ALEX, "биткоин");
    let known = telegram.says("Последнее, что я знаю").await;
    assert!(
        text(&known).contains("97251 доллар &lt;за"),
        "{}",
        text(&known)
    );
    telegram.writes(ALEX, "картошка <>");
    telegram.says("Не знаю цены «картошка &lt;&gt;»").await;
    assert_eq!(
        source.asked.lock().unwrap()[3],
        json!({"asset": "картошка <>"})
    );
    telegram.writes(ALEX, &"очень ".repeat(20));
    telegram.says("не длиннее 60 знаков").await;
    world.end().await;
}

#[tokio::test]
async fn only_a_few_questions_wait_and_none_is_lost() {
    let (world, source) = with_prices(&[]).await;
    let telegram = &world.telegram;
    telegram.writes(ALEX, "/tools");
    let menu = telegram.says("Что нужно?").await;
    tap(telegram, &menu, "Курсы");
    becomes(telegram, "Чей курс?").await;
    for coin in ["раз", "два", "три", "четыре"] {
        telegram.writes(ALEX, coin);
    }
    telegram.says("Ещё ищу").await;
    // The bot ends while it looks; the next one looks again.
    let place = world.end().await;
    let found: Vec<_> = ["раз", "два", "три"].map(|name| Ok(name.to_owned())).into();
    source.answers.lock().unwrap().extend(found);
    let outside = Around {
        sources: Sources {
            price: Arc::new(source),
            ..Sources::default()
        },
        ..Around::default()
    };
    let world = World::again(place, &[], outside).await;
    for name in ["раз", "два", "три"] {
        world.telegram.says(&format!("{name}\n<i>Узнал")).await;
    }
    world.end().await;
}

#[tokio::test]
async fn the_time_elsewhere_needs_no_network() {
    let world = World::new().await;
    let telegram = &world.telegram;
    telegram.writes(ALEX, "/tools");
    let menu = telegram.says("Что нужно?").await;
    tap(telegram, &menu, "Время");
    let which = becomes(telegram, "Где узнать время?").await;
    tap(telegram, &which, "Токио");
    telegram.says("В Токио сейчас").await;
    telegram.writes(ALEX, "Урюпинск");
    telegram.says("Не знаю места «Урюпинск»").await;
    world.end().await;
}
