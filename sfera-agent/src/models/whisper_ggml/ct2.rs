//! Reads the table of a CTranslate2 model file: which variable lies where.

use super::ConvertError;
use std::{
    collections::HashMap,
    io::{Read, Seek, SeekFrom},
};

/// The file's format version that is understood.
const VERSION: u32 = 6;
/// More than any Whisper has; keeps a broken count from reserving memory.
const MAX_VARIABLES: u32 = 16_384;
const MAX_RANK: u8 = 4;
const MAX_NAME: u16 = 512;

/// How the numbers of a variable are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbers {
    F32,
    F16,
    /// Something else, told apart only by its size: never converted.
    Other(u64),
}

impl Numbers {
    fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            0 => Self::F32,
            1 => Self::Other(1),
            2 => Self::Other(2),
            3 => Self::Other(4),
            4 => Self::F16,
            _ => return None,
        })
    }

    pub(super) const fn bytes(self) -> u64 {
        match self {
            Self::F32 => 4,
            Self::F16 => 2,
            Self::Other(bytes) => bytes,
        }
    }
}

/// A variable: its shape and where its numbers begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Variable {
    pub(super) dims: Vec<u64>,
    pub(super) numbers: Numbers,
    pub(super) offset: u64,
}

/// All variables by name.
pub(super) type Table = HashMap<String, Variable>;

/// Reads the table; every offset in it lies within the file.
pub(super) fn read_table(file: &mut (impl Read + Seek)) -> Result<Table, ConvertError> {
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(0))?;
    if u32(file)? != VERSION {
        return Err(ConvertError::NotCt2);
    }
    if name(file)? != "WhisperSpec" {
        return Err(ConvertError::NotCt2);
    }
    let _revision = u32(file)?;
    let count = u32(file)?;
    if count > MAX_VARIABLES {
        return Err(ConvertError::NotCt2);
    }
    let mut table = Table::with_capacity(count as usize);
    for _ in 0..count {
        let (name, variable) = variable(file, length)?;
        table.insert(name, variable);
    }
    Ok(table)
}

fn variable(
    file: &mut (impl Read + Seek),
    length: u64,
) -> Result<(String, Variable), ConvertError> {
    let name = name(file)?;
    let rank = u8(file)?;
    if rank > MAX_RANK {
        return Err(ConvertError::NotCt2);
    }
    let dims = (0..rank)
        .map(|_| u32(file).map(u64::from))
        .collect::<Result<Vec<_>, _>>()?;
    let numbers = Numbers::from_code(u8(file)?).ok_or(ConvertError::NotCt2)?;
    let bytes = u64::from(u32(file)?);
    let expected = dims
        .iter()
        .try_fold(numbers.bytes(), |product, &dim| product.checked_mul(dim));
    let offset = file.stream_position()?;
    if expected != Some(bytes) || length - offset.min(length) < bytes {
        return Err(ConvertError::NotCt2);
    }
    file.seek(SeekFrom::Start(offset + bytes))?;
    let variable = Variable {
        dims,
        numbers,
        offset,
    };
    Ok((name, variable))
}

fn name(file: &mut impl Read) -> Result<String, ConvertError> {
    let length = u16::from_le_bytes(bytes(file)?);
    if length > MAX_NAME {
        return Err(ConvertError::NotCt2);
    }
    let mut name = vec![0; usize::from(length)];
    file.read_exact(&mut name)?;
    while name.last() == Some(&0) {
        name.pop();
    }
    String::from_utf8(name).map_err(|_| ConvertError::NotCt2)
}

fn u32(file: &mut impl Read) -> Result<u32, ConvertError> {
    Ok(u32::from_le_bytes(bytes(file)?))
}

fn u8(file: &mut impl Read) -> Result<u8, ConvertError> {
    Ok(u8::from_le_bytes(bytes(file)?))
}

fn bytes<const N: usize>(file: &mut impl Read) -> Result<[u8; N], ConvertError> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}
