//! The state, on SQLite and on a real PostgreSQL.

use crate::postgres::Postgres;
use sfera_agent::{Language, llm::Message};
use sfera_bot::{
    state::{
        Accepted, Attachment, Delivery, Dialogue, Ended, Newcomer, Outcome, Question, Repeated,
        StateError, Store, Usage,
    },
    telegram::Call,
};

pub const NOW: i64 = 1_764_000_000_000;

/// Lanes in which something is due, the oldest first.
pub async fn due_lanes(store: &Store, now: i64) -> Vec<i64> {
    let heads = store.due_heads(now).await.unwrap();
    heads.into_iter().map(|head| head.lane).collect()
}

/// Runs a script on both.
pub async fn on_both<F: AsyncFn(&Store)>(script: F) {
    let folder = tempfile::tempdir().unwrap();
    let file = Store::open_file(&folder.path().join("bot.db"))
        .await
        .unwrap();
    script(&file).await;
    file.close().await;
    let server = Postgres::start();
    let database = Store::open(&server.url()).await.unwrap();
    script(&database).await;
    database.close().await;
}

fn update(update_id: i64, lane: i64) -> Accepted {
    Accepted {
        update_id,
        lane,
        body: format!("{{\"update_id\":{update_id}}}"),
    }
}

pub fn alex() -> Newcomer {
    Newcomer {
        id: 7,
        name: "Алекс".into(),
        username: Some("alex".into()),
        language: Language::Ru,
    }
}

#[tokio::test]
async fn an_update_is_handled_once_and_in_its_order() {
    on_both(async |store| {
        let both = [update(2, 7), update(1, 7)];
        assert_eq!(store.accept(&both, NOW).await, Ok(2));
        assert_eq!(
            store.accept(&[update(1, 7), update(3, 8)], NOW).await,
            Ok(1)
        );
        let first = store.take_up(7, NOW).await.unwrap().unwrap();
        assert_eq!((first.update_id, first.attempts), (1, 1));
        let again = store.take_up(7, NOW).await.unwrap().unwrap();
        assert_eq!(
            (again.update_id, again.attempts),
            (1, 2),
            "it was not handled"
        );
        let mut work = store.begin(NOW).await.unwrap();
        work.handled(1).await.unwrap();
        work.commit().await.unwrap();
        assert_eq!(store.take_up(7, NOW).await.unwrap().unwrap().update_id, 2);
        let mut lanes = store.waiting_lanes().await.unwrap();
        lanes.sort_unstable();
        assert_eq!(lanes, [7, 8]);
        assert_eq!(store.forget_handled(NOW + 1).await, Ok(1));
    })
    .await;
}

#[tokio::test]
async fn what_is_promised_in_a_transaction_that_fails_was_never_promised() {
    on_both(async |store| {
        let mut work = store.begin(NOW).await.unwrap();
        work.send("1:0", 7, &Call::message(7, "да")).await.unwrap();
        drop(work);
        assert!(due_lanes(store, NOW).await.is_empty());
    })
    .await;
}

async fn promise(store: &Store, key: &str, call: &Call, at: i64) {
    let mut work = store.begin(NOW).await.unwrap();
    work.send_at(key, 7, call, at).await.unwrap();
    work.commit().await.unwrap();
}

#[tokio::test]
async fn a_chat_gets_its_messages_once_and_in_order() {
    on_both(async |store| {
        for key in ["1:0", "1:0", "1:1"] {
            promise(store, key, &Call::message(7, key), NOW).await;
        }
        promise(store, "later", &Call::message(7, "later"), NOW + 100).await;
        let first = store.next_letter(7, NOW).await.unwrap().unwrap();
        assert_eq!(first.key, "1:0");
        store
            .sent(first.id, &Outcome::Later(NOW + 50), NOW)
            .await
            .unwrap();
        assert_eq!(
            store.next_letter(7, NOW).await,
            Ok(None),
            "what comes after it waits too"
        );
        assert!(due_lanes(store, NOW).await.is_empty());
        assert_eq!(store.next_due(NOW).await, Ok(Some(NOW + 50)));
        let again = store.next_letter(7, NOW + 50).await.unwrap().unwrap();
        assert_eq!((again.key.as_str(), again.attempts), ("1:0", 2));
        store
            .sent(again.id, &Outcome::Sent(Some(11)), NOW)
            .await
            .unwrap();
        assert_eq!(
            store.delivery("1:0").await,
            Ok(Some(Delivery::Sent(Some(11))))
        );
        let second = store.next_letter(7, NOW + 50).await.unwrap().unwrap();
        assert_eq!(second.key, "1:1");
        store
            .sent(second.id, &Outcome::Refused("нет".into()), NOW)
            .await
            .unwrap();
        assert_eq!(store.delivery("1:1").await, Ok(Some(Delivery::Refused)));
        assert_eq!(
            store.next_letter(7, NOW + 99).await,
            Ok(None),
            "its time has not come"
        );
        assert_eq!(
            store.next_letter(7, NOW + 100).await.unwrap().unwrap().key,
            "later"
        );
    })
    .await;
}

