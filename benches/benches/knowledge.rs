//! How well the knowledge base finds what is asked for: a set of Russian questions, put as people and
//! recognisers put them, some of them with no answer. Counts, no times: the same in every run.
//!
//! `-- --misses` names what was not found among the first three, and what was found in vain.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on has no figures"
)]

use async_trait::async_trait;
use sfera_agent::{
    embedding::{CacheEmbedder, E5, Embedder, TextKind},
    knowledge::{
        FileKnowledge, Knowledge, KnowledgeBase, KnowledgeError, Passage, QuestionError,
        QuestionWriter, Relevance, Retriever, Unasked,
    },
    llm::Grounding,
    models::Models,
    reranking::{RerankServer, RerankServerOptions, Reranker},
    store::{CollectionSpec, DenseSpec, Hit, Point, Query, SqliteStore, Store},
};
use sfera_benches::{
    Row, print_table,
    retrieval::{Kind, Outcome, Part, Score, Set, ask},
};
use std::{collections::HashMap, path::Path, sync::Arc, time::Duration};
use uuid::Uuid;

const COLLECTION: &str = "knowledge";
/// What is counted of the questions that have an answer.
const FOUND: [&str; 5] = ["recall@1", "recall@3", "MRR", "read out", "offered"];

/// The sections in a store, as the library keeps passages.
async fn stored(set: &Set, file: &Path, embedder: Option<&Arc<dyn Embedder>>) -> Arc<dyn Store> {
    let store = SqliteStore::open(file).await.unwrap();
    let spec = CollectionSpec {
        name: COLLECTION.into(),
        language: None,
        dense: embedder.map(|embedder| DenseSpec {
            model: embedder.model().into(),
            dimension: embedder.dimension(),
        }),
    };
    store.setup(&spec).await.unwrap();
    let texts = set.sections.iter();
    let texts = texts.map(|s| format!("{} › {}\n{}", s.title, s.heading, s.text));
    let texts: Vec<String> = texts.collect();
    let vectors = match embedder {
        Some(embedder) => {
            let vectors = embedder.embed(TextKind::Passage, &texts).await.unwrap();
            vectors.into_iter().map(Some).collect()
        }
        None => vec![None; texts.len()],
    };
    let mut points = Vec::new();
    for (n, ((section, text), dense)) in (0..).zip(set.sections.iter().zip(texts).zip(vectors)) {
        let mut payload = serde_json::Map::new();
        payload.insert("title".into(), section.title.clone().into());
        payload.insert("section".into(), section.heading.clone().into());
        points.push(Point {
            id: Uuid::from_u128(n),
            text,
            dense,
            payload,
        });
    }
    store.upsert(COLLECTION, points).await.unwrap();
    Arc::new(store)
}

/// What a store finds; all of it is taken for an answer.
struct Found {
    store: Arc<dyn Store>,
    embedder: Option<Arc<dyn Embedder>>,
    words: bool,
}

#[async_trait]
impl Knowledge for Found {
    async fn search(&self, query: &str, limit: usize) -> Result<Vec<Passage>, KnowledgeError> {
        let dense = match &self.embedder {
            Some(embedder) => {
                let query = [query.to_owned()];
                let vectors = embedder.embed(TextKind::Query, &query).await;
                vectors.unwrap().pop()
            }
            None => None,
        };
        let query = Query {
            text: self.words.then(|| query.to_owned()),
            dense,
            limit,
            ..Query::default()
        };
        let hits = self.store.search(COLLECTION, &query).await.unwrap();
        let passage = |hit: Hit| {
            let known = |key: &str| Some(hit.point.payload.get(key)?.as_str()?.to_owned());
            Passage {
                title: known("title").unwrap_or_default(),
                section: known("section"),
                text: hit.point.text.clone(),
                score: hit.score,
                relevance: Relevance::Answers,
            }
        };
        Ok(hits.into_iter().map(passage).collect())
    }
}

/// Writes what a language model has written before.
struct Written<'a>(&'a Set);

#[async_trait]
impl QuestionWriter for Written<'_> {
    async fn questions(&self, passage: &Passage) -> Result<Vec<String>, QuestionError> {
        let section = self.0.section_of(passage).unwrap();
        let mut all = self.0.expected.iter();
        let expected = all.find(|expected| expected.passage == section.id);
        Ok(expected.unwrap().questions.clone())
    }
}

/// A knowledge base as `sfera kb ingest` and `sfera kb questions` make it.
async fn expecting(set: &Set, file: &Path, embedder: Option<Arc<dyn Embedder>>) -> Box<Retriever> {
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(file).await.unwrap());
    let base = KnowledgeBase::setup(store, COLLECTION, None, embedder)
        .await
        .unwrap();
    base.ingest(&[Set::folder()], &|_| {}).await.unwrap();
    let written = base
        .write_questions(&Written(set), Unasked::Only, &|_| {})
        .await
        .unwrap();
    assert_eq!(written.passages, set.sections.len() as u64);
    Box::new(base.retriever())
}

/// The reranker that the environment names.
fn reranker() -> Option<Arc<dyn Reranker>> {
    let variables: HashMap<_, _> = std::env::vars().collect();
    let get = |name: &str| variables.get(name).map(String::as_str);
    let options = RerankServerOptions::of_environment(get).unwrap()?;
    Some(Arc::new(RerankServer::new(options).unwrap()))
}

