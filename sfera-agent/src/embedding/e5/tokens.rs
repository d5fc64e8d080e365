//! From text to tokens: XLM-RoBERTa's pieces of words.

use super::packed::Vocabulary;
use std::{borrow::Cow, collections::HashMap, path::Path};
use tokenizers::{
    Error, Tokenizer,
    models::unigram::Unigram,
    pre_tokenizers::metaspace::{Metaspace, PrependScheme},
};

/// `<s>` and `</s>` of XLM-RoBERTa.
const BEGIN: u32 = 0;
const END: u32 = 2;
/// A piece has 16 characters at most, so this is more than any 512 tokens need.
const MAX_CHARS: usize = 8_192;

/// Cuts texts into tokens.
pub(super) struct Tokens {
    tokenizer: Tokenizer,
    /// What becomes of characters before, where the tokenizer does not do that itself.
    replaced: HashMap<char, String>,
    begin: u32,
    end: u32,
}

impl Tokens {
    /// From `tokenizer.json`, as the model hub has it.
    pub(super) fn of_file(path: &Path) -> Result<Self, Error> {
        let mut tokenizer = Tokenizer::from_file(path)?;
        tokenizer.with_truncation(None)?.with_padding(None);
        Ok(Self {
            tokenizer,
            replaced: HashMap::new(),
            begin: BEGIN,
            end: END,
        })
    }

    /// From the vocabulary of a packed model.
    pub(super) fn of_vocabulary(vocabulary: Vocabulary) -> Result<Self, Error> {
        let model = Unigram::from(vocabulary.pieces, Some(vocabulary.unknown), false)?;
        let mut tokenizer = Tokenizer::new(model);
        tokenizer.with_pre_tokenizer(Some(Metaspace::new('▁', PrependScheme::Always, true)));
        Ok(Self {
            tokenizer,
            replaced: vocabulary.replaced,
            begin: vocabulary.begin,
            end: vocabulary.end,
        })
    }

    /// At most `limit` tokens, with those for begin and end.
    pub(super) fn of(&self, text: &str, limit: usize) -> Result<Vec<u32>, Error> {
        let text = self.replace(text);
        let encoding = self.tokenizer.encode(text.as_ref(), false)?;
        let room = limit.saturating_sub(2);
        let words = encoding.get_ids().iter().copied().take(room);
        Ok([self.begin]
            .into_iter()
            .chain(words)
            .chain([self.end])
            .collect())
    }

    fn replace<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let text = match text.char_indices().nth(MAX_CHARS) {
            Some((end, _)) => &text[..end],
            None => text,
        };
        if self.replaced.is_empty() {
            return text.into();
        }
        let mut whole = String::with_capacity(text.len());
        for char in text.chars() {
            match self.replaced.get(&char) {
                Some(others) => whole.push_str(others),
                None => whole.push(char),
            }
        }
        whole
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .into()
    }

    #[cfg(test)]
    pub(super) fn save(&self, path: &Path) {
        self.tokenizer.save(path, false).unwrap();
    }
}
