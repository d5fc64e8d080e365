//! A database that an earlier version filled goes on with this one, on SQLite and on a real PostgreSQL.

use crate::postgres::Postgres;
use sfera_agent::llm::Message;
use sfera_bot::state::{CallState, Dialogue, Place, Question, Store};
use sqlx::{
    AnyConnection, AssertSqlSafe, Connection, Row, any::install_default_drivers, migrate::Migrator,
};
use std::{fs, path::Path};

const NOW: i64 = 1_764_000_000_000;

/// The last migration of that version: calls, but one dialogue a person, whose number is theirs.
const LAST: &str = "0002_calls.sql";

/// What that version had: tables, with all columns that are still there.
const TABLES: [(&str, &str); 9] = [
    ("inbox", "update_id, lane, body, received, attempts, done"),
    (
        "outbox",
        "id, key, lane, call, state, attempts, not_before, message_id, problem, created",
    ),
    (
        "users",
        "id, name, username, language, chosen, room, blocked, banned, first_seen, last_seen",
    ),
    ("files", "id, bytes, created"),
    (
        "turns",
        "id, user_id, chat, dialogue, question, placeholder, state, stopping, messages, created, ended",
    ),
    ("support", "letter, user_id, message"),
    (
        "calls",
        "id, user_id, room, state, issued, alone, asked, seen, created, ended",
    ),
    ("call_lines", "id, call, question, answer, said"),
    ("voice_use", "user_id, day, ms"),
];

const FILLED: [&str; 15] = [
    "INSERT INTO users VALUES (7, 'Алекс', 'alex', 'ru', 1, 'chat', 3, 0, NULL, 1, 2)",
    "INSERT INTO users VALUES (8, 'Мария', NULL, 'en', 0, 'menu', 1, 1, 'спам', 3, 4)",
    "INSERT INTO inbox VALUES (1, 7, '{}', 5, 1, 6)",
    "INSERT INTO inbox VALUES (2, 7, '{\"update_id\":2}', 7, 0, NULL)",
    "INSERT INTO outbox (key, lane, call, state, attempts, not_before, message_id, problem, created) \
     VALUES ('1:0', 7, '{\"call\":\"message\",\"chat\":7,\"text\":\"…\"}', 'sent', 1, 5, 101, NULL, 5)",
    "INSERT INTO outbox (key, lane, call, state, attempts, not_before, message_id, problem, created) \
     VALUES ('1:1', 7, '{\"call\":\"message\",\"chat\":7,\"text\":\"да\"}', 'waiting', 0, 5, NULL, NULL, 5)",
    "INSERT INTO outbox (key, lane, call, state, attempts, not_before, message_id, problem, created) \
     VALUES ('s:0', -9, '{\"call\":\"copy\",\"chat\":-9,\"from\":7,\"message\":4}', 'sent', 1, 5, 55, NULL, 5)",
    "INSERT INTO turns (user_id, chat, dialogue, question, placeholder, state, messages, created, ended) \
     VALUES (7, 7, 2, 'давно', 'old', 'done', '[{\"role\":\"user\",\"text\":\"давно\"}]', 1, 2)",
    "INSERT INTO turns (user_id, chat, dialogue, question, placeholder, state, messages, created, ended) \
     VALUES (7, 7, 3, 'раз', '1:0', 'done', '[{\"role\":\"user\",\"text\":\"раз\"}]', 5, 6)",
    "INSERT INTO turns (user_id, chat, dialogue, question, placeholder, created) \
     VALUES (7, 7, 3, 'два', '2:0', 7)",
    "INSERT INTO support VALUES ('s:0', 7, 4)",
    "INSERT INTO calls (user_id, room, state, issued, seen, created) \
     VALUES (7, 'sfera-7-a', 'talking', 5, 6, 5)",
    "INSERT INTO call_lines (call, question, answer, said) VALUES (1, 'Привет', 'Здравствуйте', 6)",
    "INSERT INTO voice_use VALUES (7, 20416, 61000)",
    "INSERT INTO passes VALUES (7, 5, 2)",
];

