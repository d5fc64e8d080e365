use super::{
    EmbedError, Embedder, TextKind, normalize,
    workers::{Compute, Failure, Workers, steps},
};
use crate::onnx;
use async_trait::async_trait;
use fastembed::{
    InitOptionsUserDefined, Pooling, TextEmbedding, TokenizerFiles, UserDefinedEmbeddingModel,
};
use parking_lot::FairMutex;
use std::{fmt, fs, io, path::Path, sync::Arc};

/// Characters of a step, at most; one text may have as many alone.
const STEP: usize = 2_048;

/// How an ONNX model is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FastEmbedderOptions {
    /// The model's name; collections are bound to it.
    pub model: String,
    /// Whether a text's vector is that of its first token (BGE) instead of the mean of all (E5, MiniLM).
    pub first_token: bool,
    /// What the model wants before a query (`query: ` for E5); usually nothing.
    pub query_prefix: String,
    /// What the model wants before a passage (`passage: ` for E5); usually nothing.
    pub passage_prefix: String,
    /// Tokens that are read of a text; no more than the model has.
    pub max_tokens: usize,
}

impl FastEmbedderOptions {
    /// The mean of all tokens, 512 at most, without prefixes.
    #[must_use]
    pub fn new(model: impl Into<String>) -> Self {
        Self {
            model: model.into(),
            first_token: false,
            query_prefix: String::new(),
            passage_prefix: String::new(),
            max_tokens: 512,
        }
    }
}

/// An ONNX model of one's own, run by fastembed with an ONNX Runtime that is found at run time.
///
/// The folder is as the model hub has it: `model.onnx` (there or in `onnx/`), `tokenizer.json`,
/// `config.json`, `special_tokens_map.json` and `tokenizer_config.json`. Loaded once and shared by all
/// sessions: put it into an [`Arc`]. Of queries and passages that come together one step is computed in
/// turn, so no query waits behind a book that is being read.
///
/// ```no_run
/// use sfera_agent::{embedding::{FastEmbedder, FastEmbedderOptions}, models::Models};
///
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let library = Models::open(None)?.path("onnxruntime")?;
/// let options = FastEmbedderOptions::new("all-MiniLM-L6-v2");
/// let embedder = FastEmbedder::load("models/minilm".as_ref(), &library, options)?;
/// # Ok(()) }
/// ```
pub struct FastEmbedder {
    options: FastEmbedderOptions,
    dimension: usize,
    workers: Workers,
}

impl FastEmbedder {
    /// Loads the model in `folder` with this `libonnxruntime` (1.24 or newer). Blocks.
    ///
    /// # Errors
    /// [`EmbedError::Model`] names the file or folder that is missing or wrong.
    pub fn load(
        folder: &Path,
        library: &Path,
        options: FastEmbedderOptions,
    ) -> Result<Self, EmbedError> {
        let wrong = |path: &Path| EmbedError::Model(path.display().to_string());
        let environment = onnx::environment(library).map_err(|error| {
            tracing::warn!(%error, "ONNX Runtime could not be loaded");
            wrong(library)
        })?;
        let model = model(folder).map_err(|(path, error)| {
            tracing::debug!(%error, path, "a file of the embedding model could not be read");
            wrong(&folder.join(path))
        })?;
        let pooling = if options.first_token {
            Pooling::Cls
        } else {
            Pooling::Mean
        };
        let settings = InitOptionsUserDefined::new()
            .with_environment(environment)
            .with_max_length(options.max_tokens);
        let loaded =
            TextEmbedding::try_new_from_user_defined(model.with_pooling(pooling), settings);
        let probed = loaded.map_err(Failure::from).and_then(|mut model| {
            // Another model may load well and only fail when run.
            let vectors = model.embed(["."], None)?;
            Ok((vectors.first().map_or(0, Vec::len), model))
        });
        let (dimension, model) = probed.map_err(|error| {
            tracing::warn!(%error, "the embedding model could not be loaded");
            wrong(folder)
        })?;
        let model = Model(FairMutex::new(model));
        Ok(Self {
            options,
            dimension,
            workers: Workers::start(Arc::new(model))?,
        })
    }
}

/// The model's files; the name of the one that cannot be read.
fn model(folder: &Path) -> Result<UserDefinedEmbeddingModel, (&'static str, io::Error)> {
    let read = |name: &'static str| fs::read(folder.join(name)).map_err(|error| (name, error));
    let onnx =
        read("model.onnx").or_else(|missing| read("onnx/model.onnx").map_err(|_| missing))?;
    let files = TokenizerFiles {
        tokenizer_file: read("tokenizer.json")?,
        config_file: read("config.json")?,
        special_tokens_map_file: read("special_tokens_map.json")?,
        tokenizer_config_file: read("tokenizer_config.json")?,
    };
    Ok(UserDefinedEmbeddingModel::new(onnx, files))
}

/// Fair: a query that waits is next.
struct Model(FairMutex<TextEmbedding>);

impl Compute for Model {
    fn compute(
        &self,
        texts: &[String],
        unwanted: &dyn Fn() -> bool,
    ) -> Result<Vec<Vec<f32>>, Failure> {
        let lengths: Vec<usize> = texts.iter().map(|text| text.chars().count()).collect();
        let mut vectors = vec![Vec::new(); texts.len()];
        for step in steps(&lengths, STEP) {
            if unwanted() {
                return Ok(Vec::new());
            }
            let batch: Vec<&str> = step.iter().map(|&n| texts[n].as_str()).collect();
            let computed = self.0.lock().embed(batch, None)?;
            for (n, vector) in step.into_iter().zip(computed) {
                vectors[n] = normalize(vector).ok_or("a vector without a length")?;
            }
        }
        Ok(vectors)
    }
}

#[async_trait]
impl Embedder for FastEmbedder {
    fn model(&self) -> &str {
        &self.options.model
    }

    fn dimension(&self) -> usize {
        self.dimension
    }

    async fn embed(&self, kind: TextKind, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        let prefix = match kind {
            TextKind::Query => &self.options.query_prefix,
            TextKind::Passage => &self.options.passage_prefix,
        };
        // Sixteen characters a token are more than any has.
        let limit = self.options.max_tokens.saturating_mul(16);
        let texts = texts.iter().map(|text| {
            let text: String = text.trim().chars().take(limit).collect();
            // Some tokenizers give no token for nothing.
            let text = if text.is_empty() { "." } else { &text };
            format!("{prefix}{text}")
        });
        self.workers.embed(kind, texts.collect()).await
    }
}

impl fmt::Debug for FastEmbedder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FastEmbedder")
            .field("options", &self.options)
            .field("dimension", &self.dimension)
            .finish_non_exhaustive()
    }
}
