//! Whoever wants to be forgotten is, on SQLite and on a real PostgreSQL, and nobody else.

use crate::{
    postgres::Postgres,
    storing::{NOW, alex, asked},
};
use serde_json::Value;
use sfera_agent::llm::{Message, Usage};
use sfera_bot::{
    state::{Accepted, DAY, Dialogue, Ended, Form, New, Newcomer, Outcome, Question, Store, Work},
    telegram::Call,
};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row};

const ALEX: i64 = 7;
const OTHER: i64 = 8;
const ADMIN: i64 = -900;
/// It is in everything that anybody said.
const SECRET: &str = "тайна";
const OTHERS_SECRET: &str = "загадка";

/// Somebody does everything there is to do.
async fn lives(store: &Store, person: i64, secret: &str) {
    let mut yesterday = store.begin(NOW - DAY).await.unwrap();
    let who = Newcomer {
        id: person,
        ..alex()
    };
    yesterday.meet(&who).await.unwrap();
    is_limited(&mut yesterday, person).await;
    yesterday.commit().await.unwrap();
    let mut work = store.begin(NOW).await.unwrap();
    is_limited(&mut work, person).await;
    talks(&mut work, person, secret).await;
    is_supported(&mut work, person, secret).await;
    keeps(&mut work, person, secret).await;
    work.commit().await.unwrap();
    let answered = store.take_question(person, NOW).await.unwrap().unwrap();
    let said = [Message::User {
        text: secret.into(),
    }];
    let mut work = store.begin(NOW).await.unwrap();
    let ended = work.end_turn(answered.id, Ended::Answered, &said);
    assert_eq!(ended.await, Ok(true));
    work.commit().await.unwrap();
    let body = format!("{{\"text\":\"{secret}\"}}");
    let (update_id, lane) = (person, person);
    let update = Accepted {
        update_id,
        lane,
        body,
    };
    store.accept(&[update], NOW).await.unwrap();
    let mut work = store.begin(NOW).await.unwrap();
    work.handled(person).await.unwrap();
    work.commit().await.unwrap();
}

async fn is_limited(work: &mut Work, person: i64) {
    let cost = Usage {
        prompt_tokens: 100,
        completion_tokens: 20,
    };
    work.count_question(person).await.unwrap();
    work.count_tokens(person, cost).await.unwrap();
    work.use_voice(person, 1_000).await.unwrap();
    work.count_pass(person, 1_000).await.unwrap();
}

async fn talks(work: &mut Work, person: i64, secret: &str) {
    let places = [
        (person, Dialogue::Chat),
        (person, Dialogue::Psychologist),
        (-5, Dialogue::Chat),
    ];
    for (number, (chat, kind)) in places.into_iter().enumerate() {
        let placeholder = format!("{person}:{number}");
        let question = Question {
            user: person,
            chat,
            kind,
            ..asked(secret, &placeholder)
        };
        work.ask(&question).await.unwrap();
        let (call, page) = (Call::message(chat, secret), format!("{placeholder}:page:0"));
        for key in [&placeholder, &page] {
            work.send(key, chat, &call).await.unwrap();
        }
    }
    let file = work.keep_file(secret.as_bytes().to_vec()).await.unwrap();
    let (chat, reply_to) = (person, None);
    let voice = Call::Voice {
        chat,
        file,
        reply_to,
    };
    let key = format!("{person}:voice");
    work.send(&key, person, &voice).await.unwrap();
    let (over, open) = (format!("over-{person}"), format!("open-{person}"));
    for room in [&over, &open] {
        work.begin_call(person, room).await.unwrap();
        work.say_in_call(room, secret, secret).await.unwrap();
        if room == &over {
            let mut call = work.open_call(person).await.unwrap().unwrap();
            call.state = sfera_bot::state::CallState::Over;
            work.keep_call(&call).await.unwrap();
        }
    }
}

async fn is_supported(work: &mut Work, person: i64, secret: &str) {
    work.open_request(person).await.unwrap();
    let letter = format!("{person}:support");
    work.send(&letter, ADMIN, &Call::message(ADMIN, secret))
        .await
        .unwrap();
    work.carries(&letter, person, 5).await.unwrap();
    let answer = format!("{person}:answer");
    work.send(&answer, person, &Call::message(person, secret))
        .await
        .unwrap();
    work.answers(&answer, person, (ADMIN, 6)).await.unwrap();
}

async fn keeps(work: &mut Work, person: i64, secret: &str) {
    let form = Form {
        name: "size".to_owned(),
        answers: vec![secret.to_owned()],
    };
    work.fill_in(person, &form).await.unwrap();
    let errand = work.run_errand(person, person, ("price", secret), 2);
    assert_eq!(errand.await, Ok(true));
    let new = New {
        user: person,
        chat: person,
        text: secret,
        rule: None,
        zone: "Europe/Moscow",
        due: NOW + DAY,
        source: &format!("made:{person}"),
    };
    assert_eq!(work.make_reminder(&new, 50).await, Ok(true));
    work.choose_zone(person, "Europe/Moscow").await.unwrap();
    work.stand_at(person, "own", "a").await.unwrap();
    work.pass_step(person, "own", "a").await.unwrap();
    work.enter(person, "psychologist").await.unwrap();
}

