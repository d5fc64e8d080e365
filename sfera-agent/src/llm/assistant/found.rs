//! Reading out what a search found.

use super::passage::excerpt;
use crate::knowledge::{Passage, Relevance};

/// What is read of one result.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) title: String,
    pub(super) text: String,
    pub(super) url: String,
}

/// The first of the results that says something. They stand as the search's tool gives them: `1. title`,
/// the text, the address, an empty line.
pub(super) fn first(results: &str, question: &str) -> Option<Found> {
    results
        .split("\n\n")
        .find_map(|result| read(result, question))
}

fn read(result: &str, question: &str) -> Option<Found> {
    let (title, rest) = result.split_once('\n')?;
    let (text, url) = rest.rsplit_once('\n')?;
    let (number, title) = title.split_once(". ")?;
    let passage = Passage {
        title: title.to_owned(),
        section: None,
        text: text.to_owned(),
        score: 1.0,
        relevance: Relevance::Answers,
    };
    let text = excerpt(&passage, question);
    let fits = number.parse::<u32>().is_ok() && !text.is_empty();
    fits.then(|| Found {
        title: passage.title,
        text,
        url: url.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_result_with_a_text_is_read() {
        let results = "1. Пусто\n\nhttps://a.example/\n\n\
                       2. Компас. Прибор\nКомпас придумали в Китае.\nhttps://b.example/\n\n\
                       3. Ещё\nТекст.\nhttps://c.example/";
        let found = Found {
            title: "Компас. Прибор".into(),
            text: "Компас придумали в Китае.".into(),
            url: "https://b.example/".into(),
        };
        assert_eq!(first(results, "кто придумал компас"), Some(found));
        for other in ["", "нечто", "а\nб\nв", "1. а"] {
            assert_eq!(first(other, "что"), None, "{other}");
        }
    }
}
