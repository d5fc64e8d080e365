//! Looks through a ggml file before whisper.cpp does, which throws where a file is cut short, and
//! that would end the process.

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek},
    path::Path,
};

const MAGIC: u32 = 0x6767_6d6c;
/// Vocabulary, three numbers of the encoder, four of the decoder, mel bands, layers, file type.
const NUMBERS: usize = 11;
/// Larger than any number, word or name of the largest Whisper.
const MAX_NUMBER: u32 = 1 << 20;
const MAX_TEXT: u32 = 4_096;
const MAX_DIMS: u32 = 4;

/// Whether the file has the form of a Whisper model from its first byte to its last.
pub(super) fn is_whole(path: &Path) -> bool {
    let look = || {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        walk(&mut BufReader::with_capacity(1 << 16, file), length)
    };
    look().unwrap_or(false)
}

fn walk(file: &mut (impl Read + Seek), length: u64) -> io::Result<bool> {
    if word(file)? != MAGIC {
        return Ok(false);
    }
    for _ in 0..NUMBERS {
        if word(file)? > MAX_NUMBER {
            return Ok(false);
        }
    }
    let filters = u64::from(word(file)?) * u64::from(word(file)?);
    if !skip(file, filters.saturating_mul(4), length)? {
        return Ok(false);
    }
    let tokens = word(file)?;
    if tokens > MAX_NUMBER {
        return Ok(false);
    }
    for _ in 0..tokens {
        let text = word(file)?;
        if text > MAX_TEXT || !skip(file, text.into(), length)? {
            return Ok(false);
        }
    }
    while file.stream_position()? < length {
        if !tensor(file, length)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Walks over one tensor; whether it lies within the file.
fn tensor(file: &mut (impl Read + Seek), length: u64) -> io::Result<bool> {
    let (dims, name, numbers) = (word(file)?, word(file)?, word(file)?);
    if dims > MAX_DIMS || name > MAX_TEXT {
        return Ok(false);
    }
    let mut count = 1_u64;
    for _ in 0..dims {
        count = count.saturating_mul(word(file)?.into());
    }
    let Some((block, bytes)) = layout(numbers) else {
        return Ok(false);
    };
    let bytes = (count / block).saturating_mul(bytes);
    Ok(skip(file, name.into(), length)? && skip(file, bytes, length)?)
}

/// Numbers in a block and the block's bytes, by ggml's type codes; those Whisper models come in.
const fn layout(numbers: u32) -> Option<(u64, u64)> {
    Some(match numbers {
        0 => (1, 4),
        1 => (1, 2),
        2 => (32, 18),
        3 => (32, 20),
        6 => (32, 22),
        7 => (32, 24),
        8 => (32, 34),
        _ => return None,
    })
}

fn skip(file: &mut impl Seek, bytes: u64, length: u64) -> io::Result<bool> {
    let to = file.stream_position()?.saturating_add(bytes);
    if to > length || i64::try_from(bytes).is_err() {
        return Ok(false);
    }
    file.seek_relative(bytes as i64)?;
    Ok(true)
}

fn word(file: &mut impl Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    file.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}
