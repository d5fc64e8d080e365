//! Calls and history in the state, on SQLite and on a real PostgreSQL.

use crate::storing::{NOW, alex, asked, on_both};
use sfera_agent::llm::Message;
use sfera_bot::{
    state::{Call, CallState, Ended, Place, Store, Work},
    telegram::Call as Letter,
};

async fn in_one<T>(store: &Store, now: i64, act: impl AsyncFnOnce(&mut Work) -> T) -> T {
    let mut work = store.begin(now).await.unwrap();
    let done = act(&mut work).await;
    work.commit().await.unwrap();
    done
}

async fn open(store: &Store, now: i64) -> Option<Call> {
    in_one(store, now, async |work| work.open_call(7).await.unwrap()).await
}

#[tokio::test]
async fn a_user_has_one_call_until_it_is_over() {
    on_both(async |store| {
        in_one(store, NOW, async |work| {
            assert!(work.visit(&alex()).await.unwrap().banned.is_none());
            assert_eq!(work.open_call(7).await, Ok(None));
            work.begin_call(7, "sfera-7-a").await.unwrap();
            assert_eq!(
                work.may_ask_for_agent(1, 5_000).await,
                Ok(false),
                "it comes with the room"
            );
        })
        .await;
        let call = open(store, NOW).await.unwrap();
        assert_eq!(
            (call.room.as_str(), call.state),
            ("sfera-7-a", CallState::Waiting)
        );
        in_one(store, NOW + 6_000, async |work| {
            assert_eq!(work.may_ask_for_agent(call.id, 5_000).await, Ok(true));
            assert_eq!(
                work.may_ask_for_agent(call.id, 5_000).await,
                Ok(false),
                "one asks"
            );
            let told = Call {
                state: CallState::NoAgent,
                alone: Some(NOW),
                ..call.clone()
            };
            work.keep_call(&told).await.unwrap();
            work.renew_call(call.id).await.unwrap();
        })
        .await;
        let renewed = open(store, NOW).await.unwrap();
        assert_eq!(
            (renewed.state, renewed.alone, renewed.issued),
            (CallState::Waiting, None, NOW + 6_000)
        );
        let over = |call: &Call| Call {
            state: CallState::Over,
            ..call.clone()
        };
        in_one(store, NOW, async |work| {
            work.keep_call(&over(&call)).await.unwrap()
        })
        .await;
        assert_eq!(
            open(store, NOW).await,
            Some(renewed.clone()),
            "somebody was let in meanwhile"
        );
        in_one(store, NOW, async |work| {
            work.keep_call(&over(&renewed)).await.unwrap()
        })
        .await;
        assert_eq!(open(store, NOW).await, None);
        assert_eq!(store.open_calls().await, Ok(vec![]));
        assert_eq!(store.newest_call(7).await, Ok(Some(over(&renewed))));
    })
    .await;
}

#[tokio::test]
async fn passes_and_minutes_are_counted_within_their_time() {
    on_both(async |store| {
        let ask = async |now| {
            in_one(store, now, async |work| {
                work.count_pass(7, 1_000).await.unwrap()
            })
            .await
        };
        assert_eq!(ask(NOW).await, (1, 1_000));
        assert_eq!(ask(NOW + 400).await, (2, 600));
        assert_eq!(ask(NOW + 999).await, (3, 1));
        assert_eq!(ask(NOW + 1_000).await, (1, 1_000));
        let day = 24 * 3_600_000;
        in_one(store, NOW, async |work| {
            assert_eq!(work.use_voice(7, 500).await, Ok(500));
            assert_eq!(work.use_voice(7, 70).await, Ok(570));
            assert_eq!(work.use_voice(8, 1).await, Ok(1));
        })
        .await;
        in_one(store, NOW, async |work| {
            assert_eq!(work.voice_used(7).await, Ok(570))
        })
        .await;
        in_one(store, NOW + day, async |work| {
            assert_eq!(work.voice_used(7).await, Ok(0))
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_user_reads_what_was_said_and_has_it_forgotten() {
    on_both(async |store| {
        in_one(store, NOW, async |work| {
            work.meet(&alex()).await.unwrap();
            work.begin_call(7, "sfera-7-a").await.unwrap();
            work.say_in_call("sfera-7-a", "Привет", "Здравствуйте")
                .await
                .unwrap();
            work.say_in_call("nowhere", "Привет", "Здравствуйте")
                .await
                .unwrap();
            work.send("1:0", 7, &Letter::message(7, "…")).await.unwrap();
            for placeholder in ["1:0", "2:0"] {
                work.ask(&asked("Раз", placeholder)).await.unwrap();
            }
        })
        .await;
        let turn = store.take_question(7, NOW).await.unwrap().unwrap();
        let said = [
            Message::User {
                text: "Раз".into()
            },
            Message::Assistant {
                text: "Два".into(),
                interrupted: false,
            },
        ];
        in_one(store, NOW + 1, async |work| {
            assert_eq!(
                work.end_turn(turn.id, Ended::Answered, &said).await,
                Ok(true)
            );
        })
        .await;
        let answering = store.take_question(7, NOW).await.unwrap().unwrap();
        let history = store.history(7, 10).await.unwrap();
        let read: Vec<_> = history
            .iter()
            .map(|line| (line.place, line.question.as_str(), line.answer.as_str()))
            .collect();
        assert_eq!(
            read,
            [
                (Place::Voice, "Привет", "Здравствуйте"),
                (Place::Chat, "Раз", "Два")
            ]
        );
        assert_eq!(store.history(8, 10).await, Ok(vec![]));
        in_one(store, NOW, async |work| {
            work.forget_person(7).await.unwrap()
        })
        .await;
        assert_eq!(store.history(7, 10).await, Ok(vec![]));
        assert_eq!(
            store.is_stopping(answering.id).await,
            Ok(true),
            "it is answered no more"
        );
        in_one(store, NOW, async |work| {
            assert_eq!(
                work.end_turn(answering.id, Ended::Answered, &said).await,
                Ok(false)
            );
            assert!(
                work.open_call(7).await.unwrap().is_some(),
                "the conversation goes on"
            );
        })
        .await;
        assert_eq!(store.history(7, 10).await, Ok(vec![]));
    })
    .await;
}
