use super::{Kind, Part, Set};
use sfera_agent::knowledge::{Knowledge, KnowledgeError, Passage, Relevance};

/// How one question was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How it was put.
    pub kind: Kind,
    /// What was known of it.
    pub part: Part,
    /// Whether the embedded assistant reads a passage out as the answer: the first one, if it is
    /// [`Relevance::Answers`].
    pub answered: bool,
    /// Whether that one is right.
    pub rightly: bool,
    /// Whether it offers one instead.
    pub offers: bool,
    /// Whether that one is right.
    pub offered: bool,
    /// The place of the first right passage, counted from 1.
    pub rank: Option<usize>,
}

/// Asks every question, in the order of the set, for so many passages at most.
///
/// # Errors
/// [`KnowledgeError`] of the first search that fails.
pub async fn ask(
    set: &Set,
    knowledge: &dyn Knowledge,
    limit: usize,
) -> Result<Vec<Outcome>, KnowledgeError> {
    let mut outcomes = Vec::new();
    for question in &set.questions {
        let passages = knowledge.search(&question.text, limit).await?;
        let right = |passage: &Passage| {
            let section = set.section_of(passage);
            section.is_some_and(|s| question.passages.contains(&s.id))
        };
        let answer = passages.first();
        let answer = answer.filter(|passage| passage.relevance == Relevance::Answers);
        let mut near = passages
            .iter()
            .filter(|p| p.relevance != Relevance::Perhaps);
        let offer = near.next().filter(|_| answer.is_none());
        outcomes.push(Outcome {
            kind: question.kind,
            part: question.part(),
            answered: answer.is_some(),
            rightly: answer.is_some_and(right),
            offers: offer.is_some(),
            offered: offer.is_some_and(right),
            rank: passages.iter().position(right).map(|place| place + 1),
        });
    }
    Ok(outcomes)
}

/// Means over questions, each from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Score {
    /// How many questions.
    pub count: usize,
    /// A right passage comes first.
    pub recall_at_1: f64,
    /// A right passage is among the first three.
    pub recall_at_3: f64,
    /// The mean of 1 ÷ the place of the first right passage, 0 where there is none.
    pub mrr: f64,
    /// A passage was read out as the answer, right or wrong; of a negative question, a false answer.
    pub answered: f64,
    /// A right one was.
    pub rightly: f64,
    /// None was, and one was offered; of a negative question, in vain.
    pub offers: f64,
    /// None was, and a right one was offered.
    pub offered: f64,
}

impl Score {
    /// Of these outcomes; zeros where there are none.
    #[must_use]
    pub fn of(outcomes: &[Outcome]) -> Self {
        let count = outcomes.len();
        let of_all = |sum: f64| sum / count.max(1) as f64;
        let share = |is: &dyn Fn(&Outcome) -> bool| {
            of_all(outcomes.iter().filter(|o| is(o)).count() as f64)
        };
        let within = |most| share(&|o| o.rank.is_some_and(|rank| rank <= most));
        let ranks = outcomes.iter().filter_map(|o| o.rank);
        Self {
            count,
            recall_at_1: within(1),
            recall_at_3: within(3),
            // `sum` makes −0 of nothing, and tables would show it.
            mrr: of_all(ranks.fold(0.0, |sum, rank| sum + 1.0 / rank as f64)),
            answered: share(&|o| o.answered),
            rightly: share(&|o| o.rightly),
            offers: share(&|o| o.offers),
            offered: share(&|o| o.offered),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_passage_counts_by_its_place() {
        let outcome = |rank, answered| Outcome {
            kind: Kind::Plain,
            part: Part::First,
            answered,
            rightly: answered && rank == Some(1),
            offers: !answered,
            offered: !answered,
            rank,
        };
        let outcomes = [
            outcome(Some(1), true),
            outcome(Some(2), true),
            outcome(Some(4), true),
            outcome(None, false),
        ];
        let score = Score {
            count: 4,
            recall_at_1: 0.25,
            recall_at_3: 0.5,
            mrr: 0.4375,
            answered: 0.75,
            rightly: 0.25,
            offers: 0.25,
            offered: 0.25,
        };
        assert_eq!(Score::of(&outcomes), score);
        assert_eq!(Score::of(&[]), Score::default());
    }
}
