//! multilingual-e5-small by candle, in the process.

mod network;
mod packed;
mod tokens;
mod weights;

use super::{
    EmbedError, Embedder, TextKind,
    workers::{Compute, Failure, Workers, steps},
};
use async_trait::async_trait;
use network::Network;
use std::{fmt, fs, fs::File, io::Read, path::Path, sync::Arc};
use tokens::Tokens;
use weights::Weights;

/// Tokens computed side by side, at most; one text may have as many alone.
const STEP: usize = 512;

/// multilingual-e5-small, loaded once and shared by all sessions: put it into an [`Arc`].
///
/// Reads 512 tokens of a text; its vectors have 384 numbers. Queries and passages are computed by a
/// thread each, so that no query waits behind a book that is being read; both use all cores. Dropping the
/// future of [`Embedder::embed`] stops its computing after the step it is at, 512 tokens, and so does
/// dropping the model, which waits for it.
///
/// ```no_run
/// use sfera_agent::{embedding::E5, models::Models};
///
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let e5 = E5::load(&Models::open(None)?.path("e5-small")?)?;
/// # Ok(()) }
/// ```
pub struct E5 {
    name: &'static str,
    dimension: usize,
    workers: Workers,
}

impl E5 {
    /// Loads the model's file: 4-bit weights with their tokenizer inside, or safetensors with
    /// `tokenizer.json` beside. The two give slightly other vectors and have two names. Blocks.
    ///
    /// # Errors
    /// [`EmbedError::Model`] if it cannot be read or is another model.
    pub fn load(path: &Path) -> Result<Self, EmbedError> {
        let (name, model) = read(path).map_err(|error| {
            tracing::warn!(%error, "the embedding model could not be loaded");
            EmbedError::Model(path.display().to_string())
        })?;
        Ok(Self {
            name,
            dimension: model.network.width(),
            workers: Workers::start(Arc::new(model))?,
        })
    }
}

/// Tokens and network.
struct Model {
    tokens: Tokens,
    network: Network,
}

impl Compute for Model {
    fn compute(
        &self,
        texts: &[String],
        unwanted: &dyn Fn() -> bool,
    ) -> Result<Vec<Vec<f32>>, Failure> {
        let mut tokens = Vec::with_capacity(texts.len());
        for text in texts {
            if unwanted() {
                return Ok(Vec::new());
            }
            tokens.push(self.tokens.of(text, self.network.positions())?);
        }
        let lengths: Vec<usize> = tokens.iter().map(Vec::len).collect();
        let mut vectors = vec![Vec::new(); texts.len()];
        for step in steps(&lengths, STEP) {
            if unwanted() {
                return Ok(Vec::new());
            }
            let batch: Vec<&[u32]> = step.iter().map(|&n| tokens[n].as_slice()).collect();
            for (n, vector) in step.into_iter().zip(self.network.embed(&batch)?) {
                vectors[n] = vector;
            }
        }
        Ok(vectors)
    }
}

fn read(path: &Path) -> Result<(&'static str, Model), Failure> {
    let mut magic = [0; packed::MAGIC.len()];
    File::open(path)?.read_exact(&mut magic)?;
    let (name, weights, tokens) = if magic == packed::MAGIC {
        let read = packed::read(&fs::read(path)?);
        let (weights, vocabulary) = read.ok_or("the file is damaged")?;
        (
            "multilingual-e5-small-q4",
            weights,
            Tokens::of_vocabulary(vocabulary)?,
        )
    } else {
        let weights = Weights::of_safetensors(path)?;
        let tokens = Tokens::of_file(&path.with_file_name("tokenizer.json"))?;
        ("multilingual-e5-small", weights, tokens)
    };
    let network = Network::new(weights)?;
    Ok((name, Model { tokens, network }))
}

#[async_trait]
impl Embedder for E5 {
    fn model(&self) -> &str {
        self.name
    }

    fn dimension(&self) -> usize {
        self.dimension
    }

    async fn embed(&self, kind: TextKind, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        let prefix = match kind {
            TextKind::Query => "query: ",
            TextKind::Passage => "passage: ",
        };
        let texts = texts.iter().map(|text| format!("{prefix}{}", text.trim()));
        self.workers.embed(kind, texts.collect()).await
    }
}

impl fmt::Debug for E5 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("E5")
            .field("model", &self.name)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
