//! The questions that passages answer: who writes them, and where they are kept.

use super::{KnowledgeBase, KnowledgeBaseError, catalog::PAGE, ingest::BATCH};
use crate::{
    embedding::TextKind,
    knowledge::{
        QuestionError, QuestionWriter, Relevance, point,
        questions::kept::{self, Author},
    },
    store::{CollectionSpec, Condition, Filter, Point, Store, StoreError},
};
use futures::StreamExt;
use std::collections::HashMap;
use uuid::Uuid;

/// Passages that are read at the same time.
const AT_ONCE: usize = 4;
/// After so many passages in a row for which a model was out of reach, or nothing was written although
/// nothing ever was, it is not the passages' fault.
const IN_VAIN: u32 = 5;

/// For which passages questions are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unasked {
    /// Those that have none.
    #[default]
    Only,
    /// All of them: a passage's questions are replaced when its new ones are there. Those that are part of
    /// a document stay, and its passages get no others.
    AndAsked,
}

/// How far the writing of questions has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuestionProgress {
    /// Passages that are to be read.
    pub passages: u64,
    /// How many of those were read.
    pub done: u64,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QuestionsWritten {
    /// Passages that got questions.
    pub passages: u64,
    /// Questions that were written for them.
    pub questions: u64,
    /// Passages that had questions and kept them.
    pub had: u64,
    /// Passages for which nothing was written; the next call tries again.
    pub without: u64,
}

impl KnowledgeBase {
    /// Has the questions written that passages answer; conversations then find passages by them too. Not
    /// needed, and slow: some seconds a passage with a language model.
    ///
    /// After a kill or an error the same call does what is left to do; [`Unasked::AndAsked`] begins anew. A
    /// passage that changes with an ingest loses its questions. `progress` is called before the first passage and after each; it should
    /// return at once.
    ///
    /// # Errors
    /// [`KnowledgeBaseError::Questions`] if the writer refuses the key, is out of reach for five passages in
    /// a row, or writes nothing for the first five of a collection without questions; else those of the
    /// store and of the embedder. Other passages that nothing is written for are counted.
    pub async fn write_questions(
        &self,
        writer: &dyn QuestionWriter,
        which: Unasked,
        progress: &(dyn Fn(QuestionProgress) + Send + Sync),
    ) -> Result<QuestionsWritten, KnowledgeBaseError> {
        if let (Some(dense), None) = (&self.spec.dense, &self.embedder) {
            return Err(KnowledgeBaseError::Model(dense.model.clone()));
        }
        self.store.setup(&self.questions_spec()).await?;
        let (left, had) = self.unasked(which).await?;
        let mut done = Writing {
            written: QuestionsWritten {
                had,
                ..QuestionsWritten::default()
            },
            in_vain: 0,
        };
        let told = |read| {
            let passages = left.len() as u64;
            progress(QuestionProgress {
                passages,
                done: read,
            });
        };
        told(0);
        for page in left.chunks(PAGE) {
            // Passages that an ingest deletes meanwhile are not read any more.
            let which = Filter {
                must: vec![Condition::Ids(page.to_vec())],
            };
            let passages = self.store.scroll(&self.spec.name, &which, None, PAGE);
            let asked = passages.await?.into_iter().map(|point| async move {
                let passage = point::passage(&point, 0.0, Relevance::Perhaps);
                (point, writer.questions(&passage).await)
            });
            let mut asked = futures::stream::iter(asked).buffer_unordered(AT_ONCE);
            while let Some((passage, questions)) = asked.next().await {
                self.take(&passage, questions, &mut done).await?;
                told(done.written.passages + done.written.without);
            }
        }
        Ok(done.written)
    }

    /// Keeps what was written for a passage, in place of what was written before.
    async fn take(
        &self,
        passage: &Point,
        questions: Result<Vec<String>, QuestionError>,
        done: &mut Writing,
    ) -> Result<(), KnowledgeBaseError> {
        let questions = match questions {
            Ok(questions) if !questions.is_empty() => questions,
            Err(QuestionError::Unauthorized) => return Err(QuestionError::Unauthorized.into()),
            nothing => {
                done.written.without += 1;
                let error = nothing.err().unwrap_or(QuestionError::Protocol);
                return match done.is_in_vain(error) {
                    true => Err(error.into()),
                    false => Ok(()),
                };
            }
        };
        let points = kept::points(passage, Author::Writer, &questions);
        done.in_vain = 0;
        done.written.passages += 1;
        done.written.questions += points.len() as u64;
        let points = self.embedded(points).await?;
        self.delete_questions(&kept::by(Author::Writer, &[passage.id]))
            .await?;
        self.keep_questions(points).await
    }

    /// How many questions there are, whoever wrote them.
    ///
    /// # Errors
    /// [`KnowledgeBaseError`]
    pub async fn questions(&self) -> Result<u64, KnowledgeBaseError> {
        let found = self.store.collection(&self.questions_spec().name).await?;
        Ok(found.map_or(0, |status| status.points))
    }

