//! The double's answers held against those of Qdrant's own Python client in its local mode, which is an
//! implementation of its own.

use crate::double::Double;
use ::qdrant_client::qdrant::{
    QueryPoints, condition::ConditionOneOf, r#match::MatchValue, point_id::PointIdOptions,
    query::Variant, vector_input,
};
use serde_json::{Map, Value, json};
use sfera_agent::store::{
    CollectionSpec, Condition, DenseSpec, Filter, Point, QdrantOptions, QdrantStore, Query, Store,
};
use std::{
    path::{Path, PathBuf},
    process::Stdio,
};
use tokio::{io::AsyncWriteExt, process::Command};
use uuid::Uuid;

const COLLECTION: &str = "compared";
const DIMENSION: usize = 8;
const TEXTS: [&str; 10] = [
    "Страх потери заставляет закрывать прибыльные сделки слишком рано.",
    "Тильт: после убытка хочется отыграться, и риск растёт от сделки к сделке.",
    "Риск на сделку — один процент счёта, риск на день — три процента.",
    "Дневник сделок показывает, где теряются деньги и где растёт прибыль.",
    "ETF на индекс S&P 500 платит дивиденды раз в квартал.",
    "SBER заплатил дивиденды за 2023 год.",
    "Стоп-лосс закрывает сделку сам. Стоп не двигают.",
    "A trading journal shows where the losses come from.",
    "Страх и жадность. Страх сильнее.",
    "Перерыв после трёх убытков подряд.",
];

/// Numbers that look random, always the same; of unit length.
fn vector(seed: usize) -> Vec<f32> {
    let mut state = seed as u32 * 7_919 + 17;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32 - 0.5
    };
    let numbers: Vec<f32> = (0..DIMENSION).map(|_| next()).collect();
    let length = numbers.iter().map(|n| n * n).sum::<f32>().sqrt();
    numbers.iter().map(|n| n / length).collect()
}

fn points() -> Vec<Point> {
    let texts = TEXTS.iter().enumerate();
    let points = texts.map(|(n, text)| {
        let mut payload = Map::new();
        payload.insert(
            "user".to_owned(),
            json!(if n % 2 == 0 { "alex" } else { "olga" }),
        );
        payload.insert("time".to_owned(), json!(n * 10));
        Point {
            id: Uuid::from_u128(n as u128 + 1),
            text: (*text).to_owned(),
            // One is found by its words only.
            dense: (n != 3).then(|| vector(n)),
            payload,
        }
    });
    points.collect()
}

fn queries() -> Vec<Query> {
    let texts = [
        "страх потери",
        "риск на сделку",
        "дивиденды за 2023",
        "losses",
        "борщ",
    ];
    let filters = [
        vec![],
        vec![Condition::Is("user".to_owned(), "alex".to_owned())],
        vec![Condition::OneOf(
            "user".to_owned(),
            vec!["olga".to_owned(), "nobody".to_owned()],
        )],
        vec![Condition::Between("time".to_owned(), 20, 60)],
        vec![
            Condition::Is("user".to_owned(), "olga".to_owned()),
            Condition::Ids([2, 4, 6, 9].map(Uuid::from_u128).to_vec()),
        ],
    ];
    let mut queries = Vec::new();
    for (n, text) in texts.iter().enumerate() {
        for filter in &filters {
            queries.push(Query {
                text: Some((*text).to_owned()),
                dense: Some(vector(100 + n)),
                filter: Filter {
                    must: filter.clone(),
                },
                limit: 6,
            });
        }
    }
    queries
}

