use super::*;
use crate::telegram::{Keyboard, Media};
use proptest::prelude::*;

const NOW: Millis = 1_764_000_000_000;
const ALEX: i64 = 7;
const TEAM: i64 = -7;

/// Sends as soon as it may, so many times; when each was sent.
fn times(pace: &Pace, chat: i64, weight: Weight, count: usize) -> Vec<Millis> {
    let mut now = NOW;
    let mut times = Vec::new();
    while times.len() < count {
        match pace.admit(chat, weight, Urgency::Letter, now) {
            Ok(()) => times.push(now - NOW),
            Err(at) => now = at,
        }
    }
    times
}

/// The most that came within any span of so many milliseconds.
fn most_within(times: &[Millis], span: Millis) -> usize {
    let within = |from: &Millis| {
        let later = times.iter().map(|at| at - from);
        later.filter(|later| (0..span).contains(later)).count()
    };
    times.iter().map(within).max().unwrap_or(0)
}

#[test]
fn a_private_chat_gets_a_few_at_once_and_then_one_a_second() {
    let times = times(&Pace::of_telegram(), ALEX, Weight::Edit, 6);
    assert_eq!(times, [0, 0, 0, 1_000, 2_000, 3_000]);
}

#[test]
fn a_group_gets_twenty_a_minute() {
    let times = times(&Pace::of_telegram(), TEAM, Weight::Edit, 60);
    assert_eq!(times[..6], [0, 0, 0, 0, 0, 4_000]);
    assert_eq!(most_within(&times, 60_000), 19);
}

#[test]
fn all_together_get_thirty_a_second() {
    let pace = Pace::of_telegram();
    let (mut now, mut times) = (NOW, Vec::new());
    for chat in 1..=200 {
        while let Err(at) = pace.admit(chat, Weight::Message, Urgency::Letter, now) {
            now = at;
        }
        times.push(now);
    }
    assert_eq!(most_within(&times, 1_000), 30);
    assert_eq!(times[199] - NOW, 197 * ALL.every);
}

#[test]
fn who_is_refused_costs_nobody_anything() {
    let pace = Pace::of_telegram();
    for _ in 0..3 {
        assert_eq!(pace.admit(ALEX, Weight::Edit, Urgency::Letter, NOW), Ok(()));
    }
    for _ in 0..9 {
        let refused = pace.admit(ALEX, Weight::Message, Urgency::Letter, NOW);
        assert_eq!(refused, Err(NOW + 1_000));
    }
    for chat in 8..11 {
        let admitted = pace.admit(chat, Weight::Message, Urgency::Letter, NOW);
        assert_eq!(admitted, Ok(()), "a busy chat holds up nobody else");
    }
    assert!(
        pace.admit(11, Weight::Message, Urgency::Letter, NOW)
            .is_err()
    );
    let button = pace.admit(ALEX, Weight::Nothing, Urgency::Letter, NOW);
    assert_eq!(button, Ok(()), "Telegram does not count it");
}

#[test]
fn broadcasts_and_drafts_leave_something_to_answers() {
    let pace = Pace::of_telegram();
    assert_eq!(
        pace.admit(1, Weight::Message, Urgency::Broadcast, NOW),
        Ok(())
    );
    let refused = pace.admit(2, Weight::Message, Urgency::Broadcast, NOW);
    assert_eq!(refused, Err(NOW + ALL.every));
    for chat in [3, 4] {
        assert_eq!(
            pace.admit(chat, Weight::Message, Urgency::Letter, NOW),
            Ok(())
        );
    }
    for admitted in [true, true, false] {
        let draft = pace.admit(ALEX, Weight::Edit, Urgency::Draft, NOW);
        assert_eq!(draft.is_ok(), admitted);
    }
    assert_eq!(pace.admit(ALEX, Weight::Edit, Urgency::Letter, NOW), Ok(()));
}

#[test]
fn drafts_in_their_own_rhythm_are_never_held_up() {
    let pace = Pace::of_telegram();
    for beat in 0..100 {
        for (chat, pause) in [(ALEX, 1_100), (TEAM, 5_000)] {
            let at = NOW + beat * pause;
            assert_eq!(pace.admit(chat, Weight::Edit, Urgency::Draft, at), Ok(()));
        }
    }
}

#[test]
fn only_chats_of_the_last_seconds_are_remembered() {
    let mut buckets = Buckets::default();
    for chat in 0..100_000 {
        let now = NOW + chat * ALL.every;
        let admitted = buckets.admit(-1 - chat, Weight::Message, Urgency::Letter, now);
        assert_eq!(admitted, Ok(()), "{chat}");
        assert!(buckets.chats.len() <= 2 * CHATS, "{}", buckets.chats.len());
    }
}

#[test]
fn a_clock_that_is_set_back_holds_nobody_up_for_long() {
    let pace = Pace::of_telegram();
    assert_eq!(
        pace.admit(ALEX, Weight::Message, Urgency::Letter, NOW),
        Ok(())
    );
    let earlier = NOW - 3_600_000;
    let again = pace.admit(ALEX, Weight::Message, Urgency::Letter, earlier);
    assert_eq!(again, Err(earlier + 1_000));
    assert_eq!(
        pace.admit(ALEX, Weight::Message, Urgency::Letter, earlier + 1_000),
        Ok(())
    );
}

#[test]
fn a_stored_call_weighs_what_it_weighs() {
    let (chat, message, text) = (ALEX, 1, String::new());
    let keyboard = Keyboard::None;
    for call in [
        Call::message(chat, "\"tap\""),
        Call::Edit {
            chat,
            message,
            text: text.clone(),
            keyboard: keyboard.clone(),
        },
        Call::Copy {
            chat,
            from: chat,
            message,
            reply_to: None,
        },
        Call::Media {
            chat,
            kind: Media::Photo,
            file: text.clone(),
            caption: text.clone(),
            keyboard,
        },
        Call::Voice {
            chat,
            file: 1,
            reply_to: None,
        },
        Call::Document {
            chat,
            file: 1,
            name: text.clone(),
        },
        Call::Tap {
            callback: text,
            text: None,
            alert: false,
        },
        Call::Delete { chat, message },
        Call::Leave { chat },
    ] {
        let stored = serde_json::to_string(&call).unwrap();
        let begins: String = stored.chars().take(24).collect();
        assert_eq!(Weight::of_stored(&begins), call.weight(), "{begins}");
    }
}

proptest! {
    #[test]
    fn no_order_of_calls_goes_over_a_limit(
        calls in prop::collection::vec((-3_i64..6, 0_i64..200, 0_u8..3), 1..400),
    ) {
        let pace = Pace::of_telegram();
        let (mut now, mut all) = (NOW, Vec::new());
        let mut chats: HashMap<i64, Vec<Millis>> = HashMap::new();
        for (chat, passes, urgency) in calls {
            now += passes;
            let (weight, urgency) = match urgency {
                0 => (Weight::Message, Urgency::Letter),
                1 => (Weight::Edit, Urgency::Draft),
                _ => (Weight::Message, Urgency::Broadcast),
            };
            match pace.admit(chat, weight, urgency, now) {
                Ok(()) => {
                    chats.entry(chat).or_default().push(now);
                    if weight == Weight::Message {
                        all.push(now);
                    }
                }
                Err(at) => prop_assert!(at > now),
            }
        }
        prop_assert!(most_within(&all, 1_000) <= 30);
        for (chat, times) in chats {
            let (span, most) = if chat < 0 { (60_000, 20) } else { (1_000, 3) };
            prop_assert!(most_within(&times, span) <= most, "{chat}");
        }
    }
}
