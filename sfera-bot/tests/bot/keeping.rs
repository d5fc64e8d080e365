//! What the course, the tools and the reminders keep, on SQLite and on a real PostgreSQL.

use crate::storing::{alex, on_both};
use sfera_agent::Language;
use sfera_bot::state::{Form, New, Store, Work};

const NOW: i64 = 1_764_000_000_000;
const DAY: i64 = 24 * 3_600 * 1_000;

async fn begin(store: &Store, now: i64) -> Work {
    store.begin(now).await.unwrap()
}

#[tokio::test]
async fn a_course_knows_where_one_is() {
    on_both(async |store| {
        let mut work = begin(store, NOW).await;
        assert_eq!(work.progress(7, "own").await.unwrap(), Default::default());
        for step in ["a", "b"] {
            work.stand_at(7, "own", step).await.unwrap();
        }
        for step in ["a", "a", "b"] {
            work.pass_step(7, "own", step).await.unwrap();
        }
        work.pass_step(8, "own", "c").await.unwrap();
        assert_eq!(work.complete_course(7, "own").await, Ok(true));
        assert_eq!(work.complete_course(7, "own").await, Ok(false));
        work.commit().await.unwrap();
        let mut work = begin(store, NOW).await;
        let progress = work.progress(7, "own").await.unwrap();
        assert_eq!(
            (progress.step.as_deref(), progress.completed),
            (Some("b"), Some(NOW))
        );
        assert_eq!(progress.passed, ["a", "b"].map(str::to_owned).into());
        work.restart_course(7, "own").await.unwrap();
        assert_eq!(work.progress(7, "own").await.unwrap(), Default::default());
        assert_eq!(work.progress(8, "own").await.unwrap().passed.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn one_form_is_open_at_a_time() {
    on_both(async |store| {
        let mut work = begin(store, NOW).await;
        assert_eq!(work.form(7).await, Ok(None));
        for (name, answers) in [("size", &["1", "2,5"][..]), ("zone", &["\"'; --"])] {
            let form = Form {
                name: name.to_owned(),
                answers: answers.iter().map(|answer| (*answer).to_owned()).collect(),
            };
            work.fill_in(7, &form).await.unwrap();
            assert_eq!(work.form(7).await, Ok(Some(form)));
        }
        work.drop_form(7).await.unwrap();
        assert_eq!(work.form(7).await, Ok(None));
        assert_eq!(work.zone_of(7).await, Ok(None));
        for zone in ["Europe/Moscow", "UTC+07:00"] {
            work.choose_zone(7, zone).await.unwrap();
            assert_eq!(work.zone_of(7).await, Ok(Some(zone.to_owned())));
        }
    })
    .await;
}

#[tokio::test]
async fn errands_wait_in_order_and_few_at_a_time() {
    on_both(async |store| {
        let mut work = begin(store, NOW).await;
        for (subject, taken) in [("раз", true), ("два", true), ("три", false)] {
            let promised = work.run_errand(7, 7, ("price", subject), 2).await;
            assert_eq!(promised, Ok(taken), "{subject}");
        }
        assert_eq!(work.run_errand(8, 8, ("time", "Токио"), 2).await, Ok(true));
        work.commit().await.unwrap();
        let mut chats = store.errand_chats().await.unwrap();
        chats.sort_unstable();
        assert_eq!(chats, [7, 8]);
        let first = store.next_errand(7).await.unwrap().unwrap();
        assert_eq!(
            (first.kind.as_str(), first.subject.as_str()),
            ("price", "раз")
        );
        let mut work = begin(store, NOW).await;
        assert_eq!(work.end_errand(first.id).await, Ok(true));
        assert_eq!(
            work.end_errand(first.id).await,
            Ok(false),
            "somebody did it"
        );
        for said in ["1", "2"] {
            work.keep_finding(&first, Language::Ru, said).await.unwrap();
        }
        let found = work.finding(&first, Language::Ru).await.unwrap().unwrap();
        assert_eq!((found.said.as_str(), found.at), ("2", NOW));
        assert_eq!(work.finding(&first, Language::En).await, Ok(None));
        work.commit().await.unwrap();
        let second = store.next_errand(7).await.unwrap().unwrap();
        assert_eq!(second.subject, "два");
        let mut work = begin(store, NOW + 8 * DAY).await;
        work.keep_finding(&second, Language::Ru, "3").await.unwrap();
        assert_eq!(
            work.finding(&first, Language::Ru).await,
            Ok(None),
            "it is too old"
        );
    })
    .await;
}

fn reminder<'a>(source: &'a str, due: i64, rule: Option<&'a str>) -> New<'a> {
    New {
        user: 7,
        chat: 7,
        text: source,
        rule,
        zone: "Europe/Moscow",
        due,
        source,
    }
}

#[tokio::test]
async fn a_reminder_is_due_once_or_moves_on() {
    on_both(async |store| {
        let mut work = begin(store, NOW).await;
        work.meet(&alex()).await.unwrap();
        for new in [
            reminder("once", NOW + 10, None),
            reminder("once", NOW + 20, None),
            reminder("daily", NOW + 5, Some("daily 09:00")),
        ] {
            assert_eq!(work.make_reminder(&new, 2).await, Ok(true));
        }
        assert_eq!(
            work.make_reminder(&reminder("more", NOW, None), 2).await,
            Ok(false)
        );
        let all = work.reminders_of(7).await.unwrap();
        let texts: Vec<_> = all.iter().map(|one| one.text.as_str()).collect();
        assert_eq!(texts, ["daily", "once"]);
        assert!(work.reminders_of(8).await.unwrap().is_empty());
        assert_eq!(work.due_reminder().await, Ok(None));
        work.commit().await.unwrap();
        assert_eq!(store.next_reminder().await, Ok(Some(NOW + 5)));

        let mut work = begin(store, NOW + 10).await;
        let first = work.due_reminder().await.unwrap().unwrap();
        assert_eq!(
            (first.reminder.text.as_str(), first.welcome),
            ("daily", true)
        );
        work.reminded(first.reminder.id, Some(NOW + DAY))
            .await
            .unwrap();
        work.set_blocked(7, true).await.unwrap();
        let second = work.due_reminder().await.unwrap().unwrap();
        assert_eq!(
            (second.reminder.text.as_str(), second.welcome),
            ("once", false)
        );
        work.reminded(second.reminder.id, None).await.unwrap();
        assert_eq!(work.due_reminder().await, Ok(None));
        work.commit().await.unwrap();
        assert_eq!(store.next_reminder().await, Ok(Some(NOW + DAY)));

        let mut work = begin(store, NOW + 10).await;
        let id = second.reminder.id;
        assert!(
            work.reminder_of(7, id).await.unwrap().is_some(),
            "it may be put off"
        );
        assert_eq!(
            work.reminder_of(8, id).await,
            Ok(None),
            "it is somebody else's"
        );
        assert_eq!(work.delete_reminder(8, id).await, Ok(false));
        assert_eq!(work.delete_reminder(7, id).await, Ok(true));
        work.commit().await.unwrap();
    })
    .await;
}
