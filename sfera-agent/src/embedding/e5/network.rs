//! From tokens to vectors: BERT by candle, the mean over a text's tokens, unit length.

use super::weights::{Shape, Weights, Words};
use crate::embedding::normalize;
use candle_core::{DType, Device, Error, Module, Tensor};
use candle_nn::{LayerNorm, VarBuilder, layer_norm};
use candle_transformers::models::bert::{BertEncoder, Config, HiddenAct};

/// The network; reading it needs no lock.
pub(super) struct Network {
    words: Words,
    /// Row after row: what a position adds, with what the kind of text adds, which is always the same.
    positions: Vec<f32>,
    norm: LayerNorm,
    encoder: BertEncoder,
    width: usize,
}

impl Network {
    pub(super) fn new(weights: Weights) -> Result<Self, Error> {
        let Weights {
            shape,
            words,
            tensors,
        } = weights;
        let config = config(&shape);
        let tensors = VarBuilder::from_tensors(tensors, DType::F32, &Device::Cpu);
        let embeddings = tensors.pp("embeddings");
        let kinds = embeddings.pp("token_type_embeddings");
        let kind = kinds.get_unchecked("weight")?.get(0)?;
        let positions = embeddings
            .pp("position_embeddings")
            .get((shape.positions, shape.width), "weight")?;
        Ok(Self {
            words,
            positions: positions.broadcast_add(&kind)?.flatten_all()?.to_vec1()?,
            norm: layer_norm(shape.width, shape.epsilon, embeddings.pp("LayerNorm"))?,
            encoder: BertEncoder::load(tensors.pp("encoder"), &config)?,
            width: shape.width,
        })
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Tokens of a text, at most.
    pub(super) fn positions(&self) -> usize {
        self.positions.len() / self.width
    }

    /// The vectors of texts that are computed side by side. Blocks.
    pub(super) fn embed(&self, texts: &[&[u32]]) -> Result<Vec<Vec<f32>>, Error> {
        let longest = texts.iter().map(|text| text.len()).max().unwrap_or(0);
        let (count, width) = (texts.len(), self.width);
        let mut input = vec![0.0; count * longest * width];
        let mut mask = vec![f32::MIN; count * longest];
        for (n, text) in texts.iter().enumerate() {
            mask[n * longest..][..text.len()].fill(0.0);
            let rows = input[n * longest * width..].chunks_exact_mut(width);
            for ((row, token), position) in rows.zip(*text).zip(self.positions.chunks(width)) {
                row.copy_from_slice(position);
                let known = self.words.add(*token, row);
                known.ok_or_else(|| Error::Msg("a token without a vector".to_owned()))?;
            }
        }
        let input = Tensor::from_vec(input, (count, longest, width), &Device::Cpu)?;
        let mask = Tensor::from_vec(mask, (count, 1, 1, longest), &Device::Cpu)?;
        let output = self.encoder.forward(&self.norm.forward(&input)?, &mask)?;
        let output: Vec<f32> = output.flatten_all()?.to_vec1()?;
        let texts = texts.iter().zip(output.chunks_exact(longest * width));
        texts
            .map(|(text, rows)| {
                let mut vector = vec![0.0; width];
                for row in rows.chunks_exact(width).take(text.len()) {
                    for (sum, number) in vector.iter_mut().zip(row) {
                        *sum += number;
                    }
                }
                normalize(vector).ok_or_else(|| Error::Msg("a vector without a length".to_owned()))
            })
            .collect()
    }
}

fn config(shape: &Shape) -> Config {
    Config {
        hidden_size: shape.width,
        num_hidden_layers: shape.layers,
        num_attention_heads: shape.heads,
        intermediate_size: shape.inner,
        hidden_act: HiddenAct::Gelu,
        max_position_embeddings: shape.positions,
        layer_norm_eps: shape.epsilon,
        ..Config::default()
    }
}
