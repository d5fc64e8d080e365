//! What a file's passages are in the store, and which of them are to be written.

use super::super::{
    chunking::{Chunking, chunks},
    document::Document,
    point::{self, PATH_SEPARATOR, key},
};
use crate::store::Point;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    fmt::Write,
    hash::{DefaultHasher, Hash, Hasher},
};
use uuid::Uuid;

/// The names of passages are made in this space.
const NAMESPACE: Uuid = Uuid::from_u128(0x5fe7_a0a9_6f0e_4c1d_9d5b_2a64_c3b1_77e2);

/// Goes up whenever a reader or the cutting changes, so that files are read anew.
const RULES: u32 = 2;

/// A checksum of a file and of how it is cut.
pub(super) fn digest(bytes: &[u8], chunking: Chunking) -> String {
    let Chunking { tokens, overlap } = chunking;
    let hash = Sha256::new_with_prefix(format!("{RULES} {tokens} {overlap} "));
    let hash = hash.chain_update(bytes).finalize();
    hash.iter().fold(String::new(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

/// The passages of a file, in their order. The last one is its seal: it alone has the checksum, and is
/// to be written last.
pub(super) fn points(
    collection: &str,
    origin: &str,
    digest: &str,
    documents: &[Document],
    chunking: Chunking,
) -> Vec<Point> {
    let mut points = Vec::new();
    let mut known = HashMap::<Uuid, u32>::new();
    for document in documents {
        let mut places = HashMap::<Vec<String>, u32>::new();
        for chunk in chunks(&document.sections, chunking) {
            let section = chunk.path.join(PATH_SEPARATOR);
            let place = places.entry(chunk.path.clone()).or_default();
            let base = id(&[collection, &document.source, &section, &chunk.text]);
            let again = known.entry(base).or_default();
            points.push(Point {
                id: Uuid::new_v5(&base, &again.to_be_bytes()),
                text: point::text(&document.title, &chunk.path, &chunk.text),
                dense: None,
                payload: payload(document, origin, section, *place),
            });
            if let Some(point) = points.last_mut().filter(|_| !chunk.questions.is_empty()) {
                let questions = chunk.questions.into();
                point.payload.insert(key::QUESTIONS.into(), questions);
            }
            (*place, *again) = (*place + 1, *again + 1);
        }
    }
    let passages = Value::from(points.len());
    if let Some(last) = points.last_mut() {
        last.payload.insert(key::DIGEST.into(), digest.into());
        last.payload.insert(key::PASSAGES.into(), passages);
    }
    points
}

fn payload(document: &Document, origin: &str, section: String, place: u32) -> Map<String, Value> {
    let mut payload = Map::new();
    let mut put = |key: &str, value: Value| payload.insert(key.to_owned(), value);
    put(key::TITLE, document.title.as_str().into());
    put(key::SOURCE, document.source.as_str().into());
    put(key::ORIGIN, origin.into());
    put(key::PLACE, place.into());
    if !section.is_empty() {
        put(key::SECTION, section.into());
    }
    let web = |url: &&String| url.starts_with("http://") || url.starts_with("https://");
    if let Some(url) = document.url.as_ref().filter(web) {
        put(key::URL, url.as_str().into());
    }
    if !document.metadata.is_empty() {
        put(key::METADATA, Value::Object(document.metadata.clone()));
    }
    payload
}

fn id(parts: &[&str]) -> Uuid {
    Uuid::new_v5(&NAMESPACE, parts.join("\0").as_bytes())
}

/// The same for points that are the same but for their vectors, whatever the order of their keys.
pub(super) fn fingerprint(point: &Point) -> u64 {
    let mut hasher = DefaultHasher::new();
    point.text.hash(&mut hasher);
    hash_object(&point.payload, &mut hasher);
    hasher.finish()
}

fn hash_object(object: &Map<String, Value>, hasher: &mut DefaultHasher) {
    let mut entries: Vec<_> = object.iter().collect();
    entries.sort_by_key(|(key, _)| *key);
    for (key, value) in entries {
        key.hash(hasher);
        match value {
            Value::Object(inner) => hash_object(inner, hasher),
            other => other.to_string().hash(hasher),
        }
    }
}

/// Takes the seal off a passage.
pub(super) fn unsealed(mut point: Point) -> Point {
    point.payload.remove(key::DIGEST);
    point.payload.remove(key::PASSAGES);
    point
}
