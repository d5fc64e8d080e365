//! From files to passages in the store, changing only what changed.

use super::{
    KnowledgeBase, KnowledgeBaseError,
    catalog::{Kept, PAGE},
    plan,
    walk::{Walk, walk},
};
use crate::{
    embedding::{EmbedError, TextKind},
    knowledge::document::{DocumentError, DocumentProblem, Reading, contents, parse},
    store::{Condition, Filter, Point},
};
use std::{
    collections::{BTreeMap, HashSet},
    path::{Path, PathBuf},
};
use tokio::task::spawn_blocking;
use uuid::Uuid;

/// Passages that are embedded and written at a time: what a kill loses, at most.
pub(super) const BATCH: usize = 32;

/// How far an ingest has come.
#[derive(Clone, Copy, Debug)]
pub struct IngestProgress<'a> {
    /// Files in all.
    pub files: usize,
    /// Files that are done.
    pub done: usize,
    /// The file at hand.
    pub file: &'a Path,
    /// Passages written so far.
    pub written: u64,
}

/// What an ingest did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ingested {
    /// Files that were looked at.
    pub files: usize,
    /// Files of those that are as they were.
    pub unchanged: usize,
    /// Passages that were written.
    pub written: u64,
    /// Passages that were deleted, because they are not in their file any more or the file is gone.
    pub deleted: u64,
    /// Files that are gone.
    pub gone: usize,
    /// Files and lines that could not be read; what was ingested of such a file before stays. Files that
    /// were read and are empty are told of too; of these nothing stays.
    pub problems: Vec<DocumentError>,
}

