//! What a collection is, kept with it in its metadata.

use crate::{
    language::terms::TERMS_VERSION,
    store::{CollectionSpec, Contents, Invalid, StoreError},
};
use qdrant_client::qdrant::{
    CollectionInfo, CreateCollection, Distance, Modifier, SparseVectorConfig, SparseVectorParams,
    Value, VectorParams, VectorParamsMap, VectorsConfig, vectors_config,
};
use serde::{Deserialize, Serialize};
use std::{cmp::Ordering, collections::HashMap};

/// Names of the vectors of a point.
pub(super) const DENSE: &str = "dense";
pub(super) const WORDS: &str = "words";
/// Where the description is in a collection's metadata.
const SPEC: &str = "sfera";

/// The order that makes the collection.
pub(super) fn creation(spec: &CollectionSpec) -> Result<CreateCollection, StoreError> {
    let description = serde_json::to_value(Description {
        spec: spec.clone(),
        terms: TERMS_VERSION,
    });
    let description = description.map_err(|_| Invalid::Request)?;
    let dense = spec.dense.as_ref().map(|dense| VectorParams {
        size: dense.dimension as u64,
        distance: Distance::Cosine.into(),
        ..VectorParams::default()
    });
    let dense = dense.map(|params| (DENSE.to_owned(), params));
    let words = SparseVectorParams {
        modifier: Some(Modifier::Idf.into()),
        ..SparseVectorParams::default()
    };
    Ok(CreateCollection {
        collection_name: spec.name.clone(),
        vectors_config: Some(VectorsConfig {
            config: Some(vectors_config::Config::ParamsMap(VectorParamsMap {
                map: dense.into_iter().collect(),
            })),
        }),
        sparse_vectors_config: Some(SparseVectorConfig {
            map: HashMap::from([(WORDS.to_owned(), words)]),
        }),
        metadata: HashMap::from([(SPEC.to_owned(), Value::from(description))]),
        ..CreateCollection::default()
    })
}

/// What stands in a collection's metadata.
#[derive(Serialize, Deserialize)]
pub(super) struct Description {
    #[serde(flatten)]
    pub(super) spec: CollectionSpec,
    /// How its texts were cut into words.
    terms: i64,
}

impl Description {
    /// Refuses to write to a collection whose texts are cut into words in another way.
    pub(super) fn check_terms(&self) -> Result<(), StoreError> {
        match self.terms.cmp(&TERMS_VERSION) {
            Ordering::Equal => Ok(()),
            Ordering::Greater => Err(StoreError::Newer("Qdrant".to_owned())),
            Ordering::Less => Err(StoreError::Mismatch {
                collection: self.spec.name.clone(),
                has: Contents::Words(self.terms),
                wants: Contents::Words(TERMS_VERSION),
            }),
        }
    }
}

/// What the collection says it is; `None` if another program made it.
pub(super) fn read(info: &CollectionInfo) -> Option<Description> {
    let description = info.config.as_ref()?.metadata.get(SPEC)?;
    serde_json::from_value(serde_json::to_value(description).ok()?).ok()
}

/// A collection that another program made, or a server older than 1.16 that forgot the description.
pub(super) fn foreign(wants: &CollectionSpec) -> StoreError {
    StoreError::Mismatch {
        collection: wants.name.clone(),
        has: Contents::Foreign,
        wants: Contents::Own,
    }
}
