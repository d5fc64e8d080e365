//! What conversations are about.

use super::is_russian;
use crate::language::words::{is_stop_word, stem, words};
use std::collections::HashMap;

/// Topics a summary names, at most.
const TOPICS: usize = 5;

/// What a conversation was about by what was said most; nothing if nothing was.
pub(in crate::memory) fn topics(said: &[String]) -> Option<String> {
    let mut counts: HashMap<String, (usize, usize, String)> = HashMap::new();
    let spoken = said.iter().flat_map(|text| words(text));
    for (place, word) in spoken.enumerate() {
        if !is_stop_word(&word) && word.chars().count() > 2 {
            let (count, ..) = counts.entry(stem(&word)).or_insert((0, place, word));
            *count += 1;
        }
    }
    let mut topics: Vec<_> = counts.into_values().collect();
    topics.sort_by_key(|(count, place, _)| (std::cmp::Reverse(*count), *place));
    topics.truncate(TOPICS);
    topics.sort_by_key(|(_, place, _)| *place);
    let topics: Vec<_> = topics.into_iter().map(|(.., word)| word).collect();
    let russian = topics.iter().any(|word| word.chars().any(is_russian));
    let heading = if russian { "Темы" } else { "Topics" };
    (!topics.is_empty()).then(|| format!("{heading}: {}.", topics.join(", ")))
}