#[tokio::test]
async fn the_double_answers_as_the_official_python_client_does() {
    let server = Double::default().serve().await;
    let store = QdrantStore::new(&QdrantOptions::new(&server.host)).unwrap();
    let spec = CollectionSpec {
        name: COLLECTION.to_owned(),
        language: None,
        dense: Some(DenseSpec {
            model: "noise".to_owned(),
            dimension: DIMENSION,
        }),
    };
    store.setup(&spec).await.unwrap();
    store.upsert(COLLECTION, points()).await.unwrap();
    let (mut asked, mut ours) = (Vec::new(), Vec::new());
    for query in queries() {
        store.search(COLLECTION, &query).await.unwrap();
        for query in server.double.batch() {
            let answer = server
                .double
                .look(COLLECTION, |c| c.query(query.clone()))
                .unwrap();
            let hits = answer.result.into_iter().map(|hit| {
                let id = hit.id.and_then(|id| id.point_id_options);
                let Some(PointIdOptions::Uuid(id)) = id else {
                    panic!("an id that is no UUID")
                };
                (id, hit.score)
            });
            ours.push(hits.collect::<Vec<_>>());
            asked.push(query_json(&query));
        }
    }
    let stored = server.double.look(COLLECTION, |collection| {
        let points = collection.points.iter().map(|(id, point)| {
            let words = &point.sparse["words"];
            json!({
                "id": id, "dense": point.dense.get("dense"), "payload": point.payload,
                "words": { "indices": words.indices, "values": words.values },
            })
        });
        points.collect::<Vec<Value>>()
    });
    let data = json!({ "dimension": DIMENSION, "points": stored, "queries": asked });
    let theirs = ask_python(&data).await;
    assert_eq!(theirs.len(), ours.len());
    assert_eq!(ours.len(), 50);
    let mut compared = 0;
    for ((ours, theirs), asked) in ours.iter().zip(&theirs).zip(&asked) {
        assert_eq!(ours.len(), theirs.len(), "{asked}");
        for ((id, score), (their_id, their_score)) in ours.iter().zip(theirs) {
            assert_eq!(id, their_id, "{asked}: {ours:?} {theirs:?}");
            assert!(
                (score - their_score).abs() < 1e-4,
                "{asked}: {ours:?} {theirs:?}"
            );
            compared += 1;
        }
    }
    assert!(compared > 100, "{compared}");
}

fn query_json(query: &QueryPoints) -> Value {
    let asked = query
        .query
        .as_ref()
        .and_then(|query| query.variant.as_ref());
    let Some(Variant::Nearest(nearest)) = asked else {
        panic!("{query:?}")
    };
    let asked = match nearest.variant.as_ref().unwrap() {
        vector_input::Variant::Dense(dense) => json!(dense.data),
        vector_input::Variant::Sparse(words) => {
            json!({ "indices": words.indices, "values": words.values })
        }
        other => panic!("{other:?}"),
    };
    let must = query.filter.iter().flat_map(|filter| &filter.must);
    let must = must.map(
        |condition| match condition.condition_one_of.as_ref().unwrap() {
            ConditionOneOf::HasId(ids) => {
                let ids = ids
                    .has_id
                    .iter()
                    .map(|id| match id.point_id_options.as_ref().unwrap() {
                        PointIdOptions::Uuid(id) => id.clone(),
                        PointIdOptions::Num(id) => panic!("{id}"),
                    });
                json!({ "ids": ids.collect::<Vec<_>>() })
            }
            ConditionOneOf::Field(field) => match (&field.r#match, &field.range) {
                (Some(matched), _) => match &matched.match_value {
                    Some(MatchValue::Keywords(words)) => {
                        json!({ "key": field.key, "any": words.strings })
                    }
                    other => panic!("{other:?}"),
                },
                (_, Some(range)) => json!({ "key": field.key, "gte": range.gte, "lte": range.lte }),
                _ => panic!("{field:?}"),
            },
            other => panic!("{other:?}"),
        },
    );
    json!({
        "query": asked, "using": query.using, "limit": query.limit,
        "must": must.collect::<Vec<_>>(),
    })
}

async fn ask_python(data: &Value) -> Vec<Vec<(String, f32)>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/qdrant/local_mode.py");
    let mut python = Command::new(python())
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut input = python.stdin.take().unwrap();
    input.write_all(data.to_string().as_bytes()).await.unwrap();
    drop(input);
    let output = python.wait_with_output().await.unwrap();
    assert!(output.status.success(), "the Python client failed");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The Python that `.ci/python-qdrant` sets up, by itself where it is missing.
fn python() -> PathBuf {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.ci/python-qdrant");
    let output = std::process::Command::new(script).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap().trim().into()
}
