//! `sfera kb` as somebody uses it for the first time, and as a killed process leaves it.

use super::{
    Home, Ran, interrupt,
    services::{Reply, Service},
};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Command, Stdio},
};

const FORMATS: [&str; 6] = [
    "drawdown.pdf",
    "position.docx",
    "staying.html",
    "discipline.md",
    "fomo.txt",
    "faq.jsonl",
];

fn library(home: &Home) {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sfera-agent/tests/data/documents");
    for file in FORMATS {
        let bytes = std::fs::read(data.join(file)).unwrap();
        home.write(&format!("docs/{file}"), bytes);
    }
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(ran.out.trim()).unwrap_or_else(|_| panic!("{ran:?}"))
}

/// Text, title and section of the first passage that was found.
fn first(home: &Home, question: &str) -> (String, String, String) {
    let found = json(&home.run(&["kb", "search", "--json", question]));
    let text = |key: &str| {
        let text = found["passages"][0][key].as_str();
        text.unwrap_or_default().to_owned()
    };
    (text("text"), text("title"), text("section"))
}

#[test]
fn six_kinds_of_files_go_in_are_found_and_taken_out() {
    let home = Home::new();
    library(&home);
    home.run(&["kb", "list"]).refused(
        2,
        "Ошибка: Базы знаний «knowledge» ещё нет: sfera kb ingest ПАПКА.",
    );
    let ran = home.run(&["kb", "ingest", "docs"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        ran.out
            .starts_with("База знаний «knowledge» готова: поиск по словам"),
        "{ran:?}"
    );
    assert!(ran.out.contains("Файлов: 6, без изменений: 0."), "{ran:?}");
    for (question, title, section) in [
        ("с чего начинают выход из просадки", "drawdown", "стр. 2"),
        ("на что делят риск в деньгах", "Размер позиции", "Формула"),
        (
            "сколько секунд длится выдох",
            "Спокойствие в торговле",
            "Дыхание",
        ),
        ("что проверяют перед сделкой", "Дисциплина", "Чек-лист"),
        ("если сигнал пропущен", "fomo", ""),
        ("комиссия SBER", "Вопросы о комиссии", "Биржа"),
    ] {
        let found = first(&home, question);
        assert_eq!(
            (found.1.as_str(), found.2.as_str()),
            (title, section),
            "{question}: {found:?}"
        );
    }
    let ran = home.run(&["kb", "search", "комиссия", "SBER"]);
    assert!(
        ran.out
            .starts_with("Вопросы о комиссии › Биржа · отвечает\nhttps://example.org/faq/fee\n"),
        "{ran:?}"
    );

    let again = json(&home.run(&["kb", "ingest", "docs", "--json"]));
    assert_eq!(
        (&again["unchanged"], &again["written"]),
        (&6.into(), &0.into()),
        "{again}"
    );
    let stats = json(&home.run(&["kb", "stats", "--json"]));
    assert_eq!(
        (&stats["documents"], &stats["incomplete"]),
        (&7.into(), &0.into()),
        "{stats}"
    );

    std::fs::remove_file(home.path("docs/fomo.txt")).unwrap();
    let gone = json(&home.run(&["kb", "ingest", "docs", "--json"]));
    assert_eq!(
        (&gone["gone"], &gone["deleted"]),
        (&1.into(), &1.into()),
        "{gone}"
    );
    let ran = home.run(&[
        "kb",
        "remove",
        "docs/drawdown.pdf",
        "https://example.org/faq/fee",
    ]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let list = json(&home.run(&["kb", "list", "--json"]));
    let titles: Vec<_> = list["documents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| &d["title"])
        .collect();
    assert_eq!(titles.len(), 4, "{titles:?}");
    let nonsense = home.run(&["kb", "search", "абракадабра", "шмурдяк"]);
    assert_eq!(nonsense.out, "Об этом в базе знаний ничего нет.\n");
    let unknown = home.run(&["kb", "remove", "docs/diskipline.md"]);
    assert_eq!(unknown.code, Some(2), "{unknown:?}");
    assert!(
        unknown.err.contains("Список: sfera kb list."),
        "{unknown:?}"
    );
    let folder = home.run(&["kb", "remove", "docs/"]);
    assert!(
        folder.out.starts_with("docs/: удалено, отрывков "),
        "{folder:?}"
    );
    let nothing = home.run(&["kb", "search", "просадка"]);
    assert_eq!(nothing.out, "В базе знаний пусто: sfera kb ingest ПАПКА.\n");
}

#[test]
fn a_folder_that_vanished_keeps_what_was_taken_from_it_until_it_is_removed() {
    let home = Home::new();
    library(&home);
    home.run(&["kb", "ingest", "docs"]);
    let before = exported(&home);
    std::fs::rename(home.path("docs"), home.path("elsewhere")).unwrap();
    let ran = home.run(&["kb", "ingest", "docs"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("docs: там больше ничего нет."), "{ran:?}");
    assert!(
        ran.out
            .contains("удалено: 0. Не прочитано файлов и папок: 1"),
        "{ran:?}"
    );
    assert_eq!(exported(&home), before);
    home.run(&["kb", "ingest", "--watch", "docs"])
        .refused(2, "Ошибка: За docs не проследить: есть ли такая папка?");
    assert_eq!(home.run(&["kb", "remove", "docs"]).code, Some(0));
    assert_eq!(exported(&home), "");
}

#[test]
fn a_file_without_text_is_named() {
    let home = Home::new();
    home.write("docs/a.md", "# Риск\n\nПроцент.");
    home.write("docs/b.txt", "");
    let ran = home.run(&["kb", "ingest", "docs"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.ends_with("b.txt: внутри нет текста.\n"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_base_is_not_thrown_away_for_a_model_that_does_not_answer() {
    let home = Home::new();
    library(&home);
    home.run(&["kb", "ingest", "docs"]);
    let before = exported(&home);
    let model = Service::answering(|_| {
        let vector = json!({ "index": 0, "embedding": [0.6, 0.8] });
        Reply::json(json!({ "data": [vector] }).to_string())
    })
    .await;
    let strict = Service::answering(|_| Reply::refusal("401 Unauthorized")).await;
    let setup = |url: &str, dimension: &str, options: &[&str]| {
        let mut command = home.command(&["kb", "setup"]);
        command
            .args(options)
            .env("EMBEDDING_BASE_URL", format!("{url}/v1"))
            .env("EMBEDDING_MODEL", "pair")
            .env("EMBEDDING_DIMENSION", dimension);
        Ran::of(command.output().unwrap())
    };
    for (url, dimension) in [(model.url(), ""), (model.url(), "3"), (strict.url(), "2")] {
        for options in [&["--anew"][..], &[]] {
            let ran = setup(url, dimension, options);
            assert_ne!(ran.code, Some(0), "{ran:?}");
            assert_eq!(ran.out, "");
        }
        assert_eq!(exported(&home), before);
    }

    let mut again = home.command(&["kb", "ingest", "docs"]);
    let again = again
        .env("EMBEDDING_BASE_URL", format!("{}/v1", model.url()))
        .env("EMBEDDING_MODEL", "pair")
        .env("EMBEDDING_DIMENSION", "2");
    let again = Ran::of(again.output().unwrap());
    assert!(
        again.err.starts_with("Модель для поиска по смыслу есть"),
        "{again:?}"
    );

    let ran = setup(model.url(), "2", &["--anew"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let thrown = before.lines().count();
    assert_eq!(
        ran.out,
        format!(
            "Выброшено отрывков: {thrown}. Взять документы снова: sfera kb ingest ПАПКА.\n\
             База знаний «knowledge» готова: поиск по словам и по смыслу (pair).\n"
        )
    );
}

#[test]
fn a_bad_file_is_named_with_its_place_and_the_others_are_in() {
    let home = Home::new();
    library(&home);
    home.write("docs/broken.docx", "no archive");
    home.write("docs/broken.pdf", "%PDF-1.7 no more");
    home.write(
        "docs/lines.jsonl",
        "{\"text\":\"Хорошая строка.\"}\n{плохая\n",
    );
    let ran = home.run(&["kb", "ingest", "docs"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    let said: Vec<_> = ran
        .err
        .lines()
        .map(|line| line.rsplit_once("docs/").map_or(line, |(_, l)| l))
        .collect();
    assert_eq!(
        said,
        [
            "broken.docx: повреждён или не DOCX (ZIP).",
            "broken.pdf: повреждён или не PDF (структура).",
            "lines.jsonl, строка 2: это не JSON (позиция 2).",
        ]
    );
    assert!(
        ran.out
            .contains("Не прочитано файлов и папок: 2, строк: 1; остальное на месте."),
        "{ran:?}"
    );
    assert_eq!(first(&home, "хорошая строка").0, "Хорошая строка.");
    let nowhere = home.run(&["kb", "ingest", "nowhere"]);
    assert_eq!(nowhere.code, Some(2), "{nowhere:?}");
    assert!(
        nowhere.err.contains("такого файла или папки нет"),
        "{nowhere:?}"
    );
}

/// A book that takes many batches.
fn book(home: &Home) {
    for chapter in 0..12 {
        let mut text = format!("# Глава {chapter}\n\n");
        for rule in 0..150 {
            text += &format!(
                "## Правило {chapter}-{rule}\n\nПравило {rule} главы {chapter} говорит о терпении.\n\n"
            );
        }
        home.write(&format!("book/{chapter}.md"), text);
    }
}

/// Bytes of the store so far.
fn size(home: &Home) -> u64 {
    let files = ["sfera.db", "sfera.db-wal"].map(|file| home.path(".local/share/sfera").join(file));
    let sizes = files.iter().filter_map(|file| std::fs::metadata(file).ok());
    sizes.map(|file| file.len()).sum()
}

fn exported(home: &Home) -> String {
    let ran = home.run(&["kb", "export"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    ran.out
}

#[test]
fn a_killed_ingest_goes_on_where_it_was_and_ends_the_same() {
    let whole = Home::new();
    book(&whole);
    assert_eq!(whole.run(&["kb", "ingest", "book"]).code, Some(0));
    let lines = |home: &Home| {
        let text = exported(home).replace(&home.path("").display().to_string(), "");
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };

    let home = Home::new();
    book(&home);
    let mut kills = 0;
    let mut before = 0;
    for _ in 0..6 {
        let stored = size(&home);
        let mut child = home.start(&["kb", "ingest", "book"]);
        while size(&home) <= stored && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        kills += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        let stats = home.run(&["kb", "stats", "--json"]);
        let passages = match stats.code {
            Some(0) => json(&stats)["passages"].as_u64().unwrap(),
            _ => 0,
        };
        assert!(passages >= before, "{passages} after {before}");
        before = passages;
    }
    assert!(kills > 0, "every ingest was over before it was killed");
    let last = home.run(&["kb", "ingest", "book"]);
    assert_eq!(last.code, Some(0), "{last:?}");
    assert_eq!(lines(&home), lines(&whole));
    let again = json(&home.run(&["kb", "ingest", "book", "--json"]));
    assert_eq!(again["written"], 0);
}

#[test]
fn an_export_ingested_elsewhere_is_exported_the_same() {
    let home = Home::new();
    library(&home);
    home.run(&["kb", "ingest", "docs"]);
    let ran = home.run(&["kb", "export", "copy.jsonl"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let copy = std::fs::read_to_string(home.path("copy.jsonl")).unwrap();
    assert_eq!(copy, exported(&home));
    let other = Home::new();
    other.write("copy.jsonl", &copy);
    assert_eq!(other.run(&["kb", "ingest", "copy.jsonl"]).code, Some(0));
    assert_eq!(exported(&other), copy);
}

#[test]
fn a_watched_folder_is_taken_in_again_when_it_changes() {
    let home = Home::new();
    home.write("notes/a.md", "# Заметка\n\nПервая мысль.");
    let mut child = home.start(&["kb", "ingest", "--watch", "notes"]);
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut waiting = || told.next().unwrap().unwrap();
    assert_eq!(waiting(), "Жду изменений. Закончить: Ctrl+C.");
    home.write("notes/b.md", "# Другая\n\nВторая мысль о терпении.");
    assert_eq!(waiting(), "Жду изменений. Закончить: Ctrl+C.");
    assert_eq!(first(&home, "терпение").1, "Другая");
    interrupt::control_c(&child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let mut out = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut out)
        .unwrap();
    assert_eq!(out.matches("Файлов: ").count(), 2, "{out}");
}

#[test]
fn a_typed_conversation_answers_from_what_was_ingested_and_names_it() {
    let home = Home::new();
    library(&home);
    home.run(&["kb", "ingest", "docs"]);
    let said = home.write(
        "said.txt",
        "Комиссия SBER?\nОткуда ты это знаешь?\nСколько спутников у Юпитера?\n",
    );
    let mut command = home.command(&["talk", "--text"]);
    let ran = Ran::of(
        command
            .stdin(std::fs::File::open(said).unwrap())
            .output()
            .unwrap(),
    );
    assert!(ran.out.contains("0,03 процента"), "{ran:?}");
    assert!(
        ran.out
            .contains("Это из статьи «Вопросы о комиссии», раздел «Биржа»."),
        "{ran:?}"
    );
    assert!(
        ran.out.contains("не знаю") || ran.out.contains("нет ответа"),
        "{ran:?}"
    );
}

/// Notes, and what people in trouble would ask: no word of one is in the other.
const NOTES: [(&str, &str, [&str; 2]); 2] = [
    (
        "Просадка",
        "После серии убытков объём уменьшают вдвое.",
        [
            "Почему у меня трясутся руки, когда деньги тают?",
            "Отчего меня колотит?",
        ],
    ),
    (
        "Дивиденды",
        "Компания делится прибылью с акционерами.",
        [
            "Когда мне капнет на карточку за мои бумажки?",
            "Где мой осенний перевод?",
        ],
    ),
];

fn home_with_notes() -> Home {
    let home = Home::new();
    for (title, text, _) in NOTES {
        home.write(
            &format!("notes/{title}.md"),
            format!("# {title}\n\n{text}\n"),
        );
    }
    let ran = home.run(&["kb", "ingest", "notes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    home
}

/// A language model that knows what the notes are asked for.
async fn model() -> Service {
    Service::answering(|request| {
        let mut notes = NOTES.into_iter();
        let about = notes.find(|(title, ..)| request.contains(*title));
        let (.., questions) = about.unwrap();
        let answer = format!("Вот вопросы:\n```json\n{}\n```", json!(questions));
        let choice = |delta: Value, finish: Option<&str>| {
            json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }] })
        };
        let begun = choice(json!({ "role": "assistant", "content": answer }), None);
        let ended = choice(json!({}), Some("stop"));
        Reply::events(format!(
            "data: {begun}\n\ndata: {ended}\n\ndata: [DONE]\n\n"
        ))
    })
    .await
}

/// `sfera kb questions`, written by this model.
fn questions(home: &Home, model: &Service, options: &[&str]) -> Command {
    let mut command = home.command(&["kb", "questions"]);
    command
        .args(options)
        .env("OPENAI_BASE_URL", format!("{}/v1", model.url()))
        .env("OPENAI_API_KEY", "sk-0123456789");
    command
}

fn asked(home: &Home, model: &Service, options: &[&str]) -> Ran {
    Ran::of(questions(home, model, options).output().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_writes_questions_once_and_passages_are_found_by_them() {
    let (home, model) = (home_with_notes(), model().await);
    let [shaking, ..] = NOTES[0].2;
    assert_eq!(first(&home, shaking).1, "");

    let ran = asked(&home, &model, &[]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{ran:?}");
    assert_eq!(
        ran.out,
        "Отрывков: 2, вопросов к ним написано: 4. Отрывков, у которых вопросы уже были: 0.\n"
    );
    assert_eq!(model.times_asked(), 2);
    assert!(model.was_asked("/v1/chat/completions"));
    for (title, text, questions) in NOTES {
        for question in questions {
            let found = first(&home, question);
            assert_eq!((found.0.as_str(), found.1.as_str()), (text, title));
        }
    }
    let stats = json(&home.run(&["kb", "stats", "--json"]));
    assert_eq!(
        (&stats["passages"], &stats["questions"]),
        (&2.into(), &4.into()),
        "{stats}"
    );

    let ran = asked(&home, &model, &[]);
    assert_eq!(
        ran.out,
        "Писать нечего: вопросы есть ко всем отрывкам (2).\n"
    );
    let again = json(&asked(&home, &model, &["--json"]));
    let nothing = json!({ "passages": 0, "questions": 0, "had": 2, "without": 0 });
    assert_eq!(again, nothing);
    assert_eq!(model.times_asked(), 2, "nothing was left to ask");

    let anew = json(&asked(&home, &model, &["--anew", "--json"]));
    let all = json!({ "passages": 2, "questions": 4, "had": 0, "without": 0 });
    assert_eq!(anew, all);
    assert_eq!(model.times_asked(), 4);
    let ran = home.run(&["kb", "stats"]);
    assert!(ran.out.contains("Вопросов к отрывкам: 4."), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_model_that_writes_there_is_a_sentence_and_no_question() {
    let home = home_with_notes();
    home.run(&["kb", "questions"]).refused(
        2,
        "Ошибка: Вопросы пишет языковая модель, а отвечает у вас встроенный помощник: задайте OPENAI_BASE_URL, OPENAI_API_KEY, OPENROUTER_API_KEY или GOOGLE_API_KEY (и не llm.provider = \"assistant\").",
    );
    let strict = Service::answering(|_| Reply::refusal("401 Unauthorized")).await;
    asked(&home, &strict, &[]).refused(
        2,
        "Ошибка: Сервер языковой модели не принимает ключ. Исправьте его: написанное не пропало, sfera kb questions продолжит с этого места.",
    );
    let stats = json(&home.run(&["kb", "stats", "--json"]));
    assert_eq!(stats["questions"], 0);
    let stubborn = Service::answering(|_| Reply::refusal("400 Bad Request")).await;
    let none = asked(&home, &stubborn, &["--json"]);
    assert_eq!(none.code, Some(4), "{none:?}");
    let none = json(&none);
    let without = json!({ "passages": 0, "questions": 0, "had": 0, "without": 2 });
    assert_eq!(none, without);
    let ran = asked(&home, &stubborn, &[]);
    assert!(
        ran.out
            .ends_with("Модель не придумала вопросов к отрывкам: 2. Повторите.\n"),
        "{ran:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn control_c_while_the_model_thinks_says_how_to_go_on() {
    let home = home_with_notes();
    for (options, said) in [
        (
            &[][..],
            "Прервано. Что написано, то написано: та же команда продолжит с этого места.\n",
        ),
        (
            &["--anew"][..],
            "Прервано. Что написано, то написано; у остальных отрывков прежние вопросы.\n",
        ),
    ] {
        let model = model().await;
        model.answers(false);
        let mut command = questions(&home, &model, options);
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        model.is_asked().await;
        interrupt::control_c(&child);
        let ran = Ran::of(child.wait_with_output().unwrap());
        assert_eq!((ran.code, ran.err.as_str()), (Some(130), said), "{ran:?}");
    }
}
