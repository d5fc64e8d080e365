//! The vocabulary: from the spelling of a `tokenizer.json` back to bytes.

use super::ConvertError;
use serde::Deserialize;
use std::{
    collections::{BTreeMap, HashMap},
    io::Read,
};

/// Text tokens of every multilingual Whisper; the special ones after them have no spelling.
pub(super) const TEXT_TOKENS: usize = 50_257;
/// The largest tokenizer.json that is read.
const MAX_BYTES: u64 = 32 << 20;

#[derive(Deserialize)]
struct Tokenizer {
    model: Model,
}

#[derive(Deserialize)]
struct Model {
    vocab: HashMap<String, u32>,
}

/// The bytes of every text token, in the order of their ids.
pub(super) fn read(tokenizer: impl Read) -> Result<Vec<Vec<u8>>, ConvertError> {
    let tokenizer: Tokenizer =
        serde_json::from_reader(tokenizer.take(MAX_BYTES)).map_err(|_| ConvertError::Tokenizer)?;
    let mut by_id = BTreeMap::new();
    for (token, id) in tokenizer.model.vocab {
        if (id as usize) < TEXT_TOKENS {
            by_id.insert(id, token);
        }
    }
    if by_id.len() != TEXT_TOKENS {
        return Err(ConvertError::Tokenizer);
    }
    let bytes = byte_of_letter();
    Ok(by_id.into_values().map(|t| spell(&t, &bytes)).collect())
}

fn spell(token: &str, bytes: &HashMap<char, u8>) -> Vec<u8> {
    token
        .chars()
        .map(|letter| bytes.get(&letter).copied())
        .collect::<Option<Vec<u8>>>()
        .unwrap_or_else(|| token.as_bytes().to_vec())
}

/// GPT-2's alphabet: printable Latin-1 stands for itself, all other bytes for U+0100 and on.
fn byte_of_letter() -> HashMap<char, u8> {
    let mut next = 0x100;
    (0..=u8::MAX)
        .map(|byte| match byte {
            b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF => (char::from(byte), byte),
            _ => {
                let letter = char::from_u32(next).unwrap_or_default();
                next += 1;
                (letter, byte)
            }
        })
        .collect()
}
