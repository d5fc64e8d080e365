use super::WavError;
use std::io::{self, Read, Seek, SeekFrom};

/// Where the samples of a RIFF file are, and a header that tells the truth about them.
///
/// Needed because lengths in real files lie: programs that write into a pipe cannot know them and
/// put in a placeholder, and chunks of odd length are followed by a byte that counts nowhere.
pub(super) struct Header {
    /// A WAV header with the format chunk of the file and the length found, to be read before the
    /// samples.
    pub(super) bytes: Vec<u8>,
    /// Bytes of samples that the file's own header promises, if it does.
    pub(super) promised: Option<u64>,
    /// Bytes of samples there are, in whole frames.
    pub(super) found: u64,
    /// Bytes a second.
    pub(super) pace: u64,
}

/// Format chunks are 16 to 40 bytes; some programs add a few.
const MAX_FORMAT: u32 = 1_024;

impl Header {
    /// Reads up to the first sample.
    pub(super) fn read(file: &mut (impl Read + Seek)) -> Result<Self, WavError> {
        let mut riff = [0; 12];
        read_or(file, &mut riff, WavError::NotWav)?;
        if &riff[..4] != b"RIFF" || &riff[8..] != b"WAVE" {
            return Err(WavError::NotWav);
        }
        let mut format = None;
        loop {
            let mut chunk = [0; 8];
            read_or(file, &mut chunk, WavError::Empty)?;
            let length = u32::from_le_bytes([chunk[4], chunk[5], chunk[6], chunk[7]]);
            match &chunk[..4] {
                b"fmt " if length > MAX_FORMAT => return Err(WavError::Damaged),
                b"fmt " => {
                    let mut bytes = vec![0; length as usize];
                    read_or(file, &mut bytes, WavError::Damaged)?;
                    file.seek_relative(i64::from(length % 2))?;
                    format = Some(bytes);
                }
                b"data" => {
                    let format = format.ok_or(WavError::Damaged)?;
                    return Self::of(&format, length, remaining(file)?);
                }
                _ => file.seek_relative(i64::from(length) + i64::from(length % 2))?,
            }
        }
    }

    fn of(format: &[u8], length: u32, remaining: u64) -> Result<Self, WavError> {
        let field = |at: usize| {
            format
                .get(at..at + 4)
                .and_then(|bytes| bytes.try_into().ok())
        };
        let (Some(pace), Some(block)) = (field(8), field(12)) else {
            return Err(WavError::Damaged);
        };
        let block = u64::from(u32::from_le_bytes(block) & 0xffff).max(1);
        // Zero and lengths about 2 or 4 GiB are what programs write that do not know.
        let promised = match length {
            0 | 0x7fff_0000..=0x7fff_ffff | 0xffff_0000..=0xffff_ffff => None,
            known => Some(u64::from(known)),
        };
        let there = promised
            .unwrap_or(remaining)
            .min(remaining)
            .min(0xfff0_0000);
        let found = there / block * block;
        let mut bytes = Vec::with_capacity(28 + format.len());
        bytes.extend_from_slice(b"RIFF");
        bytes.extend_from_slice(&(found as u32).to_le_bytes());
        bytes.extend_from_slice(b"WAVEfmt ");
        bytes.extend_from_slice(&(format.len() as u32).to_le_bytes());
        bytes.extend_from_slice(format);
        bytes.extend_from_slice(b"data");
        bytes.extend_from_slice(&(found as u32).to_le_bytes());
        Ok(Self {
            bytes,
            promised,
            found,
            pace: u64::from(u32::from_le_bytes(pace)).max(1),
        })
    }
}

fn read_or(file: &mut impl Read, into: &mut [u8], at_end: WavError) -> Result<(), WavError> {
    file.read_exact(into).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => at_end,
        _ => error.into(),
    })
}

fn remaining(file: &mut impl Seek) -> Result<u64, WavError> {
    let here = file.stream_position()?;
    let end = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(here))?;
    Ok(end.saturating_sub(here))
}
