//! The questions that passages answer: who writes them, and where they are kept.

use super::{KnowledgeBase, KnowledgeBaseError, ingest::BATCH};
use crate::{
    embedding::{EmbedError, TextKind},
    knowledge::{
        Passage, QuestionError, QuestionWriter, Relevance, point,
        questions::kept::{self, Author},
    },
    store::{CollectionSpec, Filter, Point, Store, StoreError},
};
use futures::StreamExt;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Passages that are read at the same time.
const AT_ONCE: usize = 4;

/// How far the writing of questions has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuestionProgress {
    /// Passages that had none.
    pub passages: u64,
    /// How many of those were read.
    pub done: u64,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QuestionsWritten {
    /// Passages that have questions now.
    pub passages: u64,
    /// Questions that were written for them.
    pub questions: u64,
    /// Passages that had questions before.
    pub had: u64,
    /// Passages for which nothing was written; the next call tries again.
    pub without: u64,
}

impl KnowledgeBase {
    /// Has the questions written that passages answer, for those that have none; conversations then find
    /// passages by them too. Not needed, and slow: some seconds a passage with a language model.
    ///
    /// After a kill or an error the same call does what is left to do. A passage that changes with an
    /// ingest loses its questions. `progress` is called before the first passage and after each; it should
    /// return at once.
    ///
    /// # Errors
    /// [`KnowledgeBaseError::Questions`] if the writer cannot be reached or refuses the key; else those of
    /// the store and of the embedder. Passages that it writes nothing for are counted.
    pub async fn write_questions(
        &self,
        writer: &dyn QuestionWriter,
        progress: &(dyn Fn(QuestionProgress) + Send + Sync),
    ) -> Result<QuestionsWritten, KnowledgeBaseError> {
        if let (Some(dense), None) = (&self.spec.dense, &self.embedder) {
            return Err(KnowledgeBaseError::Model(dense.model.clone()));
        }
        self.store.setup(&self.questions_spec()).await?;
        let (left, had) = self.without_questions().await?;
        let mut written = QuestionsWritten {
            had,
            ..QuestionsWritten::default()
        };
        let told = |done| {
            let passages = left.len() as u64;
            progress(QuestionProgress { passages, done });
        };
        told(0);
        let asked = left
            .iter()
            .map(|(id, passage)| async move { (*id, writer.questions(passage).await) });
        let mut asked = futures::stream::iter(asked).buffer_unordered(AT_ONCE);
        while let Some((passage, questions)) = asked.next().await {
            let questions = match questions {
                Ok(questions) => questions,
                Err(QuestionError::Protocol) => Vec::new(),
                Err(error) => return Err(error.into()),
            };
            let points = kept::points(passage, Author::Writer, &questions);
            match points.len() as u64 {
                0 => written.without += 1,
                count => {
                    (written.passages, written.questions) =
                        (written.passages + 1, written.questions + count)
                }
            }
            self.keep_questions(points).await?;
            told(written.passages + written.without);
        }
        Ok(written)
    }

    /// Forgets all questions that were written for passages. Those that are part of a document stay.
    ///
    /// # Errors
    /// [`KnowledgeBaseError`]
    pub async fn drop_questions(&self) -> Result<(), KnowledgeBaseError> {
        self.delete_questions(&kept::by(Author::Writer)).await
    }

    /// How many questions there are, whoever wrote them.
    ///
    /// # Errors
    /// [`KnowledgeBaseError`]
    pub async fn questions(&self) -> Result<u64, KnowledgeBaseError> {
        let name = self.questions_spec().name;
        let all = self.store.collections().await?;
        let found = all.iter().find(|status| status.spec.name == name);
        Ok(found.map_or(0, |status| status.points))
    }