#[tokio::test]
async fn what_was_on_its_way_is_repeated_only_where_that_does_no_harm() {
    on_both(async |store| {
        let edit = Call::Edit {
            chat: 7,
            message: 1,
            text: "да".into(),
            keyboard: Default::default(),
        };
        promise(store, "edit", &edit, NOW).await;
        promise(store, "message", &Call::message(7, "да"), NOW).await;
        for _ in 0..2 {
            store.next_letter(7, NOW).await.unwrap().unwrap();
        }
        let mut work = store.begin(NOW).await.unwrap();
        let doubtful = work.recover().await.unwrap();
        work.commit().await.unwrap();
        assert_eq!(
            doubtful.iter().map(|l| l.key.as_str()).collect::<Vec<_>>(),
            ["message"]
        );
        assert_eq!(store.delivery("message").await, Ok(Some(Delivery::InDoubt)));
        assert_eq!(
            store.next_letter(7, NOW).await.unwrap().unwrap().key,
            "edit"
        );
        assert_eq!(store.next_letter(7, NOW).await, Ok(None));
    })
    .await;
}

pub fn asked<'a>(text: &'a str, placeholder: &'a str) -> Question<'a> {
    Question {
        user: 7,
        chat: 7,
        kind: Dialogue::Chat,
        text,
        attachment: None,
        placeholder,
        heard: None,
        reply_to: None,
        thread: None,
    }
}

/// Answers the first question of a chat; what the answer knew of.
async fn answer(store: &Store, text: &str) -> usize {
    let turn = store.take_question(7, NOW).await.unwrap().unwrap();
    let said = [
        Message::User { text: text.into() },
        Message::Assistant {
            text: "да".into(),
            interrupted: false,
        },
    ];
    let mut work = store.begin(NOW).await.unwrap();
    work.end_turn(turn.id, Ended::Answered, &said)
        .await
        .unwrap();
    work.commit().await.unwrap();
    turn.history.len()
}