/// A broadcast is on its way to everybody.
async fn broadcasts(store: &Store) {
    let mut work = store.begin(NOW).await.unwrap();
    let id = work.draft(1, 1, 77).await.unwrap();
    work.begin_broadcast(id, None).await.unwrap();
    let cast = work.current_broadcast().await.unwrap().unwrap();
    assert_eq!(work.reach_next(&cast, 5).await, Ok(2));
    work.commit().await.unwrap();
}

/// How many rows of each table are about somebody.
async fn rows(store: &Store, person: i64) -> Vec<(String, usize)> {
    let mut work = store.begin(NOW).await.unwrap();
    let Value::Object(all) = work.all_about(person).await.unwrap() else {
        panic!("a table of tables");
    };
    let rows = all.into_iter().map(|(table, rows)| {
        let rows = rows.as_array().unwrap().len();
        (table, rows)
    });
    rows.filter(|(_, rows)| *rows > 0).collect()
}

async fn check(store: &Store) {
    lives(store, ALEX, SECRET).await;
    lives(store, OTHER, OTHERS_SECRET).await;
    broadcasts(store).await;
    let mut work = store.begin(NOW).await.unwrap();
    work.ban(ALEX, Some("спам")).await.unwrap();
    work.commit().await.unwrap();
    // One letter was sent, and one is on its way.
    let first = store.next_letter(ALEX, NOW).await.unwrap().unwrap();
    store
        .sent(first.id, &Outcome::Sent(Some(1)), NOW)
        .await
        .unwrap();
    let going = store.next_letter(ALEX, NOW).await.unwrap().unwrap();
    let others = rows(store, OTHER).await;

    let mut work = store.begin(NOW).await.unwrap();
    work.forget_person(ALEX).await.unwrap();
    work.commit().await.unwrap();
    store.empty_log().await.unwrap();

    let left = rows(store, ALEX).await;
    let left: Vec<_> = left
        .iter()
        .map(|(table, rows)| (table.as_str(), *rows))
        .collect();
    let wanted = [
        ("broadcast_letters", 1),
        ("calls", 1),
        ("chat_usage", 1),
        ("inbox", 1),
        ("outbox", 1),
        ("passes", 1),
        ("users", 1),
        ("voice_use", 1),
    ];
    assert_eq!(left, wanted);
    assert_eq!(rows(store, OTHER).await, others);
    let mut work = store.begin(NOW).await.unwrap();
    let person = work.person(ALEX).await.unwrap().unwrap();
    assert_eq!(person.banned.as_deref(), Some("спам"));
    assert_eq!(work.usage(ALEX).await.unwrap().questions, 1, "limits go on");
    assert_eq!(work.voice_used(ALEX).await, Ok(1_000));
    assert_eq!(work.room_of(ALEX).await, Ok(Some("menu".to_owned())));
    // What is still being done for them finds nothing of theirs.
    work.settle(going.id, &Outcome::Sent(Some(2)))
        .await
        .unwrap();
    work.commit().await.unwrap();
    assert_eq!(store.delivery(&going.key).await, Ok(None));
    let other = store.delivery(&format!("{OTHER}:support")).await.unwrap();
    assert!(
        other.is_some(),
        "what others wrote to the administrators stays"
    );
}

#[tokio::test]
async fn a_file_holds_nothing_of_a_forgotten_person() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_file(&folder.path().join("bot.db"))
        .await
        .unwrap();
    check(&store).await;
    let holds = |secret: &str| {
        let files = std::fs::read_dir(folder.path()).unwrap();
        let mut bytes = files.map(|file| std::fs::read(file.unwrap().path()).unwrap());
        let secret = secret.as_bytes();
        bytes.any(|bytes| bytes.windows(secret.len()).any(|some| some == secret))
    };
    assert!(!holds(SECRET), "on the disk");
    assert!(holds(OTHERS_SECRET), "it would be found");
    store.close().await;
}

#[tokio::test]
async fn no_table_of_postgresql_holds_anything_of_a_forgotten_person() {
    let server = Postgres::start();
    let store = Store::open(&server.url()).await.unwrap();
    check(&store).await;
    let mut database = AnyConnection::connect(&server.url()).await.unwrap();
    let tables = sqlx::query(
        "SELECT CAST(table_name AS TEXT) FROM information_schema.tables \
         WHERE table_schema = current_schema()",
    );
    let tables = tables.fetch_all(&mut database).await.unwrap();
    let (mut of_theirs, mut of_others) = (0, 0);
    for table in &tables {
        let table: String = table.get(0);
        for (secret, found) in [(SECRET, &mut of_theirs), (OTHERS_SECRET, &mut of_others)] {
            let sql = format!(
                "SELECT COUNT(*) FROM \"{table}\" AS t \
                 WHERE POSITION('{secret}' IN CAST(t AS TEXT)) > 0"
            );
            let row = sqlx::query(AssertSqlSafe(sql));
            let row = row.fetch_one(&mut database).await.unwrap();
            *found += row.get::<i64, _>(0);
        }
    }
    assert_eq!(of_theirs, 0);
    assert!(of_others > 10, "they would be found: {of_others}");
    database.close().await.unwrap();
    store.close().await;
}
