//! Points and filters as Qdrant has them.
//!
//! A point's payload there: `text`; `payload`, all that the host gave; and what filters ask, because
//! Qdrant's own match reads lists too and takes a key apart at its dots. `terms` has a hash of every key
//! with its text, `numbers` every whole number under its key in hexadecimal.

use super::{
    spec::{DENSE, WORDS},
    words,
};
use crate::{
    Language,
    store::{Condition, Filter, Point},
};
use qdrant_client::qdrant::{
    self as wire, DenseVector, FieldCondition, HasIdCondition, Match, NamedVectors, PointId,
    PointStruct, Range, RepeatedStrings, Value, Vector, Vectors, condition, r#match, point_id,
    vector, vector_output, vectors, vectors_output,
};
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;
use uuid::Uuid;

pub(super) const TEXT: &str = "text";
pub(super) const PAYLOAD: &str = "payload";
pub(super) const TERMS: &str = "terms";
const NUMBERS: &str = "numbers";

/// A point as it is sent.
pub(super) fn to_wire(point: Point, language: Option<Language>) -> PointStruct {
    let terms = point
        .payload
        .iter()
        .filter_map(|(key, value)| Some(term(key, value.as_str()?)));
    let terms: Vec<String> = terms.collect();
    let numbers = point.payload.iter().filter(|(_, value)| value.is_i64());
    let numbers = numbers.map(|(key, value)| (hexadecimal(key), value.clone()));
    let numbers: Map<String, Json> = numbers.collect();
    let words = words::of_text(&point.text, language).map(vector::Vector::Sparse);
    let dense = point
        .dense
        .map(|data| vector::Vector::Dense(DenseVector { data }));
    let vectors = [(WORDS, words), (DENSE, dense)];
    let vectors = vectors.into_iter().filter_map(|(name, vector)| {
        let vector = Vector {
            vector: Some(vector?),
            ..Vector::default()
        };
        Some((name.to_owned(), vector))
    });
    let payload = [
        (TEXT, Json::String(point.text)),
        (PAYLOAD, Json::Object(point.payload)),
        (TERMS, json!(terms)),
        (NUMBERS, Json::Object(numbers)),
    ];
    PointStruct {
        id: Some(id(point.id)),
        payload: payload
            .map(|(key, value)| (key.to_owned(), value.into()))
            .into(),
        vectors: Some(Vectors {
            vectors_options: Some(vectors::VectorsOptions::Vectors(NamedVectors {
                vectors: vectors.collect(),
            })),
        }),
    }
}

/// The paths of the whole numbers that a filter asks for, which want an index.
pub(super) fn number_paths(filter: &Filter) -> impl Iterator<Item = String> + '_ {
    filter.must.iter().filter_map(|condition| match condition {
        Condition::Between(key, _, _) => Some(number_path(key)),
        _ => None,
    })
}

/// A point that came back, without its vector; `None` if another program wrote it.
pub(super) fn of_wire(id: Option<PointId>, mut payload: HashMap<String, Value>) -> Option<Point> {
    let mut part = |key: &str| serde_json::to_value(payload.remove(key)?).ok();
    let (Some(Json::String(text)), Some(Json::Object(payload))) = (part(TEXT), part(PAYLOAD))
    else {
        return None;
    };
    Some(Point {
        id: of_id(id?)?,
        text,
        dense: None,
        payload,
    })
}

/// The dense vector that came back, if one was asked for and is there.
pub(super) fn dense_of(vectors: Option<wire::VectorsOutput>) -> Option<Vec<f32>> {
    let vectors_output::VectorsOptions::Vectors(mut named) = vectors?.vectors_options? else {
        return None;
    };
    match named.vectors.remove(DENSE)?.into_vector() {
        vector_output::Vector::Dense(dense) => Some(dense.data),
        _ => None,
    }
}

/// The filter as Qdrant has it; `None` if it can mean no point.
pub(super) fn filter(filter: &Filter) -> Option<wire::Filter> {
    let must: Option<Vec<wire::Condition>> = filter.must.iter().map(condition).collect();
    Some(wire::Filter {
        must: must?,
        ..wire::Filter::default()
    })
}

fn condition(condition: &Condition) -> Option<wire::Condition> {
    let terms = |strings: Vec<String>| FieldCondition {
        key: TERMS.to_owned(),
        r#match: Some(Match {
            match_value: Some(r#match::MatchValue::Keywords(RepeatedStrings { strings })),
        }),
        ..FieldCondition::default()
    };
    let field = match condition {
        Condition::Is(key, text) => terms(vec![term(key, text)]),
        Condition::OneOf(_, texts) if texts.is_empty() => return None,
        Condition::OneOf(key, texts) => terms(texts.iter().map(|text| term(key, text)).collect()),
        Condition::Between(_, from, to) if from > to => return None,
        Condition::Between(key, from, to) => FieldCondition {
            key: number_path(key),
            range: Some(Range {
                gte: Some(*from as f64),
                lte: Some(*to as f64),
                ..Range::default()
            }),
            ..FieldCondition::default()
        },
        Condition::Ids(ids) if ids.is_empty() => return None,
        Condition::Ids(ids) => {
            let has_id = ids.iter().map(|one| id(*one)).collect();
            let condition = condition::ConditionOneOf::HasId(HasIdCondition { has_id });
            return Some(wire::Condition {
                condition_one_of: Some(condition),
            });
        }
    };
    Some(wire::Condition {
        condition_one_of: Some(condition::ConditionOneOf::Field(field)),
    })
}

pub(super) fn id(id: Uuid) -> PointId {
    let id = point_id::PointIdOptions::Uuid(id.hyphenated().to_string());
    PointId {
        point_id_options: Some(id),
    }
}

fn of_id(id: PointId) -> Option<Uuid> {
    match id.point_id_options? {
        point_id::PointIdOptions::Uuid(id) => id.parse().ok(),
        point_id::PointIdOptions::Num(_) => None,
    }
}

/// A key with its text, always of the same length.
fn term(key: &str, text: &str) -> String {
    let key = Uuid::new_v5(&Uuid::NAMESPACE_OID, key.as_bytes());
    Uuid::new_v5(&key, text.as_bytes()).simple().to_string()
}

fn number_path(key: &str) -> String {
    format!("{NUMBERS}.{}", hexadecimal(key))
}

fn hexadecimal(key: &str) -> String {
    // A letter before: a path's part is no number.
    let digits = key.bytes().map(|byte| format!("{byte:02x}"));
    std::iter::once("k".to_owned()).chain(digits).collect()
}
