//! What administrators see and do, on SQLite and on a real PostgreSQL.

use crate::storing::{NOW, alex, asked, due_lanes, on_both};
use sfera_agent::Language;
use sfera_bot::{
    state::{Newcomer, Outcome, Part, Question, Stage, Store, Tally, Underway, Work},
    telegram::Call,
};

const DAY: i64 = 24 * 3_600 * 1_000;

async fn meet(work: &mut Work, id: i64, language: Language) {
    let who = Newcomer {
        id,
        language,
        username: Some(format!("Name{id}")),
        ..alex()
    };
    work.meet(&who).await.unwrap();
}

/// Promises portions and delivers them, until there is nothing more to do.
async fn send_all(store: &Store, outcome: impl Fn(i64) -> Outcome) -> Tally {
    loop {
        let mut work = store.begin(NOW).await.unwrap();
        let mut cast = work.current_broadcast().await.unwrap().unwrap();
        let underway = work.count_letters(&mut cast).await.unwrap();
        let promised = work.reach_next(&cast, 2).await.unwrap();
        if underway.letters == 0 && promised == 0 {
            work.end_broadcast(&cast).await.unwrap();
            work.commit().await.unwrap();
            return cast.tally;
        }
        work.commit().await.unwrap();
        for lane in due_lanes(store, NOW).await {
            let letter = store.next_letter(lane, NOW).await.unwrap().unwrap();
            store.sent(letter.id, &outcome(lane), NOW).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_broadcast_reaches_each_reader_once_and_counts_each_letter_once() {
    on_both(async |store| {
        let mut work = store.begin(NOW).await.unwrap();
        for id in 1..=6 {
            let language = if id < 5 { Language::Ru } else { Language::En };
            meet(&mut work, id, language).await;
        }
        work.ban(2, Some("спам")).await.unwrap();
        let readers = work.readers().await.unwrap();
        assert_eq!(readers, [("ru".to_owned(), 3), ("en".to_owned(), 2)]);
        let id = work.draft(1, 1, 77).await.unwrap();
        assert_eq!(
            work.current_broadcast().await,
            Ok(None),
            "nobody confirmed it"
        );
        assert_eq!(work.begin_broadcast(id, Some((1, 78))).await, Ok(true));
        assert_eq!(work.begin_broadcast(id, Some((1, 78))).await, Ok(false));
        assert_eq!(work.drop_draft(id).await, Ok(false));
        work.commit().await.unwrap();

        // Promised in a transaction that never was: as if nothing had happened.
        let mut work = store.begin(NOW).await.unwrap();
        let cast = work.current_broadcast().await.unwrap().unwrap();
        assert_eq!(work.reach_next(&cast, 3).await, Ok(3));
        drop(work);
        assert!(due_lanes(store, NOW).await.is_empty());

        let mut late = store.begin(NOW + 1).await.unwrap();
        meet(&mut late, 9, Language::Ru).await;
        late.commit().await.unwrap();
        let tally = send_all(store, |lane| match lane {
            1 => Outcome::Sent(Some(5)),
            3 => Outcome::InDoubt,
            4 => Outcome::Refused("нет".into()),
            _ => Outcome::Sent(None),
        })
        .await;
        let wanted = Tally {
            people: 5,
            sent: 3,
            blocked: 0,
            refused: 1,
            in_doubt: 1,
        };
        assert_eq!(tally, wanted);
        let mut work = store.begin(NOW).await.unwrap();
        assert_eq!(work.current_broadcast().await, Ok(None));
        assert_eq!(work.stop_broadcast(id).await, Ok(false));
    })
    .await;
}

#[tokio::test]
async fn a_broadcast_that_is_stopped_takes_its_letters_back() {
    on_both(async |store| {
        let mut work = store.begin(NOW).await.unwrap();
        for id in 1..=4 {
            meet(&mut work, id, Language::Ru).await;
        }
        let old = work.draft(1, 1, 70).await.unwrap();
        work.now = NOW + 2 * DAY;
        assert_eq!(work.begin_broadcast(old, None).await, Ok(false), "too old");
        work.now = NOW;
        let id = work.draft(1, 1, 77).await.unwrap();
        work.begin_broadcast(id, None).await.unwrap();
        let mut cast = work.current_broadcast().await.unwrap().unwrap();
        work.reach_next(&cast, 3).await.unwrap();
        let call = Call::message(9, "ответ");
        work.send("1:0", 9, &call).await.unwrap();
        work.commit().await.unwrap();
        let letter = store.next_letter(1, NOW).await.unwrap().unwrap();
        store
            .sent(letter.id, &Outcome::Later(NOW + 900), NOW)
            .await
            .unwrap();
        let letter = store.next_letter(2, NOW).await.unwrap().unwrap();
        let mut work = store.begin(NOW).await.unwrap();
        let underway = work.count_letters(&mut cast).await.unwrap();
        let wanted = Underway {
            letters: 3,
            rest: Some(NOW + 900),
            is_gone: false,
        };
        assert_eq!(underway, wanted, "Telegram wants to be left alone");
        assert_eq!(work.stop_broadcast(id).await, Ok(true));
        assert_eq!(work.stop_broadcast(id).await, Ok(false));
        work.commit().await.unwrap();
        store
            .sent(letter.id, &Outcome::Sent(None), NOW)
            .await
            .unwrap();
        let mut work = store.begin(NOW).await.unwrap();
        let mut cast = work.current_broadcast().await.unwrap().unwrap();
        assert_eq!(cast.stage, Stage::Stopping);
        let underway = work.count_letters(&mut cast).await.unwrap();
        assert_eq!((underway.letters, cast.tally.sent), (0, 1));
        assert_eq!(cast.tally.refused, 0, "what was taken back was not refused");
        drop(work);
        assert_eq!(due_lanes(store, NOW).await, [9], "answers go on");
    })
    .await;
}

#[tokio::test]
async fn the_bot_in_numbers() {
    on_both(async |store| {
        let mut work = store.begin(NOW - 8 * DAY).await.unwrap();
        meet(&mut work, 1, Language::Ru).await;
        meet(&mut work, 2, Language::Ru).await;
        work.now = NOW - 2 * DAY;
        meet(&mut work, 3, Language::Ru).await;
        work.now = NOW;
        meet(&mut work, 1, Language::Ru).await;
        meet(&mut work, 4, Language::En).await;
        work.set_blocked(2, true).await.unwrap();
        work.ban(3, Some("спам")).await.unwrap();
        let question = Question {
            user: 1,
            chat: 1,
            ..asked("Что?", "1:0")
        };
        work.ask(&question).await.unwrap();
        work.open_request(4).await.unwrap();
        work.open_request(1).await.unwrap();
        assert_eq!(work.close_request(1).await, Ok(true));
        assert_eq!(work.close_request(1).await, Ok(false));
        let numbers = work.statistics().await.unwrap();
        assert_eq!(
            (numbers.people, numbers.new, numbers.active),
            (4, (1, 2), (2, 3))
        );
        assert_eq!((numbers.blocked, numbers.banned), (1, 1));
        assert_eq!(
            (numbers.questions, numbers.answers, numbers.failed),
            (1, 0, 0)
        );
        assert_eq!((numbers.requests, numbers.queues), (1, (0, 1, 0)));
        work.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn parts_are_on_until_somebody_switches_them_off() {
    on_both(async |store| {
        let mut work = store.begin(NOW).await.unwrap();
        for part in Part::ALL {
            assert_eq!(Part::named(part.name()), Some(part));
            assert_eq!(work.is_on(part.name()).await, Ok(true));
        }
        work.switch(Part::Course, false).await.unwrap();
        assert_eq!(work.is_on("course").await, Ok(false));
        assert_eq!(work.is_on("chat").await, Ok(true));
        work.switch(Part::Course, true).await.unwrap();
        assert_eq!(work.is_on("course").await, Ok(true));
        work.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn people_are_found_and_everything_about_them_is_handed_out() {
    on_both(async |store| {
        let mut work = store.begin(NOW).await.unwrap();
        for id in 7..=8 {
            meet(&mut work, id, Language::Ru).await;
            let (text, placeholder) = (format!("вопрос {id}"), format!("{id}:0"));
            let question = Question {
                user: id,
                chat: id,
                ..asked(&text, &placeholder)
            };
            work.ask(&question).await.unwrap();
            let call = Call::message(id, "ответ");
            work.send(&placeholder, id, &call).await.unwrap();
        }
        let found = work.person_called("name7").await.unwrap().unwrap();
        assert_eq!((found.id, found.banned), (7, None));
        assert_eq!(work.person(9).await, Ok(None));
        let all = work.all_about(7).await.unwrap();
        assert_eq!(all["users"][0]["name"], "Алекс");
        assert_eq!(all["users"][0]["banned"], serde_json::Value::Null);
        assert_eq!(all["turns"][0]["question"], "вопрос 7");
        assert_eq!(all["outbox"][0]["call"]["text"], "ответ");
        assert!(!all.to_string().contains("вопрос 8"), "somebody else's");
        assert_eq!(all["requests"], serde_json::json!([]));
        let everybody = work.everybody().await.unwrap();
        let asked: Vec<_> = everybody
            .iter()
            .map(|line| (line.id, line.questions))
            .collect();
        assert_eq!(asked, [(7, 1), (8, 1)]);
        let file = work.keep_file(b"\0bytes".to_vec()).await.unwrap();
        work.write_down(7, "export", "8").await.unwrap();
        work.write_down(5, "ban", "7 Алекс").await.unwrap();
        let deeds = work.last_deeds(20).await.unwrap();
        let deeds: Vec<_> = deeds
            .iter()
            .map(|deed| (deed.admin.as_str(), deed.action.as_str()))
            .collect();
        assert_eq!(deeds, [("5", "ban"), ("Алекс", "export")]);
        work.commit().await.unwrap();
        assert_eq!(store.file(file).await, Ok(Some(b"\0bytes".to_vec())));
        assert_eq!(store.forget_files(NOW + 1).await, Ok(1));
        assert_eq!(store.file(file).await, Ok(None));
    })
    .await;
}
