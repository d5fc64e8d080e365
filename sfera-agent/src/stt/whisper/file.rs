//! Is a file a whole ggml model? whisper.cpp answers a broken one by ending the process.

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom},
    path::Path,
};

const MAGIC: u32 = 0x6767_6d6c;
/// Numbers between the magic one and the mel filters.
const PARAMETERS: usize = 11;
/// The longest token or tensor name, bytes; real ones have some dozens.
const LONGEST_NAME: u32 = 4_096;

/// Walks through the file from its head to its last tensor.
pub(super) fn is_whole(path: &Path) -> bool {
    let length = || File::open(path).and_then(|file| Ok((file.metadata()?.len(), file)));
    length().is_ok_and(|(length, file)| walk(BufReader::new(file), length).unwrap_or(false))
}

fn walk(mut file: impl Read + Seek, length: u64) -> io::Result<bool> {
    if number(&mut file)? != MAGIC {
        return Ok(false);
    }
    for _ in 0..PARAMETERS {
        number(&mut file)?;
    }
    let filters = u64::from(number(&mut file)?) * u64::from(number(&mut file)?);
    skip(&mut file, filters.saturating_mul(4), length)?;
    for _ in 0..number(&mut file)? {
        let name = number(&mut file)?;
        if name > LONGEST_NAME {
            return Ok(false);
        }
        skip(&mut file, name.into(), length)?;
    }
    let mut tensors = 0;
    while file.stream_position()? < length {
        if !tensor(&mut file, length)? {
            return Ok(false);
        }
        tensors += 1;
    }
    Ok(tensors > 0)
}

fn tensor(file: &mut (impl Read + Seek), length: u64) -> io::Result<bool> {
    let (dimensions, name, kind) = (number(file)?, number(file)?, number(file)?);
    let Some((block, bytes)) = block(kind) else {
        return Ok(false);
    };
    if dimensions > 4 || name > LONGEST_NAME {
        return Ok(false);
    }
    let mut elements = 1_u64;
    for _ in 0..dimensions {
        elements = elements.saturating_mul(number(file)?.into());
    }
    skip(file, name.into(), length)?;
    skip(file, (elements / block).saturating_mul(bytes), length)?;
    Ok(true)
}

/// Elements and bytes of a block, by ggml's number of the type.
const fn block(kind: u32) -> Option<(u64, u64)> {
    Some(match kind {
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

fn number(file: &mut impl Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    file.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

fn skip(file: &mut impl Seek, bytes: u64, length: u64) -> io::Result<()> {
    let to = file.stream_position()?.saturating_add(bytes);
    if to > length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    file.seek(SeekFrom::Start(to)).map(drop)
}
