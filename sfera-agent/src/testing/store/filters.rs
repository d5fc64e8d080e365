//! Which points a filter means, for every way to use one.

#![expect(
    clippy::unwrap_used,
    reason = "a failed check is what the caller wants to see"
)]

use super::{by_meaning, by_words, found, id, ids, point, spec, with, with_vector};
use crate::store::{Condition, Filter, Query, Store};
use serde_json::json;
use uuid::Uuid;

pub(super) async fn check(store: &dyn Store) {
    let spec = spec("filters");
    store.setup(&spec).await.unwrap();
    let long = "очень длинный источник ".repeat(40);
    let points = (0..8).map(|n: u16| {
        let vector = [1.0, f32::from(n) / 10.0, 0.0, 0.0];
        let mut one = with_vector(point(n, "общая запись"), vector);
        one = with(
            one,
            "user",
            if n.is_multiple_of(2) { "alex" } else { "olga" },
        );
        one = with(one, "time", 100 + i64::from(n));
        one = with(one, "it's odd.key[0]", "да");
        one = match n {
            0 => with(one, "kind", "name"),
            1 => with(one, "kind", json!(["name"])),
            2 => with(one, "kind", 5),
            3 => with(one, "kind", "5"),
            4 => with(one, "kind", 5.5),
            5 => with(one, "kind", json!(null)),
            _ => one,
        };
        with(one, "source", format!("{long}{}", n / 4))
    });
    store.upsert(&spec.name, points.collect()).await.unwrap();
    let is = |key: &str, text: &str| Condition::Is(key.to_owned(), text.to_owned());
    let one_of = |key: &str, texts: &[&str]| {
        let texts = texts.iter().map(|t| (*t).to_owned());
        Condition::OneOf(key.to_owned(), texts.collect())
    };
    let between = |key: &str, from, to| Condition::Between(key.to_owned(), from, to);
    let cases: Vec<(Vec<Condition>, Vec<u16>)> = vec![
        (vec![], (0..8).collect()),
        (vec![is("user", "alex")], vec![0, 2, 4, 6]),
        (vec![is("user", "Alex")], vec![]),
        (vec![is("user", "")], vec![]),
        (vec![is("nobody", "alex")], vec![]),
        (vec![is("kind", "name")], vec![0]),
        (vec![is("kind", "5")], vec![3]),
        (vec![between("kind", 5, 5)], vec![2]),
        (vec![between("kind", i64::MIN, i64::MAX)], vec![2]),
        (vec![is("it's odd.key[0]", "да")], (0..8).collect()),
        (vec![is("user", "' OR 1=1 --")], vec![]),
        (vec![is("source", &format!("{long}1"))], vec![4, 5, 6, 7]),
        (vec![is("source", &long)], vec![]),
        (vec![one_of("user", &["olga", "nobody"])], vec![1, 3, 5, 7]),
        (vec![one_of("user", &["olga", "alex"])], (0..8).collect()),
        (vec![one_of("user", &[])], vec![]),
        (vec![between("time", 102, 104)], vec![2, 3, 4]),
        (vec![between("time", 104, 102)], vec![]),
        (vec![between("user", 0, 9)], vec![]),
        (vec![Condition::Ids(vec![id(7), id(1), id(1)])], vec![1, 7]),
        (vec![Condition::Ids(vec![])], vec![]),
        (vec![is("user", "alex"), is("user", "olga")], vec![]),
        (
            vec![
                is("user", "alex"),
                between("time", 101, 105),
                Condition::Ids(vec![id(0), id(3), id(4)]),
            ],
            vec![4],
        ),
        (
            vec![
                between("time", 100, 104),
                one_of("user", &["olga"]),
                is("source", &format!("{long}0")),
            ],
            vec![1, 3],
        ),
    ];
    for (must, meant) in cases {
        let filter = Filter { must };
        let meant: Vec<Uuid> = meant.into_iter().map(id).collect();
        assert_eq!(ids(store, &spec.name, &filter).await, meant, "{filter:?}");
        let both = Query {
            text: Some("запись".to_owned()),
            ..by_meaning([1.0, 0.0, 0.0, 0.0])
        };
        for query in [by_words("запись"), by_meaning([1.0, 0.0, 0.0, 0.0]), both] {
            let query = Query {
                filter: filter.clone(),
                ..query
            };
            let mut found = found(store, &spec.name, &query).await;
            found.sort_unstable();
            assert_eq!(found, meant, "{query:?}");
        }
    }
    store.drop_collection(&spec.name).await.unwrap();
}
