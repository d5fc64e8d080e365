use super::{Kind, Question, Section, Set};
use std::collections::HashSet;

const SECTIONS: usize = 60;
const QUESTIONS: usize = 120;
/// Of each kind.
const EACH: usize = 25;
/// Letters by which words are taken for relatives: «риском» and «рисковать».
const ROOT: usize = 5;

impl Set {
    /// What is wrong with the set, each in a sentence; empty where it can be relied on.
    #[must_use]
    pub fn flaws(&self) -> Vec<String> {
        let mut flaws = self.too_few();
        let headings = self.sections.iter();
        flaws.extend(twice(
            headings.map(|s| format!("{}#{}", s.title, s.heading)),
        ));
        flaws.extend(twice(self.sections.iter().map(|s| s.text.clone())));
        let empty = self.sections.iter().filter(|s| s.text.trim().is_empty());
        flaws.extend(empty.map(|s| format!("{} is empty", s.id)));
        flaws.extend(twice(self.questions.iter().map(|q| q.id.clone())));
        // What was expected in these very words would be found by them alone.
        let expected = self.expected.iter().flat_map(|e| &e.questions);
        let asked = self.questions.iter().map(|q| &q.text);
        flaws.extend(twice(asked.chain(expected).map(|text| letters(text))));
        let known = |id: &str| self.sections.iter().any(|s| s.id == id);
        let of_nothing = self.expected.iter().filter(|e| !known(&e.passage));
        flaws.extend(of_nothing.map(|e| format!("{} is no section", e.passage)));
        let of_questions = self.questions.iter().flat_map(|q| self.flaws_of(q));
        flaws.extend(of_questions);
        flaws
    }

    fn too_few(&self) -> Vec<String> {
        let kinds = Kind::ALL.map(|kind| {
            let count = self.questions.iter().filter(|q| q.kind == kind).count();
            (kind.name(), count, EACH)
        });
        let wholes = [
            ("sections", self.sections.len(), SECTIONS),
            ("questions", self.questions.len(), QUESTIONS),
        ];
        let few = wholes.into_iter().chain(kinds).filter(|(_, n, m)| n < m);
        few.map(|(what, n, least)| format!("{what}: {n} of {least}"))
            .collect()
    }

    fn flaws_of(&self, question: &Question) -> Vec<String> {
        let mut flaws = twice(question.passages.iter().cloned());
        if question.passages.is_empty() != (question.kind == Kind::Negative) {
            flaws.push("a negative question alone has no passages".to_owned());
        }
        let text = &question.text;
        let as_heard = |c: char| c == ' ' || c.is_lowercase();
        match question.kind {
            Kind::Spoken if !text.chars().all(as_heard) => {
                flaws.push("no recogniser writes so".to_owned());
            }
            Kind::Exact if !text.contains(|c: char| c.is_ascii_alphanumeric()) => {
                flaws.push("neither a number nor a ticker".to_owned());
            }
            _ => {}
        }
        for id in &question.passages {
            let Some(section) = self.sections.iter().find(|s| s.id == *id) else {
                flaws.push(format!("there is no {id}"));
                continue;
            };
            if question.kind == Kind::Paraphrase {
                let shared = shared(text, section);
                flaws.extend(shared.map(|root| format!("«{root}…» is in {id} too")));
            }
        }
        let named = flaws
            .into_iter()
            .map(|flaw| format!("{}: {flaw}", question.id));
        named.collect()
    }
}

fn twice(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = HashSet::new();
    all.filter(|one| !seen.insert(one.clone()))
        .map(|one| format!("twice: {one}"))
        .collect()
}

/// What is left of a text when only its letters and digits count.
fn letters(text: &str) -> String {
    let kept = text.chars().filter(|c| c.is_alphanumeric());
    kept.flat_map(char::to_lowercase).collect()
}

fn shared(text: &str, section: &Section) -> impl Iterator<Item = String> {
    let said = format!("{} {} {}", section.title, section.heading, section.text);
    let said = roots(&said);
    roots(text).into_iter().filter(move |r| said.contains(r))
}

fn roots(text: &str) -> HashSet<String> {
    let text = text.to_lowercase().replace('ё', "е");
    let words = text.split(|c: char| !c.is_alphanumeric());
    words
        .filter(|word| word.chars().count() >= ROOT)
        .map(|word| word.chars().take(ROOT).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Spoils a set.
    type Plant = fn(&mut Set);

    #[test]
    fn the_committed_set_has_no_flaws() {
        let flaws = Set::load().unwrap().flaws();
        assert!(flaws.is_empty(), "{}", flaws.join("\n"));
    }

    #[test]
    fn planted_flaws_are_found() {
        let set = Set::load().unwrap();
        let finds = |plant: Plant, flaw: &str| {
            let mut set = set.clone();
            plant(&mut set);
            let flaws = set.flaws();
            assert!(flaws.iter().any(|f| f.contains(flaw)), "{flaw}: {flaws:?}");
        };
        let plants: [(Plant, &str); 11] = [
            (|s| s.sections.truncate(SECTIONS - 1), "sections: 59 of 60"),
            (
                |s| s.questions.retain(|q| q.kind != Kind::Negative),
                "negative: 0 of 25",
            ),
            (|s| s.sections.push(s.sections[0].clone()), "twice"),
            (|s| s.sections[0].text.clear(), "is empty"),
            (|s| s.questions.push(s.questions[0].clone()), "twice"),
            (
                |s| s.questions[1].text = s.questions[0].text.to_uppercase(),
                "twice",
            ),
            (
                |s| s.questions[0].passages.clear(),
                "a negative question alone",
            ),
            (
                |s| s.questions[0].passages = vec!["fear#Нет".into()],
                "there is no fear#Нет",
            ),
            (
                |s| question(s, Kind::Spoken).text = "индекс s&p".into(),
                "no recogniser",
            ),
            (
                |s| question(s, Kind::Exact).text = "ключевая ставка".into(),
                "neither a number",
            ),
            (
                |s| {
                    let said = s.sections[0].text.clone();
                    let id = s.sections[0].id.clone();
                    let paraphrase = question(s, Kind::Paraphrase);
                    (paraphrase.text, paraphrase.passages) = (said, vec![id]);
                },
                "is in",
            ),
        ];
        for (plant, flaw) in plants {
            finds(plant, flaw);
        }
    }

    fn question(set: &mut Set, kind: Kind) -> &mut Question {
        let mut questions = set.questions.iter_mut();
        questions.find(|q| q.kind == kind).unwrap()
    }
}
