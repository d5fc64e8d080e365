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
    knowledge::{FileKnowledge, Knowledge},
    llm::Grounding,
};
use sfera_benches::{
    Row, print_table,
    retrieval::{Kind, Outcome, Score, Set, ask},
};

/// What is counted of the questions that have an answer.
const FOUND: [&str; 4] = ["recall@1", "recall@3", "MRR", "no passage"];

/// Everything that is compared, a row each.
async fn retrievers(set: &Set) -> Vec<(&'static str, Box<dyn Knowledge>)> {
    let folder = FileKnowledge::open(Set::folder()).await.unwrap();
    assert_eq!(
        folder.len(),
        set.sections.len(),
        "a section cut in two would take two places among three"
    );
    vec![("BM25", Box::new(folder))]
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
    for (name, knowledge) in retrievers(&set).await {
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
