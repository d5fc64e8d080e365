//! From sections to passages: whole sentences, as many as can be read out and compared at once.

use super::document::Section;
use unicode_segmentation::UnicodeSegmentation;

/// How sections are cut into passages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunking {
    /// Tokens of a passage; [`tokens`] counts them. A section that has at most a sixth more stays whole,
    /// and so does what is left at a section's end.
    pub tokens: usize,
    /// Tokens at a passage's end with which the next one begins again, at most, in whole sentences.
    pub overlap: usize,
}

impl Default for Chunking {
    /// 200 tokens are some five sentences, half a minute of speech; models for embeddings read 512.
    fn default() -> Self {
        Self {
            tokens: 200,
            overlap: 30,
        }
    }
}

/// A passage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Headings it stands under.
    pub path: Vec<String>,
    /// What it says; paragraphs are lines.
    pub text: String,
    /// Questions that its section answers; of one that was cut, the first passage has them.
    pub questions: Vec<String>,
    /// Bytes at its beginning with which the passage before ends.
    pub repeated: usize,
}

/// Cuts sections into passages, in their order. A passage is within one section, and is cut between
/// sentences unless one alone is too long; then between words, and in a word only if that is too long.
/// A passage that is cut again stays whole.
#[must_use]
pub fn chunks(sections: &[Section], chunking: Chunking) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    for section in sections {
        cut(section, chunking, &mut chunks);
    }
    chunks
}

/// A sentence or a part of one, and what stands between it and the one before.
struct Piece<'a> {
    before: &'static str,
    text: &'a str,
    tokens: usize,
}

fn cut(section: &Section, chunking: Chunking, chunks: &mut Vec<Chunk>) {
    let most = chunking.tokens.max(1);
    let remnant = most / 6;
    let pieces = pieces(&section.text, most);
    // So a passage that is cut again stays whole, wherever its sentences seem to end then.
    if !pieces.is_empty() && tokens(&section.text) <= most + remnant {
        return chunks.push(joined(section, &pieces, (0, 0, pieces.len())));
    }
    // What is left behind the piece of this number.
    let mut left: usize = pieces.iter().map(|piece| piece.tokens).sum();
    let (mut from, mut fresh) = (0, 0);
    while fresh < pieces.len() {
        let mut to = fresh;
        let mut full: usize = sum(&pieces, from, fresh);
        while let Some(piece) = pieces.get(to) {
            let fits = full + piece.tokens <= most || to == fresh;
            if !fits && (left > remnant || full + left > most + remnant) {
                break;
            }
            full += piece.tokens;
            left -= piece.tokens;
            to += 1;
        }
        chunks.push(joined(section, &pieces, (from, fresh, to)));
        fresh = to;
        let next = pieces.get(fresh).map_or(0, |piece| piece.tokens);
        let room = chunking.overlap.min(most.saturating_sub(next));
        from = overlap(&pieces, (from, fresh), room);
    }
}

