//! The courier's pace, by a clock that the test holds.

use crate::{
    double::{BotApi, Made, TOKEN},
    storing::NOW,
};
use sfera_agent::Language;
use sfera_bot::{
    clock::{Clock, Hands},
    state::Store,
    telegram::{Call, Courier, Pace},
};
use std::sync::Arc;
use teloxide::Bot;
use tempfile::TempDir;
use tokio::{sync::Notify, task::JoinSet};
use tokio_util::sync::CancellationToken;

const ALEX: i64 = 7;
const TEAM: i64 = -7;
/// Between two messages of all together.
const BEAT: i64 = 36;

/// What somebody can read, as an answer to a tap is not.
fn is_letter(made: &Made) -> bool {
    made.method != "AnswerCallbackQuery"
}

/// What is promised, and a courier that carries it once it is called.
struct Office {
    telegram: BotApi,
    store: Store,
    clock: Clock,
    hands: Hands,
    news: Arc<Notify>,
    stop: CancellationToken,
    courier: JoinSet<()>,
    _folder: TempDir,
}

impl Office {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_file(&folder.path().join("bot.db")).await;
        let (clock, hands) = Clock::standing(NOW);
        Self {
            telegram: BotApi::start().await,
            store: store.unwrap(),
            clock,
            hands,
            news: Arc::default(),
            stop: CancellationToken::new(),
            courier: JoinSet::new(),
            _folder: folder,
        }
    }

    async fn promise(&self, key: &str, chat: i64, call: &Call) {
        let mut work = self.store.begin(self.clock.now()).await.unwrap();
        work.send(key, chat, call).await.unwrap();
        work.commit().await.unwrap();
        self.news.notify_one();
    }

    async fn promise_messages(&self, chat: i64, count: usize) {
        for number in 0..count {
            let call = Call::message(chat, number.to_string());
            self.promise(&format!("{chat}:{number}"), chat, &call).await;
        }
    }

    fn call_courier(&mut self) {
        let url = self.telegram.url().parse().unwrap();
        let courier = Courier::new(
            Bot::new(TOKEN).set_api_url(url),
            self.store.clone(),
            (Pace::of_telegram(), self.clock.clone()),
            self.news.clone(),
            self.stop.clone(),
            Language::Ru,
        );
        self.courier.spawn(courier.run());
    }

    /// It is so late, and so many messages were sent in a chat; the courier, who then looks again and
    /// again because of taps, sends no more.
    async fn check(&self, passed: i64, chat: i64, count: usize) {
        self.hands.turn(NOW + passed);
        let there = |body: &serde_json::Value| body["chat_id"] == chat;
        self.telegram.until_count("SendMessage", there, count).await;
        for look in 0..2 {
            let callback = format!("{passed}:{chat}:{look}");
            let tap = Call::Tap {
                callback: callback.clone(),
                text: None,
                alert: false,
            };
            self.promise(&format!("tap:{callback}"), 1, &tap).await;
            let answered = |body: &serde_json::Value| body["callback_query_id"] == *callback;
            self.telegram
                .until_count("AnswerCallbackQuery", answered, 1)
                .await;
        }
        let sent = self.telegram.count("SendMessage", there);
        assert_eq!(sent, count, "in {chat} after {passed} ms");
    }

    /// So many messages and copies arrived, and no more.
    async fn until_written(&self, count: usize) {
        self.telegram.until_calls(is_letter, count).await;
        let written = self.written_to();
        assert_eq!(written.len(), count, "{written:?}");
    }

    /// Who was written to, in this order.
    fn written_to(&self) -> Vec<i64> {
        let made = self.telegram.made();
        let letters = made.iter().filter(|made| is_letter(made));
        letters
            .filter_map(|made| made.body["chat_id"].as_i64())
            .collect()
    }

    async fn close(mut self) {
        self.stop.cancel();
        while let Some(ended) = self.courier.join_next().await {
            ended.unwrap();
        }
        self.store.close().await;
    }
}

#[tokio::test]
async fn a_busy_chat_gets_one_message_a_second_and_holds_up_nobody() {
    let mut office = Office::open().await;
    office.promise_messages(ALEX, 6).await;
    office.promise_messages(TEAM, 8).await;
    office.call_courier();
    // All together three at once, and then one a beat.
    for beat in 0..6 {
        office.hands.turn(NOW + beat * BEAT);
        let sent = 3 + beat as usize;
        office
            .telegram
            .until_count("SendMessage", |_| true, sent)
            .await;
    }
    for (passed, chat, count) in [
        (900, ALEX, 3),
        (900, TEAM, 5),
        (1_000, ALEX, 4),
        (1_999, ALEX, 4),
        (2_000, ALEX, 5),
        (3_000, ALEX, 6),
        (3_900, TEAM, 5),
        (4_000, TEAM, 6),
        (8_000, TEAM, 7),
    ] {
        office.check(passed, chat, count).await;
    }
    office.promise_messages(8, 1).await;
    office.check(8_100, 8, 1).await;
    office.check(11_999, TEAM, 7).await;
    office.check(12_000, TEAM, 8).await;
    office.close().await;
}

#[tokio::test]
async fn all_together_get_thirty_a_second_and_answers_go_before_broadcasts() {
    let mut office = Office::open().await;
    for reader in 1_001..=1_020 {
        let copy = Call::Copy {
            chat: reader,
            from: 1,
            message: 77,
            reply_to: None,
        };
        office
            .promise(&format!("broadcast:5:{reader}"), reader, &copy)
            .await;
    }
    // Somebody who is being answered as well does not wait behind the broadcast.
    for asking in (101..=110).chain([1_020]) {
        office.promise_messages(asking, 1).await;
    }
    office.call_courier();
    for beat in 0..=30 {
        office.check(beat * BEAT, 1, 0).await;
        // Eleven answers and the copy that one of them waits behind: three at once, then one a beat.
        // The other copies: once three could go at once again, one a beat. Chats are written to
        // beside each other: without waiting, what is sent next could arrive first.
        let due = if beat < 12 {
            12.min(3 + beat)
        } else {
            beat + 1
        };
        office.until_written(due as usize).await;
    }
    let written = office.written_to();
    assert_eq!(written.len(), 31);
    let at = |chat: i64| written.iter().position(|other| *other == chat).unwrap();
    let last_answer = (101..=110).map(at).max().unwrap();
    let first_reader = (1_001..=1_019).map(at).min().unwrap();
    assert!(last_answer < first_reader, "{written:?}");
    assert!(at(1_020) < first_reader, "{written:?}");
    office.close().await;
}
