//! "Пройти бесплатное обучение".

use crate::{
    buttons::{becomes, labels, tap, tap_data},
    double::{BotApi, text},
    world::{ALEX, World},
};
use serde_json::{Value, json};
use sfera_agent::testing::ScriptedLlm;
use std::{fs, path::Path, time::Duration};
use tempfile::TempDir;
use tokio::time::timeout;

const LIMIT: Duration = Duration::from_secs(20);

const RIGHT: [&str; 6] = [
    "По какой цене прошла последняя сделка",
    "100 %",
    "Оставить стоп на месте",
    "200 штук",
    "Около 25 %",
    "Сделать паузу",
];

#[tokio::test]
async fn the_course_that_comes_with_the_bot_is_walked_to_its_end() {
    let world = World::new().await;
    let telegram = &world.telegram;
    telegram.writes(ALEX, "Пройти бесплатное обучение");
    let mut page = telegram.says("▓░░░░░░ 1/7").await;
    assert_eq!(page["parse_mode"], "HTML");
    assert!(
        !labels(&page).iter().any(|label| label.contains("Дальше")),
        "not before the answer"
    );
    tap(telegram, &page, "Сколько он будет стоить завтра");
    page = becomes(telegram, "❌ «Сколько он будет стоить завтра»").await;
    for (number, answer) in RIGHT.iter().enumerate() {
        tap(telegram, &page, answer);
        page = becomes(telegram, "✅").await;
        assert!(text(&page).contains(answer), "{}", text(&page));
        tap(telegram, &page, "Дальше");
        page = becomes(telegram, &format!(" {}/7", number + 2)).await;
    }
    tap(telegram, &page, "Назад");
    let before = becomes(telegram, " 6/7").await;
    assert!(
        text(&before).contains("✅ <b>Сделать паузу"),
        "it is known that it was answered"
    );
    tap(telegram, &before, "Дальше");
    page = becomes(telegram, " 7/7").await;
    tap(telegram, &page, "Завершить");
    let end = becomes(telegram, "Курс пройден").await;
    assert!(text(&end).contains("🎓 ▓▓▓▓▓▓▓ 7/7"));
    telegram.writes(ALEX, "/course");
    let end = telegram.says("Курс пройден").await;
    tap(telegram, &end, "Начать сначала");
    let page = telegram.says(" 1/7").await;
    assert!(
        labels(&page).contains(&RIGHT[0].to_owned()),
        "nothing is answered any more"
    );
    world.end().await;
}

fn step(id: &str, more: &str) -> String {
    format!("  - id: {id}\n    title: Шаг {id}\n    text: Про **{id}** & <так>.\n{more}")
}

fn write(file: &Path, steps: &[String]) {
    let steps = steps.concat();
    let course = format!("id: own\ntitle: Свой курс\nsteps:\n{steps}completion: Всё!\n");
    fs::write(file, course).unwrap();
}

/// A world with a course of its own, and the course's file.
async fn with_course(steps: &[String]) -> (World, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("course.yaml");
    write(&file, steps);
    let name = file.display().to_string();
    let settings = [("SFERA_COURSE", name.as_str()), ("ADMIN_CHAT_ID", "-900")];
    let world = World::with(&settings, &ScriptedLlm::saying("Да.")).await;
    // The bot has seen the file before a test changes it.
    world.telegram.writes(ALEX, "/help");
    world.telegram.says("/course").await;
    (world, folder)
}

fn file(folder: &TempDir) -> std::path::PathBuf {
    folder.path().join("course.yaml")
}

#[tokio::test]
async fn a_course_that_is_edited_meanwhile_loses_nobodys_place() {
    let (world, folder) = with_course(&[step("a", ""), step("b", ""), step("c", "")]).await;
    let telegram = &world.telegram;
    telegram.writes(ALEX, "/course");
    let first = telegram.says("▓░░ 1/3").await;
    assert!(text(&first).contains("Про <b>a</b> &amp; &lt;так&gt;."));
    tap(telegram, &first, "Дальше");
    let second = becomes(telegram, "Шаг b").await;
    assert_eq!(
        second["message_id"], first["message_made"],
        "the same message"
    );

    // A step goes, one comes, and the others change places.
    write(
        &file(&folder),
        &[step("new", ""), step("c", ""), step("b", ""), step("d", "")],
    );
    telegram.writes(ALEX, "/course");
    let resumed = telegram.says("▓▓▓░ 3/4").await;
    assert!(text(&resumed).contains("Шаг b"));
    tap(telegram, &first, "Дальше");
    let led = telegram.says("3/4").await;
    assert!(
        text(&led).contains("Шаг b"),
        "a button of a step that is gone leads to where one is"
    );
    tap(telegram, &led, "Дальше");
    let last = becomes(telegram, "Шаг d").await;
    tap(telegram, &last, "Завершить");
    let skipped = becomes(telegram, "Шаг new").await;
    tap(telegram, &skipped, "Дальше");
    let skipped = becomes(telegram, "Шаг c").await;
    tap(telegram, &skipped, "Дальше");
    let again = becomes(telegram, "Шаг b").await;
    tap(telegram, &again, "Дальше");
    let again = becomes(telegram, "Шаг d").await;
    tap(telegram, &again, "Завершить");
    becomes(telegram, "Всё!").await;

    // What comes after the end is found by whoever opens it again.
    write(
        &file(&folder),
        &[step("b", ""), step("fresh", ""), step("d", "")],
    );
    telegram.writes(ALEX, "/course");
    assert!(text(&telegram.says("2/3").await).contains("Шаг fresh"));
    world.end().await;
}

