//! Where points of text are kept and found again, by their words and by their meaning. Knowledge and
//! memory keep theirs here; SQLite on this machine's disk and a Qdrant server are the two stores.

#[cfg(feature = "words")]
#[allow(dead_code, reason = "each feature that needs it uses a part")]
mod check;
#[cfg(feature = "words")]
#[allow(dead_code, reason = "each feature that needs it uses a part")]
pub(crate) mod fusion;
#[cfg(feature = "store-qdrant")]
mod qdrant;
#[cfg(feature = "store-sqlite")]
mod sqlite;

#[cfg(feature = "store-qdrant")]
pub use qdrant::{QdrantOptions, QdrantStore};
#[cfg(feature = "store-sqlite")]
pub use sqlite::SqliteStore;

use crate::Language;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;
use uuid::Uuid;

/// A set of points that are searched together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectionSpec {
    /// Name, `[a-z0-9_-]`, at most 64 bytes. What belongs to another collection has that one's name, a dot
    /// and at most 16 bytes more.
    pub name: String,
    /// Whose words are stemmed; both languages where it is `None`.
    pub language: Option<Language>,
    /// What the vectors are; without it points are found by their words only.
    pub dense: Option<DenseSpec>,
}

/// Which vectors a collection holds. Vectors of two models cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DenseSpec {
    /// The embedding model's name.
    pub model: String,
    /// Numbers in a vector.
    pub dimension: usize,
}

/// A text that can be found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// The same text at the same place has the same id.
    pub id: Uuid,
    /// What is searched by words.
    pub text: String,
    /// What is searched by meaning: of unit length, as long as the collection's [`DenseSpec`] says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dense: Option<Vec<f32>>,
    /// All else that is known of it. Top-level texts and whole numbers can be asked for by [`Filter`].
    pub payload: Map<String, Value>,
}

/// Which points are meant: those that meet every condition; all of them where there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Each must hold.
    pub must: Vec<Condition>,
}

/// What must hold of a point's payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// This key has this text.
    Is(String, String),
    /// This key has one of these texts.
    OneOf(String, Vec<String>),
    /// This key has a whole number from … to, both included.
    Between(String, i64, i64),
    /// The point has one of these ids.
    Ids(Vec<Uuid>),
}

/// What is looked for: by words, by meaning or, with both, by reciprocal rank of both.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// Words, as somebody wrote or said them.
    pub text: Option<String>,
    /// The query's vector, of unit length.
    pub dense: Option<Vec<f32>>,
    /// Only these points.
    pub filter: Filter,
    /// At most so many answers.
    pub limit: usize,
}

/// A point that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The point; its vector is not brought along.
    pub point: Point,
    /// What it is ranked by, higher is better; comparable within one answer only.
    pub score: f32,
    /// Cosine of the angle between query and point, if both have a vector.
    pub cosine: Option<f32>,
    /// BM25 of the query's words, higher is better, if any was found.
    pub bm25: Option<f32>,
}

/// What a collection is and holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectionStatus {
    /// As it was set up.
    pub spec: CollectionSpec,
    /// Points in it.
    pub points: u64,
}

/// Keeps points.
///
/// # Contract
/// - [`Store::search`] is on the path of a turn, and its future may be dropped at any time.
/// - What was answered with `Ok` survives the process. A call that writes does all or nothing of each
///   point; repeating it does no harm.
/// - Whoever writes at the same time loses nothing.
/// - Deleted points are gone from the disk too.
/// - A collection holds vectors of one model only; others are refused, never mixed.
#[async_trait]
pub trait Store: Send + Sync {
    /// Makes sure that the collection exists as it is described; one that does is left alone.
    ///
    /// # Errors
    /// [`StoreError::Mismatch`] if it exists with other vectors or another language.
    async fn setup(&self, spec: &CollectionSpec) -> Result<(), StoreError>;

    /// All collections, by name.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn collections(&self) -> Result<Vec<CollectionStatus>, StoreError>;