fn sum(pieces: &[Piece<'_>], from: usize, to: usize) -> usize {
    let some = pieces.get(from..to).unwrap_or_default();
    some.iter().map(|piece| piece.tokens).sum()
}

/// The first of the pieces that a passage of `from..to` ends with and that have room in the next one.
fn overlap(pieces: &[Piece<'_>], (from, to): (usize, usize), room: usize) -> usize {
    let mut repeated = 0;
    let mut first = to;
    for (at, piece) in pieces.iter().enumerate().take(to).skip(from).rev() {
        repeated += piece.tokens;
        if repeated > room {
            break;
        }
        first = at;
    }
    first
}

fn joined(
    section: &Section,
    pieces: &[Piece<'_>],
    (from, fresh, to): (usize, usize, usize),
) -> Chunk {
    let mut text = String::new();
    let mut repeated = 0;
    for (at, piece) in pieces.iter().enumerate().take(to).skip(from) {
        if at > from {
            text.push_str(piece.before);
        }
        if at == fresh {
            repeated = text.len();
        }
        text.push_str(piece.text);
    }
    Chunk {
        path: section.path.clone(),
        text,
        questions: match fresh {
            0 => section.questions.clone(),
            _ => Vec::new(),
        },
        repeated,
    }
}

fn pieces(text: &str, most: usize) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    for paragraph in text.lines() {
        let mut before = "\n";
        for sentence in paragraph.split_sentence_bounds() {
            let trimmed = sentence.trim();
            cut_sentence(trimmed, before, most, &mut pieces);
            if sentence.ends_with(char::is_whitespace) {
                before = " ";
            } else if !trimmed.is_empty() {
                before = "";
            }
        }
    }
    pieces
}

fn cut_sentence<'a>(
    sentence: &'a str,
    before: &'static str,
    most: usize,
    pieces: &mut Vec<Piece<'a>>,
) {
    let (mut rest, mut before) = (sentence, before);
    while !rest.is_empty() {
        let (part, next) = rest.split_at(part_len(rest, most));
        let text = part.trim_end();
        pieces.push(Piece {
            before,
            text,
            tokens: tokens(text),
        });
        rest = next.trim_start();
        let spaced = text.len() < part.len() || rest.len() < next.len();
        before = if spaced { " " } else { "" };
    }
}

/// Bytes of as many words as fit; of the first one's letters if it is too long by itself.
fn part_len(text: &str, most: usize) -> usize {
    let (mut full, mut len) = (0, 0);
    for word in text.split_inclusive(' ') {
        full += word_tokens(word.trim_end());
        if full > most {
            break;
        }
        len += word.len();
    }
    if len > 0 {
        return len;
    }
    let (mut letters, mut signs) = (0_usize, 0);
    for grapheme in text.graphemes(true) {
        let alphanumeric = grapheme.chars().filter(|c| c.is_alphanumeric()).count();
        letters += alphanumeric;
        signs += grapheme.chars().count() - alphanumeric;
        if letters.div_ceil(4) + signs > most && len > 0 {
            break;
        }
        len += grapheme.len();
    }
    len
}

/// How many tokens a text has for a model, at most: one for every four letters begun of a word, and one
/// for each sign beside them.
///
/// Over the articles in `examples/knowledge` and `benches/knowledge` that is 1.17 times what
/// multilingual-e5-small counts in Russian (20,109 tokens) and 1.23 times in English (971); of 257
/// paragraphs three have more than is counted here, by 4 % at most.
#[must_use]
pub fn tokens(text: &str) -> usize {
    text.split_whitespace().map(word_tokens).sum()
}

fn word_tokens(word: &str) -> usize {
    let letters = word.chars().filter(|c| c.is_alphanumeric()).count();
    let signs = word.chars().count() - letters;
    letters.div_ceil(4) + signs
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn section(text: &str) -> Section {
        Section {
            path: vec!["Риск".into()],
            text: text.into(),
            ..Section::default()
        }
    }

    #[test]
    fn passages_are_whole_sentences_and_begin_with_the_end_of_the_one_before() {
        let text = "Первое правило простое. Второе сложнее.\nТретье забыли. Четвёртое вспомнили.";
        let chunking = Chunking {
            tokens: 14,
            overlap: 6,
        };
        let cut = chunks(&[section(text)], chunking);
        let texts: Vec<_> = cut.iter().map(|c| c.text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "Первое правило простое. Второе сложнее.",
                "Второе сложнее.\nТретье забыли.",
                "Третье забыли. Четвёртое вспомнили.",
            ]
        );
        assert_eq!(cut[1].text.get(cut[1].repeated..), Some("Третье забыли."));
        assert_eq!(cut[0].repeated, 0);
    }

    #[test]
    fn a_short_rest_stays_with_the_passage_before() {
        let chunking = Chunking {
            tokens: 15,
            overlap: 0,
        };
        let text = "Один два три четыре пять шесть семь восемь девять. Да.";
        assert_eq!(chunks(&[section(text)], chunking).len(), 1);
    }

    #[test]
    fn a_word_without_end_is_cut_too() {
        let cut = chunks(&[section(&"я".repeat(2_000))], Chunking::default());
        assert!(cut.len() > 2);
        let all: String = cut.iter().map(|c| &c.text[c.repeated..]).collect();
        assert_eq!(all, "я".repeat(2_000));
    }

    fn words() -> impl Strategy<Value = String> {
        let word = prop_oneof![
            "[а-яА-Я]{1,12}",
            "[a-z0-9]{1,40}",
            "[.!?…,;:«»()—-]{1,3}",
            "\\PC{1,3}",
            Just("т. е.".to_owned()),
            Just("1.5".to_owned()),
        ];
        let between = prop_oneof![4 => Just(" "), 1 => Just(". "), 1 => Just("\n"), 1 => Just("")];
        prop::collection::vec((word, between), 0..120).prop_map(|parts| {
            let text: String = parts
                .into_iter()
                .flat_map(|(w, b)| [w, b.to_owned()])
                .collect();
            let lines = text.lines().map(super::super::document::squeezed);
            lines
                .filter(|l| !l.is_empty())
                .collect::<Vec<_>>()
                .join("\n")
        })
    }

    proptest! {
        #[test]
        fn passages_hold_all_of_the_text_in_order_within_their_bound(
            text in words(),
            tokens_most in 1_usize..60,
            overlap in 0_usize..40,
        ) {
            let chunking = Chunking { tokens: tokens_most, overlap };
            let cut = chunks(&[section(&text)], chunking);
            let solid = |text: &str| text.split_whitespace().collect::<String>();
            let all: String = cut.iter().map(|c| solid(&c.text[c.repeated..])).collect();
            prop_assert_eq!(all, solid(&text));
            for (at, chunk) in cut.iter().enumerate() {
                prop_assert!(!chunk.text.trim().is_empty());
                let most = tokens_most + tokens_most / 6;
                // A single letter may have many signs on it.
                let one = chunk.text.graphemes(true).count() == 1;
                prop_assert!(tokens(&chunk.text) <= most || one, "{:?}", chunk);
                let before = at.checked_sub(1).map_or("", |at| cut[at].text.as_str());
                let repeated = chunk.text[..chunk.repeated].trim_end();
                prop_assert!(before.ends_with(repeated), "{before:?} {repeated:?}");
                let again = chunks(&[section(&chunk.text)], chunking);
                let texts: Vec<_> = again.iter().map(|c| c.text.as_str()).collect();
                prop_assert_eq!(texts, [chunk.text.as_str()]);
            }
        }
    }
}