const QUIZ: &str =
    "    quiz: {question: 'Сколько?', right: '2', wrong: ['1', '3'], explanation: Так.}\n";

#[tokio::test]
async fn old_and_made_up_buttons_do_no_harm() {
    let (world, folder) = with_course(&[step("a", ""), step("b", "")]).await;
    let telegram = &world.telegram;
    telegram.writes(ALEX, "/course");
    let page = telegram.says("1/2").await;
    // The step gets a question after it was shown.
    write(&file(&folder), &[step("a", QUIZ), step("b", "")]);
    tap(telegram, &page, "Дальше");
    let asked = becomes(telegram, "❓ <b>Сколько?").await;
    for nonsense in [
        "course:pick:a:0000",
        "course:pick:a",
        "course:next:",
        "course:",
        "course:x:y:z",
    ] {
        tap_data(telegram, &asked["message_made"], nonsense);
    }
    telegram.writes(ALEX, "/help");
    telegram.says("/course").await;
    // The answers change while they are shown.
    let changed = QUIZ.replace("'2'", "'4'");
    write(&file(&folder), &[step("a", &changed), step("b", "")]);
    tap(telegram, &asked, "2");
    let asked = telegram
        .until("EditMessageText", |body| {
            labels(body).contains(&"4".to_owned())
        })
        .await;
    assert!(!text(&asked).contains('✅'), "it is no answer any more");
    tap(telegram, &asked, "4");
    becomes(telegram, "✅ <b>4</b>\nТак.").await;
    world.end().await;
}

fn to_admins(body: &Value) -> bool {
    body["chat_id"] == -900
}

/// What the administrators were told, once it is so much: their chat is a lane of its own.
async fn told(telegram: &BotApi, count: usize) -> Vec<String> {
    loop {
        let made = telegram.made();
        let told = made
            .iter()
            .filter(|made| made.method == "SendMessage" && to_admins(&made.body));
        let told: Vec<_> = told.map(|made| text(&made.body).to_owned()).collect();
        if told.len() >= count {
            return told;
        }
        let more = telegram.until_made(made.len() + 1);
        timeout(LIMIT, more).await.expect("they are told");
    }
}

#[tokio::test]
async fn a_file_that_breaks_leaves_the_last_good_course_and_is_told_once() {
    let (world, folder) = with_course(&[step("a", ""), step("b", "")]).await;
    let telegram = &world.telegram;
    let unknown = "    txt: x\n".to_owned();
    write(&file(&folder), &[step("a", ""), unknown, step("b", "")]);
    for _ in 0..2 {
        telegram.writes(ALEX, "/course");
        telegram.says("1/2").await;
    }
    let first = &told(telegram, 1).await[0];
    assert!(
        first.contains("строка 7: ") && first.contains("txt"),
        "{first}"
    );
    write(
        &file(&folder),
        &[step("a", ""), step("b", ""), step("a", "")],
    );
    telegram.writes(ALEX, "/course");
    telegram.says("1/2").await;
    let second = &told(telegram, 2).await[1];
    assert!(second.contains("строка 10: id «a» уже есть"), "{second}");
    fs::remove_file(file(&folder)).unwrap();
    telegram.writes(ALEX, "/course");
    telegram.says("1/2").await;
    let third = &told(telegram, 3).await[2];
    assert!(third.contains("файл не читается"), "{third}");
    write(
        &file(&folder),
        &[step("a", ""), step("b", ""), step("c", "")],
    );
    telegram.writes(ALEX, "/course");
    telegram.says("1/3").await;
    assert_eq!(told(telegram, 3).await.len(), 3);
    world.end().await;
}

#[tokio::test]
async fn without_a_good_file_at_the_start_there_is_the_course_of_the_program() {
    let settings = [
        ("SFERA_COURSE", "/nowhere/course.yaml"),
        ("ADMIN_CHAT_ID", "-900"),
    ];
    let world = World::with(&settings, &ScriptedLlm::saying("Да.")).await;
    world
        .telegram
        .until("SendMessage", |body| {
            to_admins(body) && text(body).contains("SFERA_COURSE")
        })
        .await;
    world.telegram.writes(ALEX, "/course");
    world.telegram.says("Первые шаги в трейдинге").await;
    world.end().await;
}

#[tokio::test]
async fn a_picture_comes_above_its_step() {
    let media = "    media: {kind: photo, file: 'https://a.example/p.png', caption: '**Вот**'}\n";
    let (world, _folder) = with_course(&[step("a", ""), step("b", media), step("c", "")]).await;
    let telegram = &world.telegram;
    telegram.writes(ALEX, "/course");
    let first = telegram.says("1/3").await;
    tap(telegram, &first, "Дальше");
    let picture = telegram.until("SendPhoto", |_| true).await;
    assert_eq!(picture["photo"], json!("https://a.example/p.png"));
    assert_eq!(picture["caption"], json!("<b>Вот</b>"));
    let second = telegram.says("2/3").await;
    tap(telegram, &second, "Дальше");
    let third = telegram.says("3/3").await;
    tap(telegram, &third, "Завершить");
    becomes(telegram, "Всё!").await;
    world.end().await;
}