#[tokio::test]
async fn dialogues_of_two_kinds_do_not_mix_and_one_can_be_forgotten() {
    on_both(async |store| {
        let mut work = store.begin(NOW).await.unwrap();
        work.meet(&alex()).await.unwrap();
        let told = |text, placeholder| Question {
            kind: Dialogue::Psychologist,
            ..asked(text, placeholder)
        };
        work.ask(&asked("раз", "1:0")).await.unwrap();
        work.ask(&told("мне грустно", "2:0")).await.unwrap();
        work.ask(&told("очень", "3:0")).await.unwrap();
        work.commit().await.unwrap();
        assert_eq!(answer(store, "раз").await, 0);
        assert_eq!(answer(store, "мне грустно").await, 0, "nothing of the chat");
        assert_eq!(answer(store, "очень").await, 2);

        let mut work = store.begin(NOW).await.unwrap();
        work.ask(&told("ещё", "4:0")).await.unwrap();
        work.commit().await.unwrap();
        let late = store.take_question(7, NOW).await.unwrap().unwrap();
        let mut work = store.begin(NOW).await.unwrap();
        work.forget_dialogues(7, Dialogue::Psychologist)
            .await
            .unwrap();
        work.end_turn(late.id, Ended::Answered, &late.history)
            .await
            .unwrap();
        let back = work.take_back_question(7, Dialogue::Psychologist).await;
        assert_eq!(back, Ok(None), "all of it is forgotten");
        let back = work.take_back_question(7, Dialogue::Chat).await.unwrap();
        assert_eq!(back.unwrap().text, "раз", "the chat is not");
        work.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_voice_message_becomes_words_and_its_answer_is_spoken() {
    on_both(async |store| {
        let mut work = store.begin(NOW).await.unwrap();
        work.meet(&alex()).await.unwrap();
        let voice = Attachment::Voice { file: "v".into() };
        let question = Question {
            attachment: Some(&voice),
            heard: Some("1:0"),
            reply_to: Some(5),
            ..asked("", "1:1")
        };
        work.ask(&question).await.unwrap();
        work.commit().await.unwrap();
        let turn = store.take_question(7, NOW).await.unwrap().unwrap();
        assert_eq!((turn.attachment, turn.attempts), (Some(voice), 1));
        let mut work = store.begin(NOW).await.unwrap();
        work.understood(turn.id, "что?").await.unwrap();
        work.commit().await.unwrap();
        assert_eq!(store.reopen_questions_in(7).await, Ok(1));
        assert_eq!(store.unspoken().await, Ok(None));
        answer(store, "что?").await;
        let unspoken = store.unspoken().await.unwrap().unwrap();
        assert_eq!(
            (unspoken.answer.as_str(), unspoken.reply_to),
            ("да", Some(5))
        );
        let mut work = store.begin(NOW).await.unwrap();
        work.spoken(unspoken.turn).await.unwrap();
        let file = work.keep_file(vec![1, 0, 255]).await.unwrap();
        work.commit().await.unwrap();
        assert_eq!(store.unspoken().await, Ok(None));
        assert_eq!(store.file(file).await, Ok(Some(vec![1, 0, 255])));
        let mut work = store.begin(NOW).await.unwrap();
        work.forget_file(file).await.unwrap();
        work.commit().await.unwrap();
        assert_eq!(store.file(file).await, Ok(None));
    })
    .await;
}

#[tokio::test]
async fn what_somebody_asks_is_counted_by_the_day() {
    on_both(async |store| {
        let cost = sfera_agent::llm::Usage {
            prompt_tokens: 100,
            completion_tokens: 20,
        };
        for now in [NOW, NOW + 1] {
            let mut work = store.begin(now).await.unwrap();
            work.count_question(7).await.unwrap();
            work.count_tokens(7, cost).await.unwrap();
            work.commit().await.unwrap();
        }
        let mut work = store.begin(NOW).await.unwrap();
        let (questions, tokens) = (2, 240);
        let usage = Usage { questions, tokens };
        assert_eq!(work.usage(7).await, Ok(usage));
        assert_eq!(work.usage(8).await, Ok(Usage::default()));
        drop(work);
        let mut tomorrow = store.begin(NOW + sfera_bot::state::DAY).await.unwrap();
        assert_eq!(tomorrow.usage(7).await, Ok(Usage::default()));
    })
    .await;
}

#[tokio::test]
async fn a_dialogue_knows_its_answered_questions() {
    on_both(async |store| {
        let mut work = store.begin(NOW).await.unwrap();
        let user = work.meet(&alex()).await.unwrap();
        assert!(user.is_new);
        for (text, placeholder) in [("раз", "1:0"), ("два", "2:0")] {
            work.ask(&asked(text, placeholder)).await.unwrap();
        }
        work.commit().await.unwrap();
        let first = store.take_question(7, NOW).await.unwrap().unwrap();
        assert_eq!((first.question.as_str(), first.history.len()), ("раз", 0));
        assert_eq!(
            store.reopen_questions().await,
            Ok(1),
            "the process died over it"
        );
        let first = store.take_question(7, NOW).await.unwrap().unwrap();
        let said = [Message::User {
            text: "раз".into()
        }];
        let mut work = store.begin(NOW).await.unwrap();
        work.end_turn(first.id, Ended::Answered, &said)
            .await
            .unwrap();
        assert_eq!(work.stop_answers(7).await, Ok(1));
        work.commit().await.unwrap();
        let second = store.take_question(7, NOW).await.unwrap().unwrap();
        assert_eq!(second.history, said);
        assert_eq!(store.is_stopping(second.id).await, Ok(true));
        let mut work = store.begin(NOW).await.unwrap();
        work.end_turn(second.id, Ended::Failed, &[]).await.unwrap();
        let repeated = Repeated {
            text: "два".into(),
            attachment: None,
        };
        let back = work.take_back_question(7, Dialogue::Chat).await;
        assert_eq!(back, Ok(Some(repeated)));
        work.begin_dialogue(7, Dialogue::Chat).await.unwrap();
        let back = work.take_back_question(7, Dialogue::Chat).await;
        assert_eq!(back, Ok(None), "of another dialogue");
        work.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn people_keep_the_language_they_chose() {
    on_both(async |store| {
        let mut work = store.begin(NOW).await.unwrap();
        work.meet(&alex()).await.unwrap();
        let english = Newcomer {
            language: Language::En,
            name: "Александр".into(),
            ..alex()
        };
        let told = work.meet(&english).await.unwrap();
        assert_eq!(
            (told.language, told.name.as_str()),
            (Language::En, "Александр")
        );
        work.choose_language(7, Language::Ru).await.unwrap();
        assert_eq!(work.meet(&english).await.unwrap().language, Language::Ru);
        work.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_address_that_is_none_is_told_from_a_server_that_is_not_there() {
    let nonsense = Store::open("mysql://a@b/c").await.unwrap_err();
    assert_eq!(nonsense, StateError::Address);
    let nobody = Store::open("postgres://a@127.0.0.1:1/b").await.unwrap_err();
    assert_eq!(nobody, StateError::Unreachable);
    let folder = tempfile::tempdir().unwrap();
    let damaged = folder.path().join("bot.db");
    std::fs::write(
        &damaged,
        "this is no database, however long it goes on".repeat(99),
    )
    .unwrap();
    assert!(Store::open_file(&damaged).await.is_err());
}
