//! The network's numbers, from either kind of file.

use super::packed::{self, BLOCK, BLOCK_BYTES};
use candle_core::{DType, Device, Tensor};
use half::f16;
use std::{collections::HashMap, path::Path};

/// Heads of multilingual-e5-small; safetensors do not say.
const HEADS: usize = 12;
const EPSILON: f64 = 1e-12;
const WORDS: &str = "embeddings.word_embeddings.weight";
const POSITIONS: &str = "embeddings.position_embeddings.weight";

/// What kind of BERT it is.
pub(super) struct Shape {
    pub(super) width: usize,
    pub(super) layers: usize,
    pub(super) heads: usize,
    pub(super) inner: usize,
    /// Tokens it can read.
    pub(super) positions: usize,
    pub(super) epsilon: f64,
}

/// All that is learnt, under BERT's usual names.
pub(super) struct Weights {
    pub(super) shape: Shape,
    pub(super) words: Words,
    pub(super) tensors: HashMap<String, Tensor>,
}

/// The vectors of word pieces: four fifths of the model, of which a text needs a few rows. So they stay
/// as small as they can be.
pub(super) enum Words {
    Blocks(Vec<u8>),
    Halves(Vec<f16>),
}

impl Words {
    /// Adds a piece's vector to `to`; `None` if there is no such piece.
    pub(super) fn add(&self, piece: u32, to: &mut [f32]) -> Option<()> {
        let (piece, width) = (piece as usize, to.len());
        match self {
            Self::Blocks(blocks) => {
                let row = width / BLOCK * BLOCK_BYTES;
                packed::add_blocks(blocks.get(piece * row..(piece + 1) * row)?, to);
            }
            Self::Halves(halves) => {
                let row = halves.get(piece * width..(piece + 1) * width)?;
                for (to, half) in to.iter_mut().zip(row) {
                    *to += half.to_f32();
                }
            }
        }
        Some(())
    }
}

impl Weights {
    /// Reads a safetensors file with 16- or 32-bit floats. Needs twice the file's size for a moment.
    pub(super) fn of_safetensors(path: &Path) -> Result<Self, candle_core::Error> {
        let tensors = candle_core::safetensors::load(path, &Device::Cpu)?;
        let mut tensors: HashMap<String, Tensor> = tensors
            .into_iter()
            .map(|(name, tensor)| (name.trim_start_matches("bert.").to_owned(), tensor))
            .collect();
        let missing = || candle_core::Error::Msg("a tensor is missing".to_owned());
        let words = tensors.remove(WORDS).ok_or_else(missing)?;
        let (_, width) = words.dims2()?;
        let words = words.to_dtype(DType::F16)?.flatten_all()?.to_vec1()?;
        let (positions, _) = tensors.get(POSITIONS).ok_or_else(missing)?.dims2()?;
        let inner =
            |layer: usize| tensors.get(&format!("encoder.layer.{layer}.intermediate.dense.weight"));
        let layers = (0..).take_while(|layer| inner(*layer).is_some()).count();
        let inner = inner(0).ok_or_else(missing)?.dims2()?.0;
        let shape = Shape {
            width,
            layers,
            heads: HEADS,
            inner,
            positions,
            epsilon: EPSILON,
        };
        if width % HEADS != 0 {
            return Err(candle_core::Error::Msg("it is another model".to_owned()));
        }
        Ok(Self {
            shape,
            words: Words::Halves(words),
            tensors,
        })
    }
}