impl KnowledgeBase {
    /// Reads files, and folders with what is in them, and makes the collection say what they say: new
    /// and changed passages are written, vanished ones deleted, unchanged files skipped.
    ///
    /// A folder that is not there any more, or in which no file is left, was moved perhaps, or its disk is
    /// not mounted: what was taken from it stays, which is one of [`Ingested::problems`], until it is
    /// removed ([`KnowledgeBase::remove`]). A file that is named itself and gone is deleted, if the folder
    /// it was in is there.
    ///
    /// A file is complete when its last batch is in. After a kill or an error the same call does what
    /// is left to do. `progress` is called before each file and after each batch; it should return at
    /// once.
    ///
    /// # Errors
    /// [`KnowledgeBaseError`] if the store or the embedder fails. A file that cannot be read is no
    /// error, but one of [`Ingested::problems`].
    pub async fn ingest(
        &self,
        paths: &[PathBuf],
        progress: &(dyn Fn(IngestProgress<'_>) + Send + Sync),
    ) -> Result<Ingested, KnowledgeBaseError> {
        if let (Some(dense), None) = (&self.spec.dense, &self.embedder) {
            return Err(KnowledgeBaseError::Model(dense.model.clone()));
        }
        let mut walks = Vec::new();
        for path in paths {
            let path = path.clone();
            walks.extend(spawn_blocking(move || walk(&path)).await.ok());
        }
        let catalog = self.catalog().await?;
        let mut done = Ingested::default();
        self.forget_gone(&walks, &catalog, &mut done).await?;
        let mut files: Vec<PathBuf> = walks.into_iter().flat_map(|walk| walk.files).collect();
        files.sort();
        files.dedup();
        let nothing = Kept::default();
        for (at, file) in files.iter().enumerate() {
            let told = |written| {
                progress(IngestProgress {
                    files: files.len(),
                    done: at,
                    file,
                    written,
                });
            };
            told(done.written);
            let kept = catalog.get(&file.display().to_string());
            self.ingest_file(file, kept.unwrap_or(&nothing), &mut done, &told)
                .await?;
            done.files += 1;
        }
        Ok(done)
    }

    /// Deletes what is left of files that are gone, and tells of paths that lead nowhere and of folders
    /// from which all is gone.
    async fn forget_gone(
        &self,
        walks: &[Walk],
        catalog: &BTreeMap<String, Kept>,
        done: &mut Ingested,
    ) -> Result<(), KnowledgeBaseError> {
        for walk in walks {
            done.problems.extend(walk.problems.iter().cloned());
            let gone = catalog.iter().filter(|(file, _)| walk.lacks(file));
            let gone: Vec<_> = gone.collect();
            let problem = match gone.is_empty() {
                true if walk.missing => DocumentProblem::Unreadable(std::io::ErrorKind::NotFound),
                false if walk.is_doubtful(gone.iter().map(|(file, _)| *file)) => {
                    DocumentProblem::Deserted
                }
                _ => {
                    let gone = gone.into_iter().map(|(_, kept)| kept);
                    self.forget(gone.collect(), done).await?;
                    continue;
                }
            };
            let file = walk.root.clone();
            done.problems.push(DocumentError { file, problem });
        }
        Ok(())
    }

    async fn forget(
        &self,
        gone: Vec<&Kept>,
        done: &mut Ingested,
    ) -> Result<(), KnowledgeBaseError> {
        for kept in gone {
            self.delete(kept.passages.keys().copied()).await?;
            done.deleted += kept.passages.len() as u64;
            done.gone += 1;
        }
        Ok(())
    }

    async fn ingest_file(
        &self,
        file: &Path,
        kept: &Kept,
        done: &mut Ingested,
        told: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<(), KnowledgeBaseError> {
        let (mut digest, read) = self.read(file, kept).await;
        let Some(Reading {
            documents,
            problems,
        }) = read
        else {
            done.unchanged += 1;
            return Ok(());
        };
        if !problems.is_empty() {
            if documents.is_empty() {
                done.problems.extend(problems);
                return Ok(());
            }
            // Not that of the file, so that it is read again and its wrong lines are told again.
            digest.insert(0, '!');
        }
        done.problems.extend(problems);
        let (name, origin) = (&self.spec.name, file.display().to_string());
        let points = plan::points(name, &origin, &digest, &documents, self.chunking);
        drop(documents);
        if points.is_empty() {
            let (file, problem) = (file.to_owned(), DocumentProblem::NoText);
            done.problems.push(DocumentError { file, problem });
        }
        self.replace(kept, points, done, told).await
    }

    /// The file's checksum, and what is in it unless all of that is kept already.
    async fn read(&self, file: &Path, kept: &Kept) -> (String, Option<Reading>) {
        let failed = |problem| {
            let file = file.to_owned();
            let problems = vec![DocumentError { file, problem }];
            let documents = Vec::new();
            let reading = Reading {
                documents,
                problems,
            };
            (String::new(), Some(reading))
        };
        let gone = DocumentProblem::Unreadable(std::io::ErrorKind::Interrupted);
        let (path, chunking) = (file.to_owned(), self.chunking);
        let read = move || -> Result<_, DocumentProblem> {
            let (format, bytes) = contents(&path)?;
            Ok((plan::digest(&bytes, chunking), format, bytes))
        };
        let (digest, format, bytes) = match spawn_blocking(read).await {
            Ok(Ok(read)) => read,
            Ok(Err(problem)) => return failed(problem),
            Err(_) => return failed(gone),
        };
        if kept.is_complete(&digest) {
            return (digest, None);
        }
        let path = file.to_owned();
        match spawn_blocking(move || parse(format, &path, &bytes)).await {
            Ok(reading) => (digest, Some(reading)),
            Err(_) => failed(DocumentProblem::Damaged {
                format,
                place: "text".to_owned(),
            }),
        }
    }

    /// Makes a file's passages those of the plan. The seal of what was there before goes first and the
    /// new one comes last, so that whatever is in between does not look complete.
    async fn replace(
        &self,
        kept: &Kept,
        mut points: Vec<Point>,
        done: &mut Ingested,
        told: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<(), KnowledgeBaseError> {
        let planned: HashSet<Uuid> = points.iter().map(|point| point.id).collect();
        let stale: Vec<Uuid> = {
            let kept = kept.passages.keys().copied();
            kept.filter(|id| !planned.contains(id)).collect()
        };
        let seal = points.pop();
        let is_kept = |p: &Point| kept.passages.get(&p.id) == Some(&plan::fingerprint(p));
        points.retain(|point| !is_kept(point));
        let changed = !points.is_empty() || !stale.is_empty();
        if changed {
            self.unseal(kept, &mut points, seal.as_ref(), &planned, done)
                .await?;
        }
        for batch in points.chunks(BATCH) {
            self.write(batch.to_vec(), done).await?;
            told(done.written);
        }
        let count = stale.len() as u64;
        self.delete(stale).await?;
        done.deleted += count;
        if let Some(seal) = seal
            && (changed || !is_kept(&seal))
        {
            self.write(vec![seal], done).await?;
            told(done.written);
        }
        Ok(())
    }

    /// Takes away every seal that a file has: from a passage that stays in the first write, with the
    /// passage from one that goes.
    async fn unseal(
        &self,
        kept: &Kept,
        points: &mut Vec<Point>,
        seal: Option<&Point>,
        planned: &HashSet<Uuid>,
        done: &mut Ingested,
    ) -> Result<(), KnowledgeBaseError> {
        let (stay, go): (Vec<Uuid>, Vec<Uuid>) = {
            let sealed = kept.seals.iter().map(|seal| seal.id);
            sealed.partition(|id| planned.contains(id))
        };
        self.delete(go).await?;
        let (mut first, rest): (Vec<Point>, Vec<Point>) = std::mem::take(points)
            .into_iter()
            .partition(|p| stay.contains(&p.id));
        *points = rest;
        let again = seal.filter(|seal| stay.contains(&seal.id));
        first.extend(again.cloned().map(plan::unsealed));
        if !first.is_empty() {
            self.write(first, done).await?;
        }
        Ok(())
    }

    async fn write(
        &self,
        mut points: Vec<Point>,
        done: &mut Ingested,
    ) -> Result<(), KnowledgeBaseError> {
        self.keep_brought(&points).await?;
        self.embed(TextKind::Passage, &mut points).await?;
        done.written += points.len() as u64;
        Ok(self.store.upsert(&self.spec.name, points).await?)
    }

    /// Gives points their vectors, where the collection has any.
    pub(super) async fn embed(
        &self,
        kind: TextKind,
        points: &mut [Point],
    ) -> Result<(), KnowledgeBaseError> {
        let Some(embedder) = &self.embedder else {
            return Ok(());
        };
        let texts: Vec<_> = points.iter().map(|point| point.text.clone()).collect();
        let vectors = embedder.embed(kind, &texts).await?;
        if vectors.len() != points.len() {
            return Err(EmbedError::Protocol.into());
        }
        for (point, vector) in points.iter_mut().zip(vectors) {
            point.dense = Some(vector);
        }
        Ok(())
    }

    pub(super) async fn delete(
        &self,
        ids: impl IntoIterator<Item = Uuid>,
    ) -> Result<(), KnowledgeBaseError> {
        let ids: Vec<Uuid> = ids.into_iter().collect();
        for page in ids.chunks(PAGE) {
            self.delete_questions_of(page).await?;
            let which = Filter {
                must: vec![Condition::Ids(page.to_vec())],
            };
            self.store.delete(&self.spec.name, &which).await?;
        }
        Ok(())
    }
}