    /// Deletes a collection and all that belongs to it, and answers how many passages it had; one that
    /// does not exist is as good as deleted.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn discard(store: &dyn Store, collection: &str) -> Result<u64, StoreError> {
        let found = store.collection(collection).await?;
        let passages = found.map_or(0, |status| status.points);
        let questions = kept::collection(collection);
        store.drop_collection(&questions).await?;
        store.drop_collection(collection).await?;
        Ok(passages)
    }

    /// Does for the questions what a set up does for passages: their words may be kept in an older way.
    pub(super) async fn renew_questions(&self) -> Result<(), KnowledgeBaseError> {
        if self.questions().await? > 0 {
            self.store.setup(&self.questions_spec()).await?;
        }
        Ok(())
    }

    fn questions_spec(&self) -> CollectionSpec {
        CollectionSpec {
            name: kept::collection(&self.spec.name),
            ..self.spec.clone()
        }
    }

    /// Passages that are to be read, in the order of their ids, and how many others there are. What was
    /// written for passages that are gone is deleted.
    async fn unasked(&self, which: Unasked) -> Result<(Vec<Uuid>, u64), KnowledgeBaseError> {
        let mut asked = HashMap::new();
        let name = self.questions_spec().name;
        self.each_of(&name, &Filter::default(), |question| {
            if let Some(passage) = kept::passage_of(&question) {
                // Those of the document tell more: they stay whatever is asked for.
                let known = asked.entry(passage).or_insert_with(|| question.clone());
                if kept::is_by(&question, Author::Document) {
                    *known = question;
                }
            }
        })
        .await?;
        let (mut left, mut had) = (Vec::new(), 0);
        self.each(&Filter::default(), |passage| {
            let question = asked.remove(&passage.id);
            let stays = question.is_some_and(|question| {
                let replaced = which == Unasked::AndAsked && kept::is_by(&question, Author::Writer);
                !replaced && kept::is_of(&question, &passage)
            });
            match stays {
                true => had += 1,
                false => left.push(passage.id),
            }
        })
        .await?;
        let gone: Vec<Uuid> = asked.into_keys().collect();
        for page in gone.chunks(PAGE) {
            // An ingest keeps what documents bring before it keeps their passages.
            self.delete_questions(&kept::by(Author::Writer, page))
                .await?;
        }
        Ok((left, had))
    }

    /// Keeps the questions that documents bring along in place of those they brought before, and deletes
    /// what was written for passages that say something else now. To be called before the passages are
    /// written: what is killed in between is then done again.
    pub(super) async fn keep_brought(&self, passages: &[Point]) -> Result<(), KnowledgeBaseError> {
        let ids: Vec<Uuid> = passages.iter().map(|point| point.id).collect();
        let mut stale = Vec::new();
        self.each_question(&ids, |question| {
            let is_kept = kept::is_by(&question, Author::Writer)
                && passages
                    .iter()
                    .any(|passage| kept::is_of(&question, passage));
            if !is_kept {
                stale.push(question.id);
            }
        })
        .await?;
        for page in stale.chunks(PAGE) {
            let which = Filter {
                must: vec![Condition::Ids(page.to_vec())],
            };
            self.delete_questions(&which).await?;
        }
        let brought = passages
            .iter()
            .flat_map(|point| kept::points(point, Author::Document, &kept::brought(point)));
        let brought: Vec<Point> = brought.collect();
        if brought.is_empty() {
            return Ok(());
        }
        self.store.setup(&self.questions_spec()).await?;
        self.keep_questions(self.embedded(brought).await?).await
    }

    /// With their vectors, where the collection has any.
    async fn embedded(&self, mut questions: Vec<Point>) -> Result<Vec<Point>, KnowledgeBaseError> {
        for batch in questions.chunks_mut(BATCH) {
            // A question is compared with a question.
            self.embed(TextKind::Query, batch).await?;
        }
        Ok(questions)
    }

    async fn keep_questions(&self, questions: Vec<Point>) -> Result<(), KnowledgeBaseError> {
        let name = self.questions_spec().name;
        Ok(self.store.upsert(&name, questions).await?)
    }

    /// The questions of some passages.
    pub(super) async fn questions_of(
        &self,
        passages: &[Uuid],
    ) -> Result<HashMap<Uuid, Vec<String>>, KnowledgeBaseError> {
        let mut all = HashMap::<Uuid, Vec<String>>::new();
        self.each_question(passages, |question| {
            if let Some(passage) = kept::passage_of(&question) {
                all.entry(passage).or_default().push(question.text);
            }
        })
        .await?;
        Ok(all)
    }

    /// Gives every question of some passages; none where nobody has written any.
    async fn each_question(
        &self,
        passages: &[Uuid],
        take: impl FnMut(Point),
    ) -> Result<(), KnowledgeBaseError> {
        let name = self.questions_spec().name;
        match self.each_of(&name, &kept::of(passages), take).await {
            Err(KnowledgeBaseError::Store(StoreError::NoCollection(_))) => Ok(()),
            done => done,
        }
    }

    /// Deletes all that was written for some passages.
    pub(super) async fn delete_questions_of(
        &self,
        passages: &[Uuid],
    ) -> Result<(), KnowledgeBaseError> {
        self.delete_questions(&kept::of(passages)).await
    }

    async fn delete_questions(&self, which: &Filter) -> Result<(), KnowledgeBaseError> {
        match self.store.delete(&self.questions_spec().name, which).await {
            Err(StoreError::NoCollection(_)) => Ok(()),
            done => Ok(done?),
        }
    }
}

/// How far it has come, and how often in a row nothing came.
struct Writing {
    written: QuestionsWritten,
    in_vain: u32,
}

impl Writing {
    /// Whether it is no use to go on after nothing was written for one more passage. What has nothing to
    /// be asked about, a table of contents say, may be all that is left.
    fn is_in_vain(&mut self, error: QuestionError) -> bool {
        let ever = self.written.had + self.written.passages > 0;
        if ever && error == QuestionError::Protocol {
            return false;
        }
        self.in_vain += 1;
        self.in_vain >= IN_VAIN
    }
}
