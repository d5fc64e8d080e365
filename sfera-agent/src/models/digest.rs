//! sha256 of files, and a writer that sums what passes through it.

use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{self, Read, Write},
    path::Path,
};

/// Bytes read at a time.
const CHUNK: usize = 256 << 10;

/// The sha256 of a file, lower-case hexadecimal. Blocks.
pub(super) fn of_file(path: &Path) -> io::Result<String> {
    let mut summing = Summing::new(io::sink());
    copy(&mut File::open(path)?, &mut summing)?;
    Ok(summing.finish())
}

/// Copies in large steps.
pub(super) fn copy(from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    let mut buffer = vec![0; CHUNK];
    loop {
        match from.read(&mut buffer)? {
            0 => return Ok(()),
            n => to.write_all(&buffer[..n])?,
        }
    }
}

/// Passes bytes on and sums them.
pub(super) struct Summing<W> {
    inner: W,
    sum: Sha256,
}

impl<W: Write> Summing<W> {
    pub(super) fn new(inner: W) -> Self {
        let sum = Sha256::new();
        Self { inner, sum }
    }

    /// The sum of all bytes, lower-case hexadecimal.
    pub(super) fn finish(self) -> String {
        let digest = self.sum.finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl<W: Write> Write for Summing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.sum.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