/// As that version left it.
async fn fill(database: &mut AnyConnection, kind: &str) {
    let all = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("migrations")
        .join(kind);
    let those = tempfile::tempdir().unwrap();
    for file in fs::read_dir(all).unwrap().map(Result::unwrap) {
        if file.file_name().to_str().unwrap() <= LAST {
            fs::copy(file.path(), those.path().join(file.file_name())).unwrap();
        }
    }
    let migrator = Migrator::new(those.path()).await.unwrap();
    assert_eq!(migrator.iter().count(), 2);
    migrator.run(&mut *database).await.unwrap();
    for statement in FILLED {
        sqlx::query(statement)
            .execute(&mut *database)
            .await
            .unwrap();
    }
    let file = sqlx::query("INSERT INTO files (bytes, created) VALUES ($1, 5)");
    let file = file.bind(vec![1_u8, 0, 255]);
    file.execute(&mut *database).await.unwrap();
}

/// Every row of those tables, as text.
async fn rows(database: &mut AnyConnection) -> Vec<(&'static str, Vec<String>)> {
    let mut all = Vec::new();
    for (table, columns) in TABLES {
        let text = |column| match column {
            "bytes" => "'…'".to_owned(),
            column => format!("COALESCE(CAST({column} AS TEXT), '–')"),
        };
        let texts: Vec<_> = columns.split(", ").map(text).collect();
        let sql = format!(
            "SELECT {} FROM {table} ORDER BY 1",
            texts.join(" || ' ' || ")
        );
        let rows = sqlx::query(AssertSqlSafe(sql));
        let rows = rows.fetch_all(&mut *database).await.unwrap();
        all.push((table, rows.iter().map(|row| row.get(0)).collect()));
    }
    all
}

/// What the new version makes of it.
async fn check(store: &Store) {
    assert_eq!(store.file(1).await, Ok(Some(vec![1, 0, 255])));
    let history = store.history(7, 10).await.unwrap();
    let told: Vec<_> = history
        .iter()
        .map(|line| (line.place, line.question.as_str()))
        .collect();
    let wanted = [
        (Place::Chat, "давно"),
        (Place::Chat, "раз"),
        (Place::Voice, "Привет"),
    ];
    assert_eq!(told, wanted);
    let pending = store.take_up(7, NOW).await.unwrap().unwrap();
    assert_eq!(pending.update_id, 2, "the first one was handled");
    let letter = store.next_letter(7, NOW).await.unwrap().unwrap();
    assert_eq!(letter.key, "1:1");

    let said = [Message::User {
        text: "раз".into()
    }];
    let turn = store.take_question(7, NOW).await.unwrap().unwrap();
    assert_eq!((turn.kind, turn.question.as_str()), (Dialogue::Chat, "два"));
    assert_eq!(
        turn.history, said,
        "of this dialogue, not of the one before"
    );
    let mut work = store.begin(NOW).await.unwrap();
    let question = Question {
        user: 7,
        chat: 7,
        kind: Dialogue::Chat,
        text: "три",
        attachment: None,
        placeholder: "3:0",
        heard: None,
        reply_to: None,
        thread: None,
    };
    work.ask(&question).await.unwrap();
    let call = work.open_call(7).await.unwrap().unwrap();
    assert_eq!(
        (call.room.as_str(), call.state),
        ("sfera-7-a", CallState::Talking)
    );
    assert_eq!(work.behind(-9, 55).await, Ok(Some((7, 4))));
    let banned = work.person(8).await.unwrap().unwrap().banned;
    assert_eq!(banned.as_deref(), Some("спам"));
    assert_eq!(work.room_of(7).await, Ok(Some("chat".to_owned())));
    work.commit().await.unwrap();
    let next = store.take_question(7, NOW).await.unwrap().unwrap();
    assert_eq!(next.question, "три");
    assert_eq!(next.history, said, "the same dialogue goes on");
}

async fn upgrade(url: &str, kind: &str) {
    install_default_drivers();
    let mut database = AnyConnection::connect(url).await.unwrap();
    fill(&mut database, kind).await;
    let before = rows(&mut database).await;
    assert!(
        before.iter().all(|(_, rows)| !rows.is_empty()),
        "{before:?}"
    );
    let store = Store::open(url).await.unwrap();
    assert_eq!(rows(&mut database).await, before);
    database.close().await.unwrap();
    check(&store).await;
    store.close().await;
    let again = Store::open(url).await.unwrap();
    again.close().await;
}

#[tokio::test]
async fn a_file_of_an_earlier_version_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bot.db");
    upgrade(&format!("sqlite:{}?mode=rwc", file.display()), "sqlite").await;
}

#[tokio::test]
async fn a_postgresql_database_of_an_earlier_version_goes_on() {
    let server = Postgres::start();
    upgrade(&server.url(), "postgres").await;
}
