//! How well the knowledge base finds what is asked for: a set of Russian questions, put as people and
//! recognisers put them, some of them with no answer. Counts, no times: the same in every run.
//!
//! `-- --misses` names what was not found among the first three, and what was found in vain.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on has no figures"
)]

use sfera_agent::{
    knowledge::{FileKnowledge, Knowledge, Retriever},
    llm::Grounding,
    store::{CollectionSpec, Point, SqliteStore, Store},
};
use sfera_benches::{
    Row, print_table,
    retrieval::{Kind, Outcome, Score, Set, ask},
};
use std::{path::Path, sync::Arc};
use uuid::Uuid;

/// What is counted of the questions that have an answer.
const FOUND: [&str; 4] = ["recall@1", "recall@3", "MRR", "no passage"];

/// The sections in a store, as the library keeps passages.
async fn stored(set: &Set, folder: &Path) -> Retriever {
    let store = SqliteStore::open(folder.join("words.db")).await.unwrap();
    let spec = CollectionSpec {
        name: "knowledge".into(),
        language: None,
        dense: None,
    };
    store.setup(&spec).await.unwrap();
    let points = (0..).zip(&set.sections).map(|(n, section)| {
        let mut payload = serde_json::Map::new();
        payload.insert("title".into(), section.title.clone().into());
        payload.insert("section".into(), section.heading.clone().into());
        Point {
            id: Uuid::from_u128(n),
            text: format!("{} › {}\n{}", section.title, section.heading, section.text),
            dense: None,
            payload,
        }
    });
    store.upsert(&spec.name, points.collect()).await.unwrap();
    Retriever::new(Arc::new(store), None, spec.name, spec.language)
}

/// Everything that is compared, a row each.
async fn retrievers(set: &Set, stores: &Path) -> Vec<(&'static str, Box<dyn Knowledge>)> {
    let folder = FileKnowledge::open(Set::folder()).await.unwrap();
    assert_eq!(
        folder.len(),
        set.sections.len(),
        "a section cut in two would take two places among three"
    );
    let words = stored(set, stores).await;
    vec![
        ("BM25, folder", Box::new(folder)),
        ("BM25, SQLite", Box::new(words)),
    ]
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
fn figures(score: &Score) -> [String; 4] {
    [
        figure(score.recall_at_1),
        figure(score.recall_at_3),
        figure(score.mrr),
        percent(1.0 - score.answered),
    ]
}

fn heads<'a>(before: &[&'a str], after: &[&'a str]) -> Vec<&'a str> {
    [before, &FOUND, after].concat()
}

fn in_all(name: &str, outcomes: &[Outcome]) -> Row {
    let answerable = Score::of(&of_kind(outcomes, |kind| kind != Kind::Negative));
    let negative = Score::of(&of_kind(outcomes, |kind| kind == Kind::Negative));
    let mut row = figures(&answerable).to_vec();
    row.push(percent(negative.answered));
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
    let rows: Vec<Row> = asked.iter().map(|(name, o)| in_all(name, o)).collect();
    print_table(&heads(&["retriever"], &["false answers"]), &rows);
    println!();
    // Thresholds were chosen on the first half.
    let halves = [("1st, 3rd, …", 0), ("2nd, 4th, …", 1)];
    let rows = halves.iter().flat_map(|(half, start)| {
        asked.iter().map(move |(name, outcomes)| {
            let outcomes: Vec<_> = outcomes.iter().skip(*start).step_by(2).copied().collect();
            in_all(&format!("{half} | {name}"), &outcomes)
        })
    });
    let rows: Vec<Row> = rows.collect();
    print_table(
        &heads(&["questions", "retriever"], &["false answers"]),
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