    /// Deletes a collection and all that belongs to it, and answers how many passages it had; one that
    /// does not exist is as good as deleted.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn discard(store: &dyn Store, collection: &str) -> Result<u64, StoreError> {
        let all = store.collections().await?;
        let found = all.iter().find(|status| status.spec.name == collection);
        let passages = found.map_or(0, |status| status.points);
        let questions = kept::collection(collection);
        store.drop_collection(&questions).await?;
        store.drop_collection(collection).await?;
        Ok(passages)
    }

    fn questions_spec(&self) -> CollectionSpec {
        CollectionSpec {
            name: kept::collection(&self.spec.name),
            ..self.spec.clone()
        }
    }

    /// Passages without a question, in the order of their ids, and how many have some. Questions whose
    /// passage is gone are deleted.
    async fn without_questions(&self) -> Result<(Vec<(Uuid, Passage)>, u64), KnowledgeBaseError> {
        let name = self.questions_spec().name;
        let mut asked = HashSet::new();
        self.each_of(&name, &Filter::default(), |question| {
            asked.extend(kept::passage_of(&question));
        })
        .await?;
        let (mut left, mut had) = (Vec::new(), 0);
        self.each(&Filter::default(), |point| match asked.remove(&point.id) {
            true => had += 1,
            false => left.push((point.id, point::passage(&point, 0.0, Relevance::Perhaps))),
        })
        .await?;
        let gone: Vec<Uuid> = asked.into_iter().collect();
        self.delete_questions_of(&gone, None).await?;
        Ok((left, had))
    }

    /// Keeps the questions that documents bring along in place of those they brought before. To be called
    /// before the passages are written: what is killed in between is then done again.
    pub(super) async fn keep_brought(&self, passages: &[Point]) -> Result<(), KnowledgeBaseError> {
        let ids: Vec<Uuid> = passages.iter().map(|point| point.id).collect();
        self.delete_questions_of(&ids, Some(Author::Document))
            .await?;
        let brought = passages
            .iter()
            .flat_map(|point| kept::points(point.id, Author::Document, &kept::brought(point)));
        let brought: Vec<Point> = brought.collect();
        if !brought.is_empty() {
            self.store.setup(&self.questions_spec()).await?;
        }
        self.keep_questions(brought).await
    }

    async fn keep_questions(&self, mut points: Vec<Point>) -> Result<(), KnowledgeBaseError> {
        let name = self.questions_spec().name;
        for batch in points.chunks_mut(BATCH) {
            if let Some(embedder) = &self.embedder {
                let texts: Vec<_> = batch.iter().map(|point| point.text.clone()).collect();
                // A question is compared with a question.
                let vectors = embedder.embed(TextKind::Query, &texts).await?;
                if vectors.len() != batch.len() {
                    return Err(EmbedError::Protocol.into());
                }
                for (point, vector) in batch.iter_mut().zip(vectors) {
                    point.dense = Some(vector);
                }
            }
            self.store.upsert(&name, batch.to_vec()).await?;
        }
        Ok(())
    }

    /// The questions of some passages.
    pub(super) async fn questions_of(
        &self,
        passages: &[Uuid],
    ) -> Result<HashMap<Uuid, Vec<String>>, KnowledgeBaseError> {
        let mut all = HashMap::<Uuid, Vec<String>>::new();
        let which = Filter {
            must: vec![kept::of(passages)],
        };
        let name = self.questions_spec().name;
        let read = self.each_of(&name, &which, |question| {
            if let Some(passage) = kept::passage_of(&question) {
                all.entry(passage).or_default().push(question.text);
            }
        });
        match read.await {
            Err(KnowledgeBaseError::Store(StoreError::NoCollection(_))) => {}
            done => done?,
        }
        Ok(all)
    }

    /// Deletes what was written for some passages, by one author or by all.
    pub(super) async fn delete_questions_of(
        &self,
        passages: &[Uuid],
        author: Option<Author>,
    ) -> Result<(), KnowledgeBaseError> {
        if passages.is_empty() {
            return Ok(());
        }
        let mut which = author.map(kept::by).unwrap_or_default();
        which.must.push(kept::of(passages));
        self.delete_questions(&which).await
    }

    async fn delete_questions(&self, which: &Filter) -> Result<(), KnowledgeBaseError> {
        match self.store.delete(&self.questions_spec().name, which).await {
            Err(StoreError::NoCollection(_)) => Ok(()),
            done => Ok(done?),
        }
    }
}