/// Everything that is compared, a row each. Without the embedding model only what needs none.
async fn retrievers(set: &Set, stores: &Path) -> Vec<(&'static str, Box<dyn Knowledge>)> {
    let folder = FileKnowledge::open(Set::folder()).await.unwrap();
    assert_eq!(
        folder.len(),
        set.sections.len(),
        "a section cut in two would take two places among three"
    );
    let words = stored(set, &stores.join("words.db"), None).await;
    let retriever = |store: &Arc<dyn Store>, embedder: Option<Arc<dyn Embedder>>| {
        Box::new(Retriever::new(
            Arc::clone(store),
            embedder,
            COLLECTION,
            None,
        ))
    };
    let found = |store: &Arc<dyn Store>, embedder: Option<Arc<dyn Embedder>>, words: bool| {
        let store = Arc::clone(store);
        Box::new(Found {
            store,
            embedder,
            words,
        })
    };
    let mut all: Vec<(&'static str, Box<dyn Knowledge>)> = vec![
        ("BM25 of a folder", Box::new(folder)),
        ("BM25", found(&words, None, true)),
        ("BM25, weighed", retriever(&words, None)),
        (
            "BM25, questions",
            expecting(set, &stores.join("words-asked.db"), None).await,
        ),
    ];
    let path = Models::open(None).unwrap().path("e5-small");
    let Ok(path) = path else {
        println!("`sfera models pull e5-small`, and there are rows with meaning.");
        return all;
    };
    let e5 = Arc::new(E5::load(&path).unwrap());
    // Each question is put three times.
    let e5: Arc<dyn Embedder> = Arc::new(CacheEmbedder::new(e5));
    let both = stored(set, &stores.join("both.db"), Some(&e5)).await;
    let e5 = || Some(Arc::clone(&e5));
    all.push(("dense", found(&both, e5(), false)));
    all.push(("hybrid", found(&both, e5(), true)));
    all.push(("hybrid, weighed", retriever(&both, e5())));
    let asked = expecting(set, &stores.join("both-asked.db"), e5()).await;
    all.push(("hybrid, questions", asked));
    if let Some(reranker) = reranker() {
        let retriever = Retriever::new(both, e5(), COLLECTION, None);
        let reranked = retriever.reranked(reranker, Duration::from_secs(60));
        all.push(("hybrid, reranked", Box::new(reranked)));
    }
    all
}

fn figure(share: f64) -> String {
    format!("{share:.3}")
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn of_kind(outcomes: &[Outcome], is: impl Fn(Kind) -> bool) -> Vec<Outcome> {
    outcomes.iter().copied().filter(|o| is(o.kind)).collect()
}

/// As [`FOUND`] has them.
fn figures(score: &Score) -> [String; 5] {
    [
        figure(score.recall_at_1),
        figure(score.recall_at_3),
        figure(score.mrr),
        percent(score.rightly),
        percent(score.offered),
    ]
}

fn heads<'a>(before: &[&'a str], after: &[&'a str]) -> Vec<&'a str> {
    [before, &FOUND, after].concat()
}

fn in_all(name: &str, outcomes: &[Outcome]) -> Row {
    let answerable = Score::of(&of_kind(outcomes, |kind| kind != Kind::Negative));
    let negative = Score::of(&of_kind(outcomes, |kind| kind == Kind::Negative));
    let mut row = figures(&answerable).to_vec();
    row.extend([percent(negative.answered), percent(negative.offers)]);
    Row {
        what: name.to_owned(),
        figures: row,
    }
}

fn by_kind(kind: Kind, name: &str, outcomes: &[Outcome]) -> Row {
    let score = Score::of(&of_kind(outcomes, |k| k == kind));
    let mut row = vec![name.to_owned(), score.count.to_string()];
    row.extend(figures(&score));
    Row {
        what: kind.name().to_owned(),
        figures: row,
    }
}

fn print_misses(set: &Set, name: &str, outcomes: &[Outcome]) {
    for (question, outcome) in set.questions.iter().zip(outcomes) {
        let good = match question.kind {
            Kind::Negative => !outcome.answered,
            _ => outcome.rank.is_some_and(|rank| rank <= 3),
        };
        if !good {
            println!("- {name}, {}: {}", question.id, question.text);
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let set = Set::load().unwrap();
    let flaws = set.flaws();
    assert!(flaws.is_empty(), "{}", flaws.join("\n"));
    // As many as an answer stands on.
    let limit = Grounding::default().limit;
    let mut asked = Vec::new();
    let stores = tempfile::tempdir().unwrap();
    for (name, knowledge) in retrievers(&set, stores.path()).await {
        let outcomes = ask(&set, knowledge.as_ref(), limit).await.unwrap();
        asked.push((name, outcomes));
    }
    let answerable = set.questions.iter().filter(|q| q.kind != Kind::Negative);
    let answerable = answerable.count();
    println!(
        "{} passages, {answerable} questions with an answer and {} without, {limit} passages each",
        set.sections.len(),
        set.questions.len() - answerable,
    );
    let rows = Part::ALL.iter().flat_map(|part| {
        asked.iter().map(move |(name, outcomes)| {
            let outcomes = outcomes.iter().filter(|o| o.part == *part);
            let outcomes: Vec<_> = outcomes.copied().collect();
            in_all(&format!("{} | {name}", part.name()), &outcomes)
        })
    });
    let rows: Vec<Row> = rows.collect();
    print_table(
        &heads(
            &["questions", "retriever"],
            &["false answers", "false offers"],
        ),
        &rows,
    );
    println!();
    let kinds = Kind::ALL.into_iter().filter(|k| *k != Kind::Negative);
    let rows = kinds.flat_map(|kind| asked.iter().map(move |(name, o)| by_kind(kind, name, o)));
    print_table(
        &heads(&["questions", "retriever", "count"], &[]),
        &rows.collect::<Vec<_>>(),
    );
    if std::env::args().any(|argument| argument == "--misses") {
        println!();
        for (name, outcomes) in &asked {
            print_misses(&set, name, outcomes);
        }
    }
}