    /// One collection; nothing if it does not exist.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn collection(&self, name: &str) -> Result<Option<CollectionStatus>, StoreError> {
        let all = self.collections().await?;
        Ok(all.into_iter().find(|status| status.spec.name == name))
    }

    /// Deletes a collection and all in it; one that does not exist is as good as deleted.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn drop_collection(&self, collection: &str) -> Result<(), StoreError>;

    /// Keeps these points, in place of those with the same ids.
    ///
    /// # Errors
    /// [`StoreError`]; none of them is kept if one is wrong.
    async fn upsert(&self, collection: &str, points: Vec<Point>) -> Result<(), StoreError>;

    /// Deletes points; says nothing of how many there were.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn delete(&self, collection: &str, which: &Filter) -> Result<(), StoreError>;

    /// Points in the order of their ids, at most `limit`, those behind `after`; without their vectors.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn scroll(
        &self,
        collection: &str,
        which: &Filter,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Vec<Point>, StoreError>;

    /// The best points, best first. An empty query finds nothing.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn search(&self, collection: &str, query: &Query) -> Result<Vec<Hit>, StoreError>;
}

/// Why a store did not do it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// It cannot be reached, or is busy; try again.
    #[error("the store is not available")]
    Unavailable,
    /// It does not know us: set another key.
    #[error("the store refuses the key")]
    Refused,
    /// There is no such collection: set it up.
    #[error("there is no collection {0}; `sfera kb setup` makes it")]
    NoCollection(String),
    /// The collection was made for something else: use another name, or ingest anew.
    #[error(
        "the collection {collection} holds {has}, not {wants}; ingest it anew or use another name"
    )]
    Mismatch {
        /// Its name.
        collection: String,
        /// What it is.
        has: Contents,
        /// What was asked of it.
        wants: Contents,
    },
    /// What was handed in is no good.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// It is another program's file, or no database at all, and stays as it is: name another file.
    #[error("{0} is no store of Sfera; name another file")]
    Foreign(String),
    /// The stored data cannot be read; the text names the file or the server.
    #[error("the store {0} is damaged; restore it or move it away")]
    Damaged(String),
    /// A newer version of Sfera has written the stored data; the text names the file or the server.
    #[error("the store {0} was written by a newer Sfera; update this one")]
    Newer(String),
}

/// What a collection holds, or should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contents {
    /// Such points.
    Points {
        /// Whose words they are found by.
        language: Option<Language>,
        /// Their vectors, if they have any.
        dense: Option<DenseSpec>,
    },
    /// Words as this version of Sfera's index has them.
    Words(i64),
    /// Another program's, or those of a Qdrant server older than 1.16, which forgets whose they are.
    Foreign,
    /// Sfera's.
    Own,
}

impl fmt::Display for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Points { language, dense } => {
                match dense {
                    Some(DenseSpec { model, dimension }) => {
                        write!(f, "vectors of {model} with {dimension} numbers")?;
                    }
                    None => f.write_str("no vectors")?,
                }
                let language = language.map_or("any", Language::code);
                write!(f, " and words of language {language}")
            }
            Self::Words(version) => write!(f, "words of version {version} of Sfera's index"),
            Self::Foreign => f.write_str("data of another program or of a server older than 1.16"),
            Self::Own => f.write_str("Sfera's"),
        }
    }
}

/// Why a store does not take what was handed in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// The host is no address.
    #[error("QDRANT_HOST is no address")]
    Address,
    /// Who answers there cannot do what is needed.
    #[error("QDRANT_HOST is no Qdrant server, or one older than 1.16")]
    Server,
    /// The server does not take a request.
    #[error("the Qdrant server does not take this request")]
    Request,
    /// No collection can be called so.
    #[error("{0:?} is no name of a collection: use a-z, 0-9, _ and -, at most 64")]
    Name(String),
    /// No vectors have so many numbers.
    #[error("vectors of {0} numbers: between 1 and 8192 are possible")]
    Dimension(usize),
    /// A vector for a collection of this name, which holds none.
    #[error("the collection {0} holds no vectors")]
    NoVectors(String),
    /// A vector of another model.
    #[error("the collection {collection} holds vectors of {holds} numbers, this one has {has}")]
    Vector {
        /// The collection.
        collection: String,
        /// Numbers in its vectors.
        holds: usize,
        /// Numbers in this one.
        has: usize,
    },
    /// A vector that is not of unit length, for a collection of this name.
    #[error("the collection {0} holds vectors of length 1")]
    Length(String),
}
