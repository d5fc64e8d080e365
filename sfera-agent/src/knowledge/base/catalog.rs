//! What the store holds already, file by file.

use super::{KnowledgeBase, KnowledgeBaseError, plan::fingerprint, text_of};
use crate::{
    knowledge::point::{self, key},
    store::{Filter, Point},
};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// Points that are asked of the store at a time.
pub(super) const PAGE: usize = 512;

/// The passages of a file.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// What each of them says, as a hash.
    pub(super) passages: HashMap<Uuid, u64>,
    /// Those with a checksum of the file, and how many passages it then had. More than one if an
    /// ingest was killed.
    pub(super) seals: Vec<Seal>,
}

/// The mark of a file that is there as a whole.
#[derive(Debug)]
pub(super) struct Seal {
    pub(super) id: Uuid,
    pub(super) digest: String,
    pub(super) passages: u64,
}

impl Kept {
    /// Whether all of a file with this checksum is there and nothing else.
    pub(super) fn is_complete(&self, digest: &str) -> bool {
        match self.seals.as_slice() {
            [seal] => seal.digest == digest && seal.passages == self.passages.len() as u64,
            _ => false,
        }
    }

    fn is_whole(&self) -> bool {
        let seal = self.seals.first();
        seal.is_some_and(|seal| self.is_complete(&seal.digest))
    }

    fn add(&mut self, point: &Point) {
        self.passages.insert(point.id, fingerprint(point));
        let passages = point.payload.get(key::PASSAGES).and_then(|n| n.as_u64());
        let digest = point::string(&point.payload, key::DIGEST);
        self.seals
            .extend(digest.zip(passages).map(|(digest, passages)| Seal {
                id: point.id,
                digest: digest.to_owned(),
                passages,
            }));
    }
}

/// A document of the knowledge base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentSummary {
    /// As people know it.
    pub title: String,
    /// Path or URL; [`KnowledgeBase::remove`] wants it.
    pub source: String,
    /// The file it was read from.
    pub origin: String,
    /// Passages it was cut into.
    pub passages: u64,
    /// Letters and signs in them.
    pub characters: u64,
    /// Whether its file is there as a whole; if not, ingest it again.
    pub complete: bool,
}

impl KnowledgeBase {
    /// The documents, by source.
    ///
    /// # Errors
    /// [`KnowledgeBaseError`]
    pub async fn list(&self) -> Result<Vec<DocumentSummary>, KnowledgeBaseError> {
        let mut documents = BTreeMap::<String, DocumentSummary>::new();
        let mut files = BTreeMap::<String, Kept>::new();
        self.each(&Filter::default(), |point| {
            let (source, origin) = (text_of(&point, key::SOURCE), text_of(&point, key::ORIGIN));
            files.entry(origin.clone()).or_default().add(&point);
            let document = documents.entry(source.clone());
            let document = document.or_insert_with(|| DocumentSummary {
                title: text_of(&point, key::TITLE),
                source,
                origin,
                passages: 0,
                characters: 0,
                complete: false,
            });
            document.passages += 1;
            document.characters += point::body(&point.text).chars().count() as u64;
        })
        .await?;
        for document in documents.values_mut() {
            let file = files.get(&document.origin);
            document.complete = file.is_some_and(Kept::is_whole);
        }
        Ok(documents.into_values().collect())
    }

    /// All passages, by the file they are from.
    pub(super) async fn catalog(&self) -> Result<BTreeMap<String, Kept>, KnowledgeBaseError> {
        let mut files = BTreeMap::<String, Kept>::new();
        self.each(&Filter::default(), |point| {
            let origin = text_of(&point, key::ORIGIN);
            files.entry(origin).or_default().add(&point);
        })
        .await?;
        Ok(files)
    }

    /// Gives every point that is meant, a page of them in memory at a time.
    pub(super) async fn each(
        &self,
        which: &Filter,
        take: impl FnMut(Point),
    ) -> Result<(), KnowledgeBaseError> {
        self.each_of(&self.spec.name, which, take).await
    }

    /// The same of another collection.
    pub(super) async fn each_of(
        &self,
        collection: &str,
        which: &Filter,
        mut take: impl FnMut(Point),
    ) -> Result<(), KnowledgeBaseError> {
        let mut after = None;
        loop {
            let page = self.store.scroll(collection, which, after, PAGE);
            let page = page.await?;
            let (last, full) = (page.last().map(|point| point.id), page.len() == PAGE);
            page.into_iter().for_each(&mut take);
            if !full {
                return Ok(());
            }
            after = last;
        }
    }
}
